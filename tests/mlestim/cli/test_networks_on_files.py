"""`mlestim train`, `resume`, `predict` and `evaluate` on Parquet files that are read a part at a time."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import nn
from tests.mlestim.cli.flowers import make_flowers, train


@pytest.fixture
def small_parts(monkeypatch) -> None:
    """Let files be large from a few rows on."""
    monkeypatch.setattr("mlestim.cli.networks.files.ROWS", 50)
    monkeypatch.setattr("nn.estimators.streams.groups.ROWS", 50)


def pieces_of(flowers: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "pieces"
    folder.mkdir()
    table = pd.read_csv(flowers)
    table["weight"] = 1.0 + np.arange(len(table)) % 2
    for place, part in enumerate((table[:70], table[70:])):
        part.to_parquet(folder / f"{place}.parquet", index=False)
    return folder


@pytest.mark.usefixtures("small_parts")
def test_folders_of_parquet_files_are_read_a_part_at_a_time(
    mlestim, flowers, model, tmp_path
) -> None:
    pieces = pieces_of(flowers, tmp_path)
    chosen = ("--feature", "petal", "--feature", "colour", "--weights", "weight")
    trained = train(mlestim, pieces, model, *chosen, "--batch-size", 8, "--epochs", 15)
    assert trained.exit_code == 0, trained.output
    assert "3 classes from 2 features of 120 rows" in trained.stdout
    classifier = nn.load(model)
    expected = classifier.predict(pd.read_csv(flowers)[["petal", "colour"]])

    printed = mlestim("predict", model, pieces)
    assert printed.exit_code == 0, printed.output
    table = pd.read_csv(io.StringIO(printed.stdout))
    assert table["prediction"].tolist() == expected.tolist()
    for name, read in (("out.parquet", pd.read_parquet), ("out.csv", pd.read_csv)):
        written = mlestim("predict", model, pieces, "-o", tmp_path / name)
        assert "120 rows" in written.stderr
        pd.testing.assert_frame_equal(read(tmp_path / name), table, check_dtype=False)
    measures = json.loads(mlestim("evaluate", model, pieces, "--json").stdout)
    assert measures["rows"] == 120
    right = (expected == pd.read_csv(flowers)["species"]).mean()
    assert measures["accuracy"] == pytest.approx(right, rel=1e-5)  # six digits


@pytest.mark.usefixtures("small_parts")
def test_an_interrupted_training_on_files_is_resumed_to_the_same_model(
    mlestim, flowers, model, tmp_path
) -> None:
    pieces, checkpoint = pieces_of(flowers, tmp_path), tmp_path / "flowers.checkpoint"
    whole = tmp_path / "whole.safetensors"
    train(mlestim, pieces, whole, "--checkpoint", tmp_path / "other", "--epochs", 4)
    train(mlestim, pieces, model, "--checkpoint", checkpoint, "--epochs", 2)
    resumed = mlestim("resume", checkpoint, "--epochs", 4)
    assert resumed.exit_code == 0, resumed.output
    expected = nn.load(whole).network_.parameters
    np.testing.assert_array_equal(nn.load(model).network_.parameters, expected)


@pytest.mark.usefixtures("small_parts")
def test_what_files_are_read_whole_for_is_said(mlestim, flowers, model, tmp_path) -> None:
    table = pd.read_csv(flowers).assign(status="ended")
    table.loc[3, "height"] = None
    gaps = tmp_path / "gaps.parquet"
    table.to_parquet(gaps)
    refused = train(mlestim, gaps, model, target="height")
    assert "column 'height' is missing in row 4" in refused.stderr
    trained = train(mlestim, gaps, model, "--nan-policy", "omit", target="height")
    assert trained.exit_code == 0, trained.output
    assert "gaps.parquet is read at once" in trained.stderr
    table.loc[3, "height"] = 10.0
    table.to_parquet(gaps)
    options = ("--family", "gamma", "--event", "status=ended", "--force")
    censored = train(mlestim, gaps, model, *options, target="height")
    assert censored.exit_code == 0, censored.output
    assert "no column of booleans" in censored.stderr
    wrong = train(mlestim, gaps, model, "--weights", "wieght", "--force")
    assert wrong.exit_code == 1
    assert "wieght" in wrong.stderr


@pytest.mark.usefixtures("small_parts")
def test_new_categories_of_files_are_remarked_on_once(mlestim, flowers, model, tmp_path) -> None:
    train(mlestim, flowers, model)
    new = tmp_path / "new.parquet"
    make_flowers(120).assign(colour="green").to_parquet(new)
    predicted = mlestim("predict", model, new, "-o", tmp_path / "out.csv")
    assert predicted.stderr.count("column 'colour' holds no known category") == 1
    lacking = tmp_path / "lacking.parquet"
    make_flowers(120).drop(columns="stem").to_parquet(lacking)
    for command in ("predict", "evaluate"):
        refused = mlestim(command, model, lacking)
        assert refused.exit_code == 1
        assert "lacks columns that the model was trained on: stem" in refused.stderr
