"""pandas objects fit themselves."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlestim as ml
import mlestim.accessor


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    table = pd.DataFrame(
        {
            "amount": rng.gamma(2.0, 3.0, 60),
            "region": rng.choice(["north", "south", "west"], 60),
            "year": rng.choice([2024, 2025], 60),
            "weight": rng.integers(1, 4, 60),
        }
    )
    return table.sample(frac=1.0, random_state=1)  # an index that is not in order


def test_a_series_and_a_frame_fit_themselves(frame: pd.DataFrame) -> None:
    expected = ml.fit(frame, "gamma", column="amount", weights="weight")
    assert frame.mle.fit("gamma", column="amount", weights="weight").params.equals(expected.params)
    alone = frame["amount"].mle.fit("gamma", weights=frame["weight"])
    assert alone.params.equals(expected.params)
    assert alone.observations.name == "amount"
    by = frame.mle.fit("gamma", column="amount", by="region")
    assert by.table.equals(ml.fit(frame, "gamma", column="amount", by="region").table)


@pytest.mark.parametrize(
    ("keys", "options"),
    [
        ("region", {}),
        ("region", {"as_index": False}),
        ("region", {"sort": False}),
        (["region", "year"], {}),
        (["region", "year"], {"as_index": False}),
    ],
)
def test_a_groupby_is_fitted_as_by_its_keys(
    frame: pd.DataFrame, keys: Any, options: dict[str, Any]
) -> None:
    expected = ml.fit(frame, "gamma", column="amount", by=keys).table
    grouped = frame.groupby(keys, **options)
    for result in (
        grouped.mle.fit("gamma", column="amount"),
        grouped["amount"].mle.fit("gamma"),
    ):
        pd.testing.assert_frame_equal(result.table, expected)


def test_keys_may_be_functions_series_levels_and_categories(frame: pd.DataFrame) -> None:
    even = frame.groupby(lambda row: "even" if row % 2 == 0 else "odd")["amount"].mle.fit("gamma")
    assert list(even.table.index) == ["even", "odd"]
    assert even["even"].n_observations == sum(label % 2 == 0 for label in frame.index)
    by_series = frame.groupby(frame["year"] == 2024)["amount"].mle.fit("gamma")
    assert by_series.table["n_observations"].sum() == 60
    levels = frame.set_index("region").groupby(level="region")["amount"].mle.fit("gamma")
    expected = ml.fit(frame, "gamma", column="amount", by="region").table
    pd.testing.assert_frame_equal(levels.table, expected)
    category = frame.astype({"region": pd.CategoricalDtype(["south", "north", "west", "none"])})
    fitted = category.groupby("region", observed=True)["amount"].mle.fit("gamma")
    assert set(fitted.table.index) == {"north", "south", "west"}


def test_rows_whose_key_is_missing_are_in_no_group(frame: pd.DataFrame) -> None:
    frame.loc[frame.index[:5], "region"] = None
    result = frame.groupby("region")["amount"].mle.fit("gamma")
    assert result.table["n_observations"].sum() == 55


def test_comparisons_and_weights_of_a_groupby(frame: pd.DataFrame) -> None:
    grouped = frame.groupby("region")
    comparison = grouped.mle.compare(["gamma", "weibull"], column="amount", weights="weight")
    expected = ml.compare(
        frame, ["gamma", "weibull"], column="amount", weights="weight", by="region"
    )
    pd.testing.assert_frame_equal(comparison.table, expected.table)
    assert frame["amount"].mle.compare(["gamma", "weibull"]).ranking == (
        ml.compare(frame["amount"], ["gamma", "weibull"]).ranking
    )


def test_groups_are_given_once(frame: pd.DataFrame) -> None:
    with pytest.raises(ml.OptionError, match="those of groupby already"):
        frame.groupby("region").mle.fit("gamma", column="amount", by="year")


def test_pandas_is_left_alone_until_asked() -> None:
    program = (
        "import pandas, mlestim; print(hasattr(pandas.Series, 'mle'));"
        "import mlestim.accessor; print(hasattr(pandas.Series, 'mle'))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["False", "True"]


def test_columns_that_were_selected_are_those_that_can_be_fitted(frame: pd.DataFrame) -> None:
    whole = frame.groupby("region").mle.fit("gamma", column="amount")
    for selected in (["amount"], ["amount", "region"]):
        chosen = frame.groupby("region")[selected].mle.fit("gamma")
        pd.testing.assert_frame_equal(chosen.table, whole.table)
    with pytest.raises(ml.DataError, match=r"no column 'weight'.*columns are 'amount'"):
        frame.groupby("region")[["amount"]].mle.fit("gamma", weights="weight")
