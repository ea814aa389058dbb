"""Suprema at infinity: is the likelihood of a limit family the best there is?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.built.shifted import Shifted
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import Unit
from mlestim.distributions.registry import resolve
from mlestim.estimation.linear_algebra import solve_ascent
from mlestim.estimation.maximisers.windows import link_values
from mlestim.estimation.newton import Ascent, ascend
from mlestim.estimation.objective import LinkObjective
from mlestim.estimation.solution import Solution
from mlestim.estimation.verdict import Verdict
from mlestim.sample.batch import Batch
from mlestim.sample.block import of_problems

Array = NDArray[np.float64]
Integers = NDArray[np.intp]
# Fits a limit family: (family, batch, fixed parameters) -> solution.
FitLimit = Callable[[Family, Batch, dict[str, Array]], Solution]

# Says how high a limit family reaches: (family, batch, fixed parameters) -> log-likelihood near
# its maximum, and by how much, at most, the maximum may be higher.
Survey = Callable[[Family, Batch, dict[str, Array]], tuple[Array, Array]]

# Two maxima of the total log-likelihood closer than this (relative) are the same one.
SAME_MAXIMUM = 1e-11
# Link values beyond which an ascent is on its way to the end of a domain, and not on a ridge.
FAR = 12.0
# Limits of problems with at least this many rows are surveyed before they are fitted, those of
# shorter ones where there is a maximum to beat.
LONG = 1 << 14
# Rows and evaluations of the short climb of a survey, and how many times what may be missing at its
# end is allowed for.
SURVEY_ROWS = 1 << 11
SURVEY_ITERATIONS = 25
SURVEY_MARGIN = 10.0
# Where all rows are as few as those of a condensed sample, the climb takes some more steps on them.
FEW_WORK = 1 << 16
SURVEY_STEPS = 10
# What mean log-likelihoods on condensed rows may differ by from those on all rows.
SAME_MEAN = 1e-9


def compare_with_limits(
    objective: LinkObjective,
    solution: Solution,
    fit: FitLimit,
    survey: Survey,
    *,
    exhausted: bool = False,
) -> None:
    """Find the problems whose supremum is that of a limit family, and put the limit in place.

    A limit that a survey shows to be below the solution is not fitted. `exhausted` says that a wide
    search was made: what has no maximum then is unbounded where a limit is.
    """
    family, batch = objective.family, objective.likelihood.batch
    limits = family.limits()
    if batch.truncated:
        limits = (*limits, *family.limits_within(*batch.whole_window))
    reached = _decided(objective) if limits else ()
    for place, limit in enumerate(limits):
        if (limit.covered and batch.plain) or not _allows(limit, objective):
            continue
        decided = reached[place] if place < len(reached) else None
        if limit.decided and decided is None:
            continue
        possible = _is_open(objective, limit, solution) & _can_hold(limit, batch)
        possible &= True if decided is None else decided
        if decided is None:
            quick = has_value_at_once(_family_of(limit))
            long = batch.sizes >= LONG
            surveyed = np.flatnonzero(possible if quick else possible & (long | solution.holds))
            possible[surveyed] = _in_question(objective, limit, solution, surveyed, survey)
        other = _compare(
            objective, limit, solution, np.flatnonzero(possible), fit, sure=decided is not None
        )
        if exhausted and other is not None:
            endless = np.zeros_like(possible)
            endless[possible] = other.verdict == Verdict.UNBOUNDED
            solution.verdict[endless & ~solution.holds] = Verdict.UNBOUNDED


def _allows(limit: Limit, objective: LinkObjective) -> bool:
    """Whether what is held is a parameter of the limit, or has the value there that it is held at."""
    for name in objective.fixed.keys() - limit.idle:
        target, held = limit.parameters[name], objective.fixed[name]
        same = isinstance(target, float) and not limit.attained and np.all(held == target)
        if not (isinstance(target, str) or same):
            return False
    return True


def _can_hold(limit: Limit, batch: Batch) -> NDArray[np.bool_]:
    """Whether the exact rows of each sample lie in the limit's support."""
    if batch.of_vectors:
        return np.ones(batch.n_problems, dtype=bool)
    support = _family_of(limit).support
    support = support.reflected() if limit.reflected else support
    low, high = batch.exact_extremes
    above = low >= support.lower if support.lower_closed else low > support.lower
    below = high <= support.upper if support.upper_closed else high < support.upper
    return of_problems(above & below)


def has_value_at_once(family: Family) -> bool:
    """Whether a survey of a limit is exact, and quick whatever the number of rows."""
    return family.sufficient and family.how == "closed" and not family.limits()


def _decided(objective: LinkObjective) -> Sequence[NDArray[np.bool_]]:
    """What the family knows of the first limits from the sample alone."""
    if objective.fixed or not objective.likelihood.batch.plain:
        return ()
    reached = objective.family.limit_reached(objective.likelihood.sketch)
    return () if reached is None else list(np.atleast_2d(reached))


def _is_open(objective: LinkObjective, limit: Limit, solution: Solution) -> NDArray[np.bool_]:
    """Which problems a limit may hold the supremum of."""
    # without a formula, the search comes later
    climbed = ~np.isnan(solution.theta[objective.free]).all(axis=0) | ~objective.free.any()
    if limit.underflow:
        return climbed & ~solution.holds
    on_wall = objective.family.region_is_closed  # to be on a wall is not to be the highest of all
    return climbed & ((solution.verdict != Verdict.BOUNDARY) | on_wall)


def _in_question(
    objective: LinkObjective,
    limit: Limit,
    solution: Solution,
    problems: Integers,
    survey: Survey,
) -> NDArray[np.bool_]:
    """Say of which problems a limit may be the supremum, for all that a survey shows."""
    if not len(problems):
        return np.zeros(0, dtype=bool)
    likelihood = objective.likelihood.condensed or objective.likelihood
    height, doubt = survey(*_posed(objective, limit, problems, likelihood.batch))
    margin = SAME_MAXIMUM * (1.0 + np.abs(height))
    below = height + doubt + margin < solution.log_likelihood[problems]
    possible: NDArray[np.bool_] = ~below & (height > -np.inf)
    return possible


def _posed(
    objective: LinkObjective, limit: Limit, problems: Integers, batch: Batch
) -> tuple[Family, Batch, dict[str, Array]]:
    """What is asked of a limit: its family, the rows as it sees them, and what is held."""
    part = batch if len(problems) == batch.n_problems else batch.select(problems)
    integers = objective.family.support.integers
    part = part.reflected(integers=integers) if limit.reflected else part
    on_edge = {name: np.full(len(problems), value) for name, value in limit.held.items()}
    return _family_of(limit), part, {**_held(objective, limit, problems), **on_edge}


def _family_of(limit: Limit) -> Family:
    family = resolve(limit.family)
    return Shifted(family) if limit.shifted else family


def _compare(
    objective: LinkObjective,
    limit: Limit,
    solution: Solution,
    problems: Integers,
    fit: FitLimit,
    *,
    sure: bool,
) -> Solution | None:
    """Put the limit in place where it is the supremum, of which the family may be sure."""
    if not len(problems):
        return None
    other = fit(*_posed(objective, limit, problems, objective.likelihood.batch))
    reached = other.holds & np.isfinite(other.log_likelihood)  # the limit may rule out some values
    if limit.attained:  # no edge where the limit itself has its supremum at infinity
        reached &= other.verdict != Verdict.AT_INFINITY
    if not sure:
        margin = SAME_MAXIMUM * (1.0 + np.abs(other.log_likelihood))
        # as high as all along a ridge is no limit; but the ascent may have run as far as the limit
        ridge = solution.verdict[problems] == Verdict.NOT_IDENTIFIED
        farthest = np.abs(link_values(objective, solution)[:, problems]).max(axis=0)
        ridge &= farthest <= FAR
        least = solution.log_likelihood[problems] + np.where(ridge, margin, -margin)
        reached &= other.log_likelihood >= least
    winners = other.select(np.flatnonzero(reached))
    _put(objective, limit, solution, problems[reached], winners)
    return other


def _held(objective: LinkObjective, limit: Limit, problems: Integers) -> dict[str, Array]:
    """Held parameters under the limit's names, in the data's units."""
    family, likelihood = objective.family, objective.likelihood
    centre, scale = likelihood.centre[problems], likelihood.scale[problems]
    return {
        str(limit.parameters[name]): family.parameters[family.parameter_index(name)].rescale(
            value[problems], centre, scale
        )
        for name, value in objective.fixed.items()
        if name not in limit.idle and isinstance(limit.parameters[name], str)
    }


def _put(
    objective: LinkObjective,
    limit: Limit,
    solution: Solution,
    problems: Integers,
    other: Solution,
) -> None:
    family = _family_of(limit)
    names = family.parameter_names
    solution.covariance[:, :, problems] = np.nan
    places = []
    of_limit = dict(zip(names, other.theta, strict=True))
    for k, (name, target) in enumerate(limit.parameters.items()):
        if name in limit.idle and name in objective.fixed:
            continue
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
        farther = other.limit[column]  # where the limit itself has its supremum
        solution.limit[problem] = farther or limit
        solution.limit_theta[problem] = (
            other.limit_theta[column]
            if farther
            else dict(zip(names, other.theta[:, column], strict=True))
        )


def survey(objective: LinkObjective, starts: Sequence[Array]) -> tuple[Array, Array]:
    """Log-likelihoods near the maximum, and what the maxima may have above them.

    A short climb on some rows from every start leads there. A maximum of m of n rows is about
    p n/(2m) below that of all n: a multiple of it, and of what Newton's method predicts, is added.
    """
    times, problems = len(starts), starts[0].shape[1]
    few = objective.with_likelihood(objective.likelihood.thinned(SURVEY_ROWS))
    some = few.select(np.tile(np.arange(problems), times))
    begun = Ascent.at(some, np.concatenate(starts, axis=1))
    ends = ascend(some, begun, some.weight, some.limited, max_iterations=SURVEY_ITERATIONS)
    best = np.argmax(ends.value.reshape(times, problems), axis=0) * problems + np.arange(problems)
    here = Ascent.at(objective, ends.eta[:, best])
    climbed = objective.likelihood.batch.n_work <= FEW_WORK
    if climbed:
        ascend(objective, here, objective.weight, objective.limited, max_iterations=SURVEY_STEPS)
    step, definite = solve_ascent(-here.hessian, here.gradient)
    rise = objective.weight * np.einsum("jb,jb->b", here.gradient, step)
    thinned = objective.likelihood.batch.sizes > SURVEY_ROWS
    sampled = objective.weight / SURVEY_ROWS * len(here.eta)
    unknown = np.where(thinned, sampled, np.inf)
    missing = SAME_MEAN * objective.weight if climbed else np.where(thinned, sampled, 0.0)
    known = np.maximum(rise, missing)
    doubt = SURVEY_MARGIN * np.where(definite, known, unknown)
    return here.value * objective.weight, doubt
