"""What is done to a table's features before the network, as ONNX operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlestim.errors import OptionError
from nn.exports.graph import MACHINE_LEARNING, Graph
from nn.tables.columns import LIMIT, CategoryColumn, FeatureColumn, NumberColumn

if TYPE_CHECKING:
    from nn.tables.encoder import TableEncoder

# Up to here double precision holds every whole number.
LARGEST_EXACT = 2**53


def add_features(graph: Graph, encoder: TableEncoder) -> tuple[list[tuple[str, int]], str]:
    """Add the encoding of a table.

    The features of a data frame are inputs of their own, of shape (n, 1), by their names; text is
    text there, and a missing one is "". An array is one input, X, of shape (n, d). Numbers have
    double precision until they are centred and scaled: times and identifiers have more digits than
    single precision holds.

    Returns
    -------
    inputs : list of tuple
        Name and ONNX type of each input.
    matrix : str
        Name of what the network sees.
    """
    from onnx import TensorProto

    if not encoder.named:
        if any(_is_text(feature) for feature in encoder.features):
            raise OptionError(
                "an array of numbers and text is none that ONNX knows. Train on a data frame, whose "
                "columns are inputs of their own."
            )
        columns = [
            graph.apply("Gather", "X", graph.constant([place], np.int64), axis=1)
            for place in range(len(encoder.features))
        ]
        inputs = [("X", TensorProto.DOUBLE)]
    else:
        columns = encoder.names_in
        inputs = [
            (feature.name, TensorProto.STRING if _is_text(feature) else TensorProto.DOUBLE)
            for feature in encoder.features
        ]
    parts = [
        _add_number(graph, feature, column)
        if isinstance(feature, NumberColumn)
        else _add_category(graph, feature, column)
        for feature, column in zip(encoder.features, columns, strict=True)
    ]
    return inputs, graph.apply("Concat", *parts, axis=1)


def _is_text(feature: FeatureColumn) -> bool:
    """Whether a column is text; so are those of which no category has a place of its own."""
    if not isinstance(feature, CategoryColumn):
        return False
    return not feature.levels or isinstance(feature.levels[0], str)


def _add_number(graph: Graph, feature: NumberColumn, column: str) -> str:
    absent = graph.apply("IsNaN", column)
    centred = graph.apply("Sub", column, graph.constant(feature.mean, np.float64))
    scaled = graph.apply("Div", centred, graph.constant(feature.sd, np.float64))
    if feature.limited:
        scaled = _limited(graph, scaled)
    single = graph.apply("Cast", scaled, to=1)
    filled = graph.apply("Where", absent, graph.constant(0.0), single)
    if not feature.missing:
        return filled
    return graph.apply("Concat", filled, graph.apply("Cast", absent, to=1), axis=1)


def _limited(graph: Graph, z: str) -> str:
    """Let distances beyond the limit count by their logarithm."""
    limit, one = graph.constant(LIMIT, np.float64), graph.constant(1.0, np.float64)
    size = graph.apply("Abs", z)
    beyond = graph.apply("Max", graph.apply("Sub", size, limit), graph.constant(0.0, np.float64))
    logarithm = graph.apply("Log", graph.apply("Add", beyond, one))
    near = graph.apply("Min", size, limit)
    return graph.apply("Mul", graph.apply("Sign", z), graph.apply("Add", near, logarithm))


def _add_category(graph: Graph, feature: CategoryColumn, column: str) -> str:
    """Look the level up, and then its row of zeros and ones, if it is not to be embedded."""
    from onnx import numpy_helper

    text = [level for level in feature.levels if isinstance(level, str)]
    if text and len(text) < len(feature.levels):
        raise OptionError(f"column {feature.name!r} mixes text and numbers; ONNX has either")
    if "" in text:
        raise OptionError(
            f"column {feature.name!r} has the category '', which is a missing value in ONNX. "
            "Train with another name for it."
        )
    places = list(range(len(feature.levels)))
    absent = feature.place_of_missing
    if _is_text(feature):
        keys = {"keys_strings": [*text, ""], "values_int64s": [*places, absent]}
    else:
        levels = _exact_levels(feature)
        keys = {
            "keys_tensor": numpy_helper.from_array(np.array([*levels, np.nan]), "keys"),
            "values_tensor": numpy_helper.from_array(np.array([*places, absent]), "values"),
        }
    code = graph.apply(
        "LabelEncoder",
        column,
        domain=MACHINE_LEARNING,
        default_int64=feature.place_of_unseen,
        **keys,
    )
    if feature.embedded:
        return graph.apply("Cast", code, to=1)
    flat = graph.apply("Reshape", code, graph.constant([-1], np.int64))
    rows = np.vstack([np.eye(feature.width), np.zeros(feature.width)])
    return graph.apply("Gather", graph.constant(rows), flat, axis=0)


def _exact_levels(feature: CategoryColumn) -> list[float]:
    """Give levels that are numbers in double precision, in which none may be taken for another."""
    for level in feature.levels:
        if abs(level) > LARGEST_EXACT:  # type: ignore[arg-type]
            raise OptionError(
                f"column {feature.name!r} has the category {level}, which double precision does "
                "not tell from its neighbours. Train with these categories as text."
            )
    return [float(level) for level in feature.levels]  # type: ignore[arg-type]
