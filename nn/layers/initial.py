"""Initial weights: random, and of a size that keeps signals from growing or fading."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from mlestim.errors import OptionError

if TYPE_CHECKING:
    from nn.arrays import FloatArray

Scheme = Literal["he", "glorot"]


class InitialWeights(Protocol):
    """Draw weights of shape (..., n_in, n_out)."""

    def __call__(self, shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray: ...


def he(shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
    r"""Normal with sd :math:`\sqrt{2/n_{in}}`, for ReLU and its relatives.

    References
    ----------
    He, Zhang, Ren, Sun (2015), Delving deep into rectifiers, equation 10: outputs of ReLU layers
    keep their variance from layer to layer.
    """
    return rng.standard_normal(shape) * math.sqrt(2 / shape[-2])


def glorot(shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
    r"""Uniform between :math:`\mp\sqrt{6/(n_{in} + n_{out})}`, for tanh, sigmoid and the identity.

    References
    ----------
    Glorot, Bengio (2010), Understanding the difficulty of training deep feedforward neural
    networks, equation 16: a compromise between outputs that keep their variance on the way
    forward, and gradients that keep theirs on the way back.
    """
    bound = math.sqrt(6 / (shape[-2] + shape[-1]))
    return rng.uniform(-bound, bound, shape)


SCHEMES: Mapping[str, InitialWeights] = MappingProxyType({"he": he, "glorot": glorot})


def initial_weights(
    scheme: str, shape: tuple[int, ...], rng: np.random.Generator | int
) -> FloatArray:
    """Draw by the scheme of a name.

    Raises
    ------
    OptionError
        If the scheme is unknown, or a layer would have no input or no output.

    Examples
    --------
    >>> initial_weights("glorot", (3, 2), rng=0).shape
    (3, 2)
    """
    if scheme not in SCHEMES:
        raise OptionError(f"scheme={scheme!r} is unknown. Use one of {', '.join(SCHEMES)}.")
    n_in, n_out = shape[-2:]
    if min(shape) < 1:
        raise OptionError(f"n_in={n_in}, n_out={n_out}: a layer has at least one of each")
    return SCHEMES[scheme](shape, np.random.default_rng(rng))
