"""Sigmoid and binary cross-entropy in one: the Bernoulli family's negative log-likelihood."""

from __future__ import annotations

from nn.losses.base import Loss
from nn.losses.bernoulli_rows import BernoulliRows


class SigmoidWithLoss(Loss):
    r"""Mean binary cross-entropy of the sigmoid of logits.

    .. math:: L = -\frac1n \sum_{i=1}^n \bigl(t_i \log y_i + (1 - t_i) \log(1 - y_i)\bigr), \quad
              y = \frac{1}{1 + e^{-x}}, \qquad dx = \frac{y - t}{n}

    This is the negative log-likelihood of the Bernoulli family per row, from its own terms. The
    logarithms are computed from the logit and stay exact where ``y`` rounds to 0 or 1. Logits have
    shape (n,) or (n, 1), and so have targets: 0 and 1, or probabilities of a 1.

    Examples
    --------
    >>> import nn
    >>> loss = nn.SigmoidWithLoss()
    >>> round(loss.forward([0.0, -1000.0], [0, 1]), 6)
    500.346574
    >>> loss.backward().tolist()
    [0.25, -0.5]
    """

    def __init__(self) -> None:
        super().__init__(BernoulliRows())
