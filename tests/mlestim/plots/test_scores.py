"""Normal scores of rows that have distributions of their own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import mlestim as ml
from mlestim.plots.scores import FARTHEST, normal_scores

RNG = np.random.default_rng(0)


def test_scores_of_precise_rows_are_their_residuals() -> None:
    weights = RNG.uniform(0.2, 5.0, 60)
    x = RNG.normal(10.0, 2.0 / np.sqrt(weights))
    result = ml.fit(x, "normal", weights=weights, weight_type="precision")
    mean, sd = result.params
    scores = normal_scores(result)
    assert scores.values == pytest.approx((x - mean) * np.sqrt(weights) / sd, rel=1e-9, abs=1e-12)
    assert scores.weights is None


def test_scores_are_those_within_the_windows_of_rows() -> None:
    """F between the window's ends, and a censored row is an interval up to that end."""
    after = RNG.uniform(0.0, 1.0, 50)
    x = after + RNG.exponential(2.0, 50)
    stop = after + 3.0
    time, seen = np.minimum(x, stop), x < stop
    result = ml.fit(time, "exponential", event=seen, truncation=(after, None))
    ends = normal_scores(result).intervals.ends
    share = -np.expm1(-(time - after) / result.params["scale"])
    assert ends["lower end"] == pytest.approx(stats.norm.ppf(share), rel=1e-8, abs=1e-8)
    assert np.array_equal(np.isposinf(ends["upper end"]), ~seen)


def test_a_count_is_an_interval_of_scores() -> None:
    trials = np.array([4.0, 10.0, 6.0, 8.0])
    x = np.array([0.0, 3.0, 6.0, 2.0])
    result = ml.fit(x, "binomial", fixed={"trials": trials})
    ends = normal_scores(result).intervals.ends
    prob = result.params["prob"]
    for name, count in (("lower end", x - 1.0), ("upper end", x)):
        expected = stats.norm.ppf(stats.binom.cdf(count, trials, prob))
        finite = np.isfinite(expected)
        assert ends[name][finite] == pytest.approx(expected[finite], rel=1e-9)
        assert np.array_equal(ends[name][~finite], expected[~finite])


def test_scores_keep_their_digits_far_out() -> None:
    weights = np.array([1.0] * 40 + [400.0])
    x = np.append(np.linspace(-1.0, 1.0, 40), 1.0)
    result = ml.fit(x, "normal", weights=weights, weight_type="precision", fixed={"sd": 1.0})
    scores = normal_scores(result).values
    expected = (x - result.params["mean"]) * np.sqrt(weights)
    assert scores == pytest.approx(np.clip(expected, -FARTHEST, FARTHEST), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("kind", ["qq", "pp"])
def test_pictures_are_of_scores(kind: str) -> None:
    weights = np.linspace(1.0, 3.0, 20)
    result = ml.fit(RNG.gamma(3.0, size=20), "gamma", weights=weights, weight_type="precision")
    ax = result.plot(kind)
    assert "normal" in ax.get_xlabel()
    assert "normal scores" in ax.get_ylabel()
    ax.figure.clear()
    with pytest.raises(ml.OptionError, match="Use kind='qq' or kind='pp'"):
        result.plot("density")
