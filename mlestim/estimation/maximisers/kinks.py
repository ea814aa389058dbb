"""The best maximum of a likelihood with a kink at each exact row, of samples that are not plain.

No slope leads to a kink. So the parameter that has them is held, at one place after the other, while
the others climb: the exact rows compete, and where the slopes of two neighbours point to one another,
the place between at which the slope is 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlestim.estimation.information.kinks import BESIDE, LEVEL
from mlestim.estimation.newton import Ascent, ascend
from mlestim.estimation.objective import LinkObjective
from mlestim.estimation.search import search
from mlestim.sample.censoring.intervals import ROW

Array = NDArray[np.float64]
Integers = NDArray[np.intp]
Mask = NDArray[np.bool_]

# Rows at which the parameter is held at once: as many as make so many row terms, of costly ones
# fewer, but not too few.
WORK, COSTLY_WORK, FEWEST = 1 << 19, 1 << 13, 24
# Heights, and link values of the other parameters, that are the same along a level stretch.
SAME_VALUE, SAME_OTHERS = 1e-13, 1e-6
# What the same maximum, found by slopes and by places, may differ by.
SAME_HEIGHT = 1e-9
# How often places without a maximum of their own begin at those of their neighbours.
MOST_ROUNDS = 8
# Steps to the place between two rows at which the slope is 0, and the gain that is not worth one.
MAX_STEPS, NO_GAIN = 60, 1e-15


def search_kinks(objective: LinkObjective, starts: Sequence[Array]) -> Ascent:
    """Find the best maximum of each problem, one after the other; smooth ones as usual."""
    ends = []
    for problem in range(objective.likelihood.batch.n_problems):
        one = objective.select(np.array([problem]))
        ends.append(_Profile(one, [start[:, problem] for start in starts]).maximum())
    return Ascent(*_joined(ends))


def _joined(parts: Sequence[Ascent] | Sequence[_Places]) -> Iterator[Any]:
    """Each field of several results, of all of them side by side."""
    for field in fields(parts[0]):
        yield np.concatenate([getattr(part, field.name) for part in parts], axis=-1)


@dataclass
class _Places:
    """Maxima over the other parameters, with the kinked one held.

    Attributes
    ----------
    place : array, shape (m,)
        Where it is held, in the data's units, ascending.
    others : array, shape (q − 1, m)
        Link values of the other parameters.
    value, left, right : array, shape (m,)
        Mean log-likelihood, and its slopes to the left and to the right of the place.
    found : bool array, shape (m,)
        Whether there is such a maximum.
    """

    place: Array
    others: Array
    value: Array
    left: Array
    right: Array
    found: Mask

    def select(self, places: Integers | Mask) -> _Places:
        return _Places(*(getattr(self, f.name)[..., places] for f in fields(self)))

    @property
    def kinked(self) -> Mask:
        """Where slopes on both sides lead up to the place."""
        return self.found & (self.left >= -LEVEL) & (self.right <= LEVEL)

    @property
    def best(self) -> int:
        return int(np.argmax(np.where(self.found, self.value, -np.inf)))


class _Profile:
    """The likelihood of one problem as a function of the kinked parameter alone."""

    def __init__(self, objective: LinkObjective, starts: Sequence[Array]) -> None:
        self.objective, family = objective, objective.family
        self.name = str(family.kink)
        self.index = family.parameter_index(self.name)
        free = np.flatnonzero(objective.free)
        self.link_place = int(np.searchsorted(free, self.index))
        self.whole_starts = starts
        self.starts = [np.delete(start, self.link_place) for start in starts]
        self.evaluations = 0

    def maximum(self) -> Ascent:
        """Give the best maximum."""
        batch = self.objective.likelihood.batch
        if not batch.exact_weight[0]:
            return search(self.objective, self._as_problems)  # probabilities have no kinks
        ends = [batch.known[name] for name in ROW] if batch.censored else []
        rows = np.unique(np.concatenate([batch.x, *ends]))
        rows = rows[np.isfinite(rows)]
        begun = self._best_start(float(np.median(batch.x)))
        smooth = self._smooth_maximum(begun) if self._is_smooth(self._theta(begun)) else None
        return smooth or self._not_below_slopes(self._best_place(rows, begun.others[:, 0]))

    @property
    def _as_problems(self) -> list[Array]:
        return [start[:, None] for start in self.whole_starts]

    def _not_below_slopes(self, best: Ascent) -> Ascent:
        """Climb all parameters at once: places found nothing if that leads higher than they do."""
        climbed = search(self.objective, self._as_problems)
        higher = climbed.value[0] > best.value[0] + SAME_HEIGHT * (1.0 + np.abs(best.value[0]))
        return climbed if higher else best

    def _smooth_maximum(self, begun: _Places) -> Ascent | None:
        """Search where there are no kinks; None if that ends where there are, or nowhere."""
        begin = self.objective.free_eta(self._theta(begun))
        end = search(self.objective, [*self._as_problems, begin])
        theta = self.objective.theta(end.eta, np.zeros(1, dtype=np.intp))
        return end if end.converged[0] and self._is_smooth(theta) else None

    def _best_place(self, rows: Array, best: Array) -> Ascent:
        """Compare the rows, in a long sample ever closer to the best of them."""
        window = rows
        work = COSTLY_WORK if self.objective.family.costly else WORK
        most = max(FEWEST, work // self.objective.likelihood.batch.n_work)
        while True:
            thinned = window[np.unique(np.linspace(0, len(window) - 1, most).astype(int))]
            places = self._from_all_starts(thinned, best)
            if len(thinned) == len(window) or not places.found.any():
                break
            middle = places.best
            best = places.others[:, middle]
            low, high = thinned[max(middle - 1, 0)], thinned[min(middle + 1, len(thinned) - 1)]
            window = rows[(rows >= low) & (rows <= high)]
        highest = self._highest(places)
        if highest is not None and self._is_smooth(self._theta(highest)):
            return self._smooth_maximum(highest) or self._end(highest)
        return self._end(highest)

    def _best_start(self, middle: float) -> _Places:
        """Where the best start leads to in the middle."""
        ends = self.held(np.full(len(self.starts), middle), np.array(self.starts).T)
        return ends.select(np.array([ends.best]))

    def _is_smooth(self, theta: list[Array]) -> bool:
        """Whether there are no kinks at these values of the parameters."""
        expected = self.objective.family.expected_information(theta)
        return expected is not None and bool(np.isnan(expected).any())

    def _theta(self, at: _Places) -> list[Array]:
        objective, likelihood = self.objective, self.objective.likelihood
        eta = np.insert(at.others, self.link_place, 0.0, axis=0)
        theta = objective.theta(eta, np.zeros(1, dtype=np.intp))
        parameter = objective.family.parameters[self.index]
        theta[self.index] = parameter.standardize(at.place, likelihood.centre, likelihood.scale)
        return theta

    def _from_all_starts(self, place: Array, best: Array) -> _Places:
        """Climb from the best start, where that finds nothing from the next, then from neighbours."""
        places = self.held(place, np.repeat(best[:, None], len(place), axis=1))
        for start in self.starts:
            self._try_again(places, np.repeat(start[:, None], len(place), axis=1))
        for _ in range(MOST_ROUNDS):
            before, found = places.found.sum(), np.flatnonzero(places.found)
            if not 0 < before < len(place):
                break
            nearest = np.abs(np.arange(len(place))[:, None] - found).argmin(axis=1)
            self._try_again(places, places.others[:, found[nearest]])
            if places.found.sum() == before:
                break
        return places

    def _try_again(self, places: _Places, others: Array) -> None:
        """Climb from other values where nothing was found."""
        lost = np.flatnonzero(~places.found)
        if len(lost):
            again = self.held(places.place[lost], others[:, lost])
            for field in fields(_Places):
                getattr(places, field.name)[..., lost] = getattr(again, field.name)

    def held(self, place: Array, others: Array) -> _Places:
        """Climb with the parameter held at each of some places."""
        many = self.objective.select(np.zeros(len(place), dtype=np.intp))
        held = LinkObjective(
            many.likelihood, {**many.known, self.name: place}, many.region, many.on_edge
        )
        ends = Ascent.at(held, others)
        if len(others):
            ascend(held, ends, held.weight, held.limited)
        found = (ends.converged if len(others) else np.isfinite(ends.value)) & (
            ~held.degenerate(ends.eta)
        )
        self.evaluations += int(ends.iterations.sum())
        theta = held.theta(ends.eta, np.arange(len(place)))
        left, right = (self._slope(many, theta, side) for side in (-1.0, 1.0))
        return _Places(place, ends.eta, ends.value, left, right, found)

    def _slope(self, many: LinkObjective, theta: list[Array], side: float) -> Array:
        moved = list(theta)
        here = moved[self.index]
        moved[self.index] = here + side * BESIDE * (1.0 + np.abs(here))
        terms = many.likelihood.mean_terms(moved, 1, np.arange(len(here)))
        return np.asarray(terms[1 + self.index])

    def _highest(self, places: _Places) -> _Places | None:
        """The highest of the kinks, and of the smooth maxima between them; None if there is none."""
        peaks = places.select(places.kinked)
        reached = peaks.value.max(initial=-np.inf)
        first = places.select(np.arange(len(places.place) - 1))
        second = places.select(np.arange(1, len(places.place)))
        unit = float(self.objective.likelihood.scale[0])
        width = (second.place - first.place) / unit
        bound = np.minimum(first.value + width * first.right, second.value - width * second.left)
        # a place between may have a maximum where the ends of the space have none
        bound[~(first.found & second.found)] = np.inf
        rising = (first.right > 0.0) & (second.left < 0.0)
        between = np.flatnonzero(rising & (bound > reached))
        ends = [peaks]
        if len(between):
            ends.append(self._level(first.select(between), second.select(between)))
        joined = _Places(*_joined(ends))
        if not joined.found.any():
            return None
        best = joined.select(np.array([joined.best]))
        return self._middle_of_level(first, second, float(best.value[0])) or best

    def _middle_of_level(self, first: _Places, second: _Places, height: float) -> _Places | None:
        """The middle between two rows where the likelihood is level and highest, as of medians."""
        level = first.kinked & second.kinked & (first.right >= -LEVEL) & (second.left <= LEVEL)
        level &= first.value >= height - SAME_VALUE * (1.0 + abs(height))
        level &= np.all(np.abs(first.others - second.others) < SAME_OTHERS, axis=0)
        if not level.any():
            return None
        one = np.flatnonzero(level)[:1]
        place = 0.5 * (first.place[one] + second.place[one])
        return self.held(place, first.others[:, one])

    def _level(self, first: _Places, second: _Places) -> _Places:
        """Where the slope is 0 between pairs of places, by secants that halve when they are slow."""
        low, high = first.place.copy(), second.place.copy()
        at_low, at_high = first.right.copy(), second.left.copy()
        unit = float(self.objective.likelihood.scale[0])
        others, here = first.others, first
        for step in range(MAX_STEPS):
            share = 0.5 if step % 3 == 2 else at_low / (at_low - at_high)
            place = low + share * (high - low)
            here = self.held(place, others)
            others = here.others
            slope = np.where(here.right > 0.0, here.right, np.minimum(here.left, 0.0))
            up, down = slope > 0.0, slope < 0.0
            low, at_low = np.where(up, place, low), np.where(up, slope, at_low)
            high, at_high = np.where(down, place, high), np.where(down, slope, at_high)
            gain = np.abs(slope) * (high - low) / unit
            narrow = high - low <= 4e-16 * (np.abs(low) + np.abs(high))
            if np.all((gain <= NO_GAIN) | narrow | ~here.found):
                break
        return here

    def _end(self, highest: _Places | None) -> Ascent:
        """The end as the ascents of all parameters have it."""
        objective = self.objective
        if highest is None:
            begin = np.insert(self.starts[0], self.link_place, 0.0)
            return Ascent.at(objective, begin[:, None])
        end = Ascent.at(objective, objective.free_eta(self._theta(highest)))
        end.gradient[self.link_place] = 0.0
        end.converged[:] = True
        end.decrement[:] = 0.0
        end.iterations[:] = self.evaluations
        return end
