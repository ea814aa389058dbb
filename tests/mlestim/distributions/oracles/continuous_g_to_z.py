"""Continuous families from gumbel to weibull."""

from __future__ import annotations

import numpy as np
from mpmath import mp
from scipy import stats
from scipy.special import gammaln

from .formulas import (
    chi_log_density,
    incomplete_gamma,
    inverse_gaussian_tail,
    laplace_tail,
    normal_cdf,
    normal_inverse_gaussian_log_density,
    normal_log_density,
    pearson3_log_density,
    pearson3_tail,
    skew_normal_log_density,
    skew_t_log_density,
    student_log_density,
    student_sf,
    triangular_tail,
    tweedie_log_density,
)
from .oracle import Oracle

ENTRIES: dict[str, Oracle] = {
    "gumbel": Oracle(
        lambda x, mu, s: -mp.log(s) - (x - mu) / s - mp.exp(-(x - mu) / s),
        cdf=lambda x, mu, s: mp.exp(-mp.exp(-(x - mu) / s)),
        sf=lambda x, mu, s: -mp.expm1(-mp.exp(-(x - mu) / s)),
        scipy=stats.gumbel_r,
    ),
    "gumbel_min": Oracle(
        lambda x, mu, s: -mp.log(s) + (x - mu) / s - mp.exp((x - mu) / s),
        cdf=lambda x, mu, s: -mp.expm1(-mp.exp((x - mu) / s)),
        sf=lambda x, mu, s: mp.exp(-mp.exp((x - mu) / s)),
        scipy=stats.gumbel_l,
    ),
    "half_normal": Oracle(
        lambda x, s: chi_log_density(x / s, 1) - mp.log(s),
        cdf=lambda x, s: mp.erf(x / s / mp.sqrt(2)),
        sf=lambda x, s: mp.erfc(x / s / mp.sqrt(2)),
        scipy=lambda s: stats.halfnorm(scale=s),
    ),
    "half_student_t": Oracle(
        lambda x, df, s: student_log_density(x, df, 0, s) + mp.log(2),
        cdf=lambda x, df, s: 1 - 2 * student_sf(x / s, df),
        sf=lambda x, df, s: 2 * student_sf(x / s, df),
        hard=[(df, 1.7) for df in (0.3, 1.0, 30.0, 1e5)],
    ),
    "hyperbolic_secant": Oracle(
        lambda x, mu, s: -mp.log(mp.pi * s * mp.cosh((x - mu) / s)),
        cdf=lambda x, mu, s: 2 / mp.pi * mp.atan(mp.exp((x - mu) / s)),
        sf=lambda x, mu, s: 2 / mp.pi * mp.atan(mp.exp((mu - x) / s)),
        scipy=stats.hypsecant,
    ),
    "inverse_gamma": Oracle(
        lambda x, a, s: a * mp.log(s) - mp.loggamma(a) - (a + 1) * mp.log(x) - s / x,
        cdf=lambda x, a, s: incomplete_gamma(a, s / x, mp.inf),
        sf=lambda x, a, s: incomplete_gamma(a, 0, s / x),
        scipy=lambda a, s: stats.invgamma(a, scale=s),
        parts=lambda x, a, s: np.abs(gammaln(a)) + (1 + a) * np.abs(np.log(x)),
        hard=[(0.3, 1.0), (30.0, 1.0), (1e3, 1.0)],
        hard_terms=[(1e6, 1e6)],
    ),
    "inverse_gaussian": Oracle(
        lambda x, m, shape: (
            mp.log(shape / (2 * mp.pi * x**3)) / 2 - shape * (x - m) ** 2 / (2 * m**2 * x)
        ),
        cdf=lambda x, m, shape: inverse_gaussian_tail(x, m, shape, 1),
        sf=lambda x, m, shape: inverse_gaussian_tail(x, m, shape, -1),
        scipy=lambda m, shape: stats.invgauss(m / shape, scale=shape),
        # the parts of (x − m)²/x, whose means are the sufficient statistics
        parts=lambda x, m, shape: np.abs(np.log(x)) + shape * (x / m + 1) / m + shape / x,
        hard=[(1.0, 1e-3), (1.0, 50.0)],
    ),
    "johnson_su": Oracle(
        lambda x, location, scale, gamma, delta: (
            mp.log(delta / scale)
            - mp.log1p(((x - location) / scale) ** 2) / 2
            + normal_log_density(gamma + delta * mp.asinh((x - location) / scale), 0, 1)
        ),
        cdf=lambda x, location, scale, gamma, delta: normal_cdf(
            gamma + delta * mp.asinh((x - location) / scale)
        ),
        sf=lambda x, location, scale, gamma, delta: normal_cdf(
            -gamma - delta * mp.asinh((x - location) / scale)
        ),
        scipy=lambda location, scale, gamma, delta: stats.johnsonsu(gamma, delta, location, scale),
    ),
    "kumaraswamy": Oracle(
        lambda x, a, b: mp.log(a * b) + (a - 1) * mp.log(x) + (b - 1) * mp.log1p(-(x**a)),
        cdf=lambda x, a, b: -mp.expm1(b * mp.log1p(-(x**a))),
        sf=lambda x, a, b: (1 - x**a) ** b,
        hard=[(0.2, 3.0), (3.0, 0.4)],
        hard_terms=[(2.0, 1e6), (30.0, 0.5)],
        members=[(2.3, 1.4), (1.7, 5.2)],  # with one mode
    ),
    "laplace": Oracle(
        lambda x, mu, s: -mp.log(2 * s) - abs(x - mu) / s,
        cdf=lambda x, mu, s: laplace_tail((x - mu) / s, mp.mpf(1)),
        sf=lambda x, mu, s: laplace_tail((mu - x) / s, mp.mpf(1)),
        scipy=stats.laplace,
        kink=lambda mu, s: mu,
    ),
    "levy": Oracle(
        lambda x, s: mp.log(s / (2 * mp.pi)) / 2 - 3 * mp.log(x) / 2 - s / (2 * x),
        cdf=lambda x, s: mp.erfc(mp.sqrt(s / (2 * x))),
        sf=lambda x, s: mp.erf(mp.sqrt(s / (2 * x))),
        scipy=lambda s: stats.levy(scale=s),
        parts=lambda x, s: np.abs(np.log(x)),
    ),
    "log_pearson3": Oracle(
        lambda x, mean, sd, skew: pearson3_log_density(mp.log(x), mean, sd, skew) - mp.log(x),
        cdf=lambda x, mean, sd, skew: pearson3_tail((mp.log(x) - mean) / sd, skew, lower=True),
        sf=lambda x, mean, sd, skew: pearson3_tail((mp.log(x) - mean) / sd, skew, lower=False),
        members=[(0.7, 0.5, 0.8), (-3.1, 0.4, -1.4)],
    ),
    "logistic": Oracle(
        lambda x, mu, s: -(x - mu) / s - mp.log(s) - 2 * mp.log1p(mp.exp(-(x - mu) / s)),
        cdf=lambda x, mu, s: 1 / (1 + mp.exp(-(x - mu) / s)),
        sf=lambda x, mu, s: 1 / (1 + mp.exp((x - mu) / s)),
        scipy=stats.logistic,
    ),
    "loglogistic": Oracle(
        lambda x, k, s: mp.log(k / x) + k * mp.log(x / s) - 2 * mp.log1p((x / s) ** k),
        cdf=lambda x, k, s: 1 / (1 + (x / s) ** -k),
        sf=lambda x, k, s: 1 / (1 + (x / s) ** k),
        scipy=lambda k, s: stats.fisk(k, scale=s),
        hard=[(0.1, 1.0), (50.0, 3.0), (500.0, 3.0)],
    ),
    "lognormal": Oracle(
        lambda x, mu, s: normal_log_density(mp.log(x), mu, s) - mp.log(x),
        cdf=lambda x, mu, s: normal_cdf((mp.log(x) - mu) / s),
        sf=lambda x, mu, s: normal_cdf((mu - mp.log(x)) / s),
        scipy=lambda mu, s: stats.lognorm(s, scale=np.exp(mu)),
        hard=[(0.0, 1e-3), (2.0, 5.0)],
    ),
    "lomax": Oracle(
        lambda x, shape, scale: mp.log(shape / scale) - (shape + 1) * mp.log1p(x / scale),
        cdf=lambda x, shape, scale: -mp.expm1(-shape * mp.log1p(x / scale)),
        sf=lambda x, shape, scale: mp.exp(-shape * mp.log1p(x / scale)),
        scipy=lambda shape, scale: stats.lomax(shape, scale=scale),
        hard=[(0.05, 1.0), (1e3, 1e3), (1e6, 1e6)],
    ),
    "maxwell": Oracle(
        lambda x, s: chi_log_density(x / s, 3) - mp.log(s),
        cdf=lambda x, s: incomplete_gamma(mp.mpf(3) / 2, 0, (x / s) ** 2 / 2),
        sf=lambda x, s: incomplete_gamma(mp.mpf(3) / 2, (x / s) ** 2 / 2, mp.inf),
        scipy=lambda s: stats.maxwell(scale=s),
    ),
    "nakagami": Oracle(
        lambda x, m, spread: (
            mp.log(2)
            + m * mp.log(m / spread)
            - mp.loggamma(m)
            + (2 * m - 1) * mp.log(x)
            - m * x**2 / spread
        ),
        cdf=lambda x, m, spread: incomplete_gamma(m, 0, m * x**2 / spread),
        sf=lambda x, m, spread: incomplete_gamma(m, m * x**2 / spread, mp.inf),
        scipy=lambda m, spread: stats.nakagami(m, scale=np.sqrt(spread)),
        parts=lambda x, m, spread: (1 + m) * np.abs(np.log(x)),
        hard=[(0.1, 1.0), (30.0, 2.0), (1e3, 1.0)],
    ),
    "normal": Oracle(
        normal_log_density,
        cdf=lambda x, mean, sd: normal_cdf((x - mean) / sd),
        sf=lambda x, mean, sd: normal_cdf((mean - x) / sd),
        scipy=stats.norm,
        hard=[(1e6, 1e-3)],
    ),
    "normal_inverse_gaussian": Oracle(
        # scipy's quadrature of its cdf is good to 1e-9 only
        normal_inverse_gaussian_log_density,
        members=[(0.3, 1.2, 2.0, 0.7), (-1.5, 0.6, 0.8, -0.5)],
        # the curvature of log K₁ cancels by u² before its series begins at u = 25
        roundings=2e3,
    ),
    "pareto": Oracle(
        lambda x, a, m: mp.log(a / x) + a * mp.log(m / x),
        cdf=lambda x, a, m: 1 - (m / x) ** a,
        sf=lambda x, a, m: (m / x) ** a,
        scipy=lambda a, m: stats.pareto(a, scale=m),
        parts=lambda x, a, m: (1 + a) * np.abs(np.log(x)),
    ),
    "pearson3": Oracle(
        pearson3_log_density,
        cdf=lambda x, location, scale, skew: pearson3_tail(
            (x - location) / scale, skew, lower=True
        ),
        sf=lambda x, location, scale, skew: pearson3_tail(
            (x - location) / scale, skew, lower=False
        ),
        scipy=lambda location, scale, skew: stats.pearson3(skew, location, scale),
        hard=[(0.3, 1.7, skew) for skew in (0.1, -0.5, 1.9)],
        hard_terms=[(0.3, 1.7, skew) for skew in (1e-12, -1e-6, 1e-3, -0.03)],
        # as wide as skews of real samples are, and well inside the regular region
        members=[(0.7, 2.5, 0.8), (-3.1, 0.4, -1.4)],
    ),
    "power_function": Oracle(
        lambda x, a, u: mp.log(a / x) + a * mp.log(x / u),
        cdf=lambda x, a, u: (x / u) ** a,
        sf=lambda x, a, u: 1 - (x / u) ** a,
        scipy=lambda a, u: stats.powerlaw(a, scale=u),
        parts=lambda x, a, u: (1 + a) * np.abs(np.log(x)),
    ),
    "rayleigh": Oracle(
        lambda x, s: chi_log_density(x / s, 2) - mp.log(s),
        cdf=lambda x, s: -mp.expm1(-((x / s) ** 2) / 2),
        sf=lambda x, s: mp.exp(-((x / s) ** 2) / 2),
        scipy=lambda s: stats.rayleigh(scale=s),
    ),
    "skew_normal": Oracle(
        skew_normal_log_density,
        scipy=lambda location, scale, shape: stats.skewnorm(shape, location, scale),
        hard=[(0.3, 1.7, shape) for shape in (0.0, 1e-3, -5.0, 20.0)],
        hard_terms=[(0.3, 1.7, 1e3)],
    ),
    "skew_t": Oracle(
        skew_t_log_density,
        members=[(0.3, 1.2, 2.0, 5.0), (-1.5, 0.6, -0.8, 3.0)],
        # derivatives in df are differences over steps of 2e-3: 1e-12 and, twice, 1e-9
        roundings=1e7,
    ),
    "student_t": Oracle(
        student_log_density,
        cdf=lambda x, df, location, scale: student_sf((location - x) / scale, df),
        sf=lambda x, df, location, scale: student_sf((x - location) / scale, df),
        scipy=stats.t,
        hard=[(df, 0.3, 1.7) for df in (0.3, 1.0, 2.5, 30.0, 1e3, 1e5, 1e8)],
    ),
    "triangular": Oracle(
        lambda x, a, c, b: mp.log(
            2 / (b - a) * ((x - a) / (c - a) if x < c else (b - x) / (b - c))
        ),
        cdf=lambda x, a, c, b: triangular_tail(x - a, b - x, c - a, b - c),
        sf=lambda x, a, c, b: triangular_tail(b - x, x - a, b - c, c - a),
        scipy=lambda a, c, b: stats.triang((c - a) / (b - a), a, b - a),
        members=[(-0.3, 0.4, 2.1), (1.5, 1.7, 1.8)],  # the three must be in order
    ),
    "tweedie": Oracle(
        tweedie_log_density,
        # 0 has a probability too small to see here; test_tweedie.py has those with an atom
        members=[(4.0, 0.09, 1.5), (0.7, 0.025, 1.3)],
        # curvatures in p are small beside the variance of a hundred gamma variables' number
        roundings=1024.0,
    ),
    "uniform": Oracle(
        lambda x, lower, upper: -mp.log(upper - lower),
        cdf=lambda x, lower, upper: (x - lower) / (upper - lower),
        sf=lambda x, lower, upper: (upper - x) / (upper - lower),
        scipy=lambda lower, upper: stats.uniform(lower, upper - lower),
        members=[(-0.3, 2.1), (1.5, 1.8)],  # the ends must be in order
    ),
    "von_mises": Oracle(
        lambda x, mu, kappa: kappa * mp.cos(x - mu) - mp.log(2 * mp.pi * mp.besseli(0, kappa)),
        # scipy cuts the circle opposite to the mean direction: as we do if that is 0
        scipy=lambda mu, kappa: stats.vonmises(kappa, mu),
        members=[(0.0, 0.7), (0.0, 4.0)],
        hard=[(2.0, 1.3), (-3.0, 0.05), (0.5, 30.0)],
        hard_terms=[(0.5, 1e3)],
    ),
    "weibull": Oracle(
        lambda x, k, s: mp.log(k / s) + (k - 1) * mp.log(x / s) - (x / s) ** k,
        cdf=lambda x, k, s: -mp.expm1(-((x / s) ** k)),
        sf=lambda x, k, s: mp.exp(-((x / s) ** k)),
        scipy=lambda k, s: stats.weibull_min(k, scale=s),
        hard=[(0.1, 1.0), (50.0, 3.0)],
    ),
}
