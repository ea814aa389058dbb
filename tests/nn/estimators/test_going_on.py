"""Estimators that go on learning: loaded ones, warm starts, and one part of the rows after another."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import StandardScaler

import nn
from mlestim.errors import DataError, OptionError, UnseenValueWarning
from mlestim.optim import Adam
from mlestim.penalties import Ridge
from nn.tables.encoder import TableEncoder

X, Y = load_iris(return_X_y=True)


@pytest.fixture
def loaded(tmp_path) -> nn.Classifier:
    first = nn.Classifier(hidden=(4,), penalty=1.0, warm_start=True, epochs=3, random_state=0)
    nn.save(first.fit(X, Y), tmp_path / "iris.safetensors")
    return nn.load(tmp_path / "iris.safetensors")


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_loaded_estimator_goes_on(loaded, method) -> None:
    before = loaded.mean_loss(loaded._outputs(X), Y, np.ones(len(Y)))
    for _ in range(3):
        getattr(loaded, method)(X, Y)
    assert loaded.mean_loss(loaded._outputs(X), Y, np.ones(len(Y))) < before


@pytest.mark.parametrize("change", [{"hidden": (6,)}, {"activation": "tanh"}, {"dropout": 0.5}])
def test_a_warm_start_keeps_to_its_network(change) -> None:
    classifier = nn.Classifier(hidden=(4,), epochs=2, warm_start=True, random_state=0).fit(X, Y)
    with pytest.raises(OptionError, match="another network than the one that is there"):
        classifier.set_params(**change).fit(X, Y)


def test_classes_are_those_of_the_first_part() -> None:
    classifier = nn.Classifier(hidden=(4,)).partial_fit(X, Y, classes=[0, 1, 2])
    classifier.partial_fit(X[:5], Y[:5], classes=[0, 1, 2])
    with pytest.raises(DataError, match="differ from those of the first call"):
        classifier.partial_fit(X, Y, classes=[0, 1, 2, 3])


def parts(model, X, Y) -> nn.Classifier:
    """Learn from parts of very different sizes; the first shows nothing of one feature's spread."""
    for part in np.split(np.arange(len(X)), [4, 50, 51]):
        model.partial_fit(X[part], Y[part], classes=[0, 1, 2])
    return model


MIXED = np.random.default_rng(0).permutation(len(X))
ROWS = np.column_stack([X[MIXED], np.arange(150.0) // 10])


def test_numbers_are_standardised_by_all_rows_so_far() -> None:
    model = parts(nn.Classifier(hidden=(4,), random_state=0), ROWS, Y[MIXED])
    scaler = StandardScaler().fit(ROWS)
    centre, scale = model.encoder_.units
    # Merged sums round otherwise.
    np.testing.assert_allclose(centre, scaler.mean_, rtol=1e-14)
    np.testing.assert_allclose(scale, scaler.scale_, rtol=1e-13)


def test_each_part_is_learned_from_in_the_units_of_all_so_far() -> None:
    model = parts(nn.Classifier(hidden=(), penalty=1.0, random_state=0), ROWS, Y[MIXED])
    seed = np.random.RandomState(0).randint(2**31 - 1)
    network = nn.Sequential(nn.Affine(np.zeros((5, 3), "f4"), np.zeros(3, "f4")))
    optimizer, encoder = Adam(), TableEncoder.fit(ROWS[:4])
    for part in np.split(np.arange(150), [4, 50, 51]):
        if part[0]:
            encoder = encoder.renewed(ROWS[part], np.ones(len(part)))
        optimizer = nn.train(
            network, encoder.transform(ROWS[part], np.float32), Y[MIXED][part],
            loss=nn.SoftmaxWithLoss(), epochs=1, batch_size=32, penalty=Ridge(1.0),
            optimizer=optimizer, start_at_fit=not part[0], random_state=np.random.default_rng(seed),
        ).optimizer  # fmt: skip
    np.testing.assert_array_equal(model.network_.parameters, network.parameters)


def test_units_go_on_after_a_file(tmp_path) -> None:
    model = nn.Classifier(hidden=(4,), random_state=0).partial_fit(ROWS[:30], Y[MIXED][:30])
    nn.save(model, tmp_path / "model")
    for each in (model, loaded := nn.load(tmp_path / "model")):
        each.partial_fit(ROWS[30:], Y[MIXED][30:])
    np.testing.assert_array_equal(model.encoder_.units, loaded.encoder_.units)


def test_parts_have_the_features_of_the_first() -> None:
    table = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "port": ["Cork", "Riga"] * 2})
    model = nn.Classifier(hidden=(4,)).partial_fit(table, [0, 1, 0, 1])
    with pytest.warns(UnseenValueWarning, match="'port' holds categories that the first call"):
        model.partial_fit(table.assign(port="Oslo", x=9.0)[:1], [0])
    assert model.encoder_.names_out == ["x", "port=Cork", "port=Riga"]
    assert model.encoder_.features[0].mean == pytest.approx(3.8, rel=1e-14)
    with pytest.raises(DataError, match="'x'"):
        model.partial_fit(table.assign(x="text"), [0, 1, 0, 1])


@pytest.mark.parametrize(
    "setting",
    [
        {"hidden": 10},
        {"hidden": (10.5,)},
        {"hidden": "10"},
        {"hidden": (0,)},
        {"threads": 0},
        {"callbacks": None},
        {"n_networks": 1.5},
    ],
)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_settings_of_a_wrong_kind_are_named(setting, method) -> None:
    with pytest.raises(OptionError, match=next(iter(setting))):
        getattr(nn.Classifier(**setting), method)(X, Y)


def resumed(path, epochs, **settings) -> nn.Classifier:
    common = {"hidden": (4,), "epochs": epochs, "checkpoint": path, "resume": True}
    return nn.Classifier(**(common | {"random_state": 0} | settings)).fit(X, Y)


@pytest.mark.parametrize("seed", [0, None])
def test_an_interrupted_fit_ends_as_a_whole_one(tmp_path, seed) -> None:
    settings = {"random_state": seed, "dropout": 0.2, "early_stopping": True}
    first = resumed(tmp_path / "run", 2, **settings)
    shutil.copy(tmp_path / "run", tmp_path / "copy")
    # Without a seed of its own, a fit that goes on takes the one that its checkpoint holds.
    longer = [resumed(tmp_path / name, 4, **settings) for name in ("run", "copy")]
    assert len(first.history_) == 2
    np.testing.assert_array_equal(*(model.network_.parameters for model in longer))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"random_state": 1}, "random_state was 0 and is 1"),
        ({"random_state": np.random.RandomState(0)}, "random_state was 0 and is"),
        ({"class_weight": {0: 2.0}}, "class_weight was None and is {0: 2.0}"),
        ({"hidden": (5,)}, "network was .*n_out=4.* and is .*n_out=5"),
        ({"threads": 2}, "threads was 1 and is 2"),
        ({"label_smoothing": 0.1}, "label_smoothing was 0.0 and is 0.1"),
    ],
)
def test_a_setting_that_changed_is_named(tmp_path, change, named) -> None:
    resumed(tmp_path / "run", 2)
    with pytest.raises(OptionError, match=rf"another training: .*{named}"):
        resumed(tmp_path / "run", 4, **change)
