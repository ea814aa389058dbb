"""Blocks: some rows of some neighbouring problems, few enough to stay in cache."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mlestim.sample.batch import Batch

Array = NDArray[np.float64]
Integers = NDArray[np.intp]

# Rows of a block: short enough for a few of its work arrays to stay in cache, long enough for each
# operation to outlast the handing over of the interpreter between threads.
BLOCK_ROWS = 1 << 17


@dataclass(frozen=True)
class Block:
    """Some rows of some neighbouring problems.

    Parameters
    ----------
    x : array, shape (m,) or (problems, m), of vectors (m, d) or (problems, m, d)
        Rows, shared by the problems or one line each.
    weights : array or None
        Weights of the same or a broadcasting shape; padding has weight 0.
    first, last : int
        The problems are ``first, …, last − 1``.
    total : array, shape (problems,)
        Sum of the weights in this block.
    known : mapping of str to array
        Parameters that are known for each row, of the shape of `x`.
    shared : bool
        Whether the problems share the rows.
    """

    x: Array
    weights: Array | None
    first: int
    last: int
    total: Array
    known: Mapping[str, Array] = field(default_factory=dict)
    shared: bool = False

    def select(self, problems: Integers) -> Block:
        """Keep some of the problems (positions within the block)."""
        return Block(
            self.x if self.shared else self.x[problems],
            self.weights
            if self.weights is None or self.weights.ndim == 1
            else self.weights[problems],
            self.first,
            self.first + len(problems),
            self.total[problems],
            {
                name: values if values.ndim == 1 else values[problems]
                for name, values in self.known.items()
            },
            self.shared,
        )

    def pieces(self, cells: int) -> list[Block]:
        """Cut the rows, so that a piece has at most so many cells, and a row at least."""
        lines = 1 if self.shared else len(self.total)
        n = self.x.shape[0 if self.shared else 1]
        width = max(cells // lines, 1)
        if n <= width:
            return [self]

        def cut(values: Array, first: int) -> Array:
            rows = slice(first, first + width)
            return values[rows] if values.ndim == 1 or values is shared else values[:, rows]

        shared = self.x if self.shared else None
        found = []
        for first in range(0, n, width):
            x = cut(self.x, first)
            weights = None if self.weights is None else cut(self.weights, first)
            total = np.full(len(self.total), float(min(width, n - first)))
            if weights is not None:
                total[:] = weights.sum(axis=-1)
            known = {name: cut(values, first) for name, values in self.known.items()}
            found.append(Block(x, weights, self.first, self.last, total, known, self.shared))
        return found


def of_problems(components: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say of which problems something holds, of vectors in every component."""
    return np.asarray(components if components.ndim == 1 else components.all(axis=1))


def shared_blocks(batch: Batch) -> Iterator[Block]:
    """Cut rows that all problems share, and the problems where they are many."""
    n, problems = len(batch.x), batch.n_problems
    # the terms of intervals have more work arrays
    cells = BLOCK_ROWS >> 2 if batch.row_ends else BLOCK_ROWS
    lines = min(problems, cells)
    width = max(min(n, cells // lines), 1)
    start = int(batch.starts[0])
    for first in range(0, problems, lines):
        last = min(first + lines, problems)
        for row in range(start, start + n, width):
            rows = slice(row, min(row + width, start + n))
            weights = batch.weights
            if weights is not None:
                weights = weights[first:last, rows] if weights.ndim == 2 else weights[rows]
            x = batch.x[rows]
            total = np.full(last - first, float(len(x)))
            if weights is not None:
                total[:] = weights.sum(axis=-1)
            known = {name: values[rows] for name, values in batch.known.items()}
            yield Block(x, weights, first, last, total, known, shared=True)


def segment_blocks(batch: Batch) -> Iterator[Block]:
    """Pack neighbouring problems of like size; a block pads them to the longest."""
    for first, last in runs(batch.sizes):
        longest = int(batch.sizes[first:last].max())
        for row in range(0, longest, BLOCK_ROWS):
            yield padded(batch, first, last, row, min(row + BLOCK_ROWS, longest))


def runs(sizes: Integers) -> Iterator[tuple[int, int]]:
    """Ranges of problems: at most a block of cells, padded by at most a quarter or so."""
    counts = sizes.tolist()
    first = 0
    while first < len(counts):
        low = high = counts[first]
        last = first + 1
        while last < len(counts):
            low, high = min(low, counts[last]), max(high, counts[last])
            if (last + 1 - first) * high > BLOCK_ROWS or high > 1.25 * low + 4:
                break
            last += 1
        yield first, last
        first = last


def padded(batch: Batch, first: int, last: int, row: int, end: int) -> Block:
    """Rows `row` to `end` of each of some problems, shorter ones padded by rows of no weight."""
    sizes, starts = batch.sizes[first:last], batch.starts[first:last]
    width = end - row
    if np.all(sizes == sizes[0]) and np.all(np.diff(starts) == sizes[0]):
        stretch = slice(int(starts[0]), int(starts[0]) + int(sizes.sum()))

        def lines(values: Array) -> Array:
            return values[stretch].reshape(last - first, -1, *values.shape[1:])[:, row:end]

        present = None
    else:
        column = np.arange(row, end)
        cells = starts[:, None] + np.minimum(column, sizes[:, None] - 1)

        def lines(values: Array) -> Array:
            return values[cells]

        present = (column < sizes[:, None]).astype(float)
    weights = None if batch.weights is None else lines(batch.weights)
    if present is not None:
        weights = present if weights is None else weights * present
    total = np.full(last - first, float(width)) if weights is None else weights.sum(axis=-1)
    known = {name: lines(values) for name, values in batch.known.items()}
    return Block(lines(batch.x), weights, first, last, total, known)
