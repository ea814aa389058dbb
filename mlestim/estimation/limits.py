"""Suprema at infinity: is the likelihood of a limit family the best there is?"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.built.shifted import Shifted
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import Unit
from mlestim.distributions.registry import resolve
from mlestim.estimation.objective import LinkObjective
from mlestim.estimation.solution import Solution
from mlestim.estimation.verdict import Verdict
from mlestim.sample.batch import Batch

Array = NDArray[np.float64]
Integers = NDArray[np.intp]
# Fits a limit family: (family, batch, fixed parameters) -> solution.
FitLimit = Callable[[Family, Batch, dict[str, Array]], Solution]

# Two maxima of the total log-likelihood closer than this (relative) are the same one.
SAME_MAXIMUM = 1e-11


def compare_with_limits(objective: LinkObjective, solution: Solution, fit: FitLimit) -> None:
    """Find the problems whose supremum is that of a limit family, and put the limit in place."""
    for place, limit in enumerate(objective.family.limits()):
        targets = [limit.parameters[name] for name in objective.fixed]
        if not all(isinstance(target, str) for target in targets):
            continue  # what would run to infinity is fixed, or it is no parameter of the limit
        decided = None
        if place == 0 and not objective.fixed:
            decided = objective.family.limit_reached(objective.likelihood.sketch)
        _compare(objective, limit, solution, fit, decided)


def _compare(
    objective: LinkObjective,
    limit: Limit,
    solution: Solution,
    fit: FitLimit,
    decided: NDArray[np.bool_] | None,
) -> None:
    """Put the limit in place where it is the supremum, which the family may have `decided`."""
    batch = objective.likelihood.batch
    open_problems = ~solution.holds if limit.underflow else solution.verdict != Verdict.BOUNDARY
    asked = np.flatnonzero(open_problems if decided is None else open_problems & decided)
    if not len(asked):
        return
    family = resolve(limit.family)
    family = Shifted(family) if limit.shifted else family
    part = batch if len(asked) == batch.n_problems else batch.select(asked)
    part = part.reflected() if limit.reflected else part
    other = fit(family, part, _held(objective, limit, asked))
    reached = other.holds & np.isfinite(other.log_likelihood)  # the limit may rule out some values
    if decided is None:
        margin = SAME_MAXIMUM * (1.0 + np.abs(other.log_likelihood))
        reached &= other.log_likelihood >= solution.log_likelihood[asked] - margin
    _put(limit, family, solution, asked[reached], other.select(np.flatnonzero(reached)))


def _held(objective: LinkObjective, limit: Limit, problems: Integers) -> dict[str, Array]:
    """Held parameters under the limit's names, in the data's units."""
    family, likelihood = objective.family, objective.likelihood
    centre, scale = likelihood.centre[problems], likelihood.scale[problems]
    return {
        str(limit.parameters[name]): family.parameters[family.parameter_index(name)].rescale(
            value[problems], centre, scale
        )
        for name, value in objective.fixed.items()
    }


def _put(
    limit: Limit, family: Family, solution: Solution, problems: Integers, other: Solution
) -> None:
    names = family.parameter_names
    solution.covariance[:, :, problems] = np.nan
    places = []
    of_limit = dict(zip(names, other.theta, strict=True))
    for k, target in enumerate(limit.parameters.values()):
        if not isinstance(target, str):
            solution.theta[k, problems] = target(of_limit) if callable(target) else target
            continue
        mirrored = limit.reflected and family.parameters[names.index(target)].unit is Unit.LOCATION
        solution.theta[k, problems] = other.theta[names.index(target)] * (-1 if mirrored else 1)
        places.append((k, names.index(target)))
    solution.log_likelihood[problems] = other.log_likelihood
    if limit.attained:
        solution.verdict[problems] = Verdict.BOUNDARY
        for (i, a), (j, b) in product(places, places):
            solution.covariance[i, j, problems] = other.covariance[a, b]
        return
    solution.verdict[problems] = Verdict.AT_INFINITY
    for column, problem in enumerate(problems):
        solution.limit[problem] = limit
        solution.limit_theta[problem] = dict(zip(names, other.theta[:, column], strict=True))
