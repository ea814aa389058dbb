"""Fits of built families reach the maxima of likelihoods written by hand, climbed by scipy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import optimize, special, stats

import mlestim as ml

RNG = np.random.default_rng(11)
COUNTS = np.where(RNG.random(200) < 0.3, 0.0, RNG.poisson(4.0, 200))
RAIN = np.where(RNG.random(200) < 0.3, 0.0, RNG.gamma(2.0, 3.0, 200))
WAITS = np.r_[RNG.weibull(1.5, 120), 6.0 * RNG.weibull(4.0, 120)]
SEEN = stats.truncnorm(-1.0, 1.5, loc=3.0, scale=2.0).rvs(200, random_state=3)


def inflated_geometric(t: np.ndarray) -> float:
    log_p = stats.geom.logpmf(COUNTS + 1.0, special.expit(t[0])) + special.log_expit(-t[1])
    zeros = COUNTS == 0.0
    return float(np.where(zeros, np.logaddexp(special.log_expit(t[1]), log_p), log_p).sum())


def hurdle_weibull(t: np.ndarray) -> float:
    wet = RAIN[RAIN > 0.0]
    dry = len(RAIN) - len(wet)
    amounts = stats.weibull_min.logpdf(wet, np.exp(t[0]), scale=np.exp(t[1])).sum()
    return float(amounts + dry * special.log_expit(t[2]) + len(wet) * special.log_expit(-t[2]))


def exponential_and_lognormal(t: np.ndarray) -> float:
    first = stats.expon.logpdf(WAITS, scale=np.exp(t[0])) + special.log_expit(t[3])
    second = stats.lognorm.logpdf(WAITS, np.exp(t[1]), scale=np.exp(t[2]))
    return float(np.logaddexp(first, second + special.log_expit(-t[3])).sum())


def truncated_normal(t: np.ndarray) -> float:
    sd = np.exp(t[1])
    ends = (np.array([1.0, 6.0]) - t[0]) / sd
    return float(stats.truncnorm.logpdf(SEEN, *ends, loc=t[0], scale=sd).sum())


@pytest.mark.parametrize(
    ("rows", "family", "by_hand", "start"),
    [
        (COUNTS, ml.ZeroInflated("geometric"), inflated_geometric, [-1.0, 0.0]),
        (RAIN, ml.Hurdle("weibull"), hurdle_weibull, [0.0, 1.0, 0.0]),
        (
            WAITS,
            ml.Mixture(["exponential", "lognormal"]),
            exponential_and_lognormal,
            [0.0, -1.0, 1.8, 0.0],
        ),
        (SEEN, ml.Truncated("normal", 1.0, 6.0), truncated_normal, [3.0, 1.0]),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_the_maximum_is_that_of_the_likelihood_written_by_hand(
    rows: np.ndarray, family: object, by_hand: Callable, start: list[float]
) -> None:
    """A simplex search ends within 1e-6 of a maximum, and not above the highest."""
    options = {"maxiter": 4000, "maxfev": 4000, "xatol": 1e-7, "fatol": 1e-9}
    found = optimize.minimize(lambda t: -by_hand(t), start, method="Nelder-Mead", options=options)
    result = ml.fit(rows, family)
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.log_likelihood == pytest.approx(-found.fun, abs=1e-6)
