"""`mlestim train`, `resume`, `predict` and `evaluate`."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest

import nn
from tests.mlestim.cli.flowers import make_flowers, train


def test_train_predict_and_evaluate(mlestim, flowers, model) -> None:
    trained = train(mlestim, flowers, model)
    assert trained.exit_code == 0, trained.output
    assert "species: 3 classes from 4 features of 120 rows." in trained.stdout
    assert f"mlestim evaluate {model}" in trained.stdout
    assert "epoch 1 of at most 40: loss" in trained.stderr

    predicted = mlestim("predict", model, flowers)
    assert predicted.exit_code == 0, predicted.output
    table = pd.read_csv(io.StringIO(predicted.stdout))
    assert table.columns.tolist() == [
        "prediction",
        "probability_iris",
        "probability_rose",
        "probability_tulip",
    ]
    assert (table["prediction"] == pd.read_csv(flowers)["species"]).mean() > 0.9

    evaluated = mlestim("evaluate", model, flowers)
    assert evaluated.exit_code == 0, evaluated.output
    assert "accuracy" in evaluated.stdout
    assert "tulip" in evaluated.stdout


def test_parquet_is_read_and_written(mlestim, flowers, model, tmp_path) -> None:
    table, predictions = tmp_path / "flowers.parquet", tmp_path / "predictions.parquet"
    pd.read_csv(flowers).to_parquet(table)
    assert train(mlestim, table, model).exit_code == 0
    written = mlestim("predict", model, table, "-o", predictions)
    assert written.exit_code == 0, written.output
    assert written.stdout == ""
    assert len(pd.read_parquet(predictions)) == 120
    again = mlestim("predict", model, table, "-o", predictions)
    assert again.exit_code == 1
    assert "--force" in again.stderr


def test_json_is_for_programs(mlestim, flowers, model) -> None:
    told = json.loads(train(mlestim, flowers, model, "--json").stdout)
    assert told["classes"] == ["iris", "rose", "tulip"]
    assert told["features"] == ["petal", "stem", "colour", "height"]
    rows = json.loads(mlestim("predict", model, flowers, "--json").stdout)
    assert sum(rows[0][name] for name in rows[0] if name != "prediction") == pytest.approx(1.0)
    measures = json.loads(mlestim("evaluate", model, flowers, "--json").stdout)
    assert measures["accuracy"] > 0.9
    assert measures["rows"] == 120
    assert isinstance(measures["rows"], int)
    assert sum(row["right"] for row in measures["classes"]) == round(measures["accuracy"] * 120)


def test_numbers_are_regressed_on(mlestim, flowers, model) -> None:
    trained = train(mlestim, flowers, model, target="height")
    assert "height: numbers, read as measurements." in trained.stderr
    measures = json.loads(mlestim("evaluate", model, flowers, "--json").stdout)
    assert measures["r_squared"] > 0.8
    assert 0.7 < measures["share_inside_interval"] <= 1.0
    table = pd.read_csv(io.StringIO(mlestim("predict", model, flowers).stdout))
    assert table.columns.tolist() == ["prediction", "parameter_mean", "parameter_sd"]


def test_measures_that_are_no_numbers_are_json_too(mlestim, flowers, model, tmp_path) -> None:
    """Rows that do not differ have no R², and those outside the support no likelihood."""
    train(mlestim, flowers, model, "--family", "gamma", target="height")
    same = tmp_path / "same.csv"
    make_flowers(5).assign(height=-1.0).to_csv(same, index=False)
    evaluated = mlestim("evaluate", model, same, "--json")
    assert evaluated.exit_code == 0, evaluated.output
    measures = json.loads(evaluated.stdout)
    assert measures["r_squared"] is None
    assert measures["log_likelihood"] == "-Infinity"


def test_a_family_can_be_given(mlestim, flowers, model) -> None:
    trained = train(mlestim, flowers, model, "--family", "gamma", target="height")
    assert "a gamma distribution" in trained.stdout
    assert nn.load(model).family == "gamma"


def test_an_interrupted_training_is_resumed_to_the_same_model(
    mlestim, flowers, model, tmp_path
) -> None:
    whole, checkpoint = tmp_path / "whole.safetensors", tmp_path / "flowers.checkpoint"
    rest = ("--dropout", 0.2, "--checkpoint")
    train(mlestim, flowers, whole, *rest, tmp_path / "other.checkpoint", "--epochs", 10)
    train(mlestim, flowers, model, *rest, checkpoint, "--epochs", 4)
    resumed = mlestim("resume", checkpoint, "--epochs", 10)
    assert resumed.exit_code == 0, resumed.output
    expected = nn.load(whole).network_.parameters
    np.testing.assert_array_equal(nn.load(model).network_.parameters, expected)


def test_fewer_epochs_than_are_done_are_wrong_usage(mlestim, flowers, model, tmp_path) -> None:
    checkpoint = tmp_path / "flowers.checkpoint"
    train(mlestim, flowers, model, "--checkpoint", checkpoint, "--epochs", 4)
    resumed = mlestim("resume", checkpoint, "--epochs", 3)
    assert resumed.exit_code == 2
    assert "4 epochs are done" in resumed.stderr


def test_what_was_not_kept_cannot_be_resumed(mlestim, tmp_path) -> None:
    nothing = mlestim("resume", tmp_path / "nothing")
    assert nothing.exit_code == 1
    assert "--checkpoint" in nothing.stderr
    nn.save(nn.Sequential(nn.ReLU()), tmp_path / "model")
    finished = mlestim("resume", tmp_path / "model")
    assert finished.exit_code == 1
    assert "is a model and not a checkpoint" in finished.stderr
    (tmp_path / "damaged.json").write_text("{")
    assert mlestim("resume", tmp_path / "damaged").exit_code == 1


def test_a_training_whose_state_is_gone_is_not_begun_anew(
    mlestim, flowers, model, tmp_path
) -> None:
    checkpoint = tmp_path / "flowers.checkpoint"
    train(mlestim, flowers, model, "--checkpoint", checkpoint, "--epochs", 2)
    before = model.read_bytes()
    checkpoint.unlink()
    resumed = mlestim("resume", checkpoint)
    assert resumed.exit_code == 1
    assert "begin anew" in resumed.stderr
    assert model.read_bytes() == before


def test_new_categories_are_remarked_on(mlestim, flowers, model, tmp_path) -> None:
    train(mlestim, flowers, model)
    new = tmp_path / "new.csv"
    make_flowers(5).assign(colour="green").to_csv(new, index=False)
    predicted = mlestim("predict", model, new)
    assert predicted.exit_code == 0
    assert "column 'colour' holds no known category" in predicted.stderr
    assert predicted.stdout.count("\n") == 6


@pytest.mark.parametrize(
    ("options", "code", "problem"),
    [
        (("--target", "specie"), 1, "Did you mean 'species'"),
        (("--target", "colour"), 1, "is missing in lines"),
        (("--target", "species", "--feature", "petall"), 1, "Did you mean 'petal'"),
        (("--target", "species", "--feature", "species"), 2, "also a --feature"),
        (("--target", "species", "--hidden", "8,x"), 2, "no list of widths"),
        (("--target", "species", "--family", "gamma"), 1, "takes numbers"),
        (("--target", "height", "--family", "gama"), 2, "gamma"),
        ((), 2, "--target"),
    ],
)
def test_what_cannot_be_trained_is_said(mlestim, flowers, model, options, code, problem) -> None:
    failed = mlestim("train", flowers, "-o", model, *options)
    assert failed.exit_code == code, failed.output
    assert problem in failed.stderr
    assert not model.exists()


def test_an_existing_model_is_kept(mlestim, flowers, model) -> None:
    model.write_text("precious")
    kept = train(mlestim, flowers, model)
    assert kept.exit_code == 1
    assert model.read_text() == "precious"
    assert train(mlestim, flowers, model, "--force").exit_code == 0


def test_what_is_read_is_not_replaced(mlestim, flowers, model, tmp_path) -> None:
    train(mlestim, flowers, model)
    link = tmp_path / "link.csv"
    link.symlink_to(flowers)
    new = tmp_path / "new"
    for refused in (
        train(mlestim, flowers, link, "--force"),
        train(mlestim, flowers, new, "--checkpoint", flowers, "--force"),
        train(mlestim, flowers, new, "--checkpoint", new),
        mlestim("predict", model, flowers, "-o", flowers, "--force"),
        mlestim("predict", model, flowers, "-o", model, "--force"),
        mlestim("report", flowers, "--column", "stem", "-o", flowers, "--force"),
    ):
        assert refused.exit_code == 2, refused.output
        assert "would replace a file that is needed" in refused.stderr
    assert len(pd.read_csv(flowers)) == 120
    folder = train(mlestim, flowers, tmp_path, "--force")
    assert folder.exit_code == 1
    assert "is a folder" in folder.stderr


def test_separated_classes_exit_with_3(mlestim, model, tmp_path) -> None:
    table = tmp_path / "separated.csv"
    pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": list("aabb")}).to_csv(table, index=False)
    options = ("--hidden", "", "--penalty", 0)
    separated = mlestim("train", table, "--target", "y", "-o", model, *options)
    assert separated.exit_code == 3
    assert "separated, by 'x' alone" in separated.stderr


def test_other_files_are_no_models(mlestim, flowers, tmp_path) -> None:
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"\0" * 100)
    assert mlestim("predict", damaged, flowers).exit_code == 1
    bare = tmp_path / "bare.safetensors"
    nn.save(nn.Sequential(nn.Affine([[1.0]], [0.0])), bare)
    refused = mlestim("evaluate", bare, flowers)
    assert refused.exit_code == 1
    assert "bare network" in refused.stderr
    assert mlestim("predict", tmp_path / "missing.safetensors", flowers).exit_code == 1


def test_lifetimes_that_have_not_ended(mlestim, tmp_path, model) -> None:
    rng = np.random.default_rng(0)
    load = rng.uniform(0, 1, 300)
    years = 10 * np.exp(-load) * rng.weibull(2.0, 300)
    table = pd.DataFrame({"load": load, "years": years.clip(max=6)})
    table["status"] = np.where(years < 6, "failed", "running")
    table.to_csv(tmp_path / "pumps.csv", index=False)
    options = ("--family", "weibull", "--hidden", "", "--event", "status=failed")
    trained = mlestim("train", tmp_path / "pumps.csv", "--target", "years", "-o", model, *options)
    assert trained.exit_code == 0, trained.output
    assert "from 1 features of 300 rows" in trained.stdout
    told = mlestim("evaluate", model, tmp_path / "pumps.csv", *options[-2:], "--json")
    measures = json.loads(told.stdout)
    regressor = nn.load(model)
    expected = regressor.score(table[["load"]], table["years"], event=table["status"] == "failed")
    assert measures["rows_observed"] == (table["status"] == "failed").sum()
    # Measures are rounded to six digits.
    assert measures["log_likelihood"] == pytest.approx(expected, rel=1e-5)
    without = mlestim("train", tmp_path / "pumps.csv", "--target", "years", *options[-2:])
    assert without.exit_code == 2
    assert "--event goes with --family" in without.stderr


def test_rows_without_a_target_are_left_out_on_demand(mlestim, flowers, model, tmp_path) -> None:
    gaps = tmp_path / "gaps.csv"
    table = pd.read_csv(flowers)
    table.loc[[3, 7], "height"] = None
    table.to_csv(gaps, index=False)
    refused = train(mlestim, gaps, model, target="height")
    assert refused.exit_code == 1
    assert "lines 5 and 9" in refused.stderr
    assert "with --nan-policy omit" in refused.stderr
    trained = train(mlestim, gaps, model, "--nan-policy", "omit", target="height")
    assert trained.exit_code == 0, trained.output
    assert "2 of 120 rows have no target and are left out." in trained.stderr
    evaluated = mlestim("evaluate", model, gaps, "--nan-policy", "omit", "--json")
    assert json.loads(evaluated.stdout)["rows"] == 118


def test_text_where_training_had_numbers_is_said(mlestim, flowers, model, tmp_path) -> None:
    train(mlestim, flowers, model)
    odd = tmp_path / "odd.csv"
    table = pd.read_csv(flowers)
    table.assign(petal=["long", *table["petal"][1:]]).to_csv(odd, index=False)
    refused = mlestim("predict", model, odd)
    assert refused.exit_code == 1
    assert "'petal' holds text, such as 'long', in line 2; training had numbers" in refused.stderr


def test_categories_are_embedded_and_classes_weighted_on_demand(mlestim, flowers, model) -> None:
    trained = train(mlestim, flowers, model, "--embed", 2, "--class-weight", "balanced")
    assert trained.exit_code == 0, trained.output
    loaded = nn.load(model)
    assert [column.name for column in loaded.encoder_.codes.values()] == ["colour"]
    assert loaded.class_weight == "balanced"
    options = ("--class-weight", "rose=2.5", "--class-weight", "iris=1", "--force")
    train(mlestim, flowers, model, *options)
    assert nn.load(model).class_weight == {"rose": 2.5, "iris": 1.0}
    shop = ("--embed", 2, "--hidden", "", "--force")
    refused = train(mlestim, flowers, model, *shop)
    assert refused.exit_code == 2
    assert "does not go with hidden=()" in refused.stderr


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--class-weight", "rose"), "neither balanced nor of the form CLASS=WEIGHT"),
        (("--class-weight", "lily=2"), "class_weight names 'lily'"),
        (("--class-weight", "balanced", "--target", "height"), "goes with classes"),
    ],
)
def test_weights_of_no_class_are_refused(mlestim, flowers, model, options, problem) -> None:
    refused = train(mlestim, flowers, model, *options)
    assert refused.exit_code == 2
    assert problem in refused.stderr
