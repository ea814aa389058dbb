"""The packed row terms of a log density: value, score and curvature in one array.

For `p` parameters the first axis holds the value, the `p` scores, and the upper triangle of the
curvature row by row: ``(0, 0), (0, 1), …, (0, p-1), (1, 1), …``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def packed_size(p: int, order: int) -> int:
    """Count the entries that value, score (order ≥ 1) and curvature (order 2) take."""
    return (1, 1 + p, 1 + p + p * (p + 1) // 2)[order]


@cache
def curvature_positions(p: int) -> NDArray[np.intp]:
    """Give for each pair of parameters the packed position of its second derivative."""
    positions = np.empty((p, p), dtype=np.intp)
    upper = np.triu_indices(p)
    positions[upper] = 1 + p + np.arange(len(upper[0]))
    positions[upper[::-1]] = positions[upper]
    return positions


def weighted_terms(packed: Array, p: int) -> Array:
    """Turn packed terms of log densities into the densities and their derivatives, packed alike."""
    density = np.exp(packed[0])
    rows = np.array(packed)
    rows[0] = 1.0
    if len(packed) > 1 + p:
        first, second = np.triu_indices(p)
        rows[1 + p :] += packed[1:][first] * packed[1:][second]
    rows *= density
    return np.where(density > 0.0, rows, 0.0)


def log_tail_terms(smaller: Array, asked: NDArray[np.bool_], p: int) -> Iterator[Array]:
    """Yield the terms of the log of a tail from the sums of `weighted_terms` over the smaller one.

    `asked` says where that is the tail which is asked for. Derivatives of the other one differ by
    their sign alone.
    """
    with np.errstate(divide="ignore"):  # log 0 = −inf is the answer
        value = np.where(asked, np.log(smaller[0]), np.log1p(-smaller[0]))
    yield value
    with np.errstate(all="ignore"):  # of a tail without probability
        share = np.where(asked, 1.0, -1.0) / np.exp(value)
        score = [share * row for row in smaller[1 : 1 + p]]
        yield from score
        pairs = zip(*np.triu_indices(p), strict=True)
        for row, (i, j) in zip(smaller[1 + p :], pairs, strict=True):
            yield share * row - score[i] * score[j]


class Terms:
    """Views of packed terms.

    Attributes
    ----------
    packed : numpy.ndarray
        All entries, along the first axis.
    value : numpy.ndarray
        The log density.
    score : numpy.ndarray
        Its first derivatives, parameters along the first axis.
    curvature : numpy.ndarray
        Its second derivatives, parameters along the first two axes (a symmetric copy).
    """

    __slots__ = ("n_parameters", "packed")

    def __init__(self, packed: Array, n_parameters: int) -> None:
        self.packed = packed
        self.n_parameters = n_parameters

    @property
    def value(self) -> Array:
        return self.packed[0]

    @property
    def score(self) -> Array:
        return self.packed[1 : 1 + self.n_parameters]

    @property
    def curvature(self) -> Array:
        return self.packed[curvature_positions(self.n_parameters)]
