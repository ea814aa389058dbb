"""Groups: sorted keys of the user's type, and the order that brings each group's rows together."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlestim.sample import Groups, Observations

VALUES = [1.0, 2.0, 3.0, 4.0]
DAYS = pd.to_datetime(["2026-02-01", "2026-01-01", "2026-02-01", "2026-01-01"])


def groups_of(by, data=VALUES, **options) -> Groups:
    groups = Observations.of(data, by=by, **options).groups
    assert groups is not None
    return groups


KEYS = {
    "list of text": (["b", "a", "b", "a"], ["a", "b"], "str"),
    "tuple of text": (("b", "a", "b", "a"), ["a", "b"], "str"),
    "integers": (np.array([7, -2, 7, -2], dtype="i2"), [-2, 7], "int16"),
    "integers far apart": (np.array([2**60, -2, 2**60, -2]), [-2, 2**60], "int64"),
    "truth values": ([True, False, True, False], [False, True], "bool"),
    "floats": (np.array([0.5, -0.5, 0.5, -0.5], dtype="f2"), [-0.5, 0.5], "float64"),
    "numpy text": (np.array(["b", "a", "b", "a"]), ["a", "b"], "str"),
    "timestamps": (pd.Series(DAYS), list(DAYS[[1, 0]]), str(DAYS.dtype)),
    "zoned timestamps": (
        pd.Series(DAYS.tz_localize("Asia/Tokyo")),
        list(DAYS[[1, 0]].tz_localize("Asia/Tokyo")),
        str(DAYS.tz_localize("Asia/Tokyo").dtype),
    ),
    "dates": ([day.date() for day in DAYS], [DAYS[1].date(), DAYS[0].date()], "object"),
    "polars text": (pl.Series(["b", "a", "b", "a"]), ["a", "b"], "str"),
    "polars integers": (pl.Series([7, -2, 7, -2], dtype=pl.Int16), [-2, 7], "int16"),
    "pyarrow text": (pa.array(["b", "a", "b", "a"]), ["a", "b"], "str"),
    "nullable integers": (pd.array([7, -2, 7, -2]), [-2, 7], "Int64"),
    "categories, in their order": (
        pd.Categorical(["y", "x", "y", "x"], categories=["z", "x", "y"]),
        ["x", "y"],
        "category",
    ),
    "enum, in its order": (
        pl.Series(["a", "b", "a", "b"], dtype=pl.Enum(["c", "b", "a"])),
        ["b", "a"],
        "category",
    ),
}


@pytest.mark.parametrize(("by", "keys", "dtype"), KEYS.values(), ids=KEYS)
def test_keys_are_sorted_and_keep_their_type(by, keys, dtype):
    groups = groups_of(by)

    assert groups.keys.tolist() == keys
    # pandas 2 holds text as objects
    assert str(groups.keys.dtype) in ({"str", "object"} if dtype == "str" else {dtype})
    assert groups.codes.tolist() == [1, 0, 1, 0]
    assert groups.codes.dtype == np.intp
    assert len(groups) == 2


def test_keys_without_an_order_keep_that_of_appearance():
    groups = groups_of(["b", 1, "b", 1])

    assert groups.keys.tolist() == ["b", 1]
    assert groups.codes.tolist() == [0, 1, 0, 1]


def test_categories_never_seen_are_no_keys():
    keys = groups_of(pd.Categorical(["y", "x", "y", "x"], categories=["z", "x", "y"])).keys

    assert list(keys.categories) == ["x", "y"]


def test_several_columns_give_the_combinations_that_occur_in_lexicographic_order():
    frame = pd.DataFrame(
        {"x": VALUES, "region": ["s", "n", "s", "n"], "year": [2026, 2026, 2025, 2026]}
    )
    for table in (frame, pl.from_pandas(frame), pa.Table.from_pandas(frame)):
        groups = groups_of(["region", "year"], table, column="x")

        assert groups.keys.tolist() == [("n", 2026), ("s", 2025), ("s", 2026)]
        assert groups.codes.tolist() == [2, 0, 1, 0]
        assert groups.names == ("region", "year")


def test_many_levels_in_several_columns_need_no_table_of_all_combinations():
    ids = np.arange(50_000)[::-1]
    groups = groups_of([ids, ids * 7, ids // 2], data=ids)

    assert len(groups) == 50_000
    assert groups.keys[0] == (0, 0, 0)
    assert np.array_equal(groups.codes, ids)


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("g", ("g",)),
        (["g"], ("g",)),
        (pd.Series([1, 2, 1, 2], name="side"), ("side",)),
        ([1, 2, 1, 2], ("group",)),
        ([[1, 2, 1, 2], ["u", "u", "v", "v"]], ("group_1", "group_2")),
        (["g", np.array([1, 2, 1, 2])], ("g", "group_2")),
    ],
)
def test_names_come_from_columns_and_series(by, names):
    frame = pd.DataFrame({"x": VALUES, "g": ["a", "b", "a", "b"]})

    assert groups_of(by, frame, column="x").names == names


def test_keys_without_row_labels_go_by_position():
    frame = pd.DataFrame({"x": VALUES}, index=list("pqrs"))
    text = ["b", "a", "b", "a"]
    for by in (text, pd.Categorical(text), pd.Index(text), pa.array(pd.Categorical(text))):
        assert groups_of(by, frame).codes.tolist() == [1, 0, 1, 0]


def test_a_list_of_column_names_is_no_list_of_keys_even_if_its_length_fits():
    frame = pd.DataFrame({"x": [1.0, 2.0], "g": ["a", "a"], "h": ["b", "b"]})

    assert groups_of(["g", "h"], frame, column="x").keys.tolist() == [("a", "b")]


def test_the_layout_brings_each_group_together_and_keeps_its_rows_in_order():
    layout = groups_of(["b", "a", "b", "a"]).sorted_layout()

    assert np.array(VALUES)[layout.order].tolist() == [2.0, 4.0, 1.0, 3.0]
    assert layout.starts.tolist() == [0, 2]
    assert layout.sizes.tolist() == [2, 2]


@pytest.mark.parametrize("n_groups", [1, 3, 255, 256, 257, 65_535, 65_537, 150_000])
def test_the_layout_is_a_stable_sort_for_every_number_of_groups(n_groups):
    codes = np.random.default_rng(n_groups).integers(n_groups, size=2 * n_groups + 10)
    codes[:n_groups] = np.arange(n_groups)
    groups = Groups(codes, pd.RangeIndex(n_groups))

    order, starts, sizes = groups.sorted_layout()

    assert np.array_equal(order, np.argsort(codes, kind="stable"))
    assert np.array_equal(sizes, np.bincount(codes))
    assert np.array_equal(codes[order][starts], np.arange(n_groups))


def test_the_layout_is_worked_out_once():
    groups = groups_of([1, 2, 1, 2])

    assert groups.sorted_layout() is groups.sorted_layout()


def test_keys_that_lose_all_their_rows_vanish():
    groups = groups_of(["b", "a", "c", "a"]).take(np.array([True, False, True, False]))

    assert groups.keys.tolist() == ["b", "c"]
    assert groups.codes.tolist() == [0, 1]


def test_dates_group_alike_in_every_library():
    days = [dt.date(2026, 2, 1), dt.date(2026, 1, 1)] * 2
    for by in (days, pd.Series(days), pl.Series(days), pa.array(days)):
        assert groups_of(by).keys.tolist() == [days[1], days[0]]
