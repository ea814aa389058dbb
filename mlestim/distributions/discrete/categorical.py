"""Categorical distribution: one probability a level."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from functools import reduce
from typing import Any

import numpy as np
import scipy.special as sc
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.links import SoftmaxLink
from mlestim.distributions.parameter import UNIT, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import Support
from mlestim.distributions.terms import Terms
from mlestim.errors import ParameterError


class Categorical(Family):
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
        Parameter("probs", UNIT, meaning="probabilities, one a level; they sum to 1"),
    )
    support = Support(0.0, 0.0, True, True, integers=True)
    kind = "categorical"
    how = "closed"
    sufficient = True

    def __init__(
        self, probs: ArrayLike | None = None, levels: Sequence[Hashable] | None = None
    ) -> None:
        vector = None if probs is None else np.asarray(probs, dtype=float)
        if vector is not None and not np.isclose(vector.sum(), 1.0, rtol=0.0, atol=1e-9):
            raise ParameterError(f"categorical: probs sum to {vector.sum():.10g}, not to 1")
        if levels is None and vector is not None:
            levels = range(len(vector))
        self.levels = None if levels is None else tuple(levels)
        if vector is not None and self.levels is not None and len(vector) != len(self.levels):
            raise ParameterError(f"categorical: {len(vector)} probs for {len(self.levels)} levels")
        if self.levels is not None:
            self.parameters = tuple(
                Parameter(f"probs_{level}", UNIT, meaning=f"probability of {level}")
                for level in self.levels
            )
            self.support = Support(0.0, len(self.levels) - 1.0, True, True, integers=True)
        values = {} if vector is None else dict(zip(self.parameter_names, vector, strict=True))
        super().__init__(**values)

    # ---- density: indicators of the levels are the statistics ----------------------------------

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return [(x == k).astype(float) for k in range(len(theta))]

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        yield reduce(np.add, [_xlogy(seen, p) for seen, p in zip(t, theta, strict=True)])
        for seen, p in zip(t, theta, strict=True):
            yield seen / p
        for j, (seen, p) in enumerate(zip(t, theta, strict=True)):
            yield -seen / p**2
            for _ in theta[j + 1 :]:
                yield np.zeros_like(seen)

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

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        k = len(self.parameters)
        return [[np.full(len(sketch.rows), 1.0 / k)] * k]

    def n_dependent(self, held: Collection[str]) -> int:
        return 1

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


def _xlogy(x: Array, p: Array) -> Array:
    return np.asarray(sc.xlogy(x, p), dtype=float)
