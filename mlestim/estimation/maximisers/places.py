"""The likelihood of one problem as a function of one parameter, held at many places at once.

Slopes do not lead to kinks, nor to ends of a support. So the parameter that has them is held, at one
place after the other, while the others climb.
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

Array = NDArray[np.float64]
Integers = NDArray[np.intp]
Mask = NDArray[np.bool_]

# Places at which the parameter is held at once: as many as make so many row terms, of costly ones
# fewer, but not too few.
WORK, COSTLY_WORK, FEWEST = 1 << 19, 1 << 13, 24
# How often places without a maximum of their own begin at those of their neighbours.
MOST_ROUNDS = 8
# Steps to the place between two others at which the slope is 0, and the gain that is not worth one.
MAX_STEPS, NO_GAIN = 60, 1e-15


def joined(parts: Sequence[Ascent] | Sequence[Places]) -> Iterator[Any]:
    """Each field of several results, of all of them side by side."""
    for field in fields(parts[0]):
        yield np.concatenate([getattr(part, field.name) for part in parts], axis=-1)


@dataclass
class Places:
    """Maxima over the other parameters, with the one held.

    Attributes
    ----------
    place : array, shape (m,)
        Where it is held, in the data's units, ascending.
    others : array, shape (q, m)
        Link values of the other parameters that are free.
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

    def select(self, places: Integers | Mask) -> Places:
        return Places(*(getattr(self, f.name)[..., places] for f in fields(self)))

    def put(self, places: Integers, others: Places) -> None:
        """Replace some of the places."""
        for f in fields(self):
            getattr(self, f.name)[..., places] = getattr(others, f.name)

    @property
    def kinked(self) -> Mask:
        """Where slopes on both sides lead up to the place."""
        return self.found & (self.left >= -LEVEL) & (self.right <= LEVEL)

    @property
    def best(self) -> int:
        return int(np.argmax(np.where(self.found, self.value, -np.inf)))


class Profile:
    """The likelihood of one problem as a function of one parameter.

    Parameters
    ----------
    objective : LinkObjective
        Of the one problem; whether the parameter is free in it does not matter.
    name : str
        The parameter.
    starts : sequence of array, shape (q,)
        Link values of the others that are free.
    """

    def __init__(self, objective: LinkObjective, name: str, starts: Sequence[Array]) -> None:
        self.objective, self.name, self.starts = objective, name, list(starts)
        self.index = objective.family.parameter_index(name)
        self.evaluations = 0

    @property
    def unit(self) -> float:
        """The problem's unit of scale."""
        return float(self.objective.likelihood.scale[0])

    def narrowed(self, places: Array, best: Array) -> Places:
        """Compare places, of many ever closer ones to the best of them; `best` is a start."""
        window = places
        work = COSTLY_WORK if self.objective.family.costly else WORK
        most = max(FEWEST, work // self.objective.likelihood.batch.n_work)
        while True:
            thinned = window[np.unique(np.linspace(0, len(window) - 1, most).astype(int))]
            compared = self.from_all_starts(thinned, best)
            if len(thinned) == len(window) or not compared.found.any():
                return compared
            middle = compared.best
            best = compared.others[:, middle]
            low, high = thinned[max(middle - 1, 0)], thinned[min(middle + 1, len(thinned) - 1)]
            window = places[(places >= low) & (places <= high)]

    def from_all_starts(self, place: Array, best: Array) -> Places:
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

    def _try_again(self, places: Places, others: Array) -> None:
        """Climb from other values where nothing was found."""
        lost = np.flatnonzero(~places.found)
        if len(lost):
            places.put(lost, self.held(places.place[lost], others[:, lost]))

    def held(self, place: Array, others: Array) -> Places:
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
        left, right = (self.slope(many, theta, side) for side in (-1.0, 1.0))
        return Places(place, ends.eta, ends.value, left, right, found)

    def slope(self, many: LinkObjective, theta: list[Array], side: float) -> Array:
        """Slope in the parameter, of many copies of the problem, just beside where it is held."""
        moved = list(theta)
        here = moved[self.index]
        moved[self.index] = here + side * BESIDE * (1.0 + np.abs(here))
        terms = many.likelihood.mean_terms(moved, 1, np.arange(len(here)))
        return np.asarray(terms[1 + self.index])

    def level(self, first: Places, second: Places) -> Places:
        """Where the slope is 0 between pairs of places, by secants that halve when they are slow."""
        low, high = first.place.copy(), second.place.copy()
        at_low, at_high = first.right.copy(), second.left.copy()
        others, here = first.others, first
        for step in range(MAX_STEPS):
            secant = np.isfinite(at_low) & np.isfinite(at_high) & (step % 3 != 2)
            share = np.where(secant, at_low / (at_low - at_high), 0.5)
            place = low + share * (high - low)
            here = self.held(place, others)
            others = here.others
            slope = np.where(here.right > 0.0, here.right, np.minimum(here.left, 0.0))
            up, down = slope > 0.0, slope < 0.0
            low, at_low = np.where(up, place, low), np.where(up, slope, at_low)
            high, at_high = np.where(down, place, high), np.where(down, slope, at_high)
            gain = np.abs(slope) * (high - low) / self.unit
            narrow = high - low <= 4e-16 * (np.abs(low) + np.abs(high))
            if np.all((gain <= NO_GAIN) | narrow | ~here.found):
                break
        return here
