"""Layers as ONNX operations, as they are at inference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nn.exports.graph import Graph
    from nn.layers.base import Layer


def add_layers(graph: Graph, layers: Iterable[Layer], x: str) -> str:
    """Add a chain of layers on top of the value `x`, and name its output.

    Raises
    ------
    OptionError
        If there is no operation for a layer.
    """
    for layer in layers:
        name = type(layer).__name__
        if name not in OPERATIONS:
            raise OptionError(f"{layer!r} has no form in ONNX; known are {', '.join(OPERATIONS)}")
        x = OPERATIONS[name](graph, layer, x)
    return x


def _affine(graph: Graph, layer: Any, x: str) -> str:
    product = graph.apply("MatMul", x, graph.constant(layer.W))
    return graph.apply("Add", product, graph.constant(layer.b))


def _batch_norm(graph: Graph, layer: Any, x: str) -> str:
    scale = layer.gamma / np.sqrt(layer.running_variance + layer.epsilon)
    shift = layer.beta - layer.running_mean * scale
    return graph.apply("Add", graph.apply("Mul", x, graph.constant(scale)), graph.constant(shift))


def _layer_norm(graph: Graph, layer: Any, x: str) -> str:
    ones = graph.constant(np.ones(layer.gamma.shape[-1]))
    normalized = graph.apply("LayerNormalization", x, ones, axis=-1, epsilon=layer.epsilon)
    scaled = graph.apply("Mul", normalized, graph.constant(layer.gamma))
    return graph.apply("Add", scaled, graph.constant(layer.beta))


def _embedding(graph: Graph, layer: Any, x: str) -> str:
    """Replace one column by rows of W: the columns before it, behind it, and the rows."""
    networks = layer.W.shape[:-2]
    if networks:
        # All networks of an ensemble have the same codes; the other columns may differ by now.
        x = graph.apply("Expand", x, graph.constant([*networks, 1, 1], np.int64))
    axis = len(networks) + 1
    bounds = {"before": (0, layer.column), "behind": (layer.column + 1, np.iinfo(np.int64).max)}
    parts = [_columns(graph, x, *ends, axis) for ends in bounds.values()]
    code = graph.apply("Gather", x, graph.constant(layer.column, np.int64), axis=axis)
    if networks:
        code = graph.apply("Gather", code, graph.constant(0, np.int64), axis=0)
    code = graph.apply("Cast", code, to=7)  # int64
    parts.append(graph.apply("Gather", graph.constant(layer.W), code, axis=len(networks)))
    return graph.apply("Concat", *parts, axis=axis)


def _columns(graph: Graph, x: str, start: int, end: int, axis: int) -> str:
    ends = (graph.constant([value], np.int64) for value in (start, end, axis))
    return graph.apply("Slice", x, *ends)


def _residual(graph: Graph, layer: Any, x: str) -> str:
    return graph.apply("Add", x, add_layers(graph, layer.inner, x))


def _same(_graph: Graph, _layer: Any, x: str) -> str:
    return x


def _operation(name: str, **attributes: Any) -> Callable[[Graph, Any, str], str]:
    def add(graph: Graph, _layer: Any, x: str) -> str:
        return graph.apply(name, x, **attributes)

    return add


OPERATIONS: dict[str, Callable[[Graph, Any, str], str]] = {
    "Affine": _affine,
    "BatchNorm": _batch_norm,
    "Dropout": _same,
    "Embedding": _embedding,
    "GELU": _operation("Gelu", approximate="tanh"),
    "LayerNorm": _layer_norm,
    "ReLU": _operation("Relu"),
    "Residual": _residual,
    "Sigmoid": _operation("Sigmoid"),
    "Softmax": _operation("Softmax", axis=-1),
    "Tanh": _operation("Tanh"),
    "WeightNoise": _same,
}
