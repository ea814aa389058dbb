"""Families ranked by AICc: weights, order, and a reason for each family left out."""

import numpy as np
import pytest
from scipy import stats

import mlestim
import reports
from reports.ranking import RankedFamily, families_of, weighted


def entry(family, aicc):
    return RankedFamily(family, "interior", 2, -1.0, aicc, None, None)


def test_weights_follow_the_differences():
    """Burnham and Anderson: w ∝ exp(−Δ/2)."""
    first, second = weighted([entry("b", 102.0), entry("a", 100.0)])
    assert [first.family, second.family] == ["a", "b"]
    assert (first.delta, second.delta) == (0.0, 2.0)
    assert second.weight / first.weight == pytest.approx(np.exp(-1))
    assert first.weight + second.weight == pytest.approx(1)


def test_hopeless_families_do_not_overflow():
    first, second = weighted([entry("a", -1e6), entry("b", 1e6)])
    assert 0 < second.weight < first.weight < 1  # neither is certain


def test_families_without_a_criterion_come_last():
    without = RankedFamily("c", None, None, None, None, None, None, reason="no")
    assert [e.family for e in weighted([without, entry("a", 1.0)])] == ["a", "c"]
    assert weighted([without]) == (without,)
    assert weighted([]) == ()


def test_the_default_families_are_all_of_the_kind():
    continuous = reports.rank(stats.gamma(2).rvs(60, random_state=1))
    assert {e.family for e in continuous} == set(families_of("continuous"))
    counts = reports.rank(stats.poisson(3).rvs(60, random_state=1), kind="discrete")
    assert {e.family for e in counts} == set(families_of("discrete"))


def test_the_ranking_is_that_of_single_fits():
    x = stats.weibull_min(1.7, scale=3).rvs(200, random_state=2)
    ranking = reports.rank(x, ["gamma", "weibull", "lognormal"])
    for line in ranking:
        result = mlestim.fit(x, line.family)
        assert line.aicc == result.aicc
        assert line.verdict == result.verdict
    assert [line.aicc for line in ranking] == sorted(line.aicc for line in ranking)


def test_a_family_that_cannot_hold_the_data_says_why():
    ranking = reports.rank([-1.0, 2.0, 3.0, 4.5], ["normal", "gamma"])
    assert ranking[0].family == "normal"
    assert ranking[1].aicc is None
    assert "-1" in ranking[1].reason


def test_a_fit_without_estimates_has_no_place():
    (line,) = reports.rank([2.0] * 10, ["normal"])
    assert line.verdict == "unbounded"
    assert line.weight is None
    assert line.reason


def test_a_sample_too_small_for_the_penalty_has_no_place():
    """AICc divides by n − k − 1."""
    (line,) = reports.rank([1.0, 2.0, 4.0], ["normal"])
    assert line.aicc is None
    assert "too few rows" in line.reason
