"""Distributions of samples without a family: against scipy, by hand, and as likelihood maxima."""

from __future__ import annotations

import numpy as np
from scipy import stats

import mlestim as ml
from mlestim.inference.nonparametric import sample_distribution


def test_exact_rows_have_their_shares() -> None:
    values, shares = sample_distribution(ml.Observations([2.0, 1.0, 2.0], weights=[1.0, 1.0, 2.0]))
    np.testing.assert_array_equal(values, [1.0, 2.0])
    np.testing.assert_allclose(shares, [0.25, 0.75])


def test_right_censored_rows_have_kaplan_and_meiers_estimate() -> None:
    rng = np.random.default_rng(1)
    time, observed = np.round(rng.exponential(3.0, 300), 1), rng.random(300) < 0.7
    observed[np.argmax(time)] = True
    values, shares = sample_distribution(ml.Observations.right_censored(time, observed))
    theirs = stats.ecdf(stats.CensoredData.right_censored(time, ~observed)).cdf
    np.testing.assert_allclose(np.cumsum(shares), theirs.evaluate(values), atol=1e-12)


def test_weights_are_repetitions() -> None:
    lower, upper = np.array([0.0, 4.0, 2.0, 3.0]), np.array([3.0, np.inf, 5.0, 3.0])
    counts = np.array([1, 3, 2, 2])
    whole = ml.Observations.interval(np.repeat(lower, counts), np.repeat(upper, counts))
    for a, b in zip(
        sample_distribution(ml.Observations.interval(lower, upper, weights=counts)),
        sample_distribution(whole),
        strict=True,
    ):
        np.testing.assert_allclose(a, b, atol=1e-12)


def test_intervals_have_turnbulls_estimate() -> None:
    """At the maximum the rate of every cell with probability is 1, and of no cell larger."""
    rng = np.random.default_rng(2)
    x = rng.weibull(1.5, 200)
    lower = np.floor(5.0 * x) / 5.0 - 0.2 * rng.integers(0, 2, 200)
    upper = np.ceil(5.0 * x) / 5.0 + 0.2 * rng.integers(0, 2, 200)
    values, shares = sample_distribution(ml.Observations.interval(lower, upper))
    holds = (values > lower[:, None]) & (values <= upper[:, None])
    rate = (holds / (holds @ shares)[:, None]).mean(axis=0)
    # probabilities end within 1e-8 of their limits, of which some are 0; each is spread over 16 points
    np.testing.assert_allclose(rate[shares > 1e-3 / 16], 1.0, atol=1e-4)
    assert rate.max() < 1.0 + 1e-4


def test_bins_are_spread_evenly_and_keep_their_shares() -> None:
    """The cumulative share is right at every edge, and straight between them."""
    edges, counts = np.array([0.0, 2.0, 4.0, 8.0, 30.0]), np.array([3.0, 5.0, 4.0, 8.0])
    values, shares = sample_distribution(ml.Observations.binned(edges, counts))
    assert len(values) == 64
    for lower, upper, count in zip(edges[:-1], edges[1:], counts, strict=True):
        inside = (values > lower) & (values <= upper)
        np.testing.assert_allclose(shares[inside], count / 20.0 / 16.0, rtol=1e-7)
        np.testing.assert_allclose(values[inside].mean(), 0.5 * (lower + upper))


def test_bins_of_counts_are_spread_over_whole_numbers() -> None:
    sample = ml.Observations.binned([-1.0, 0.0, 2.0, 5.5, np.inf], [4.0, 2.0, 3.0, 1.0])
    values, shares = sample_distribution(sample, counts=True)
    np.testing.assert_array_equal(values, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.5])
    np.testing.assert_allclose(shares, [0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], rtol=1e-7)


def test_precisions_count_nothing() -> None:
    sample = ml.Observations.of([1.0, 2.0], weights=[1.0, 3.0], weight_type="precision")
    np.testing.assert_allclose(sample_distribution(sample)[1], [0.5, 0.5])
