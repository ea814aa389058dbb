"""Rows that fixed values of parameters leave without a place: both are named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlestim as ml

COUNTS = [0, 2, 5, 3]
VALUES = [1.0, 2.0, 3.0, 5.0]
TABLE = pd.DataFrame({"wins": COUNTS, "games": [3, 3, 4, 3]}, index=list("abcd"))

BEYOND = {
    "trials": (COUNTS, "binomial", {"trials": 3}, "binomial with trials = 3: row 2, with value 5"),
    "zeros": (COUNTS, "zero_inflated_binomial", {"trials": 3}, "with trials = 3: row 2"),
    "mixture": (COUNTS, "binomial_mixture", {"trials": 3}, "with trials = 3: row 2"),
    "vectors": ([[1, 2], [3, 4]], "multinomial", {"trials": 3}, "with trials = 3: row 1"),
    "lower": (VALUES, "uniform", {"lower": 2}, "with lower = 2: row 0, with value 1"),
    "both ends": (
        VALUES,
        "uniform",
        {"lower": 2, "upper": 4},
        "with lower = 2 and upper = 4: rows 0 and 3, with values 1.0 and 5.0",
    ),
    "one of two": (VALUES, "uniform", {"lower": 0, "upper": 4}, "uniform with upper = 4: row 3"),
    "minimum": (VALUES, "pareto", {"minimum": 2}, "with minimum = 2: row 0"),
    "first integer": (COUNTS, "discrete_uniform", {"lower": 1}, "with lower = 1: row 0"),
    "an end made of two": (
        VALUES,
        "generalized_pareto",
        {"shape": -0.5, "scale": 1.5},
        "with shape = -0.5 and scale = 1.5: rows 2 and 3",
    ),
    "an end made of three": (
        VALUES,
        "generalized_extreme_value",
        {"location": 0, "scale": 1, "shape": -0.3},
        "with location = 0, scale = 1 and shape = -0.3: row 3",
    ),
}


@pytest.mark.parametrize("name", BEYOND)
def test_fixed_values_that_bound_the_support_are_named(name: str) -> None:
    data, family, fixed, message = BEYOND[name]
    with pytest.raises(ml.SupportError) as caught:
        ml.fit(data if family != "multinomial" else np.array(data), family, fixed=fixed)
    assert message in str(caught.value)
    assert "Correct these" in str(caught.value)
    assert "fixed={'" in str(caught.value)


def test_trials_of_a_column_are_told_for_the_rows_that_exceed_them() -> None:
    with pytest.raises(ml.SupportError, match=r"'wins'.*trials = 4 there: row 'c', with value 5"):
        ml.fit(TABLE, "binomial", column="wins", fixed={"trials": "games"})


def test_an_interval_beyond_what_is_fixed_is_named() -> None:
    with pytest.raises(ml.SupportError, match=r"trials = 3: row 1, with value \(5.0, 9.0\]"):
        ml.fit(None, "binomial", lower=[0, 5], upper=[2, 9], fixed={"trials": 3})


def test_rows_that_no_member_holds_come_first() -> None:
    with pytest.raises(ml.SupportError, match=r"binomial, whose support is 0, 1, 2, …: row 0,"):
        ml.fit([-1, 5], "binomial", fixed={"trials": 3})


def test_a_known_column_is_named_with_its_values() -> None:
    options: dict[str, Any] = {"column": "wins", "fixed": {"trials": [9, 9.5, 9, 9]}}
    with pytest.raises(ml.ParameterError, match=r"trials lies outside.*row 'b', with value 9.5"):
        ml.fit(TABLE, "binomial", **options)


def test_estimates_of_another_fit_are_a_mapping_of_parameters() -> None:
    first = ml.fit(VALUES, "gamma").params
    again = ml.fit(VALUES, "gamma", start=first)
    np.testing.assert_allclose(again.estimates, first, rtol=1e-9)
    assert ml.fit(VALUES, "gamma", fixed=first[["shape"]]).fixed == ("shape",)
