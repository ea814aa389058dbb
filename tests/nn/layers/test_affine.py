"""Affine: the notes' numbers, PyTorch's, initial weights and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from mlestim.errors import DataError, OptionError

W, B = [[4, 5, 6], [7, 8, 9]], [[10, 11, 12]]


@pytest.mark.parametrize("bias", [B, B[0]], ids=["row", "vector"])
def test_notes_numbers(bias: list[Any]) -> None:
    affine = nn.Affine(W, bias)
    np.testing.assert_array_equal(affine.forward([[1, 2]]), [[28, 32, 36]])
    np.testing.assert_array_equal(affine.backward([[1, 2, 3]]), [[32, 50]])
    np.testing.assert_array_equal(affine.dW, [[1, 2, 3], [2, 4, 6]])
    np.testing.assert_array_equal(affine.db, np.reshape([1, 2, 3], np.shape(bias)))


def test_agrees_with_pytorch(torch: Any) -> None:
    reference = torch["affine"]
    affine = nn.Affine(reference.array("W"), reference.array("b"))
    # Sums of three or four products, given to 15 digits.
    close = {"rtol": 1e-13, "atol": 1e-14}
    np.testing.assert_allclose(affine.forward(reference.array("X")), reference["Y"], **close)
    np.testing.assert_allclose(affine.backward(reference.array("dY")), reference["dX"], **close)
    np.testing.assert_allclose(affine.dW, reference["dW"], **close)
    np.testing.assert_allclose(affine.db, reference["db"], **close)


def test_learning_does_not_change_the_arrays_it_was_made_from() -> None:
    weights, bias = np.ones((2, 3)), np.zeros(3)
    affine = nn.Affine(weights, bias)
    affine.W += 1
    affine.b += 1
    np.testing.assert_array_equal(weights, np.ones((2, 3)))
    np.testing.assert_array_equal(bias, np.zeros(3))


def test_initial_weights_are_normal_with_variance_two_over_inputs() -> None:
    affine = nn.Affine.initialized(200, 500, np.random.default_rng(0))
    assert affine.W.shape == (200, 500)
    assert affine.W.dtype == affine.b.dtype == np.float32
    # The sd of a sample sd from n normal draws is sd/√(2n); five of them are allowed.
    sd = np.sqrt(2 / 200)
    assert abs(affine.W.std() - sd) < 5 * sd / np.sqrt(2 * affine.W.size)
    assert abs(affine.W.mean()) < 5 * sd / np.sqrt(affine.W.size)
    np.testing.assert_array_equal(affine.b, np.zeros(500))


def test_glorot_weights_are_uniform_within_their_bound() -> None:
    affine = nn.Affine.initialized(200, 400, rng=0, scheme="glorot")
    bound = np.sqrt(6 / 600)
    assert np.abs(affine.W).max() <= bound
    # A uniform variable's sd is bound/√3, that of its sample sd is below sd/√(2n).
    assert abs(affine.W.std() - bound / np.sqrt(3)) < 5 * bound / np.sqrt(affine.W.size)


def test_unknown_schemes_are_refused() -> None:
    with pytest.raises(OptionError, match=r"scheme='xavier' is unknown. Use one of he, glorot"):
        nn.Affine.initialized(2, 3, rng=0, scheme="xavier")


def test_an_ensemble_computes_what_its_networks_do() -> None:
    weights, bias = np.random.default_rng(1).normal(size=(3, 4, 2)), np.ones((3, 1, 2))
    x, dy = np.random.default_rng(2).normal(size=(5, 4)), np.ones((3, 5, 2))
    ensemble = nn.Affine(weights, bias)
    y, dx = ensemble.forward(x), ensemble.backward(dy)
    alone = [nn.Affine(w, b) for w, b in zip(weights, bias, strict=True)]
    # The same products in the same order: only the library's block sizes may differ.
    close = {"rtol": 1e-13}
    np.testing.assert_allclose(y, [network.forward(x) for network in alone], **close)
    gradients = [network.backward(dy[0]) for network in alone]
    np.testing.assert_allclose(dx, np.sum(gradients, axis=0), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(ensemble.dW, [network.dW for network in alone], **close)
    np.testing.assert_allclose(ensemble.db, [network.db for network in alone], **close)


def test_noise_is_added_to_the_weights_in_training_only() -> None:
    weights, x, dy = np.ones((2, 3)), np.array([[1.0, 2.0]]), np.array([[1.0, 2.0, 3.0]])
    affine = nn.Affine(weights, np.zeros(3), noise=nn.WeightNoise(0.5, rng=4))
    noisy = nn.WeightNoise(0.5, rng=4).forward(weights, training=True)
    np.testing.assert_array_equal(affine.forward(x, training=True), x @ noisy)
    np.testing.assert_array_equal(affine.backward(dy), dy @ noisy.T)
    np.testing.assert_array_equal(affine.dW, x.T @ dy)
    np.testing.assert_array_equal(affine.forward(x), x @ weights)
    np.testing.assert_array_equal(affine.W, weights)


def test_a_seed_repeats_the_weights() -> None:
    first, second = (nn.Affine.initialized(4, 3, rng=1, dtype=np.float64) for _ in range(2))
    np.testing.assert_array_equal(first.W, second.W)
    assert first.W.dtype == np.float64


@pytest.mark.parametrize(
    ("weights", "bias", "message"),
    [
        ([1, 2], [1], r"W has shape \(2,\)"),
        (W, [1, 2], r"b has shape \(2,\).*\(2, 3\).*\(3,\) or \(1, 3\)"),
        (W, [[1], [2], [3]], r"b has shape \(3, 1\)"),
    ],
)
def test_parameters_that_do_not_go_together_are_refused(
    weights: Any, bias: Any, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        nn.Affine(weights, bias)


def test_rows_of_another_width_are_refused() -> None:
    affine = nn.Affine(W, B)
    with pytest.raises(DataError, match=r"takes x of shape \(rows, 2\), got \(1, 3\)"):
        affine.forward([[1, 2, 3]])
    with pytest.raises(DataError, match=r"got \(2,\); write a single row as x\[None, :\]"):
        affine.forward([1, 2])


def test_a_layer_has_at_least_one_input_and_output() -> None:
    with pytest.raises(OptionError, match="n_in=0"):
        nn.Affine.initialized(0, 3, rng=0)
