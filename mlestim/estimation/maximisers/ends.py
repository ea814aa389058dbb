r"""Ends of the support, of samples whose extremes do not show them.

Exact rows show an end: the likelihood rises until it meets the outermost of them. Among rows that
are intervals, or seen through windows, it may rise and fall before. Each end is held at one place
after the other (`places`): the ends of rows and windows, where there are kinks, and the places between
at which the slope is 0. Two ends take turns.

Of a uniform or an exponential density the likelihood of intervals is log-concave in the slope and the
intercept of :math:`t x - s`, so that it has one peak in an end whatever the others do, and turns end
at the highest place of all: where no single end leads higher, nothing does.

References
----------
Prékopa, A. (1973). On logarithmic concave measures and functions. Acta Sci. Math. 34, 335-343.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.estimation.judge import judge, judge_estimate
from mlestim.estimation.maximisers.places import Places, Profile, joined
from mlestim.estimation.newton import Ascent, ascend
from mlestim.estimation.objective import LinkObjective
from mlestim.estimation.solution import Solution
from mlestim.estimation.verdict import Verdict
from mlestim.sample.batch import Batch
from mlestim.sample.censoring.intervals import ENDS, LOWER, UPPER

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Turns of two ends, and the gain in the mean log-likelihood that is not worth another one.
MOST_TURNS, NO_GAIN = 60, 1e-10
# Places on each side of an end that are compared once it has been found.
NEARBY = 8
# Distances from the outermost row at which an end is tried, in lengths of the sample; and those that
# are tried where the likelihood still rises there. Far out, rounding hides that it is level.
REACH, FARTHER = 4.0 ** np.arange(-3, 6), 4.0 ** np.arange(-3, 16)
# Log-likelihoods of places this far apart (in lengths of the sample, or counts) that are the same.
STEP, SAME = 1e-3, 1e-12
# Counts on each side that are compared together, of two ends.
AROUND = 2


def hides_ends(objective: LinkObjective) -> bool:
    """Whether ends of the support are estimated that the extremes of the samples do not show."""
    family, batch = objective.family, objective.likelihood.batch
    if batch.plain or not objective.on_edge:
        return False
    if type(family).estimate_from_rows is not Family.estimate_from_rows:
        return False  # of an atom at the extreme row
    if batch.truncated or any(not _is_lower(family, name) for name in objective.on_edge):
        return True
    # right-censored rows leave the lower end where the exact ones show it
    lower, upper = batch.known[LOWER], batch.known[UPPER]
    return not bool(np.all((lower == upper) | np.isposinf(upper)))


def search_ends(objective: LinkObjective, starts: Sequence[Array]) -> Solution:
    """Find the best ends of each problem, one after the other, and judge what they lead to."""
    problems = range(objective.likelihood.batch.n_problems)
    parts = [
        _Ends(objective.select(np.array([k])), [start[:, k] for start in starts]).solution()
        for k in problems
    ]
    whole = parts[0].select(np.zeros(len(parts), dtype=np.intp))
    for k, part in enumerate(parts):
        whole.put(np.array([k]), part)
    return whole


def without_edges(objective: LinkObjective) -> LinkObjective:
    """Return the objective with nothing held but what is known."""
    known = {n: v for n, v in objective.known.items() if n not in objective.on_edge}
    return LinkObjective(objective.likelihood, known, objective.region)


def _is_lower(family: Family, name: str) -> bool:
    """Whether an end is the lower one: the one that the smallest row shows."""
    return bool(family.edge_estimate(np.ones(1), np.full(1, 2.0))[name][0] == 1.0)


class _End(Profile):
    """The likelihood of one problem as a function of one end of the support.

    Attributes
    ----------
    inward : float
        1 for a lower end, −1 for an upper one.
    bound : float
        The innermost place that leaves every row a probability, or a density.
    """

    def __init__(self, objective: LinkObjective, name: str, starts: Sequence[Array]) -> None:
        super().__init__(objective, name, starts)
        batch, family = objective.likelihood.batch, objective.family
        self.integers = family.support.integers
        self.inward = 1.0 if _is_lower(family, name) else -1.0
        lower = self.inward > 0.0
        bound = float((batch.least_upper_end if lower else batch.greatest_lower_end)[0])
        if self.integers:
            bound = np.floor(bound) if lower else _first_above(batch, bound)
        self.bound = bound
        self.domain = family.parameters[self.index].domain
        self._take_rows(batch)
        self.reach: NDArray[Any] = REACH
        self.places = self._reaching()

    def _take_rows(self, batch: Batch) -> None:
        """Take the ends of rows and windows, where there are kinks, as far as they are possible."""
        columns = [batch.x] if not batch.censored else []
        columns += [batch.known[name] for name in ENDS & batch.known.keys()]
        rows = np.unique(np.concatenate([*columns, batch.window]))
        rows = rows[np.isfinite(rows)]
        self.length = float(np.ptp(rows)) or float(np.abs(rows).max()) or 1.0
        if self.integers:
            rows = np.unique(np.concatenate([np.floor(rows), np.floor(rows) + 1.0]))
        allowed = rows[self.inward * (rows - self.bound) <= 0.0]
        self.kinks = np.unique(np.append(allowed, self.bound))

    def _reaching(self) -> Array:
        """Give the kinks and places farther out, ascending."""
        outermost = float(self.kinks[0] if self.inward > 0.0 else self.kinks[-1])
        beyond = outermost - self.inward * self.length * self.reach
        if self.inward > 0.0 and np.isfinite(self.domain.lower):
            beyond = self.domain.lower + (outermost - self.domain.lower) / (1.0 + self.reach)
        beyond = np.rint(beyond) if self.integers else beyond
        self.outside = np.asarray(beyond[:1])
        return np.unique(np.concatenate([self.kinks, beyond]))

    def held(self, place: Array, others: Array) -> Places:
        places = self._climbed(place, others)
        places.found |= np.isfinite(places.value)  # on the way to an edge in another parameter
        return places

    def _climbed(self, place: Array, others: Array) -> Places:
        places = super().held(place, others)
        blocked = place == self.bound
        inner = places.right if self.inward > 0.0 else places.left
        inner[blocked] = -self.inward * np.inf
        blocked &= ~np.isfinite(places.value)  # a row without probability there
        places.left[blocked] = places.right[blocked] = -self.inward * np.inf
        return places

    def from_all_starts(self, place: Array, best: Array) -> Places:
        """Climb from the best start, where that finds nothing from the next ones too."""
        places = self._climbed(place, np.repeat(best[:, None], len(place), axis=1))
        for start in self.starts:
            lost = np.flatnonzero(~places.found)
            if not len(lost):
                break
            again = self._climbed(place[lost], np.repeat(start[:, None], len(lost), axis=1))
            better = again.found | (again.value > places.value[lost])
            places.put(lost[better], again.select(better))
        places.found |= np.isfinite(places.value)
        return places

    def best(self, near: float | None, others: Array) -> Places:
        """The best place of all, or of those near one."""
        chosen = self.places
        if near is not None:
            middle = int(np.searchsorted(chosen, near))
            chosen = chosen[max(middle - NEARBY, 0) : middle + NEARBY]
        compared = self.narrowed(chosen, others)
        if self.integers:
            compared = self._among_counts(compared)
        else:
            first = compared.select(np.arange(len(compared.place) - 1))
            second = compared.select(np.arange(1, len(compared.place)))
            between = np.flatnonzero((first.right > 0.0) & (second.left < 0.0))
            if len(between):
                level = self.level(first.select(between), second.select(between))
                compared = Places(*joined([compared, level]))
        best = compared.select(np.array([compared.best]))
        if near is not None and best.place[0] in chosen[[0, -1]]:
            return self.best(None, others)
        compared = Places(*joined([compared, self.held(np.array([self.bound]), best.others)]))
        ties = compared.select(self._as_high(compared, best))
        if len(ties.place) > 1 and self.is_level(best):
            return ties.select(np.array([np.argmax(self.inward * ties.place)]))
        if self.is_endless(float(best.place[0])) and self.reach is REACH:
            self.reach = FARTHER
            self.places = self._reaching()
            return self.best(None, others)
        return best

    @staticmethod
    def _as_high(places: Places, best: Places) -> Mask:
        """Which places are found to be as high as the best one, as far as rounding shows."""
        return places.found & (places.value >= best.value - SAME * (1.0 + np.abs(best.value)))

    def _among_counts(self, compared: Places) -> Places:
        """Compare counts ever closer to the best one."""
        places = compared
        while True:
            middle = places.best
            low, high = (places.place[max(middle - 1, 0)], places.place[middle : middle + 2][-1])
            if high - low <= 2.0:
                return places
            counts = np.unique(np.rint(np.linspace(low, high, 32)))
            places = self.held(counts, np.repeat(places.others[:, [middle]], len(counts), axis=1))

    def is_kink(self, place: float) -> bool:
        return self.integers or bool(np.any(self.kinks == place))

    def is_endless(self, place: float) -> bool:
        """Whether the likelihood still rises where nothing farther out is tried."""
        return place == float(self.places[0] if self.inward > 0.0 else self.places[-1])

    def is_level(self, best: Places) -> bool:
        """Whether the likelihood is the same all the way from a place to others."""
        step = STEP * self.length
        step = max(np.rint(step), 1.0) if self.integers else step
        away = best.place + step * np.array([-2.0, -1.0, 1.0, 2.0])
        away = away[(away > self.domain.lower) & (away < self.domain.upper)]
        there = self.held(away, np.repeat(best.others, len(away), axis=1))
        same = self._as_high(there, best) & (self.inward * (away - self.bound) <= 0.0)
        return any(same[beside].sum() > 1 for beside in (away < best.place, away > best.place))


def _first_above(batch: Batch, bound: float) -> float:
    """Smallest count of the row that reaches farthest up: itself, or the first in the interval."""
    if not batch.censored:
        return bound
    lower, upper = batch.known[LOWER], batch.known[UPPER]
    return float(np.where(lower == upper, lower, np.floor(lower) + 1.0).max())


class _Ends:
    """The search for all ends of one problem."""

    def __init__(self, objective: LinkObjective, starts: Sequence[Array]) -> None:
        self.objective, self.starts = objective, starts
        self.names = [n for n in objective.family.parameter_names if n in objective.on_edge]
        self.at: dict[str, Array] = {}
        # a little beyond all rows every one of them has a probability
        self.at = {name: self._end(name).outside for name in self.names}
        self.ends: dict[str, _End] = {}
        self.found: dict[str, Places] = {}

    def _holding(self, values: dict[str, Array]) -> LinkObjective:
        objective = self.objective
        return LinkObjective(objective.likelihood, {**objective.known, **values}, objective.region)

    def _end(self, name: str) -> _End:
        return _End(self._holding(self.at), name, self.starts)

    def solution(self) -> Solution:
        """Take turns until no end leads higher; the smooth ones are free in what is judged."""
        others, value = np.array(self.starts[0]), -np.inf
        for turn in range(MOST_TURNS):
            before = value
            for name in self.names:
                near = float(self.at[name][0]) if turn else None
                self.ends[name] = self._end(name)
                best = self.ends[name].best(near, others)
                self.found[name], self.at[name] = best, best.place
                others, value = best.others[:, 0], float(best.value[0])
            if len(self.names) == 1 or not value - before > NO_GAIN * (1.0 + abs(value)):
                break
        if self.objective.family.support.integers and len(self.names) == 2:
            self._around(others)
        solution = self._judged(others)
        if any(end.is_level(self.found[name]) for name, end in self.ends.items()):
            solution.verdict[:] = Verdict.NOT_IDENTIFIED
        elif any(end.is_endless(float(self.at[name][0])) for name, end in self.ends.items()):
            solution.verdict[:] = Verdict.NOT_CONVERGED
        if solution.verdict[0] not in (Verdict.INTERIOR, Verdict.BOUNDARY):
            solution.covariance[:] = np.nan
        return solution

    def _around(self, others: Array) -> None:
        """Compare pairs of counts: one of both ends alone may not lead higher."""
        steps = np.arange(-AROUND, AROUND + 1.0)
        first, second = self.names
        while True:
            pairs = np.array(list(product(self.at[first] + steps, self.at[second] + steps))).T
            allowed = np.ones(pairs.shape[1], dtype=bool)
            for name, counts in zip(self.names, pairs, strict=True):
                end = self._end(name)
                allowed &= end.inward * (counts - end.bound) <= 0.0
            pairs = pairs[:, allowed]
            many = self.objective.select(np.zeros(pairs.shape[1], dtype=np.intp))
            known = {**many.known, first: pairs[0], second: pairs[1]}
            held = LinkObjective(many.likelihood, known, many.region)
            values = Ascent.at(held, np.repeat(others[:, None], pairs.shape[1], axis=1)).value
            here = (pairs[0] == self.at[first]) & (pairs[1] == self.at[second])
            best = int(np.argmax(values))
            if not values[best] > values[here][0] + SAME * (1.0 + np.abs(values[best])):
                return
            self.at = {first: pairs[0, [best]], second: pairs[1, [best]]}
            for name in self.names:
                self.ends[name] = self._end(name)
                self.found[name] = self.ends[name].held(self.at[name], others[:, None])

    def _judged(self, others: Array) -> Solution:
        """Judge where the smooth ends and the other parameters lead from here, kinks held."""
        objective, likelihood = self.objective, self.objective.likelihood
        theta = self._holding(self.at).theta(others[:, None], np.zeros(1, dtype=np.intp))
        kinks = {n: place for n, place in self.at.items() if self.ends[n].is_kink(float(place[0]))}
        known = {n: v for n, v in objective.known.items() if n not in self.names}
        final = LinkObjective(likelihood, {**known, **kinks}, objective.region, frozenset(kinks))
        if not final.free.any():
            return judge_estimate(final, theta)
        ascent = Ascent.at(final, final.free_eta(theta))
        ascend(final, ascent, final.weight, final.limited)
        return judge(final, ascent, "newton")
