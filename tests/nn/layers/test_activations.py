"""ReLU, Sigmoid and softmax: PyTorch's values, extreme inputs, and the notes' traps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

import nn
from mlestim.errors import DataError


def test_relu_agrees_with_pytorch(torch: Any) -> None:
    x, reference = torch["activations"].array("x"), torch["activations"]["relu"]
    relu = nn.ReLU()
    np.testing.assert_array_equal(relu.forward(x), reference["y"])
    np.testing.assert_array_equal(relu.backward(np.ones_like(x)), reference["dx"])


def test_relu_zeroes_minus_infinity_and_passes_nan_on() -> None:
    np.testing.assert_array_equal(nn.ReLU().forward([-np.inf, np.nan, np.inf]), [0, np.nan, np.inf])


def test_relu_leaves_the_incoming_gradient_as_it_was() -> None:
    relu, dy = nn.ReLU(), np.array([5.0, 6.0])
    relu.forward([-1.0, 1.0])
    np.testing.assert_array_equal(relu.backward(dy), [0, 6])
    np.testing.assert_array_equal(dy, [5, 6])


def test_sigmoid_agrees_with_pytorch(torch: Any) -> None:
    x, reference = torch["activations"].array("x"), torch["activations"]["sigmoid"]
    sigmoid = nn.Sigmoid()
    # Two roundings against 15 digits given.
    np.testing.assert_allclose(sigmoid.forward(x), reference["y"], rtol=1e-14)
    np.testing.assert_allclose(sigmoid.backward(np.ones_like(x)), reference["dx"], rtol=1e-13)


@pytest.mark.parametrize(("layer", "name"), [(nn.Tanh(), "tanh"), (nn.GELU(), "gelu_tanh")])
def test_smooth_activations_agree_with_pytorch(torch: Any, layer: nn.Layer, name: str) -> None:
    x, reference = torch["activations"].array("x"), torch["activations"][name]
    # Some ten roundings, of which 1 − tanh² loses a digit.
    close = {"rtol": 1e-13, "atol": 1e-15}
    np.testing.assert_allclose(layer.forward(x), reference["y"], **close)
    np.testing.assert_allclose(layer.backward(np.ones_like(x)), reference["dx"], **close)


def test_gelu_is_an_input_times_a_normal_probability() -> None:
    x = np.linspace(-8, 8, 1000)
    # The tanh form's own error.
    np.testing.assert_allclose(nn.GELU().forward(x), x * ndtr(x), rtol=0, atol=5e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_does_not_overflow(dtype: type) -> None:
    np.testing.assert_array_equal(
        nn.sigmoid(np.array([-1000, 0, 1000], dtype)), np.array([0, 0.5, 1], dtype)
    )


def test_softmax_agrees_with_pytorch(torch: Any) -> None:
    reference = torch["softmax_ce"]
    logits = reference.array("logits")
    # A few roundings against 15 digits given.
    np.testing.assert_allclose(nn.softmax(logits), reference["softmax"], rtol=1e-13)
    np.testing.assert_allclose(nn.log_softmax(logits), reference["log_softmax"], rtol=1e-13)
    np.testing.assert_array_equal(nn.softmax(logits)[1], nn.softmax(logits[1]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_is_finite_at_a_thousand(dtype: type) -> None:
    logits = np.array([1000, 0, -1000], dtype)
    np.testing.assert_array_equal(nn.softmax(logits), [1, 0, 0])
    np.testing.assert_array_equal(nn.log_softmax(logits), [0, -1000, -2000])
    assert nn.softmax(logits).dtype == nn.log_softmax(logits).dtype == dtype


@pytest.mark.parametrize("function", [nn.softmax, nn.log_softmax])
@pytest.mark.parametrize("logits", [3.0, [], np.ones((2, 0))], ids=["number", "empty", "no class"])
def test_softmax_needs_classes(function: Any, logits: Any) -> None:
    with pytest.raises(DataError, match="classes run along the last axis"):
        function(logits)


@pytest.mark.parametrize("row", [[-np.inf, -np.inf], [np.inf, 0.0], [np.nan, 0.0]])
def test_rows_without_a_finite_largest_logit_have_no_probabilities(row):
    for function in (nn.softmax, nn.log_softmax):
        found = function([row, [0.0, 0.0]])
        assert np.isnan(found[0]).all()
        np.testing.assert_array_equal(found[1], function([0.0, 0.0]))


def test_the_widest_logits_have_probabilities():
    np.testing.assert_array_equal(nn.softmax([1e308, -1e308, -np.inf]), [1.0, 0.0, 0.0])
    np.testing.assert_array_equal(nn.log_softmax([1e308, -1e308]), [0.0, -np.inf])
