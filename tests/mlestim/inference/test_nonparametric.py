"""Distributions of samples without a family: against scipy, by hand, and as likelihood maxima."""

from __future__ import annotations

import numpy as np
from scipy import stats

import mlestim as ml
from mlestim.inference.nonparametric import sample_distribution


def test_exact_rows_have_their_shares() -> None:
    found = sample_distribution(ml.Observations([2.0, 1.0, 2.0], weights=[1.0, 1.0, 2.0]))
    np.testing.assert_array_equal(found.values, [1.0, 2.0])
    np.testing.assert_allclose(found.shares, [0.25, 0.75])
    assert (found.below, found.beyond) == (0.0, 0.0)


def test_right_censored_rows_have_kaplan_and_meiers_estimate() -> None:
    rng = np.random.default_rng(1)
    time, observed = np.round(rng.exponential(3.0, 300), 1), rng.random(300) < 0.7
    found = sample_distribution(ml.Observations.right_censored(time, observed))
    theirs = stats.ecdf(stats.CensoredData.right_censored(time, ~observed)).cdf
    np.testing.assert_allclose(found.cumulative, theirs.evaluate(found.values), atol=1e-12)


def test_what_lies_beyond_the_last_censored_row_has_no_value() -> None:
    """Of six rows, two are censored at the end: (1 - 1/6)(1 - 1/4) = 0.625 survive the last event."""
    time, observed = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 9.0]), np.array([1, 0, 1, 0, 0, 0]) == 1
    found = sample_distribution(ml.Observations.right_censored(time, observed))
    np.testing.assert_array_equal(found.values, [1.0, 3.0])
    np.testing.assert_allclose(found.cumulative, [1 / 6, 0.375])
    np.testing.assert_allclose(found.beyond, 0.625)
    assert (found.below, found.first, found.last) == (0.0, 1.0, 9.0)


def test_what_lies_below_the_limit_of_detection_has_no_value() -> None:
    """Limits above some values are settled by these; what is below all values is not."""
    limits = ml.Observations.left_censored([2.0, 2.0, 3.0, 4.0, 5.0], np.arange(5) > 1)
    found = sample_distribution(limits)
    np.testing.assert_array_equal(found.values, [3.0, 4.0, 5.0])
    np.testing.assert_allclose(found.shares, 0.2)
    np.testing.assert_allclose((found.below, found.first, found.last), (0.4, 2.0, 5.0))
    settled = sample_distribution(ml.Observations.left_censored([4.5, 3.0, 4.0], np.arange(3) > 0))
    np.testing.assert_array_equal(settled.values, [3.0, 4.0])
    assert settled.below == 0.0


def test_unbounded_intervals_have_no_values() -> None:
    sample = ml.Observations.interval([-np.inf, 1.0, 2.0, 7.0], [1.0, 2.0, 7.0, np.inf])
    found = sample_distribution(sample)
    np.testing.assert_allclose((found.below, found.beyond), 0.25, rtol=1e-7)
    np.testing.assert_allclose(found.shares.sum(), 0.5, rtol=1e-7)
    assert 1.0 < found.values[0] < found.values[-1] < 7.0
    assert found.last == 7.0


def test_weights_are_repetitions() -> None:
    lower, upper = np.array([0.0, 4.0, 2.0, 3.0]), np.array([3.0, np.inf, 5.0, 3.0])
    counts = np.array([1, 3, 2, 2])
    whole = ml.Observations.interval(np.repeat(lower, counts), np.repeat(upper, counts))
    weighted = sample_distribution(ml.Observations.interval(lower, upper, weights=counts))
    repeated = sample_distribution(whole)
    for name, number in vars(weighted).items():
        np.testing.assert_allclose(number, getattr(repeated, name), atol=1e-12)


def test_intervals_have_turnbulls_estimate() -> None:
    """At the maximum the rate of every cell with probability is 1, and of no cell larger."""
    rng = np.random.default_rng(2)
    x = rng.weibull(1.5, 200)
    lower = np.floor(5.0 * x) / 5.0 - 0.2 * rng.integers(0, 2, 200)
    upper = np.ceil(5.0 * x) / 5.0 + 0.2 * rng.integers(0, 2, 200)
    found = sample_distribution(ml.Observations.interval(lower, upper))
    values, shares = found.values, found.shares
    holds = (values > lower[:, None]) & (values <= upper[:, None])
    rate = (holds / (holds @ shares)[:, None]).mean(axis=0)
    # probabilities end within 1e-8 of their limits, of which some are 0; each is spread over 16 points
    np.testing.assert_allclose(rate[shares > 1e-3 / 16], 1.0, atol=1e-4)
    assert rate.max() < 1.0 + 1e-4


def test_bins_are_spread_evenly_and_keep_their_shares() -> None:
    """The cumulative share is right at every edge, and straight between them."""
    edges, counts = np.array([0.0, 2.0, 4.0, 8.0, 30.0]), np.array([3.0, 5.0, 4.0, 8.0])
    found = sample_distribution(ml.Observations.binned(edges, counts))
    values, shares = found.values, found.shares
    assert len(values) == 64
    for lower, upper, count in zip(edges[:-1], edges[1:], counts, strict=True):
        inside = (values > lower) & (values <= upper)
        np.testing.assert_allclose(shares[inside], count / 20.0 / 16.0, rtol=1e-7)
        np.testing.assert_allclose(values[inside].mean(), 0.5 * (lower + upper))


def test_bins_of_counts_are_spread_over_whole_numbers() -> None:
    sample = ml.Observations.binned([-1.0, 0.0, 2.0, 5.5, np.inf], [4.0, 2.0, 3.0, 1.0])
    found = sample_distribution(sample, counts=True)
    np.testing.assert_array_equal(found.values, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    np.testing.assert_allclose(found.shares, [0.4, 0.1, 0.1, 0.1, 0.1, 0.1], rtol=1e-7)
    np.testing.assert_allclose((found.beyond, found.last), (0.1, 5.0), rtol=1e-7)


def test_precisions_count_nothing() -> None:
    sample = ml.Observations.of([1.0, 2.0], weights=[1.0, 3.0], weight_type="precision")
    np.testing.assert_allclose(sample_distribution(sample).shares, [0.5, 0.5])
