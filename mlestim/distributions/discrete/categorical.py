"""Categorical distribution: one probability a level."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import reduce
from typing import Any

import numpy as np
import scipy.special as sc
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Size, Theta
from mlestim.distributions.links import SoftmaxLink
from mlestim.distributions.parameter import UNIT, Parameter, Shape
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import Support
from mlestim.distributions.terms import Terms
from mlestim.distributions.vectors.family import VectorFamily
from mlestim.distributions.vectors.shares import (
    curvatures,
    log_probability,
    scores,
    shares_covariance,
)
from mlestim.errors import ParameterError


class Categorical(VectorFamily):
    r"""Categorical distribution over K levels.

    .. math:: P(x = k) = p_k, \quad \sum_k p_k = 1

    On the link scale p = softmax(η): the negative log-likelihood is the cross-entropy of a
    classifier, and `link_terms` is what `nn.SoftmaxWithLoss` calls.

    Parameters
    ----------
    probs : sequence of float, optional
        Probabilities in the order of `levels`; they sum to 1.
    levels : sequence, optional
        The labels; by default 0, 1, 2, …

    Examples
    --------
    >>> Categorical(probs=[0.2, 0.3, 0.5], levels=["a", "b", "c"]).params
    {'probs_a': 0.2, 'probs_b': 0.3, 'probs_c': 0.5}
    """

    name = "categorical"
    parameters: tuple[Parameter, ...] = (
        Parameter(
            "probs", UNIT, meaning="probabilities, one a level; they sum to 1", shape=Shape.VECTOR
        ),
    )
    first_label = 0
    shares = "probs"
    support = Support(0.0, 0.0, True, True, integers=True)
    kind = "categorical"
    how = "closed"
    sufficient = True

    def __init__(
        self, probs: ArrayLike | None = None, levels: Sequence[Hashable] | None = None
    ) -> None:
        if probs is not None and levels is not None and np.size(probs) != len(levels):
            raise ParameterError(f"categorical: {np.size(probs)} probs for {len(levels)} levels")
        super().__init__(**({} if probs is None else {"probs": probs}), labels=levels)

    @property
    def levels(self) -> tuple[Hashable, ...] | None:
        """The labels, in the order of their probabilities."""
        return self.labels

    def _lay_out(self, labels: Sequence[Hashable]) -> None:
        super()._lay_out(labels)
        self.support = Support(0.0, len(labels) - 1.0, True, True, integers=True)

    # ---- density: indicators of the levels are the statistics ----------------------------------

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return [(x == k).astype(float) for k in range(len(theta))]

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        yield log_probability(t, theta)
        yield from scores(t, theta)
        yield from curvatures(t, theta)

    def link_terms(self, x: NDArray[np.integer[Any]], eta: Array, order: int = 1) -> Terms:
        r"""Log probability of each row and its gradient in the logits.

        .. math:: \log p_x = \eta_x - \log\sum_j e^{\eta_j}, \qquad
            \frac{\partial \log p_x}{\partial \eta_k} = 1\{x = k\} - p_k

        Parameters
        ----------
        x : integer array, shape (n,)
            Codes of the levels.
        eta : array, shape (K, n)
            Logits, one row a level.
        order : {0, 1}
            0 gives the value, 1 the gradient as well.
        """
        rows = np.arange(eta.shape[1])
        packed = np.empty((1 + len(eta), eta.shape[1]), dtype=eta.dtype)
        # A copy with levels one after the other: what follows then runs along the rows.
        logits = packed[1:]
        logits[...] = eta
        # The largest logit becomes 0: no exponential overflows, and their sum does not vanish.
        logits -= np.maximum.reduce(logits, axis=0)
        packed[0] = logits[x, rows]
        exponentials = np.exp(logits, out=logits)
        total = np.add.reduce(exponentials, axis=0)
        packed[0] -= np.log(total)
        score = np.divide(exponentials, -total, out=exponentials)
        score[x, rows] += 1.0
        return Terms(packed[: 1 + order * len(eta)], len(eta))

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array] | None:
        return None if fixed else list(t)

    def edge_covariance(self, t: Sequence[Array], theta: Theta, weight: Array) -> Array:
        return shares_covariance(theta, weight)

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        k = len(self.parameters)
        return [[np.full(len(sketch.rows), 1.0 / k)] * k]

    @property
    def link(self) -> SoftmaxLink:
        return SoftmaxLink(len(self.parameters))

    # ---- probabilities are those of the codes 0, …, K−1 ------------------------------------------

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return reduce(np.add, [np.where(x >= k, p, 0.0) for k, p in enumerate(theta)])

    def _sf(self, x: Array, theta: Theta) -> Array:
        return reduce(np.add, [np.where(x < k, p, 0.0) for k, p in enumerate(theta)])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return np.searchsorted(np.cumsum(theta)[:-1], rng.random(size), side="right").astype(float)

    def _mode(self, theta: Theta) -> Array:
        return np.asarray(np.argmax(theta), dtype=float)

    def _entropy(self, theta: Theta) -> Array:
        return np.asarray(sc.entr(np.asarray(theta)).sum(axis=0))
