"""The categorical family's log-likelihood, with a network's logits for its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim import special

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.arrays import FloatArray


def categorical_terms(labels: NDArray[Any], logits: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Compute log-probability and score of each row.

    Parameters
    ----------
    labels : array of int, shape (n,)
        The classes that were observed.
    logits : array, shape (n, K)
        The family's parameters on the link scale, one row per observation.

    Returns
    -------
    tuple of array
        ``log p`` of shape (n,), and its derivative in the logits, of shape (n, K).
    """
    value, score = special.log_softmax_and_softmax(logits, axis=1)
    rows = np.arange(len(labels))
    np.negative(score, out=score)
    score[rows, labels] += 1
    return value[rows, labels], score
