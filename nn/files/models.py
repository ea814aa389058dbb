"""Save and load networks and estimators."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import safetensors

from mlestim._version import __version__
from mlestim.errors import MLEstimError, ModelFileError, OptionError
from nn.sequential import Sequential, build
from nn.storage import read_arrays, write_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.estimators.base import NetworkEstimator

FORMAT = "mlestim network"
FORMAT_VERSION = 1
PRECISIONS = ("float32", "float64")


def save(model: Sequential | NetworkEstimator, path: str | os.PathLike[str]) -> None:
    """Save a network, or a fitted `Classifier` or `Regressor`, in one file.

    The file is safetensors: the arrays, running means and variances of batch normalization among
    them, and as JSON the layers, for an estimator also its settings, the features with their means,
    standard deviations and categories, the classes and the temperature. It is written whole or not
    at all, with a checksum, and holds no program. Callbacks, checkpoints and the state of the
    optimizer stay out.

    Parameters
    ----------
    model : Sequential, Classifier or Regressor
        What to save.
    path : path
        Where to; an existing file is replaced.

    Raises
    ------
    OptionError
        If it is something else, or holds what a file cannot: classes that are neither text nor
        numbers, a family of one's own, weights that are not finite.
    ModelFileError
        If `path` is a folder, or lies in none.
    NotFittedError
        If an estimator has not been fitted.

    Examples
    --------
    >>> import nn, tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.safetensors"
    >>> nn.save(nn.Sequential(nn.Affine([[2.0]], [1.0]), nn.ReLU()), path)
    >>> nn.load(path).forward([[3.0]])
    array([[7.]])
    """
    if isinstance(model, Sequential):
        network, estimator = model, None
    else:
        from nn.files.estimators import describe

        network, estimator = describe(model)
    metadata = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "versions": {
            "mlestim": __version__,
            "numpy": np.__version__,
            "safetensors": safetensors.__version__,
        },
        "dtype": network.parameters.dtype.name,
        "architecture": network.architecture(),
        "estimator": estimator,
    }
    state = network.state()
    for name in _not_finite(state):
        raise OptionError(f"{name} holds numbers that are not finite: train the network anew")
    write_arrays(path, state, metadata)


def load(path: str | os.PathLike[str]) -> Any:
    """Load what `nn.save` saved.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    Sequential, Classifier or Regressor

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ModelFileError
        If it is truncated, altered, of another format, or inconsistent. Nothing in it is run, and
        no array is made that is larger than the file.
    """
    arrays, metadata = read_arrays(path)
    if metadata.get("format") != FORMAT:
        raise ModelFileError(f"{path} is no saved network: its format is not {FORMAT!r}")
    if metadata.get("format_version") != FORMAT_VERSION:
        raise ModelFileError(
            f"{path} has format version {metadata.get('format_version')!r}; mlestim {__version__} "
            f"reads version {FORMAT_VERSION}"
        )
    try:
        network = _network(metadata, arrays)
        if metadata["estimator"] is None:
            return network
        from nn.files.estimators import restore

        return restore(metadata["estimator"], network)
    except ModelFileError:
        raise
    except (MLEstimError, LookupError, TypeError, ValueError, ArithmeticError) as error:
        raise ModelFileError(f"{path} is inconsistent: {error}") from error


def _network(metadata: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Sequential:
    architecture, dtype = metadata["architecture"], metadata["dtype"]
    if dtype not in PRECISIONS:
        raise ModelFileError(f"{dtype!r} is no precision of a network")
    _check_sizes(architecture, sum(array.size for array in arrays.values()))
    network = build(architecture, dtype=dtype)
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
        network.load_state(arrays)
    for name in _not_finite(network.state()):
        raise ModelFileError(f"the file is inconsistent: {name} holds numbers that are not finite")
    return network


def _not_finite(state: Mapping[str, NDArray[Any]]) -> list[str]:
    """Name the arrays that hold a number with which nothing can be computed."""
    return [name for name, array in state.items() if not np.isfinite(array).all()]


def _check_sizes(architecture: Any, available: int) -> None:
    """Refuse layers that would be larger than all arrays of the file together."""
    if not isinstance(architecture, list):
        raise ModelFileError("the file describes no network")
    for record in architecture:
        if not isinstance(record, dict):
            raise ModelFileError(f"{record!r} describes no layer")
        size = 1
        for name, value in record.items():
            if name == "layers":
                _check_sizes(value, available)
            elif type(value) is int and name != "column":
                size *= max(value, 1)
        if size > max(available, 1):
            raise ModelFileError(
                f"layer {record.get('layer')!r} claims {size} numbers; the file holds {available}"
            )
