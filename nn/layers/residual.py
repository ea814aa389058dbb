"""A detour around some layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from mlestim.errors import DataError, OptionError
from nn.arrays import float_array
from nn.layers.base import Layer
from nn.layers.records import make_layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import ArrayLike, DTypeLike

    from nn.arrays import FloatArray


class Residual(Layer):
    r"""Adds its input to what some layers make of it.

    .. math:: y = x + f(x), \qquad dx = dy + f'(x)^{\mathsf T} dy

    The layers learn what is to be changed of ``x``, and gradients also pass around them, which
    keeps deep networks trainable.

    Parameters
    ----------
    *layers : Layer
        f, from input to output; it has as many outputs as inputs.

    Raises
    ------
    OptionError
        If there is no layer.
    DataError
        In ``forward``, if the shapes of ``x`` and ``f(x)`` differ.

    References
    ----------
    He, Zhang, Ren, Sun (2016), Deep residual learning for image recognition, equation 1.

    Examples
    --------
    >>> import nn
    >>> block = nn.Residual(nn.Affine([[2.0]], [0.5]), nn.ReLU())
    >>> block.forward([[1.0], [-1.0]]).tolist()
    [[3.5], [-1.0]]
    >>> block.backward([[1.0], [1.0]]).tolist()
    [[3.0], [1.0]]
    """

    def __init__(self, *layers: Layer) -> None:
        if not layers or not all(isinstance(layer, Layer) for layer in layers):
            raise OptionError("a residual block goes around at least one layer, and layers only")
        self.inner = layers

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        x = float_array(x, "x")
        change = x
        for layer in self.inner:
            change = layer.forward(change, training)
        if change.shape != x.shape:
            raise DataError(
                f"{self}: x has shape {x.shape} and the layers make {change.shape} of it; both "
                "have to be the same"
            )
        self._kept = x.shape
        return x + change

    def backward(self, dy: ArrayLike) -> FloatArray:
        gradient = self._output_gradient(dy, self._recall())
        dx = gradient
        for layer in reversed(self.inner):
            dx = layer.backward(dx)
        return dx + gradient

    def settings(self) -> dict[str, Any]:
        return {"layers": [layer.record() for layer in self.inner]}

    @classmethod
    def from_settings(
        cls, settings: Mapping[str, Any], rng: np.random.Generator, dtype: DTypeLike
    ) -> Self:
        return cls(*(make_layer(record, rng, dtype) for record in settings["layers"]))

    def __repr__(self) -> str:
        return f"Residual({', '.join(map(repr, self.inner))})"
