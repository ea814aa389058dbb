"""What holds for every layer: one table of cases, one set of tests over it.

A new layer joins by one line in ``LAYERS``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import nn
from mlestim.errors import DataError, MLEstimError

# Differences over steps h and h/2, combined so that their h² errors cancel: the error left is
# h⁴ plus rounding/h, both below 1e-11 for entries of order 1 at this step.
STEP = 2e-3
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Case:
    """A layer of a given precision, the shapes of its inputs, and whether it is training."""

    make: Callable[[Any], Any]
    shapes: tuple[tuple[int, ...], ...]
    training: bool = False
    text: str = ""

    def inputs(self, dtype: Any = np.float64) -> list[np.ndarray]:
        rng = np.random.default_rng(20)
        # Away from 0, where ReLU has a kink that no difference may straddle.
        draws = [rng.uniform(0.1, 2, shape) * rng.choice([-1, 1], shape) for shape in self.shapes]
        return [np.array(draw, dtype) for draw in draws]

    def output_weights(self, dtype: Any = np.float64) -> np.ndarray:
        """Weights w of the scalar L = Σ w · forward(x), whose gradient in the output is w."""
        shape = self.make(dtype).forward(*self.inputs(dtype), training=self.training).shape
        return np.random.default_rng(21).normal(size=shape).astype(dtype)


def affine(dtype: Any, bias_shape: tuple[int, ...] = (3,)) -> nn.Affine:
    rng = np.random.default_rng(22)
    return nn.Affine(
        rng.normal(size=(4, 3)).astype(dtype), rng.normal(size=bias_shape).astype(dtype)
    )


def batch_norm(dtype: Any) -> nn.BatchNorm:
    norm = nn.BatchNorm(np.array([1.5, 0.7, -0.3], dtype), np.array([0.1, -0.2, 0.4], dtype))
    norm.running_mean[:] = [0.2, -0.1, 0.3]
    norm.running_variance[:] = [0.5, 1.5, 2.5]
    return norm


def layer_norm(dtype: Any) -> nn.LayerNorm:
    return nn.LayerNorm(np.array([1.5, 0.7, -0.3], dtype), np.array([0.1, -0.2, 0.4], dtype))


def ensemble(dtype: Any) -> nn.Affine:
    rng = np.random.default_rng(23)
    weights, bias = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 1, 3))
    return nn.Affine(weights.astype(dtype), bias.astype(dtype))


def residual(dtype: Any) -> nn.Residual:
    weights = np.random.default_rng(24).normal(size=(3, 3))
    return nn.Residual(nn.Affine(weights.astype(dtype), np.zeros(3, dtype)), nn.Tanh())


def ensemble_norm(kind: Any, dtype: Any) -> Any:
    rng = np.random.default_rng(25)
    scale, shift = rng.normal(size=(2, 2, 1, 3))
    return kind(scale.astype(dtype), shift.astype(dtype))


BATCH_NORM_TEXT = "BatchNorm(n_features=3, epsilon=1e-05, momentum=0.1)"
LAYERS = {
    "add": Case(lambda _: nn.Add(), ((2, 3), (2, 3)), text="Add()"),
    "add, second operand broadcast": Case(lambda _: nn.Add(), ((2, 3), (3,)), text="Add()"),
    "multiply": Case(lambda _: nn.Multiply(), ((2, 3), (2, 3)), text="Multiply()"),
    "multiply, both broadcast": Case(lambda _: nn.Multiply(), ((2, 1), (1, 3)), text="Multiply()"),
    "multiply, by a number": Case(lambda _: nn.Multiply(), ((), (4,)), text="Multiply()"),
    "affine": Case(affine, ((5, 4),), text="Affine(n_in=4, n_out=3)"),
    "affine, bias as a row": Case(
        lambda dtype: affine(dtype, (1, 3)), ((5, 4),), text="Affine(n_in=4, n_out=3)"
    ),
    "affine, ensemble": Case(ensemble, ((2, 5, 4),), text="Affine(n_in=4, n_out=3, n_networks=2)"),
    "affine, ensemble on shared rows": Case(
        ensemble, ((5, 4),), text="Affine(n_in=4, n_out=3, n_networks=2)"
    ),
    "relu": Case(lambda _: nn.ReLU(), ((5, 3),), text="ReLU()"),
    "tanh": Case(lambda _: nn.Tanh(), ((5, 3),), text="Tanh()"),
    "gelu": Case(lambda _: nn.GELU(), ((5, 3),), text="GELU()"),
    "sigmoid": Case(lambda _: nn.Sigmoid(), ((5, 3),), text="Sigmoid()"),
    "softmax": Case(lambda _: nn.Softmax(), ((5, 3),), text="Softmax()"),
    "softmax, one row": Case(lambda _: nn.Softmax(), ((3,),), text="Softmax()"),
    "batch norm, training": Case(batch_norm, ((6, 3),), training=True, text=BATCH_NORM_TEXT),
    "batch norm, inference": Case(batch_norm, ((6, 3),), text=BATCH_NORM_TEXT),
    "batch norm, ensemble": Case(
        lambda dtype: ensemble_norm(nn.BatchNorm, dtype),
        ((2, 6, 3),),
        training=True,
        text="BatchNorm(n_features=3, epsilon=1e-05, momentum=0.1, n_networks=2)",
    ),
    "layer norm": Case(layer_norm, ((6, 3),), text="LayerNorm(n_features=3, epsilon=1e-05)"),
    "layer norm, ensemble": Case(
        lambda dtype: ensemble_norm(nn.LayerNorm, dtype),
        ((2, 4, 3),),
        text="LayerNorm(n_features=3, epsilon=1e-05, n_networks=2)",
    ),
    "residual": Case(residual, ((5, 3),), text="Residual(Affine(n_in=3, n_out=3), Tanh())"),
    "weight noise, training": Case(
        lambda _: nn.WeightNoise(0.4, rng=7), ((5, 3),), training=True, text="WeightNoise(sd=0.4)"
    ),
    "weight noise, inference": Case(
        lambda _: nn.WeightNoise(0.4, rng=7), ((5, 3),), text="WeightNoise(sd=0.4)"
    ),
    "dropout, training": Case(
        lambda _: nn.Dropout(0.4, rng=7), ((5, 3),), training=True, text="Dropout(rate=0.4)"
    ),
    "dropout, inference": Case(
        lambda _: nn.Dropout(0.4, rng=7), ((5, 3),), text="Dropout(rate=0.4)"
    ),
}

every_layer = pytest.mark.parametrize("case", LAYERS.values(), ids=LAYERS.keys())
every_layer_with_parameters = pytest.mark.parametrize(
    ("case", "name"),
    [
        pytest.param(case, name, id=f"{title}: {name}")
        for title, case in LAYERS.items()
        for name in getattr(case.make(np.float64), "parameter_names", ())
    ],
)


def numerical_gradient(value: Callable[[], float], array: np.ndarray) -> np.ndarray:
    """Gradient of ``value()`` in the entries of `array`, which it reads."""
    gradient = np.empty(array.shape)
    for index in np.ndindex(array.shape):

        def shifted(step: float, index: tuple[int, ...] = index) -> float:
            kept = array[index].copy()
            array[index] += step
            result = value()
            array[index] = kept
            return result

        wide = (shifted(STEP) - shifted(-STEP)) / (2 * STEP)
        narrow = (shifted(STEP / 2) - shifted(-STEP / 2)) / STEP
        gradient[index] = (4 * narrow - wide) / 3
    return gradient


def as_tuple(gradients: Any) -> tuple[np.ndarray, ...]:
    return gradients if isinstance(gradients, tuple) else (gradients,)


def run(
    case: Case, dtype: Any = np.float64
) -> tuple[Any, list[np.ndarray], tuple[np.ndarray, ...]]:
    """A fresh layer after forward and backward, its inputs, and the gradients in them."""
    layer, inputs = case.make(dtype), case.inputs(dtype)
    layer.forward(*inputs, training=case.training)
    return layer, inputs, as_tuple(layer.backward(case.output_weights(dtype)))


@every_layer
def test_gradient_in_the_inputs_is_the_slope_of_the_output(case: Case) -> None:
    _, inputs, gradients = run(case)
    weights = case.output_weights()

    def value() -> float:
        return float((weights * case.make(float).forward(*inputs, training=case.training)).sum())

    for x, gradient in zip(inputs, gradients, strict=True):
        np.testing.assert_allclose(
            gradient, numerical_gradient(value, x), rtol=TOLERANCE, atol=TOLERANCE
        )


@every_layer_with_parameters
def test_gradient_in_a_parameter_is_the_slope_of_the_output(case: Case, name: str) -> None:
    layer, inputs, _ = run(case)
    weights = case.output_weights()
    gradient = getattr(layer, f"d{name}")
    varied = case.make(np.float64)

    def value() -> float:
        return float((weights * varied.forward(*inputs, training=case.training)).sum())

    np.testing.assert_allclose(
        gradient, numerical_gradient(value, getattr(varied, name)), rtol=TOLERANCE, atol=TOLERANCE
    )


@every_layer_with_parameters
def test_gradient_of_a_parameter_has_its_shape(case: Case, name: str) -> None:
    layer, _, _ = run(case)
    assert getattr(layer, f"d{name}").shape == getattr(layer, name).shape


@every_layer
def test_gradients_have_their_operands_shapes(case: Case) -> None:
    _, inputs, gradients = run(case)
    assert [gradient.shape for gradient in gradients] == [x.shape for x in inputs]


@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_kept(case: Case, dtype: type) -> None:
    layer, inputs, gradients = run(case, dtype)
    output = layer.forward(*inputs, training=case.training)
    kept = [getattr(layer, f"d{name}") for name in getattr(layer, "parameter_names", ())]
    assert {array.dtype for array in (output, *gradients, *kept)} == {np.dtype(dtype)}


@every_layer_with_parameters
def test_float64_inputs_do_not_change_a_float32_layer(case: Case, name: str) -> None:
    layer = case.make(np.float32)
    output = layer.forward(*case.inputs(), training=case.training)
    layer.backward(case.output_weights())
    assert output.dtype == np.float64
    assert getattr(layer, name).dtype == getattr(layer, f"d{name}").dtype == np.float32


@every_layer
def test_float32_agrees_with_float64(case: Case) -> None:
    _, _, single = run(case, np.float32)
    _, _, double = run(case, np.float64)
    for a, b in zip(single, double, strict=True):
        # Sums of some ten rounded terms of order 1.
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=5e-6)


@every_layer
def test_the_callers_arrays_are_left_as_they_were(case: Case) -> None:
    layer, inputs, weights = case.make(np.float64), case.inputs(), case.output_weights()
    for array in (*inputs, weights):
        array.flags.writeable = False
    layer.forward(*inputs, training=case.training)
    gradients = as_tuple(layer.backward(weights))
    assert not any(np.shares_memory(gradient, weights) for gradient in gradients)


@every_layer
def test_backward_can_be_called_again(case: Case) -> None:
    layer, _, first = run(case)
    for a, b in zip(first, as_tuple(layer.backward(case.output_weights())), strict=True):
        np.testing.assert_array_equal(a, b)


@every_layer
def test_lists_and_integers_are_read_as_float64(case: Case) -> None:
    integers = [np.ones(shape, dtype=int) for shape in case.shapes]
    from_lists = case.make(np.float64).forward(
        *(x.tolist() for x in integers), training=case.training
    )
    from_floats = case.make(np.float64).forward(
        *(x.astype(float) for x in integers), training=case.training
    )
    assert from_lists.dtype == np.float64
    np.testing.assert_array_equal(from_lists, from_floats)


@pytest.mark.parametrize("title", ["affine", "relu", "sigmoid", "softmax", "batch norm, inference"])
def test_no_rows_give_no_rows(title: str) -> None:
    (shape,) = LAYERS[title].shapes
    assert len(LAYERS[title].make(np.float64).forward(np.ones((0, shape[1])))) == 0


@every_layer
def test_repr_says_what_the_layer_is(case: Case) -> None:
    assert repr(case.make(np.float64)) == case.text


@every_layer
def test_backward_needs_a_forward(case: Case) -> None:
    layer = case.make(np.float64)
    with pytest.raises(
        nn.BackwardBeforeForwardError, match=r"call forward before backward"
    ) as caught:
        layer.backward(case.output_weights())
    assert isinstance(caught.value, MLEstimError)
    assert repr(layer) in str(caught.value)


@every_layer
def test_a_gradient_of_another_shape_is_refused_by_both_shapes(case: Case) -> None:
    layer, _, _ = run(case)
    weights = case.output_weights()
    with pytest.raises(DataError) as caught:
        layer.backward(np.ones((*weights.shape, 7)))
    assert str((*weights.shape, 7)) in str(caught.value)
    assert str(weights.shape) in str(caught.value)


UNREADABLE = {
    "text": ([["a", "b"]], r"dtype <U1"),
    "ragged": ([[1, 2], [3]], r"rectangular"),
    "object": ([[None, 1.0]], r"dtype object"),
    "complex": ([[1j, 2]], r"dtype complex128"),
}


@every_layer
@pytest.mark.parametrize(("values", "message"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_no_number_is_refused(case: Case, values: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        case.make(np.float64).forward(*[values] * len(case.shapes), training=case.training)
