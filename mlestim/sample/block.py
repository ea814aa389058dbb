"""A block: some rows of some neighbouring problems, few enough to stay in cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.intp]


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
