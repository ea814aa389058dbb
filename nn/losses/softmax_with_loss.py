"""Softmax and cross-entropy in one: the categorical family's negative log-likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import DataError
from nn.arrays import float_array
from nn.layers.base import Operation
from nn.losses.categorical import categorical_terms
from nn.losses.targets import class_rows, class_targets

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from nn.arrays import FloatArray


class SoftmaxWithLoss(Operation):
    r"""Mean cross-entropy of the softmax of logits.

    .. math:: L = -\frac1n \sum_{i=1}^n \sum_{k=1}^K t_{ik} \log y_{ik}, \quad
              y = \operatorname{softmax}(x), \qquad dx = \frac{y - t}{n}

    This is the negative log-likelihood of the categorical family per row, whose parameters on the
    link scale are the logits ``x``: value and gradient come from the very terms that
    ``mlestim.fit`` maximises. Integer labels and probabilities give the same loss and the same
    gradient, in which ``t`` then is the label's one-hot row. The logarithm is taken by log-sum-exp
    and stays exact where ``y`` rounds to 0.

    Examples
    --------
    >>> import nn
    >>> loss = nn.SoftmaxWithLoss()
    >>> round(loss.forward([[0.0, 0.0], [0.0, -1000.0]], [0, 1]), 6)
    500.346574
    >>> loss.backward().tolist()
    [[-0.25, 0.25], [0.5, -0.5]]
    >>> round(loss.forward([[0.0, 0.0], [0.0, -1000.0]], [[1, 0], [0, 1]]), 6)
    500.346574
    """

    def forward(self, x: ArrayLike, t: ArrayLike) -> float:
        """Compute the mean loss of the rows.

        Parameters
        ----------
        x : array, shape (n, K) or (K,)
            Logits.
        t : array, shape (n,) or (n, K); a number or (K,) for a single row
            Integer labels, or the targets' class probabilities (one-hot or soft).

        Returns
        -------
        float
            The mean over the rows, in nats.

        Raises
        ------
        DataError
            If shapes do not go together, or `t` holds neither labels nor probabilities.
        """
        logits = class_rows(x, "x")
        targets = class_targets(t, (len(logits), logits.shape[1]))
        if targets.ndim == 1:
            value, score = categorical_terms(targets, logits)
        else:
            value, score = expected_terms(targets, logits)
        self._kept = score, np.shape(x)
        return float(-value.mean(dtype=np.float64))

    def backward(self, dy: ArrayLike = 1.0) -> FloatArray:
        """Compute the gradient in the logits.

        Parameters
        ----------
        dy : float
            Gradient of what is minimised in this loss, 1 if this is what is minimised.

        Returns
        -------
        array
            ``dy · (y − t)/n``, of the shape and precision of the logits.

        Raises
        ------
        BackwardBeforeForwardError
            If there was no ``forward``.
        DataError
            If `dy` is not a single number.
        """
        score, shape = self._recall()
        gradient = float_array(dy, "dy")
        if gradient.size != 1:
            raise DataError(f"{self}: dy has shape {gradient.shape}, the loss is a single number")
        dx: FloatArray = score * score.dtype.type(-gradient.item() / len(score))
        return dx.reshape(shape)


def expected_terms(
    probabilities: NDArray[Any], logits: FloatArray
) -> tuple[FloatArray, FloatArray]:
    r"""Extend the categorical terms linearly from labels to probabilities of labels.

    .. math:: \sum_k t_k \log p_k = \log p_r + \sum_k (t_k - 1[k = r])(x_k - x_r)

    for any class r, because :math:`\log p_k - \log p_r = x_k - x_r` and the weights sum to 1. With
    the likeliest class for r, a one-hot row leaves nothing to add and costs what its label does.
    """
    likeliest = probabilities.argmax(axis=1)
    value, score = categorical_terms(likeliest, logits)
    rest = probabilities.astype(logits.dtype)
    rest[np.arange(len(rest)), likeliest] -= 1
    reference = np.take_along_axis(logits, likeliest[:, None], axis=1)
    # A class of weight 0 adds nothing, even where its logit is −inf.
    difference = np.subtract(logits, reference, where=rest != 0, out=np.zeros_like(logits))
    return value + np.vecdot(rest, difference), score + rest
