"""Layers from their records: what a file says about a network's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import MLEstimError, ModelFileError
from nn.layers.base import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import DTypeLike


def make_layer(record: Any, rng: np.random.Generator, dtype: DTypeLike) -> Layer:
    """Make the layer that a record describes, its learned arrays still to be loaded.

    Parameters
    ----------
    record : dict
        What ``layer.record()`` gave: the class's name under "layer", and its settings.
    rng : numpy.random.Generator
        For what is drawn: initial weights, and what is dropped in training.
    dtype : dtype
        Precision of the parameters.

    Raises
    ------
    ModelFileError
        If there is no such layer, or its settings do not make one.

    Examples
    --------
    >>> import nn
    >>> make_layer({"layer": "Dropout", "rate": 0.5}, np.random.default_rng(0), np.float32)
    Dropout(rate=0.5)
    """
    if not isinstance(record, dict) or not isinstance(record.get("layer"), str):
        raise ModelFileError(f"{record!r} describes no layer")
    kinds = {kind.__name__: kind for kind in _kinds(Layer)}
    kind = kinds.get(record["layer"])
    if kind is None:
        raise ModelFileError(
            f"{record['layer']!r} is no layer that is known here; import the module that defines it"
        )
    settings = {name: value for name, value in record.items() if name != "layer"}
    try:
        return kind.from_settings(settings, rng, dtype)
    except ModelFileError:
        raise
    except (TypeError, ValueError, KeyError, MemoryError, RecursionError, MLEstimError) as error:
        raise ModelFileError(f"{record!r} makes no layer: {error!r}") from error


def _kinds(kind: type[Layer]) -> Iterator[type[Layer]]:
    """All classes of layers that have been imported."""
    for below in kind.__subclasses__():
        yield below
        yield from _kinds(below)
