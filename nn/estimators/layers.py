"""The network of an estimator: hidden layers of the same make, and one that gives the outputs."""

from __future__ import annotations

import math
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import OptionError
from nn.layers.activations.gelu import GELU
from nn.layers.activations.relu import ReLU
from nn.layers.activations.sigmoid import Sigmoid
from nn.layers.activations.tanh import Tanh
from nn.layers.affine import Affine
from nn.layers.dropout import Dropout
from nn.layers.embedding import Embedding
from nn.layers.normalization.batch_norm import BatchNorm
from nn.training.options import Checkpoint, is_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nn.estimators.base import NetworkEstimator
    from nn.layers.base import Layer
    from nn.tables.encoder import TableEncoder

# Fewer categories have columns of their own; vectors are as long as the root of their number.
EMBED_FROM, LONGEST = 100, 16
# First vectors are short: what a category tells is what its rows make of it.
FIRST_SD = 0.02

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
    _check_kinds(estimator)
    if not isinstance(hidden, (tuple, list)) or not all(map(is_count, hidden)):
        raise OptionError(
            f"hidden={hidden!r}: give the widths of the hidden layers as a tuple of integers, such "
            "as (100,), or () for none"
        )
    if threads is not None and not is_count(threads):
        raise OptionError(f"threads={threads!r} is not allowed; give at least 1, or None")
    if not 0 <= estimator.dropout < 1:
        raise OptionError(
            f"dropout={estimator.dropout!r}: the share of dropped entries lies in [0, 1)"
        )
    if not isinstance(callbacks, (tuple, list)):
        raise OptionError(f"callbacks={callbacks!r}: give a tuple of nn.Callback, or () for none")
    embed_from(estimator)


def _check_kinds(estimator: NetworkEstimator) -> None:
    """Refuse what is no truth value, and no file, where that is what is asked for."""
    for name in ("batch_norm", "resume", "warm_start", "calibrate", "compiled"):
        given = getattr(estimator, name, None)
        if given is not None and not isinstance(given, (bool, np.bool_)):
            raise OptionError(f"{name}={given!r} is neither True nor False")
    checkpoint = estimator.checkpoint
    if checkpoint is not None and not isinstance(checkpoint, (str, PathLike, Checkpoint)):
        raise OptionError(f"checkpoint={checkpoint!r} is neither a path nor an nn.Checkpoint")


def embed_from(estimator: NetworkEstimator) -> int | None:
    """Say from how many categories on a column is embedded; None is never.

    Raises
    ------
    OptionError
        If that does not go with the other settings.
    """
    # Vectors under no hidden layer are but coefficients, and codes cannot be mixed.
    mixup = estimator.training_options().get("mixup", 0.0)
    possible = bool(estimator.hidden) and not mixup
    if isinstance(estimator.embed, str) and estimator.embed == "auto":
        return EMBED_FROM if possible else None
    if estimator.embed is None:
        return None
    if not is_count(estimator.embed):
        raise OptionError(
            f"embed={estimator.embed!r}: give the number of categories from which on a column is "
            "embedded, 'auto', or None for never"
        )
    if not possible:
        against = f"mixup={mixup!r}" if mixup else "hidden=()"
        raise OptionError(f"embed={estimator.embed!r} does not go with {against}: leave one out")
    return int(estimator.embed)


def layers_of(
    estimator: NetworkEstimator,
    encoder: TableEncoder,
    n_out: int,
    rng: np.random.Generator,
    dtype: Any,
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
    n_in = encoder.width
    # Each layer takes its column out: from the right, the other ones stay where they are.
    for column, feature in sorted(encoder.codes.items(), reverse=True):
        # The last vector is that of rows without a place. No row of training has it: it stays 0.
        n_dimensions = min(math.ceil(math.sqrt(feature.n_places)), LONGEST)
        sizes = feature.n_places + 1, n_dimensions
        embedding = Embedding.initialized(*sizes, column, rng, dtype, n_networks=several)
        embedding.W *= FIRST_SD
        embedding.W[..., -1, :] = 0.0
        yield embedding
        n_in += n_dimensions - 1
    for width in estimator.hidden:
        # Of few features, He's larger weights would stay what chance made them for many epochs.
        yield Affine.initialized(n_in, width, rng, dtype, scheme="glorot", n_networks=several)
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
