"""Networks learn from Parquet files that are read a few row groups at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import nn
from mlestim.errors import DataError, OptionError, SeparationError, UnseenValueWarning
from mlestim.optim import LBFGS, Adam
from nn.estimators.streams import groups, predicting
from nn.tables.encoder import TableEncoder

SETTINGS = {"hidden": (16,), "epochs": 8, "optimizer": Adam(1e-2), "random_state": 0}


def made_table(n: int) -> pd.DataFrame:
    """Rows in the order of their class, as files often have them."""
    rng = np.random.default_rng(0)
    x, group = rng.normal(2.0, 3.0, n), rng.choice(["a", "b", "c"], n)
    y = np.where((x > 2.0) ^ (group == "c"), "yes", "no")
    return pd.DataFrame({"x": x, "group": group, "y": y, "w": 1.0}).sort_values("y")


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "rows.parquet"
    made_table(4000).to_parquet(path, row_group_size=500, index=False)
    return path


@pytest.fixture(autouse=True)
def small_buffer(monkeypatch) -> None:
    monkeypatch.setattr(groups, "ROWS", 1500)


def test_it_learns_what_it_would_from_a_table(path) -> None:
    table = made_table(4000)
    streamed = nn.Classifier(**SETTINGS).fit(path, "y", sample_weight="w")
    assert streamed.feature_names_in_.tolist() == ["x", "group"]
    assert streamed.target_name_ == "y"
    assert streamed.score(table[["x", "group"]], table["y"]) > 0.97
    assert streamed.history_["validation_loss"].iloc[-1] < 0.15
    whole = TableEncoder.fit(table[["x", "group"]], limited=True)
    assert streamed.encoder_.features[1] == whole.features[1]
    assert streamed.encoder_.features[0].sd == pytest.approx(whole.features[0].sd, rel=1e-12)


def test_it_repeats_to_the_last_bit(path) -> None:
    first, second = (nn.Classifier(**SETTINGS).fit(path, "y") for _ in range(2))
    np.testing.assert_array_equal(first.network_.parameters, second.network_.parameters)


def test_a_folder_is_one_table(path, tmp_path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    table = parquet.read_table(path)
    parquet.write_table(table[:2000], folder / "1.parquet", row_group_size=500)
    parquet.write_table(table[2000:], folder / "2.parquet", row_group_size=500)
    of_folder = nn.Classifier(**SETTINGS).fit(folder, "y")
    of_file = nn.Classifier(**SETTINGS).fit(path, "y")
    np.testing.assert_array_equal(of_folder.network_.parameters, of_file.network_.parameters)


def test_the_prior_is_that_of_all_rows_however_they_are_read(tmp_path, monkeypatch) -> None:
    path = tmp_path / "shuffled.parquet"
    made_table(4000).sample(frac=1.0, random_state=0).to_parquet(
        path, row_group_size=500, index=False
    )
    settings = SETTINGS | {"penalty": 200.0, "early_stopping": False, "epochs": 30}
    in_parts = nn.Classifier(**settings).fit(path, "y")
    monkeypatch.setattr(groups, "ROWS", 3999)
    at_once = nn.Classifier(**settings).fit(path, "y")
    sizes = [np.abs(model.network_.layers[0].W).sum() for model in (in_parts, at_once)]
    # A prior of full strength in each of three portions would shrink weights by far more.
    assert sizes[0] == pytest.approx(sizes[1], rel=0.1)


def test_a_regressor_streams_too(path) -> None:
    regressor = nn.Regressor(hidden=(), epochs=5, optimizer=Adam(1e-2), random_state=0)
    regressor.fit(path, "x")
    assert regressor.centre_ == pytest.approx(2.0, abs=0.2)  # standard error 0.05
    assert len(regressor.history_) == 5


def test_without_hidden_layers_a_file_gives_what_its_table_gives(path) -> None:
    table = made_table(4000)
    settings = {"hidden": (), "penalty": 1.0}
    of_file = nn.Classifier(**settings).fit(path, "y", sample_weight="w")
    of_table = nn.Classifier(**settings).fit(table[["x", "group"]], table["y"])
    assert of_file.target_name_ == "y"
    # Sums over columns in another layout round otherwise; the search stops at a slope of 1e-9.
    np.testing.assert_allclose(of_file.coef_, of_table.coef_, rtol=1e-5)
    separated = table.assign(x=(table["y"] == "yes") + 0.1 * table["x"].rank(pct=True))
    separated.to_parquet(path, row_group_size=500, index=False)
    with pytest.raises(SeparationError, match="'x' alone"):
        nn.Classifier(hidden=(), penalty=None).fit(path, "y")


@pytest.fixture
def streamed(path) -> nn.Classifier:
    return nn.Classifier(**SETTINGS | {"epochs": 2}).fit(path, "y")


def test_a_file_is_predicted_a_part_at_a_time(path, streamed, monkeypatch) -> None:
    table = made_table(4000)
    features = table[["x", "group", "w"]]
    whole = streamed.predict_proba(features)
    monkeypatch.setattr(predicting, "ROWS", 700)
    np.testing.assert_allclose(streamed.predict_proba(path), whole, rtol=1e-6)  # float32
    np.testing.assert_array_equal(streamed.predict(path), streamed.predict(features))
    assert streamed.score(path, "y") == streamed.score(features, table["y"])
    weights = np.arange(4000) % 2
    table.assign(v=weights).to_parquet(path, row_group_size=500)
    assert streamed.score(path, "y", "v") == streamed.score(features, table["y"], weights)
    regressor = nn.Regressor(hidden=(), penalty=1.0).fit(features[["group"]], table["x"])
    assert regressor.score(path, "x") == pytest.approx(
        regressor.score(features[["group"]], table["x"]), rel=1e-12
    )
    rows = regressor.predict_distribution(path)
    np.testing.assert_array_equal(rows.mean(), regressor.predict(features[["group"]]))


def test_rows_that_training_did_not_show_are_counted_through_the_file(
    path, streamed, monkeypatch
) -> None:
    monkeypatch.setattr(predicting, "ROWS", 700)
    table = made_table(2000)
    table.iloc[1505, 1] = "d"
    table.to_parquet(path, index=False)
    with pytest.warns(UnseenValueWarning, match="'group'.* row 1505;"):
        streamed.predict(path)


def test_files_that_cannot_be_predicted_are_refused(path, streamed) -> None:
    made_table(100).drop(columns="x").to_parquet(path)
    with pytest.raises(ValueError, match="x"):
        streamed.predict(path)
    with pytest.raises(DataError, match="names of its columns"):
        streamed.score(path, [1, 2])
    unnamed = nn.Classifier(hidden=(), penalty=1.0).fit([[0.0], [1.0]] * 20, [0, 1] * 20)
    with pytest.raises(DataError, match="no names to be found by"):
        unnamed.predict(path)


def test_weights_of_classes_count_in_the_units_too(path) -> None:
    table = made_table(4000)
    settings = SETTINGS | {"epochs": 1, "class_weight": {"yes": 9.0}}
    streamed = nn.Classifier(**settings).fit(path, "y")
    in_memory = nn.Classifier(**settings).fit(table[["x", "group"]], table["y"])
    plain = nn.Classifier(**settings | {"class_weight": None}).fit(path, "y")
    units = [model.encoder_.features[0] for model in (streamed, in_memory, plain)]
    assert units[0].mean == pytest.approx(units[1].mean, rel=1e-12)
    assert units[0].sd == pytest.approx(units[1].sd, rel=1e-12)
    assert abs(units[0].mean - units[2].mean) > 0.5
    # A class that does not count is not learned from, not even where it is all of a row group.
    nothing = nn.Classifier(**settings | {"class_weight": {"yes": 0.0}}).fit(path, "y")
    assert nothing.predict_proba(path)[:, 0].min() > 0.5


def test_what_cannot_be_learned_from_is_said(path, tmp_path) -> None:
    with pytest.raises(DataError, match="no column 'z'"):
        nn.Classifier().fit(path, "z")
    with pytest.raises(DataError, match="no Parquet file"):
        nn.Classifier().fit(tmp_path / "nothing.parquet", "y")
    with pytest.raises(DataError, match="names of its columns"):
        nn.Classifier().fit(path, [1, 2])
    with pytest.raises(OptionError, match="L-BFGS needs all rows"):
        nn.Classifier(optimizer=LBFGS()).fit(path, "y")
    (tmp_path / "damaged.parquet").write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        nn.Classifier().fit(tmp_path / "damaged.parquet", "y")
    gap = pa.table({"x": [1.0, 2.0], "y": ["a", None]})
    parquet.write_table(gap, tmp_path / "gap.parquet")
    with pytest.raises(DataError, match=r"'y' of .* holds no finite value in row 1,"):
        nn.Classifier().fit(tmp_path / "gap.parquet", "y")
