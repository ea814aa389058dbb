"""What is refused, and in which words: each message names the column, the rows and the way out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlestim.errors import DataError, OptionError
from mlestim.sample import Observations

if TYPE_CHECKING:
    from collections.abc import Mapping

NAN, INF = float("nan"), float("inf")
DAY = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
THREE = [1.0, 2.0, 3.0]
TABLE = pd.DataFrame(
    {
        "region": ["north", "south", "north"],
        "amount": [1.0, 2.0, 3.0],
        "count": [1, 0, 2],
        "paid": [1.0, None, 3.0],
        "when": pd.to_datetime(["2026-05-01", "2026-05-02", None]),
    },
    index=pd.Index(["p", "q", "r"]),
)
TWICE = TABLE.set_axis(["x", "x", "count", "paid", "when"], axis=1)


class Refusal(NamedTuple):
    data: Any
    says: list[str]
    options: Mapping[str, Any] = MappingProxyType({})
    error: type[Exception] = DataError


NOT_NUMBERS = {
    "text": Refusal(["1", "2"], ["'x'", "text", "rows 0 and 1", "'1'", "pandas.to_numeric"]),
    "one text": Refusal([1, "n/a", 3], ["'x'", "text", "row 1", "'n/a'"]),
    "numpy text": Refusal(np.array(["1", "2"]), ["dtype <U1", "text such as '1'", "to_numeric"]),
    "pandas text": Refusal(TABLE["region"], ["'region'", "text", "'north'", "'categorical'"]),
    "pandas categories": Refusal(TABLE["region"].astype("category"), ["dtype category", "text"]),
    "polars text": Refusal(pl.Series("a", ["1"]), ["'a'", "dtype String", "text such as '1'"]),
    "polars categories": Refusal(pl.Series(["u"], dtype=pl.Categorical), ["Categorical", "text"]),
    "pyarrow text": Refusal(pa.array([None, "1"]), ["dtype string", "text such as '1'"]),
    "bytes": Refusal([b"1"], ["text", "b'1'"]),
    "pandas dates": Refusal(TABLE["when"], ["'when'", "dates", "Timedelta"]),
    "date objects": Refusal([DAY.date()], ["dates", "row 0", "duration first"]),
    "numpy dates": Refusal(np.array([DAY.date()], dtype="M8[D]"), ["datetime64[D]", "dates"]),
    "polars dates": Refusal(pl.Series("t", [DAY]), ["'t'", "dates"]),
    "periods": Refusal(pd.Series(pd.period_range("2026", periods=2)), ["period", "dates"]),
    "durations": Refusal(TABLE["when"].diff(), ["durations", "Divide it by a unit"]),
    "duration objects": Refusal([dt.timedelta(1)], ["durations", "row 0"]),
    "complex": Refusal([1.0, 2j], ["complex values", "real part"]),
    "complex object": Refusal(np.array([1.0, 2j], dtype=object), ["complex values", "row 1", "2j"]),
    "lists in a column": Refusal(pa.array([[1, 2]]), ["list", "[1, 2]"]),
    "structs in a column": Refusal(pl.Series([{"a": 1}]), ["Struct", "{'a': 1}"]),
    "structured array": Refusal(np.zeros(2, dtype="i4,i4"), ["not numbers"]),
    "other objects": Refusal([1, object()], ["type object", "row 1"]),
}

TOO_LARGE = {
    "python": Refusal([1, 2**53 + 1], ["'x'", "1 integer beyond 2**53", "row 1", "identifiers"]),
    "beside floats": Refusal([0.5, 2**53 + 1], ["row 1", "9007199254740993"]),
    "beyond every float": Refusal([10**400], ["beyond 2**53", "row 0", "..."]),
    "int64": Refusal(np.array([1, 2**63 - 1]), ["row 1", "9223372036854775807"]),
    "negative": Refusal(np.array([-(2**53) - 1]), ["row 0", "-9007199254740993"]),
    "uint64": Refusal(np.array([2**64 - 1], dtype="u8"), ["18446744073709551615"]),
    "nullable": Refusal(
        pd.Series([None, 2**53 + 1], index=["a", "b"], dtype="Int64"), ["row 'b'", "identifiers"]
    ),
    "polars": Refusal(pl.Series([None, 2**53 + 1]), ["row 1", "9007199254740993"]),
}

MISSING = {
    "value": Refusal([1, NAN, 3, None], ["'x'", "2 of 4", "rows 1 and 3", "nan_policy='omit'"]),
    "many": Refusal([NAN] * 9, ["9 of 9", "rows 0, 1 and 2 (and 6 more)"]),
    "by the user's labels": Refusal(TABLE, ["'paid'", "1 of 3", "row 'q'"], {"column": "paid"}),
    "weight": Refusal(TABLE, ["'paid'", "row 'q'"], {"column": "amount", "weights": "paid"}),
    "key": Refusal(TABLE, ["'when'", "row 'r'", "omit"], {"column": "amount", "by": "when"}),
    "key in a list": Refusal(THREE, ["by", "row 2"], {"by": ["a", "b", None]}),
    "label": Refusal(["a", None], ["row 1"], {"labels": True}),
    "nothing known": Refusal(pa.array([None, None]), ["2 of 2", "missing"]),
    "nothing known in polars": Refusal(pl.Series("n", [None]), ["'n'", "1 of 1", "missing"]),
    "all, left out": Refusal([NAN, None], ["no rows left", "2"], {"nan_policy": "omit"}),
    "infinite": Refusal([1, INF, -INF], ["2 of 3", "infinite", "rows 1 and 2", "inf and -inf"]),
    "infinite, omit": Refusal(
        [1, INF], ["infinite", "missing values only"], {"nan_policy": "omit"}
    ),
    "decimal infinity": Refusal([Decimal("inf")], ["infinite", "row 0"]),
    "beyond float64": Refusal(np.array(["1e400"], dtype="g"), ["infinite", "row 0"]),
}

SHAPES = {
    "empty list": Refusal([], ["'x'", "no rows"]),
    "empty series": Refusal(pl.Series("a", [], dtype=pl.Float64), ["'a'", "no rows"]),
    "empty table": Refusal(TABLE[:0], ["'amount'", "no rows"], {"column": "amount"}),
    "empty groups": Refusal(TABLE[:0], ["no rows"], {"column": "amount", "by": "region"}),
    "no columns": Refusal(pd.DataFrame(), ["no columns"]),
    "two columns": Refusal(np.ones((3, 2)), ["shape (3, 2)", "data[:, 0]"]),
    "ragged": Refusal([[1, 2], [3]], ["differ in length", "one value a row"]),
    "text": Refusal("claims.csv", ["'claims.csv' is text", "table"]),
    "mapping": Refusal({"x": THREE}, ["dict", "pandas.DataFrame(data)"]),
    "set": Refusal({1, 2}, ["set has no order"]),
    "generator": Refusal((x for x in THREE), ["read only once", "list(data)"]),
    "nothing": Refusal(None, ["NoneType cannot be read"]),
    "a timestamp": Refusal(pd.Timestamp(DAY), ["Timestamp cannot be read"]),
}

COLUMNS = {
    "which": Refusal(TABLE, ["3 numeric columns", "'amount', 'count', 'paid'", "column=..."]),
    "decimals": Refusal(
        pd.DataFrame({"x": [Decimal("1.5")], "year": [2026]}), ["2 numeric columns", "'x', 'year'"]
    ),
    "none numeric": Refusal(TABLE[["region", "when"]], ["no numeric column", "'region', 'when'"]),
    "misspelt": Refusal(TABLE, ["no column 'amuont'", "'amount'?"], {"column": "amuont"}),
    "duplicate": Refusal(TWICE, ["'x'", "2 columns", "duplicate", "Rename"], {"column": "x"}),
    "duplicates": Refusal(TWICE[["x", "count"]].assign(x=1.0), ["duplicate", "'x', 'x'"]),
    "duplicate in pyarrow": Refusal(pa.table([[1], [2]], names=["x", "x"]), ["duplicate", "'x'"]),
    "duplicate key": Refusal(TWICE, ["'x'", "duplicate"], {"column": "count", "by": "x"}),
    "no table": Refusal(THREE, ["column='a'", "no table", "list"], {"column": "a"}),
    "by without table": Refusal(THREE, ["by='a'", "no table"], {"by": "a"}),
    "unknown key": Refusal(TABLE, ["'area' (by)"], {"column": "amount", "by": ["region", "area"]}),
    "no keys": Refusal(TABLE, ["by: the list is empty"], {"column": "amount", "by": []}),
    "keys as a table": Refusal(THREE, ["by:", "no table"], {"by": TABLE[["region"]]}),
    "unhashable keys": Refusal(THREE, ["by", "labels"], {"by": pa.array([[1], [2], [3]])}),
    "labels": Refusal(TABLE, ["5 columns"], {"labels": True}),
    "policy": Refusal(THREE, ["'drop'", "'omit'"], {"nan_policy": "drop"}, OptionError),
}

WEIGHTS = {
    "too few": Refusal(THREE, ["weights: 2", "3 rows"], {"weights": [1, 2]}),
    "too many keys": Refusal(THREE, ["by: 4", "3 rows"], {"by": [["a"] * 4]}),
    "negative": Refusal(THREE, ["weights", "row 1", "-2.0"], {"weights": [1, -2, 1]}),
    "infinite": Refusal(THREE, ["weights", "infinite", "row 0"], {"weights": [INF, 2, 1]}),
    "all zero": Refusal(THREE, ["weights", "none of the 3", "positive"], {"weights": [0, 0, 0]}),
    "text": Refusal(TABLE, ["'region'", "text"], {"column": "amount", "weights": "region"}),
    "a number": Refusal(THREE, ["weights=2.0", "name of a column"], {"weights": 2.0}),
    "other index": Refusal(
        TABLE,
        ["'count' (weights)", "another index", "reindex", "to_numpy"],
        {"column": "amount", "weights": TABLE["count"][::-1]},
    ),
}

REFUSALS = {
    f"{topic}: {case}": refusal
    for topic, table in {
        "not numbers": NOT_NUMBERS,
        "too large": TOO_LARGE,
        "missing": MISSING,
        "shape": SHAPES,
        "column": COLUMNS,
        "weights": WEIGHTS,
    }.items()
    for case, refusal in table.items()
}


def message(refusal: Refusal) -> str:
    with pytest.raises(refusal.error) as caught:
        Observations.of(refusal.data, **refusal.options)
    assert type(caught.value) is refusal.error
    return str(caught.value)


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_what_cannot_be_read_is_refused_in_words_that_help(refusal):
    text = message(refusal)

    assert [words for words in refusal.says if words not in text] == [], text
    assert "\n" not in text
    assert text.endswith(".")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"values": [1.0, NAN]}, ["row 1", "missing"]),
        ({"values": []}, ["no rows"]),
        ({"values": THREE, "weights": [1.0]}, ["weights: 1", "3 rows"]),
        ({"values": THREE, "weights": [1.0, NAN, 1.0]}, ["weights", "row 1", "missing"]),
        ({"values": THREE, "weights": [1.0, -1.0, 1.0]}, ["weights", "row 1", "-1.0"]),
        ({"values": [0, 2], "levels": ("a", "b")}, ["codes", "2 levels", "row 1"]),
        ({"values": [0.5], "levels": ("a", "b")}, ["codes", "integers"]),
    ],
)
def test_the_constructor_checks_like_the_reader(arguments, says):
    with pytest.raises(DataError) as caught:
        Observations(**arguments)

    assert [words for words in says if words not in str(caught.value)] == [], str(caught.value)


def test_hostile_column_names_stay_on_one_line():
    table = pd.DataFrame({"<script>\nalert(1)</script>": [1.0, NAN]})

    assert "'<script>\\nalert(1)</script>'" in message(Refusal(table, []))


def test_long_values_are_cut_short():
    assert len(message(Refusal(["x" * 10_000], []))) < 300
