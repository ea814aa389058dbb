"""Softmax and cross-entropy in one: the categorical family's negative log-likelihood."""

from __future__ import annotations

from nn.losses.base import Loss
from nn.losses.categorical_rows import CategoricalRows


class SoftmaxWithLoss(Loss):
    r"""Mean cross-entropy of the softmax of logits.

    .. math:: L = -\frac1n \sum_{i=1}^n \sum_{k=1}^K t_{ik} \log y_{ik}, \quad
              y = \operatorname{softmax}(x), \qquad dx = \frac{y - t}{n}

    This is the negative log-likelihood of the categorical family per row, whose parameters on the
    link scale are the logits ``x``: value and gradient come from the very terms that
    ``mlestim.fit`` maximises. Integer labels and probabilities give the same loss and the same
    gradient, in which ``t`` then is the label's one-hot row. The logarithm is taken by log-sum-exp
    and stays exact where ``y`` rounds to 0. A single row may come without its axis: logits of shape
    (K,), and a number or (K,) for its target.

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

    def __init__(self) -> None:
        super().__init__(CategoricalRows())
