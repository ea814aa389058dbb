"""Tests by simulation: they find components that are there, and none that are not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import mlestim as ml
from mlestim.inference.likelihood_ratio import LikelihoodRatioTest

RNG = np.random.default_rng(11)
ONE = RNG.normal(0.0, 1.0, 80)
TWO = np.concatenate([RNG.normal(0.0, 1.0, 40), RNG.normal(5.0, 1.0, 40)])


def outcome(sample, smaller, larger, **options) -> LikelihoodRatioTest:
    comparison = ml.compare(sample, [smaller, larger])
    names = [getattr(family, "name", family) for family in (smaller, larger)]
    return comparison.likelihood_ratio(*names, random_state=1, **options)


def test_two_components_are_told_from_one() -> None:
    """The statistic is larger than in all of 39 samples of one normal distribution.

    Some of which have no second component that does not hug a few rows.
    """
    found = outcome(TWO, "normal", "normal_mixture", n_bootstrap=39)
    assert 35 <= found.n_bootstrap <= 39
    assert found.p_value == pytest.approx(1.0 / (1.0 + found.n_bootstrap))


def test_one_component_is_not_told_from_one() -> None:
    assert outcome(ONE, "normal", "normal_mixture", n_bootstrap=39).p_value > 0.05


def test_on_an_edge_half_of_the_statistics_are_zero() -> None:
    """Without zeros in excess Λ is 0, which half of the samples of a Poisson distribution reach."""
    sample = np.repeat([0.0, 1.0, 2.0, 3.0], [10, 20, 20, 10])
    found = outcome(sample, "poisson", "zero_inflated_poisson")
    assert found.statistic == pytest.approx(0.0, abs=1e-9)
    assert found.p_value == 1.0


def test_p_values_of_a_regular_model_are_those_of_chi_squared() -> None:
    """Exponential within gamma, one parameter more: Λ is χ² with one degree of freedom.

    The standard error of a share of 999 samples is at most 0.016.
    """
    sample = np.random.default_rng(4).exponential(1.0, 200)
    found = outcome(sample, "exponential", "gamma", n_bootstrap=999)
    assert found.p_value == pytest.approx(stats.chi2.sf(found.statistic, 1), abs=0.05)


def test_a_seed_gives_the_same_p_value_again() -> None:
    again = [outcome(np.exp(ONE), "exponential", "gamma", n_bootstrap=19) for _ in range(2)]
    assert again[0] == again[1]


def test_samples_that_cannot_be_drawn_again_are_refused() -> None:
    comparison = ml.compare([1.0, 2.0, 4.0], ["exponential", "gamma"], weights=[0.5, 1.0, 1.0])
    with pytest.raises(ml.DataError, match="cannot be drawn again"):
        comparison.likelihood_ratio("exponential", "gamma")
    with pytest.raises(ml.OptionError, match="n_bootstrap=0"):
        comparison.likelihood_ratio("exponential", "gamma", n_bootstrap=0)
