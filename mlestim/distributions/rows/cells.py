"""Long samples in cells: only the rows near an estimate have to be sorted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Cells of the bulk: enough for few rows to share the estimate's, and few enough to stay in cache.
N_CELLS = 1 << 12
BLOCK_ROWS = 1 << 15


@dataclass(frozen=True)
class Cells:
    """How many rows lie between neighbouring edges, and their sums.

    Parameters
    ----------
    edges : array, shape (k + 1,)
        Ascending distances from some point; the first and the last are the extremes of the sample.
    counts, sums : array, shape (k,)
        Of the rows in each cell.
    """

    edges: Array
    counts: Array
    sums: Array

    @property
    def counts_below(self) -> Array:
        """Rows below each edge."""
        return np.concatenate([[0.0], np.cumsum(self.counts)])

    def distances(self) -> tuple[Array, Array]:
        """Mean distances of the rows above each edge, and of those below it."""
        n, below = self.counts.sum(), self.counts_below
        sums = np.concatenate([[0.0], np.cumsum(self.sums)])
        lower = (below * self.edges - sums) / n
        upper = ((sums[-1] - sums) - (n - below) * self.edges) / n
        return np.maximum(upper, 0.0), np.maximum(lower, 0.0)


def sorted_where_needed(
    x: Array, bulk: tuple[float, float], in_question: Callable[[Cells], NDArray[np.bool_]]
) -> tuple[Array, Array]:
    """Sort the rows of some cells; those of each other cell become one, their mean, of that weight.

    Parameters
    ----------
    x : array, shape (n,)
        The rows.
    bulk : pair of float
        Ends of the bulk, between which cells are equally wide.
    in_question : callable
        Says which cells to sort.

    Returns
    -------
    rows, weights : arrays
        Ascending rows, and how many each stands for.
    """
    low, high = bulk
    per_unit = (N_CELLS - 2) / (high - low)
    blocks = [x[first : first + BLOCK_ROWS] for first in range(0, len(x), BLOCK_ROWS)]
    places, counts, sums = [], np.zeros(N_CELLS), np.zeros(N_CELLS)
    for block in blocks:
        distance = block - low
        place = np.floor(np.clip(distance * per_unit, -1.0, N_CELLS - 2)).astype(np.int16) + 1
        places.append(place)
        counts += np.bincount(place, minlength=N_CELLS)
        sums += np.bincount(place, distance, minlength=N_CELLS)
    inner = np.arange(N_CELLS - 1) / per_unit
    ends = min(x.min() - low, 0.0), max(x.max() - low, inner[-1])
    kept = in_question(Cells(np.concatenate([ends[:1], inner, ends[1:]]), counts, sums))
    chosen = [block[kept[place]] for block, place in zip(blocks, places, strict=True)]
    others = ~kept & (counts > 0.0)
    rows = np.concatenate([*chosen, low + sums[others] / counts[others]])
    weights = np.ones(len(rows))
    weights[len(rows) - others.sum() :] = counts[others]
    order = np.argsort(rows, kind="stable")
    return rows[order], weights[order]
