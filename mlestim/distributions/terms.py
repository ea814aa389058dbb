"""The packed row terms of a log density: value, score and curvature in one array.

For `p` parameters the first axis holds the value, the `p` scores, and the upper triangle of the
curvature row by row: ``(0, 0), (0, 1), …, (0, p-1), (1, 1), …``.
"""

from __future__ import annotations

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
