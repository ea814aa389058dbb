"""Each family in scipy's words, so that its likelihood is written by somebody else."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
Theta = Sequence[float]
Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Peer:
    """A family as scipy has it.

    Attributes
    ----------
    distribution : scipy distribution
        Its density.
    arguments : callable
        From parameters in declared order to scipy's arguments.
    theta : callable
        And back.
    truths : tuple of tuples
        Parameters that samples are simulated from.
    fit : callable
        scipy's own fit, giving scipy's arguments.
    """

    distribution: stats.rv_continuous | stats.rv_discrete
    arguments: Callable[..., Numbers]
    theta: Callable[..., Numbers]
    truths: tuple[Numbers, ...]
    fit: Callable[[Array], Numbers]

    def log_likelihood(self, x: Array, theta: Theta) -> float:
        """Sum of scipy's log densities; −inf where scipy has none."""
        discrete = isinstance(self.distribution, stats.rv_discrete)
        log_density = self.distribution.logpmf if discrete else self.distribution.logpdf
        with np.errstate(all="ignore"):
            total = float(np.sum(log_density(x, *self.arguments(*theta))))
        return total if np.isfinite(total) else -np.inf

    def simulate(self, theta: Theta, n: int, seed: int) -> Array:
        """Draw a sample."""
        rows = self.distribution.rvs(*self.arguments(*theta), size=n, random_state=seed)
        return np.asarray(rows, dtype=float)

    def own_fit(self, x: Array) -> Numbers | None:
        """Parameters of scipy's fit, None where it gives up."""
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # scipy's trouble is what is counted here
                return tuple(float(value) for value in self.theta(*self.fit(x)))
        except (ValueError, RuntimeError, FloatingPointError, OverflowError):
            return None


def same(*theta: float) -> Numbers:
    """Parameters that are scipy's arguments."""
    return theta


def location_scale(
    distribution: stats.rv_continuous, truths: tuple[Numbers, ...] = ((0.0, 1.0),)
) -> Peer:
    """Location and scale, called so by both sides."""
    return Peer(distribution, same, same, truths, distribution.fit)


def shape_scale(distribution: stats.rv_continuous, truths: tuple[Numbers, ...]) -> Peer:
    """One shape, a location of 0 and a scale."""
    return Peer(
        distribution,
        lambda shape, scale: (shape, 0.0, scale),
        lambda shape, _, scale: (shape, scale),
        truths,
        lambda x: distribution.fit(x, floc=0.0),
    )


def two_shapes_scale(distribution: stats.rv_continuous, truths: tuple[Numbers, ...]) -> Peer:
    """Two shapes, a location of 0 and a scale."""
    return Peer(
        distribution,
        lambda first, second, scale: (first, second, 0.0, scale),
        lambda first, second, _, scale: (first, second, scale),
        truths,
        lambda x: distribution.fit(x, floc=0.0),
    )


def fit_negative_binomial(x: Array) -> Numbers:
    """Fit by scipy's global search between bounds, its only way for counts."""
    found = stats.fit(stats.nbinom, x, {"n": (1e-3, 1e4), "p": (1e-9, 1.0)}, optimizer=_seeded)
    return found.params.n, found.params.p


def _seeded(function: Callable[[Array], float], *, bounds: Array, **_: object) -> object:
    from scipy.optimize import differential_evolution

    return differential_evolution(function, bounds, seed=1, maxiter=60)


PEERS: dict[str, Peer] = {
    "normal": location_scale(stats.norm),
    "gumbel": location_scale(stats.gumbel_r),
    "gumbel_min": location_scale(stats.gumbel_l),
    "exponential": Peer(
        stats.expon,
        lambda scale: (0.0, scale),
        lambda _, scale: (scale,),
        ((1.0,),),
        lambda x: stats.expon.fit(x, floc=0.0),
    ),
    "gamma": shape_scale(stats.gamma, ((0.2, 1.0), (4.0, 1.0), (200.0, 1.0))),
    "weibull": shape_scale(stats.weibull_min, ((0.4, 1.0), (1.7, 1.0), (20.0, 1.0))),
    "lognormal": Peer(
        stats.lognorm,
        lambda meanlog, sdlog: (sdlog, 0.0, np.exp(meanlog)),
        lambda sdlog, _, scale: (np.log(scale), sdlog),
        ((0.0, 1.0), (0.0, 0.05)),
        lambda x: stats.lognorm.fit(x, floc=0.0),
    ),
    "student_t": Peer(
        stats.t,
        same,
        same,
        ((1.0, 0.0, 1.0), (4.0, 0.0, 1.0), (30.0, 0.0, 1.0)),
        stats.t.fit,
    ),
    "generalized_extreme_value": Peer(
        stats.genextreme,
        lambda location, scale, shape: (-shape, location, scale),
        lambda c, location, scale: (location, scale, -c),
        ((0.0, 1.0, -0.4), (0.0, 1.0, 0.0), (0.0, 1.0, 0.2), (0.0, 1.0, 1.0)),
        stats.genextreme.fit,
    ),
    "logistic": location_scale(stats.logistic),
    "laplace": location_scale(stats.laplace),
    "cauchy": location_scale(stats.cauchy),
    "hyperbolic_secant": location_scale(stats.hypsecant),
    "generalized_pareto": Peer(
        stats.genpareto,
        lambda scale, shape: (shape, 0.0, scale),
        lambda shape, _, scale: (scale, shape),
        ((1.0, -0.3), (1.0, 0.2), (1.0, 1.5)),
        lambda x: stats.genpareto.fit(x, floc=0.0),
    ),
    "lomax": shape_scale(stats.lomax, ((1.0, 1.0), (4.0, 1.0))),
    "gompertz": shape_scale(stats.gompertz, ((0.1, 1.0), (2.0, 1.0))),
    "loglogistic": shape_scale(stats.fisk, ((0.8, 1.0), (5.0, 1.0))),
    "frechet": shape_scale(stats.invweibull, ((0.8, 1.0), (5.0, 1.0))),
    "inverse_gamma": shape_scale(stats.invgamma, ((0.8, 1.0), (5.0, 1.0))),
    "birnbaum_saunders": shape_scale(stats.fatiguelife, ((0.5, 1.0), (2.0, 1.0))),
    "burr12": two_shapes_scale(stats.burr12, ((1.0, 2.0, 1.0), (4.0, 0.5, 1.0))),
    "dagum": two_shapes_scale(stats.burr, ((1.0, 2.0, 1.0), (4.0, 0.5, 1.0))),
    "generalized_gamma": two_shapes_scale(stats.gengamma, ((2.0, 1.5, 1.0), (0.5, 3.0, 1.0))),
    "exponentiated_weibull": two_shapes_scale(stats.exponweib, ((2.0, 1.5, 1.0), (0.5, 3.0, 1.0))),
    "poisson": Peer(stats.poisson, same, same, ((0.3,), (20.0,)), lambda x: (float(np.mean(x)),)),
    "negative_binomial": Peer(
        stats.nbinom,
        lambda size, mean: (size, size / (size + mean)),
        lambda size, prob: (size, size * (1.0 - prob) / prob),
        ((0.3, 2.0), (3.0, 10.0), (100.0, 5.0)),
        fit_negative_binomial,
    ),
}
