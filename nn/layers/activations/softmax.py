"""Class probabilities from logits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlestim import special
from mlestim.errors import DataError
from nn.arrays import float_array
from nn.layers.base import Layer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nn.arrays import FloatArray


def softmax(x: ArrayLike) -> FloatArray:
    r"""Class probabilities :math:`p_k = e^{x_k} / \sum_j e^{x_j}` of each row of logits.

    The largest logit of a row is subtracted first, which changes no probability and keeps the
    exponentials from overflowing.

    Parameters
    ----------
    x : array, shape (K,) or (n, K)
        Logits, classes along the last axis.

    Returns
    -------
    array
        Probabilities, of the shape of `x`; they sum to 1 along the last axis. A row whose largest
        logit is not finite has no probabilities: they are NaN.

    Raises
    ------
    DataError
        If `x` has no class.

    Examples
    --------
    >>> import nn
    >>> nn.softmax([0.3, 2.9, 4.0]).round(4).tolist()
    [0.0182, 0.2452, 0.7366]
    >>> nn.softmax([[1000, 1000], [0, -1000]]).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    return special.softmax(_logits(x))


def log_softmax(x: ArrayLike) -> FloatArray:
    r"""Logarithms of `softmax`, :math:`x_k - \log\sum_j e^{x_j}`, without overflow or log of 0.

    Parameters
    ----------
    x : array, shape (K,) or (n, K)
        Logits, classes along the last axis.

    Returns
    -------
    array
        Log-probabilities, of the shape of `x`; NaN where the largest logit is not finite.

    Raises
    ------
    DataError
        If `x` has no class.

    Examples
    --------
    >>> import nn
    >>> nn.log_softmax([1000, 0, -1000]).tolist()
    [0.0, -1000.0, -2000.0]
    """
    return special.log_softmax(_logits(x))


class Softmax(Layer):
    r"""Class probabilities of each row, as a layer.

    .. math:: y = \operatorname{softmax}(x), \qquad
              dx = y \odot \Bigl(dy - \sum_k dy_k\, y_k\Bigr)

    To learn from class labels, end with `SoftmaxWithLoss` instead, which takes the logits and
    loses no digits for rare classes.

    Examples
    --------
    >>> import nn
    >>> layer = nn.Softmax()
    >>> layer.forward([[0.0, 0.0]]).tolist()
    [[0.5, 0.5]]
    >>> layer.backward([[1.0, 0.0]]).tolist()
    [[0.25, -0.25]]
    """

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        y = softmax(x)
        self._kept = y
        return y

    def backward(self, dy: ArrayLike) -> FloatArray:
        y: FloatArray = self._recall()
        gradient = self._output_gradient(dy, y.shape)
        dx: FloatArray = y * (gradient - (gradient * y).sum(axis=-1, keepdims=True))
        return dx


def _logits(x: ArrayLike) -> FloatArray:
    """Read logits with at least one class."""
    logits = float_array(x, "x")
    if logits.ndim == 0 or logits.shape[-1] == 0:
        raise DataError(f"x has shape {logits.shape}; classes run along the last axis")
    return logits
