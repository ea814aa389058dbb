"""Sums over counts, however far they reach, and the probabilities that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Function = Callable[[Array], Array]

# Terms that are added one by one before the rest is integrated.
SINGLY = 1 << 16
# Entries of a table on either side of its centre.
TABLED = 1 << 18
NEGLIGIBLE = 1e-18
LARGEST_LOG = 700.0


def sum_beyond(function: Function, first: float, most: int = SINGLY) -> float:
    """Sum a function over the integers from `first` on, of which its largest values are not far.

    Blocks of terms are added until what is left cannot matter. Slow tails are smooth: after `most`
    terms they are integrated instead.
    """
    total, start, width = 0.0, first, 64
    while start < first + most:
        terms = function(np.arange(start, start + width))
        total += float(terms.sum())
        start += width
        if _settled(terms, total):
            return total
        width *= 2
    return total + _integrated(function, start, np.inf)


def sum_between(function: Function, first: float, last: float) -> float:
    """Sum a function over the integers from `first` to `last`, both included."""
    if last < first:
        return 0.0
    if last - first < 2 * SINGLY:
        return float(function(np.arange(first, last + 1.0)).sum())
    begun = float(function(np.arange(first, first + SINGLY)).sum())
    return begun + _integrated(function, first + SINGLY, last)


def _settled(terms: Array, total: float) -> bool:
    """Whether the terms after these, falling at least as fast as a power, add nothing."""
    last, before = abs(float(terms[-1])), abs(float(terms[-2]))
    if last == 0.0:
        return True
    return last < before and last * last / (before - last) < NEGLIGIBLE * abs(total)


def _integrated(function: Function, first: float, last: float) -> float:
    r"""Sum a smooth function by Euler and Maclaurin's formula with midpoints.

    .. math:: \sum_{x=a}^{b} f(x) \approx \int_{a-1/2}^{b+1/2} f(x)\,dx
        - \frac{f'(b+1/2) - f'(a-1/2)}{24}
    """
    from scipy.integrate import tanhsinh

    def in_logs(u: Array) -> Array:
        with np.errstate(all="ignore"):  # far out the function underflows
            x = np.exp(u)
            return np.nan_to_num(function(x) * x, nan=0.0, posinf=0.0, neginf=0.0)

    ends = (np.log(first - 0.5), min(float(np.log(last + 0.5)), LARGEST_LOG))
    area = float(tanhsinh(in_logs, *ends, atol=1e-300, rtol=1e-13).integral)
    slopes = [
        float(np.diff(function(np.array([end - 0.5, end + 0.5])))[0]) if np.isfinite(end) else 0.0
        for end in (first - 0.5, last + 0.5)
    ]
    return area - (slopes[1] - slopes[0]) / 24.0


class SummedCounts:
    """Probabilities of a family of counts that has no formula for them.

    A table around the centre is added up from both ends, so that each tail keeps its digits;
    values beyond the table are summed on their own.
    """

    by_member = True

    def table_centre(self, theta: Sequence[Array]) -> Array:
        """An integer in the body of the distribution."""
        raise NotImplementedError

    def _cdf(self, x: Array, theta: Sequence[Array]) -> Array:
        return self._of_members(x, theta, CountTable.cdf)

    def _sf(self, x: Array, theta: Sequence[Array]) -> Array:
        return self._of_members(x, theta, CountTable.sf)

    def _of_members(
        self, x: Array, theta: Sequence[Array], question: Callable[[CountTable, Array], Array]
    ) -> Array:
        x, *parameters = np.broadcast_arrays(x, *theta)
        members = np.reshape(parameters, (len(parameters), -1))
        distinct, places = np.unique(members, axis=1, return_inverse=True)
        places = places.reshape(x.shape)
        result = np.empty(x.shape)
        for k, member in enumerate(distinct.T):
            chosen = places == k
            table = _table(cast("Hashable", type(self)), tuple(map(float, member)))
            result[chosen] = question(table, x[chosen])
        return result


class CountTable:
    """Probabilities of one member, added up from both ends.

    Parameters
    ----------
    probability : callable
        Of an array of integers.
    centre : float
        Where to begin.
    lower, upper : float
        Ends of the support.
    """

    def __init__(self, probability: Function, centre: float, lower: float, upper: float) -> None:
        self.probability, self.lower, self.upper = probability, lower, upper
        above = _tabulated(probability, centre, upper - centre + 1.0)
        below = _tabulated(lambda k: probability(-k), 1.0 - centre, centre - lower)
        entries = np.concatenate([below[::-1], above])
        self.first = centre - len(below)
        self.last = centre + len(above) - 1.0
        self._left = self._below(self.first - 1.0) + np.cumsum(entries)
        beyond = np.append(entries[1:], self._above(self.last + 1.0))
        self._right = np.cumsum(beyond[::-1])[::-1]

    def cdf(self, x: Array) -> Array:
        """Probability of at most x."""
        return self._looked_up(
            x, self._left, self._below, lambda value: 1.0 - self._above(value + 1.0)
        )

    def sf(self, x: Array) -> Array:
        """Probability of more than x."""
        return self._looked_up(
            x,
            self._right,
            lambda value: 1.0 - self._below(value),
            lambda value: self._above(value + 1.0),
        )

    def _looked_up(
        self,
        x: Array,
        table: Array,
        before: Callable[[float], float],
        after: Callable[[float], float],
    ) -> Array:
        inside = (x >= self.first) & (x <= self.last)
        place = np.where(inside, x - self.first, 0.0).astype(np.intp)
        result = table[place]
        for outside, answer in ((x < self.first, before), (x > self.last, after)):
            values, where = np.unique(x[outside], return_inverse=True)
            result[outside] = np.array([answer(float(value)) for value in values])[where]
        return np.minimum(result, 1.0)

    def _below(self, x: float) -> float:
        """Sum the probabilities up to x, of values before the table."""
        if np.isfinite(self.lower):
            return sum_between(self.probability, max(self.lower, x - 4 * TABLED), x)
        return sum_beyond(lambda k: self.probability(-k), -x)

    def _above(self, x: float) -> float:
        """Sum the probabilities from x on, of values after the table."""
        return sum_beyond(self.probability, x) if x <= self.upper else 0.0


def _tabulated(probability: Function, first: float, available: float) -> Array:
    """Probabilities from `first` on, until the rest cannot matter."""
    entries = np.empty(0)
    width = 64
    while len(entries) < min(available, TABLED):
        start = first + len(entries)
        more = probability(np.arange(start, start + min(width, available - len(entries))))
        entries = np.append(entries, more)
        if len(more) > 1 and _settled(more, float(entries.sum())):
            break
        width *= 2
    return entries


@lru_cache(maxsize=8)
def _table(family: Callable[[], Any], member: tuple[float, ...]) -> CountTable:
    distribution = family()
    theta = [np.asarray(value) for value in member]

    def probability(x: Array) -> Array:
        return np.exp(distribution.terms(x, theta, 0).value)

    lower, upper = (float(end) for end in distribution.ends(theta))
    return CountTable(probability, float(distribution.table_centre(theta)), lower, upper)
