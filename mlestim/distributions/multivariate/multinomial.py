"""Multinomial distribution with known numbers of trials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Size, Theta
from mlestim.distributions.links import ElementwiseLink, ProductLink, SoftmaxLink
from mlestim.distributions.parameter import POSITIVE, UNIT, Parameter, Shape
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.vectors.family import Multivariate
from mlestim.distributions.vectors.shares import (
    curvatures,
    log_probability,
    scores,
    shares_covariance,
)
from mlestim.distributions.vectors.support import COUNT_VECTORS


class Multinomial(Multivariate):
    r"""Multinomial distribution: how often each of K outcomes is seen in n trials, n known.

    .. math:: P(x) = \frac{n!}{\prod_k x_k!} \prod_k p_k^{x_k}, \quad \sum_k x_k = n

    Rows may have different numbers of trials, which are their sums. An outcome that was never seen
    has the estimate 0, on the edge.

    Parameters
    ----------
    trials : float
        n, a whole number; in a fit by default the sum of each row.
    probs : array, shape (K,)
        Probabilities of the outcomes; they sum to 1.

    Examples
    --------
    >>> Multinomial(trials=2, probs=[0.25, 0.25, 0.5]).pdf([[2, 0, 0], [1, 0, 1]]).round(4).tolist()
    [0.0625, 0.25]
    """

    name = "multinomial"
    parameters: tuple[Parameter, ...] = (
        Parameter("trials", POSITIVE, meaning="number of trials", known=True),
        Parameter("probs", UNIT, meaning="probabilities; they sum to 1", shape=Shape.VECTOR),
    )
    support = COUNT_VECTORS
    how = "closed"
    fewest = 2
    shares = "probs"
    sufficient = True

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        other = np.isfinite(theta[0]) & (x.sum(axis=-1) != theta[0])
        return np.asarray(super().outside(x, theta) | other)

    def first_known(self, x: Array) -> dict[str, Array]:
        return {"trials": x.sum(axis=-1)}

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        orders = sc.gammaln(x.sum(axis=-1) + 1.0) - sc.gammaln(x + 1.0).sum(axis=-1)
        return [orders, *(x[..., k] for k in range(x.shape[-1]))]

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        orders, *counts = t
        probs, nothing = theta[1:], np.zeros_like(orders)  # trials are never estimated
        yield orders + log_probability(counts, probs)
        yield nothing
        yield from scores(counts, probs)
        for _ in theta:
            yield nothing
        yield from curvatures(counts, probs)

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array] | None:
        if fixed.keys() - {"trials"}:
            return None
        total = np.sum(t[1:], axis=0)
        unknown = np.full_like(total, np.nan)  # has a value for each row
        return [fixed.get("trials", unknown), *(count / total for count in t[1:])]

    def edge_covariance(self, t: Sequence[Array], theta: Theta, weight: Array) -> Array:
        inner = shares_covariance(theta[1:], weight * np.sum(t[1:], axis=0))
        return np.pad(inner, ((1, 0), (1, 0), (0, 0)), constant_values=np.nan)

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        problems, _, k = sketch.rows.shape
        return [[np.ones(problems), *[np.full(problems, 1.0 / k)] * k]]

    @property
    def link(self) -> ProductLink:
        p = len(self.parameters)
        return ProductLink(
            [([0], ElementwiseLink(self.parameters[:1])), (range(1, p), SoftmaxLink(p - 1))]
        )

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        probs = np.stack(np.broadcast_arrays(*theta[1:]), axis=-1)
        return rng.multinomial(theta[0].astype(np.int64), probs, size).astype(float)

    def _mean(self, theta: Theta) -> Array:
        return theta[0][..., None] * np.stack(np.broadcast_arrays(*theta[1:]), axis=-1)

    def _covariance(self, theta: Theta) -> Array:
        probs = np.stack(np.broadcast_arrays(*theta[1:]), axis=-1)
        joint = probs[..., :, None] * probs[..., None, :]
        return np.asarray(
            theta[0][..., None, None] * (probs[..., :, None] * np.eye(probs.shape[-1]) - joint)
        )

    def _mode(self, theta: Theta) -> Array:
        # no count of a mode is below ⌊n p⌋; the few trials left go where the next one is likeliest
        trials, probs = theta[0], np.stack(np.broadcast_arrays(*theta[1:]), axis=-1)
        mode = np.floor(trials[..., None] * probs)
        places = np.arange(probs.shape[-1])
        for _ in places:
            left = trials - mode.sum(axis=-1)
            likeliest = np.argmax(probs / (mode + 1.0), axis=-1)
            mode = mode + ((places == likeliest[..., None]) & (left > 0.0)[..., None])
        return np.asarray(mode)

    def _entropy(self, theta: Theta) -> Array:
        trials, probs = np.broadcast_arrays(theta[0], *theta[1:])[0], theta[1:]
        x = np.arange(np.max(trials) + 1.0).reshape(-1, *(1,) * trials.ndim)
        log_factorial = sc.gammaln(x + 1.0)
        total = trials * np.sum([sc.entr(p) for p in probs], axis=0) - sc.gammaln(trials + 1.0)
        for p in probs:
            # betaln would need trials − x ≥ 0: what lies beyond has probability 0
            rest = np.maximum(trials - x, 0.0)
            orders = sc.gammaln(trials + 1.0) - log_factorial - sc.gammaln(rest + 1.0)
            share = np.exp(orders + sc.xlogy(x, p) + sc.xlog1py(rest, -p))
            total = total + np.sum(np.where(x <= trials, share, 0.0) * log_factorial, axis=0)
        return np.asarray(total)
