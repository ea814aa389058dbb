"""Continuous families from asymmetric_laplace to generalized_pareto."""

from __future__ import annotations

import numpy as np
from mpmath import mp
from scipy import stats
from scipy.special import gammaln

from .formulas import (
    burr12_log_density,
    dagum_log_density,
    exponentially_modified_log_density,
    exponentiated_weibull_log_density,
    generalized_gamma_log_density,
    generalized_logistic_log_density,
    generalized_logistic_y,
    gev_log_density,
    gev_y,
    incomplete_beta,
    incomplete_gamma,
    laplace_tail,
    log_one_plus_over,
    normal_cdf,
    upper_angle,
)
from .oracle import Oracle

ENTRIES: dict[str, Oracle] = {
    "asymmetric_laplace": Oracle(
        lambda x, mu, s, k: (
            -mp.log(s * (k + 1 / k)) - (k * (x - mu) if x > mu else (mu - x) / k) / s
        ),
        cdf=lambda x, mu, s, k: laplace_tail((x - mu) / s, k),
        sf=lambda x, mu, s, k: laplace_tail((mu - x) / s, 1 / k),
        scipy=lambda mu, s, k: stats.laplace_asymmetric(k, mu, s),
        hard=[(0.3, 1.7, 0.01), (0.3, 1.7, 30.0)],
    ),
    "beta": Oracle(
        lambda x, a, b: (a - 1) * mp.log(x) + (b - 1) * mp.log1p(-x) - mp.log(mp.beta(a, b)),
        cdf=lambda x, a, b: incomplete_beta(a, b, x),
        # 1 − x of a tiny x would take all of the digits
        sf=lambda x, a, b: (
            incomplete_beta(b, a, 1 - x) if x > 0.5 else 1 - incomplete_beta(a, b, x)
        ),
        scipy=stats.beta,
        parts=lambda x, a, b: (1 + a) * np.abs(np.log(x)) + (1 + b) * np.abs(np.log1p(-x)),
        hard=[(0.1, 3.0), (40.0, 60.0)],
        hard_terms=[(2.0, 1e6), (1e6, 3.0), (1e5, 1e5)],
        members=[(2.3, 1.4), (1.7, 5.2)],  # with one mode
    ),
    "birnbaum_saunders": Oracle(
        lambda x, a, b: (
            mp.log((x + b) / (2 * a * x * mp.sqrt(2 * mp.pi * b * x)))
            - (x - b) ** 2 / (2 * a**2 * b * x)
        ),
        cdf=lambda x, a, b: normal_cdf((x - b) / (a * mp.sqrt(b * x))),
        sf=lambda x, a, b: normal_cdf((b - x) / (a * mp.sqrt(b * x))),
        scipy=lambda a, b: stats.fatiguelife(a, scale=b),
        hard=[(1e-3, 1.0), (5.0, 2.0)],
    ),
    "burr12": Oracle(
        burr12_log_density,
        cdf=lambda x, c, k, s: -mp.expm1(-k * mp.log1p((x / s) ** c)),
        sf=lambda x, c, k, s: mp.exp(-k * mp.log1p((x / s) ** c)),
        scipy=lambda c, k, s: stats.burr12(c, k, scale=s),
        hard=[(1.5, 1e4, 1e3), (1e3, 2e-3, 1.7), (0.1, 3.0, 2.0), (40.0, 1.0, 2.0)],
        # scipy's quantiles lose digits where k is small
        members=[(2.3, 0.8, 1.7), (0.9, 3.4, 0.6)],
    ),
    "cauchy": Oracle(
        lambda x, location, scale: -mp.log(mp.pi * scale * (1 + ((x - location) / scale) ** 2)),
        cdf=lambda x, location, scale: upper_angle((location - x) / scale),
        sf=lambda x, location, scale: upper_angle((x - location) / scale),
        scipy=stats.cauchy,
    ),
    "chi_squared": Oracle(
        lambda x, df: (df / 2 - 1) * mp.log(x) - x / 2 - df / 2 * mp.log(2) - mp.loggamma(df / 2),
        cdf=lambda x, df: incomplete_gamma(df / 2, 0, x / 2),
        sf=lambda x, df: incomplete_gamma(df / 2, x / 2, mp.inf),
        scipy=stats.chi2,
        parts=lambda x, df: (1 + df) * np.abs(np.log(x)),
        hard=[(0.1,), (60.0,), (1e3,)],
    ),
    "dagum": Oracle(
        dagum_log_density,
        cdf=lambda x, c, k, s: mp.exp(-k * mp.log1p((x / s) ** -c)),
        sf=lambda x, c, k, s: -mp.expm1(-k * mp.log1p((x / s) ** -c)),
        scipy=lambda c, k, s: stats.burr(c, k, scale=s),
        hard=[(1.5, 1e4, 1e-3), (1e3, 2e-3, 1.7), (0.1, 3.0, 2.0), (40.0, 1.0, 2.0)],
        # scipy's entropies lose digits where the density is infinite at 0
        members=[(2.3, 0.8, 1.7), (4.1, 3.4, 0.6)],
    ),
    "exponential": Oracle(
        lambda x, scale: -mp.log(scale) - x / scale,
        cdf=lambda x, scale: -mp.expm1(-x / scale),
        sf=lambda x, scale: mp.exp(-x / scale),
        scipy=lambda scale: stats.expon(scale=scale),
    ),
    "exponentially_modified_normal": Oracle(
        exponentially_modified_log_density,
        scipy=lambda location, sd, decay: stats.exponnorm(decay / sd, location, sd),
        hard=[(0.3, 1.0, 0.2), (0.3, 1.0, 30.0)],
        hard_terms=[(0.3, 1.0, 1e-3)],
    ),
    "exponentiated_weibull": Oracle(
        exponentiated_weibull_log_density,
        cdf=lambda x, a, k, s: (-mp.expm1(-((x / s) ** k))) ** a,
        sf=lambda x, a, k, s: -mp.expm1(a * mp.log(-mp.expm1(-((x / s) ** k)))),
        scipy=lambda a, k, s: stats.exponweib(a, k, scale=s),
        hard=[(1e3, 0.4, 1e-3), (0.02, 80.0, 1.7), (1.0, 2.0, 3.0), (0.2, 1.0, 1.5)],
        # scipy's probabilities and moments lose digits where the density is infinite at 0
        members=[(2.3, 0.8, 1.7), (0.9, 3.4, 0.6)],
    ),
    "frechet": Oracle(
        lambda x, k, s: mp.log(k / s) - (k + 1) * mp.log(x / s) - (x / s) ** -k,
        cdf=lambda x, k, s: mp.exp(-((x / s) ** -k)),
        sf=lambda x, k, s: -mp.expm1(-((x / s) ** -k)),
        scipy=lambda k, s: stats.invweibull(k, scale=s),
        hard=[(0.3, 1.0), (50.0, 3.0)],
    ),
    "gamma": Oracle(
        lambda x, shape, scale: (
            (shape - 1) * mp.log(x) - x / scale - mp.loggamma(shape) - shape * mp.log(scale)
        ),
        cdf=lambda x, shape, scale: incomplete_gamma(shape, 0, x / scale),
        sf=lambda x, shape, scale: incomplete_gamma(shape, x / scale, mp.inf),
        scipy=lambda shape, scale: stats.gamma(shape, scale=scale),
        parts=lambda x, shape, scale: abs(gammaln(shape)) + shape * abs(np.log(x)),
        hard=[(shape, 1.0) for shape in (1e-3, 0.03, 30.0, 1e3, 1e4)],
        hard_terms=[(1e6, 1.0)],
    ),
    "generalized_extreme_value": Oracle(
        gev_log_density,
        cdf=lambda *x: mp.exp(-mp.exp(-gev_y(*x))),
        sf=lambda *x: -mp.expm1(-mp.exp(-gev_y(*x))),
        scipy=lambda location, scale, shape: stats.genextreme(-shape, location, scale),
        hard=[
            (0.3, 1.7, shape)
            for shape in (0.0, 1e-12, -1e-12, 1e-6, -1e-6, 0.05, -0.05, 0.2, -0.2, 0.9, -0.9)
        ],
        # as wide as shapes of real maxima are, and well inside the regular region
        members=[(0.7, 2.5, 0.34), (-3.1, 0.4, -0.27)],
    ),
    "generalized_gamma": Oracle(
        generalized_gamma_log_density,
        cdf=lambda x, a, d, s: incomplete_gamma(a, 0, (x / s) ** d),
        sf=lambda x, a, d, s: incomplete_gamma(a, (x / s) ** d, mp.inf),
        scipy=lambda a, d, s: stats.gengamma(a, d, scale=s),
        hard=[(30.0, 0.2, 1e-6), (0.05, 40.0, 1.7), (1.0, 2.0, 3.0)],
        hard_terms=[(1e3, 0.1, 1e-30)],
    ),
    "generalized_logistic": Oracle(
        generalized_logistic_log_density,
        cdf=lambda *x: 1 / (1 + mp.exp(-generalized_logistic_y(*x))),
        sf=lambda *x: 1 / (1 + mp.exp(generalized_logistic_y(*x))),
        hard=[(0.3, 1.7, shape) for shape in (0.0, 1e-12, -1e-6, 0.05, -0.2, 0.9)],
        # as wide as shapes of real samples are, and well inside the regular region
        members=[(0.7, 2.5, -0.34), (-3.1, 0.4, 0.27)],
    ),
    "generalized_normal": Oracle(
        lambda x, location, scale, beta: (
            mp.log(beta / (2 * scale)) - mp.loggamma(1 / beta) - (abs(x - location) / scale) ** beta
        ),
        scipy=lambda location, scale, beta: stats.gennorm(beta, location, scale),
        hard=[(0.3, 1.7, beta) for beta in (2.0, 8.0)],  # below 2 a kink at the median
    ),
    "generalized_pareto": Oracle(
        lambda x, scale, shape: -mp.log(scale) - (1 + shape) * log_one_plus_over(shape, x / scale),
        cdf=lambda x, scale, shape: -mp.expm1(-log_one_plus_over(shape, x / scale)),
        sf=lambda x, scale, shape: mp.exp(-log_one_plus_over(shape, x / scale)),
        scipy=lambda scale, shape: stats.genpareto(shape, scale=scale),
        hard=[
            (1.7, shape)
            for shape in (0.0, 1e-12, -1e-12, 1e-6, -1e-6, 0.05, -0.05, 0.2, -0.2, 0.9, -0.9)
        ],
        # as wide as shapes of real excesses are, and well inside the regular region
        members=[(2.5, 0.34), (0.4, -0.27)],
    ),
    "gompertz": Oracle(
        lambda x, a, s: mp.log(a / s) + x / s - a * mp.expm1(x / s),
        cdf=lambda x, a, s: -mp.expm1(-a * mp.expm1(x / s)),
        sf=lambda x, a, s: mp.exp(-a * mp.expm1(x / s)),
        scipy=lambda a, s: stats.gompertz(a, scale=s),
        hard=[(1e-6, 1.0), (1e6, 1e6), (30.0, 2.0)],
    ),
}
