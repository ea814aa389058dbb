"""Networks and estimators as ONNX models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim._version import __version__
from mlestim.distributions.parameter import Unit
from mlestim.errors import MissingExtraError, OptionError
from nn.exports.features import add_features
from nn.exports.graph import MACHINE_LEARNING, Graph
from nn.exports.layers import add_layers
from nn.sequential import Sequential
from nn.storage import replace_file

if TYPE_CHECKING:
    from nn.estimators.base import NetworkEstimator
    from nn.estimators.classifier import Classifier
    from nn.estimators.regressor import Regressor

OPERATIONS, MACHINE_LEARNING_OPERATIONS, FORMAT = 20, 4, 9


def to_onnx(model: Sequential | NetworkEstimator, path: str | os.PathLike[str]) -> None:
    """Write a network, or a fitted estimator, as an ONNX model that other programs run.

    A network takes X, shape (n, d), and gives y. An estimator takes the features as they are in
    the data frame, each an input of shape (n, 1) by its name, numbers as float64 with NaN for
    missing ones, text as text with "" for missing, and so a column all of whose categories were
    rare; one that learned from an array takes X as
    float64. A classifier gives ``label`` and ``probabilities``, a regressor each parameter of its
    family by its name, as float64. In between, and in a bare network, all is float32, and what is
    computed is the same to that precision.

    Parameters
    ----------
    model : Sequential, Classifier or Regressor
        What to write.
    path : path
        Where to; an existing file is replaced.

    Raises
    ------
    MissingExtraError
        If onnx is not installed.
    OptionError
        If something in the model has no form in ONNX, or a column the name of an output.
    NotFittedError
        If an estimator has not been fitted.
    """
    try:
        from onnx import TensorProto, checker, helper
    except ImportError as error:
        raise MissingExtraError(
            "writing ONNX needs onnx. Install it with: pip install 'mlestim[onnx]'"
        ) from error

    if not isinstance(model, Sequential):
        from nn.files.estimators import check_estimator

        check_estimator(model, "nn.to_onnx")
    graph = Graph()
    if isinstance(model, Sequential):
        inputs = [("X", TensorProto.FLOAT)]
        graph.name(add_layers(graph, model.layers, "X"), "y")
        networks = [None] if any(array.ndim > 2 for array in model.state().values()) else []
        outputs = [("y", TensorProto.FLOAT, [*networks, "n", None])]
    else:
        inputs, matrix = add_features(graph, model.encoder_)
        outputs = _add_outputs(graph, model, add_layers(graph, model.network_.layers, matrix))
    _check_names([name for name, _ in inputs], graph)
    whole = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "mlestim",
            [helper.make_tensor_value_info(name, kind, ["n", None]) for name, kind in inputs],
            [helper.make_tensor_value_info(*output) for output in outputs],
            graph.constants,
        ),
        opset_imports=[
            helper.make_opsetid("", OPERATIONS),
            helper.make_opsetid(MACHINE_LEARNING, MACHINE_LEARNING_OPERATIONS),
        ],
        producer_name="mlestim",
        producer_version=__version__,
        ir_version=FORMAT,
    )
    checker.check_model(whole)
    replace_file(Path(path), whole.SerializeToString())


def _check_names(inputs: list[str], graph: Graph) -> None:
    """Refuse columns that ONNX could not tell from other values; it knows all by name."""
    taken = graph.names | {""}
    for name in inputs:
        if name in taken:
            raise OptionError(
                f"a column cannot be called {name!r} in ONNX: "
                + ("inputs need a name" if not name else "an output of the model has this name")
                + ". Rename it, and train anew."
            )


def _add_outputs(graph: Graph, model: Any, outputs: str) -> list[tuple[str, int, Any]]:
    from nn.estimators.classifier import Classifier

    if isinstance(model, Classifier):
        return _add_probabilities(graph, model, outputs)
    return _add_parameters(graph, model, outputs)


def _add_probabilities(graph: Graph, model: Classifier, logits: str) -> list[tuple[str, int, Any]]:
    from onnx import TensorProto

    scaled = graph.apply("Div", logits, graph.constant(model.temperature_))
    probabilities = graph.apply("Softmax", scaled, axis=-1)
    if model.n_networks > 1:
        axis = graph.constant([0], np.int64)
        probabilities = graph.apply("ReduceMean", probabilities, axis, keepdims=0)
    graph.name(probabilities, "probabilities")
    place = graph.apply("ArgMax", probabilities, axis=1, keepdims=0)
    labels = model.classes_.tolist()
    places = list(range(len(labels)))
    text = isinstance(labels[0], str)
    if not text and not all(float(label).is_integer() for label in labels):
        raise OptionError("classes that are fractions have no form in ONNX; use text or integers")
    values = (
        {"values_strings": labels} if text else {"values_int64s": [int(label) for label in labels]}
    )
    graph.name(
        graph.apply("LabelEncoder", place, domain=MACHINE_LEARNING, keys_int64s=places, **values),
        "label",
    )
    kind = TensorProto.STRING if text else TensorProto.INT64
    return [
        ("label", kind, ["n"]),
        ("probabilities", TensorProto.FLOAT, ["n", len(labels)]),
    ]


def _add_parameters(graph: Graph, model: Regressor, outputs: str) -> list[tuple[str, int, Any]]:
    from onnx import TensorProto

    if model.n_networks > 1:
        axis = graph.constant([0], np.int64)
        outputs = graph.apply("ReduceMean", outputs, axis, keepdims=0)
    family, fixed = model.read_family(), model.fixed or {}
    learned = [p for p in family.parameters if p.name not in fixed]
    for place, parameter in enumerate(learned):
        column = graph.apply("Gather", outputs, graph.constant(place, np.int64), axis=1)
        # A large location leaves single precision no digits for what the features say.
        exact = graph.apply("Cast", column, to=TensorProto.DOUBLE)
        natural = _from_link(graph, parameter.domain, exact)
        factor, shift = _unit(parameter.unit, model.centre_, model.scale_)
        scaled = graph.apply("Mul", natural, graph.constant(factor, np.float64))
        graph.name(graph.apply("Add", scaled, graph.constant(shift, np.float64)), parameter.name)
    return [(p.name, TensorProto.DOUBLE, ["n"]) for p in learned]


def _from_link(graph: Graph, domain: Any, value: str) -> str:
    """Map from the line to a parameter's domain, as `Interval.from_link` does."""
    if domain.link_name == "identity":
        return value
    if domain.link_name == "reflected log":
        power = graph.apply("Exp", graph.apply("Neg", value))
        return graph.apply("Sub", graph.constant(domain.upper, np.float64), power)
    lower = graph.constant(domain.lower, np.float64)
    if domain.link_name == "log":
        return graph.apply("Add", graph.apply("Exp", value), lower)
    share = graph.apply("Sigmoid", value)
    width = graph.constant(domain.upper - domain.lower, np.float64)
    return graph.apply("Add", graph.apply("Mul", share, width), lower)


def _unit(unit: Unit, centre: float, scale: float) -> tuple[float, float]:
    """Factor and shift that turn a parameter of the standardised targets into theirs."""
    match unit:
        case Unit.LOCATION:
            return scale, centre
        case Unit.SCALE:
            return scale, 0.0
        case Unit.LOG_SCALE:
            return 1.0, float(np.log(scale))
        case Unit.SQUARE:
            return scale**2, 0.0
        case _:
            return 1.0, 0.0
