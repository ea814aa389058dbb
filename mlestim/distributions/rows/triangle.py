r"""Ends and mode of the triangular density that fits sorted rows best.

With W the total weight, L the rows below the mode c and R those above, the log-likelihood is

.. math:: W \log\frac2{b-a} + \sum_L w \log\frac{x-a}{c-a} + \sum_R w \log\frac{b-x}{b-c}

Between two neighbouring rows it is convex in c, so that the best mode is a row whatever the ends
(Oliver). For a mode it is smooth in the ends, and has one peak in each; where no row is on one side
of the mode, the end of that side is the mode.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.intp]

# Modes that are all climbed from, at most; of more rows, so many evenly spaced ones, and then those
# that a Newton step promises most.
MANY, STARTS, PROMISING = 300, 17, 16
# Longer samples are begun on so many of their rows.
FEW = 1 << 10
# Entries at once: their temporaries stay small.
ENTRIES = 1 << 20
STEPS, HALVINGS, ROUNDS = 100, 20, 20
LONGEST_STEP, SHORT_STEP = 2.0, 0.5
# Newton decrement, in units of the weight, at which the next step is the last; and a rounding.
DONE, ROUNDING = 1e-16, 4e-16


class Ends(NamedTuple):
    """Both ends and the log-likelihood, for each of some modes."""

    lower: Array
    upper: Array
    value: Array


@dataclass(frozen=True)
class Triangle:
    """Distinct sorted rows with their weights, and the ends that are known (else NaN)."""

    x: Array
    weight: Array
    lower: float
    upper: float

    def best(self, mode: float | None) -> tuple[float, float, float]:
        """Lower end, mode and upper end with the highest likelihood."""
        if mode is not None:
            modes = np.array([mode])
            ends = self.climb(modes, *self.outward(modes))
            return float(ends.lower[0]), mode, float(ends.upper[0])
        every = np.arange(len(self.x))
        if len(every) <= MANY:
            return self.winner(every, *self.outward(self.x[every]))[:3]
        if len(every) > FEW:
            kept = np.linspace(0, len(every) - 1, FEW).astype(np.intp)
            few = Triangle(self.x[kept], self.weight[kept], self.lower, self.upper)
            lower, _, upper = few.best(None)
            chosen = self.likeliest(lower, upper)
        else:
            modes = self.x[np.unique(np.linspace(0, len(every) - 1, STARTS).astype(np.intp))]
            begun = self.climb(modes, *self.outward(modes))
            pairs = zip(begun.lower, begun.upper, strict=True)
            chosen = np.unique(np.concatenate([self.likeliest(*ends) for ends in pairs]))
            lower, upper = begun.lower[STARTS // 2], begun.upper[STARTS // 2]
        best = self.winner(chosen, lower, upper)
        for _ in range(ROUNDS):
            lower, _, upper, value = best
            again = self.winner(self.likeliest(lower, upper), lower, upper)
            if not again[3] > value + ROUNDING * (1.0 + abs(value)):
                break
            best = again
        return best[:3]

    def likeliest(self, lower: float, upper: float) -> Integers:
        """Choose the rows that are the best modes for these ends, or after a step from them."""
        here, promised = self.promise(lower, upper)
        n = max(1, min(PROMISING, ENTRIES // len(self.x)))
        return np.unique([np.argpartition(-values, n)[:n] for values in (here, promised)])

    def winner(
        self, places: Integers, lower: Array | float, upper: Array | float
    ) -> tuple[float, float, float, float]:
        """Climb from ends for each of some rows as the mode, and choose the best."""
        lower, upper = (np.broadcast_to(end, places.shape) for end in (lower, upper))
        ends = self.climb(self.x[places], lower, upper)
        k = int(np.argmax(ends.value))
        mode = float(self.x[places[k]])
        return float(ends.lower[k]), mode, float(ends.upper[k]), float(ends.value[k])

    # ---- climbing ----------------------------------------------------------------------------

    def outward(self, modes: Array) -> tuple[Array, Array]:
        """Ends a tenth of the range beyond the rows, for each of some modes, to begin with."""
        reach = 0.1 * (self.x[-1] - self.x[0])
        return np.full_like(modes, self.x[0] - reach), np.full_like(modes, self.x[-1] + reach)

    def climb(self, modes: Array, lower: Array, upper: Array) -> Ends:
        """Find the best ends for each mode, by Newton's method on logs of their distances."""
        at_once = max(1, ENTRIES // len(self.x))
        parts = [
            self._climb(*(row[first : first + at_once] for row in (modes, lower, upper)))
            for first in range(0, len(modes), at_once)
        ]
        return Ends(*(np.concatenate(rows) for rows in zip(*parts, strict=True)))

    def _climb(self, modes: Array, lower: Array, upper: Array) -> Ends:
        below, above = self.x < modes[:, None], self.x > modes[:, None]

        def slopes(lower: Array, upper: Array) -> _Slopes:
            sides = [
                _Side(*(np.where(mask, row, 0.0).sum(axis=-1) for row in self._rows(distance)))
                for mask, distance in (
                    (below, self.x - lower[:, None]),
                    (above, upper[:, None] - self.x),
                )
            ]
            return self._slopes(modes, lower, upper, *sides)

        lower, upper = self._held(modes, lower, upper)
        here = slopes(lower, upper)
        length = np.ones(len(modes))
        halvings = np.zeros(len(modes))
        for _ in range(STEPS):
            steps, decrement = here.newton()
            there = slopes(*here.moved(length * steps))
            better = there.value >= here.value - ROUNDING * (1.0 + np.abs(here.value))
            done = (decrement <= DONE * self.weight.sum()) | (halvings > HALVINGS)
            here = _Slopes(*(np.where(better, a, b) for a, b in zip(there, here, strict=True)))
            length = np.where(better, 1.0, 0.25 * length)
            halvings = np.where(better, 0.0, halvings + 1.0)
            if np.all(done):
                break
        return Ends(here.lower, here.upper, here.value)

    def promise(self, lower: float, upper: float) -> tuple[Array, Array]:
        """Say how high the likelihood is with every row as the mode, and after a Newton step."""
        with np.errstate(all="ignore"):
            sides = [
                _Side(*(_before(row) for row in self._rows(self.x - lower))),
                _Side(*(_before(row[::-1])[::-1] for row in self._rows(upper - self.x))),
            ]
            ends = (np.full_like(self.x, end) for end in (lower, upper))
            slopes = self._slopes(self.x, *self._held(self.x, *ends), *sides)
            steps, decrement = slopes.newton()
        near = (np.abs(steps).max(axis=0) < SHORT_STEP) & np.isfinite(decrement)
        return slopes.value, slopes.value + np.where(near, 0.5 * decrement, 0.0)

    def _rows(self, distance: Array) -> tuple[Array, Array, Array, Array]:
        """Weights of the rows, and times log, inverse and squared inverse of their distance."""
        weight = np.broadcast_to(self.weight, distance.shape)
        with np.errstate(all="ignore"):  # rows on the other side of the mode may be beyond an end
            inverse = weight / distance
            return weight, weight * np.log(distance), inverse, inverse / distance

    def _held(self, modes: Array, lower: Array, upper: Array) -> tuple[Array, Array]:
        """Put in the ends that are known, and those that are the mode."""
        first, last = self.x[0], self.x[-1]
        out = self.outward(modes)
        if np.isnan(self.lower):
            lower = np.where(lower < first, lower, out[0])
            lower = np.where(modes <= first, modes, lower)
        else:
            lower = np.full_like(modes, self.lower)
        if np.isnan(self.upper):
            upper = np.where(upper > last, upper, out[1])
            upper = np.where(modes >= last, modes, upper)
        else:
            upper = np.full_like(modes, self.upper)
        return lower, upper

    def _slopes(
        self, mode: Array, lower: Array, upper: Array, left: _Side, right: _Side
    ) -> _Slopes:
        total, span = self.weight.sum(), upper - lower
        some_left, some_right = left.weight > 0.0, right.weight > 0.0
        near = np.where(some_left, mode - lower, 1.0)
        far = np.where(some_right, upper - mode, 1.0)
        value = total * np.log(2.0 / span) + left.logs + right.logs
        value = value - left.weight * np.log(near) - right.weight * np.log(far)
        free_lower = some_left & np.isnan(self.lower)
        free_upper = some_right & np.isnan(self.upper)
        p = np.where(free_lower, self.x[0] - lower, 0.0)
        q = np.where(free_upper, upper - self.x[-1], 0.0)
        by_lower = p * (left.inverses - left.weight / near - total / span)
        by_upper = q * (right.inverses - right.weight / far - total / span)
        twice_lower = p**2 * (total / span**2 - left.squares + left.weight / near**2)
        twice_upper = q**2 * (total / span**2 - right.squares + right.weight / far**2)
        mixed = p * q * total / span**2
        return _Slopes(
            lower,
            upper,
            value,
            by_lower,
            by_upper,
            twice_lower + by_lower,
            twice_upper + by_upper,
            mixed,
            p,
            q,
        )


class _Side(NamedTuple):
    """Sums over the rows on one side of the mode."""

    weight: Array
    logs: Array
    inverses: Array
    squares: Array


class _Slopes(NamedTuple):
    """The likelihood at some ends, with derivatives in the logs of their distances p, q."""

    lower: Array
    upper: Array
    value: Array
    by_lower: Array
    by_upper: Array
    twice_lower: Array
    twice_upper: Array
    mixed: Array
    p: Array
    q: Array

    def newton(self) -> tuple[Array, Array]:
        """Give the steps of both, uphill whatever the curvature, and the decrement."""
        first = np.where(self.p > 0.0, -self.twice_lower, 1.0)
        second = np.where(self.q > 0.0, -self.twice_upper, 1.0)
        determinant = first * second - self.mixed**2
        definite = (first > 0.0) & (second > 0.0) & (determinant > 0.0)
        cross = np.where(definite, self.mixed, 0.0)
        first, second = (np.where(definite, row, np.abs(row) + 1e-300) for row in (first, second))
        determinant = np.where(definite, determinant, first * second)
        steps = np.array(
            [
                (second * self.by_lower + cross * self.by_upper) / determinant,
                (first * self.by_upper + cross * self.by_lower) / determinant,
            ]
        )
        shrink = np.minimum(1.0, LONGEST_STEP / np.maximum(np.abs(steps).max(axis=0), 1e-300))
        steps = steps * shrink
        decrement = steps[0] * self.by_lower + steps[1] * self.by_upper
        return steps, np.where(definite, decrement, np.inf)

    def moved(self, steps: Array) -> tuple[Array, Array]:
        """Ends after steps of the logs of their distances from the outermost rows."""
        return (
            self.lower - self.p * np.expm1(steps[0]),
            self.upper + self.q * np.expm1(steps[1]),
        )


def _before(row: Array) -> Array:
    """Sums of what comes before each entry."""
    return np.concatenate([[0.0], np.cumsum(row[:-1])])
