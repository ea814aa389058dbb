r"""Values drawn from a fitted distribution, seen as the rows of a sample were seen.

A simulated sample has to hide what the observed one hides. How it does is taken from its rows, as if
it had nothing to do with the values:

- A value is drawn within the truncation window of its row.
- Right-censored rows stop at a time C drawn from the product limit of the times at which rows
  were stopped, in which observed values are what hides C (the reverse Kaplan-Meier estimate), given
  that it lies in the window. One time of stopping for all is found as such. Detection limits of
  left-censored rows are drawn likewise, from the other side.
- Intervals that adjoin are bins: values fall into them, and beyond the outer ones into open ones.
  Otherwise as many values as there were are known to an interval like that of a random row: one
  of the same length, some whole lengths away. So are rounded ones.
- Rows of which each is known to lie on one side of a place of its own keep their places.

References
----------
Efron, B. (1981). Censored data and the bootstrap. J. Amer. Statist. Assoc. 76, 312-319.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlestim.errors import DataError
from mlestim.sample.batch import Batch
from mlestim.sample.censoring.intervals import (
    AFTER,
    BEFORE,
    LOWER,
    UPPER,
    WHOLE_LINE,
    representatives,
)

if TYPE_CHECKING:
    from mlestim.distributions.distribution import Distribution
    from mlestim.sample.observations import Observations

Array = NDArray[np.float64]
Ends = tuple[Array, Array]

# Widths (relative) that are the same.
SAME_WIDTH = 1e-9


class Drawn(NamedTuple):
    """Simulated samples.

    Attributes
    ----------
    rows : array, shape (n · size,), or of vectors (n · size, d)
        Values of all samples, one after the other.
    ends : mapping of str to array
        Ends of rows that are intervals, and windows.
    window : pair of float
        The window of all rows.
    n : int
        Number of samples.
    """

    rows: Array
    ends: Mapping[str, Array]
    window: tuple[float, float]
    n: int

    def batch(self, location: float) -> Batch:
        """Give the samples as problems of one batch, a known location subtracted."""
        size = len(self.rows) // self.n
        starts, sizes = np.arange(self.n) * size, np.full(self.n, size)
        known = {name: end - location for name, end in self.ends.items()}
        low, high = self.window
        window = low - location, high - location
        return Batch(self.rows - location, None, starts, sizes, known, window)


class Redrawing:
    """How the rows of a sample were seen, to draw such samples again.

    Raises
    ------
    DataError
        If weights are fractions, or parameters are known row by row: no such sample can be drawn.
    """

    def __init__(self, sample: Observations) -> None:
        weights = np.ones(len(sample)) if sample.weights is None else sample.weights
        if sample.known or np.any(weights != np.floor(weights)):
            raise DataError(
                "fractionally weighted rows, and those with parameters of their own, cannot be "
                "drawn again"
            )
        rows = np.repeat(np.arange(len(weights)), weights.astype(np.intp))
        ends = {name: end[rows] for name, end in sample.intervals.ends.items()}
        self.size, self.window = len(rows), sample.intervals.window
        self.windows: Ends | None = (ends[AFTER], ends[BEFORE]) if AFTER in ends else None
        self.ends: Ends | None = (ends[LOWER], ends[UPPER]) if LOWER in ends else None

    def draw(self, distribution: Distribution, n: int, rng: np.random.Generator) -> Drawn:
        """Draw `n` samples."""
        values = self._values(distribution, n, rng)
        known: dict[str, Array] = {}
        if self.windows is not None:
            ends = zip((AFTER, BEFORE), self.windows, strict=True)
            known = {name: np.tile(end, n) for name, end in ends}
        if self.ends is None:
            rows = values.reshape(-1, *values.shape[2:])  # numbers or vectors
            return Drawn(rows, known, self.window, n)
        after, before = (np.tile(end, n) for end in self._all_windows)
        lower, upper = (end.ravel() for end in self._seen(self.ends, values, rng))
        exact = lower == upper
        lower = np.where(exact, lower, np.maximum(lower, after))
        upper = np.where(exact, upper, np.minimum(upper, before))
        known |= {LOWER: lower, UPPER: upper}
        return Drawn(representatives(lower, upper), known, self.window, n)

    @property
    def _all_windows(self) -> Ends:
        if self.windows is not None:
            return self.windows
        low, high = (np.full(self.size, end) for end in self.window)
        return low, high

    def _values(self, distribution: Distribution, n: int, rng: np.random.Generator) -> Array:
        """Values within the window of each row, shape (n, size)."""
        if self.windows is None and self.window == WHOLE_LINE:
            return distribution.rvs((n, self.size), rng)
        after, before = self._all_windows
        share = rng.random((n, self.size))
        low, high = distribution.cdf(after), distribution.cdf(before)
        far, near = distribution.sf(after), distribution.sf(before)
        # whichever tail keeps its digits
        above = distribution.isf(near + share * (far - near))
        values = np.where(low > 0.5, above, distribution.ppf(low + share * (high - low)))
        return np.clip(values, np.nextafter(after, np.inf), before)

    def _seen(self, ends: Ends, values: Array, rng: np.random.Generator) -> Ends:
        """Lower and upper ends by which values are known."""
        lower, upper = ends
        exact, right, left = lower == upper, np.isposinf(upper), np.isneginf(lower)
        between = ~(exact | right | left)
        if not (exact | between).any():
            place = np.where(right, lower, upper)
            return (
                np.where(values > place, place, -np.inf),
                np.where(values > place, np.inf, place),
            )
        edges = None if exact.any() else _bins(lower[between], upper[between])
        if edges is not None and np.isin([*lower[right], *upper[left]], edges).all():
            cell = np.searchsorted(edges, values)
            return np.append(-np.inf, edges)[cell], np.append(edges, np.inf)[cell]
        stops, limits = self._stops(ends, values.shape[0], rng)
        low, high = values.copy(), values.copy()
        coarse = rng.random(values.shape) < between.sum() / (between | exact).sum()
        if coarse.any():
            like = rng.choice(np.flatnonzero(between), int(coarse.sum()))
            start, width = lower[like], upper[like] - lower[like]
            lengths = np.ceil((values[coarse] - start) / width)
            low[coarse], high[coarse] = start + (lengths - 1.0) * width, start + lengths * width
        hidden, below = values > stops, values <= limits
        low, high = np.where(below, -np.inf, low), np.where(below, limits, high)
        return np.where(hidden, stops, low), np.where(hidden, np.inf, high)

    def _stops(self, ends: Ends, n: int, rng: np.random.Generator) -> Ends:
        """Draw where each value would be hidden from above and from below."""
        lower, upper = ends
        after, before = self._all_windows
        right, left = np.isposinf(upper), np.isneginf(lower)
        time = np.where(right, lower, upper)
        stops = _drawn_stops(time, right, lower == upper, after, n, rng)
        time = np.where(left, upper, lower)
        limits = -_drawn_stops(-time, left, np.zeros_like(left), -before, n, rng)
        return stops, limits


def _bins(lower: Array, upper: Array) -> Array | None:
    """Edges of intervals of several lengths that adjoin; None where they do not."""
    begins, ends = np.unique(np.stack([lower, upper]), axis=1)
    width = ends - begins
    if np.ptp(width) <= SAME_WIDTH * width.max() or np.any(begins[1:] != ends[:-1]):
        return None
    return np.append(begins, ends[-1])


def _drawn_stops(
    time: Array,
    stopped: NDArray[np.bool_],
    before_stop: NDArray[np.bool_],
    entry: Array,
    n: int,
    rng: np.random.Generator,
) -> Array:
    """Draw when each row would be stopped, shape (n, rows): infinite where it would not be.

    Parameters
    ----------
    time : array, shape (rows,)
        When a row was stopped or seen; `stopped` says which.
    before_stop : bool array, shape (rows,)
        Rows that a stop at the same time would not have hidden.
    entry : array, shape (rows,)
        From when on each row was looked at: it is stopped later.
    """
    share = rng.random((n, len(time)))
    places = np.unique(time[stopped])
    if not len(places):
        return np.full(share.shape, np.inf)
    at_risk = [
        np.sum((time >= t) & (entry < t)) - np.sum(before_stop & (time == t)) for t in places
    ]
    events = np.array([np.sum(stopped & (time == t)) for t in places])
    reached = 1.0 - np.cumprod(1.0 - events / np.array(at_risk))
    begun = np.append(0.0, reached)[np.searchsorted(places, entry, side="right")]
    place = np.searchsorted(reached, begun + share * (1.0 - begun))
    return np.append(places, np.inf)[place]
