"""Safeguarded Newton ascent for a batch of problems at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlestim.estimation.linear_algebra import solve_ascent

Array = NDArray[np.float64]
Integers = NDArray[np.intp]
Mask = NDArray[np.bool_]
# (link values (q, k), problems (k,)) -> value (k,), gradient (q, k), Hessian (q, q, k)
Objective = Callable[[Array, Integers], tuple[Array, Array, Array]]

# Distance to the maximum, in standard errors of one observation, at which a problem is done, from
# small samples to large ones, where a pass over the data costs more than digits far below the
# standard errors are worth. The last Newton step, which squares the distance, is then taken without
# another pass.
DISTANCE_DONE = (1e-10, 1e-8)
DISTANCE_PER_WEIGHT = 2e-14
# Where rounding stops all progress, a decrement below this is still a maximum.
DECREMENT_STALLED = 1e-9
# There it no longer shrinks: a limit at infinity, by contrast, is approached by equal steps, with a
# decrement that falls by a factor each time.
SAME_DECREMENT = 0.9
ROUNDING = 4e-16
MAX_ITERATIONS = 200
MAX_HALVINGS = 40
# Steps of a problem that lead where the objective is undefined: after so many of them it creeps
# along the edge of the region where a maximum is sought.
MAX_BLOCKED = 30
LARGEST_STEP = 2.5
# A start whose next step ends within this squared distance, in standard errors, of a maximum that
# another start has found, is on its way there too, unless it is already higher.
SAME_MAXIMUM = 0.1
SAME_VALUE = 1e-12
# How many times the rise that Newton's method predicts is allowed to one that seems to end lower.
ALLOWANCE = 10.0


@dataclass
class Ascent:
    """Where the ascent of each problem ended.

    Attributes
    ----------
    eta : array, shape (q, problems)
        Link values.
    value : array, shape (problems,)
        Mean log-likelihood.
    gradient, hessian : arrays, shapes (q, problems), (q, q, problems)
        Its derivatives there.
    decrement : array, shape (problems,)
        gᵀ(−H)⁻¹g times the weight: squared distance to the maximum in standard errors.
    converged : bool array, shape (problems,)
        Whether the Hessian is negative definite and the decrement small.
    iterations : integer array, shape (problems,)
        Evaluations spent.
    """

    eta: Array
    value: Array
    gradient: Array
    hessian: Array
    decrement: Array
    converged: Mask
    iterations: Integers

    @classmethod
    def at(cls, objective: Objective, eta: Array) -> Ascent:
        """Evaluate the starting points."""
        problems = np.arange(eta.shape[1])
        value, gradient, hessian = objective(eta, problems)
        value = np.where(np.isfinite(value), value, -np.inf)
        return cls(
            eta.copy(),
            value,
            gradient,
            hessian,
            np.full(len(problems), np.inf),
            np.zeros(len(problems), dtype=bool),
            np.ones(len(problems), dtype=np.intp),
        )

    def select(self, problems: Integers | Mask) -> Ascent:
        """Keep some of the problems, in the given order."""
        return Ascent(*(array[..., problems] for array in vars(self).values()))

    def put(self, problems: Integers, other: Ascent) -> None:
        """Replace some of the problems."""
        for own, others in zip(vars(self).values(), vars(other).values(), strict=True):
            own[..., problems] = others


def ascend(
    objective: Objective,
    state: Ascent,
    weight: Array,
    limited: Mask,
    near_enough: float | Array = 0.0,
    max_iterations: int = MAX_ITERATIONS,
    rivals: int = 1,
) -> Ascent:
    """Climb to a maximum of each problem; `state` is moved and returned.

    Each iteration evaluates all unfinished problems once, at their trial points. A trial that
    raises the value enough is accepted and the next Newton step taken; otherwise the step is cut.

    Parameters
    ----------
    objective : callable
        Mean log-likelihood with derivatives on the link scale; −inf where undefined.
    state : Ascent
        Evaluated starting points.
    weight : array, shape (problems,)
        Total weights, which turn mean values into totals.
    limited : bool array, shape (q,)
        Which link values may not move far at once (logs and shapes; locations may).
    near_enough : float or array, shape (problems,)
        Distance, in standard errors of one observation, at which to stop, if that is farther than
        the digits of the sample are worth.
    max_iterations : int
        Bound on evaluations of a problem.
    rivals : int
        How many starts of each problem there are, all first ones before all second ones. Those
        that turn out to be on their way to the best maximum found so far, or to an end below it,
        are given up.
    """
    climb = _Climb(objective, state, weight, limited, near_enough, rivals)
    for _ in range(max_iterations):
        if not len(climb.problems):
            break
        climb.advance()
    climb.stop()
    return state


# What a climb knows of each problem.
_OF_EACH = ("problems", "weight", "done", "step", "halvings", "blocked", "direction", "slope")


class _Climb:
    """The problems that are still on their way up, with their directions and step lengths."""

    def __init__(
        self,
        objective: Objective,
        state: Ascent,
        weight: Array,
        limited: Mask,
        near_enough: float | Array,
        rivals: int,
    ) -> None:
        self.objective, self.state, self.limited, self.rivals = objective, state, limited, rivals
        self.problems = np.flatnonzero(np.isfinite(state.value))
        self.here = state.select(self.problems)
        self.weight = weight[self.problems]
        worth = np.clip(DISTANCE_PER_WEIGHT * weight, *DISTANCE_DONE)
        self.done = np.maximum(worth, near_enough)[self.problems] ** 2
        self.step = np.ones(len(self.problems))
        self.halvings = np.zeros(len(self.problems), dtype=np.intp)
        self.blocked = np.zeros(len(self.problems), dtype=np.intp)
        self.aim()
        self.leave(self.here.converged)

    def aim(self) -> None:
        """Set directions, slopes, decrements and convergence at the present points."""
        here = self.here
        ascent, definite = solve_ascent(-here.hessian, here.gradient)
        rise = np.add.reduce(here.gradient * ascent, axis=0)
        largest = np.abs(ascent[self.limited]).max(axis=0, initial=LARGEST_STEP)
        shrink = LARGEST_STEP / largest
        self.direction, self.slope = ascent * shrink, rise * shrink
        here.decrement = np.where(definite, self.weight * rise, np.inf)
        here.converged = definite & (rise < self.done)

    def advance(self) -> None:
        """Try one step of every problem; those that are done leave."""
        here, before = self.here, self.here.decrement
        trial = here.eta + self.step * self.direction
        value, gradient, hessian = self.objective(trial, self.problems)
        here.iterations += 1
        needed = here.value + 1e-4 * self.step * self.slope
        # Next to the maximum a step gains less than the rounding of a sum of many terms.
        rounding = np.where(self.slope < 1e-9, 1e3 * ROUNDING, ROUNDING)
        better = value >= needed - rounding * (1.0 + np.abs(here.value))
        if better.all():
            here.eta, here.value, here.gradient, here.hessian = trial, value, gradient, hessian
        else:
            here.eta = np.where(better, trial, here.eta)
            here.value = np.where(better, value, here.value)
            here.gradient = np.where(better, gradient, here.gradient)
            here.hessian = np.where(better, hessian, here.hessian)
        self.step = np.where(better, 1.0, 0.25 * self.step)
        self.halvings = np.where(better, 0, self.halvings + 1)
        self.aim()
        still = better & (here.decrement > SAME_DECREMENT * before) | (self.halvings >= 3)
        here.converged |= still & (here.decrement < DECREMENT_STALLED)
        self.blocked = self.blocked + ~np.isfinite(value)
        given_up = (self.halvings >= MAX_HALVINGS) | (self.blocked >= MAX_BLOCKED)
        self.leave(here.converged | given_up)
        if self.rivals > 1 and len(self.problems) and self.state.converged.any():
            self.leave(self._superfluous())

    def leave(self, these: Mask) -> None:
        """Let some problems leave, with a last Newton step, which needs no further pass."""
        if not these.any():
            return
        here = self.here
        last = here.converged & (self.slope < self.done)
        here.eta = np.where(last, here.eta + self.direction, here.eta)
        here.value = np.where(last, here.value + 0.5 * self.slope, here.value)
        self.state.put(self.problems[these], here.select(these))
        others = ~these
        if not others.any():
            self.problems = self.problems[:0]
            return
        self.here = here.select(others)
        for name in _OF_EACH:
            setattr(self, name, getattr(self, name)[..., others])

    def stop(self) -> None:
        """Let all problems leave."""
        self.leave(np.ones(len(self.problems), dtype=bool))

    def _superfluous(self) -> Mask:
        """Which starts are on their way to the best maximum that a rival has reached, or below."""
        state, here = self.state, self.here
        n = len(state.value) // self.rivals
        rank = np.where(state.converged, state.value, -np.inf).reshape(self.rivals, n)
        best = (rank.argmax(axis=0) * n + np.arange(n))[self.problems % n]
        gap = here.eta + self.direction - state.eta[:, best]
        distance = -self.weight * np.einsum("jb,jkb,kb->b", gap, state.hessian[:, :, best], gap)
        higher = here.value > state.value[best] + SAME_VALUE * (1.0 + np.abs(state.value[best]))
        # or next to an end of its own, that is lower
        ahead = here.value + ALLOWANCE * here.decrement / self.weight
        lower = (here.decrement < SAME_MAXIMUM) & (ahead < state.value[best])
        superfluous: Mask = state.converged[best] & (lower | ~higher & (distance < SAME_MAXIMUM))
        return superfluous
