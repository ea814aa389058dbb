"""Functions whose textbook formula overflows or cancels, in forms that do not.

Arrays in, arrays out: inputs are floating-point arrays and their dtype is kept, so that float32
stays float32. ``axis`` is the one over which the classes (levels) run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

FloatArray = NDArray[np.floating[Any]]


def log_softmax_and_softmax(z: FloatArray, axis: int = -1) -> tuple[FloatArray, FloatArray]:
    r"""Logarithms of class probabilities and the probabilities, from one exponential.

    .. math:: \log p_k = (z_k - m) - \log\sum_j e^{z_j - m}, \qquad m = \max_j z_j

    The shift by the maximum changes nothing in exact arithmetic and keeps every exponential in
    [0, 1] with at least one equal to 1, so that the sum neither overflows nor vanishes.

    Parameters
    ----------
    z : array
        Logits; finite, or -inf for a class of probability 0.
    axis : int
        Axis of the classes.

    Returns
    -------
    tuple of array
        ``log p`` and ``p``, both of the shape and dtype of `z`.

    Examples
    --------
    >>> log_p, p = log_softmax_and_softmax(np.array([1000.0, 0.0, -1000.0]))
    >>> log_p.tolist(), p.tolist()
    ([0.0, -1000.0, -2000.0], [1.0, 0.0, 0.0])
    """
    shifted, exponentials, total = _shifted_exponentials(z, axis)
    exponentials /= total
    shifted -= np.log(total)
    return shifted, exponentials


def log_softmax(z: FloatArray, axis: int = -1) -> FloatArray:
    """Logarithms of class probabilities; `log_softmax_and_softmax` has the formula.

    Examples
    --------
    >>> log_softmax(np.array([0.0, 0.0])).round(4).tolist()
    [-0.6931, -0.6931]
    """
    shifted, _, total = _shifted_exponentials(z, axis)
    shifted -= np.log(total)
    return shifted


def softmax(z: FloatArray, axis: int = -1) -> FloatArray:
    """Class probabilities; `log_softmax_and_softmax` has the formula.

    Examples
    --------
    >>> softmax(np.array([0.3, 2.9, 4.0])).round(4).tolist()
    [0.0182, 0.2452, 0.7366]
    """
    _, exponentials, total = _shifted_exponentials(z, axis)
    exponentials /= total
    return exponentials


def sigmoid(z: FloatArray) -> FloatArray:
    r"""Logistic function :math:`1/(1+e^{-z})`, without overflow at either end.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    probability: FloatArray = expit(z)
    return probability


def _shifted_exponentials(z: FloatArray, axis: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """``z − max z``, its exponentials, and their sum (kept as an axis of length 1)."""
    shifted = z - z.max(axis=axis, keepdims=True)
    exponentials = np.exp(shifted)
    return shifted, exponentials, exponentials.sum(axis=axis, keepdims=True)
