"""From a batch of samples to estimates with verdicts: one function for one fit or a million."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.errors import OptionError
from mlestim.estimation.judge import judge, judge_estimate
from mlestim.estimation.limits import compare_with_limits, has_value_at_once, survey
from mlestim.estimation.maximisers.ends import hides_ends, search_ends, without_edges
from mlestim.estimation.maximisers.kinks import search_kinks
from mlestim.estimation.maximisers.touching import settle_at_rows
from mlestim.estimation.maximisers.windows import settle_at_edges
from mlestim.estimation.newton import Ascent
from mlestim.estimation.objective import LinkObjective
from mlestim.estimation.search import search, search_widely
from mlestim.estimation.solution import Solution
from mlestim.estimation.verdict import Verdict
from mlestim.likelihood import Likelihood
from mlestim.sample.batch import Batch

Array = NDArray[np.float64]
Method = Literal["auto", "closed_form", "newton"]

# Where the middle of the extremes, on a scale of logs, is below this share of the largest row, it is
# the unit: in units of rows at one end the square of a scale at the other would underflow. The
# squares of the largest rows must not overflow in turn.
FAR_BELOW, LOWEST = 1e-50, 1e-150


@dataclass(frozen=True)
class Maximiser:
    """What replaces the search: a name for results, and the climb from starting link values."""

    name: str
    climb: Callable[[LinkObjective, Array], Ascent]


def solve(
    family: Family,
    batch: Batch,
    *,
    fixed: Mapping[str, float] | Mapping[str, Array] | None = None,
    start: Mapping[str, float] | None = None,
    method: Method = "auto",
    maximiser: Maximiser | None = None,
) -> Solution:
    """Fit a family to every problem of a batch.

    Parameters
    ----------
    family : Family
        What to fit.
    batch : Batch
        The samples, inside the support.
    fixed : mapping, optional
        Values of parameters that are known.
    start : mapping, optional
        Starting values, which compete with the family's own.
    method : {"auto", "closed_form", "newton"}
        Formula where there is one, or the numerical maximum in any case.
    maximiser : Maximiser, optional
        Another way up the likelihood (first-order optimizers, expectation-maximisation).

    Returns
    -------
    Solution
        Estimates, covariances, verdicts and evidence, one column a problem.
    """
    # Failing problems pass through inf and NaN on the way to their verdict.
    with np.errstate(all="ignore"):
        objective = _objective(family, batch, fixed)
        estimate = _closed_form(objective)
        if estimate is None and method == "closed_form":
            held = f" with {', '.join(objective.fixed)} fixed" if objective.fixed else ""
            raise OptionError(
                f"{family.name} has no closed form{held}; use method='auto' or method='newton'"
            )
        climb = partial(_climb_hopeful, start=start, maximiser=maximiser)
        if estimate is None:
            return climb(objective).settled()
        exact = judge_estimate(objective, estimate)
        compare_with_limits(objective, exact, _fit_limit, _survey)
        if method != "newton" and maximiser is None:
            unknown = np.isnan(exact.theta[objective.free]).any(axis=0)  # no formula for these
            open_ones = np.flatnonzero(unknown)
            if len(open_ones):
                climbed = climb(objective.select(open_ones))
                exact.put(open_ones, climbed)
                exact.method = climbed.method
            return exact.settled()
        _refuse_kinks(family, exact)
        inside = np.flatnonzero(exact.verdict == Verdict.INTERIOR)  # an edge can't be climbed to
        if len(inside):
            climbed = climb(objective.select(inside))
            exact.put(inside, climbed)
            exact.method = climbed.method
        return exact.settled()


def _refuse_kinks(family: Family, exact: Solution) -> None:
    """Refuse to climb where the maximum is a kink, which no slope leads to."""
    expected = family.expected_information(list(exact.theta))
    if expected is not None and np.any(~np.isnan(expected).any(axis=(0, 1))):
        raise OptionError(
            f"{family.name}: the likelihood has a kink at its maximum, which is found from the "
            "sorted sample alone; use method='auto'"
        )


def _objective(
    family: Family, batch: Batch, fixed: Mapping[str, float] | Mapping[str, Array] | None
) -> LinkObjective:
    """Standardise the data, and hold what is known or sits on an edge that the sample shows."""
    centre, scale = standard_units(family, batch)
    held = _spread(fixed, batch.n_problems)
    likelihood = Likelihood(family, _with_known(family, batch, held), centre, scale)
    shown = family.edge_estimate(batch.least_upper_end, batch.greatest_lower_end)
    edges = {name: value for name, value in shown.items() if name not in held}
    return LinkObjective(likelihood, {**held, **edges}, on_edge=frozenset(edges))


def _with_known(family: Family, batch: Batch, held: Mapping[str, Array]) -> Batch:
    """Give each row the number that is known of its problem: row statistics may depend on it."""
    names = [p.name for p in family.parameters if p.known and p.name in held]
    if not names:
        return batch
    known = {name: batch.spread_over_rows(held[name]) for name in names}
    known |= batch.known
    return batch.of_same_kind(batch.x, batch.weights, batch.starts, batch.sizes, known)


def _climb_hopeful(
    objective: LinkObjective, start: Mapping[str, float] | None, maximiser: Maximiser | None
) -> Solution:
    """Climb the problems that can have a maximum; constant rows may rule one out beforehand."""
    hopeless, batch = objective.hopeless, objective.likelihood.batch
    open_ones = objective.not_identified
    if not np.any(hopeless | open_ones):
        return _climb(objective, start, maximiser)
    begun = _starts(objective, start)[0]  # rows that agree may leave starts undefined
    begun = np.where(np.isnan(begun), 0.0, begun)
    solution = judge(objective, Ascent.at(objective, begun), "newton")
    solution.verdict[hopeless] = Verdict.UNBOUNDED
    # a probability rises only to 1, for many parameters at once
    open_ones |= hopeless & (batch.exact_weight == 0.0)
    solution.verdict[open_ones] = Verdict.NOT_IDENTIFIED
    _put_what_is_told(objective, solution, np.flatnonzero(open_ones))
    others = np.flatnonzero(~(hopeless | open_ones))
    if len(others):
        climbed = _climb(objective.select(others), start, maximiser)
        solution.put(others, climbed)
        solution.method = climbed.method
    return solution


def _put_what_is_told(
    objective: LinkObjective, solution: Solution, problems: NDArray[np.intp]
) -> None:
    """Put in place what samples tell that leave other parameters open, and how high that is."""
    family = objective.family
    for name, value in family.estimate_where_open(objective.likelihood.sketch).items():
        told = problems[~np.isnan(value[problems])]
        if not len(told):
            continue
        theta = solution.theta[:, told]
        theta[family.parameter_index(name)] = value[told]
        solution.theta[:, told] = theta
        height = objective.likelihood.mean_terms(list(theta), 0, told)[0]
        solution.log_likelihood[told] = height * objective.weight[told]


def _climb(
    objective: LinkObjective, start: Mapping[str, float] | None, maximiser: Maximiser | None
) -> Solution:
    """Search, judge, and search again more widely where nothing was found."""
    starts = _starts(objective, start)
    if hides_ends(objective):
        return _climb_ends(objective, starts, maximiser)
    if maximiser is not None:
        solution = judge(objective, maximiser.climb(objective, starts[0]), maximiser.name)
        compare_with_limits(objective, solution, _fit_limit, _survey)
        return solution
    climb = search_kinks if objective.has_kinks else search
    ends = climb(objective, starts)
    if objective.fixed and climb is search and not ends.converged.all() and objective.may_kink:
        # formulas for kinks of plain samples may leave out those with parameters held
        lost = np.flatnonzero(~ends.converged)
        part, begun = objective.select(lost), [start[:, lost] for start in starts]
        ends.put(lost, search_kinks(part, begun))
    batch = objective.likelihood.batch
    spikes = np.flatnonzero(objective.degenerate(ends.eta))
    if batch.censored and len(spikes):
        # starts from likely values led there: others take censored rows where they ended
        some = objective.select(spikes)
        others = climb(some, _proposed(some, some.family.start(some.likelihood.sketch)))
        better = np.flatnonzero(others.converged)
        ends.put(spikes[better], others.select(better))
    solution = judge(objective, ends, "newton")
    compare_with_limits(objective, solution, _fit_limit, _survey)
    lost = np.flatnonzero(solution.verdict == Verdict.NOT_CONVERGED)
    if len(lost):
        wider = objective.select(lost)
        again = judge(
            wider, search_widely(wider, [s[:, lost] for s in starts]), "newton", exhausted=True
        )
        compare_with_limits(wider, again, _fit_limit, _survey, exhausted=True)
        solution.put(lost, again)
    settle_at_edges(objective, solution, _fit_limit)
    settle_at_rows(objective, solution)
    return solution


def _climb_ends(
    objective: LinkObjective, starts: list[Array], maximiser: Maximiser | None
) -> Solution:
    """Look for ends of the support that the extremes of the samples do not show."""
    if maximiser is not None:
        raise OptionError(
            f"{objective.family.name}: {maximiser.name} does not lead to an end of the support among "
            "censored or truncated rows; use method='auto'"
        )
    solution, opened = search_ends(objective, starts), without_edges(objective)
    compare_with_limits(opened, solution, _fit_limit, _survey)
    settle_at_edges(opened, solution, _fit_limit)
    return solution


def _fit_limit(family: Family, batch: Batch, fixed: Mapping[str, Array]) -> Solution:
    return solve(family, batch, fixed=fixed)


def _survey(family: Family, batch: Batch, fixed: Mapping[str, Array]) -> tuple[Array, Array]:
    """Log-likelihood close to the maximum, and a bound on what is missing there.

    Some rows lead close to the maximum of all of them; only the value there takes a pass over all.
    """
    objective = _objective(family, batch, fixed)
    doubt = np.zeros(batch.n_problems)
    if has_value_at_once(family) and (estimate := _closed_form(objective)) is not None:
        everyone = np.arange(batch.n_problems)
        reached = objective.likelihood.mean_terms(estimate, 0, everyone)[0] * objective.weight
    elif family.sufficient or hides_ends(objective):
        return solve(family, batch, fixed=fixed).log_likelihood, doubt
    else:
        reached, doubt = survey(objective, _starts(objective, None))
    shift = batch.exact_weight * objective.likelihood.log_unit
    return reached - (shift if family.has_density else 0.0), doubt


def standard_units(family: Family, batch: Batch) -> tuple[Array, Array]:
    """Choose centre and scale of each problem, near those of the bulk of its rows.

    The scale is a power of two, so that dividing by it changes no digit.
    """
    shape = (batch.n_problems, *batch.x.shape[1:])  # vectors have units in every component
    zeros, ones = np.zeros(shape), np.ones(shape)
    if family.standardization == "none":
        return zeros, ones
    rows = np.sort(batch.sketch, axis=1) if batch.of_vectors else batch.sketch
    k = rows.shape[1]
    if family.standardization == "scale":
        middle = np.abs(rows[:, k // 2])
        largest = np.maximum(np.abs(batch.minimum), np.abs(batch.maximum))
        between = np.sqrt(np.abs(batch.minimum)) * np.sqrt(np.abs(batch.maximum))
        extreme = (between > 0.0) & (between < FAR_BELOW * largest)
        between = np.maximum(between, LOWEST * largest) * extreme
        return zeros, _power_of_two(_first_positive(between, middle, largest, ones))
    spread = rows[:, (3 * k) // 4] - rows[:, k // 4]
    whole = batch.maximum - batch.minimum
    scale = _first_positive(spread, whole, np.abs(batch.maximum), ones)
    return rows[:, k // 2], _power_of_two(scale)


def _power_of_two(values: Array) -> Array:
    return np.exp2(np.minimum(np.maximum(np.rint(np.log2(values)), -1000.0), 1000.0))


def _first_positive(*candidates: Array) -> Array:
    chosen = candidates[-1]
    for candidate in reversed(candidates[:-1]):
        chosen = np.where(candidate > 0.0, candidate, chosen)
    return chosen


def _spread(
    values: Mapping[str, float] | Mapping[str, Array] | None, problems: int
) -> dict[str, Array]:
    return {
        name: np.broadcast_to(np.asarray(value, dtype=float), problems)
        for name, value in (values or {}).items()
    }


def _closed_form(objective: LinkObjective) -> list[Array] | None:
    """Find the estimate by formula: from sufficient statistics, extremes or the sorted rows."""
    family, likelihood = objective.family, objective.likelihood
    if hides_ends(objective):
        return None
    if objective.on_edge and not objective.free.any():
        return [objective.fixed[name] for name in family.parameter_names]
    if not likelihood.batch.plain:
        return None
    if family.sufficient:
        return family.closed_form(likelihood.moments.mean_statistics, objective.fixed)
    if type(family).estimate_from_rows is Family.estimate_from_rows:
        shown = family.estimate_from_sketch(likelihood.sketch, objective.fixed)
        return None if shown is None else list(shown)
    parts = []
    for rows, weights, problems in likelihood.sorted_lines(whole=bool(objective.fixed)):
        fixed = {name: value[problems] for name, value in objective.fixed.items()}
        part = family.estimate_from_rows(rows, weights, fixed)
        if part is None:
            return None
        parts.append(np.array(part))
    return list(np.concatenate(parts, axis=1))


def _starts(objective: LinkObjective, start: Mapping[str, float] | None) -> list[Array]:
    """Free link values of the family's starts; the user's values come first, if given."""
    family, likelihood = objective.family, objective.likelihood
    problems = likelihood.batch.n_problems
    given = {
        name: family.parameters[family.parameter_index(name)].standardize(
            value, likelihood.centre, likelihood.scale
        )
        for name, value in _spread(start, problems).items()
    }
    proposals: list[Sequence[Array]] = list(family.start(likelihood.likely_sketch))
    if given:
        names = family.parameter_names
        mixed = [given.get(name, own) for name, own in zip(names, proposals[0], strict=True)]
        proposals.insert(0, mixed)
    return _proposed(objective, proposals)


def _proposed(objective: LinkObjective, proposals: Sequence[Sequence[Array]]) -> list[Array]:
    """Free link values of proposed parameters, moved into the region."""
    problems = objective.likelihood.batch.n_problems
    stacked = [np.array(values, dtype=float) for values in zip(*proposals, strict=True)]
    eta = objective.free_eta([value.ravel() for value in objective.moved_inside(stacked)])
    return [eta[:, k * problems : (k + 1) * problems] for k in range(len(proposals))]
