"""Groups and rows that a grouped fit leaves out: none without a word."""

from __future__ import annotations

import numpy as np
import pandas as pd

import mlestim as ml


def test_groups_without_a_row_are_named() -> None:
    frame = pd.DataFrame(
        {
            "kind": [*"aaabbbccc", None],
            "year": [1, 1, 1, 1, 1, 1, 2, 2, 2, 2],
            "x": [1.0, 2.0, 4.0, np.nan, np.nan, np.nan, 2.0, 3.0, 7.0, 1.0],
            "w": [1, 1, 1, 1, 1, 1, 0, 0, 0, 1],
        }
    )
    options = {"column": "x", "weights": "w", "nan_policy": "omit"}

    by_kind = ml.fit(frame, "gamma", by="kind", **options)
    assert list(by_kind) == ["a"]
    assert by_kind.groups_omitted == ("b", "c")
    assert by_kind.n_omitted == 4  # three values and a key
    assert repr(by_kind) == (
        "GroupedFit(gamma, 1 group: 1 interior; frequency weights of 3 rows; "
        "2 groups are without a row: b, c; 4 rows are omitted as missing)"
    )

    by_both = ml.fit(frame, "gamma", by=["kind", "year"], **options)
    assert by_both.groups_omitted == (("b", 1), ("c", 2))


def test_comparisons_say_what_they_leave_out() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 4.0, 3.0, np.nan], "w": [1, 2, 1, 0, 1], "k": [*"aaabb"]})
    options = {"column": "x", "weights": "w", "nan_policy": "omit"}
    whole = ml.compare(frame, ["exponential"], **options)
    told = "Comparison by aicc; frequency weights of 3 rows, 1 omitted as missing"
    assert repr(whole).splitlines()[0] == told
    grouped = ml.compare(frame, ["exponential"], by="k", **options)
    assert repr(grouped) == (
        "GroupedComparison by aicc, 1 group: 1 exponential; frequency weights of 3 rows; "
        "1 group is without a row: b; 1 row is omitted as missing"
    )


def test_nothing_is_said_of_omissions_where_there_are_none() -> None:
    frame = pd.DataFrame({"key": np.arange(40) // 10, "x": np.arange(40.0) % 7 + 1})
    result = ml.fit(frame, "gamma", column="x", by="key")
    assert result.omissions == ()
    assert repr(result) == "GroupedFit(gamma, 4 groups: 4 interior)"


def test_of_many_groups_without_a_row_the_first_are_named() -> None:
    frame = pd.DataFrame({"key": np.arange(40) // 2, "x": np.arange(40.0) % 7 + 1})
    result = ml.fit(frame, "gamma", column="x", by="key", weights=frame["key"].lt(3))
    assert "17 groups are without a row: 3, 4, 5, 6, 7 and 12 more" in repr(result)
