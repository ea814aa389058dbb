"""Rows spread evenly over a sample, of weighted rows as if each were there as often as it counts."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.intp]

GOLDEN_RATIO = 0.5 * (math.sqrt(5.0) - 1.0)


@lru_cache(8)  # samples have the same few lengths of sketches
def spread_places(k: int) -> Array:
    """Shares of a sample at which `k` of its rows lie, one in each of equal parts.

    The place within its part moves by the golden ratio, which no period of the data follows.
    """
    part = np.arange(k)
    places = np.asarray((part + part * GOLDEN_RATIO % 1.0) / k)
    places.flags.writeable = False
    return places


def spread_by_weight(weights: Array, starts: Integers, sizes: Integers, k: int) -> Integers:
    """Positions of at most `k` rows of each problem, shape (problems, k), in equal parts by weight.

    Where weights are whole numbers and sum to `k` at most, rows are repeated so many times.

    Parameters
    ----------
    weights : array, shape (n,)
        Weights of the rows.
    starts, sizes : array, shape (problems,)
        Where the rows of each problem begin, and how many there are.
    k : int
        Most rows.

    Examples
    --------
    >>> import numpy as np
    >>> times = np.array([1.0, 0.0, 3.0, 2.0])
    >>> spread_by_weight(times, np.array([0]), np.array([4]), 10)
    array([[0, 2, 2, 2, 3, 3]])
    """
    total = np.concatenate([[0.0], np.cumsum(weights)])
    begin, end = total[starts], total[starts + sizes]
    k = int(min(k, max(sizes.max(), np.ceil(np.max(end - begin)))))
    targets = begin[:, None] + spread_places(k) * (end - begin)[:, None]
    places = np.searchsorted(total[1:], targets.ravel(), side="right").reshape(targets.shape)
    return np.minimum(places, (starts + sizes - 1)[:, None])
