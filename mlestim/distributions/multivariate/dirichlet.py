"""Dirichlet distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Size, Theta
from mlestim.distributions.parameter import POSITIVE, Parameter, Shape
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.vectors.family import Multivariate
from mlestim.distributions.vectors.support import SIMPLEX
from mlestim.special import log_gamma_excess


class Dirichlet(Multivariate):
    r"""Dirichlet distribution of K positive shares that sum to 1.

    .. math:: f(x) = \frac{\Gamma(\alpha_0)}{\prod_k \Gamma(\alpha_k)} \prod_k x_k^{\alpha_k-1},
        \quad \alpha_0 = \sum_k \alpha_k

    a density in the first K−1 shares. Where all rows are the same it has no maximum.

    Parameters
    ----------
    alpha : array, shape (K,)
        α > 0; expected shares are α/α₀.

    Examples
    --------
    >>> Dirichlet(alpha=[2, 3, 5]).mean().tolist()
    [0.2, 0.3, 0.5]
    """

    name = "dirichlet"
    parameters: tuple[Parameter, ...] = (
        Parameter("alpha", POSITIVE, meaning="weights of the shares", shape=Shape.VECTOR),
    )
    support = SIMPLEX
    fewest = 2
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return [np.log(x[..., k]) for k in range(x.shape[-1])]

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        total = _sum(theta)
        # About the mean, where the large terms of large parameters cancel by themselves
        log_ratios = [log_x + np.log(total / a) for log_x, a in zip(t, theta, strict=True)]
        excess, first, second = log_gamma_excess(total)
        own = [log_gamma_excess(a) for a in theta]
        weighed = [
            a * ratio - log_x - each[0]
            for a, ratio, log_x, each in zip(theta, log_ratios, t, own, strict=True)
        ]
        yield excess + _sum(weighed)
        for ratio, each in zip(log_ratios, own, strict=True):
            yield ratio + (first - each[1])
        for k, (a, each) in enumerate(zip(theta, own, strict=True)):
            yield (second - each[2]) - (total - a) / (a * total)
            for _ in theta[k + 1 :]:
                yield second + 1.0 / total

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean = sketch.rows.mean(axis=1)
        spread = np.maximum(sketch.rows.var(axis=1).sum(axis=1), 1e-12)
        total = np.maximum((mean * (1.0 - mean)).sum(axis=1) / spread - 1.0, 1e-2)
        return [list((mean * total[:, None]).T)]

    def without_maximum(self, sketch: Sketch, free: frozenset[str]) -> NDArray[np.bool_]:
        constant: NDArray[np.bool_] = (sketch.minimum == sketch.maximum).all(axis=1)
        return constant & (len(free) == len(self.parameters))

    def explain_unbounded(self, x: Array, weights: Array | None, columns: Sequence[str]) -> str:
        return "all rows are the same" if np.all(x == x[0]) else ""

    def _inner_vector(self, x: Array) -> Array:
        return np.full_like(x, 1.0 / x.shape[-1])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        # of shares so small that gamma variates underflow, the logs do not
        shape = (*np.atleast_1d(size).astype(int), len(theta))
        alpha = np.stack(np.broadcast_arrays(*theta), axis=-1)
        logs = np.log(rng.standard_gamma(alpha + 1.0, shape))
        logs += np.log1p(-rng.random(shape)) / alpha
        return np.asarray(sc.softmax(logs, axis=-1))

    def _mean(self, theta: Theta) -> Array:
        alpha = np.stack(np.broadcast_arrays(*theta), axis=-1)
        return np.asarray(alpha / alpha.sum(axis=-1, keepdims=True))

    def _covariance(self, theta: Theta) -> Array:
        mean, total = self._mean(theta), _sum(theta)
        own = mean[..., :, None] * np.eye(len(theta))
        joint = mean[..., :, None] * mean[..., None, :]
        return np.asarray((own - joint) / (total + 1.0)[..., None, None])

    def _mode(self, theta: Theta) -> Array:
        alpha = np.stack(np.broadcast_arrays(*theta), axis=-1)
        inside = (alpha >= 1.0).all(axis=-1, keepdims=True) & (alpha > 1.0).any(
            axis=-1, keepdims=True
        )
        most = (alpha - 1.0) / np.where(inside, alpha.sum(axis=-1, keepdims=True) - len(theta), 1.0)
        return np.where(inside, most, np.nan)

    def _entropy(self, theta: Theta) -> Array:
        total = _sum(theta)
        own = [sc.gammaln(a) - (a - 1.0) * sc.digamma(a) for a in theta]
        return _sum(own) - sc.gammaln(total) + (total - len(theta)) * sc.digamma(total)


def _sum(parts: Sequence[Array]) -> Array:
    return np.asarray(np.sum(np.broadcast_arrays(*parts), axis=0))
