"""Suprema at infinity: is the likelihood of a limit family the best there is?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.limit import Limit
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
    for limit in objective.family.limits():
        targets = [limit.parameters.get(name) for name in objective.fixed]
        if any(isinstance(target, float) for target in targets):
            continue  # what would run to infinity is fixed
        _compare(objective, limit, solution, fit)


def _compare(objective: LinkObjective, limit: Limit, solution: Solution, fit: FitLimit) -> None:
    batch = objective.likelihood.batch
    decided = None
    if not objective.fixed:
        decided = objective.family.limit_reached(objective.likelihood.sketch)
    open_problems = solution.verdict != Verdict.BOUNDARY
    asked = np.flatnonzero(open_problems if decided is None else open_problems & decided)
    if not len(asked):
        return
    limit_family = resolve(limit.family)
    part = batch if len(asked) == batch.n_problems else batch.select(asked)
    other = fit(limit_family, part, _held(objective, limit, asked))
    reached = other.holds
    if decided is None:
        margin = SAME_MAXIMUM * (1.0 + np.abs(other.log_likelihood))
        reached &= other.log_likelihood >= solution.log_likelihood[asked] - margin
    _put(limit, limit_family, solution, asked[reached], other.select(np.flatnonzero(reached)))


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
    for k, target in enumerate(limit.parameters.values()):
        solution.theta[k, problems] = (
            target if isinstance(target, float) else other.theta[names.index(target)]
        )
    solution.log_likelihood[problems] = other.log_likelihood
    solution.verdict[problems] = Verdict.AT_INFINITY
    solution.covariance[:, :, problems] = np.nan
    solution.limit[problems] = limit.family
    for column, problem in enumerate(problems):
        solution.limit_theta[problem] = dict(zip(names, other.theta[:, column], strict=True))
