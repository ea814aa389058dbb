"""The distribution of a sample without a family: what censored rows say of their values.

Of exact rows it is the shares of their values. With right-censored rows it is Kaplan and Meier's
estimate, the largest time counting as observed (Efron). With other intervals it is Turnbull's: the
probabilities, on the intervals that no row divides, which make the sample likeliest. It does not say
where in such an interval they lie: they are spread evenly over it, as a histogram does.

References
----------
Kaplan and Meier (1958), Nonparametric estimation from incomplete observations, JASA 53, 457-481.
Turnbull (1976), The empirical distribution function with arbitrarily grouped, censored and
truncated data, JRSS B 38, 290-295.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.built.truncated import Truncated
from mlestim.distributions.distribution import Distribution
from mlestim.errors import OptionError
from mlestim.sample.censoring.intervals import AFTER, LOWER, UPPER, WHOLE_LINE, representatives
from mlestim.sample.observations import Observations

Array = NDArray[np.float64]

# Points over which the probability of an interval is spread: of one, and of all.
POINTS, ALL_POINTS = 16, 2_000
# Steps of expectation-maximisation, and the change of a probability below which they end.
MAX_STEPS, SMALLEST_CHANGE = 2_000, 1e-8


def sample_distribution(sample: Observations, *, counts: bool = False) -> tuple[Array, Array]:
    """Values in ascending order, and their probabilities; of counts, whole numbers.

    Examples
    --------
    >>> values, shares = sample_distribution(
    ...     Observations.right_censored([1.0, 2.0, 3.0, 4.0], [True, False, True, True])
    ... )
    >>> values, shares
    (array([1., 3., 4.]), array([0.25 , 0.375, 0.375]))
    """
    weighted = sample.weights is not None and sample.design.weight_type != "precision"
    weights = sample.weights if weighted and sample.weights is not None else np.ones(len(sample))
    if not sample.intervals.censored:
        values, place = np.unique(np.asarray(sample.values, dtype=float), return_inverse=True)
        shares = np.bincount(place, weights, len(values))
        return values, shares / shares.sum()
    lower, upper = sample.intervals.ends[LOWER], sample.intervals.ends[UPPER]
    exact, right = lower == upper, np.isposinf(upper)
    if np.all(exact | right):
        return _product_limit(lower, exact, weights)
    return _spread(*_likeliest(lower, upper, weights), counts=counts)


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


def _product_limit(time: Array, observed: NDArray[np.bool_], weights: Array) -> tuple[Array, Array]:
    """Kaplan and Meier's estimate."""
    values, place = np.unique(time, return_inverse=True)
    observed = observed | (time == values[-1])
    events = np.bincount(place, weights * observed, len(values))
    at_risk = np.cumsum(np.bincount(place, weights, len(values))[::-1])[::-1]
    survival = np.cumprod(1.0 - events / at_risk)
    shares = np.concatenate([[1.0], survival[:-1]]) * events / at_risk
    return values[shares > 0.0], shares[shares > 0.0]


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
    """Spread probabilities evenly over finite intervals; those of a tail stay at its end."""
    most = int(np.clip(ALL_POINTS // len(left), 1, POINTS))
    finite = np.isfinite(left) & np.isfinite(right) & (left < right)
    if counts:
        begin, end = np.floor(left) + 1.0, np.floor(right)
        many = np.where(finite, np.clip(end - begin + 1.0, 1.0, most), 1.0)
    else:
        many = np.where(finite, float(most), 1.0)
    number = many.astype(np.intp)
    cell = np.repeat(np.arange(len(left)), number)
    place = np.arange(len(cell)) - np.repeat(np.cumsum(number) - number, number)
    share = (place + 0.5) / number[cell]
    with np.errstate(invalid="ignore"):
        if counts:
            inside = begin[cell] + np.floor(share * (end - begin + 1.0)[cell])
        else:
            inside = left[cell] + share * (right - left)[cell]
            inside = np.where(inside > left[cell], inside, right[cell])  # ends may be neighbours
    values = np.where(finite[cell], inside, representatives(left, right)[cell])
    return values, shares[cell] / number[cell]


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
