"""Rows of classes: the categorical family's log-likelihood, with logits for its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.distributions.discrete.categorical import Categorical
from nn.layers.activations.softmax import softmax
from nn.losses.base import RowLikelihood
from nn.losses.targets import class_rows, class_targets, one_hot

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from nn.arrays import FloatArray

FAMILY = Categorical()


class CategoricalRows(RowLikelihood):
    """Labels, or probabilities of labels, given logits."""

    def read_outputs(self, x: ArrayLike) -> FloatArray:
        return class_rows(x, "x")

    def read(self, t: ArrayLike, shape: tuple[int, int]) -> NDArray[Any]:
        return class_targets(t, shape)

    def terms(self, t: NDArray[Any], x: FloatArray) -> tuple[FloatArray, FloatArray]:
        return label_terms(t, x) if t.ndim == 1 else expected_terms(t, x)

    def softened(self, t: NDArray[Any], amount: float, n_outputs: int) -> NDArray[Any]:
        return (1 - amount) * one_hot(t, n_outputs) + amount / n_outputs

    def labels(self, t: NDArray[Any]) -> NDArray[np.intp] | None:
        return t if t.ndim == 1 else t.argmax(axis=1)

    def constant(
        self, t: NDArray[Any], weights: FloatArray | None, n_outputs: int
    ) -> FloatArray | None:
        if t.ndim == 1:
            totals = np.bincount(t, weights, minlength=n_outputs)
            shares = totals / totals.sum()
        else:
            shares = np.average(t, axis=0, weights=weights)
        # The logit of a class that is not there would be −inf.
        return np.log(shares) - np.log(shares).mean() if shares.all() else None

    def parameters(self, x: FloatArray) -> dict[str, FloatArray]:
        return {"probs": softmax(x)}


def label_terms(labels: NDArray[Any], logits: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    """Compute log-probability and score of each label, by the family's own terms."""
    terms = FAMILY.link_terms(labels, logits.T, order=1)
    return terms.value, terms.score.T


def expected_terms(
    probabilities: NDArray[Any], logits: FloatArray
) -> tuple[FloatArray, FloatArray]:
    r"""Extend the categorical terms linearly from labels to probabilities of labels.

    .. math:: \sum_k t_k \log p_k = \log p_r + \sum_k (t_k - 1[k = r])(x_k - x_r)

    for any class r, because :math:`\log p_k - \log p_r = x_k - x_r` and the weights sum to 1. With
    the likeliest class for r, a one-hot row leaves nothing to add and costs what its label does.
    """
    likeliest = probabilities.argmax(axis=1)
    value, score = label_terms(likeliest, logits)
    rest = probabilities.astype(logits.dtype)
    rest[np.arange(len(rest)), likeliest] -= 1
    reference = np.take_along_axis(logits, likeliest[:, None], axis=1)
    # A class of weight 0 adds nothing, even where its logit is −inf.
    difference = np.subtract(logits, reference, where=rest != 0, out=np.zeros_like(logits))
    return value + np.vecdot(rest, difference), score + rest
