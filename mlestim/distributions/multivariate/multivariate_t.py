"""Multivariate t distribution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Row, Size, Theta
from mlestim.distributions.limit import Limit
from mlestim.distributions.multivariate.multivariate_normal import MultivariateNormal
from mlestim.distributions.parameter import POSITIVE, REAL, Parameter, Shape, Unit
from mlestim.distributions.rows.sketch import Sketch, largest_tie
from mlestim.distributions.vectors.cholesky import inverse_and_log_root
from mlestim.distributions.vectors.elliptical import Elliptical
from mlestim.distributions.vectors.entries import symmetric
from mlestim.special import log1p_excess, log_gamma_half_step

EM_STEPS = 20
# Means of products of components, by the components.
Products = Mapping[tuple[int, ...], Array]


class MultivariateT(Elliptical):
    r"""Multivariate t distribution of vectors of d components.

    .. math:: f(x) = \frac{\Gamma((\nu+d)/2)}{\Gamma(\nu/2) (\nu\pi)^{d/2} |\Sigma|^{1/2}}
        \left(1 + \tfrac1\nu (x-\mu)^T \Sigma^{-1} (x-\mu)\right)^{-(\nu+d)/2}

    As ν → ∞ it becomes the multivariate normal. For every sample the likelihood has spikes where
    ν runs to 0 and Σ shrinks around some of the rows; the estimate is the best maximum with ν
    above the value below which these rows can make one.

    Parameters
    ----------
    df : float
        ν > 0, degrees of freedom.
    location : array, shape (d,)
        μ, the centre, in the units of the data.
    scatter : array, shape (d, d)
        Σ, positive definite; the covariance is ν/(ν−2) times it. A fit shows its lower triangle:
        ``scatter_11, scatter_21, …``.

    References
    ----------
    Kent, J. T. and Tyler, D. E. (1991), Annals of Statistics 19, 2102-2119 (where a maximum is).

    Examples
    --------
    >>> plane = MultivariateT(df=4, location=[0, 0], scatter=[[2, 1], [1, 2]])
    >>> plane.covariance().tolist()
    [[4.0, 2.0], [2.0, 4.0]]
    """

    name = "multivariate_t"
    parameters: tuple[Parameter, ...] = (
        Parameter("df", POSITIVE, Unit.NONE, "degrees of freedom"),
        Parameter("location", REAL, Unit.LOCATION, "centre", shape=Shape.VECTOR),
        Parameter("scatter", REAL, Unit.SQUARE, "scatter matrix", shape=Shape.MATRIX),
    )
    n_leading = 1

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        # v = δ/(ν+δ) and w = Σ⁻¹(x−μ)/(ν+δ), as in student_t; the curvature also has products of
        # the components of w and r = Σ⁻¹(x−μ), three and four at a time
        df = theta[0]
        leant, distance = self.ellipse(theta).distances(x)
        whole = distance + df
        v = distance / whole
        rows: list[Row] = [log1p_excess(distance / df), v]
        if order == 0:
            return rows
        r = [leant[..., j] for j in range(leant.shape[-1])]
        w = [component / whole for component in r]
        places = range(len(r))
        rows += [*w, *((w[i], r[j]) for i, j in self.pairs)]
        if order == 1:
            return rows
        rows += [(v, v), *((w_j, v) for w_j in w), *((w[i] * v, r[j]) for i, j in self.pairs)]
        products = {(i, j): w[i] * w[j] for i, j in _products(places, 2)}
        rows += [(products[i, j], r[k]) for i, j, k in _products(places, 3)]
        squares = {(i, j): r[i] * r[j] for i, j in _products(places, 2)}
        rows += [(products[i, j], squares[k, m]) for i, j, k, m in _products(places, 4)]
        return rows

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        df, ellipse = theta[0], self.ellipse(theta)
        d, precision = ellipse.dimension, ellipse.precision
        excess, v = t[:2]
        constant, first, second = log_gamma_steps(0.5 * df, d)
        both = 0.5 * (df + d) * (excess + v)
        yield constant - 0.5 * d * np.log(2.0 * np.pi) - ellipse.log_root - both
        yield 0.5 * (first - excess + d * v / df)
        q = len(self.pairs)
        w, wr = t[2 : 2 + d], symmetric(t[2 + d : 2 + d + q])
        whole = df + d
        for w_i in w:
            yield whole * w_i
        yield from ellipse.slopes(0.5 * (whole[..., None, None] * wr - precision))
        rest = iter(t[2 + d + q :])
        vv = next(rest)
        vw = [next(rest) for _ in range(d)]
        vwr = symmetric([next(rest) for _ in range(q)])
        yield 0.25 * second + 0.5 * (vv - d * (2.0 * v - vv) / df) / df
        for w_i, vw_i in zip(w, vw, strict=True):
            yield vw_i - d * (w_i - vw_i) / df
        yield from ellipse.slopes(0.5 * (vwr - d * (wr - vwr) / df[..., None, None]))
        places = range(d)
        triples: Products = dict(zip(_products(places, 3), rest, strict=False))
        quadruples: Products = dict(zip(_products(places, 4), rest, strict=True))
        w_vector, once = np.stack(np.broadcast_arrays(*w), axis=-1), whole / df
        for i in places:
            for j in range(i, d):
                near = (1.0 - v) * precision[..., i, j] - 2.0 * (wr - vwr)[..., i, j]
                yield -once * near
            for moved, pair in zip(ellipse.moved(w_vector, i), self.pairs, strict=True):
                yield whole * (_times(pair) * _of(triples, i, *pair) - moved)
        spread = 0.5 * precision - whole[..., None, None] * wr
        for a, pair in enumerate(self.pairs):
            others = self.pairs[a:]
            for trace, other in zip(ellipse.traces(spread, a), others, strict=True):
                fourth = _times(pair) * _times(other) * _of(quadruples, *pair, *other)
                yield trace + 0.5 * whole * fourth

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        starts = []
        for df in (4.0, 1.0, 20.0):
            centre, matrix = _expected_and_maximised(sketch, df)
            starts.append([np.full(len(centre), df), *self.laid_flat(centre, matrix)])
        return starts

    def regular_region(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        # Kent and Tyler: a maximum needs, of every plane of s dimensions, a share of the rows in it
        # below (s+ν)/(d+ν); the largest tie is the plane of 0 dimensions, and s+1 rows always span
        # one of s
        d, k = sketch.rows.shape[2], sketch.rows.shape[1]
        # only equal vectors have equal sums with weights that no data know
        sums = (sketch.rows * np.sqrt(np.arange(d) + 2.0)).sum(axis=2)
        tie = largest_tie(np.sort(sums, axis=1))
        shares = [tie, *(np.full_like(tie, (s + 1.0) / k) for s in range(1, d))]
        least = np.zeros_like(tie)
        for s, share in enumerate(shares):
            rest = np.maximum(1.0 - share, 1e-9)
            least = np.maximum(least, ((1.0 - rest) * d - s) / rest)
        return {"df": (least, np.full_like(least, np.inf))}

    def limits(self) -> tuple[Limit, ...]:
        normal = MultivariateNormal(labels=self.labels)
        names = zip(self.parameter_names[1:], normal.parameter_names, strict=True)
        return (Limit(normal, {"df": np.inf, **dict(names)}),)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        normal = self.normal_vectors(theta, rng, size)
        shrink = np.sqrt(theta[0] / rng.chisquare(theta[0], normal.shape[:-1]))
        return self.ellipse(theta).middle + normal * shrink[..., None]

    def _mean(self, theta: Theta) -> Array:
        return np.where((theta[0] > 1.0)[..., None], self.ellipse(theta).middle, np.nan)

    def _covariance(self, theta: Theta) -> Array:
        df = theta[0][..., None, None]
        finite = self.ellipse(theta).matrix * (df / np.where(df > 2.0, df - 2.0, np.nan))
        return np.where(df > 2.0, finite, np.nan)

    def _distribution_of_distances(self) -> Any:
        from scipy import stats

        d = len(self.labels or ())
        return stats.f(d, self.theta[0], scale=d)

    def _entropy(self, theta: Theta) -> Array:
        df, ellipse = theta[0], self.ellipse(theta)
        d, half = ellipse.dimension, 0.5 * (df + ellipse.dimension)
        constant = log_gamma_steps(0.5 * df, d)[0] - 0.5 * d * np.log(2.0 * np.pi)
        return half * (sc.digamma(half) - sc.digamma(0.5 * df)) + ellipse.log_root - constant


def _products(places: Sequence[int], n: int) -> Iterator[tuple[int, ...]]:
    """Choose n components, in ascending order, repeats allowed."""
    return combinations_with_replacement(places, n)


def _times(pair: tuple[int, int]) -> float:
    """How often an entry of a symmetric matrix stands in it."""
    return 1.0 if pair[0] == pair[1] else 2.0


def _of(products: Products, *places: int) -> Array:
    """Look up a product of components, whatever their order."""
    return products[tuple(sorted(places))]


def log_gamma_steps(h: Array, d: int) -> tuple[Array, Array, Array]:
    r"""Compute :math:`\log\Gamma(h+d/2) - \log\Gamma(h) - \tfrac d2 \log h` and two derivatives.

    Steps of 1, after one of a half where d is odd, each of which loses no digits for large h.
    """
    h = np.asarray(h, dtype=float)
    parts = [log_gamma_half_step(h)] if d % 2 else []
    for c in np.arange(0.5 * (d % 2), 0.5 * d - 0.5):
        above = h + c
        first = -c / (h * above)
        parts.append((np.log1p(c / h), first, -first * (1.0 / h + 1.0 / above)))
    value, slope, bend = (np.sum(part, axis=0) for part in zip(*parts, strict=True))
    return value, slope, bend


def _expected_and_maximised(sketch: Sketch, df: float) -> tuple[Array, Array]:
    """Centre and scatter by some steps of the EM algorithm, df known, from robust ones."""
    rows, d = sketch.rows, sketch.rows.shape[2]
    centre = np.median(rows, axis=1)
    width = 3.0 * np.median(np.abs(rows - centre[:, None]), axis=1)
    width = np.where(width > 0.0, width, rows.std(axis=1))[:, None]
    gap = np.clip(rows - centre[:, None], -width, width)
    matrix = _scatter(gap, np.ones(rows.shape[:2]))
    for _ in range(EM_STEPS):
        precision, _ = inverse_and_log_root(matrix)
        weights = (df + d) / (df + np.vecdot(gap @ precision, gap))
        total = weights.sum(axis=1)[:, None]
        centre = (rows * weights[..., None]).sum(axis=1) / total
        gap = rows - centre[:, None]
        matrix = _scatter(gap, weights)
    return centre, matrix


def _scatter(gap: Array, weights: Array) -> Array:
    """Mean weighted products of rows, kept from being singular where there are few."""
    matrix = (gap * weights[..., None]).swapaxes(1, 2) @ gap / gap.shape[1]
    size = np.diagonal(matrix, axis1=1, axis2=2)[:, None]
    return np.asarray(matrix + 1e-9 * np.eye(gap.shape[2]) * size)
