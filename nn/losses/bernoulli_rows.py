"""Rows of zeros and ones: the Bernoulli family's log-likelihood, with a logit for its parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.distributions.discrete.bernoulli import Bernoulli
from mlestim.errors import DataError
from mlestim.special import sigmoid
from nn.losses.base import RowLikelihood
from nn.losses.targets import first_rows, number_targets

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from nn.arrays import FloatArray

FAMILY = Bernoulli()


class BernoulliRows(RowLikelihood):
    """Zeros and ones, or probabilities of a one, given a logit."""

    n_outputs = 1

    def read(self, t: ArrayLike, shape: tuple[int, int]) -> NDArray[Any]:
        targets = number_targets(t, shape[0])
        wrong = np.flatnonzero(~((targets >= 0) & (targets <= 1)))
        if wrong.size:
            raise DataError(
                f"t holds zeros and ones, or probabilities of a one; {first_rows(wrong, targets)}"
            )
        return targets

    def terms(self, t: NDArray[Any], x: FloatArray) -> tuple[FloatArray, FloatArray]:
        terms = FAMILY.link_terms(t.astype(x.dtype, copy=False), x.T)
        return terms.value, terms.score.T

    def softened(self, t: NDArray[Any], amount: float, n_outputs: int) -> NDArray[Any]:
        return (1 - amount) * t + amount / 2

    def labels(self, t: NDArray[Any]) -> NDArray[np.intp] | None:
        return (t > 0.5).astype(np.intp)

    def constant(
        self, t: NDArray[Any], weights: FloatArray | None, n_outputs: int
    ) -> FloatArray | None:
        share = np.average(t, weights=weights)
        return np.log([share]) - np.log1p([-share]) if 0 < share < 1 else None

    def parameters(self, x: FloatArray) -> dict[str, FloatArray]:
        return {"prob": sigmoid(x[:, 0])}
