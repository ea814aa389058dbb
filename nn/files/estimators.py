"""Estimators as JSON: settings, features, and what they learned of their targets."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np

import mlestim.optim
import mlestim.penalties
from mlestim.distributions.registry import registered
from mlestim.errors import ModelFileError, OptionError
from nn.estimators.base import NetworkEstimator
from nn.estimators.classifier import Classifier
from nn.estimators.layers import check_settings
from nn.estimators.regressor import Regressor
from nn.layers.affine import Affine
from nn.tables.encoder import TableEncoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.sequential import Sequential

KINDS: dict[str, type[NetworkEstimator]] = {"Classifier": Classifier, "Regressor": Regressor}
# What belongs to one run, and not to the model.
LEFT_OUT = {"callbacks", "checkpoint", "resume"}
# Settings that are records of their own, by the name of their class.
RECORDS = {
    name: value
    for module in (mlestim.optim, mlestim.penalties)
    for name, value in vars(module).items()
    if isinstance(value, type) and dataclasses.is_dataclass(value)
}


def check_estimator(model: Any, taker: str) -> None:
    """Refuse what is no fitted estimator of a network.

    Raises
    ------
    OptionError
        If it is none; the message says what `taker` takes.
    NotFittedError
        If it has not been fitted.
    """
    from sklearn.utils.validation import check_is_fitted

    kind = type(model).__name__
    if KINDS.get(kind) is not type(model):
        raise OptionError(
            f"{kind} is neither a network nor one of its estimators; {taker} takes "
            "nn.Sequential, nn.Classifier and nn.Regressor"
        )
    check_is_fitted(model)


def describe(model: Any) -> tuple[Sequential, dict[str, Any]]:
    """Give an estimator's network, and all else of it as plain JSON values.

    Raises
    ------
    OptionError
        If it is no estimator of a network, or holds what JSON cannot.
    NotFittedError
        If it has not been fitted.
    """
    check_estimator(model, "nn.save")
    check_settings(model)
    if not _is_of_settings(model):
        raise OptionError(
            "the settings ask for other hidden layers or another number of networks than "
            f"{model.network_!r} has. Set them back, or train anew."
        )
    kind = type(model).__name__
    settings = {
        name: _setting(value)
        for name, value in model.get_params(deep=False).items()
        if name not in LEFT_OUT and _is_plain(value)
    }
    state: dict[str, Any] = {"kind": kind, "settings": settings, "features": model.encoder_.state()}
    state["target"] = model.target_name_
    state["penalty"] = _setting(model.penalty_) if _is_plain(model.penalty_) else None
    if isinstance(model, Classifier):
        return model.network_, state | {
            "classes": _labels(model.classes_),
            "temperature": model.temperature_,
        }
    family = model.read_family()
    if family.name not in registered():
        raise OptionError(f"{family.name!r} is a family of your own: a file cannot hold it")
    settings["family"] = family.name
    return model.network_, state | {"centre": model.centre_, "scale": model.scale_}


def restore(state: Any, network: Sequential) -> NetworkEstimator:
    """Make the estimator that `describe` described.

    Raises
    ------
    ModelFileError
        If a claim does not hold.
    """
    _require(isinstance(state, dict) and state.get("kind") in KINDS, "no estimator is described")
    _require(isinstance(state["settings"], dict), "the settings are none")
    settings = {name: _from_setting(value) for name, value in state["settings"].items()}
    _require(
        state["kind"] == "Classifier" or settings.get("family") in registered(),
        "the family is none of mlestim's",
    )
    model = KINDS[state["kind"]](**settings)
    model.encoder_ = TableEncoder.from_state(state["features"])
    model.penalty_ = _from_setting(state["penalty"])
    target = state["target"]
    _require(target is None or isinstance(target, str), "the target's name is none")
    model.target_name_ = target
    model.n_features_in_ = len(model.encoder_.features)
    if model.encoder_.named:
        model.feature_names_in_ = np.array(model.encoder_.names_in, dtype=object)
    if isinstance(model, Classifier):
        model.classes_ = _from_labels(state["classes"])
        model.temperature_ = _positive(state["temperature"])
    elif isinstance(model, Regressor):
        model.centre_, model.scale_ = float(state["centre"]), _positive(state["scale"])
        _require(math.isfinite(model.centre_), "the targets' centre is not finite")
    model.network_ = network
    check_settings(model)
    _require(_is_of_settings(model), "the settings ask for another network")
    _check_shape(model)
    return model


def _is_of_settings(model: NetworkEstimator) -> bool:
    """Whether the network has the hidden layers, and is as many networks, as the settings say."""
    weights = [layer.W for layer in model.network_.walk() if isinstance(layer, Affine)]
    widths = [array.shape[-1] for array in weights[:-1]]
    n_networks = {len(array) if array.ndim > 2 else 1 for array in weights}
    return widths == list(model.hidden) and n_networks == {model.n_networks}


def _check_shape(model: NetworkEstimator) -> None:
    """See that the network goes from the features to the targets."""
    row = np.zeros((1, model.encoder_.width), model.network_.parameters.dtype)
    for column, feature in model.encoder_.codes.items():
        row[0, column] = feature.n_places  # the largest code
    outputs = model.network_.predict(row)
    wanted = (1, model.n_outputs())
    _require(
        outputs.shape[-2:] == wanted and outputs.ndim in {2, 3},
        f"the network gives {outputs.shape[-1]} outputs, where {wanted[1]} are needed",
    )


def _is_plain(value: Any) -> bool:
    """Whether JSON can hold a setting; callables and generators stay out."""
    if isinstance(value, dict):
        return all(_is_plain(entry) for entry in value.values())
    if isinstance(value, (list, tuple)):
        return all(_is_plain(entry) for entry in value)
    if type(value).__name__ in RECORDS:
        return all(_is_plain(entry) for entry in _fields(value).values())
    return value is None or isinstance(value, (bool, int, float, str, np.number))


def _setting(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {"mapping": [[_setting(key), _setting(entry)] for key, entry in value.items()]}
    if isinstance(value, (list, tuple)):
        return [_setting(entry) for entry in value]
    if type(value).__name__ in RECORDS:
        fields = {name: _setting(entry) for name, entry in _fields(value).items()}
        return {"record": type(value).__name__, **fields}
    return value


def _from_setting(value: Any) -> Any:
    match value:
        case list():
            return tuple(_from_setting(entry) for entry in value)
        case {"mapping": list(pairs)}:
            return {_from_setting(key): _from_setting(entry) for key, entry in pairs}
        case {"record": str(name)}:
            _require(name in RECORDS, f"{name!r} is no known record")
            fields = {key: _from_setting(value[key]) for key in value if key != "record"}
            return RECORDS[name](**fields)
        case dict():
            raise ModelFileError(f"{str(value)[:80]} is no setting")
    return value


def _fields(record: Any) -> dict[str, Any]:
    return {
        field.name: getattr(record, field.name)
        for field in dataclasses.fields(record)
        if field.init
    }


def _labels(classes: NDArray[Any]) -> dict[str, Any]:
    values = classes.tolist()
    if not all(isinstance(value, (bool, int, float, str)) for value in values):
        raise OptionError(
            f"classes of type {type(values[0]).__name__}, such as {values[0]!r}, cannot be saved; "
            "train with text or numbers for classes"
        )
    return {"dtype": classes.dtype.str, "values": values}


def _from_labels(state: Any) -> NDArray[Any]:
    dtype = np.dtype(state["dtype"])
    _require(dtype.kind in "biufUO" and dtype.names is None, "the classes have a strange type")
    values = state["values"]
    _require(all(isinstance(v, (bool, int, float, str)) for v in values), "a class is no label")
    # Text is as wide as the longest label, so that a claim of more takes no memory.
    classes = np.array(values, dtype="U" if dtype.kind == "U" else dtype)
    narrow = dtype.kind == "U" and dtype.itemsize < classes.itemsize
    _require(not narrow and classes.tolist() == values, "the classes do not fit their type")
    _require(
        classes.ndim == 1 and len(classes) > 1 and len(set(values)) == len(values),
        "there are not several different classes",
    )
    return classes


def _positive(value: Any) -> float:
    _require(type(value) in {int, float} and 0 < value < math.inf, f"{value!r} is not positive")
    return float(value)


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise ModelFileError(f"the file is inconsistent: {problem}")
