"""Continuous families in scipy's words."""

from __future__ import annotations

import numpy as np
from scipy import stats

from peers.base import (
    FREED,
    Peer,
    location_scale,
    location_scale_shapes,
    on_unit_interval,
    same,
    scale_only,
    shape_scale,
    two_shapes_scale,
)

# Distribution, arguments, parameters from them, truths.
_TRIANGULAR = (
    stats.triang,
    lambda lower, mode, upper: ((mode - lower) / (upper - lower), lower, upper - lower),
    lambda share, lower, width: (lower, lower + share * width, lower + width),
    ((0.0, 0.3, 1.0),),
)

CONTINUOUS: dict[str, Peer] = {
    "normal": location_scale(stats.norm),
    "gumbel": location_scale(stats.gumbel_r),
    "gumbel_min": location_scale(stats.gumbel_l),
    "logistic": location_scale(stats.logistic),
    "laplace": location_scale(stats.laplace),
    "cauchy": location_scale(stats.cauchy),
    "hyperbolic_secant": location_scale(stats.hypsecant),
    "uniform": Peer(
        stats.uniform,
        lambda lower, upper: (lower, upper - lower),
        lambda lower, width: (lower, lower + width),
        ((-1.0, 2.0),),
        stats.uniform.fit,
    ),
    "exponential": scale_only(stats.expon),
    "rayleigh": scale_only(stats.rayleigh),
    "half_normal": scale_only(stats.halfnorm),
    "maxwell": scale_only(stats.maxwell),
    "levy": scale_only(stats.levy),
    "gamma": shape_scale(stats.gamma, ((0.2, 1.0), (4.0, 1.0), (200.0, 1.0))),
    "weibull": shape_scale(stats.weibull_min, ((0.4, 1.0), (1.7, 1.0), (20.0, 1.0))),
    "lomax": shape_scale(stats.lomax, ((1.0, 1.0), (4.0, 1.0))),
    "gompertz": shape_scale(stats.gompertz, ((0.1, 1.0), (2.0, 1.0))),
    "loglogistic": shape_scale(stats.fisk, ((0.8, 1.0), (5.0, 1.0))),
    "frechet": shape_scale(stats.invweibull, ((0.8, 1.0), (5.0, 1.0))),
    "inverse_gamma": shape_scale(stats.invgamma, ((0.8, 1.0), (5.0, 1.0))),
    "birnbaum_saunders": shape_scale(stats.fatiguelife, ((0.5, 1.0), (2.0, 1.0))),
    "pareto": shape_scale(stats.pareto, ((0.8, 1.0), (4.0, 1.0))),
    "power_function": shape_scale(stats.powerlaw, ((0.5, 1.0), (3.0, 1.0))),
    "chi_squared": Peer(
        stats.chi2,
        lambda df: (df, 0.0, 1.0),
        lambda df, *_: (df,),
        ((0.7,), (6.0,)),
        lambda x: stats.chi2.fit(x, floc=0.0, fscale=1.0),
    ),
    "lognormal": Peer(
        stats.lognorm,
        lambda meanlog, sdlog: (sdlog, 0.0, np.exp(meanlog)),
        lambda sdlog, _, scale: (np.log(scale), sdlog),
        ((0.0, 1.0), (0.0, 0.05)),
        lambda x: stats.lognorm.fit(x, floc=0.0),
    ),
    "inverse_gaussian": Peer(
        stats.invgauss,
        lambda mean, shape: (mean / shape, 0.0, shape),
        lambda ratio, _, shape: (ratio * shape, shape),
        ((1.0, 0.5), (1.0, 8.0)),
        lambda x: stats.invgauss.fit(x, floc=0.0),
    ),
    "nakagami": Peer(
        stats.nakagami,
        lambda shape, spread: (shape, 0.0, np.sqrt(spread)),
        lambda shape, _, scale: (shape, scale**2),
        ((0.6, 1.0), (4.0, 1.0)),
        lambda x: stats.nakagami.fit(x, floc=0.0),
    ),
    "generalized_pareto": Peer(
        stats.genpareto,
        lambda scale, shape: (shape, 0.0, scale),
        lambda shape, _, scale: (scale, shape),
        ((1.0, -0.3), (1.0, 0.2), (1.0, 1.5)),
        lambda x: stats.genpareto.fit(x, floc=0.0),
    ),
    "beta": on_unit_interval(stats.beta, ((0.4, 0.7), (2.0, 5.0))),
    "triangular": Peer(*_TRIANGULAR, fixed={"lower": 0.0, "upper": 1.0}),
    f"triangular{FREED}": Peer(*_TRIANGULAR, fit=stats.triang.fit, free=("lower", "upper")),
    "von_mises": Peer(
        stats.vonmises,
        lambda direction, concentration: (concentration, direction, 1.0),
        lambda concentration, direction, _: (direction, concentration),
        ((0.5, 0.4), (-2.0, 5.0)),
        lambda x: stats.vonmises.fit(x, fscale=1.0),
    ),
    "student_t": Peer(
        stats.t, same, same, ((1.0, 0.0, 1.0), (4.0, 0.0, 1.0), (30.0, 0.0, 1.0)), stats.t.fit
    ),
    "generalized_extreme_value": Peer(
        stats.genextreme,
        lambda location, scale, shape: (-shape, location, scale),
        lambda c, location, scale: (location, scale, -c),
        ((0.0, 1.0, -0.4), (0.0, 1.0, 0.0), (0.0, 1.0, 0.2), (0.0, 1.0, 1.0)),
        stats.genextreme.fit,
    ),
    "generalized_normal": location_scale_shapes(
        stats.gennorm, ((0.0, 1.0, 0.7), (0.0, 1.0, 1.5), (0.0, 1.0, 4.0))
    ),
    "skew_normal": location_scale_shapes(stats.skewnorm, ((0.0, 1.0, 1.0), (0.0, 1.0, 5.0))),
    "pearson3": location_scale_shapes(stats.pearson3, ((0.0, 1.0, 0.6), (0.0, 1.0, -1.4))),
    "asymmetric_laplace": location_scale_shapes(
        stats.laplace_asymmetric, ((0.0, 1.0, 1.0), (0.0, 1.0, 3.0))
    ),
    "johnson_su": location_scale_shapes(
        stats.johnsonsu, ((0.0, 1.0, 0.0, 1.5), (0.0, 1.0, -1.0, 2.0))
    ),
    "normal_inverse_gaussian": location_scale_shapes(
        stats.norminvgauss, ((0.0, 1.0, 1.0, 0.0), (0.0, 1.0, 2.0, 1.0))
    ),
    "exponentially_modified_normal": Peer(
        stats.exponnorm,
        lambda location, sd, decay: (decay / sd, location, sd),
        lambda ratio, location, sd: (location, sd, ratio * sd),
        ((0.0, 1.0, 0.7), (0.0, 1.0, 3.0)),
        stats.exponnorm.fit,
    ),
    "burr12": two_shapes_scale(stats.burr12, ((1.0, 2.0, 1.0), (4.0, 0.5, 1.0))),
    "dagum": two_shapes_scale(stats.burr, ((1.0, 2.0, 1.0), (4.0, 0.5, 1.0))),
    "generalized_gamma": two_shapes_scale(stats.gengamma, ((2.0, 1.5, 1.0), (0.5, 3.0, 1.0))),
    "exponentiated_weibull": two_shapes_scale(stats.exponweib, ((2.0, 1.5, 1.0), (0.5, 3.0, 1.0))),
}
