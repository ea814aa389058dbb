"""Cross-entropy of class probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import xlogy

from mlestim.errors import DataError
from nn.losses.targets import ROUNDING, class_rows, class_targets

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def cross_entropy_error(y: ArrayLike, t: ArrayLike) -> float:
    r"""Mean cross-entropy of class probabilities against targets.

    .. math:: -\frac1n \sum_{i=1}^n \sum_{k=1}^K t_{ik} \log y_{ik}

    For an integer label the inner sum is the logarithm of that class's probability. Nothing is
    added inside the logarithm: a true class of probability 0 costs infinity. From logits,
    `SoftmaxWithLoss` computes the same without passing through probabilities.

    Parameters
    ----------
    y : array, shape (n, K) or (K,)
        Probabilities of the classes. The loss reads those of the true classes alone, so rows need
        not sum to 1: estimates of one class against the rest do not.
    t : array, shape (n,) or (n, K); a number or (K,) for a single row
        Integer labels, or the targets' class probabilities (one-hot or soft).

    Returns
    -------
    float
        The mean over the rows.

    Raises
    ------
    DataError
        If shapes do not go together, or `y` or `t` hold no probabilities.

    Examples
    --------
    >>> import nn
    >>> y = [[0.1, 0.7, 0.2], [0.5, 0.25, 0.25]]
    >>> round(nn.cross_entropy_error(y, [1, 0]), 6)
    0.524911
    >>> round(nn.cross_entropy_error(y, [[0, 1, 0], [1, 0, 0]]), 6)
    0.524911
    >>> nn.cross_entropy_error([0.0, 1.0], 0)
    inf
    """
    probabilities = class_rows(y, "y")
    if not ((probabilities >= 0) & (probabilities <= 1 + ROUNDING)).all():
        raise DataError(
            "y holds values outside [0, 1]; it takes probabilities (for logits there is "
            "SoftmaxWithLoss)"
        )
    targets = class_targets(t, (len(probabilities), probabilities.shape[1]))
    if targets.ndim == 1:
        log_probability = xlogy(1, probabilities[np.arange(len(targets)), targets])
    else:
        log_probability = xlogy(targets, probabilities).sum(axis=1)
    return float(-log_probability.mean(dtype=np.float64))
