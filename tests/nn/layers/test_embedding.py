"""Embedding: what passes, what is learned, and which codes are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from mlestim.errors import DataError, OptionError

VECTORS = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
X = np.array([[7.0, 2, -1.0], [8.0, 0, -2.0], [9.0, 2, -3.0]])


def test_codes_are_replaced_by_their_vectors() -> None:
    y = nn.Embedding(VECTORS, column=1).forward(X)
    np.testing.assert_array_equal(y, np.hstack([X[:, [0, 2]], VECTORS[[2, 0, 2]]]))


def test_a_level_collects_the_gradients_of_its_rows() -> None:
    embedding = nn.Embedding(VECTORS, column=1)
    embedding.forward(X)
    dy = np.arange(12.0).reshape(3, 4)
    dx = embedding.backward(dy)
    np.testing.assert_array_equal(embedding.dW, [[6, 7], [0, 0], [2 + 10, 3 + 11]])
    np.testing.assert_array_equal(dx, np.stack([dy[:, 0], np.zeros(3), dy[:, 1]], axis=1))


def test_columns_are_embedded_one_after_the_other_from_the_right() -> None:
    x = np.array([[1.0, 2, 0.5], [0.0, 1, 0.25]])
    network = nn.Sequential(nn.Embedding(VECTORS, 1), nn.Embedding(10 * VECTORS[:2], 0))
    np.testing.assert_array_equal(network.forward(x), [[0.5, 4, 5, 20, 30], [0.25, 2, 3, 0, 10]])


def test_an_ensemble_has_vectors_for_each_network() -> None:
    vectors = np.stack([VECTORS, -VECTORS])
    embedding = nn.Embedding(vectors, column=1)
    y = embedding.forward(X)
    alone = [nn.Embedding(v, column=1) for v in vectors]
    np.testing.assert_array_equal(y, [network.forward(X) for network in alone])
    dy = np.random.default_rng(0).normal(size=y.shape)
    dx = embedding.backward(dy)
    gradients = [network.backward(part) for network, part in zip(alone, dy, strict=True)]
    np.testing.assert_array_equal(dx, np.sum(gradients, axis=0))
    np.testing.assert_array_equal(embedding.dW, [network.dW for network in alone])


@pytest.mark.parametrize("code", [3, -1, 0.5, np.nan])
def test_codes_that_are_no_levels_are_refused(code: float) -> None:
    x = X.copy()
    x[1, 1] = code
    with pytest.raises(DataError, match=rf"integers 0 to 2; row 1 holds {float(code)}"):
        nn.Embedding(VECTORS, column=1).forward(x)


@pytest.mark.parametrize("x", [X[0], X[:, :1], X[None]], ids=["a row", "narrow", "three axes"])
def test_other_shapes_are_refused(x: Any) -> None:
    with pytest.raises(DataError, match="takes x of shape"):
        nn.Embedding(VECTORS, column=1).forward(x)


def test_precision_is_kept() -> None:
    embedding = nn.Embedding.initialized(3, 2, column=1, rng=0)
    y = embedding.forward(X.astype(np.float32))
    assert y.dtype == embedding.backward(y).dtype == embedding.dW.dtype == np.float32


def test_sizes_and_places_are_checked() -> None:
    with pytest.raises(OptionError, match="n_levels=0"):
        nn.Embedding.initialized(0, 2, column=1, rng=0)
    with pytest.raises(OptionError, match="column=-1"):
        nn.Embedding(VECTORS, column=-1)
    with pytest.raises(DataError, match="n_levels, n_dimensions"):
        nn.Embedding([1.0], column=1)
