"""Several columns, or an array (n, d), read as rows that are vectors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlestim.errors import DataError, OptionError
from mlestim.sample.observations import Observations

FRAME = pd.DataFrame(
    {
        "a": [1.0, 2.0, 3.0, 4.0],
        "b": [5, 6, 7, 8],
        "who": list("xyxy"),
        "w": [1.0, 0.0, 2.0, 1.0],
    },
    index=list("pqrs"),
)
EXPECTED = [[1, 5], [2, 6], [3, 7], [4, 8]]


@pytest.mark.parametrize("make", [lambda f: f, pl.from_pandas, pa.Table.from_pandas])
def test_columns_of_every_kind_of_table_are_put_side_by_side(make):
    sample = Observations.of(make(FRAME), column=["a", "b"], vectors=True)
    assert sample.values.tolist() == EXPECTED
    assert sample.components == ("a", "b")
    assert sample.name == "a, b"
    assert sample.title == "columns 'a' and 'b'"
    assert len(sample) == 4


def test_their_order_is_the_users():
    assert Observations.of(FRAME, column=["b", "a"], vectors=True).values[0].tolist() == [5, 1]


def test_all_columns_of_numbers_are_meant_but_those_with_another_role():
    sample = Observations.of(FRAME, by="who", weights="w", vectors=True)
    assert sample.components == ("a", "b")
    assert sample.values.tolist() == [EXPECTED[0], *EXPECTED[2:]]  # no row of weight 0


@pytest.mark.parametrize("data", [EXPECTED, np.array(EXPECTED), np.array(EXPECTED, dtype="f4")])
def test_an_array_has_a_row_a_line(data):
    sample = Observations.of(data, vectors=True)
    assert sample.values.tolist() == EXPECTED
    assert sample.components == ("x_1", "x_2")


def test_rows_with_a_gap_are_named_or_left_out():
    frame = FRAME.assign(b=[5.0, np.nan, 7.0, 8.0])
    with pytest.raises(DataError, match="column 'b': 1 of 4 values is missing: row 'q'"):
        Observations.of(frame, column=["a", "b"], vectors=True)
    sample = Observations.of(frame, column=["a", "b"], vectors=True, nan_policy="omit")
    assert sample.values.tolist() == [EXPECTED[0], *EXPECTED[2:]]
    assert sample.n_omitted == 1


def test_infinite_components_are_refused_with_their_row():
    with pytest.raises(
        DataError, match=r"columns 'a' and 'b': 1 of 4 .* row 'r', with value \[inf, 7\]"
    ):
        Observations.of(FRAME.assign(a=[1, 2, np.inf, 4]), column=["a", "b"], vectors=True)


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (FRAME, {"column": ["a", "c"]}, "there is no column 'c'"),
        (FRAME, {"column": ["a", "a"]}, "'a' is named twice"),
        (FRAME, {"column": []}, "the list is empty"),
        (FRAME, {"column": ["a", "who"]}, "column 'who' .* holds text"),
        (FRAME[["who"]], {}, "no numeric column to fit among 'who'"),
        ([1.0, 2.0], {}, r"shape \(2,\) holds no vectors"),
        ([[1.0, 2.0], [3.0]], {}, "the rows differ in length"),
    ],
)
def test_what_makes_no_vectors_is_refused(data, options, message):
    with pytest.raises(DataError, match=message):
        Observations.of(data, **options, vectors=True)


def test_vectors_are_exact_rows():
    with pytest.raises(OptionError, match="vectors are exact rows"):
        Observations.of(FRAME, column=["a", "b"], event="w", vectors=True)


def test_several_columns_are_no_column_of_numbers():
    with pytest.raises(DataError, match=r"column=\['a', 'b'\]: name one column"):
        Observations.of(FRAME, column=["a", "b"])


def test_rows_are_taken_whole():
    sample = Observations.of(FRAME, column=["a", "b"], vectors=True)
    taken = sample.take(np.array([True, False, False, True]))
    assert taken.values.tolist() == [EXPECTED[0], EXPECTED[3]]
    assert taken.components == ("a", "b")
