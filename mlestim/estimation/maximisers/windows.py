"""Maxima on an edge of the domain that a window leaves, or certainty; or at a level density.

A member on the edge may have no density at all; of what is left in a window, it has one. A Poisson
distribution of mean 0 has nothing above 0, but given that a value is above 0, it is 1. Without a
window, counts that are all 0 are most likely where 0 is certain.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.limit import Limit, Target
from mlestim.distributions.registry import resolve
from mlestim.estimation.objective import LinkObjective
from mlestim.estimation.solution import Solution
from mlestim.estimation.verdict import Verdict
from mlestim.likelihood import Likelihood
from mlestim.sample.batch import Batch

Array = NDArray[np.float64]
Fit = Callable[[Family, Batch, dict[str, Array]], Solution]

# So far out, in link values, an ascent is on its way to the end of a domain; so far it is there.
NEAR, THERE = 8.0, 30.0
# Found without search, where a wide one found nothing: an interior maximum is no such thing.
ON_EDGE = 12.0
# Log-likelihoods this close (relative) are the same: the way to an edge is never gone to its end.
SAME = 1e-7
# Standard units beyond which a parameter is infinite.
INFINITE = 1e3
# Problems of a batch, at most, that are looked at, one by one.
PROBLEMS = 100


def settle_at_edges(objective: LinkObjective, solution: Solution, fit: Fit) -> None:
    """Give problems seen through a window, and of counts, the verdict that they are best on an edge.

    `fit` fits a family with some parameters held: (family, batch, held) -> solution.
    """
    truncated, kind = objective.likelihood.batch.truncated, objective.family.kind
    if not (truncated or kind == "discrete") or kind == "multivariate":
        return
    lost = solution.verdict == Verdict.NOT_CONVERGED
    if not (truncated or lost.any()):
        return
    links = link_values(objective, solution)
    if truncated:
        lost |= (np.abs(links) > ON_EDGE).any(axis=0) & (solution.verdict == Verdict.INTERIOR)
    for problem in np.flatnonzero(lost)[:PROBLEMS]:
        if not _on_edge(objective, solution, problem, links[:, problem], fit):
            _level(objective, solution, problem, links[:, problem])


def link_values(objective: LinkObjective, solution: Solution) -> Array:
    """Link values of free parameters with an end to their domain; 0 of all others."""
    likelihood = objective.likelihood
    found = np.zeros_like(solution.theta)
    for k, (parameter, free) in enumerate(
        zip(objective.family.parameters, objective.free, strict=True)
    ):
        if free and parameter.domain.link_name != "identity":
            theta = parameter.standardize(solution.theta[k], likelihood.centre, likelihood.scale)
            with np.errstate(divide="ignore", invalid="ignore"):
                found[k] = np.nan_to_num(parameter.domain.to_link(theta))
    return found


def _on_edge(
    objective: LinkObjective, solution: Solution, problem: int, links: Array, fit: Fit
) -> bool:
    """Hold a parameter close to an end of its domain, and see whether that is a maximum."""
    likelihood, family = objective.likelihood, objective.family
    one = np.array([problem])
    for k in np.argsort(-np.abs(links)):
        domain = family.parameters[k].domain
        end = domain.lower if links[k] < 0.0 else domain.upper
        if np.abs(links[k]) < NEAR or not np.isfinite(end):
            continue
        there = domain.from_link(np.array([np.sign(links[k]) * THERE]))
        name = family.parameters[k].name
        known = {n: value[one] for n, value in objective.known.items()}
        if objective.free.sum() == 1:
            other = solution.select(one)
            other.theta[k] = there
            other.log_likelihood = log_likelihood_of(
                objective, one, {**objective.fixed, name: there}
            )
            other.verdict[:] = Verdict.BOUNDARY
        else:
            centre, scale = likelihood.centre[one], likelihood.scale[one]
            held = family.parameters[k].rescale(there, centre, scale)
            other = fit(family, likelihood.batch.select(one), {**known, name: held})
        height, reached = other.log_likelihood[0], solution.log_likelihood[problem]
        reached = min(reached, 0.0) if family.support.integers else reached  # more is rounding
        if not reached - SAME * (1.0 + np.abs(reached)) <= height < np.inf:
            continue  # below, or held in a place where nothing was found
        certain = _is_certain(objective, solution, problem, links)
        if certain and not (
            likelihood.batch.truncated or _is_member(objective, other, one, k, end)
        ):
            continue  # a single count says more than a member that is not there
        if other.verdict[0] in (Verdict.INTERIOR, Verdict.BOUNDARY):
            other.theta[k], other.verdict[:] = end, Verdict.BOUNDARY
            other.covariance[k], other.covariance[:, k] = np.nan, np.nan
        elif other.verdict[0] is not Verdict.AT_INFINITY:
            other.theta[k], other.verdict[:] = end, Verdict.NOT_IDENTIFIED
        solution.put(one, other)
        return True
    return False


def _is_member(
    objective: LinkObjective, other: Solution, one: NDArray[np.intp], k: int, end: float
) -> bool:
    """Whether the family has a member on the edge itself."""
    values = dict(zip(objective.family.parameter_names, other.theta, strict=True))
    values[objective.family.parameter_names[k]] = np.array([end])
    return bool(np.isfinite(log_likelihood_of(objective, one, values)[0]))


def log_likelihood_of(
    objective: LinkObjective, one: NDArray[np.intp], values: dict[str, Array]
) -> Array:
    """Log-likelihood of a problem, with all its parameters in standard units, in data units."""
    likelihood = objective.likelihood
    theta = [np.ravel(values[name])[-1:] for name in objective.family.parameter_names]
    value = likelihood.mean_terms(theta, 0, one)[0] * objective.weight[one]
    if objective.family.has_density:
        value = value - likelihood.batch.exact_weight[one] * likelihood.log_unit[one]
    return np.asarray(value)


def _is_certain(objective: LinkObjective, solution: Solution, problem: int, links: Array) -> bool:
    """Whether the only count in the sample becomes certain, as a parameter goes far out."""
    parameters = objective.family.parameters
    if not (objective.family.support.integers and objective.likelihood.batch.agree[problem]):
        return False
    farthest = int(np.argmax(np.abs(links)))
    values = dict(zip(objective.family.parameter_names, solution.theta[:, problem], strict=True))
    there = np.sign(links[farthest]) * max(THERE, np.abs(links[farthest]))
    values[parameters[farthest].name] = parameters[farthest].domain.from_link(there)
    return bool(log_likelihood_of(objective, np.array([problem]), values)[0] > -SAME)


def _level(objective: LinkObjective, solution: Solution, problem: int, links: Array) -> None:
    """Compare with a density that is level in the window, and with certainty of the only count."""
    family, batch = objective.family, objective.likelihood.batch
    low, high = batch.window if batch.truncated else (-np.inf, np.inf)
    integers = family.support.integers
    low, high = max(low, family.support.lower - integers), min(high, family.support.upper)
    ends = np.array([np.floor(low) + 1.0, np.floor(high)] if integers else [low, high])
    reached = solution.log_likelihood[problem]
    if _is_certain(objective, solution, problem, links):
        ends = np.full(2, batch.minimum[problem])
    if not np.isfinite(ends).all():
        return
    uniform, one = resolve("discrete_uniform" if integers else "uniform"), np.array([problem])
    rows = batch.select(one)
    known = {name: v for name, v in rows.known.items() if name not in family.parameter_names}
    rows = rows.of_same_kind(rows.x, rows.weights, rows.starts, rows.sizes, known)
    flat = Likelihood(uniform, rows)
    value = flat.mean_terms(list(ends[:, None]), 0, np.array([0]))[0] * objective.weight[one]
    if not value[0] >= reached - SAME * (1.0 + np.abs(reached)):
        return
    targets: dict[str, Target] = {}
    for k, parameter in enumerate(family.parameters):
        if objective.free[k]:
            size = np.abs(solution.theta[k, problem]) / objective.likelihood.scale[problem]
            if size > INFINITE:
                solution.theta[k, problem] *= np.inf
        targets[parameter.name] = float(solution.theta[k, problem])
    solution.log_likelihood[problem] = value[0]
    solution.verdict[problem] = Verdict.AT_INFINITY
    solution.limit[problem] = Limit(uniform.name, targets)
    solution.limit_theta[problem] = dict(zip(uniform.parameter_names, ends, strict=True))
