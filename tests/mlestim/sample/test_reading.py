"""What `Observations.of` reads: the same three numbers, from whatever the user holds them in."""

from __future__ import annotations

import array
import collections
import decimal
import fractions
import subprocess
import sys

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlestim.errors import OptionError
from mlestim.sample import Groups, Observations

DECIMALS = [decimal.Decimal(text) for text in ("1", "2.0", "3.00")]

ONE_TWO_THREE = {
    "list": [1, 2, 3],
    "list of floats": [1.0, 2, 3],
    "list of decimals": DECIMALS,
    "list of fractions": [fractions.Fraction(6, 2) - 2, 2, 3],
    "list of mixed numbers": [True, np.float32(2), decimal.Decimal(3)],
    "list of rows of one": [[1], [2], [3]],
    "tuple": (1, 2, 3),
    "range": range(1, 4),
    "dict keys": {1: "a", 2: "b", 3: "c"}.keys(),
    "deque": collections.deque([1, 2, 3]),
    "array.array": array.array("d", [1, 2, 3]),
    "memoryview": memoryview(array.array("i", [1, 2, 3])),
    **{
        f"numpy {dtype}": np.array([1, 2, 3], dtype=dtype)
        for dtype in ("f2", "f4", "f8", ">f8", "g", "i1", "i8", "u1", "u8", "O")
    },
    "numpy column": np.array([[1], [2], [3]]),
    "numpy every other": np.array([1.0, 0, 2, 0, 3, 0])[::2],
    "numpy masked": np.ma.array([1.0, 2, 3], mask=[False, False, False]),
    **{
        f"pandas {dtype}": pd.Series([1, 2, 3], dtype=dtype)
        for dtype in ("int8", "float32", "Int64", "Float32", "category", "double[pyarrow]")
    },
    "pandas decimal objects": pd.Series(DECIMALS),
    "pandas arrow decimals": pd.Series(DECIMALS, dtype=pd.ArrowDtype(pa.decimal128(9, 2))),
    "pandas sparse": pd.Series([1.0, 2, 3], dtype="Sparse[float]"),
    "pandas Index": pd.Index([1, 2, 3]),
    "pandas array": pd.array([1, 2, 3]),
    "pandas DataFrame": pd.DataFrame({"x": [1, 2, 3]}),
    "polars Series": pl.Series("x", [1, 2, 3]),
    "polars decimals": pl.Series("x", DECIMALS),
    "polars DataFrame": pl.DataFrame({"x": [1, 2, 3]}),
    "polars LazyFrame": pl.LazyFrame({"x": [1, 2, 3]}),
    "pyarrow Array": pa.array([1, 2, 3]),
    "pyarrow half floats": pa.array(np.array([1, 2, 3], dtype="f2")),
    "pyarrow ChunkedArray": pa.chunked_array([[1, 2], [3]]),
    "pyarrow dictionary": pa.array([1, 2, 3]).dictionary_encode(),
    "pyarrow decimals": pa.array(DECIMALS),
    "pyarrow Table": pa.table({"x": [1, 2, 3]}),
    "pyarrow RecordBatch": pa.RecordBatch.from_pydict({"x": [1, 2, 3]}),
    "narwhals Series": nw.from_native(pl.Series("x", [1, 2, 3]), series_only=True),
    "narwhals Series of pandas": nw.from_native(pd.Series([1, 2, 3]), series_only=True),
    "narwhals DataFrame": nw.from_native(pd.DataFrame({"x": [1, 2, 3]})),
}


@pytest.mark.parametrize("data", ONE_TWO_THREE.values(), ids=ONE_TWO_THREE)
def test_the_same_numbers_come_from_every_container(data):
    sample = Observations.of(data)

    assert sample.values.tolist() == [1.0, 2.0, 3.0]
    assert sample.values.dtype == np.float64
    assert sample.values.flags.c_contiguous
    assert sample.extent == (1.0, 3.0)
    assert (sample.name, sample.n_omitted, sample.weights, sample.groups) == ("x", 0, None, None)


ONE_MISSING_THREE = {
    "list with None": [1, None, 3],
    "list with NaN": [1, float("nan"), 3],
    "list with NA": [1, pd.NA, 3],
    "list with NaT": [1, pd.NaT, 3],
    "decimal NaN": [DECIMALS[0], decimal.Decimal("nan"), 3],
    "decimal signalling NaN": [DECIMALS[0], decimal.Decimal("snan"), 3],
    "numpy masked": np.ma.array([1, 2, 3], mask=[False, True, False]),
    "pandas Int64": pd.Series([1, None, 3], dtype="Int64"),
    "pandas arrow": pd.Series([1, None, 3], dtype="double[pyarrow]"),
    "pandas category": pd.Series([1, None, 3], dtype="category"),
    "polars null": pl.Series([1, None, 3]),
    "polars NaN": pl.Series([1.0, float("nan"), 3.0]),
    "pyarrow null": pa.array([1, None, 3]),
    "pyarrow half floats": pa.array(np.array([1, np.nan, 3], dtype="f2"), from_pandas=True),
    "pyarrow dictionary": pa.array([1, None, 3]).dictionary_encode(),
}


@pytest.mark.parametrize("data", ONE_MISSING_THREE.values(), ids=ONE_MISSING_THREE)
def test_every_kind_of_missing_value_is_left_out_and_counted_on_request(data):
    sample = Observations.of(data, nan_policy="omit")

    assert sample.values.tolist() == [1.0, 3.0]
    assert sample.n_omitted == 1


def test_a_float64_array_is_neither_copied_nor_open_to_writing():
    data = np.array([1.5, 2.5])

    sample = Observations.of(data)

    assert np.shares_memory(sample.values, data)
    assert not sample.values.flags.writeable
    assert data.flags.writeable


def test_truth_values_are_zeros_and_ones():
    for data in (
        [True, False],
        pd.Series([True, False], dtype="boolean"),
        pl.Series([True, False]),
    ):
        assert Observations.of(data).values.tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    "make", [list, pd.Series, pl.Series, pa.array], ids=lambda kind: kind.__name__
)
def test_decimals_become_the_nearest_floats(make):
    # 2.675 is one that pyarrow's own cast puts one unit in the last place too high
    texts = ["2.675", "0.300", "1.005"]

    sample = Observations.of(make([decimal.Decimal(text) for text in texts]))

    assert sample.values.tolist() == [float(text) for text in texts]


@pytest.mark.parametrize("large", [2**53, 2**60, 2**63, 3 * 2**62])
def test_large_integers_that_float64_holds_exactly_are_read(large):
    for data in ([large], [large, -1], np.array([large], dtype=np.uint64)):
        assert Observations.of(data).values[0] == float(large)


def test_a_single_number_is_a_sample_of_one():
    assert Observations.of(np.array(2.5)).values.tolist() == [2.5]
    assert Observations.of(2.5).values.tolist() == [2.5]


def test_observations_come_back_as_they_are_and_take_no_more_options():
    sample = Observations([1.0, 2.0])

    assert Observations.of(sample) is sample
    with pytest.raises(OptionError, match="weights cannot be added to Observations"):
        Observations.of(sample, weights=[1, 2])


def test_arrays_and_lists_are_read_without_importing_any_dataframe_library():
    code = """
import sys
from mlestim.sample import Observations
import numpy as np
Observations.of([1, None, 2.5], nan_policy="omit", weights=[1, 1, 2])
Observations.of(np.array([0, 1, 1]), labels=True)
print(sorted({"pandas", "polars", "pyarrow", "narwhals"} & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


class TestColumns:
    frame = pd.DataFrame(
        {"region": ["n", "s", "n"], "amount": [1.0, 2.0, 3.0], "count": [1, 0, 2], 7: [4, 5, 6]}
    )

    def test_a_column_is_taken_by_name(self):
        for table in (self.frame, self.frame.rename(columns=str).pipe(pl.from_pandas)):
            sample = Observations.of(table, column="amount")
            assert (sample.name, sample.values.tolist()) == ("amount", [1.0, 2.0, 3.0])

    def test_a_column_label_may_be_any_value(self):
        sample = Observations.of(self.frame, column=7)
        assert (sample.name, sample.values.tolist()) == ("7", [4.0, 5.0, 6.0])

    def test_a_column_of_a_multiindex_is_taken_by_its_tuple(self):
        frame = pd.DataFrame([[1, 2], [3, 4]], columns=pd.MultiIndex.from_product([["a"], [0, 1]]))
        assert Observations.of(frame, column=("a", 1)).values.tolist() == [2.0, 4.0]

    def test_the_only_numeric_column_without_another_role_needs_no_name(self):
        table = self.frame[["region", "amount", "count"]]
        sample = Observations.of(table, by="region", weights="count")
        assert sample.name == "amount"

    def test_a_series_beside_the_table_does_not_hide_the_column_of_its_name(self):
        table = self.frame[["amount"]]
        assert Observations.of(table, by=table["amount"] > 1).name == "amount"

    def test_duplicate_names_do_no_harm_to_other_columns(self):
        table = self.frame.set_axis(["x", "amount", "x", "x"], axis=1)
        assert Observations.of(table, column="amount").values.tolist() == [1.0, 2.0, 3.0]

    def test_a_series_may_be_named_by_its_own_name(self):
        assert Observations.of(self.frame["amount"], column="amount").name == "amount"


class TestLabels:
    words = ("b", "a", "b")

    @pytest.mark.parametrize(
        "make",
        [list, np.array, pd.Series, pd.Categorical, pl.Series, pa.array],
        ids=lambda kind: kind.__name__,
    )
    def test_distinct_values_are_the_levels_in_sorted_order(self, make):
        sample = Observations.of(make(self.words), labels=True)
        assert sample.levels == ("a", "b")
        assert sample.values.tolist() == [1, 0, 1]
        assert sample.values.dtype == np.int64

    def test_declared_levels_keep_their_order_and_those_never_seen(self):
        levels = ("c", "b", "a")
        ordered = pd.Categorical(self.words, categories=levels, ordered=True)
        for data in (ordered, pd.Series(ordered), pl.Series(self.words, dtype=pl.Enum(levels))):
            sample = Observations.of(data, labels=True)
            assert sample.levels == levels
            assert sample.values.tolist() == [1, 2, 1]

    def test_a_dictionary_array_declares_its_levels(self):
        data = pa.DictionaryArray.from_arrays(pa.array([1, 0, 1]), pa.array(["c", "b"]))
        assert Observations.of(data, labels=True).levels == ("c", "b")

    def test_numbers_are_labels_too(self):
        for data in ([3, 1, 3], np.array([3, 1, 3], dtype="u1"), [3.0, 1.0, 3.0]):
            assert Observations.of(data, labels=True).levels == (1, 3)

    def test_labels_without_an_order_keep_that_of_appearance(self):
        assert Observations.of(["b", 1, "b"], labels=True).levels == ("b", 1)

    def test_missing_labels_are_left_out_on_request(self):
        for data in (["b", None, "a"], pl.Series(["b", None, "a"]), pd.Series(["b", None, "a"])):
            sample = Observations.of(data, labels=True, nan_policy="omit")
            assert (sample.values.tolist(), sample.n_omitted) == ([1, 0], 1)


class TestWeights:
    def test_weights_may_be_a_column_an_array_or_a_series(self):
        frame = pd.DataFrame({"x": [1.0, 2.0], "w": [3, 4]}, index=["p", "q"])
        for weights in ("w", [3, 4], np.array([3, 4]), frame["w"], pl.Series([3, 4])):
            sample = Observations.of(frame, column="x", weights=weights)
            assert sample.weights is not None
            assert sample.weights.tolist() == [3.0, 4.0]

    def test_a_row_of_weight_zero_is_not_in_the_sample(self):
        sample = Observations.of(
            [1.0, None, 3.0, float("inf")], weights=[1, 0, 2, 0], by=["a", "b", "a", None]
        )
        assert sample.values.tolist() == [1.0, 3.0]
        assert sample.weights.tolist() == [1.0, 2.0]
        assert sample.groups.keys.tolist() == ["a"]
        assert sample.n_omitted == 0

    def test_the_constructor_leaves_out_rows_of_weight_zero_with_their_groups(self):
        groups = Groups(np.array([0, 1, 0]), pd.Index(["a", "b"]))
        sample = Observations([1.0, 2.0, 3.0], weights=[1.0, 0.0, 2.0], groups=groups)
        assert sample.values.tolist() == [1.0, 3.0]
        assert sample.groups.keys.tolist() == ["a"]

    def test_rows_are_named_as_the_user_knows_them_after_others_were_left_out(self):
        sample = Observations.of([9, None, 7, -6, 5], weights=[0, 1, 1, 1, 1], nan_policy="omit")
        assert sample.first_rows(sample.values < 0) == "row 3"


def test_messages_of_other_layers_name_rows_with_their_values_or_labels():
    sample = Observations.of(pd.Series([4.0, -1.0, -2.5], index=["p", "q", "r"]))
    labels = Observations.of(["b", "a"], labels=True)

    assert sample.first_rows(sample.values < 0) == "rows 'q' and 'r'"
    negative = sample.first_rows(sample.values < 0, with_values=True)
    assert negative == "rows 'q' and 'r', with values -1.0 and -2.5"
    assert labels.first_rows(labels.values == 1, with_values=True) == "row 0, with value 'b'"


def test_missing_values_weights_and_keys_are_left_out_together():
    frame = pd.DataFrame(
        {"x": [1, None, 3, 4, 5], "w": [1, 1, None, 1, 2], "g": ["b", "b", "a", None, "a"]}
    )
    sample = Observations.of(frame, column="x", weights="w", by="g", nan_policy="omit")

    assert sample.values.tolist() == [1.0, 5.0]
    assert sample.weights.tolist() == [1.0, 2.0]
    assert sample.groups.keys.tolist() == ["a", "b"]
    assert sample.groups.codes.tolist() == [1, 0]
    assert sample.n_omitted == 3


# ---- levels of a pandas index --------------------------------------------------------------------


def test_levels_of_an_index_are_read_by_their_name():
    frame = pd.DataFrame({"x": [1.0, 2, 3], "k": ["a", "b", "a"], "w": [1, 2, 1]})
    plain = Observations.of(frame, column="x", by="k", weights="w")
    indexed = Observations.of(frame.set_index(["k", "w"]), column="x", by="k", weights="w")
    np.testing.assert_array_equal(indexed.groups.codes, plain.groups.codes)
    assert indexed.groups.keys.equals(plain.groups.keys)
    assert indexed.groups.names == ("k",)
    np.testing.assert_array_equal(indexed.weights, plain.weights)


def test_a_column_goes_before_a_level_of_its_name():
    frame = pd.DataFrame({"k": [1.0, 2]}, index=pd.Index([7.0, 8], name="k"))
    np.testing.assert_array_equal(Observations.of(frame, column="k").values, [1, 2])
