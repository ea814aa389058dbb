"""The network of an estimator: hidden layers of the same make, and one that gives the outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlestim.errors import OptionError
from nn.layers.activations.gelu import GELU
from nn.layers.activations.relu import ReLU
from nn.layers.activations.sigmoid import Sigmoid
from nn.layers.activations.tanh import Tanh
from nn.layers.affine import Affine
from nn.layers.dropout import Dropout
from nn.layers.normalization.batch_norm import BatchNorm
from nn.training.options import is_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from nn.estimators.base import NetworkEstimator
    from nn.layers.base import Layer

ACTIVATIONS: dict[str, type[Layer]] = {"relu": ReLU, "tanh": Tanh, "gelu": GELU, "sigmoid": Sigmoid}


def check_settings(estimator: NetworkEstimator) -> None:
    """Refuse settings of a wrong type, before anything is read.

    Raises
    ------
    OptionError
        If one is.
    """
    hidden: Any = estimator.hidden
    threads, callbacks = estimator.threads, estimator.callbacks
    if not isinstance(hidden, (tuple, list)) or not all(map(is_count, hidden)):
        raise OptionError(
            f"hidden={hidden!r}: give the widths of the hidden layers as a tuple of integers, such "
            "as (100,), or () for none"
        )
    if threads is not None and not is_count(threads):
        raise OptionError(f"threads={threads!r} is not allowed; give at least 1, or None")
    if not isinstance(callbacks, (tuple, list)):
        raise OptionError(f"callbacks={callbacks!r}: give a tuple of nn.Callback, or () for none")


def layers_of(
    estimator: NetworkEstimator, n_in: int, n_out: int, rng: np.random.Generator, dtype: Any
) -> Iterator[Layer]:
    """Make the layers that an estimator's settings ask for.

    Raises
    ------
    OptionError
        If a setting is out of range.
    """
    activation = ACTIVATIONS.get(estimator.activation)
    if activation is None:
        raise OptionError(
            f"activation={estimator.activation!r} is none of {', '.join(map(repr, ACTIVATIONS))}"
        )
    n_networks = estimator.n_networks
    if not is_count(n_networks):
        raise OptionError(f"n_networks={n_networks!r}: there is at least one network")
    several = n_networks if n_networks > 1 else None
    for width in estimator.hidden:
        yield Affine.initialized(n_in, width, rng, dtype, n_networks=several)
        if estimator.batch_norm:
            yield BatchNorm.initialized(width, dtype=dtype, n_networks=several)
        yield activation()
        if estimator.dropout:
            yield Dropout(estimator.dropout, rng)
        n_in = width
    last = Affine.initialized(n_in, n_out, rng, dtype, scheme="glorot", n_networks=several)
    if estimator.starts_flat or (not estimator.hidden and several is None):
        # Without hidden layers the start has no symmetry to break: from 0, no direction in which
        # rows say nothing gets a weight, and no seed is needed.
        last.W[...] = 0.0
    yield last
