"""Sums over counts, however far they reach, and the probabilities that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.terms import log_tail_terms, packed_size, weighted_terms

Array = NDArray[np.float64]
Function = Callable[[Array], Array]

# Terms that are added one by one before the rest is integrated.
SINGLY = 1 << 16
# Entries of a table on either side of its centre.
TABLED = 1 << 18
NEGLIGIBLE = 1e-18
LARGEST_LOG = 700.0


def sum_beyond(function: Function, first: float, most: int = SINGLY) -> Array:
    """Sum functions over the integers from `first` on, of which their largest values are not far.

    Blocks of terms, along the last axis, are added until what is left cannot matter. Slow tails are
    smooth: after `most` terms they are integrated instead.
    """
    total = size = np.zeros(())
    start, width = first, 64
    while start < first + most:
        terms = function(np.arange(start, start + width))
        total, size = total + terms.sum(axis=-1), size + np.abs(terms).sum(axis=-1)
        start += width
        if _settled(terms, size):
            return total
        width *= 2
    return total + _integrated(function, start, np.inf)


def sum_between(function: Function, first: float, last: float) -> Array:
    """Sum functions over the integers from `first` to `last`, both included."""
    if last - first < 2 * SINGLY:
        return np.asarray(function(np.arange(first, last + 1.0)).sum(axis=-1))
    begun = function(np.arange(first, first + SINGLY)).sum(axis=-1)
    return np.asarray(begun + _integrated(function, first + SINGLY, last))


def _settled(terms: Array, size: Array) -> bool:
    """Whether the terms after these, falling at least as fast as a power, add nothing."""
    last, before = np.abs(terms[..., -1]), np.abs(terms[..., -2])
    with np.errstate(divide="ignore", invalid="ignore"):  # 0/0 of terms that are all gone
        rest = np.where(last > 0.0, last * last / (before - last), 0.0)
    return bool(np.all((rest >= 0.0) & (rest <= NEGLIGIBLE * size)))


def _integrated(function: Function, first: float, last: float) -> Array:
    r"""Sum smooth functions by Euler and Maclaurin's formula with midpoints.

    .. math:: \sum_{x=a}^{b} f(x) \approx \int_{a-1/2}^{b+1/2} f(x)\,dx
        - \frac{f'(b+1/2) - f'(a-1/2)}{24}
    """
    from scipy.integrate import tanhsinh

    ends = (np.log(first - 0.5), min(float(np.log(last + 0.5)), LARGEST_LOG))
    slopes = [
        np.diff(function(np.array([end - 0.5, end + 0.5])))[..., 0] if np.isfinite(end) else 0.0
        for end in (first - 0.5, last + 0.5)
    ]
    total = np.asarray((slopes[0] - slopes[1]) / 24.0)

    def in_logs(place: tuple[int, ...], u: Array) -> Array:
        with np.errstate(all="ignore"):  # far out the function underflows
            x = np.exp(u)
            values = function(x.ravel())[place].reshape(x.shape)
            return np.nan_to_num(values * x, nan=0.0, posinf=0.0, neginf=0.0)

    for place in np.ndindex(total.shape):
        found = tanhsinh(partial(in_logs, place), *ends, atol=1e-300, rtol=1e-13)
        total[place] += found.integral
    return total


class SummedCounts:
    """Probabilities of a family of counts that has no formula for them.

    A table around the centre is added up from both ends, so that each tail keeps its digits;
    values beyond the table are summed on their own. Derivatives of tails are sums of those of the
    probabilities.
    """

    by_member = True

    def table_centre(self, theta: Sequence[Array]) -> Array:
        """An integer in the body of the distribution."""
        raise NotImplementedError

    def _cdf(self, x: Array, theta: Sequence[Array]) -> Array:
        return self._of_members(x, theta, CountTable.cdf, 0)[0]

    def _sf(self, x: Array, theta: Sequence[Array]) -> Array:
        return self._of_members(x, theta, CountTable.sf, 0)[0]

    def tail_terms(self, x: Array, theta: Sequence[Array], *, upper: bool) -> Iterator[Array]:
        """Yield the terms of either tail; see `Family.tail_terms`."""
        lower_rows, upper_rows = (
            self._of_members(x, theta, question, 2) for question in (CountTable.cdf, CountTable.sf)
        )
        of_upper = upper_rows[0] <= lower_rows[0]
        smaller = np.where(of_upper, upper_rows, lower_rows)
        yield from log_tail_terms(smaller, of_upper == upper, len(theta))

    def _of_members(
        self,
        x: Array,
        theta: Sequence[Array],
        question: Callable[[CountTable, Array], Array],
        order: int,
    ) -> Array:
        """Rows of `weighted_terms` summed up, (k, *x.shape)."""
        x, *parameters = np.broadcast_arrays(x, *theta)
        members = np.reshape(parameters, (len(parameters), -1))
        distinct, places = np.unique(members, axis=1, return_inverse=True)
        places = places.reshape(x.shape)
        result = np.empty((packed_size(len(theta), order), *x.shape))
        for k, member in enumerate(distinct.T):
            chosen = places == k
            table = _table(cast("Hashable", type(self)), tuple(map(float, member)), order)
            result[:, chosen] = question(table, x[chosen])
        return result


class CountTable:
    """Probabilities of one member, and their derivatives, added up from both ends.

    Parameters
    ----------
    rows : callable
        Of an array of n integers: their probabilities and what else is summed, (k, n).
    centre : float
        Where to begin.
    lower, upper : float
        Ends of the support.
    """

    def __init__(self, rows: Function, centre: float, lower: float, upper: float) -> None:
        self.rows, self.lower, self.upper = rows, lower, upper
        above = _tabulated(rows, centre, upper - centre + 1.0)
        below = _tabulated(lambda k: rows(-k), 1.0 - centre, centre - lower)
        entries = np.concatenate([below[:, ::-1], above], axis=1)
        self._nothing = np.zeros(len(entries))
        self.first = centre - below.shape[1]
        self.last = centre + above.shape[1] - 1.0
        self._left = np.cumsum(entries, axis=1) + self._below(self.first - 1.0)[:, None]
        beyond = np.append(entries[:, 1:], self._above(self.last + 1.0)[:, None], axis=1)
        self._right = np.cumsum(beyond[:, ::-1], axis=1)[:, ::-1]

    def cdf(self, x: Array) -> Array:
        """Sums of the rows up to x."""
        return self._looked_up(
            x, self._left, self._below, lambda value: _rest(self._above(value + 1.0))
        )

    def sf(self, x: Array) -> Array:
        """Sums of the rows above x."""
        return self._looked_up(
            x,
            self._right,
            lambda value: _rest(self._below(value)),
            lambda value: self._above(value + 1.0),
        )

    def _looked_up(
        self,
        x: Array,
        table: Array,
        before: Callable[[float], Array],
        after: Callable[[float], Array],
    ) -> Array:
        inside = (x >= self.first) & (x <= self.last)
        place = np.where(inside, x - self.first, 0.0).astype(np.intp)
        result = table[:, place]
        for outside, answer in ((x < self.first, before), (x > self.last, after)):
            values, where = np.unique(x[outside], return_inverse=True)
            for k, value in enumerate(values):
                result[:, np.flatnonzero(outside)[where == k]] = answer(float(value))[:, None]
        result[0] = np.minimum(result[0], 1.0)
        return result

    def _below(self, x: float) -> Array:
        """Sum the rows up to x, of values before the table."""
        if np.isneginf(x):
            return self._nothing
        if np.isfinite(self.lower):
            return sum_between(self.rows, max(self.lower, x - 4 * TABLED), x)
        return sum_beyond(lambda k: self.rows(-k), -x)

    def _above(self, x: float) -> Array:
        """Sum the rows from x on, of values after the table."""
        beyond = x > self.upper or np.isinf(x)
        return self._nothing if beyond else sum_beyond(self.rows, x)


def _rest(sums: Array) -> Array:
    """Sums over all other counts: the probabilities add up to 1, their derivatives to 0."""
    rest = -sums
    rest[0] += 1.0
    return rest


def _tabulated(rows: Function, first: float, available: float) -> Array:
    """Rows from `first` on, until the rest cannot matter."""
    entries = rows(np.arange(first, first))
    width = 64
    while entries.shape[1] < min(available, TABLED):
        start = first + entries.shape[1]
        more = rows(np.arange(start, start + min(width, available - entries.shape[1])))
        entries = np.append(entries, more, axis=1)
        if more.shape[1] > 1 and _settled(more, np.abs(entries).sum(axis=1)):
            break
        width *= 2
    return entries


@lru_cache(maxsize=8)
def _table(family: Callable[[], Any], member: tuple[float, ...], order: int) -> CountTable:
    distribution = family()
    theta = [np.asarray(value) for value in member]

    def rows(x: Array) -> Array:
        return weighted_terms(distribution.terms(x, theta, order).packed, len(member))

    lower, upper = (float(end) for end in distribution.ends(theta))
    return CountTable(rows, float(distribution.table_centre(theta)), lower, upper)
