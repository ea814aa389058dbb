"""Climbing along the walls of the region in which an estimate is sought.

A step that leads through a wall is refused, so an ascent creeps along it at best. Here the parameter
is held at the wall while the others climb, and let go where the slope points inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlestim.estimation.newton import Ascent, ascend
from mlestim.estimation.objective import LinkObjective

Array = NDArray[np.float64]
Integers = NDArray[np.intp]
Mask = NDArray[np.bool_]

# Distance from a wall, relative and absolute, at which an ascent without a maximum was stopped by it.
NEAR, NEXT_TO_ZERO = 1e-2, 1e-6
# How often a problem is let go and comes back to the same wall, and evaluations of each climb: ridges
# along a wall are long, narrow and bent.
MOST_ROUNDS, MOST_STEPS = 3, 300


@dataclass(frozen=True)
class Wall:
    """One end of the region, for one parameter.

    Attributes
    ----------
    place : int
        Position of the parameter.
    end : array, shape (problems,)
        Where the wall stands, in standard units; infinite where there is none.
    inward : float
        1 where the region lies above the wall, −1 where below.
    """

    place: int
    end: Array
    inward: float

    def stops(self, theta: Array, problems: Integers) -> Mask:
        """Say which of these points, one a problem, lie at the wall."""
        end = self.end[problems]
        return np.abs(theta[self.place] - end) < NEAR * np.abs(end) + NEXT_TO_ZERO

    def hold(self, objective: LinkObjective, problems: Integers) -> LinkObjective:
        """Give the objective of some problems with the parameter held at the wall."""
        some, parameter = objective.select(problems), objective.family.parameters[self.place]
        end = parameter.rescale(self.end[problems], some.likelihood.centre, some.likelihood.scale)
        known = {**some.known, parameter.name: end}
        return LinkObjective(some.likelihood, known, some.region, some.on_edge)

    def slope(self, objective: LinkObjective, theta: list[Array]) -> Array:
        """Slope of the mean log-likelihood from the wall into the region."""
        everyone = np.arange(len(theta[self.place]))
        terms = objective.likelihood.mean_terms(theta, 1, everyone)
        return np.asarray(self.inward * terms[1 + self.place])


def walls(objective: LinkObjective) -> Iterator[Wall]:
    """List the walls of the region where the estimate is sought."""
    for name, (low, high) in objective.region.items():
        place = objective.family.parameter_index(name)
        yield Wall(place, low, 1.0)
        yield Wall(place, high, -1.0)


def stopped(objective: LinkObjective, theta: Array, problems: Integers) -> Mask:
    """Say which of these points, one a problem, lie at a wall."""
    found = np.zeros(len(problems), dtype=bool)
    for wall in walls(objective):
        found |= wall.stops(theta, problems)
    return found


def climb_on(objective: LinkObjective, ends: Ascent, problems: Integers) -> None:
    """Climb on from where walls stopped some problems; `ends` is changed.

    What then is highest on the wall ends there, and has not converged.
    """
    for wall in walls(objective):
        theta = np.array(objective.theta(ends.eta[:, problems], problems))
        here = problems[wall.stops(theta, problems)]
        for _ in range(MOST_ROUNDS):
            if not len(here):
                break
            before = ends.value[here]
            _follow(objective, wall, ends, here)
            theta = np.array(objective.theta(ends.eta[:, here], here))
            back = ~ends.converged[here] & (ends.value[here] > before) & wall.stops(theta, here)
            here = here[back & (theta[wall.place] != wall.end[here])]
        problems = problems[~ends.converged[problems]]


def _follow(objective: LinkObjective, wall: Wall, ends: Ascent, problems: Integers) -> None:
    """Climb along one wall, and away from it where that leads up."""
    some, held = objective.select(problems), wall.hold(objective, problems)
    theta = objective.theta(ends.eta[:, problems], problems)
    theta[wall.place] = wall.end[problems]
    along = climbed_along(held, theta)
    theta = held.theta(along.eta, np.arange(len(problems)))
    there = Ascent.at(some, some.free_eta(theta))
    there.value = along.value  # the wall itself does not belong to the region
    there.iterations = ends.iterations[problems] + along.iterations
    reached = along.converged & (along.value >= ends.value[problems])
    inside = np.flatnonzero(reached & (wall.slope(some, theta) > 0.0))
    if len(inside):
        part = some.select(inside)
        begun = there.select(inside)
        ascend(part, begun, part.weight, part.limited, max_iterations=MOST_STEPS)
        there.put(inside, begun)
    ends.put(problems[reached], there.select(reached))


def climbed_along(held: LinkObjective, theta: list[Array]) -> Ascent:
    """Climb with a parameter held at a wall, and perhaps at others besides."""
    along = Ascent.at(held, held.free_eta(theta))
    if not len(along.eta):
        along.converged = np.isfinite(along.value)
        return along
    ascend(held, along, held.weight, held.limited, max_iterations=MOST_STEPS)
    lost = np.flatnonzero(~along.converged & np.isfinite(along.value))
    if len(lost):
        climb_on(held, along, lost)
    return along
