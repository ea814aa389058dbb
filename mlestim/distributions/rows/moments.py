"""Sufficient statistics that merge: weight, means, and central second moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Central = tuple[int | tuple[int, int], ...]


@dataclass(frozen=True)
class Moments:
    r"""Total weight, means of some row statistics and central second moments of some of them.

    Two of them merge by Chan, Golub and LeVeque's rule, which never subtracts large squares:

    .. math:: M = M_1 + M_2 + \frac{w_1 w_2}{w_1+w_2} (\bar t_1 - \bar t_2)^2

    Parameters
    ----------
    weight : array, shape (problems,)
        Sum of the weights.
    means : array, shape (k, problems)
        Weighted means of the row statistics.
    sums_of_squares : array, shape (c, problems)
        Weighted sums of squares about the mean, of the statistics at `central`; of a pair, sums of
        products.
    central : tuple of int, or of pairs of int
        Which statistics these are.
    """

    weight: Array
    means: Array
    sums_of_squares: Array
    central: Central = ()

    @classmethod
    def of(
        cls, rows: list[Array], weights: Array | None, total: Array, central: Central
    ) -> Moments:
        """Summarise rows that run along the last axis, in two passes."""
        means = np.array([weighted_sum(row, weights, total) for row in rows]) / _divisor(total)
        pairs = list(zip(*index_pairs(central), strict=True))
        about = {k: rows[k] - means[k][:, None] for k in {k for pair in pairs for k in pair}}
        squares = [weighted_sum((about[j], about[k]), weights, total) for j, k in pairs]
        return cls(total, means, np.array(squares).reshape(len(central), len(total)), central)

    def __add__(self, other: Moments) -> Moments:
        weight = self.weight + other.weight
        share = other.weight / _divisor(weight)
        difference = other.means - self.means
        first, second = index_pairs(self.central)
        gap = difference[first] * difference[second] * (self.weight * share)
        return Moments(
            weight,
            self.means + difference * share,
            self.sums_of_squares + other.sums_of_squares + gap,
            self.central,
        )

    def select(self, problems: NDArray[np.intp] | slice) -> Moments:
        """Keep some of the problems."""
        return Moments(
            self.weight[problems],
            self.means[:, problems],
            self.sums_of_squares[:, problems],
            self.central,
        )

    @property
    def mean_statistics(self) -> list[Array]:
        """Means, then central second moments with divisor the weight: what density terms take."""
        return [*self.means, *(self.sums_of_squares / self.weight)]


def index_pairs(central: Central) -> tuple[list[int], list[int]]:
    """First and second statistic of each product; a square is the product of one with itself."""
    pairs = [(k, k) if isinstance(k, int) else k for k in central]
    return [first for first, _ in pairs], [second for _, second in pairs]


def _divisor(weight: Array) -> Array:
    """Stand in for a weight of 0: rows that do not count have means of 0, which do not count."""
    return np.where(weight > 0.0, weight, 1.0)


# OpenBLAS starts threads of its own, inside ours, for longer dot products than this.
_DOT_ROWS = 1 << 13


def weighted_sum(row: Array | tuple[Array, Array], weights: Array | None, total: Array) -> Array:
    """Sum a row along the last axis, one result a problem.

    A pair of factors stands for their product, which is then never written out; a row that does
    not vary counts `total` times.
    """
    if isinstance(row, tuple):
        if weights is None:
            return _one_each(_dot(*row), total)
        row = row[0] * row[1]
    if row.ndim == 0 or row.shape[-1] == 1:
        return np.broadcast_to(row[..., 0] if row.ndim else row, total.shape) * total
    summed = np.add.reduce(row, axis=-1) if weights is None else _dot(row, weights)
    return _one_each(summed, total)


def _one_each(sums: Array, total: Array) -> Array:
    return sums if sums.shape == total.shape else np.broadcast_to(sums, total.shape)


def _dot(a: Array, b: Array) -> Array:
    """Dot products along the last axis."""
    whole = a.shape[-1] // _DOT_ROWS * _DOT_ROWS
    rest: Array = np.vecdot(a[..., whole:], b[..., whole:])
    if not whole:
        return rest
    parts = (row[..., :whole].reshape(*row.shape[:-1], -1, _DOT_ROWS) for row in (a, b))
    return rest + np.vecdot(*parts).sum(axis=-1)
