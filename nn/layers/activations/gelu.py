"""The Gaussian error linear unit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from nn.arrays import float_array
from nn.layers.base import Layer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nn.arrays import FloatArray

# tanh(SLOPE·(x + CUBIC·x³)) is within 5e-4 of erf(x/√2).
SLOPE = math.sqrt(2 / math.pi)
CUBIC = 0.044715
# Beyond this tanh is 1 to the last digit, and x³ must not overflow.
FAR = 20.0


class GELU(Layer):
    r"""Gaussian error linear unit in its tanh form, a smooth relative of ReLU.

    .. math:: y = \tfrac12 x (1 + h), \quad
              h = \tanh\Bigl(\sqrt{2/\pi}\,(x + 0.044715\,x^3)\Bigr), \qquad
              dx = dy \odot \Bigl(\tfrac12 (1 + h) + \tfrac12 x\,(1 - h^2)
              \sqrt{2/\pi}\,(1 + 0.134145\,x^2)\Bigr)

    It stands for :math:`x\,\Phi(x)`, an input times the probability that a standard normal
    variable is below it, to within 5e-4.

    References
    ----------
    Hendrycks, Gimpel (2016), Gaussian error linear units, section 2.

    Examples
    --------
    >>> import nn
    >>> layer = nn.GELU()
    >>> layer.forward([-1000.0, 0.0, 1.0, 1000.0]).round(4).tolist()
    [-0.0, 0.0, 0.8412, 1000.0]
    >>> layer.backward([1.0, 1.0, 1.0, 1.0]).round(4).tolist()
    [0.0, 0.5, 1.083, 1.0]
    """

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        x = float_array(x, "x")
        near = np.clip(x, -FAR, FAR)
        h = np.tanh(SLOPE * near * (1 + CUBIC * near * near))
        self._kept = near, h
        y: FloatArray = 0.5 * x * (1 + h)
        return y

    def backward(self, dy: ArrayLike) -> FloatArray:
        near, h = self._recall()
        gradient = self._output_gradient(dy, h.shape)
        bend = SLOPE * (1 + 3 * CUBIC * near * near)
        dx: FloatArray = gradient * (0.5 * (1 + h) + 0.5 * near * (1 - h * h) * bend)
        return dx
