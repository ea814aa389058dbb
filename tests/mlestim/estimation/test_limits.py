"""Limits of long samples: surveyed on some rows, fitted to all rows where they may win."""

from __future__ import annotations

import numpy as np
import pytest

import mlestim as ml
from mlestim.distributions import resolve
from mlestim.estimation import limits
from mlestim.estimation.solve import solve
from mlestim.sample.batch import Batch

N = limits.LONG + 1000
SHORTER = 3000  # rows enough for a survey, and a full search of limits takes less long
RNG = np.random.default_rng(0)
UNIFORM, EXPONENTIAL, NORMAL = RNG.uniform(size=N), RNG.exponential(size=N), RNG.normal(size=N)

# Long samples whose supremum lies at a limit.
AT_INFINITY = {
    ("student_t", "normal"): UNIFORM,
    ("skew_normal", "half_normal"): EXPONENTIAL,
    ("generalized_normal", "uniform"): 2.0 * RNG.beta(0.7, 0.7, size=N) - 1.0,
    ("generalized_gamma", "lognormal"): np.exp(RNG.gumbel(size=N)),
    ("exponentially_modified_normal", "normal"): np.log(EXPONENTIAL),  # skewed to the left
}
# Long samples with a maximum of their own, and families that have limits.
INTERIOR = {
    "student_t": RNG.standard_t(4.0, size=N),
    "skew_normal": np.abs(NORMAL) + 0.3 * RNG.normal(size=N),
    "generalized_normal": RNG.beta(3.0, 3.0, size=N),  # a shape above 2: smooth, not by formula
    "johnson_su": np.sinh((NORMAL + 1.0) / 2.0),
    "normal_inverse_gaussian": RNG.wald(1.0, 2.0, size=N) * 0.5 + RNG.laplace(size=N),
    "burr12": RNG.pareto(2.0, size=N) ** 0.7,
}


@pytest.mark.parametrize(("family", "limit"), AT_INFINITY)
@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")
def test_long_samples_have_the_supremum_of_the_limit_on_all_their_rows(family, limit) -> None:
    x = AT_INFINITY[family, limit]
    result = ml.fit(x, family)
    assert (result.verdict, result.limit.name) == (ml.Verdict.AT_INFINITY, limit)


@pytest.mark.parametrize("family", INTERIOR)
def test_limits_that_a_survey_shows_to_be_lower_are_not_fitted(family, monkeypatch) -> None:
    x = INTERIOR[family][:SHORTER]
    monkeypatch.setattr(limits, "LONG", SHORTER)
    surveyed = solve(resolve(family), Batch.single(x))
    monkeypatch.setattr(limits, "LONG", np.inf)
    fitted = solve(resolve(family), Batch.single(x))
    assert surveyed.verdict_of(0) is fitted.verdict_of(0) is ml.Verdict.INTERIOR
    assert np.array_equal(surveyed.theta, fitted.theta)


def test_a_survey_of_all_rows_is_not_misled_by_rows_that_the_spaced_ones_miss() -> None:
    """Few rows far out make the t distribution's case; evenly spaced ones show a normal sample."""
    x = NORMAL.copy()
    spaced = Batch.single(x).spread_rows(limits.SURVEY_ROWS)[0]
    rare = np.setdiff1d(np.arange(N), spaced)[:: N // 40]
    x[rare] = 50.0 * np.sign(x[rare])
    result = ml.fit(x, "student_t")
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.log_likelihood > ml.fit(x, "normal").log_likelihood


@pytest.mark.parametrize("family", ["zeta", "yule_simon", "logarithmic"])
def test_a_limit_of_counts_is_certainty_of_1_not_any_uniform_distribution(family: str) -> None:
    """Intervals that hold 1 and exact rows above it would suit a uniform distribution well."""
    lower, upper = [-1.0] * 40 + [2.0, 3.0, 2.0], [1.0] * 40 + [2.0, 3.0, 2.0]
    result = ml.fit(None, family, lower=lower, upper=upper)
    exact = ml.fit([1.0] * 40 + [2.0, 3.0, 2.0], family)
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.log_likelihood == pytest.approx(exact.log_likelihood, abs=1e-9)


def test_a_discrete_weibull_becomes_one_count_and_no_uniform_distribution() -> None:
    x = ml.DiscreteWeibull(prob=0.8, shape=1.5).rvs(40, np.random.default_rng(5))
    lower = np.where(np.arange(40) % 2 == 0, x, x - 1.0)
    result = ml.fit(None, "discrete_weibull", lower=lower, upper=x)
    assert result.verdict is ml.Verdict.INTERIOR
    exact = ml.fit(x, "discrete_weibull")
    assert result.log_likelihood == pytest.approx(exact.log_likelihood, abs=1e-9)
