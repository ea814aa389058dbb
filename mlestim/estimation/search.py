"""From starting values to the best maximum: several starts, small samples first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlestim.estimation.newton import Ascent, ascend
from mlestim.estimation.objective import LinkObjective

Array = NDArray[np.float64]
Starts = list[Array]  # each of shape (q, problems)

# Rows on which several starts are compared.
FEW_ROWS = 1 << 11
# Problems of a batch, at most, that a general optimizer is tried on, one by one.
FALLBACK_PROBLEMS = 100
# Of longer samples, rows on which the best start is brought close to the end: from a sixteenth of
# the rows the end is about four standard errors away, two Newton steps.
LONG = 1 << 18


def search(objective: LinkObjective, starts: Starts) -> Ascent:
    """Find the best maximum of each problem that the starts lead to.

    Starts compete on a few evenly spaced rows; the winner is improved on many rows, then on all.
    A problem for which that fails is climbed from every start on all its rows.
    """
    batch = objective.likelihood.batch
    longest = int(batch.sizes.max())
    best = _compete(_thinned(objective, FEW_ROWS), starts)
    if longest > 4 * FEW_ROWS:
        if longest > LONG:
            many = _thinned(objective, max(LONG, longest) // 16)
            best = ascend(many, _better_start(many, best, starts), many.weight)
        best = ascend(objective, _better_start(objective, best, starts), objective.weight)
    lost = np.flatnonzero(~best.converged)
    if len(lost) and longest > 4 * FEW_ROWS:
        best.put(lost, _compete(objective.select(lost), [start[:, lost] for start in starts]))
    return best


def search_widely(objective: LinkObjective, starts: Starts) -> Ascent:
    """Try harder: plain starts besides the family's, then a general optimizer, then Newton again."""
    plain = [np.full_like(starts[0], value) for value in (0.0, 1.0, -1.0)]
    best = _compete(objective, [*starts, *plain])
    for problem in np.flatnonzero(~best.converged & np.isfinite(best.value))[:FALLBACK_PROBLEMS]:
        one = objective.select(np.array([problem]))
        eta = _generally_improved(one, best.eta[:, problem])
        end = ascend(one, Ascent.at(one, eta[:, None]), one.weight)
        if end.converged[0]:
            best.put(np.array([problem]), end)
    return best


def _generally_improved(objective: LinkObjective, eta: Array) -> Array:
    """Improve one problem by a trust region that needs no positive definite Hessian."""
    from scipy.optimize import minimize

    only = np.zeros(1, dtype=np.intp)

    def negative(point: Array) -> tuple[float, Array]:
        value, gradient, _ = objective(point[:, None], only)
        return (-float(value[0]), -gradient[:, 0]) if np.isfinite(value[0]) else (1e300, 0 * point)

    def curvature(point: Array) -> Array:
        hessian = objective(point[:, None], only)[2][:, :, 0]
        return -hessian if np.isfinite(hessian).all() else np.eye(len(point))

    found = minimize(negative, eta, jac=True, hess=curvature, method="trust-exact")
    return np.asarray(found.x)


def _compete(objective: LinkObjective, starts: Starts) -> Ascent:
    """Climb from every start, all in one batch, and keep the best end of each problem."""
    times, problems = len(starts), starts[0].shape[1]
    if times == 1:
        return ascend(objective, Ascent.at(objective, starts[0]), objective.weight)
    many = objective.select(np.tile(np.arange(problems), times))
    begun = Ascent.at(many, np.concatenate(starts, axis=1))
    ends = ascend(many, begun, many.weight)
    return _best_of(ends, times, problems)


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


def _thinned(objective: LinkObjective, rows: int) -> LinkObjective:
    if int(objective.likelihood.batch.sizes.max()) <= 4 * rows:
        return objective
    return objective.with_likelihood(objective.likelihood.thinned(rows))
