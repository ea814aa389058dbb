"""What a family sees of a sample when it proposes starting values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sketch:
    """A few sorted rows of each problem, its extremes, and exact moments on demand.

    Parameters
    ----------
    rows : array, shape (problems, k) or (problems, k, d)
        Evenly spaced rows of each problem; numbers are sorted, vectors are not. Good for starting
        values, not for estimates.
    minimum, maximum : array, shape (problems,) or (problems, d)
        Exact extremes.
    exact_moments : callable
        Reads the whole sample: mean and variance (divisor n) of each problem, of vectors their
        means (problems, d) and covariances (problems, d, d).
    exact_ties : callable, optional
        Gives the share of the most frequent exact value where some rows are known by ends alone.
    beyond_exact : callable, optional
        Says whether some of these rows are known to lie below, or above, all exact ones.
    """

    rows: Array
    minimum: Array
    maximum: Array
    exact_moments: Callable[[], tuple[Array, Array]]
    exact_ties: Callable[[], Array] | None = None
    beyond_exact: Callable[[], tuple[NDArray[np.bool_], NDArray[np.bool_]]] | None = None

    @cached_property
    def mean(self) -> Array:
        return self.rows.mean(axis=-1)

    @cached_property
    def sd(self) -> Array:
        return _positive(self.rows.std(axis=-1), self.maximum - self.minimum)

    @cached_property
    def log_rows(self) -> Array:
        """Logs of the rows; only for families of positive values."""
        return np.log(np.maximum(self.rows, np.finfo(float).tiny))

    @cached_property
    def log_mean(self) -> Array:
        return self.log_rows.mean(axis=-1)

    @cached_property
    def log_sd(self) -> Array:
        return _positive(self.log_rows.std(axis=-1), np.ones(len(self.rows)))

    @cached_property
    def shortest_half(self) -> tuple[Array, Array]:
        """Centre and half length of the shortest interval that holds half of the rows."""
        low, high = self._shortest(2)
        return 0.5 * (low + high), _positive(0.5 * (high - low), self.maximum - self.minimum)

    def _shortest(self, part: int) -> tuple[Array, Array]:
        """Ends of the shortest interval that holds one of so many equal parts of the rows."""
        k = self.rows.shape[-1]
        step = max(k // part - 1, 0)
        lengths = self.rows[:, step:] - self.rows[:, : k - step]
        first = np.argmin(lengths, axis=-1)
        problems = np.arange(len(first))
        return self.rows[problems, first], self.rows[problems, first + step]

    @cached_property
    def clustered(self) -> NDArray[np.bool_]:
        """Whether the rows may gather in several places, or in one place that others are far from.

        The bulk has a gap, the shortest half lies aside or is far denser than the middle one, or an
        eighth of the rows is far denser than half of them.
        """
        k = self.rows.shape[-1]
        bulk = self.rows[:, k // 10 : k - k // 10]
        gap = (bulk[:, 1:] - bulk[:, :-1]).max(axis=-1, initial=0.0)
        centre, half_length = self.shortest_half
        aside = np.abs(centre - self.quantile(0.5))
        middle = self.quantile(0.75) - self.quantile(0.25)
        low, high = self._shortest(8)
        dense = (2.0 * half_length < 0.7 * middle) | (high - low < 0.2 * half_length)
        return (np.maximum(gap, aside) >= 0.3 * middle) | dense

    @cached_property
    def largest_tie(self) -> Array:
        """Share of the rows that the most frequent value takes; stopped at one, they have others."""
        return largest_tie(self.rows) if self.exact_ties is None else self.exact_ties()

    @cached_property
    def shielded(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether a row below, or above, keeps an end of the support away from all exact rows."""
        none = np.zeros(len(self.rows), dtype=bool)
        return (none, none) if self.beyond_exact is None else self.beyond_exact()

    def at_most(self, value: float) -> NDArray[np.bool_]:
        """Whether no row lies above a value, or is known to lie above all exact ones."""
        return np.asarray((self.maximum <= value) & ~self.shielded[1])

    def quantile(self, p: float) -> Array:
        """Sample quantile of the rows, interpolated."""
        position = p * (self.rows.shape[-1] - 1)
        below = int(position)
        above = min(below + 1, self.rows.shape[-1] - 1)
        share = position - below
        return (1.0 - share) * self.rows[:, below] + share * self.rows[:, above]

    def power_and_scale(self, log_quantile: Callable[[float], Array]) -> tuple[Array, Array]:
        """Power c and scale s for which ``s Z^(1/c)`` has the quartiles of the rows.

        `log_quantile` gives the quantiles of log Z.
        """
        low, high = log_quantile(0.25), log_quantile(0.75)
        log_low, log_high = (np.log(np.maximum(self.quantile(p), 1e-300)) for p in (0.25, 0.75))
        spread = np.where(log_high > log_low, log_high - log_low, self.log_sd)
        power = (high - low) / spread
        return power, np.exp(0.5 * (log_low + log_high) - 0.5 * (low + high) / power)


def largest_tie(rows: Array) -> Array:
    """Share of sorted rows, shape (problems, k), that the most frequent value takes."""
    position = np.arange(rows.shape[-1])
    new = np.ones(rows.shape, dtype=bool)
    np.not_equal(rows[:, 1:], rows[:, :-1], out=new[:, 1:])
    first = np.maximum.accumulate(np.where(new, position, 0), axis=-1)
    return np.asarray((position - first + 1).max(axis=-1) / len(position))


def _positive(spread: Array, stand_in: Array) -> Array:
    """Replace a spread of 0 (tied rows) by a small positive one."""
    return np.where(spread > 0.0, spread, np.where(stand_in > 0.0, 1e-3 * stand_in, 1e-3))
