"""Discrete families."""

from __future__ import annotations

import numpy as np
from mpmath import mp
from scipy import stats
from scipy.special import gammaln

from .formulas import (
    incomplete_beta,
    incomplete_gamma,
    logarithmic_sf,
    negative_binomial_log_density,
    poisson_inverse_gaussian_log_density,
)
from .oracle import Oracle

ENTRIES: dict[str, Oracle] = {
    "bernoulli": Oracle(
        lambda x, prob: mp.log(prob) if x else mp.log(1 - prob),
        cdf=lambda x, prob: 1 if x else 1 - prob,
        sf=lambda x, prob: 0 if x else prob,
        scipy=stats.bernoulli,
    ),
    "beta_binomial": Oracle(
        lambda x, n, a, b: (
            mp.log(mp.binomial(n, x)) + mp.log(mp.beta(x + a, n - x + b)) - mp.log(mp.beta(a, b))
        ),
        scipy=stats.betabinom,
        hard=[(20.0, 0.2, 0.3), (12.0, 100.0, 300.0)],
    ),
    "binomial": Oracle(
        lambda x, trials, prob: (
            mp.log(mp.binomial(trials, x)) + x * mp.log(prob) + (trials - x) * mp.log(1 - prob)
        ),
        cdf=lambda x, n, prob: incomplete_beta(n - x, x + 1, 1 - prob) if x < n else 1,
        sf=lambda x, n, prob: incomplete_beta(x + 1, n - x, prob) if x < n else 0,
        scipy=stats.binom,
    ),
    "categorical": Oracle(
        lambda x, *probs: mp.log(probs[int(x)]),
        cdf=lambda x, *probs: mp.fsum(probs[: int(x) + 1]),
        sf=lambda x, *probs: mp.fsum(probs[int(x) + 1 :]),
    ),
    "discrete_uniform": Oracle(
        lambda x, lower, upper: -mp.log(upper - lower + 1),
        cdf=lambda x, lower, upper: (x - lower + 1) / (upper - lower + 1),
        sf=lambda x, lower, upper: (upper - x) / (upper - lower + 1),
        scipy=lambda lower, upper: stats.randint(lower, upper + 1),
        members=[(2.0, 7.0), (-3.0, 40.0)],  # whole numbers
    ),
    "discrete_weibull": Oracle(
        lambda x, q, b: mp.log(q ** (x**b) - q ** ((x + 1) ** b)),
        cdf=lambda x, q, b: 1 - q ** ((x + 1) ** b),
        sf=lambda x, q, b: q ** ((x + 1) ** b),
        hard=[(0.999, 0.5), (0.99, 3.0)],
        hard_terms=[(0.5, 0.1)],
        members=[(0.6, 1.3), (0.9, 0.8)],  # light enough tails for sums over them
    ),
    "generalized_poisson": Oracle(
        lambda x, m, d: (
            mp.log(m * (1 - d))
            + (x - 1) * mp.log(m * (1 - d) + d * x)
            - (m * (1 - d) + d * x)
            - mp.loggamma(x + 1)
        ),
        hard=[(3.0, 1e-6), (200.0, 0.5), (2.0, 0.95)],
    ),
    "geometric": Oracle(
        lambda x, prob: x * mp.log(1 - prob) + mp.log(prob),
        cdf=lambda x, prob: 1 - (1 - prob) ** (x + 1),
        sf=lambda x, prob: (1 - prob) ** (x + 1),
        scipy=lambda prob: stats.geom(prob, loc=-1),
    ),
    "logarithmic": Oracle(
        lambda x, p: x * mp.log(p) - mp.log(-x * mp.log1p(-p)),
        sf=logarithmic_sf,
        scipy=stats.logser,
        parts=lambda x, p: x * abs(np.log(p)),
        hard=[(1e-6,), (0.999,)],
    ),
    "negative_binomial": Oracle(
        negative_binomial_log_density,
        cdf=lambda x, size, mean: incomplete_beta(size, x + 1, size / (size + mean)),
        sf=lambda x, size, mean: incomplete_beta(x + 1, size, mean / (size + mean)),
        scipy=lambda size, mean: stats.nbinom(size, size / (size + mean)),
        parts=lambda x, size, mean: gammaln(x + 1.0),
        hard=[(size, 3.0) for size in (1e-3, 0.1, 15.0, 17.0, 1e3)],
        hard_terms=[(1e5, 3.0), (1e8, 3.0)],
    ),
    "poisson": Oracle(
        lambda x, mean: x * mp.log(mean) - mean - mp.loggamma(x + 1),
        cdf=lambda x, mean: incomplete_gamma(x + 1, mean, mp.inf),
        sf=lambda x, mean: incomplete_gamma(x + 1, 0, mean),
        scipy=stats.poisson,
        parts=lambda x, mean: gammaln(x + 1.0) + x * abs(np.log(mean)),
        hard=[(1e-8,), (1e3,)],
    ),
    "poisson_inverse_gaussian": Oracle(
        poisson_inverse_gaussian_log_density,
        parts=lambda x, mean, dispersion: gammaln(x + 1.0),
        hard=[(3.0, 1e-3), (40.0, 0.2), (2.0, 5.0)],
    ),
    "skellam": Oracle(
        lambda x, a, b: (
            -(a + b) + x / 2 * mp.log(a / b) + mp.log(mp.besseli(abs(x), 2 * mp.sqrt(a * b)))
        ),
        scipy=stats.skellam,
        hard=[(1e-4, 3.0), (20.0, 15.0), (1.0, 1e-3)],
    ),
    "yule_simon": Oracle(
        lambda x, shape: mp.log(shape) + mp.log(mp.beta(x, shape + 1)),
        cdf=lambda x, shape: 1 - x * mp.beta(x, shape + 1),
        sf=lambda x, shape: x * mp.beta(x, shape + 1),
        scipy=stats.yulesimon,
        hard=[(1.2,), (30.0,), (1e4,)],
        hard_terms=[(0.03,), (0.5,)],
        members=[(4.0,), (5.5,)],  # light enough tails for sums over them
    ),
    "zeta": Oracle(
        lambda x, s: -s * mp.log(x) - mp.log(mp.zeta(s)),
        sf=lambda x, s: mp.zeta(s, x + 1) / mp.zeta(s),
        scipy=stats.zipf,
        hard=[(2.5,), (30.0,)],
        hard_terms=[(1.0001,), (1.1,)],
        members=[(6.0,), (7.0,)],  # light enough tails for sums over them
    ),
}
