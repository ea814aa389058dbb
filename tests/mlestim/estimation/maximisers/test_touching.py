"""Distributions of scipy whose support ends at a row where the likelihood is highest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import mlestim as ml


def test_a_uniform_ends_at_the_extremes() -> None:
    x = stats.uniform(2.0, 3.0).rvs(80, random_state=0)
    result = ml.fit(x, stats.uniform)
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["location"] == pytest.approx(x.min(), rel=1e-12)
    assert result.params["scale"] == pytest.approx(np.ptp(x), rel=1e-12)
    assert result.log_likelihood == pytest.approx(ml.fit(x, "uniform").log_likelihood, abs=1e-9)
    assert result.standard_errors.isna().all()


def test_a_pareto_begins_at_the_smallest_row() -> None:
    x = 5.0 * stats.pareto(3.0).rvs(80, random_state=0)
    result = ml.fit(x, stats.pareto, free=["scale"])
    own = ml.fit(x, "pareto")
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["scale"] == pytest.approx(x.min(), rel=1e-12)
    assert result.params["b"] == pytest.approx(own.params["shape"], rel=1e-6)
    assert result.log_likelihood == pytest.approx(own.log_likelihood, abs=1e-8)


def test_one_end_is_held_where_the_other_is_elsewhere() -> None:
    x = stats.truncexpon(4.7).rvs(100, random_state=1)
    result = ml.fit(x, stats.truncexpon)
    assert result.verdict is ml.Verdict.BOUNDARY
    b, scale = result.params[["b", "scale"]]
    assert b * scale == pytest.approx(x.max(), rel=1e-9)
    shapes = np.linspace(0.5 * b, 2.0 * b, 201)
    best = max(stats.truncexpon(c, scale=x.max() / c).logpdf(x * (1 - 1e-15)).sum() for c in shapes)
    assert result.log_likelihood > best - 1e-9


def test_units_do_not_matter() -> None:
    x = stats.uniform(2.0, 3.0).rvs(40, random_state=3)
    small, large = (ml.fit(unit * x, stats.uniform).params for unit in (1.0, 1e6))
    assert large.to_numpy() == pytest.approx(1e6 * small.to_numpy(), rel=1e-12)


def test_kinks_of_scipy_lie_at_rows() -> None:
    x = np.random.default_rng(2).laplace(size=41)
    result = ml.fit(x, stats.laplace)
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.log_likelihood == pytest.approx(ml.fit(x, "laplace").log_likelihood, abs=1e-9)
    powers = ml.fit(np.exp(x), stats.loglaplace)
    assert powers.params["scale"] == pytest.approx(np.exp(np.median(x)), rel=1e-9)


def test_starts_of_heavy_tails_are_as_wide_as_their_middle() -> None:
    """No start was possible for standard deviations of 1e11, which was called unbounded."""
    x = stats.levy(scale=0.8).rvs(100, random_state=0)
    result = ml.fit(x, stats.levy)
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.params["scale"] == pytest.approx(1.0 / np.mean(1.0 / x), rel=1e-6)


@pytest.mark.parametrize("law", [stats.expon, stats.halfnorm, stats.gompertz(1.0)])
def test_a_free_location_of_a_half_line_meets_the_smallest_row(law: Any) -> None:
    x = law.rvs(size=100, random_state=3) + 5.0
    result = ml.fit(x, getattr(law, "dist", law), free=["location"])
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["location"] == pytest.approx(x.min(), rel=1e-12)
    if law is stats.expon:
        assert result.params["scale"] == pytest.approx(x.mean() - x.min(), rel=1e-6)


def test_a_free_location_has_no_maximum_where_the_density_is_infinite_there() -> None:
    x = stats.gamma(0.5).rvs(size=60, random_state=0) + 5.0
    with pytest.raises(ml.UnboundedLikelihoodError):
        ml.fit(x, stats.gamma, free=["location"])


def test_kinks_of_families_of_ones_own_lie_at_rows() -> None:
    peak = ml.family(
        lambda x, c, s: -np.log(2 * s) - np.abs(x - c) / s,
        {"c": "real", "s": "positive"},
        name="peak",
    )
    for seed in range(3):
        x = stats.laplace.rvs(size=25 + seed, random_state=seed)
        result, known = ml.fit(x, peak), ml.fit(x, "laplace")
        assert result.verdict is ml.Verdict.INTERIOR
        assert result.log_likelihood == pytest.approx(known.log_likelihood, abs=1e-9)


def test_ends_of_families_of_ones_own_meet_rows() -> None:
    x = stats.uniform(2.0, 3.0).rvs(50, random_state=1)
    below = ml.family(
        lambda x, top: np.where(x <= top, -np.log(top), -np.inf), {"top": "positive"}, name="below"
    )
    result = ml.fit(x, below)
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["top"] == pytest.approx(x.max(), rel=1e-12)
    after = ml.family(
        lambda x, m, s: np.where(x >= m, -np.log(s) - (x - m) / s, -np.inf),
        {"m": "real", "s": "positive"},
        name="after",
    )
    begun = ml.fit(x, after)
    assert begun.verdict is ml.Verdict.BOUNDARY
    assert begun.params.to_numpy() == pytest.approx([x.min(), x.mean() - x.min()], rel=1e-6)
