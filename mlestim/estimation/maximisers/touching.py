"""Maxima at which an end of the support meets the outermost row, of distributions of scipy.

Where a density does not vanish at an end, the likelihood may rise until the end meets a row, and no
slope is 0 there. So the location, or the scale, is made to follow from the row, and what is left is
climbed without derivatives. An end that the shapes alone move is left where it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.built.of_scipy import FromScipy
from mlestim.estimation.maximisers.windows import log_likelihood_of
from mlestim.estimation.objective import LinkObjective
from mlestim.estimation.solution import Solution
from mlestim.estimation.verdict import Verdict

Array = NDArray[np.float64]
Values = dict[str, Array]
# Whether the lower end meets the smallest row, and the upper end the largest.
Face = tuple[bool, bool]

# Relative distance that keeps a row inside the end that it shows, whatever is rounded.
INSIDE = 1e-14
# Log-likelihoods this close (relative) are the same: no slope leads all the way to a row.
SAME = 1e-9
# An end this far away from its row, in lengths of the sample, has to be worse.
AWAY = 1e-3
# Problems of a batch, at most, that are looked at, one by one.
PROBLEMS = 100


def settle_at_rows(objective: LinkObjective, solution: Solution) -> None:
    """Give problems whose support ends at a row, where it can, the verdict that this is an edge."""
    batch = objective.likelihood.batch
    if not isinstance(objective.family, FromScipy) or not batch.plain:
        return
    lost = np.flatnonzero(solution.verdict == Verdict.NOT_CONVERGED)
    for problem in lost[:PROBLEMS]:
        _Touching(objective, solution, problem).settle()


class _Touching:
    """One problem, with ends of its support held at its extremes."""

    def __init__(self, objective: LinkObjective, solution: Solution, problem: int) -> None:
        self.objective, self.solution, self.problem = objective, solution, problem
        self.one = np.array([problem])
        likelihood, self.family = objective.likelihood, objective.family
        centre, self.unit = likelihood.centre[self.one], likelihood.scale[self.one]
        self.least, self.most = (
            (end[self.one] - centre) / self.unit
            for end in (likelihood.batch.minimum, likelihood.batch.maximum)
        )
        self.parameters = dict(
            zip(self.family.parameter_names, self.family.parameters, strict=True)
        )
        self.begin = {
            name: np.asarray(parameter.standardize(value[self.one], centre, self.unit))
            for (name, parameter), value in zip(
                self.parameters.items(), solution.theta, strict=True
            )
        }
        free = zip(self.parameters, objective.free, strict=True)
        self.free = [name for name, is_free in free if is_free]

    def settle(self) -> None:
        """Put the best face in place, where it is as high as anything that was found."""
        ends = [end for face in self._faces() if (end := self._best_on(face)) is not None]
        if not ends:
            return
        height, values, face = max(ends, key=lambda end: end[0])
        reached = self.solution.log_likelihood[self.problem]
        if height < reached - SAME * (1.0 + abs(reached)) or not self._is_edge(
            height, values, face
        ):
            return
        likelihood, problem = self.objective.likelihood, self.problem
        centre, unit = likelihood.centre[self.one], likelihood.scale[self.one]
        for k, (name, parameter) in enumerate(self.parameters.items()):
            self.solution.theta[k, problem] = parameter.rescale(values[name], centre, unit)[0]
        self.solution.log_likelihood[problem] = height
        self.solution.verdict[problem] = Verdict.BOUNDARY
        self.solution.covariance[:, :, problem] = np.nan
        self.solution.scaled_gradient[problem] = self.solution.newton_decrement[problem] = 0.0

    def _faces(self) -> Iterator[Face]:
        """Ends that rows may hold: no more of them than there are places to be found."""
        low, high = self._support(self.begin)
        able = "location" in self.free, "scale" in self.free
        for lower, upper in product((False, True), repeat=2):
            possible = (np.isfinite(low) or not lower) and (np.isfinite(high) or not upper)
            if possible and 1 <= lower + upper <= sum(able):
                yield lower, upper

    def _support(self, values: Values) -> tuple[float, float]:
        """Ends of the support at location 0 and scale 1."""
        unit = {"location": np.zeros(1), "scale": np.ones(1)}
        theta = [unit.get(name, value) for name, value in values.items()]
        low, high = (float(np.ravel(end)[0]) for end in self.family.ends(theta))
        return low, high

    def _completed(self, values: Values, face: Face) -> Values:
        """Let location and scale follow from the rows at the ends."""
        low, high = self._support(values)
        location, scale = values.get("location", np.zeros(1)), values.get("scale", np.ones(1))
        margin = INSIDE * (np.abs(self.least) + np.abs(self.most))
        least, most = self.least - margin, self.most + margin
        if all(face):
            scale = (most - least) / (high - low)
            location = least - scale * low
        else:
            row, end = (least, low) if face[0] else (most, high)
            if "location" in self.free:
                location = row - scale * end
            else:
                scale = (row - location) / end if end else np.full(1, np.nan)
        follow = {"location": location, "scale": scale}
        return {name: follow.get(name, value) for name, value in values.items()}

    def _height(self, values: Values) -> float:
        with np.errstate(all="ignore"):
            domains = (self.parameters[name].domain.contains(values[name]) for name in self.free)
            if not all(bool(np.all(inside)) for inside in domains):
                return -np.inf
            value = float(log_likelihood_of(self.objective, self.one, values)[0])
        return value if value < np.inf else -np.inf

    def _best_on(self, face: Face) -> tuple[float, Values, Face] | None:
        """Climb what a face leaves open; None where it is impossible, or without bound."""
        from scipy.optimize import minimize

        settled = {"location", "scale"} if all(face) else {"location"}
        if "location" not in self.free:
            settled = {"scale"}
        names = [name for name in self.free if name not in settled]

        def at(eta: Array) -> Values:
            moved = {
                name: np.array([self.parameters[name].domain.from_link(value)]).ravel()
                for name, value in zip(names, eta, strict=True)
            }
            return self._completed({**self.begin, **moved}, face)

        links = [self.parameters[name].domain.to_link(self.begin[name]) for name in names]
        eta = np.array(links, dtype=float).ravel()
        if len(eta):

            def below(point: Array) -> float:
                return -max(self._height(at(point)), -1e300)

            found = minimize(
                below,
                eta,
                method="Nelder-Mead",
                options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 400 * len(eta)},
            )
            if not found.success:
                return None
            eta = found.x
        values = at(eta)
        height = self._height(values)
        return (height, values, face) if np.isfinite(height) else None

    def _is_edge(self, height: float, values: Values, face: Face) -> bool:
        """Whether it is worse for each of the ends to lie a little beyond its row."""
        step = AWAY * (self.most - self.least)
        least, most = self.least, self.most
        lower = []
        for end in np.flatnonzero(face):
            self.least, self.most = (least - step, most) if end == 0 else (least, most + step)
            lower.append(self._height(self._completed(values, face)) < height)
        self.least, self.most = least, most
        return all(lower)
