"""Columns of many categories become vectors that are learned, from the table to all that is made of it."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pandas as pd
import pytest

import nn
from mlestim.errors import ModelFileError, OptionError, UnseenValueWarning
from mlestim.optim import Adam
from nn.storage import read_arrays, write_arrays

N, N_TOWNS = 1200, 30
SETTINGS = {"embed": 20, "hidden": (8,), "penalty": 1.0, "random_state": 0}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    towns = rng.choice([f"town {k:02d}" for k in range(N_TOWNS)], N).astype(object)
    towns[::50] = None
    shops = rng.choice([f"shop {k:02d}" for k in range(25)], N)
    port = rng.choice(["Cork", "Riga"], N)
    return pd.DataFrame({"town": towns, "age": rng.normal(size=N), "shop": shops, "port": port})


@pytest.fixture(scope="module")
def y(table) -> np.ndarray:
    even = table["town"].str[-1].isin(list("02468"))
    return np.where(even ^ (table["age"] > 1.0), "yes", "no")


@pytest.fixture(scope="module")
def classifier(table, y) -> nn.Classifier:
    return nn.Classifier(**SETTINGS).fit(table, y)


def embeddings(estimator) -> list[nn.Embedding]:
    return [layer for layer in estimator.network_.layers if isinstance(layer, nn.Embedding)]


def test_each_takes_one_column_and_the_network_learns_what_categories_say(
    classifier, table, y
) -> None:
    assert classifier.encoder_.names_out == ["town", "age", "shop", "port=Cork", "port=Riga"]
    shop, town = embeddings(classifier)  # from the right to the left
    # Root of the number of places; the last vector is that of rows without a place.
    assert shop.W.shape == (25 + 1, 5)
    assert town.W.shape == (N_TOWNS + 1 + 1, 6)
    assert classifier.score(table, y) > 0.95
    importance = classifier.permutation_importance(table, y, random_state=0)
    assert importance.index[0] == "town"


@pytest.mark.parametrize(("n_levels", "embedded"), [(99, False), (100, True)])
def test_by_default_from_a_hundred_categories_on(n_levels, embedded) -> None:
    table = pd.DataFrame({"town": [f"town {k % n_levels}" for k in range(10 * n_levels)]})
    classifier = nn.Classifier((2,), penalty=1.0, epochs=1).fit(table, np.arange(len(table)) % 2)
    assert bool(embeddings(classifier)) == embedded
    linear = nn.Classifier((), penalty=1.0, epochs=1).fit(table, np.arange(len(table)) % 2)
    assert linear.coef_.shape == (1, n_levels)


def test_a_category_that_training_did_not_show_has_the_vector_0(classifier, table) -> None:
    shop, _ = embeddings(classifier)
    np.testing.assert_array_equal(shop.W[-1], 0.0)
    with pytest.warns(UnseenValueWarning, match="'shop' holds no known category"):
        matrix = classifier.encoder_.transform(table.head(3).assign(shop="new"))
    assert matrix[:, 2].tolist() == [25.0] * 3
    np.testing.assert_array_equal(shop.forward(matrix)[:, -5:], 0.0)


@pytest.mark.parametrize("n_networks", [1, 2])
def test_files_and_onnx_models_give_the_same(table, y, n_networks, tmp_path) -> None:
    classifier = nn.Classifier(**SETTINGS, n_networks=n_networks, epochs=20).fit(table, y)
    rows = table.head(200).assign(shop=["new", *table["shop"][1:200]])
    with pytest.warns(UnseenValueWarning, match="'shop'"):
        expected = classifier.predict_proba(rows)
    nn.save(classifier, tmp_path / "model.safetensors")
    with pytest.warns(UnseenValueWarning, match="'shop'"):
        loaded = nn.load(tmp_path / "model.safetensors").predict_proba(rows)
    np.testing.assert_array_equal(loaded, expected)
    nn.to_onnx(classifier, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(
        tmp_path / "model.onnx", providers=["CPUExecutionProvider"]
    )
    columns = {
        name: values.fillna("").to_numpy(object if name != "age" else float)[:, None]
        for name, values in rows.items()
    }
    # Single precision.
    np.testing.assert_allclose(session.run(None, columns)[1], expected, atol=1e-5)


def test_a_file_with_more_categories_than_vectors_is_refused(classifier, tmp_path) -> None:
    nn.save(classifier, tmp_path / "model.safetensors")
    arrays, metadata = read_arrays(tmp_path / "model.safetensors")
    metadata["estimator"]["features"]["features"][2]["levels"].append("one more")
    write_arrays(tmp_path / "false.safetensors", arrays, metadata)
    with pytest.raises(ModelFileError, match="codes, integers 0 to 25"):
        nn.load(tmp_path / "false.safetensors")


def test_learning_goes_on_by_parts_and_from_files(table, y, tmp_path) -> None:
    settings = SETTINGS | {"optimizer": Adam(1e-2)}
    parts = nn.Classifier(**settings)
    for _ in range(20):
        parts.partial_fit(table, y)
    assert parts.score(table, y) > 0.8
    path = tmp_path / "rows.parquet"
    table.assign(y=y).to_parquet(path, row_group_size=400, index=False)
    streamed = nn.Classifier(**settings, epochs=20).fit(path, "y")
    assert [layer.W.shape for layer in embeddings(streamed)] == [(26, 5), (32, 6)]
    assert streamed.score(table, y) > 0.8


def test_the_prior_is_chosen_with_them_and_regressions_have_them(table) -> None:
    rows = table.head(300).drop(columns="shop")
    target = rows["town"].str[-1].fillna("5").astype(float).to_numpy()
    regressor = nn.Regressor(hidden=(8,), embed=20, random_state=0).fit(rows, target)
    assert len(embeddings(regressor)) == 1
    assert regressor.penalty_.strength in nn.Regressor.strengths


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"embed": 0}, "embed=0: give the number of categories"),
        ({"embed": "many"}, "embed='many': give"),
        ({"embed": 5, "hidden": ()}, r"does not go with hidden=\(\)"),
        ({"embed": 5, "mixup": 0.2}, "does not go with mixup=0.2"),
    ],
)
def test_what_does_not_go_with_them_is_refused(table, y, settings, message) -> None:
    with pytest.raises(OptionError, match=message):
        nn.Classifier(**settings).fit(table, y)


def test_mixed_rows_have_columns_of_zeros_and_ones(table, y) -> None:
    classifier = nn.Classifier((4,), mixup=0.2, epochs=1).fit(table, y)
    assert embeddings(classifier) == []
