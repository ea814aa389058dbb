"""The hyperbolic tangent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nn.arrays import float_array
from nn.layers.base import Layer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nn.arrays import FloatArray


class Tanh(Layer):
    r"""Hyperbolic tangent of each entry.

    .. math:: y = \tanh x, \qquad dx = dy \odot (1 - y^2)

    ``forward`` keeps its output, from which ``backward`` takes the derivative. Initial weights by
    `Affine.initialized(..., scheme="glorot")` go with it.

    Examples
    --------
    >>> import nn
    >>> layer = nn.Tanh()
    >>> layer.forward([0.0, 1000.0]).tolist()
    [0.0, 1.0]
    >>> layer.backward([1.0, 1.0]).tolist()
    [1.0, 0.0]
    """

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        x = float_array(x, "x")
        y: FloatArray = np.tanh(x, out=self._array("y", x.shape, x.dtype))
        self._kept = y
        return y

    def backward(self, dy: ArrayLike) -> FloatArray:
        y: FloatArray = self._recall()
        gradient = self._output_gradient(dy, y.shape)
        slope = np.multiply(y, y, out=self._array("slope", y.shape, y.dtype))
        np.subtract(1, slope, out=slope)
        dx: FloatArray = np.multiply(gradient, slope, out=slope)
        return dx
