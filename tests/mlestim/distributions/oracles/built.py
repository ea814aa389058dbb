"""Families that are built from others."""

from __future__ import annotations

from mpmath import mp

from .formulas import incomplete_gamma, negative_binomial_log_density, normal_cdf
from .oracle import Oracle


def poisson(x, mean):
    return mp.exp(x * mp.log(mean) - mean - mp.loggamma(x + 1))


def poisson_cdf(x, mean):
    return incomplete_gamma(x + 1, mean, mp.inf)


def poisson_sf(x, mean):
    return incomplete_gamma(x + 1, 0, mean)


ENTRIES: dict[str, Oracle] = {
    "hurdle_poisson": Oracle(
        lambda x, mean, zero: (
            mp.log((1 - zero) * poisson(x, mean) / (1 - mp.exp(-mean))) if x else mp.log(zero)
        ),
        cdf=lambda x, mean, zero: 1 - (1 - zero) * poisson_sf(x, mean) / (1 - mp.exp(-mean)),
        sf=lambda x, mean, zero: (1 - zero) * poisson_sf(x, mean) / (1 - mp.exp(-mean)),
        hard=[(50.0, 0.5)],
        hard_terms=[(1e-3, 0.3)],
    ),
    "normal_mixture": Oracle(
        lambda x, w, m, s, v, n, t: mp.log(w * mp.npdf(x, m, s) + v * mp.npdf(x, n, t)),
        cdf=lambda x, w, m, s, v, n, t: w * normal_cdf((x - m) / s) + v * normal_cdf((x - n) / t),
        sf=lambda x, w, m, s, v, n, t: w * normal_cdf((m - x) / s) + v * normal_cdf((n - x) / t),
        hard=[(0.25, -4.0, 1.0, 0.75, 4.0, 0.5), (0.5, 0.0, 0.25, 0.5, 0.0, 8.0)],
    ),
    "zero_inflated_negative_binomial": Oracle(
        lambda x, size, mean, zero: mp.log(
            (0 if x else zero) + (1 - zero) * mp.exp(negative_binomial_log_density(x, size, mean))
        ),
        hard=[(0.5, 20.0, 0.25), (100.0, 3.0, 0.5)],
    ),
    "zero_inflated_poisson": Oracle(
        lambda x, mean, zero: mp.log((0 if x else zero) + (1 - zero) * poisson(x, mean)),
        cdf=lambda x, mean, zero: zero + (1 - zero) * poisson_cdf(x, mean),
        sf=lambda x, mean, zero: (1 - zero) * poisson_sf(x, mean),
        hard=[(50.0, 0.5), (0.01, 0.9)],
    ),
}
