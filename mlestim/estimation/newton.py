"""Safeguarded Newton ascent for a batch of problems at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlestim.estimation.linear_algebra import solve_ascent

Array = NDArray[np.float64]
Integers = NDArray[np.intp]
# (link values (q, k), problems (k,)) -> value (k,), gradient (q, k), Hessian (q, q, k)
Objective = Callable[[Array, Integers], tuple[Array, Array, Array]]

# Squared distance to the maximum in standard errors, per unit of weight, at which a problem is
# done, from small samples to large ones, where a pass over the data costs more than digits far
# below the standard errors are worth. The last Newton step, which squares the distance, is then
# taken without another pass.
DECREMENT_DONE = (1e-22, 1e-18)
DECREMENT_PER_WEIGHT = 1e-24
# Where rounding stops all progress, a decrement below this is still a maximum.
DECREMENT_STALLED = 1e-9
# There it no longer shrinks: a limit at infinity, by contrast, is approached by equal steps, with a
# decrement that falls by a factor each time.
SAME_DECREMENT = 0.9
ROUNDING = 4e-16
MAX_ITERATIONS = 200
MAX_HALVINGS = 40
LARGEST_STEP = 2.5


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
    converged: NDArray[np.bool_]
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

    def select(self, problems: Integers) -> Ascent:
        """Keep some of the problems, in the given order."""
        return Ascent(
            self.eta[:, problems],
            self.value[problems],
            self.gradient[:, problems],
            self.hessian[:, :, problems],
            self.decrement[problems],
            self.converged[problems],
            self.iterations[problems],
        )

    def put(self, problems: Integers, other: Ascent) -> None:
        """Replace some of the problems."""
        self.eta[:, problems] = other.eta
        self.value[problems] = other.value
        self.gradient[:, problems] = other.gradient
        self.hessian[:, :, problems] = other.hessian
        self.decrement[problems] = other.decrement
        self.converged[problems] = other.converged
        self.iterations[problems] = other.iterations


def ascend(
    objective: Objective,
    state: Ascent,
    weight: Array,
    limited: NDArray[np.bool_],
    near_enough: float = 0.0,
    max_iterations: int = MAX_ITERATIONS,
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
    near_enough : float
        Squared distance, in standard errors per unit of weight, at which to stop, if that is
        farther than the digits of the sample are worth.
    max_iterations : int
        Bound on evaluations of a problem.
    """
    climb = _Climb(objective, state, weight, limited, near_enough)
    active = np.flatnonzero(np.isfinite(state.value))
    climb.aim(active)
    active = active[~state.converged[active]]
    for _ in range(max_iterations):
        if not len(active):
            break
        active = climb.advance(active)
    climb.finish()
    return state


class _Climb:
    """Directions and step lengths of problems on their way up."""

    def __init__(
        self,
        objective: Objective,
        state: Ascent,
        weight: Array,
        limited: NDArray[np.bool_],
        near_enough: float,
    ) -> None:
        problems = state.eta.shape[1]
        self.objective, self.state, self.weight, self.limited = objective, state, weight, limited
        self.direction = np.zeros_like(state.eta)
        self.slope, self.step = np.zeros(problems), np.ones(problems)
        self.halvings = np.zeros(problems, dtype=np.intp)
        worth = np.clip(DECREMENT_PER_WEIGHT * weight, *DECREMENT_DONE)
        self.done = np.maximum(worth, near_enough)

    def aim(self, problems: Integers) -> None:
        """Set direction, slope, decrement and convergence of problems at a new point."""
        if not len(problems):
            return
        state = self.state
        gradient = state.gradient[:, problems]
        ascent, definite = solve_ascent(-state.hessian[:, :, problems], gradient)
        rise = np.einsum("jb,jb->b", gradient, ascent)
        largest = np.max(np.abs(ascent[self.limited]), axis=0, initial=0.0)
        shrink = np.minimum(1.0, LARGEST_STEP / np.where(largest > 0.0, largest, 1.0))
        self.direction[:, problems] = ascent * shrink
        self.slope[problems] = rise * shrink
        state.decrement[problems] = np.where(definite, self.weight[problems] * rise, np.inf)
        state.converged[problems] = definite & (rise < self.done[problems])

    def advance(self, active: Integers) -> Integers:
        """Try one step of every active problem; return those that are not done."""
        state = self.state
        trial = state.eta[:, active] + self.step[active] * self.direction[:, active]
        value, gradient, hessian = self.objective(trial, active)
        state.iterations[active] += 1
        slope = self.slope[active]
        needed = state.value[active] + 1e-4 * self.step[active] * slope
        # Next to the maximum a step gains less than the rounding of a sum of many terms.
        needed -= ROUNDING * (1.0 + np.abs(state.value[active])) * np.where(slope < 1e-9, 1e3, 1.0)
        better = (value >= needed) & np.isfinite(gradient).all(axis=0)
        accepted, refused = active[better], active[~better]
        state.eta[:, accepted] = trial[:, better]
        state.value[accepted] = value[better]
        state.gradient[:, accepted] = gradient[:, better]
        state.hessian[:, :, accepted] = hessian[:, :, better]
        self.step[accepted], self.halvings[accepted] = 1.0, 0
        self.step[refused] *= 0.25
        self.halvings[refused] += 1
        before = state.decrement[accepted]
        self.aim(accepted)
        still = (state.decrement[accepted] < DECREMENT_STALLED) & (
            state.decrement[accepted] > SAME_DECREMENT * before
        )
        state.converged[accepted[still]] = True
        stalled = refused[self.halvings[refused] >= 3]
        state.converged[stalled] |= state.decrement[stalled] < DECREMENT_STALLED
        given_up = self.halvings[active] >= MAX_HALVINGS
        return active[~(state.converged[active] | given_up)]

    def finish(self) -> None:
        """Take the last Newton step, which needs no further pass over the data."""
        state = self.state
        last = np.flatnonzero(state.converged & (self.slope < self.done))
        state.eta[:, last] += self.direction[:, last]
        state.value[last] += 0.5 * self.slope[last]
