"""The categorical family's log-likelihood, with a network's logits for its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlestim.distributions.discrete.categorical import Categorical

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.arrays import FloatArray

FAMILY = Categorical()


def categorical_terms(labels: NDArray[Any], logits: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
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
    terms = FAMILY.link_terms(labels, logits.T, order=1)
    return terms.value, terms.score.T
