"""ONNX models compute what the networks compute, the preparation of features included."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

import nn
from mlestim.errors import OptionError
from mlestim.optim import Adam

# Single precision, through a few layers of width 10.
SINGLE = {"rtol": 1e-4, "atol": 1e-5}


def run(path, **inputs) -> list[np.ndarray]:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, inputs)


def columns(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """The table as ONNX takes it: double numbers with NaN, text with "" for missing."""
    return {name: values_of(column)[:, None] for name, column in table.items()}


def values_of(column: pd.Series) -> np.ndarray:
    plain = column.astype(column.cat.categories.dtype) if hasattr(column, "cat") else column
    if pd.api.types.is_string_dtype(plain):
        return plain.astype(object).fillna("").to_numpy(object)
    return plain.to_numpy(float, na_value=np.nan)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "year": rng.normal(2000.0, 3.0, 200).round(),
            "fare": rng.lognormal(3.0, 1.5, 200),
            "port": rng.choice(["Cherbourg", "Queenstown", "Southampton"], 200),
            "deck": rng.choice(["A", "B"], 200),
        }
    )
    table.loc[::17, "fare"] = np.nan
    table.loc[::23, "deck"] = None
    return table


@pytest.mark.parametrize("n_networks", [1, 3])
@pytest.mark.parametrize("classes", [["no", "yes"], [3, 7]])
def test_a_classifier_of_mixed_columns(table, classes, n_networks, tmp_path) -> None:
    y = np.where(table["port"] == "Cherbourg", *classes)
    settings = {"hidden": (10,), "n_networks": n_networks, "penalty": 1.0, "random_state": 0}
    classifier = nn.Classifier(**settings).fit(table, y)
    path = tmp_path / "model.onnx"
    nn.to_onnx(classifier, path)
    label, probabilities = run(path, **columns(table))
    assert label.tolist() == classifier.predict(table).tolist()
    np.testing.assert_allclose(probabilities, classifier.predict_proba(table), **SINGLE)


@pytest.mark.filterwarnings("ignore::mlestim.errors.UnseenValueWarning")
def test_new_categories_are_met_as_in_python(table, tmp_path) -> None:
    classifier = nn.Classifier(hidden=(10,), penalty=1.0).fit(table, table["port"])
    path = tmp_path / "model.onnx"
    nn.to_onnx(classifier, path)
    new = table.assign(port="Liverpool", year=np.nan)
    _, probabilities = run(path, **columns(new))
    np.testing.assert_allclose(probabilities, classifier.predict_proba(new), **SINGLE)


def kinds_of_columns() -> pd.DataFrame:
    """A column of each kind that a table may have, and an identifier that never repeats."""
    rng, n = np.random.default_rng(0), 120
    gap = np.arange(n) % 5 == 0
    numbers, words = rng.normal(size=n), rng.choice(list("abc"), n).astype(object)
    return pd.DataFrame(
        {
            "number": numbers,
            "number with gaps": np.where(gap, np.nan, numbers),
            "single precision": numbers.astype(np.float32),
            "integer": rng.integers(0, 9, n),
            "integer with gaps": pd.array(np.where(gap, None, np.arange(n)), "Int64"),
            "truth": numbers > 0,
            "truth with gaps": pd.array(np.where(gap, None, numbers > 0), "boolean"),
            "constant": 1.5,
            "nothing": np.nan,
            "no word": pd.array([None] * n, "str"),
            "word": words,
            "word with gaps": np.where(gap, None, words),
            "one word with gaps": np.where(gap, None, "same"),
            "category": pd.Categorical(words),
            "numbered category": pd.Categorical(np.where(gap, np.nan, rng.integers(0, 4, n))),
            "identifier": [f"row {k}" for k in range(n)],
        }
    )


@pytest.mark.filterwarnings("ignore::mlestim.errors.UnseenValueWarning")
@pytest.mark.parametrize(
    "settings",
    [
        {"hidden": ()},
        {"embed": 3, "n_networks": 2},  # the words become vectors
        {"batch_norm": True, "dropout": 0.1, "activation": "gelu", "optimizer": Adam()},
    ],
)
def test_columns_of_every_kind_with_values_that_are_new_or_missing(settings, tmp_path) -> None:
    table = kinds_of_columns()
    new = table.head(4).copy()
    for name, values in new.items():
        if values.dtype.kind == "f":
            new[name] = [np.nan, 7.0, 0.0, -7.0]
        elif isinstance(values.dtype, pd.StringDtype):
            new[name] = [None, "new", "a", "row 3"]
    y = np.arange(len(table)) % 3
    common = {"hidden": (6,), "penalty": 1.0, "epochs": 5, "random_state": 0}
    classifier = nn.Classifier(**(common | settings)).fit(table, y)
    nn.to_onnx(classifier, tmp_path / "model.onnx")
    for rows in (table, new):
        label, probabilities = run(tmp_path / "model.onnx", **columns(rows))
        assert label.tolist() == classifier.predict(rows).tolist()
        np.testing.assert_allclose(probabilities, classifier.predict_proba(rows), **SINGLE)


def test_probabilities_are_those_of_the_temperature(table, tmp_path) -> None:
    many = pd.concat([table] * 11)
    y = np.random.default_rng(0).random(len(many)) < 0.3
    classifier = nn.Classifier(hidden=(10,), epochs=5, random_state=0).fit(many, y)
    assert classifier.temperature_ != 1.0
    nn.to_onnx(classifier, tmp_path / "model.onnx")
    _, probabilities = run(tmp_path / "model.onnx", **columns(table))
    np.testing.assert_allclose(probabilities, classifier.predict_proba(table), **SINGLE)


@pytest.mark.parametrize("n_networks", [1, 2])
@pytest.mark.parametrize("family", ["normal", "gamma", "beta", "lognormal", "inverse_gaussian"])
def test_a_regressor_gives_the_parameters_of_its_family(
    table, family, n_networks, tmp_path
) -> None:
    rng = np.random.default_rng(0)
    y = rng.beta(2.0, 3.0, 200) if family == "beta" else rng.gamma(2.0, 50.0, 200)
    settings = {"hidden": (10,), "penalty": 1.0, "n_networks": n_networks, "random_state": 0}
    regressor = nn.Regressor(family, **settings, epochs=20).fit(table, y)
    path = tmp_path / "model.onnx"
    nn.to_onnx(regressor, path)
    expected = regressor.predict_distribution(table).params
    for values, name in zip(run(path, **columns(table)), expected, strict=True):
        np.testing.assert_allclose(values, expected[name], **SINGLE)


def test_an_array_is_one_input(tmp_path) -> None:
    X = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    classifier = nn.Classifier(hidden=(5,), penalty=1.0).fit(X, X[:, 0] > 0)
    path = tmp_path / "model.onnx"
    nn.to_onnx(classifier, path)
    label, probabilities = run(path, X=X.astype(float))
    np.testing.assert_array_equal(label.astype(bool), classifier.predict(X))
    np.testing.assert_allclose(probabilities, classifier.predict_proba(X), **SINGLE)


def test_small_differences_of_large_numbers_count(tmp_path) -> None:
    """Seconds since 1970 have more digits than single precision holds."""
    rng = np.random.default_rng(0)
    seconds = 1.7e9 + rng.uniform(0.0, 100.0, 200)
    table = pd.DataFrame({"seconds": seconds})
    settings = {"hidden": (5,), "penalty": 1.0, "random_state": 0}
    classifier = nn.Classifier(**settings).fit(table, seconds > 1.7e9 + 40)
    nn.to_onnx(classifier, tmp_path / "model.onnx")
    _, probabilities = run(tmp_path / "model.onnx", **columns(table))
    np.testing.assert_allclose(probabilities, classifier.predict_proba(table), **SINGLE)

    regressor = nn.Regressor(**settings).fit(table, seconds + rng.normal(size=200))
    nn.to_onnx(regressor, tmp_path / "regressor.onnx")
    mean, _ = run(tmp_path / "regressor.onnx", **columns(table))
    # Of differences up to 100, five digits.
    np.testing.assert_allclose(mean, regressor.predict(table), rtol=0, atol=1e-3)


def test_numbered_categories_are_told_apart(tmp_path) -> None:
    """Identifiers beyond 2^24, neighbours in whole numbers, are not in single precision."""
    numbers = np.array([2**24, 2**24 + 1, 2**40 + 1])[np.arange(90) % 3]
    table = pd.DataFrame({"shop": pd.Categorical(numbers)})
    classifier = nn.Classifier(hidden=(5,), penalty=0.1).fit(table, numbers == 2**24 + 1)
    nn.to_onnx(classifier, tmp_path / "model.onnx")
    _, probabilities = run(tmp_path / "model.onnx", shop=numbers[:, None].astype(float))
    np.testing.assert_allclose(probabilities, classifier.predict_proba(table), **SINGLE)

    table = pd.DataFrame({"shop": pd.Categorical(2**53 + np.arange(90) % 3)})
    classifier = nn.Classifier(hidden=(5,), penalty=0.1).fit(table, np.arange(90) % 2)
    with pytest.raises(OptionError, match=r"column 'shop' has the category 9007199254740993"):
        nn.to_onnx(classifier, tmp_path / "model.onnx")


def test_an_empty_category_is_not_taken_for_a_missing_one(tmp_path) -> None:
    table = pd.DataFrame({"deck": ["", "A"] * 20})
    classifier = nn.Classifier(hidden=(), penalty=1.0).fit(table, [0, 0, 0, 1] * 10)
    with pytest.raises(OptionError, match="column 'deck' has the category ''"):
        nn.to_onnx(classifier, tmp_path / "model.onnx")


@pytest.mark.parametrize("name", ["probabilities", "label", ""])
def test_names_that_onnx_needs_itself_are_refused(name, tmp_path) -> None:
    table = pd.DataFrame({name: np.arange(20.0)})
    classifier = nn.Classifier(hidden=(), penalty=1.0).fit(table, np.arange(20) % 2)
    with pytest.raises(OptionError, match=f"cannot be called '{name}' in ONNX"):
        nn.to_onnx(classifier, tmp_path / "model.onnx")


def test_what_has_not_learned_is_refused(tmp_path) -> None:
    with pytest.raises(NotFittedError):
        nn.to_onnx(nn.Classifier(), tmp_path / "model.onnx")
    with pytest.raises(OptionError, match=r"nn\.to_onnx takes"):
        nn.to_onnx([1.0], tmp_path / "model.onnx")


def test_all_layers_have_their_form(tmp_path) -> None:
    rng = np.random.default_rng(0)
    network = nn.Sequential(
        nn.Embedding.initialized(3, 2, column=1, rng=0),
        nn.Affine.initialized(4, 8, rng=1),
        nn.BatchNorm.initialized(8),
        nn.GELU(),
        nn.Residual(nn.Affine.initialized(8, 8, rng=2), nn.Tanh(), nn.Dropout(0.5, rng=3)),
        nn.LayerNorm.initialized(8),
        nn.ReLU(),
        nn.Affine.initialized(8, 4, rng=4),
        nn.Sigmoid(),
        nn.Softmax(),
    )
    X = rng.normal(size=(30, 3)).astype(np.float32)
    X[:, 1] = rng.integers(3, size=30)
    network.forward(X, training=True)
    path = tmp_path / "network.onnx"
    nn.to_onnx(network, path)
    (y,) = run(path, X=X)
    np.testing.assert_allclose(y, network.forward(X), **SINGLE)
