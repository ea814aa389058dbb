"""Samples of many problems at once, cut into blocks that stay in cache.

A *problem* is one fit: a group, a bootstrap replicate, a starting point, or the only one there is.
Problems own a segment of the rows each, or all share the same rows (with own weights, if wanted).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mlestim.distributions.rows.spread import spread_by_weight, spread_places
from mlestim.sample.block import (
    Block,
    of_problems,
    padded,
    runs,
    segment_blocks,
    shared_blocks,
)
from mlestim.sample.censoring.intervals import (
    LOWER,
    UPPER,
    WHOLE_LINE,
    KindsOfRows,
    likely_values,
    reflected_ends,
)

Array = NDArray[np.float64]
Integers = NDArray[np.intp]

# Rows of a problem that units and starting values are made from.
SKETCH_ROWS, SKETCH_ROWS_OF_ONE = 1 << 8, 1 << 12
# Rows of a censored sample that do for starting values.
LIKELY_ROWS = 1 << 10
# Rows of a cache line of 64 bytes.
LINE_ROWS = 8


class Batch(KindsOfRows):
    """The rows of a batch of problems.

    Parameters
    ----------
    x : array, shape (n,), or of vectors (n, d)
        Rows; those of one problem are neighbours.
    weights : array, shape (n,) or (problems, n), optional
        Weights of the rows; two-dimensional where problems share the rows.
    starts, sizes : integer arrays, shape (problems,)
        Where the rows of each problem begin, and how many there are.
    known : mapping of str to array, shape (n,), optional
        What is known of each row besides: parameters, and ends of intervals (`sample.censoring`).
    window : pair of float
        Interval outside which values of any row could not be seen.
    """

    def __init__(
        self,
        x: Array,
        weights: Array | None,
        starts: Integers,
        sizes: Integers,
        known: Mapping[str, Array] | None = None,
        window: tuple[float, float] = WHOLE_LINE,
    ) -> None:
        self.window = window
        self.x = x
        self.weights = weights
        self.known = dict(known or {})
        self.starts = np.asarray(starts, dtype=np.intp)
        self.sizes = np.asarray(sizes, dtype=np.intp)
        self.shared = len(self.starts) == 1 or bool(
            np.all(self.starts == 0) and np.all(self.sizes == len(x))
        )

    @classmethod
    def single(
        cls,
        x: Array,
        weights: Array | None = None,
        extent: tuple[float, float] | None = None,
        known: Mapping[str, Array] | None = None,
        window: tuple[float, float] = WHOLE_LINE,
    ) -> Batch:
        """One problem; `extent` saves looking for the extremes again."""
        batch = cls(x, weights, np.zeros(1, dtype=np.intp), np.array([len(x)]), known, window)
        if extent is not None:
            batch.minimum, batch.maximum = np.array([extent[0]]), np.array([extent[1]])
        return batch

    def repeated(self, n_problems: int, weights: Array | None = None) -> Batch:
        """Problems over the rows of the only one; `weights` may have one line a problem."""
        starts = np.zeros(n_problems, dtype=np.intp)
        sizes = np.full(n_problems, len(self.x))
        weights = self.weights if weights is None else weights
        return self.of_same_kind(self.x, weights, starts, sizes, self.known)

    def of_same_kind(
        self,
        x: Array,
        weights: Array | None,
        starts: Integers,
        sizes: Integers,
        known: Mapping[str, Array],
    ) -> Batch:
        """Return a batch of other rows that were seen through the same window."""
        return Batch(x, weights, starts, sizes, known, self.window)

    @property
    def n_problems(self) -> int:
        return len(self.starts)

    @property
    def of_vectors(self) -> bool:
        """Whether each row is a vector."""
        return self.x.ndim == 2

    @cached_property
    def n_work(self) -> int:
        """Row terms that one evaluation of all problems takes."""
        return int(self.sizes.sum())

    # ---- kinds of rows -------------------------------------------------------------------------

    @property
    def beside(self) -> Mapping[str, Array]:
        return self.known

    @cached_property
    def exact(self) -> NDArray[np.bool_]:
        """Which rows are exact."""
        if not self.censored:
            return np.ones(len(self.x), dtype=bool)
        return np.asarray(self.known[LOWER] == self.known[UPPER])

    @cached_property
    def exact_weight(self) -> Array:
        """Sum of the weights of the exact rows of each problem, which contribute densities."""
        if not self.censored:
            return self.total_weight
        if self.weights is None and self.shared:
            return np.full(self.n_problems, float(np.count_nonzero(self.exact)))
        exact = self.exact.astype(float)
        return self._summed(exact if self.weights is None else exact * self.weights)

    @cached_property
    def exact_extremes(self) -> tuple[Array, Array]:
        """Smallest and largest of the exact rows of each problem; ∞ and −∞ where there are none."""
        if not self.censored:
            return self.minimum, self.maximum
        low, high = (np.where(self.exact, self.x, none) for none in (np.inf, -np.inf))
        return self._extremes(np.minimum, np.inf, low), self._extremes(np.maximum, -np.inf, high)

    @cached_property
    def agree(self) -> NDArray[np.bool_]:
        """Whether one value lies in all rows of a problem: exact ones are then constant."""
        return of_problems(self.greatest_lower_end <= self.least_upper_end)

    @cached_property
    def least_upper_end(self) -> Array:
        """Smallest upper end of each problem; of exact rows, their minimum."""
        return self._extreme_end(np.minimum, np.inf, UPPER) if self.censored else self.minimum

    @cached_property
    def greatest_lower_end(self) -> Array:
        """Largest lower end of each problem; of exact rows, their maximum."""
        return self._extreme_end(np.maximum, -np.inf, LOWER) if self.censored else self.maximum

    def _extreme_end(self, operation: np.ufunc, none: float, end: str) -> Array:
        return np.asarray(self._extremes(operation, none, self.known[end]))

    @property
    def endless(self) -> NDArray[np.bool_]:
        """Whether all rows of a problem are tails of the same side, and so say nothing of the other."""
        if not self.censored:
            return np.zeros(self.n_problems, dtype=bool)
        one_side = np.isposinf(self.least_upper_end) | np.isneginf(self.greatest_lower_end)
        return of_problems(one_side)

    # ---- summaries -----------------------------------------------------------------------------

    @cached_property
    def total_weight(self) -> Array:
        """Sum of the weights of each problem."""
        return self.sizes.astype(float) if self.weights is None else self._summed(self.weights)

    def _summed(self, weights: Array) -> Array:
        """Sum weights of the rows over those of each problem."""
        return weights.sum(axis=-1) if weights.ndim == 2 else self._by_segment(np.add, weights)

    @cached_property
    def minimum(self) -> Array:
        return self._extremes(np.minimum, np.inf, self.x)

    @cached_property
    def maximum(self) -> Array:
        return self._extremes(np.maximum, -np.inf, self.x)

    def _extremes(self, operation: np.ufunc, none: float, values: Array) -> Array:
        """Smallest or largest value of each problem, of rows that have weight in it."""
        if self.weights is None or self.weights.ndim == 1:
            return self._by_segment(operation, values)
        counts = (self.weights > 0.0).reshape(*self.weights.shape, *(1,) * (values.ndim - 1))
        return np.asarray([operation.reduce(values, where=line, initial=none) for line in counts])

    def _by_segment(self, operation: np.ufunc, values: Array) -> Array:
        if self.shared:
            whole = operation.reduce(values)
            return np.array(np.broadcast_to(whole, (self.n_problems, *values.shape[1:])))
        # the segments tile the rows, but not necessarily in the order of the problems
        order = np.argsort(self.starts, kind="stable")
        result = np.empty((self.n_problems, *values.shape[1:]), dtype=values.dtype)
        result[order] = operation.reduceat(values, self.starts[order])
        return result

    def spread_rows(self, k: int) -> Integers:
        """Positions of `k` rows of each problem, shape (problems, k), one in each of equal parts."""
        places = spread_places(min(k, int(self.sizes.max())))
        return self.starts[:, None] + (places * self.sizes[:, None]).astype(np.intp)

    @cached_property
    def sketch(self) -> Array:
        """A few evenly spread rows of each problem, shape (problems, k); numbers are sorted."""
        rows = self.x[None] if self._sketches_all else self.x[self._sketched]
        return rows if self.of_vectors else np.sort(rows, axis=-1)

    @cached_property
    def likely_sketch(self) -> Array:
        """The sketch, rows of which only a tail is known replaced by values that they may have."""
        if not self.censored:
            return self.sketch
        columns = (self.x, self.known[LOWER], self.known[UPPER])
        places = self._sketched[:, :: max(self._sketched.shape[1] // LIKELY_ROWS, 1)]
        return likely_values(*(column[places] for column in columns))

    @cached_property
    def _sketched(self) -> Integers:
        k = SKETCH_ROWS if self.n_problems > 1 else SKETCH_ROWS_OF_ONE
        if self.weights is not None and self.weights.ndim == 1:
            return spread_by_weight(self.weights, self.starts, self.sizes, k)
        return np.arange(len(self.x))[None] if self._sketches_all else self.spread_rows(k)

    @property
    def _sketches_all(self) -> bool:
        """Whether the rows are few enough to be their own sketch."""
        few = self.n_problems == 1 and len(self.x) <= SKETCH_ROWS_OF_ONE
        return few and (self.weights is None or self.weights.ndim == 2)

    def spread_over_rows(self, values: Array) -> Array:
        """Give each row the value of its problem; problems that share rows share the value."""
        if self.shared:
            return np.full(len(self.x), values[0])
        order = np.argsort(self.starts, kind="stable")
        return np.repeat(values[order], self.sizes[order])

    def thinned(self, k: int) -> Batch:
        """Return a batch of at most `k` evenly spaced rows of each problem.

        Of long problems, neighbouring rows that share a cache line are taken together.
        """
        run = LINE_ROWS if k >= LINE_ROWS << 9 and self.sizes.min() >= k else 1
        firsts = np.minimum(self.spread_rows(k // run), (self.starts + self.sizes - run)[:, None])
        n, width = len(firsts), firsts.shape[1] * run
        starts = self.starts if self.shared else np.arange(n) * width
        kept = firsts[0] if self.shared else firsts.ravel()

        def runs(values: Array) -> Array:
            if run == 1:
                return values[..., kept]
            windows = sliding_window_view(values, run, axis=-1)[..., kept, :]
            return windows.reshape(*values.shape[:-1], -1)

        return self._of_rows(runs, starts, np.full(n, width))

    def select(self, problems: Integers) -> Batch:
        """Keep some of the problems, in any order, repeats allowed."""
        if self.shared:
            lines = self.weights is not None and self.weights.ndim == 2
            weights = self.weights[problems] if lines and self.weights is not None else self.weights
            return self.repeated(len(problems), weights)
        starts, sizes = self.starts[problems], self.sizes[problems]
        offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        rows = np.repeat(starts - offsets, sizes) + np.arange(sizes.sum())
        return self._of_rows(lambda values: values[..., rows], offsets, sizes)

    def reordered(self, problems: Integers) -> Batch:
        """Return the same rows with the problems in another order."""
        if self.shared:
            return self.select(problems)
        starts, sizes = self.starts[problems], self.sizes[problems]
        return self.of_same_kind(self.x, self.weights, starts, sizes, self.known)

    def reflected(self, *, integers: bool = False) -> Batch:
        """Return the batch of the values −x."""
        known = reflected_ends(self.known, integers=integers)
        low, high = (-np.floor(end) - 1.0 if integers else -end for end in self.window)
        return Batch(-self.x, self.weights, self.starts, self.sizes, known, (high, low))

    def _of_rows(
        self, chosen: Callable[[Array], Array], starts: Integers, sizes: Integers
    ) -> Batch:
        weights = self.weights
        if weights is not None:
            weights = np.ascontiguousarray(chosen(weights))
        known = {name: chosen(values) for name, values in self.known.items()}
        x = np.ascontiguousarray(chosen(self.x.T).T)  # rows of vectors are along the first axis
        return self.of_same_kind(x, weights, starts, sizes, known)

    # ---- sorted rows ---------------------------------------------------------------------------

    def sorted_lines(self) -> Iterator[tuple[Array, Array, slice]]:
        """Yield neighbouring problems with their rows sorted.

        Yields
        ------
        rows, weights : array, shape (problems, m)
            Rows ascending along the last axis; those of weight 0 are padding.
        problems : slice
            Which problems these are.
        """
        if self.shared:
            shape = (self.n_problems, len(self.x))
            if self.weights is None:
                rows, weights = np.sort(self.x), np.ones(())
            else:
                order = np.argsort(self.x, kind="stable")
                rows, weights = self.x[order], self.weights[..., order]
            lines = np.broadcast_to(rows, shape), np.broadcast_to(weights, shape)
            yield *lines, slice(0, self.n_problems)
            return
        for first, last in runs(self.sizes):
            block = padded(self, first, last, 0, int(self.sizes[first:last].max()))
            order = np.argsort(block.x, axis=-1, kind="stable")
            weights = np.ones_like(block.x) if block.weights is None else block.weights
            yield (
                np.take_along_axis(block.x, order, axis=-1),
                np.take_along_axis(weights, order, axis=-1),
                slice(first, last),
            )

    # ---- blocks --------------------------------------------------------------------------------

    @cached_property
    def blocks(self) -> list[Block]:
        """All blocks, in the fixed order in which their sums are added."""
        return list(shared_blocks(self) if self.shared else segment_blocks(self))
