"""The distribution of a sample without a family: what censored rows say of their values.

Of exact rows it is the shares of their values. With right-censored rows it is Kaplan and Meier's
estimate. With other intervals it is Turnbull's: the probabilities, on the intervals that no row
divides, which make the sample likeliest. It does not say where in such an interval they lie: they
are spread evenly over it, as a histogram does. What lies beyond the last row that ends, or below the
first that begins, has no place at all: only its share is told.

References
----------
Kaplan and Meier (1958), Nonparametric estimation from incomplete observations, JASA 53, 457-481.
Turnbull (1976), The empirical distribution function with arbitrarily grouped, censored and
truncated data, JRSS B 38, 290-295.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.built.truncated import Truncated
from mlestim.distributions.distribution import Distribution
from mlestim.errors import OptionError
from mlestim.sample.censoring.intervals import AFTER, LOWER, UPPER, WHOLE_LINE
from mlestim.sample.observations import Observations

Array = NDArray[np.float64]

# Points over which the probability of an interval is spread: of one, and of all.
POINTS, ALL_POINTS = 16, 2_000
# Steps of expectation-maximisation, and the change of a probability below which they end.
MAX_STEPS, SMALLEST_CHANGE = 2_000, 1e-8


@dataclass(frozen=True)
class SampleDistribution:
    """Values and their shares, and the shares of the sample that have no value.

    Parameters
    ----------
    values, shares : array, shape (distinct values,)
        Ascending; with the shares below and beyond, the shares sum to 1.
    below, beyond : float
        Shares that lie somewhere below `first`, and above `last`.
    first, last : float
        Where the distribution begins and ends to be known: a value, or the end of a row.
    """

    values: Array
    shares: Array
    below: float
    beyond: float
    first: float
    last: float

    @classmethod
    def on_intervals(
        cls, left: Array, right: Array, shares: Array, *, counts: bool = False
    ) -> SampleDistribution:
        """Spread probabilities over finite intervals; those of the tails stay without a place."""
        below, beyond = np.isneginf(left), np.isposinf(right)
        finite = ~(below | beyond)
        values, spread = _spread(left[finite], right[finite], shares[finite], counts=counts)
        ends = np.concatenate([right[~beyond], left[beyond]])
        known = np.concatenate([values, np.floor(ends) if counts else ends])
        low, high = float(shares[below].sum()), float(shares[beyond].sum())
        return cls(values, spread, low, high, float(known.min()), float(known.max()))

    @property
    def cumulative(self) -> Array:
        """Share of the sample up to each value."""
        return np.minimum(self.below + np.cumsum(self.shares), 1.0)

    @property
    def middles(self) -> Array:
        """Plotting positions: share below each value and half of its own."""
        return self.below + np.cumsum(self.shares) - 0.5 * self.shares


def sample_distribution(sample: Observations, *, counts: bool = False) -> SampleDistribution:
    """What a sample says of its values without a family; of counts, on whole numbers.

    Examples
    --------
    >>> found = sample_distribution(
    ...     Observations.right_censored([1.0, 2.0, 3.0, 4.0], [True, False, True, False])
    ... )
    >>> found.values, found.shares, found.beyond
    (array([1., 3.]), array([0.25 , 0.375]), 0.375)
    """
    weighted = sample.weights is not None and sample.design.weight_type != "precision"
    weights = sample.weights if weighted and sample.weights is not None else np.ones(len(sample))
    if not sample.intervals.censored:
        values, place = np.unique(np.asarray(sample.values, dtype=float), return_inverse=True)
        shares = np.bincount(place, weights, len(values))
        return SampleDistribution.on_intervals(values, values, shares / shares.sum())
    lower, upper = sample.intervals.ends[LOWER], sample.intervals.ends[UPPER]
    exact, right = lower == upper, np.isposinf(upper)
    if np.all(exact | right):
        return _product_limit(lower, exact, weights)
    return SampleDistribution.on_intervals(*_likeliest(lower, upper, weights), counts=counts)


def seen_through_window(distribution: Distribution, sample: Observations) -> Distribution:
    """What a fitted distribution says of values that the sample could hold.

    Raises
    ------
    OptionError
        If every row has a window of its own, so that there is not one such distribution.
    """
    window = sample.intervals.window
    if AFTER in sample.intervals.ends:
        raise OptionError(
            f"column {sample.name!r}: its rows are truncated each in its own way, so that there is "
            "not one distribution to compare them with"
        )
    return distribution if window == WHOLE_LINE else Truncated(distribution, *window)


def _product_limit(time: Array, observed: NDArray[np.bool_], weights: Array) -> SampleDistribution:
    """Kaplan and Meier's estimate."""
    values, place = np.unique(time, return_inverse=True)
    events = np.bincount(place, weights * observed, len(values))
    at_risk = np.cumsum(np.bincount(place, weights, len(values))[::-1])[::-1]
    survival = np.cumprod(1.0 - events / at_risk)
    shares = np.concatenate([[1.0], survival[:-1]]) * events / at_risk
    held = shares > 0.0
    left = np.append(values[held], values[-1])
    right = np.append(values[held], np.inf)
    return SampleDistribution.on_intervals(left, right, np.append(shares[held], survival[-1]))


def _likeliest(lower: Array, upper: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Turnbull's estimate by expectation-maximisation: ends of intervals, and probabilities."""
    first, last, left, right = _cells(lower, upper)
    shares = np.full(len(left), 1.0 / len(left))
    for _ in range(MAX_STEPS):
        below = np.concatenate([[0.0], np.cumsum(shares)])
        rate = weights / np.maximum(below[last + 1] - below[first], 1e-300)
        change = np.bincount(first, rate, len(shares) + 1)
        change -= np.bincount(last + 1, rate, len(shares) + 1)
        moved = shares * np.cumsum(change[:-1]) / weights.sum()
        step = np.max(np.abs(moved - shares))
        shares = moved / moved.sum()
        if step < SMALLEST_CHANGE:
            break
    held = shares > SMALLEST_CHANGE
    return left[held], right[held], shares[held] / shares[held].sum()


def _spread(left: Array, right: Array, shares: Array, *, counts: bool) -> tuple[Array, Array]:
    """Spread probabilities evenly over intervals."""
    most = int(np.clip(ALL_POINTS // max(len(left), 1), 1, POINTS))
    wide = left < right
    if counts:
        begin, end = np.floor(left) + 1.0, np.floor(right)
        many = np.where(wide, np.clip(end - begin + 1.0, 1.0, most), 1.0)
    else:
        many = np.where(wide, float(most), 1.0)
    number = many.astype(np.intp)
    cell = np.repeat(np.arange(len(left)), number)
    place = np.arange(len(cell)) - np.repeat(np.cumsum(number) - number, number)
    share = (place + 0.5) / number[cell]
    if counts:
        inside = begin[cell] + np.floor(share * (end - begin + 1.0)[cell])
    else:
        inside = left[cell] + share * (right - left)[cell]
        inside = np.where(inside > left[cell], inside, right[cell])  # ends may be neighbours
    return np.where(wide[cell], inside, right[cell]), shares[cell] / number[cell]


def _cells(lower: Array, upper: Array) -> tuple[NDArray[np.intp], NDArray[np.intp], Array, Array]:
    """Intervals that no row divides: which of them each row holds, and their ends.

    On the line, an open lower end lies after an upper end of the same value, and the two ends of an
    exact row lie at it in their order: places 2 and 0, 1 of three at each value.
    """
    exact = lower == upper
    values = np.unique(np.concatenate([lower, upper]))
    begins = 3 * np.searchsorted(values, lower) + np.where(exact, 0, 2)
    ends = 3 * np.searchsorted(values, upper) + 1
    places = np.unique(np.concatenate([begins, ends]))
    kinds = np.isin(places, begins)
    # a cell begins where some row begins and the next event is an end
    starts = np.flatnonzero(kinds[:-1] & ~kinds[1:])
    left, right = places[starts], places[starts + 1]
    first = np.searchsorted(left, begins)
    last = np.searchsorted(right, ends, side="right") - 1
    return first, last, values[left // 3], values[right // 3]
