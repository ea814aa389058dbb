"""Judging where an ascent ended: the verdict, its evidence, and the estimates that go with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mlestim.estimation import linear_algebra
from mlestim.estimation.newton import Ascent
from mlestim.estimation.objective import LinkObjective
from mlestim.estimation.solution import Solution
from mlestim.estimation.verdict import Verdict
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import Unit
from mlestim.distributions.registry import resolve

Array = NDArray[np.float64]
Integers = NDArray[np.intp]

# Below this (unit-diagonal) eigenvalue the data do not tell some parameters apart.
SMALLEST_EIGENVALUE = 1e-9
# A scale this small, in units of the bulk of the data, is on its way to 0.
VANISHING_SCALE = 1e-8
# Two maxima of the total log-likelihood closer than this (relative) are the same one.
SAME_MAXIMUM = 1e-11


def judge(
    objective: LinkObjective,
    ascent: Ascent,
    method: str,
    estimate: Sequence[Array] | None = None,
) -> Solution:
    """Give every problem its verdict.

    `estimate` holds closed-form estimates, which may lie on an edge where link values are infinite.
    """
    family, likelihood = objective.family, objective.likelihood
    problems = np.arange(likelihood.batch.n_problems)
    with np.errstate(all="ignore"):  # an estimate on an edge has an infinite link value
        theta = np.array(objective.theta(ascent.eta, problems) if estimate is None else estimate)
    solution = _measure(objective, ascent, theta, method)
    if estimate is None:
        solution.verdict[:] = np.where(ascent.converged, Verdict.INTERIOR, Verdict.NOT_CONVERGED)
        _explain_failures(objective, ascent, theta, solution)
    else:
        _find_edges(objective, theta, solution)
    _to_data_units(objective, solution)
    for limit in family.limits():
        _compare_with_limit(objective, limit, solution)
    solution.covariance[:, :, ~np.isin(solution.verdict, _WITH_ERRORS)] = np.nan
    return solution


_WITH_ERRORS = (Verdict.INTERIOR, Verdict.BOUNDARY)


def _measure(objective: LinkObjective, ascent: Ascent, theta: Array, method: str) -> Solution:
    """Gather estimate, covariance and evidence in standard units."""
    problems = theta.shape[1]
    weight = objective.weight
    information = -ascent.hessian * weight
    with np.errstate(all="ignore"):  # undefined at an edge: NaN is the answer
        gradient = np.abs(ascent.gradient) * weight
        spread = np.sqrt(np.einsum("iib->ib", information))
        scaled = np.max(gradient / spread, axis=0, initial=0.0)
        direction, definite = linear_algebra.solve_ascent(-ascent.hessian, ascent.gradient)
        decrement = 0.5 * weight * np.einsum("jb,jb->b", direction, ascent.gradient)
        jacobian = objective.jacobian(list(theta))
        inner = linear_algebra.inverse(information)
        covariance = np.einsum("ijb,jkb,lkb->ilb", jacobian, inner, jacobian)
    for name in objective.fixed:
        k = objective.family.parameter_index(name)
        covariance[k], covariance[:, k] = np.nan, np.nan
    return Solution(
        theta=theta.astype(float),
        covariance=covariance,
        log_likelihood=ascent.value * weight,
        verdict=np.full(problems, Verdict.INTERIOR, dtype=object),
        scaled_gradient=scaled,
        newton_decrement=np.where(definite, decrement, np.nan),
        smallest_eigenvalue=linear_algebra.smallest_eigenvalue(information),
        iterations=ascent.iterations.copy(),
        limit=np.full(problems, None, dtype=object),
        limit_theta=np.full(problems, None, dtype=object),
        method=method,
    )


def _find_edges(objective: LinkObjective, theta: Array, solution: Solution) -> None:
    """Tell closed-form estimates inside from those on an edge, bounded or not."""
    family = objective.family
    on_edge = np.array(
        [
            parameter.domain.on_edge(value) if parameter.name not in objective.fixed
            else np.zeros(len(value), dtype=bool)
            for parameter, value in zip(family.parameters, theta, strict=True)
        ]
    )
    edge = np.flatnonzero(on_edge.any(axis=0))
    if not len(edge):
        return
    with np.errstate(all="ignore"):  # the density may be infinite at an edge
        value = objective.likelihood.mean_terms(list(theta[:, edge]), 0, edge)[0]
    bounded = np.isfinite(value)
    solution.log_likelihood[edge] = np.where(bounded, value * objective.weight[edge], np.inf)
    solution.verdict[edge] = np.where(bounded, Verdict.BOUNDARY, Verdict.UNBOUNDED)
    for problem in edge[bounded]:
        _edge_covariance(objective, theta[:, problem], problem, on_edge[:, problem], solution)


def _edge_covariance(
    objective: LinkObjective, theta: Array, problem: int, on_edge: NDArray[np.bool_],
    solution: Solution,
) -> None:
    """Covariance of the parameters that are not on the edge, the others held there."""
    covariance = solution.covariance[:, :, problem]
    covariance[...] = objective.link.edge_covariance(theta, objective.weight[problem])
    covariance[on_edge], covariance[:, on_edge] = np.nan, np.nan
    solution.scaled_gradient[problem] = solution.newton_decrement[problem] = 0.0


def _explain_failures(
    objective: LinkObjective, ascent: Ascent, theta: Array, solution: Solution
) -> None:
    """Say why ascents without a maximum have none: unbounded, a ridge, or unknown."""
    flat = ascent.converged & (solution.smallest_eigenvalue < SMALLEST_EIGENVALUE)
    solution.verdict[flat] = Verdict.NOT_IDENTIFIED
    failed = np.flatnonzero(~ascent.converged)
    if not len(failed):
        return
    batch = objective.likelihood.batch
    constant = batch.minimum[failed] == batch.maximum[failed]
    spreading = objective.free.sum() > 1 and objective.family.kind == "continuous"
    runaway = _vanishing(objective, theta[:, failed]) | _leaving(objective, theta, failed)
    unbounded = (constant & spreading) | runaway | ~np.isfinite(ascent.value[failed])
    solution.verdict[failed[unbounded]] = Verdict.UNBOUNDED


def _vanishing(objective: LinkObjective, theta: Array) -> NDArray[np.bool_]:
    """Whether a free scale runs to 0."""
    gone = np.zeros(theta.shape[1], dtype=bool)
    for parameter, value in zip(objective.family.parameters, theta, strict=True):
        if parameter.unit in (Unit.SCALE, Unit.SQUARE) and parameter.name not in objective.fixed:
            gone |= value < VANISHING_SCALE
    return gone


def _leaving(objective: LinkObjective, theta: Array, problems: Integers) -> NDArray[np.bool_]:
    """Whether an ascent was stopped by the end of the region where the estimate is sought."""
    leaving = np.zeros(len(problems), dtype=bool)
    for name, (low, high) in objective.region.items():
        value = theta[objective.family.parameter_index(name)][problems]
        for bound in (low[problems], high[problems]):
            leaving |= np.abs(value - bound) < 1e-3 * np.abs(bound)
    return leaving


def _to_data_units(objective: LinkObjective, solution: Solution) -> None:
    """Undo the change of units."""
    likelihood, family = objective.likelihood, objective.family
    centre, scale = likelihood.centre, likelihood.scale
    factor = np.array([p.rescale_factor(scale) for p in family.parameters])
    solution.covariance *= factor[:, None] * factor[None, :]
    for k, parameter in enumerate(family.parameters):
        solution.theta[k] = parameter.rescale(solution.theta[k], centre, scale)
    if family.kind == "continuous":
        solution.log_likelihood -= objective.weight * np.log(scale)


def _compare_with_limit(objective: LinkObjective, limit: Limit, solution: Solution) -> None:
    """Find the problems whose supremum is the limit family's."""
    from mlestim.estimation.solve import solve  # the limit is a fit of its own

    likelihood = objective.likelihood
    held = {name: limit.parameters.get(name) for name in objective.fixed}
    if any(isinstance(target, float) for target in held.values()):
        return  # what would run to infinity is fixed
    batch, centre, scale = likelihood.batch, likelihood.centre, likelihood.scale
    family = objective.family
    fixed = {
        str(target): family.parameters[family.parameter_index(name)].rescale(
            objective.fixed[name], centre, scale
        )
        for name, target in held.items()
    }
    limit_family = resolve(limit.family)
    other = solve(limit_family, batch, fixed=fixed)
    reached = family.limit_reached(likelihood.sketch)
    if reached is None or objective.fixed:
        margin = SAME_MAXIMUM * (1.0 + np.abs(other.log_likelihood))
        reached = other.log_likelihood >= solution.log_likelihood - margin
    holds = np.array([Verdict(verdict).holds for verdict in other.verdict])
    known = np.isin(solution.verdict, (Verdict.INTERIOR, Verdict.NOT_CONVERGED,
                                       Verdict.UNBOUNDED, Verdict.NOT_IDENTIFIED))
    at_limit = np.flatnonzero(reached & holds & known)
    names = limit_family.parameter_names
    for k, name in enumerate(family.parameter_names):
        target = limit.parameters[name]
        solution.theta[k, at_limit] = (
            target if isinstance(target, float) else other.theta[names.index(target), at_limit]
        )
    solution.log_likelihood[at_limit] = other.log_likelihood[at_limit]
    solution.verdict[at_limit] = Verdict.AT_INFINITY
    solution.limit[at_limit] = limit.family
    for problem in at_limit:
        solution.limit_theta[problem] = dict(zip(names, other.theta[:, problem], strict=True))
