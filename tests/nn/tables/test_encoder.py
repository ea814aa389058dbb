"""A table of mixed columns becomes a matrix, at prediction by what training saw."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlestim.errors import DataError, UnseenValueWarning
from nn.tables.encoder import TableEncoder, merged, summarise_table

# Means and standard deviations are sums of a few terms of order 1 to 1000.
ROUNDING = 1e-12


@pytest.fixture
def penguins() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "mass": [3750.0, 3800.0, None, 5000.0, 5400.0, 4300.0],
            "island": ["Torgersen", "Torgersen", "Biscoe", "Biscoe", None, "Dream"],
            "tagged": [True, False, True, True, False, False],
        }
    )


def test_numbers_are_standardised_and_categories_have_a_column_each(penguins) -> None:
    encoder = TableEncoder.fit(penguins)
    matrix = encoder.transform(penguins)
    mass = penguins["mass"]
    assert encoder.names_out == [
        "mass",
        "mass missing",
        "island=Biscoe",
        "island=Dream",
        "island=Torgersen",
        "island missing",
        "tagged",
    ]
    expected = ((mass - mass.mean()) / mass.std(ddof=0)).fillna(0.0)
    np.testing.assert_allclose(matrix[:, 0], expected, rtol=ROUNDING)
    assert matrix[:, 1].tolist() == [0, 0, 1, 0, 0, 0]
    assert matrix[:, 2:6].argmax(axis=1).tolist() == [2, 2, 0, 0, 3, 1]
    assert matrix[:, 2:6].sum(axis=1).tolist() == [1] * 6
    assert matrix[:, 6].tolist() == [1, -1, 1, 1, -1, -1]


@pytest.mark.parametrize("convert", [pl.from_pandas, pa.Table.from_pandas])
def test_frames_of_other_libraries_give_the_same_matrix(penguins, convert) -> None:
    table = convert(penguins)
    encoder = TableEncoder.fit(table)
    assert encoder == TableEncoder.fit(penguins)
    np.testing.assert_array_equal(encoder.transform(table), encoder.transform(penguins))


def test_arrays_are_read_as_numbers() -> None:
    x = np.random.default_rng(0).normal(3.0, 2.0, (50, 4))
    matrix = TableEncoder.fit(x).transform(x)
    np.testing.assert_allclose(matrix.mean(axis=0), 0.0, atol=ROUNDING)
    np.testing.assert_allclose(matrix.std(axis=0), 1.0, rtol=ROUNDING)
    assert TableEncoder.fit(x).transform(x, np.float32).dtype == np.float32


def test_missing_values_of_an_array_are_marked() -> None:
    x = np.array([[1.0, 2.0], [np.nan, 4.0], [3.0, 6.0]])
    matrix = TableEncoder.fit(x).transform(x)
    assert matrix[:, :2].tolist() == [[-1, 0], [0, 1], [1, 0]]


def test_a_constant_is_centred_only() -> None:
    x = np.full((5, 1), 0.1)
    assert TableEncoder.fit(x).transform(x + 1.0).tolist() == [[1.0]] * 5


def test_outliers_count_by_the_logarithm_of_their_distance_where_that_is_asked_for() -> None:
    x = np.array([[-1.0], [1.0]] * 50)  # mean 0, standard deviation 1
    limited = TableEncoder.fit(x, limited=True)
    z = limited.transform(np.array([[2.5], [3.0], [-4.0], [1e9]]))
    np.testing.assert_allclose(
        z[:, 0], [2.5, 3.0, -3.0 - np.log(2.0), 3.0 + np.log(1e9 - 2.0)], rtol=ROUNDING
    )
    assert TableEncoder.from_state(limited.state()) == limited


def test_the_state_is_plain_json_and_reads_back_exactly(penguins) -> None:
    encoder = TableEncoder.fit(penguins)
    assert TableEncoder.from_state(json.loads(json.dumps(encoder.state()))) == encoder


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"named": True, "features": [{"name": "a", "kind": "number"}]},
        {
            "named": True,
            "features": [
                {
                    "name": "a",
                    "kind": "number",
                    "mean": 0,
                    "sd": 0,
                    "missing": False,
                    "limited": False,
                }
            ],
        },
        {
            "named": True,
            "features": [
                {"name": "a", "kind": "category", "levels": [[]], "other": True, "missing": False}
            ],
        },
    ],
)
def test_a_false_state_is_refused(state) -> None:
    with pytest.raises(ValueError, match="describes no"):
        TableEncoder.from_state(state)


def test_unseen_categories_are_warned_about_and_are_in_no_category(penguins) -> None:
    encoder = TableEncoder.fit(penguins)
    new = penguins.assign(island="Anvers").iloc[:1]
    with pytest.warns(UnseenValueWarning, match="'island' holds no known category in row 0"):
        matrix = encoder.transform(new)
    assert matrix[0, 2:6].tolist() == [0, 0, 0, 0]


def test_unseen_categories_join_the_rare_ones() -> None:
    levels = ["a"] * 600 + ["b"] * 595 + ["c"] * 3 + ["d"] * 2
    encoder = TableEncoder.fit(pd.DataFrame({"level": levels}))
    assert encoder.names_out == ["level=a", "level=b", "level other"]
    new = pd.DataFrame({"level": ["b", "c", "z"]})
    assert encoder.transform(new).argmax(axis=1).tolist() == [1, 2, 2]


@pytest.mark.parametrize("codes", [[3, 12], [3.0, 12.0, None], pd.array([3, 12, None], "Int64")])
def test_codes_without_letters_are_known_by_their_digits(codes) -> None:
    encoder = TableEncoder.fit(pd.DataFrame({"code": ["A1", "3", "12", None]}))
    expected = encoder.transform(pd.DataFrame({"code": ["3", "12", None][: len(codes)]}))
    np.testing.assert_array_equal(encoder.transform(pd.DataFrame({"code": codes})), expected)
    answers = TableEncoder.fit(pd.DataFrame({"code": ["True", "False", "unknown"]}))
    assert answers.transform(pd.DataFrame({"code": [True]})).tolist() == [[0.0, 1.0, 0.0]]


def test_a_value_missing_for_the_first_time_is_warned_about() -> None:
    encoder = TableEncoder.fit(pd.DataFrame({"age": [1.0, 3.0]}))
    with pytest.warns(UnseenValueWarning, match="'age' holds no value in row 1"):
        matrix = encoder.transform(pd.DataFrame({"age": [3.0, None]}))
    assert matrix.tolist() == [[1.0], [0.0]]
    with pytest.warns(UnseenValueWarning, match="'x0' holds no value in row 0"):
        TableEncoder.fit(np.array([[1.0], [3.0]])).transform(np.array([[np.nan]]))


def test_rows_of_weight_0_are_not_there_and_weights_repeat_rows() -> None:
    table = pd.DataFrame({"x": [1.0, 2.0, 100.0], "c": ["a", "b", "z"]})
    weighted = TableEncoder.fit(table, np.array([2.0, 1.0, 0.0]))
    repeated = TableEncoder.fit(table.iloc[[0, 0, 1]])
    assert weighted.names_out == repeated.names_out
    assert weighted.features[0].mean == pytest.approx(repeated.features[0].mean, rel=ROUNDING)
    assert weighted.features[0].sd == pytest.approx(repeated.features[0].sd, rel=ROUNDING)


def test_summaries_of_parts_merge_to_that_of_the_whole() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": 1e6 + rng.normal(size=90), "c": rng.choice(list("abc"), 90)})
    parts = [summarise_table(table.iloc[k : k + 30]) for k in (0, 30, 60)]
    summary = merged(merged(parts[0], parts[1]), parts[2])
    merge, whole = TableEncoder.of_summaries(summary, named=True), TableEncoder.fit(table)
    # Around a mean of 1e6, a deviation of 1 has ten digits.
    assert merge.features[0].mean == pytest.approx(whole.features[0].mean, rel=1e-15)
    assert merge.features[0].sd == pytest.approx(whole.features[0].sd, rel=1e-9)
    assert merge.features[1] == whole.features[1]


def test_other_features_than_in_training_are_named(penguins) -> None:
    encoder = TableEncoder.fit(penguins)
    with pytest.raises(DataError, match="'tagged' missing; 'ringed' unknown"):
        encoder.transform(penguins.rename(columns={"tagged": "ringed"}))
    with pytest.raises(DataError, match="another order"):
        encoder.transform(penguins[["island", "mass", "tagged"]])
    with pytest.raises(DataError, match=r"shape \(2, 2\)"):
        encoder.transform(np.ones((2, 2)))


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (pd.DataFrame({"a": [1.0, np.inf]}), "infinity.*row 1"),
        (pd.DataFrame({"a": pd.to_datetime(["2020-01-01", "2020-01-02"])}), "dates"),
        (pd.DataFrame({"a": pd.Series([("x",), "y"], dtype=object)}), "type tuple"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "duplicate"),
        (pd.DataFrame(index=[0, 1]), "no feature"),
        (np.array([[1e308], [-1e308], [1e308]]), "too large"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_what_cannot_be_a_feature_is_refused_by_name(table, problem) -> None:
    with pytest.raises(DataError, match=problem):
        TableEncoder.fit(table)


@pytest.mark.parametrize("values", [[np.nan, np.nan], pd.Series([None, None], dtype="str")])
def test_columns_without_a_value_are_constant(values) -> None:
    table = pd.DataFrame({"a": values, "b": [1.0, 3.0]})
    with pytest.warns(UnseenValueWarning, match="no row holds a value of 'a'"):
        encoder = TableEncoder.fit(table)
    assert np.ptp(encoder.transform(table)[:, 0]) == 0.0
    assert TableEncoder.from_state(encoder.state()) == encoder
    for value in (2.0, "text"):  # whatever it would have held
        with pytest.warns(UnseenValueWarning, match="'a' holds a value"):
            seen = encoder.transform(pd.DataFrame({"a": [value], "b": [3.0]}))
        assert seen[0, 0] == 0.0


def test_text_where_training_had_numbers_is_refused() -> None:
    encoder = TableEncoder.fit(pd.DataFrame({"a": [1.0, 2.0]}))
    with pytest.raises(DataError, match=r"column 'a'.*text"):
        encoder.transform(pd.DataFrame({"a": ["1", "2"]}))


def test_a_wide_number_of_levels_keeps_the_most_frequent() -> None:
    levels = [f"level {k:04d}" for k in range(400) for _ in range(12 if k % 2 else 11)]
    encoder = TableEncoder.fit(pd.DataFrame({"c": levels}))
    assert encoder.width == 256
    assert "c=level 0001" in encoder.names_out
    assert encoder.names_out[-1] == "c other"


def test_small_differences_of_large_numbers_are_no_constant() -> None:
    x = 1e12 + 1e-3 * np.arange(10.0)  # the sixteenth digit is a ten thousandth
    z = TableEncoder.fit(x[:, None], np.ones(10)).transform(x[:, None], np.float64)
    assert z.std() == pytest.approx(1.0, abs=0.01)
    rounded = np.array([0.1 + 0.2, 0.3, 0.3])[:, None]
    z = TableEncoder.fit(rounded, np.ones(3)).transform(rounded, np.float64)
    np.testing.assert_allclose(z, 0.0, atol=1e-15)


def test_differences_whose_squares_vanish_are_refused() -> None:
    with pytest.raises(DataError, match=r"'x0'.*squares vanish"):
        TableEncoder.fit(1e-200 * np.arange(10.0)[:, None], np.ones(10))
