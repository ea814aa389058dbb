"""Judging where an ascent ended: the verdict, its evidence, and the estimates that go with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.parameter import Unit
from mlestim.estimation import linear_algebra
from mlestim.estimation.information.expected import without_infinite
from mlestim.estimation.information.kinks import outer_products
from mlestim.estimation.maximisers.walls import climbed_along, stopped, walls
from mlestim.estimation.newton import Ascent
from mlestim.estimation.objective import LinkObjective
from mlestim.estimation.solution import Solution
from mlestim.estimation.verdict import Verdict

Array = NDArray[np.float64]
Integers = NDArray[np.intp]

# Below this (unit-diagonal) eigenvalue the data do not tell some parameters apart.
SMALLEST_EIGENVALUE = 1e-13
# Where second derivatives are differences, they tell no more.
SMALLEST_BY_DIFFERENCES = 1e-8
# A scale this small, in units of the bulk of the data, is on its way to 0.
VANISHING_SCALE = 1e-8
# Information on logs of parameters, per unit of weight, below which a truncated density is level, or
# components of a mixture are the same.
LEVEL = 1e-9
# A step that is longer than this, in logs of parameters, does not end at a maximum.
DRIFT = 0.1


def judge(
    objective: LinkObjective, ascent: Ascent, method: str, *, exhausted: bool = False
) -> Solution:
    """Give every problem the verdict on where its ascent ended.

    `exhausted` says that a wide search was made: constant rows then have no maximum for sure.
    """
    problems = np.arange(objective.likelihood.batch.n_problems)
    theta = np.array(objective.theta(ascent.eta, problems))
    solution, step = _measure(objective, ascent, theta, method)
    found = Verdict.BOUNDARY if objective.on_edge else Verdict.INTERIOR
    solution.verdict[:] = np.where(ascent.converged, found, Verdict.NOT_CONVERGED)
    _explain_failures(objective, ascent, theta, solution, step, exhausted)
    _finished(objective, solution)
    if objective.family.region_is_closed and not ascent.converged.all():
        _put_maxima_on_walls(objective, theta, solution, method)
    return solution


def judge_estimate(objective: LinkObjective, estimate: Sequence[Array]) -> Solution:
    """Give closed-form estimates their verdict; on an edge their link values are infinite."""
    ascent = Ascent.at(objective, objective.free_eta(list(estimate)))
    theta = np.array(estimate)
    solution, _ = _measure(objective, ascent, theta, "closed_form")
    if objective.on_edge:  # where ends of a support meet, all probability does
        bounded = np.isfinite(solution.log_likelihood)
        solution.verdict[:] = np.where(bounded, Verdict.BOUNDARY, Verdict.UNBOUNDED)
    _find_edges(objective, theta, solution)
    solution.verdict[objective.hopeless] = Verdict.UNBOUNDED
    return _finished(objective, solution)


def _finished(objective: LinkObjective, solution: Solution) -> Solution:
    """Return to the data's units; only verdicts that stand on a maximum have a covariance."""
    _arrange(objective, solution)
    _to_data_units(objective, solution)
    bare = [verdict not in _WITH_ERRORS for verdict in solution.verdict]
    solution.covariance[:, :, bare] = np.nan
    return solution


def _arrange(objective: LinkObjective, solution: Solution) -> None:
    """Put parts of a family that could be exchanged into their order."""
    places = objective.family.arranged(solution.theta) if objective.free.all() else None
    if places is not None:
        problems = np.arange(places.shape[1])
        solution.theta = solution.theta[places, problems]
        solution.covariance = solution.covariance[places[:, None], places[None, :], problems]


_WITH_ERRORS = (Verdict.INTERIOR, Verdict.BOUNDARY)


def _measure(
    objective: LinkObjective, ascent: Ascent, theta: Array, method: str
) -> tuple[Solution, Array]:
    """Gather estimate, covariance and evidence in standard units; and find Newton's next step."""
    problems = theta.shape[1]
    weight = objective.weight
    jacobian = objective.jacobian(list(theta))
    expected = objective.family.expected_information(list(theta))
    unusual = np.zeros(problems, dtype=bool)
    if expected is not None and objective.likelihood.batch.plain:
        expected, unusual = without_infinite(expected, objective.free)
        information = np.einsum("jib,jkb,klb->ilb", jacobian, expected, jacobian)
        ascent.hessian = np.where(np.isnan(information), ascent.hessian, -information)
        kinked = np.isfinite(information).all(axis=(0, 1))
        ascent.gradient[:, kinked] = 0.0  # at a kink the slopes on both sides lead up to it
    elif objective.has_kinks:
        _add_kinks(objective, ascent, theta, jacobian)
    information = -ascent.hessian * weight
    gradient = ascent.gradient * weight
    spread = np.sqrt(information.diagonal().T)
    scaled = (np.abs(gradient) / spread).max(axis=0, initial=0.0)
    inner, smallest = linear_algebra.invert(information)
    step = np.add.reduce(inner * gradient, axis=1)
    decrement = 0.5 * np.add.reduce(gradient * step, axis=0)
    covariance = linear_algebra.carried(inner, jacobian)
    covariance = 0.5 * (covariance + covariance.swapaxes(0, 1))  # symmetric to the last digit
    if not objective.free.all():
        held = ~objective.free
        covariance[held], covariance[:, held] = np.nan, np.nan
    covariance[:, :, unusual] = np.nan
    solution = Solution(
        theta=theta.astype(float),
        covariance=covariance,
        log_likelihood=ascent.value * weight,
        verdict=np.full(problems, Verdict.INTERIOR, dtype=object),
        scaled_gradient=scaled,
        newton_decrement=np.where(smallest > 0.0, decrement, np.nan),
        smallest_eigenvalue=smallest,
        iterations=ascent.iterations.copy(),
        limit=np.empty(problems, dtype=object),  # that is, of None
        limit_theta=np.empty(problems, dtype=object),
        method=method,
    )
    return solution, step


def _add_kinks(objective: LinkObjective, ascent: Ascent, theta: Array, jacobian: Array) -> None:
    """Take the curvature in a kinked parameter from the squares of scores.

    All of it where the rest does not fit: the samples are small, then.
    """
    name = str(objective.family.kink)
    products = outer_products(objective, theta, name)
    linked = np.einsum("jib,jkb,klb->ilb", jacobian, products, jacobian)
    place = objective.free[: objective.family.parameter_index(name)].sum()
    kinked = np.isfinite(linked[place, place])
    hessian = ascent.hessian.copy()
    hessian[place, place, kinked] = -linked[place, place, kinked]
    _, definite = linear_algebra.solve_ascent(-hessian, ascent.gradient)
    ascent.hessian = np.where(definite | ~kinked, hessian, -linked)
    ascent.gradient[place, kinked] = 0.0  # slopes on both sides lead up to the place


def _find_edges(objective: LinkObjective, theta: Array, solution: Solution) -> None:
    """Tell closed-form estimates inside from those on an edge, bounded or not."""
    family = objective.family
    on_edge = family.on_edge(list(theta)) & objective.free[:, None]
    edge = np.flatnonzero(on_edge.any(axis=0))
    if not len(edge):
        return
    value = objective.likelihood.mean_terms(list(theta[:, edge]), 0, edge)[0]
    bounded = np.isfinite(value)
    solution.log_likelihood[edge] = np.where(bounded, value * objective.weight[edge], np.inf)
    solution.verdict[edge] = np.where(bounded, Verdict.BOUNDARY, Verdict.UNBOUNDED)
    for problem in edge[bounded]:
        _edge_covariance(objective, theta[:, problem], problem, on_edge[:, problem], solution)


def _edge_covariance(
    objective: LinkObjective,
    theta: Array,
    problem: int,
    on_edge: NDArray[np.bool_],
    solution: Solution,
) -> None:
    """Covariance of the parameters that are not on the edge, the others held there."""
    covariance = solution.covariance[:, :, problem]
    covariance[...] = objective.edge_covariance(theta, problem)
    covariance[on_edge], covariance[:, on_edge] = np.nan, np.nan
    solution.scaled_gradient[problem] = solution.newton_decrement[problem] = 0.0


def _explain_failures(
    objective: LinkObjective,
    ascent: Ascent,
    theta: Array,
    solution: Solution,
    step: Array,
    exhausted: bool,
) -> None:
    """Say why ascents without a maximum have none: unbounded, a ridge, or unknown."""
    flat = ascent.converged & (solution.smallest_eigenvalue < SMALLEST_EIGENVALUE)
    if objective.family.by_differences:
        flat |= _on_ridge(ascent, solution)
    if exhausted:  # all rows are certain, whatever the parameters
        flat |= ~np.any(ascent.gradient, axis=0) & ~np.any(ascent.hessian, axis=(0, 1))
    solution.verdict[flat] = Verdict.NOT_IDENTIFIED
    lost = _drifting(objective, step) | _flattened(objective, ascent)
    solution.verdict[ascent.converged & lost] = Verdict.NOT_CONVERGED
    failed = np.flatnonzero(~ascent.converged)
    if not len(failed):
        return
    batch = objective.likelihood.batch
    constant = batch.agree[failed]
    hopeless = objective.family.kind == "continuous" and (exhausted or objective.free.sum() > 1)
    runaway = _vanishing(objective, theta[:, failed])
    if not objective.family.region_is_closed:
        runaway |= stopped(objective, theta[:, failed], failed)
    runaway |= objective.degenerate(ascent.eta)[failed]
    infinite = ~np.isfinite(ascent.value[failed])
    if objective.family.by_differences:  # or every start is impossible
        infinite[:] = False
    unbounded = (constant & hopeless) | runaway | infinite
    unbounded &= _dense(objective)[failed]  # probabilities do not pass 1
    solution.verdict[failed[unbounded]] = Verdict.UNBOUNDED


def _dense(objective: LinkObjective) -> NDArray[np.bool_]:
    """Which problems have rows that contribute densities: exact ones, but for those at an atom."""
    batch, family = objective.likelihood.batch, objective.family
    if family.kind == "discrete":
        return np.zeros(batch.n_problems, dtype=bool)
    if family.starts_with_atom:
        return np.asarray(batch.exact_extremes[1] > family.support.lower)
    return np.asarray(batch.exact_weight > 0.0)


def _on_ridge(ascent: Ascent, solution: Solution) -> NDArray[np.bool_]:
    """Whether parameters of which each is known cannot be told apart, as far as differences show."""
    told = -np.einsum("iib->ib", ascent.hessian).min(axis=0, initial=np.inf)
    level = np.abs(solution.smallest_eigenvalue) < SMALLEST_BY_DIFFERENCES
    still = solution.scaled_gradient < 1e-3
    return np.asarray(level & still & (told > SMALLEST_BY_DIFFERENCES))


def _drifting(objective: LinkObjective, step: Array) -> NDArray[np.bool_]:
    """Whether the slope is lost but the next step is not short: on the way to infinity."""
    farthest: Array = np.abs(step[objective.limited]).max(axis=0, initial=0.0)
    return farthest > DRIFT


def _flattened(objective: LinkObjective, ascent: Ascent) -> NDArray[np.bool_]:
    """Whether nothing can be told, of a density that is as good as level in its window, say."""
    if not (objective.likelihood.batch.truncated or objective.family.coincide):
        return np.zeros(len(ascent.value), dtype=bool)
    information = -np.einsum("iib->ib", ascent.hessian)[objective.limited]
    return np.asarray(information.min(axis=0, initial=np.inf) < LEVEL)


def _vanishing(objective: LinkObjective, theta: Array) -> NDArray[np.bool_]:
    """Whether a free scale runs to 0."""
    gone = np.zeros(theta.shape[1], dtype=bool)
    for parameter, value, free in zip(
        objective.family.parameters, theta, objective.free, strict=True
    ):
        if free and parameter.unit in (Unit.SCALE, Unit.SQUARE):
            gone |= value < VANISHING_SCALE
    return gone


def _put_maxima_on_walls(
    objective: LinkObjective, theta: Array, solution: Solution, method: str
) -> None:
    """Put in place what is highest on a wall that is an edge: the slope there leads through it."""
    for wall in walls(objective):
        failed = np.flatnonzero(solution.verdict == Verdict.NOT_CONVERGED)
        failed = failed[wall.stops(theta[:, failed], failed)]
        if not len(failed):
            continue
        held, at_wall = wall.hold(objective, failed), list(theta[:, failed])
        at_wall[wall.place] = wall.end[failed]
        along = climbed_along(held, at_wall)
        at_wall = held.theta(along.eta, np.arange(len(failed)))
        slope = wall.slope(objective.select(failed), at_wall)
        found = np.flatnonzero(along.converged & (slope <= 0.0))
        if len(found):
            on_wall = judge(held.select(found), along.select(found), method)
            inside = on_wall.verdict == Verdict.INTERIOR
            on_wall.verdict[inside] = Verdict.BOUNDARY
            solution.put(failed[found], on_wall)


def _to_data_units(objective: LinkObjective, solution: Solution) -> None:
    """Undo the change of units."""
    likelihood, family = objective.likelihood, objective.family
    centre, scale = likelihood.centre, likelihood.scale
    factor = np.array([p.rescale_factor(scale) for p in family.parameters])
    solution.covariance *= factor[:, None] * factor[None, :]
    for k, parameter in enumerate(family.parameters):
        solution.theta[k] = parameter.rescale(solution.theta[k], centre, scale)
        if parameter.name in objective.known:
            solution.theta[k] = objective.known[parameter.name]
    if family.has_density:
        solution.log_likelihood -= likelihood.batch.exact_weight * likelihood.log_unit
