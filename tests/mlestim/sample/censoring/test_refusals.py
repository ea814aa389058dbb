"""Rows that contradict themselves, their window or their family, and what messages say of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlestim as ml
from tests.mlestim.test_censored import INF, fitted, rows


@pytest.mark.parametrize(
    ("x", "words"),
    [
        ([1.2, 3.4, 2.25], "1 of 3 values is not whole steps of 0.1.*row 2, with value 2.25"),
        ([1.25, 3.4, 2.25, 7.65], "row 1, with value 3.4"),
        (rows("gamma"), "59 of 60 values.*resolution=….*lower=… and upper=…"),
    ],
)
def test_values_that_were_not_rounded_to_the_unit_are_refused(x: Any, words: str) -> None:
    with pytest.raises(ml.DataError, match=words):
        ml.fit(x, "normal", resolution=0.1)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"truncation": (2.0, 2.0)}, ml.DataError, "leaves nothing"),
        ({"truncation": (2.5, None)}, ml.DataError, "outside its truncation window: rows 0 and 1"),
        ({"truncation": 3.0}, ml.OptionError, "a pair"),
        ({"resolution": 0.0}, ml.OptionError, "positive number"),
        ({"resolution": "a"}, ml.OptionError, "positive number"),
        (
            {"event": [1, 0, 2]},
            ml.DataError,
            r"takes True and False.*1 of 3.*row 2, with value 2.0\. Compare.*== 2",
        ),
        ({"event": ["dead", "alive", "dead"]}, ml.DataError, "holds 'dead' and 'alive'. Compare"),
        ({"event": pd.Categorical(["yes", "no", "no"])}, ml.DataError, "holds 'yes' and 'no'"),
        ({"event": [1, None, 1]}, ml.DataError, "event.*missing.*row 1"),
        ({"event": [1, 0]}, ml.DataError, "2 of them for 3 rows"),
        ({"event": [1, 1, 0], "resolution": 0.1}, ml.OptionError, r"event=… beside resolution=…"),
        ({"lower": [1, 2, 3]}, ml.OptionError, "upper=… is missing"),
        ({"lower": 1, "upper": [1, 2, 3]}, ml.DataError, r"lower=1 is one number.*full\(n, 1\)"),
        ({"event": True}, ml.DataError, "event=True is one number, and each row needs its own"),
    ],
)
def test_contradictions_are_refused(
    options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        ml.fit([1.0, 2.0, 3.0], "normal", **options)


@pytest.mark.parametrize(
    ("lower", "upper", "words"),
    [
        ([3.0, 1.0], [1.0, 2.0], "lower end above its upper end: row 0"),
        ([-INF, 1.0], [INF, 2.0], "no finite end"),
        ([INF, 1.0], [INF, 2.0], "infinite"),
        ([None, 1.0], [None, 2.0], "missing: row 0"),
    ],
)
def test_ends_that_make_no_sense_are_refused(lower: list, upper: list, words: str) -> None:
    with pytest.raises(ml.DataError, match=words):
        fitted("normal", lower, upper)


@pytest.mark.parametrize(
    "options",
    [
        {"lower": [], "upper": []},
        {"lower": [None], "upper": [None], "nan_policy": "omit"},
        {"lower": [1.0], "upper": [2.0], "weights": [0.0]},
        {"data": [], "event": []},
        {"data": [], "truncation": (0, 1)},
        {"data": [None], "resolution": 0.1, "nan_policy": "omit"},
    ],
)
def test_no_rows_are_no_sample(options: dict[str, Any]) -> None:
    with pytest.raises(ml.DataError, match=r"no rows|no observation counts"):
        ml.fit(options.pop("data", None), "normal", **options)


def test_intervals_outside_the_support_are_refused() -> None:
    with pytest.raises(ml.SupportError, match=r"row 0, with value ≤-2\.0"):
        fitted("weibull", [-INF, 1.0], [-2.0, 1.0])


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (["<-1", "2", "3"], {}, r"row 0, with value '<-1'"),
        (["≥-3", "<-2", "3"], {"nan_policy": "omit"}, r"row 1, with value '<-2'"),
        (["<0.5", "2", "3"], {"truncation": (1.0, None)}, r"window: row 0, with value '<0.5'"),
        (pd.Series(pd.interval_range(-1, 2, closed="left")), {}, r"with value \[-1, 0\)"),
        ([-1.0, 2.0, 3.0], {"resolution": 1.0}, r"row 0, with value -1.0"),
        ([2.0, -1.0], {"event": [True, True]}, r"row 1, with value -1.0"),
        ([2.0, 9.0, 3.0], {"event": [1, 0, 1], "truncation": (0, 9)}, r"row 1, with value >9.0"),
    ],
)
def test_messages_show_rows_as_they_were_given(data: Any, options: Any, words: str) -> None:
    with pytest.raises(ml.DataError, match=words):
        ml.fit(data, "gamma", **options)


def test_what_was_not_detected_is_asked_for_its_limit() -> None:
    with pytest.raises(
        ml.DataError, match=r"row 2, with value 'ND'.*written with its limit, '<0.5'"
    ):
        ml.fit(["<0.5", "1.2", "ND"], "gamma")
    with pytest.raises(ml.OptionError, match=r"limits such as '<0.5'.*Leave event=… out"):
        ml.fit(["<0.5", "1.2", "2"], "gamma", event=[1, 0, 1])


def test_a_limit_below_the_first_count_is_no_fraction() -> None:
    with pytest.raises(ml.SupportError, match=r"'<0'\. Correct these values or choose a family"):
        ml.fit(["1", "<0", "3"], "poisson")


def test_counts_have_no_interval_without_a_whole_number() -> None:
    with pytest.raises(ml.SupportError, match="row 0"):
        fitted("poisson", [0.2, 1.0, 2.0], [0.7, 3.0, 2.0])


@pytest.mark.parametrize("edges", [[0, 1, np.nan, 3], [0, 1, 1, 3], [3, 1, 2, 4]])
def test_edges_of_bins_increase(edges: list[float]) -> None:
    with pytest.raises(ml.DataError, match="edges: they have to increase"):
        ml.Observations.binned(edges, [5, 3, 2])


@pytest.mark.parametrize("entry", ["<inf", "< LOD", "<0,5", "0.5 <", "<"])
def test_limits_are_numbers(entry: str) -> None:
    with pytest.raises(ml.DataError, match=f"row 1, with value '{entry}'"):
        ml.fit(["<0.5", entry, "1", "2"], "lognormal")


def test_intervals_of_durations_are_refused() -> None:
    hours = pd.Series(pd.interval_range(pd.Timedelta("1h"), periods=4, freq="1h"))
    with pytest.raises(ml.DataError, match="timedelta64"):
        ml.fit(hours, "gamma")


def test_labels_are_exact() -> None:
    with pytest.raises(
        ml.OptionError, match=r"'x' holds labels, which are exact. Leave event=… out"
    ):
        ml.fit(["a", "b"], "categorical", event=[1, 0])


def test_ends_and_windows_are_called_by_their_options() -> None:
    with pytest.raises(ml.DataError, match=r"^lower: an array of shape \(3, 2\)"):
        ml.fit(None, "gamma", lower=np.ones((3, 2)), upper=np.ones((3, 2)))
    x = pd.Series([1.0, 2.0], index=["p", "q"])
    with pytest.raises(ml.DataError, match=r"^truncation has another index"):
        ml.fit(x, "gamma", truncation=(x.reset_index(drop=True), None))
