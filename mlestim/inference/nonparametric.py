"""The distribution of a sample without a family: what censored rows say of their values.

Of exact rows it is the shares of their values. With right-censored rows it is Kaplan and Meier's
estimate, the largest time counting as observed (Efron). With other intervals it is Turnbull's: the
probabilities, on the intervals that no row divides, which make the sample likeliest.

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

# Steps of expectation-maximisation, and the change of a probability below which they end.
MAX_STEPS, SMALLEST_CHANGE = 2_000, 1e-8


def sample_distribution(sample: Observations) -> tuple[Array, Array]:
    """Values in ascending order, and their probabilities.

    Examples
    --------
    >>> values, shares = sample_distribution(
    ...     Observations.right_censored([1.0, 2.0, 3.0, 4.0], [True, False, True, True])
    ... )
    >>> values, shares
    (array([1., 3., 4.]), array([0.25 , 0.375, 0.375]))
    """
    weights = np.ones(len(sample)) if sample.weights is None else sample.weights
    if not sample.intervals.censored:
        values, place = np.unique(np.asarray(sample.values, dtype=float), return_inverse=True)
        shares = np.bincount(place, weights, len(values))
        return values, shares / shares.sum()
    lower, upper = sample.intervals.ends[LOWER], sample.intervals.ends[UPPER]
    exact, right = lower == upper, np.isposinf(upper)
    if np.all(exact | right):
        return _product_limit(lower, exact, weights)
    return _likeliest(lower, upper, weights)


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


def _likeliest(lower: Array, upper: Array, weights: Array) -> tuple[Array, Array]:
    """Turnbull's estimate by expectation-maximisation."""
    first, last, middles = _cells(lower, upper)
    shares = np.full(len(middles), 1.0 / len(middles))
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
    return middles[held], shares[held] / shares[held].sum()


def _cells(lower: Array, upper: Array) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    """Intervals that no row divides: which of them each row holds, and their middles.

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
    return first, last, representatives(values[left // 3], values[right // 3])
