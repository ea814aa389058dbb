"""Sufficient statistics that merge: weight, means, and central second moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


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
        Weighted sums of squares about the mean, of the statistics at `central`.
    central : tuple of int
        Which statistics these are.
    """

    weight: Array
    means: Array
    sums_of_squares: Array
    central: tuple[int, ...] = ()

    @classmethod
    def of(
        cls, rows: list[Array], weights: Array | None, total: Array, central: tuple[int, ...]
    ) -> Moments:
        """Summarise rows that run along the last axis, in two passes."""
        means = np.array([weighted_sum(row, weights, total) for row in rows]) / total
        squares = [
            weighted_sum((rows[k] - means[k][:, None]) ** 2, weights, total) for k in central
        ]
        return cls(total, means, np.array(squares).reshape(len(central), len(total)), central)

    def __add__(self, other: Moments) -> Moments:
        weight = self.weight + other.weight
        share = other.weight / weight
        difference = other.means - self.means
        gap = difference[list(self.central)] ** 2 * (self.weight * share)
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


def weighted_sum(row: Array, weights: Array | None, total: Array) -> Array:
    """Sum along the last axis, one result a problem; a row that does not vary counts `total`."""
    if row.ndim == 0 or row.shape[-1] == 1:
        return np.broadcast_to(row[..., 0] if row.ndim else row, total.shape) * total
    if weights is None:
        return np.broadcast_to(np.add.reduce(row, axis=-1), total.shape)
    if weights.ndim == 1 or row.ndim == 1:
        return np.broadcast_to(np.dot(row, weights) if weights.ndim == 1 else weights @ row,
                               total.shape)
    return np.einsum("bm,bm->b", row, weights)
