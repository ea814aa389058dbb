"""How rows that are intervals are given: by text, events, ends, units, bins and windows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

import mlestim as ml
from tests.mlestim.test_censored import INF, fitted, mixed, require_same, rows


def test_events_are_right_censoring() -> None:
    time, observed = rows("weibull"), np.arange(60) % 3 != 0
    table = pd.DataFrame({"time": time, "status": observed.astype(int)})
    expected = fitted("weibull", time, np.where(observed, time, INF))
    for result in (
        ml.fit(table, "weibull", column="time", event="status"),
        ml.fit(time, "weibull", event=observed),
        ml.fit(ml.Observations.right_censored(time, observed), "weibull"),
        ml.fit(stats.CensoredData.right_censored(time, ~observed), "weibull"),
    ):
        require_same(result, expected)


def test_detection_limits_are_read_from_text() -> None:
    column = ["<0.5", "2.5", ">4", "1.25", "≤0.75", "3", ">=5", None]
    table = pd.DataFrame({"lead": column})
    result = ml.fit(table, "lognormal", nan_policy="omit")
    lower = [-INF, 2.5, 4.0, 1.25, -INF, 3.0, 5.0]
    upper = [0.5, 2.5, INF, 1.25, 0.75, 3.0, INF]
    require_same(result, fitted("lognormal", lower, upper))
    assert result.observations is not None
    assert result.observations.n_omitted == 1


def test_a_strict_limit_of_counts_leaves_its_own_value_out() -> None:
    below_three, at_most_two = ["<3", "5", "2", "4"], ["<=2", "5", "2", "4"]
    require_same(ml.fit(below_three, "poisson"), ml.fit(at_most_two, "poisson"))


def test_columns_of_intervals_are_read() -> None:
    x = rows("gamma")
    bins = pd.cut(pd.Series(x), [0.0, 2.0, 4.0, 6.0, 10.0, 50.0])
    counts, edges = np.histogram(x, [0.0, 2.0, 4.0, 6.0, 10.0, 50.0])
    intervals = pd.Series(pd.arrays.IntervalArray(bins.to_list()))
    require_same(ml.fit(intervals, "gamma"), ml.fit(ml.Observations.binned(edges, counts), "gamma"))


@pytest.mark.parametrize("shift", [0.0, 0.05, 273.15])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounded_values_may_lie_anywhere_in_their_cells(shift: float, dtype: type) -> None:
    """Multiples of the unit, middles of cells, and degrees Celsius in Kelvin."""
    x = (np.rint(rows("gamma") / 0.1) * 0.1 + shift).astype(dtype)
    result = ml.fit(x, "normal", resolution=0.1)
    require_same(result, fitted("normal", x.astype(float) - 0.05, x.astype(float) + 0.05))


def test_missing_ends_are_infinite() -> None:
    lower, upper = mixed(rows("weibull"))
    table = pd.DataFrame({"a": lower, "b": upper}).replace([INF, -INF], np.nan)
    require_same(ml.fit(table, "weibull", lower="a", upper="b"), fitted("weibull", lower, upper))


def test_every_row_may_have_its_own_window() -> None:
    rng = np.random.default_rng(2)
    age, entry = rng.weibull(3.0, 400) * 80.0, rng.uniform(0.0, 60.0, 400)
    table = pd.DataFrame({"age": age, "entry": entry})[age > entry]
    result = ml.fit(table, "weibull", column="age", truncation=("entry", None))
    ignoring = ml.fit(table, "weibull", column="age")
    truth = np.array([3.0, 80.0])
    error = np.abs(result.estimates - truth) / result.standard_errors
    assert (error < 3.0).all()
    assert (np.abs(ignoring.estimates - truth) / ignoring.standard_errors).max() > 3.0


@pytest.mark.parametrize(
    ("columns", "name", "title"),
    [
        (("time_low", "time_high"), "time", "columns 'time_low' and 'time_high'"),
        (("left end of time", "right end of time"), "end of time", "columns 'left end"),
        (("low", "high"), "x", "columns 'low' and 'high'"),
        ((None, None), "x", "lower and upper"),
    ],
)
def test_ends_are_called_by_what_their_columns_have_in_common(
    columns: tuple[str | None, str | None], name: str, title: str
) -> None:
    low, high = (
        pd.Series(end, name=column)
        for end, column in zip(([1.0, 2.0, 3.0], [1.5, 2.0, 2.5]), columns, strict=True)
    )
    with pytest.raises(ml.DataError, match=f"^{title}.*row 2, with value .3.0, 2.5]"):
        ml.Observations.of(None, lower=low, upper=high)
    sample = ml.Observations.of(None, lower=low, upper=high + 1.0)
    assert sample.name == name
    assert sample.title.startswith(title)


def test_bins_of_pandas_cut_are_read() -> None:
    cut = pd.Series(pd.cut(rows("gamma"), [0.0, 2.0, 4.0, 6.0, 10.0, 50.0]))
    counts, edges = np.histogram(rows("gamma"), [0.0, 2.0, 4.0, 6.0, 10.0, 50.0])
    require_same(ml.fit(cut, "gamma"), ml.fit(ml.Observations.binned(edges, counts), "gamma"))


def test_values_outside_the_bins_of_pandas_cut_are_missing() -> None:
    cut = pd.Series(pd.cut(rows("gamma"), [2, 4, 6, 10]))  # of whole numbers, which hold no NaN
    with pytest.raises(ml.DataError, match="values are missing"):
        ml.fit(cut, "gamma")
    inside = cut.notna().sum()
    assert ml.fit(cut, "gamma", nan_policy="omit").n_observations == inside


@pytest.mark.parametrize("make", [list, lambda x: pd.Series(x, dtype=object)])
def test_single_intervals_of_pandas_are_read(make: Any) -> None:
    pieces = [
        pd.Interval(0.0, 1.0),
        pd.Interval(1.0, 3.0),
        pd.Interval(0.5, 2.5),
        pd.Interval(2, 4),
    ]
    lower, upper = [0.0, 1.0, 0.5, 2.0], [1.0, 3.0, 2.5, 4.0]
    require_same(ml.fit(make(pieces), "gamma"), fitted("gamma", lower, upper))
    with pytest.raises(ml.DataError, match="closed on different sides"):
        ml.fit(make([*pieces, pd.Interval(2.0, 4.0, closed="left")]), "gamma")
    with pytest.raises(ml.DataError, match="intervals beside something else"):
        ml.fit(make([*pieces, 3.0]), "gamma")


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_limits_may_be_categories(library: str) -> None:
    column = ["<0.5", "2.5", ">4", "1.25", "<0.5"]
    categories = {
        "pandas": pd.Series(column, dtype="category"),
        "polars": pl.Series(column, dtype=pl.Categorical),
    }
    require_same(ml.fit(categories[library], "lognormal"), ml.fit(column, "lognormal"))


def test_detected_values_keep_their_names() -> None:
    values = pd.Series([3.0, 5.0, 2.0], index=["p", "q", "r"], name="lead")
    detected = pd.Series([True, None, False], index=["p", "q", "r"])
    with pytest.raises(ml.DataError, match=r"column 'lead': 1 of 3 .* row 'q'"):
        ml.Observations.left_censored(values, detected)
    sample = ml.Observations.left_censored(values, detected, nan_policy="omit")
    assert repr(sample) == "Observations(column 'lead': 2 rows, 1 exact, 1 left-censored)"
    with pytest.raises(ml.DataError, match=r"'no' and 'yes'.*detected=.table.column. == 'no'"):
        ml.Observations.left_censored([1.0, 2.0], ["no", "yes"])
    with pytest.raises(ml.DataError, match="detected: 2 of them for 3 rows"):
        ml.Observations.left_censored(values, [True, False])


def test_weights_multiply_the_counts_of_bins() -> None:
    sample = ml.Observations.binned([0.0, 1.0, 2.0, 4.0], [3, 2, 1], weights=[1.0, 2.0, 0.5])
    np.testing.assert_array_equal(sample.weights, [3.0, 4.0, 0.5])
    with pytest.raises(ml.DataError, match=r"counts: 1 of 2 bins.*row 1, with value -1\.0"):
        ml.Observations.binned([0.0, 1.0, 2.0], [3, -1])


@pytest.mark.parametrize("window", [(0.5, None), (np.full(4, 0.5), None)])
def test_observations_of_an_array_may_be_truncated(window: Any) -> None:
    x, weights = [1.0, 2.5, 3.0, 7.0], [1.0, 2.0, 0.0, 3.0]
    sample = ml.Observations(x, weights=weights, truncation=window)
    require_same(
        ml.fit(sample, "weibull"), ml.fit(x, "weibull", weights=weights, truncation=window)
    )
    with pytest.raises(ml.DataError, match="outside its truncation window"):
        ml.Observations(x, truncation=(2.0, None))
