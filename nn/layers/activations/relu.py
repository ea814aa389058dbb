"""The rectified linear unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nn.arrays import float_array
from nn.layers.base import Layer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nn.arrays import FloatArray


class ReLU(Layer):
    r"""Rectified linear unit: zero where ``x ≤ 0``, ``x`` elsewhere.

    .. math:: y = \max(x, 0), \qquad dx = dy \odot 1[x > 0]

    ``backward`` zeroes the places that ``forward`` zeroed, in a new array: the caller's ``dy``
    stays as it was.

    Examples
    --------
    >>> import nn
    >>> relu = nn.ReLU()
    >>> relu.forward([[1.0, -0.5], [-2.0, 3.0]]).tolist()
    [[1.0, 0.0], [0.0, 3.0]]
    >>> relu.backward([[1.0, 2.0], [3.0, 4.0]]).tolist()
    [[1.0, 0.0], [0.0, 4.0]]
    """

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        x = float_array(x, "x")
        y: FloatArray = np.maximum(x, 0, out=self._array("y", x.shape, x.dtype))
        self._kept = y
        return y

    def backward(self, dy: ArrayLike) -> FloatArray:
        y = self._recall()
        gradient = self._output_gradient(dy, y.shape)
        positive = np.greater(y, 0, out=self._array("positive", y.shape, bool))
        # Multiplying by the mask takes a third of the time that assigning through it does.
        out = self._array("dx", gradient.shape, gradient.dtype)
        dx: FloatArray = np.multiply(gradient, positive, out=out)
        return dx
