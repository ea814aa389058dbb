"""The logistic function, as a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlestim import special
from nn.arrays import float_array
from nn.layers.base import Layer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nn.arrays import FloatArray


def sigmoid(x: ArrayLike) -> FloatArray:
    r"""Logistic function :math:`1/(1 + e^{-x})`, without overflow at either end.

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    array
        Of the shape of `x`, between 0 and 1.

    Examples
    --------
    >>> import nn
    >>> nn.sigmoid([-1000, 0, 1000]).tolist()
    [0.0, 0.5, 1.0]
    """
    return special.sigmoid(float_array(x, "x"))


class Sigmoid(Layer):
    r"""Logistic function of each entry.

    .. math:: y = \frac{1}{1 + e^{-x}}, \qquad dx = dy \odot (1 - y) \odot y

    ``forward`` keeps its output, from which ``backward`` takes the derivative.

    Examples
    --------
    >>> import nn
    >>> layer = nn.Sigmoid()
    >>> layer.forward([0.0, 1000.0]).tolist()
    [0.5, 1.0]
    >>> layer.backward([1.0, 1.0]).tolist()
    [0.25, 0.0]
    """

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        y = sigmoid(x)
        self._kept = y
        return y

    def backward(self, dy: ArrayLike) -> FloatArray:
        y: FloatArray = self._recall()
        return self._output_gradient(dy, y.shape) * (1 - y) * y
