"""From starting values to the best maximum: several starts, small samples first."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.parameter import Unit
from mlestim.estimation.maximisers.walls import climb_on
from mlestim.estimation.newton import MAX_ITERATIONS, Ascent, ascend
from mlestim.estimation.objective import LinkObjective

Array = NDArray[np.float64]
Integers = NDArray[np.intp]
Starts = list[Array]  # each of shape (q, problems)

# Rows on which several starts are compared.
FEW_ROWS = 1 << 11
# Row terms that take no longer than the evaluations on few rows which would spare some of them,
# where there is one start and the terms are averages.
CHEAP_WORK = 1 << 17
# Distance to its own maximum, in standard errors of these rows, at which the ascent on some of the
# rows may stop: the maximum on all rows is about one away, and Newton's last step still to come.
NEAR_ENOUGH = 0.2
# On all rows of a sample of which a pass takes longer than what follows, in standard errors of one
# observation. Newton's last step is still to come: it leaves the estimates twelve digits, and the
# standard errors, which keep the curvature before it, six.
CLOSE_ENOUGH, MANY_ROWS = 1e-6, 1 << 16
# Evaluations of a problem where nothing else has led to a maximum: along a curved ridge, as of a shifted
# lognormal that is nearly normal, each step is short.
PATIENCE = 2000
# How many times the scales of starts are multiplied by 4, where none of a problem's is possible.
WIDENINGS = 12
# Problems of a batch, at most, that a general optimizer is tried on, one by one.
FALLBACK_PROBLEMS = 100
# Of longer samples, rows on which the best start is brought close to the end: from a sixteenth of
# the rows the end is about four standard errors away, which one leap covers.
LONG = 1 << 18


def search(objective: LinkObjective, starts: Starts) -> Ascent:
    """Find the best maximum of each problem that the starts lead to.

    Starts compete on a few evenly spaced rows; the winner is improved on many rows, then on all.
    A problem for which that fails is climbed from every start on all its rows.
    """
    if objective.likelihood.reads_once:
        return _compete(objective, starts)  # what is left to do costs no pass over the rows
    many = objective.likelihood.batch.sizes >= MANY_ROWS
    close_enough = np.where(many, CLOSE_ENOUGH, 0.0)
    stages = _stages(objective, len(starts))
    first = stages[0]
    best = _compete(first, starts, close_enough if first is objective else _near_enough(first))
    for fewer, more in pairwise(stages):
        here = _better_start(more, best, starts)
        enough = close_enough if more is objective else _near_enough(more)
        # condensed rows have the maximum of all of them
        leap = not _is_condensed(fewer, more)
        best = _ascend(more, _leapt(fewer, more, here) if leap else here, enough)
    lost = np.flatnonzero(~best.converged)
    if len(lost) and len(stages) > 1:
        best.put(lost, _compete(objective.select(lost), [start[:, lost] for start in starts]))
    return best


def _near_enough(objective: LinkObjective) -> Array:
    return NEAR_ENOUGH / np.sqrt(objective.weight)


def _stages(objective: LinkObjective, n_starts: int) -> list[LinkObjective]:
    """The objective over few rows, over many, and over all; fewer stages for short samples."""
    likelihood = objective.likelihood
    longest = int(likelihood.batch.sizes.max())
    at_once = n_starts == 1 and likelihood.batch.n_work <= CHEAP_WORK and likelihood.is_cheap
    fewer = [likelihood.thinned(FEW_ROWS)] if longest > 4 * FEW_ROWS and not at_once else []
    if longest > LONG:
        short = likelihood.condensed if objective.family.costly else None
        fewer.append(short or likelihood.thinned(max(LONG, longest) // 16))
    return [*(objective.with_likelihood(rows) for rows in fewer), objective]


def _is_condensed(fewer: LinkObjective, more: LinkObjective) -> bool:
    """Whether the fewer rows have weights because each stands for several."""
    return more.likelihood.batch.weights is None and fewer.likelihood.batch.weights is not None


class _Corrected:
    """The objective over fewer rows, with value, slope and curvature at one point those of more.

    Near the point it differs from that over more rows by little more than the third derivatives
    do: its maximum is closer to theirs than a Newton step ends.
    """

    def __init__(self, fewer: LinkObjective, point: Ascent) -> None:
        at = Ascent.at(fewer, point.eta)
        self.fewer, self.point = fewer, point.eta
        self.value = point.value - at.value
        self.gradient = point.gradient - at.gradient
        self.hessian = point.hessian - at.hessian

    def __call__(self, eta: Array, problems: Integers) -> tuple[Array, Array, Array]:
        value, gradient, hessian = self.fewer(eta, problems)
        step = eta - self.point[:, problems]
        slope, bend = self.gradient[:, problems], self.hessian[:, :, problems]
        turn = np.einsum("jkb,kb->jb", bend, step)
        rise = np.einsum("jb,jb->b", step, slope + 0.5 * turn)
        return value + self.value[problems] + rise, gradient + slope + turn, hessian + bend


def _leapt(fewer: LinkObjective, more: LinkObjective, here: Ascent) -> Ascent:
    """Move to where the maximum over more rows is expected, at the cost of one pass over them."""
    start = here.select(np.arange(len(here.value)))
    enough = _near_enough(fewer)
    aimed = ascend(_Corrected(fewer, here), start, more.weight, more.limited, enough)
    there = Ascent.at(more, aimed.eta)
    there.iterations += here.iterations
    risen = np.flatnonzero(there.value > here.value)
    here.put(risen, there.select(risen))
    return here


def search_widely(objective: LinkObjective, starts: Starts) -> Ascent:
    """Try harder: plain starts besides the family's, then a general optimizer, then Newton again."""
    best = _compete(objective, [*starts, *_plain_starts(objective, starts[0])])
    patience = MAX_ITERATIONS if objective.family.by_differences else PATIENCE
    for problem in np.flatnonzero(~best.converged & np.isfinite(best.value))[:FALLBACK_PROBLEMS]:
        one = objective.select(np.array([problem]))
        eta = _generally_improved(one, best.eta[:, problem])
        end = Ascent.at(one, eta[:, None])
        ascend(one, end, one.weight, one.limited, max_iterations=patience)
        if end.converged[0] or end.value[0] > best.value[problem]:
            best.put(np.array([problem]), end)
    return best


def _ascend(objective: LinkObjective, state: Ascent, near_enough: float | Array = 0.0) -> Ascent:
    """Climb to the maximum, or only near it."""
    ends = ascend(objective, state, objective.weight, objective.limited, near_enough)
    _along_walls(objective, ends, 1)
    return ends


def _along_walls(objective: LinkObjective, ends: Ascent, times: int) -> None:
    """Climb on along walls of the region from the highest end of each problem without a maximum."""
    if not objective.region or ends.converged.all():
        return
    lost = np.isfinite(ends.value) & ~ends.converged & ~objective.degenerate(ends.eta)
    height = np.where(lost, ends.value, -np.inf).reshape(times, -1)
    found = np.where(ends.converged, ends.value, -np.inf).reshape(times, -1)
    above = np.flatnonzero(height.max(axis=0) > found.max(axis=0))
    climb_on(objective, ends, height.argmax(axis=0)[above] * height.shape[1] + above)


def _plain_starts(objective: LinkObjective, like: Array) -> Starts:
    """Starts that know nothing of the family but mean and standard deviation of the sample."""
    plain = [np.full_like(like, value) for value in (0.0, 1.0, -1.0)]
    family = objective.family
    if (
        family.kind == "multivariate"
        or family.standardization != "location-scale"
        or like.shape[0] != objective.free.sum()
    ):
        return plain
    mean, variance = objective.likelihood.sketch.exact_moments()
    units = np.array([parameter.unit for parameter in family.parameters])[objective.free]
    for start in plain[:]:
        moved = start.copy()
        moved[units == Unit.LOCATION] = mean
        moved[units == Unit.SCALE] = 0.5 * np.log(np.maximum(variance, 1e-30))
        plain.append(moved)
    return plain


def _generally_improved(objective: LinkObjective, eta: Array) -> Array:
    """Improve one problem by a method that needs no Hessian."""
    from scipy.optimize import minimize

    only = np.zeros(1, dtype=np.intp)

    def negative(point: Array) -> tuple[float, Array]:
        value, gradient, _ = objective(point[:, None], only)
        defined = np.isfinite(value[0]) and np.isfinite(gradient).all()
        return (-float(value[0]), -gradient[:, 0]) if defined else (1e10, np.zeros_like(point))

    found = minimize(negative, eta, jac=True, method="L-BFGS-B")
    return np.asarray(found.x, dtype=float)


def _compete(objective: LinkObjective, starts: Starts, near_enough: float | Array = 0.0) -> Ascent:
    """Climb from every start, all in one batch, and keep the best end of each problem.

    Only a single start may stop near the end: of several the ends are compared.
    """
    times, problems = len(starts), starts[0].shape[1]
    if times == 1:
        return _ascend(objective, _begun(objective, starts[0], 1), near_enough)
    many = objective.select(np.tile(np.arange(problems), times))
    begun = _begun(many, np.concatenate(starts, axis=1), times)
    ends = ascend(many, begun, many.weight, many.limited, rivals=times)
    _along_walls(many, ends, times)
    ends.converged &= ~many.degenerate(ends.eta)
    return _best_of(ends, times, problems)


def _begun(objective: LinkObjective, eta: Array, times: int) -> Ascent:
    """Evaluate starts; where none of a problem is possible, with larger and larger scales.

    With a wide enough distribution no row lies beyond an end of the support.
    """
    here = Ascent.at(objective, eta)
    units = np.array([parameter.unit for parameter in objective.family.parameters])
    scales = units[objective.free] == Unit.SCALE
    if len(scales) != len(eta):  # several parameters share links
        return here
    for _ in range(WIDENINGS):
        impossible = ~np.isfinite(here.value).reshape(times, -1).any(axis=0)
        if not (impossible.any() and scales.any()):
            break
        lost = np.flatnonzero(np.tile(impossible, times))
        wider = here.eta[:, lost] + np.log(4.0) * scales[:, None]
        here.put(lost, Ascent.at(objective.select(lost), wider))
    return here


def _best_of(ends: Ascent, times: int, problems: int) -> Ascent:
    """Choose per problem the highest converged end, else the highest."""
    value = ends.value.reshape(times, problems)
    converged = ends.converged.reshape(times, problems)
    rank = np.where(converged, value, -np.inf)
    none = ~converged.any(axis=0)
    rank[:, none] = value[:, none]
    winner = np.argmax(rank, axis=0)
    chosen = ends.select(winner * problems + np.arange(problems))
    chosen.iterations = ends.iterations.reshape(times, problems).sum(axis=0)
    return chosen


def _better_start(objective: LinkObjective, best: Ascent, starts: Starts) -> Ascent:
    """Start from the winner of fewer rows, or where it is impossible here from a feasible start."""
    here = Ascent.at(objective, best.eta)
    for start in starts:
        impossible = np.flatnonzero(~np.isfinite(here.value))
        if not len(impossible):
            break
        part = objective.select(impossible)
        here.put(impossible, Ascent.at(part, start[:, impossible]))
    return here
