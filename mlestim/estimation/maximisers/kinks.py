"""The best maximum of a likelihood with a kink at each exact row, of samples that are not plain.

The parameter that has them is held at one place after the other (`places`): the exact rows compete,
and where the slopes of two neighbours point to one another, the place between at which the slope is 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mlestim.estimation.information.kinks import LEVEL
from mlestim.estimation.maximisers.places import Places, Profile, joined
from mlestim.estimation.newton import Ascent
from mlestim.estimation.objective import LinkObjective
from mlestim.estimation.search import search
from mlestim.sample.censoring.intervals import ROW

Array = NDArray[np.float64]

# Heights, and link values of the other parameters, that are the same along a level stretch.
SAME_VALUE, SAME_OTHERS = 1e-13, 1e-6
# What the same maximum, found by slopes and by places, may differ by.
SAME_HEIGHT = 1e-9


def search_kinks(objective: LinkObjective, starts: Sequence[Array]) -> Ascent:
    """Find the best maximum of each problem, one after the other; smooth ones as usual."""
    ends = []
    for problem in range(objective.likelihood.batch.n_problems):
        one = objective.select(np.array([problem]))
        ends.append(_Kinks(one, [start[:, problem] for start in starts]).maximum())
    return Ascent(*joined(ends))


class _Kinks(Profile):
    """The likelihood of one problem as a function of the kinked parameter alone."""

    def __init__(self, objective: LinkObjective, starts: Sequence[Array]) -> None:
        name = str(objective.family.kink)
        free = np.flatnonzero(objective.free)
        self.link_place = int(np.searchsorted(free, objective.family.parameter_index(name)))
        self.whole_starts = starts
        super().__init__(objective, name, [np.delete(start, self.link_place) for start in starts])

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

    def _smooth_maximum(self, begun: Places) -> Ascent | None:
        """Search where there are no kinks; None if that ends where there are, or nowhere."""
        begin = self.objective.free_eta(self._theta(begun))
        end = search(self.objective, [*self._as_problems, begin])
        theta = self.objective.theta(end.eta, np.zeros(1, dtype=np.intp))
        return end if end.converged[0] and self._is_smooth(theta) else None

    def _best_place(self, rows: Array, best: Array) -> Ascent:
        """Compare the rows, in a long sample ever closer to the best of them."""
        places = self.narrowed(rows, best)
        highest = self._highest(places)
        if highest is not None and self._is_smooth(self._theta(highest)):
            return self._smooth_maximum(highest) or self._end(highest)
        return self._end(highest)

    def _best_start(self, middle: float) -> Places:
        """Where the best start leads to in the middle."""
        ends = self.held(np.full(len(self.starts), middle), np.array(self.starts).T)
        return ends.select(np.array([ends.best]))

    def _is_smooth(self, theta: list[Array]) -> bool:
        """Whether there are no kinks at these values of the parameters."""
        expected = self.objective.family.expected_information(theta)
        return expected is not None and bool(np.isnan(expected).any())

    def _theta(self, at: Places) -> list[Array]:
        objective, likelihood = self.objective, self.objective.likelihood
        eta = np.insert(at.others, self.link_place, 0.0, axis=0)
        theta = objective.theta(eta, np.zeros(1, dtype=np.intp))
        parameter = objective.family.parameters[self.index]
        theta[self.index] = parameter.standardize(at.place, likelihood.centre, likelihood.scale)
        return theta

    def _highest(self, places: Places) -> Places | None:
        """The highest of the kinks, and of the smooth maxima between them; None if there is none."""
        peaks = places.select(places.kinked)
        reached = peaks.value.max(initial=-np.inf)
        first = places.select(np.arange(len(places.place) - 1))
        second = places.select(np.arange(1, len(places.place)))
        width = (second.place - first.place) / self.unit
        bound = np.minimum(first.value + width * first.right, second.value - width * second.left)
        # a place between may have a maximum where the ends of the space have none
        bound[~(first.found & second.found)] = np.inf
        rising = (first.right > 0.0) & (second.left < 0.0)
        between = np.flatnonzero(rising & (bound > reached))
        ends = [peaks]
        if len(between):
            ends.append(self.level(first.select(between), second.select(between)))
        peaks = Places(*joined(ends))
        if not peaks.found.any():
            return None
        best = peaks.select(np.array([peaks.best]))
        return self._middle_of_level(first, second, float(best.value[0])) or best

    def _middle_of_level(self, first: Places, second: Places, height: float) -> Places | None:
        """The middle between two rows where the likelihood is level and highest, as of medians."""
        level = first.kinked & second.kinked & (first.right >= -LEVEL) & (second.left <= LEVEL)
        level &= first.value >= height - SAME_VALUE * (1.0 + abs(height))
        level &= np.all(np.abs(first.others - second.others) < SAME_OTHERS, axis=0)
        if not level.any():
            return None
        one = np.flatnonzero(level)[:1]
        place = 0.5 * (first.place[one] + second.place[one])
        return self.held(place, first.others[:, one])

    def _end(self, highest: Places | None) -> Ascent:
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
