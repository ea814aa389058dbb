"""Maxima at rows, of distributions of scipy and families of one's own.

Where a density does not vanish at an end, the likelihood may rise until the end meets a row, and no
slope is 0 there. So the location, or the scale, is made to follow from the row, and what is left is
climbed without derivatives. An end that the shapes alone move is left where it is.

A family of one's own says neither which parameters are ends of its support nor in which its density
has a kink: each is tried, and the likelihood on both sides of a row shows what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.built.custom import FromFunction
from mlestim.distributions.built.of_scipy import FromScipy
from mlestim.distributions.built.shifted import Shifted
from mlestim.estimation.judge import judge
from mlestim.estimation.maximisers.kinks import search_kinks
from mlestim.estimation.maximisers.windows import log_likelihood_of
from mlestim.estimation.objective import LinkObjective
from mlestim.estimation.solution import Solution
from mlestim.estimation.verdict import Verdict
from mlestim.likelihood import Likelihood

Array = NDArray[np.float64]
Values = dict[str, Array]
# What makes the lower end meet the smallest row, and the upper end the largest, if anything.
Face = tuple[str | None, str | None]

# Relative distance that keeps a row inside the end that it shows, whatever is rounded.
INSIDE = 1e-14
# A distance so many times as long shows whether the density is infinite at the end.
FARTHER, SAME_DENSITY = 1e3, 1e-6
# Log-likelihoods this close (relative) are the same: no slope leads all the way to a row.
SAME = 1e-9
# An end this far away from its row, in lengths of the sample, has to be worse.
AWAY = 1e-3
# Problems of a batch, at most, that are looked at, one by one.
PROBLEMS = 100


def settle_at_rows(objective: LinkObjective, solution: Solution) -> None:
    """Give problems the verdict that their maximum is a kink, or an end, at a row, where it is."""
    family, batch = objective.family, objective.likelihood.batch
    lost = solution.verdict == Verdict.NOT_CONVERGED
    touching: type[_Touching] = _Touching
    if isinstance(family, FromFunction) and family.kind == "continuous":
        for problem in np.flatnonzero(lost)[:PROBLEMS]:
            _settle_at_kinks(objective, solution, problem)
        lost = solution.verdict == Verdict.NOT_CONVERGED
        touching = _TouchingOwn
    elif isinstance(family, Shifted) and isinstance(family.inner, FromScipy):
        lost |= solution.verdict == Verdict.UNBOUNDED  # stopped by the smallest row
    elif not isinstance(family, FromScipy):
        return
    if batch.plain:
        for problem in np.flatnonzero(lost)[:PROBLEMS]:
            touching(objective, solution, problem).settle()


def _settle_at_kinks(objective: LinkObjective, solution: Solution, problem: int) -> None:
    """Take each of the parameters for the one in which the density has a kink at the row."""
    likelihood, family = objective.likelihood, objective.family
    one = np.array([problem])
    begin = objective.select(one).free_eta(list(_standard_theta(objective, solution, one)))
    for parameter, is_free in zip(family.parameters, objective.free, strict=True):
        if not is_free or not likelihood.batch.exact_weight[problem]:
            continue
        kinked = _with_kink(family, parameter.name)
        tried = objective.with_likelihood(
            Likelihood(kinked, likelihood.batch, likelihood.centre, likelihood.scale)
        ).select(one)
        found = judge(tried, search_kinks(tried, [begin]), "newton")
        if found.verdict[0] == Verdict.INTERIOR:
            solution.put(one, found)
            return


def _with_kink(family: Family, name: str) -> Family:
    made: type[Family] = type(type(family).__name__, (type(family),), {"kink": name})
    return made(**family.values)


def _standard_theta(
    objective: LinkObjective, solution: Solution, one: NDArray[np.intp]
) -> Iterator[Array]:
    likelihood = objective.likelihood
    centre, unit = likelihood.centre[one], likelihood.scale[one]
    for parameter, value in zip(objective.family.parameters, solution.theta, strict=True):
        yield np.asarray(parameter.standardize(value[one], centre, unit))


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
        standard = _standard_theta(objective, solution, self.one)
        self.begin = dict(zip(self.parameters, standard, strict=True))
        self.inside = INSIDE
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
        one = "location" if able[0] else "scale"
        for lower, upper in product((False, True), repeat=2):
            possible = (np.isfinite(low) or not lower) and (np.isfinite(high) or not upper)
            if possible and 1 <= lower + upper <= sum(able):
                yield ("location", "scale") if lower and upper else _at(one, lower, upper)

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
        least, most = self._ends_beside()
        if all(face):
            scale = (most - least) / (high - low)
            location = least - scale * low
        else:
            row, end = (least, low) if face[0] else (most, high)
            if "location" in face:
                location = row - scale * end
            else:
                scale = (row - location) / end if end else np.full(1, np.nan)
        follow = {"location": location, "scale": scale}
        return {name: follow.get(name, value) for name, value in values.items()}

    def _ends_beside(self) -> tuple[Array, Array]:
        """The places of the ends, a rounding beyond their rows."""
        margin = self.inside * (np.abs(self.least) + np.abs(self.most))
        return self.least - margin, self.most + margin

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

        names = [name for name in self.free if name not in face]

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
        """Whether it is worse beyond each row, impossible before it, and finite where they meet."""
        self.inside = FARTHER * INSIDE
        beside = self._height(self._completed(values, face))
        self.inside = INSIDE
        if not abs(height - beside) <= SAME_DENSITY * (1.0 + abs(height)):
            return False
        step = AWAY * (self.most - self.least)
        least, most = self.least, self.most
        shown = []
        for end in (k for k, name in enumerate(face) if name):
            heights = []
            for way in (step, -step):
                self.least, self.most = (least - way, most) if end == 0 else (least, most + way)
                heights.append(self._height(self._completed(values, face)))
            shown.append(heights[0] < height and heights[1] == -np.inf)
        self.least, self.most = least, most
        return all(shown)


class _TouchingOwn(_Touching):
    """The same of a family of one's own, of which any parameter may be an end."""

    def _faces(self) -> Iterator[Face]:
        for lower, upper in product((None, *self.free), repeat=2):
            if lower != upper:
                yield lower, upper

    def _completed(self, values: Values, face: Face) -> Values:
        follow = {name: end for name, end in zip(face, self._ends_beside(), strict=True) if name}
        return {**values, **follow}


def _at(name: str, lower: bool, upper: bool) -> Face:
    return (name if lower else None), (name if upper else None)
