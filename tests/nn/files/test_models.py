"""Networks and estimators survive in files, and false files are refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError

import nn
from mlestim.errors import ModelFileError, OptionError
from mlestim.optim import AdamW, CosineDecay
from mlestim.penalties import Ridge
from nn.storage import read_arrays, write_arrays

ROWS = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"mass": rng.normal(size=60), "island": rng.choice(["Dream", "Biscoe"], 60)}
    )
    table.loc[3, "mass"] = np.nan
    return table


@pytest.fixture(scope="module")
def classifier(table) -> nn.Classifier:
    return nn.Classifier(
        hidden=(4,), batch_norm=True, optimizer=AdamW(1e-2), penalty=Ridge(0.5), epochs=3,
        class_weight={"yes": 2.0, "no": 1.0}, random_state=0,
    ).fit(table, np.where(table["island"] == "Dream", "yes", "no"))  # fmt: skip


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "model.safetensors"


@pytest.fixture(scope="module")
def content(classifier, tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("saved") / "model.safetensors"
    nn.save(classifier, path)
    return path.read_bytes()


def test_a_network_comes_back_with_its_running_statistics(path) -> None:
    network = nn.Sequential(
        nn.Affine.initialized(4, 6, rng=0),
        nn.BatchNorm.initialized(6),
        nn.Tanh(),
        nn.Dropout(0.2, rng=0),
        nn.Residual(nn.Affine.initialized(6, 6, rng=1), nn.ReLU()),
        nn.Affine.initialized(6, 3, rng=2),
    )
    network.forward(ROWS, training=True)
    nn.save(network, path)
    loaded = nn.load(path)
    assert repr(loaded) == repr(network)
    np.testing.assert_array_equal(loaded.forward(ROWS), network.forward(ROWS))


def test_a_classifier_comes_back_with_all_that_prediction_needs(table, classifier, path) -> None:
    nn.save(classifier, path)
    loaded = nn.load(path)
    np.testing.assert_array_equal(loaded.predict_proba(table), classifier.predict_proba(table))
    np.testing.assert_array_equal(loaded.predict(table), classifier.predict(table))
    assert loaded.feature_names_in_.tolist() == ["mass", "island"]
    assert loaded.get_params() == classifier.get_params()
    with pytest.raises(ValueError, match="feature names"):
        loaded.predict(table[["island", "mass"]])


def test_a_regressor_comes_back(table, path) -> None:
    y = np.random.default_rng(0).gamma(2.0, 3.0, 60)
    regressor = nn.Regressor("gamma", hidden=(3,), penalty=1.0, n_networks=2).fit(table, y)
    nn.save(regressor, path)
    loaded = nn.load(path)
    assert loaded.predict_distribution(table) == regressor.predict_distribution(table)
    again = loaded.fit(table, y)  # its settings came back too
    assert again.get_params() == regressor.get_params()


def test_an_optimizer_with_a_schedule_comes_back(path) -> None:
    optimizer = AdamW(CosineDecay(0.1, 1000))
    settings = {"hidden": (), "penalty": 1.0, "epochs": 1, "optimizer": optimizer}
    nn.save(nn.Classifier(**settings).fit(ROWS, np.arange(40) % 2), path)
    assert nn.load(path).optimizer == optimizer


@pytest.mark.parametrize("classes", [[0, 1], [True, False], ["ä", "a longer label"]])
def test_classes_keep_their_kind(classes, path) -> None:
    y = np.array(classes).repeat(5)
    nn.save(nn.Classifier(hidden=(), penalty=1.0).fit(ROWS[:10], y), path)
    loaded = nn.load(path).classes_
    assert loaded.tolist() == sorted(classes)
    assert loaded.dtype.kind == y.dtype.kind


def test_what_has_no_place_in_a_file_is_refused(path) -> None:
    with pytest.raises(OptionError, match=r"nn\.save takes"):
        nn.save([1.0], path)
    with pytest.raises(NotFittedError):
        nn.save(nn.Classifier(), path)
    days = np.array(["2020-01-01", "2020-01-02"], dtype="M8[D]").repeat(5)
    with pytest.raises(OptionError, match=r"2020, 1, 1.*cannot be saved"):
        nn.save(nn.Classifier(hidden=(), penalty=1.0).fit(ROWS[:10], days), path)
    with pytest.raises(OptionError, match=r"0\.W holds numbers that are not finite"):
        nn.save(nn.Sequential(nn.Affine([[np.nan]], [0.0])), path)
    assert not path.exists()


def test_every_truncation_is_refused(content, path) -> None:
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(ModelFileError):
            nn.load(path)


@settings(deadline=None)  # other work on the machine is no failure
@given(st.data())
def test_changed_bytes_are_refused(content, tmp_path_factory, data) -> None:
    place = data.draw(st.integers(0, len(content) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda value: value != content[place]))
    path = tmp_path_factory.mktemp("changed") / "model.safetensors"
    path.write_bytes(content[:place] + bytes([value]) + content[place + 1 :])
    with pytest.raises(ModelFileError):
        nn.load(path)


def hostile(change, content: bytes, path: Path) -> None:
    """Write a file with a right checksum around false claims."""
    path.write_bytes(content)
    arrays, metadata = read_arrays(path)
    change(arrays, metadata)
    write_arrays(path, arrays, metadata)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda a, m: m.update(format="other"), "its format"),
        (lambda a, m: m.update(format_version=2), "format version 2"),
        (lambda a, m: m.update(dtype="object"), "no precision"),
        (lambda a, m: m["architecture"].append({"layer": "os.system"}), "no layer"),
        (lambda a, m: m["architecture"][0].update(n_in=10**9), "claims"),
        (lambda a, m: m["architecture"][0].update(n_networks=10**9), "claims"),
        (lambda a, m: m.update(architecture=[{"layer": "Residual", "layers": 3}]), "describes"),
        (lambda a, m: a.update({"9.W": a["0.W"]}), "9.W"),
        (lambda a, m: m["estimator"].update(kind="Pipeline"), "no estimator"),
        (lambda a, m: m["estimator"].update(classes={"dtype": "O", "values": [1]}), "classes"),
        (lambda a, m: m["estimator"]["classes"]["values"].append("may"), "outputs"),
        (lambda a, m: m["estimator"].update(temperature=0), "not positive"),
        (lambda a, m: m["estimator"]["features"]["features"].pop(), "inconsistent|takes x"),
        (lambda a, m: m["estimator"]["settings"].update(nothing=1), "nothing"),
        (lambda a, m: a["0.W"].fill(np.nan), r"0\.W holds numbers that are not finite"),
        (lambda a, m: a.update({"0.b": np.full(4, 1e300)}), r"0\.b holds numbers that are not"),
        (lambda a, m: m["estimator"]["classes"].update(dtype="<U1"), "do not fit their type"),
        (
            lambda a, m: m["estimator"].update(classes={"dtype": "<i8", "values": [0.2, 0.7]}),
            "do not fit their type",
        ),
        (
            lambda a, m: m["estimator"]["features"]["features"][1].update(name="mass"),
            "duplicate column names: 'mass'",
        ),
        (
            lambda a, m: m["estimator"]["features"]["features"][1].update(levels=["a", "a"]),
            "describes no feature",
        ),
        (
            lambda a, m: m["estimator"]["settings"].update(optimizer={"record": "eval"}),
            "no known record",
        ),
        (lambda a, m: m["estimator"]["settings"].update(hidden="x"), "hidden='x'"),
        (lambda a, m: m["estimator"]["settings"].update(hidden=[10**9]), "another network"),
        (lambda a, m: m["estimator"]["settings"].update(n_networks=10**9), "another network"),
        (lambda a, m: m.pop("estimator"), "estimator"),
        (lambda a, m: m["estimator"].pop("features"), "features"),
    ],
)
def test_false_claims_are_refused(change, problem, content, path) -> None:
    hostile(change, content, path)
    with pytest.raises(ModelFileError, match=problem):
        nn.load(path)


def test_the_file_is_safetensors_with_json(content) -> None:
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    description = json.loads(header["__metadata__"]["content"])
    assert description["format"] == "mlestim network"
    assert description["estimator"]["features"]["features"][1]["levels"] == ["Biscoe", "Dream"]
    assert "1.running_variance" in header
