"""Properties: neither the library, nor the order of rows, nor rows left out change what is read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlestim.errors import DataError
from mlestim.sample import Observations

ROWS = st.lists(
    st.tuples(
        st.none() | st.floats(-1e300, 1e300),
        st.none() | st.sampled_from([0.0, 0.5, 1.0, 3.0]),
        st.none() | st.sampled_from(["a", "b", "Ä", ""]),
        st.none() | st.integers(-3, 3),
    ),
    min_size=1,
    max_size=30,
)
IN_ANY_TIME = settings(deadline=None)  # other work on the machine is no failure
NAMES = ("x", "w", "g", "k")


def columns_of(rows):
    return {name: [row[place] for row in rows] for place, name in enumerate(NAMES)}


def as_pandas(columns):
    return pd.DataFrame(columns).astype({"x": "float64", "w": "float64", "k": "Int64"})


def as_nullable_pandas(columns):
    dtypes = {"x": "Float64", "w": "Float64", "g": "string", "k": "Int64"}
    return pd.DataFrame(columns).astype(dtypes)


def as_polars(columns):
    schema = {"x": pl.Float64, "w": pl.Float64, "g": pl.String, "k": pl.Int64}
    return pl.DataFrame(columns, schema=schema)


def as_pyarrow(columns):
    schema = pa.schema([("x", "f8"), ("w", "f8"), ("g", pa.string()), ("k", pa.int64())])
    return pa.table(columns, schema=schema)


def read(table):
    """What there is to compare of a sample, or None if nothing is left to read."""
    try:
        sample = Observations.of(table, column="x", weights="w", by=["g", "k"], nan_policy="omit")
    except DataError as error:
        assert any(words in str(error) for words in ("no rows left", "is positive"))  # noqa: PT017
        return None
    return {
        "values": sample.values.tolist(),
        "weights": sample.weights.tolist(),
        "codes": sample.groups.codes.tolist(),
        "keys": sample.groups.keys.tolist(),
        "n_omitted": sample.n_omitted,
        "extent": sample.extent,
    }


@pytest.mark.parametrize("make", [as_nullable_pandas, as_polars, as_pyarrow])
@IN_ANY_TIME
@given(rows=ROWS)
def test_every_library_gives_the_same_observations(make, rows):
    columns = columns_of(rows)

    assert read(make(columns)) == read(as_pandas(columns))


@IN_ANY_TIME
@given(rows=ROWS, data=st.data())
def test_the_order_of_rows_changes_nothing_but_the_order_of_rows(rows, data):
    there, back = read(as_pandas(columns_of(rows))), None
    order = data.draw(st.permutations(range(len(rows))))
    back = read(as_pandas(columns_of([rows[place] for place in order])))

    if there is None:
        assert back is None
        return
    for part in ("keys", "n_omitted", "extent"):
        assert back[part] == there[part]
    kept = [sorted(zip(s["codes"], s["values"], s["weights"], strict=True)) for s in (there, back)]
    assert kept[0] == kept[1]


@IN_ANY_TIME
@given(rows=ROWS)
def test_what_is_read_are_the_complete_rows_of_positive_weight(rows):
    complete = [row for row in rows if None not in row and row[1] > 0]
    sample = read(as_polars(columns_of(rows)))

    if not complete:
        assert sample is None
        return
    assert sample["values"] == [row[0] for row in complete]
    assert [sample["keys"][code] for code in sample["codes"]] == [row[2:] for row in complete]
    assert sample["n_omitted"] == sum(None in row and row[1] != 0 for row in rows)


@IN_ANY_TIME
@given(rows=ROWS)
def test_the_layout_holds_every_row_once_and_group_by_group(rows):
    sample = Observations.of(
        [0.0] * len(rows), by=[["none" if row[2] is None else row[2] for row in rows]]
    )
    order, starts, sizes = sample.groups.sorted_layout()

    assert sorted(order) == list(range(len(rows)))
    assert np.array_equal(sample.groups.codes[order], np.repeat(np.arange(len(sizes)), sizes))
    assert starts.tolist() == np.concatenate(([0], np.cumsum(sizes)[:-1])).tolist()
