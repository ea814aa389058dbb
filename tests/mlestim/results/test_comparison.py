"""What a comparison says of itself, and of what is not in it."""

from __future__ import annotations

import numpy as np
import pytest

import mlestim as ml

X = np.random.default_rng(3).gamma(2.5, 1.7, 60)


def test_what_was_not_compared_is_said() -> None:
    comparison = ml.compare(X, ["gamma", "normal"])
    with pytest.raises(
        KeyError, match="'weibull' was not compared; the families are gamma, normal"
    ):
        comparison.vuong("gamma", "weibull")
    with pytest.raises(ml.OptionError, match=r"normal has no more parameters.*cannot contain it"):
        comparison.likelihood_ratio("gamma", "normal")


def test_groups_without_any_ranked_family_are_counted() -> None:
    few = ml.compare([1.0, 2.0, 3.0, 5.0], ["gamma"], by=[0, 0, 1, 1])
    assert repr(few) == "GroupedComparison by aicc, 2 groups: no family has a place in 2"
