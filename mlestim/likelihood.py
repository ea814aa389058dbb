"""The log-likelihood of a batch of problems: row terms summed over cache-sized blocks.

Everything that is estimated from independent rows passes through here. Data enter standardised,
``z = (x − centre)/scale``, so that neither tiny nor huge units reach a formula; parameters are
those of ``z``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property, partial
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family, Row, product_of
from mlestim.distributions.intervals.between import interval_terms
from mlestim.distributions.intervals.rows import row_terms
from mlestim.distributions.rows.cells import sorted_where_needed
from mlestim.distributions.rows.moments import Central, Moments, weighted_sum
from mlestim.distributions.rows.scratch import Scratch
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.terms import packed_size
from mlestim.distributions.vectors.entries import symmetric
from mlestim.sample.batch import Batch
from mlestim.sample.block import Block
from mlestim.sample.censoring.intervals import ENDS, ROW, WHOLE_LINE, WINDOW
from mlestim.sample.censoring.kinds import beyond_exact, exact_ties, kinds_of
from mlestim.sample.condensed import condensed

Array = NDArray[np.float64]
Integers = NDArray[np.intp]
Item = TypeVar("Item")
Result = TypeVar("Result")

STANDARD = Scratch()
# From this many row terms on, threads of a pool do the work. One would do for the smaller samples:
# a pool thread keeps the memory of its temporaries, which the main thread gives back to the system
# after every operation.
THREADED_WORK = 1 << 14
# Numbers that the terms of a block take at most, a few times over.
TERMS = 1 << 23
# Rows at most, of which what statistics are computed from is kept.
KEPT_ROWS = 1 << 18
# From this many rows on, sorting all of them takes longer than finding out which ones matter.
LONG = 1 << 15


@cache
def _threads() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_threads(), thread_name_prefix="mlestim")


def _in_order(task: Callable[[Item], Result], blocks: Sequence[Item], work: int) -> list[Result]:
    """Run a task over blocks, in threads where it pays; results keep the order of the blocks."""
    if work < THREADED_WORK or len(blocks) == 1:
        return [task(block) for block in blocks]
    # A few stretches a thread even out their speeds; NumPy releases the interpreter lock inside.
    width = -(-len(blocks) // (4 * _threads()))
    stretches = [blocks[first : first + width] for first in range(0, len(blocks), width)]
    results = _pool().map(lambda stretch: [task(block) for block in stretch], stretches)
    return list(chain.from_iterable(results))


class Likelihood:
    """Mean log-likelihood terms of a family over a batch of problems.

    Parameters
    ----------
    family : Family
        Supplies the row terms.
    batch : Batch
        The rows.
    centre, scale : array, shape (problems,) or (problems, d), optional
        The change of units; by default none.
    """

    def __init__(
        self,
        family: Family,
        batch: Batch,
        centre: Array | None = None,
        scale: Array | None = None,
    ) -> None:
        self.family = family
        self.batch = batch
        shape = (batch.n_problems, *batch.x.shape[1:])
        self.centre = np.zeros(shape) if centre is None else centre
        self.scale = np.ones(shape) if scale is None else scale
        self._uncentred = not np.any(self.centre)
        self._unchanged = self._uncentred and bool(np.all(self.scale == 1.0))

    def select(self, problems: Integers) -> Likelihood:
        """Return the likelihood of some of the problems, in any order, repeats allowed."""
        return Likelihood(
            self.family, self.batch.select(problems), self.centre[problems], self.scale[problems]
        )

    def thinned(self, rows: int) -> Likelihood:
        """Return the likelihood over at most `rows` evenly spaced rows of each problem."""
        return Likelihood(self.family, self.batch.thinned(rows), self.centre, self.scale)

    @cached_property
    def condensed(self) -> Likelihood | None:
        """The likelihood over far fewer rows that stand for all of one long sample."""
        short = condensed(self.batch)
        return None if short is None else Likelihood(self.family, short, self.centre, self.scale)

    @property
    def log_unit(self) -> Array:
        """Log of how much larger a density is in standard units, shape (problems,)."""
        logs = np.log(self.scale)
        return logs if logs.ndim == 1 else logs.sum(axis=1)

    @property
    def is_cheap(self) -> bool:
        """Whether each row takes a few operations, and what is left to do is of their averages."""
        ends = any(part.batch.row_ends for part in self._parts)
        return self.family.is_linear and not (self.family.costly or ends)

    @property
    def reads_once(self) -> bool:
        """Whether all that is asked of the rows are sufficient statistics."""
        return all(part.family.sufficient and not part.batch.row_ends for part in self._parts)

    # ---- data in standard units ----------------------------------------------------------------

    def _standardized(self, block: Block, problems: Integers) -> Array:
        if self._unchanged:
            return block.x
        (z,) = STANDARD.rows(1, block.x.shape)  # summed before the thread's next block
        return self._in_units(block.x, *self._units(block, problems), z)

    def _in_units(self, x: Array, centre: Array, scale: Array, out: Array | None = None) -> Array:
        shrink = 1.0 / scale  # exact: the scale is a power of two
        if self._uncentred:
            return np.multiply(x, shrink, out=out)
        z = np.subtract(x, centre, out=out)
        return np.multiply(z, shrink, out=z)

    def _prepared(self, block: Block, problems: Integers) -> Array:
        """What statistics are computed from, in place where that is a work array already."""
        (out,) = STANDARD.rows(1, block.x.shape)
        return self.family.prepared(self._standardized(block, problems), out)

    def _units(self, block: Block, problems: Integers) -> tuple[Array, Array]:
        """Centre and scale of the rows of a block; problems that share rows share these."""
        if block.shared:
            problems = np.zeros((), dtype=np.intp)
        return self.centre[problems, None], self.scale[problems, None]

    @cached_property
    def sketch(self) -> Sketch:
        """A few standardised rows of each problem."""
        return self._sketch_of(self.batch.sketch)

    @property
    def likely_sketch(self) -> Sketch:
        """The same, with values that censored rows may have."""
        return self._sketch_of(self.batch.likely_sketch) if self.batch.censored else self.sketch

    def _sketch_of(self, rows: Array) -> Sketch:
        batch = self.batch
        if batch.censored:  # the middle of an interval may lie outside the support
            support = self.family.support
            rows = np.clip(rows, support.lower, support.upper)
        return Sketch(
            (rows - self.centre[:, None]) / self.scale[:, None],
            (batch.minimum - self.centre) / self.scale,
            (batch.maximum - self.centre) / self.scale,
            self._mean_and_variance,
            partial(exact_ties, batch) if batch.censored else None,
            partial(beyond_exact, batch) if batch.censored else None,
        )

    def _mean_and_variance(self) -> tuple[Array, Array]:
        if self.batch.of_vectors:
            d = self.batch.x.shape[1]
            pairs = tuple((i, j) for i in range(d) for j in range(i + 1))
            moments = self._moments(lambda z, _: [z[..., j] for j in range(d)], pairs)
            spreads = symmetric(list(moments.sums_of_squares / moments.weight))
            return moments.means.T, spreads
        moments = self._moments(lambda z, _: [z], (0,))
        return moments.means[0], moments.sums_of_squares[0] / moments.weight

    def _with_known(self, block: Block, theta: list[Array]) -> list[Array]:
        """Put in the parameters that are known for each row; those that follow the family's too."""
        for name in block.known.keys() - ENDS:
            place = self.family.parameter_index(name)
            theta[place : place + 1] = [block.known[name]]
        return theta

    def _ends(
        self, block: Block, names: tuple[str, str], problems: Integers
    ) -> tuple[Array, Array] | None:
        """Ends of the rows of a block in standard units, where they have any."""
        if names[0] not in block.known:
            return None
        centre, scale = self._units(block, problems)
        low, high = ((block.known[name] - centre) / scale for name in names)
        return low.reshape(block.x.shape), high.reshape(block.x.shape)

    def sorted_lines(self, *, whole: bool = True) -> Iterator[tuple[Array, Array, slice]]:
        """Standardised sorted rows and weights of neighbouring problems; see `Batch`.

        Unless they are wanted `whole`, the family says which rows of one long sample to sort.
        """
        lines = self.batch.sorted_lines
        if not whole and self.batch.n_problems == 1 and self.batch.weights is None:
            lines = self._lines_in_question
        for rows, weights, problems in lines():
            z = (rows - self.centre[problems, None]) / self.scale[problems, None]
            yield z, weights, problems

    def _lines_in_question(self) -> Iterator[tuple[Array, Array, slice]]:
        rows = self.batch.sketch[0]
        low, high = rows[len(rows) // 1000], rows[-1 - len(rows) // 1000]
        if type(self.family).cells_in_question is Family.cells_in_question or (
            len(self.batch.x) < LONG or low == high
        ):
            yield from self.batch.sorted_lines()
            return
        chosen, weights = sorted_where_needed(
            self.batch.x, (low, high), self.family.cells_in_question
        )
        yield chosen[None], weights[None], slice(0, 1)

    # ---- sums ----------------------------------------------------------------------------------

    def mean_terms(self, theta: Sequence[Array], order: int, problems: Integers) -> Array:
        """Mean value, score and curvature (packed) of some problems.

        Parameters
        ----------
        theta : sequence of arrays, shape (len(problems),)
            Parameters in standard units.
        order : {0, 1, 2}
            How many derivatives.
        problems : integer array
            Which problems, in increasing order.

        Returns
        -------
        numpy.ndarray
            Shape (packed size, len(problems)).
        """
        # A trial step may overflow; its infinite or undefined value is refused by the caller.
        with np.errstate(all="ignore"):
            if self._kinds:
                terms = self._of_kinds(theta, order, problems)
            elif self.family.sufficient and not self.batch.row_ends:
                means = self.moments.select(problems).mean_statistics
                terms = self.family.mean_terms(means, theta, order)
            else:
                terms = self._averaged(theta, order, problems)
            return self._given_window(terms, theta, order, problems)

    @cached_property
    def _kinds(self) -> list[tuple[float, Likelihood]]:
        """Likelihoods of exact rows, tails, intervals and windows, if there are several kinds."""
        return [
            (kind.sign, Likelihood(kind.family, kind.batch, self.centre, self.scale))
            for kind in kinds_of(self.family, self.batch)
        ]

    @property
    def _parts(self) -> list[Likelihood]:
        return [part for _, part in self._kinds] or [self]

    def _of_kinds(self, theta: Sequence[Array], order: int, problems: Integers) -> Array:
        whole = self.batch.total_weight[problems]
        total = np.zeros((packed_size(len(theta), order), len(problems)))
        for sign, part in self._kinds:
            share = sign * part.batch.total_weight[problems] / whole
            terms = part.mean_terms(theta, order, problems)
            total += np.where(share != 0.0, share * terms, 0.0)
        return total

    @cached_property
    def _kept(self) -> Batch | None:
        """The batch with standardised rows as statistics take them, if these are few enough to keep."""
        batch = self.batch
        if len(batch.x) > KEPT_ROWS or batch.of_vectors or batch.row_ends:
            return None
        rows, own = batch.x, None
        if not self._unchanged:
            units = (self.centre, self.scale)
            spread = [u[0] if batch.shared else batch.spread_over_rows(u) for u in units]
            rows = own = self._in_units(rows, *spread)
        rows = self.family.prepared(rows, own)
        return batch.of_same_kind(rows, batch.weights, batch.starts, batch.sizes, batch.known)

    def _averaged(self, theta: Sequence[Array], order: int, problems: Integers) -> Array:
        """Mean terms by a pass over the rows."""
        kept = self._kept
        tasks = _tasks(kept or self.batch, problems)
        if not self.family.is_linear:  # their many terms are written out for every row
            cells = TERMS // packed_size(len(theta), order)
            tasks = [(part, where) for block, where in tasks for part in block.pieces(cells)]
        work = self.batch.n_work * len(problems) // self.batch.n_problems
        rowwise = self.batch.row_ends

        def block_sums(task: tuple[Block, slice]) -> Array:
            block, columns = task
            with np.errstate(all="ignore"):
                each = self._with_known(block, [t[columns, None] for t in theta])
                rows: Sequence[Row]
                if rowwise:
                    z, pairs = self._standardized(block, problems[columns]), (ROW, WINDOW)
                    ends, window = (self._ends(block, pair, problems[columns]) for pair in pairs)
                    rows = list(row_terms(self.family, z, ends, window, each, order))
                else:
                    z = block.x if kept else self._prepared(block, problems[columns])
                    rows = self.family.rows_to_sum(z, each, order)
                return np.array([weighted_sum(row, block.weights, block.total) for row in rows])

        parts = _in_order(block_sums, tasks, work)
        sums = np.zeros((len(parts[0]), len(problems)))
        for (_, columns), part in zip(tasks, parts, strict=True):
            sums[:, columns] += part
        sums /= self.batch.total_weight[problems]
        return sums if rowwise else self.family.mean_terms(list(sums), theta, order)

    def _given_window(
        self, terms: Array, theta: Sequence[Array], order: int, problems: Integers
    ) -> Array:
        """Terms given that values lie in the window of all rows."""
        if self.batch.window == WHOLE_LINE:
            return terms
        centre, scale = self.centre[problems], self.scale[problems]
        low, high = ((end - centre) / scale for end in self.batch.window)
        return terms - interval_terms(self.family, low, high, theta, order)

    @cached_property
    def moments(self) -> Moments:
        """Sufficient statistics of every problem: one pass over the data, once."""
        family = self.family
        return self._moments(
            lambda z, theta: family.statistics(family.prepared(z), theta, 2), family.central
        )

    def _moments(
        self, statistics: Callable[[Array, list[Array]], Sequence[Row]], central: Central
    ) -> Moments:
        blocks = self.batch.blocks

        def summarise(block: Block) -> Moments:
            z = self._standardized(block, np.arange(block.first, block.last))
            # sufficient statistics depend on no parameter that is estimated
            theta = self._with_known(block, [np.zeros(1)] * len(self.family.parameters))
            rows = [np.atleast_2d(product_of(row)) for row in statistics(z, theta)]
            return Moments.of(rows, block.weights, block.total, central)

        parts = _in_order(summarise, blocks, self.batch.n_work)
        merged: dict[tuple[int, int], Moments] = {}
        for block, part in zip(blocks, parts, strict=True):
            key = (block.first, block.last)
            merged[key] = merged[key] + part if key in merged else part
        return _side_by_side(list(merged.values()))


def _tasks(batch: Batch, problems: Integers) -> list[tuple[Block, slice]]:
    """Blocks that hold any of the problems, cut down to these."""
    if len(problems) == batch.n_problems:
        return [(block, slice(block.first, block.last)) for block in batch.blocks]
    tasks = []
    for block in batch.blocks:
        begin, end = np.searchsorted(problems, [block.first, block.last])
        if begin < end:
            tasks.append((block.select(problems[begin:end] - block.first), slice(begin, end)))
    return tasks


def _side_by_side(parts: list[Moments]) -> Moments:
    """Join the moments of neighbouring ranges of problems."""
    if len(parts) == 1:
        return parts[0]
    return Moments(
        np.concatenate([part.weight for part in parts]),
        np.concatenate([part.means for part in parts], axis=1),
        np.concatenate([part.sums_of_squares for part in parts], axis=1),
        parts[0].central,
    )
