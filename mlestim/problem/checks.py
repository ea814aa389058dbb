"""What a family must be able to do with a sample, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.built.shifted import Shifted
from mlestim.distributions.intervals.tail import below
from mlestim.distributions.parameter import Unit
from mlestim.errors import DataError, OptionError, ParameterError, SupportError
from mlestim.sample.censoring.intervals import LOWER, UPPER
from mlestim.sample.rows import listing

if TYPE_CHECKING:
    from mlestim.problem import Problem

Array = NDArray[np.float64]

LARGEST_MAGNITUDE, SMALLEST_MAGNITUDE = 1e153, 1e-153
# Of rows that cannot be, a message names the first ones.
MOST_SHOWN = 3


def check_magnitude(problem: Problem) -> None:
    """Refuse values whose squares overflow or vanish, as variances would.

    Estimates in squared units have variances in the fourth power.
    """
    sample, model = problem.observations, problem.model
    largest = max(abs(end) for end in sample.extent)
    in_squares = any(p.unit in (Unit.SQUARE, Unit.PRODUCT) for p in model.parameters)
    root = 0.5 if in_squares else 1.0
    smallest = 0.0 if model.standardization == "none" else SMALLEST_MAGNITUDE**root
    if largest != 0.0 and not smallest < largest < LARGEST_MAGNITUDE**root:
        raise DataError(
            f"{sample.title}: the largest value in size is {largest:g}, whose "
            f"{'fourth power' if in_squares else 'square'} "
            f"{'overflows' if largest > 1.0 else 'vanishes'}. Give the values in another unit, "
            f"for instance divided by 1e{np.floor(np.log10(largest)):.0f}."
        )


def check_support(problem: Problem) -> None:
    """Refuse observations outside the support, naming rows and a way out."""
    sample, family = problem.observations, problem.family
    if isinstance(problem.model, Shifted) or family.kind == "categorical":
        return
    support, known = family.support, _known(problem)
    low, high = (end - problem.location for end in sample.extent)
    checks_rows = support.integers or family.has_known or type(family).ends is not Family.ends
    checks_rows |= low <= support.lower and LOWER in sample.intervals.ends
    checks_rows |= known.keys() >= set(family.parameter_names)
    if not checks_rows and support.holds_range(low, high):
        return
    outside = _outside(problem, known)
    if not np.any(outside):
        return
    always = _outside(problem, {})
    if np.any(always):
        raise SupportError(_outside_the_support(problem, always), outside)
    raise SupportError(_beyond_what_is_known(problem, outside, known), outside)


def _outside_the_support(problem: Problem, outside: NDArray[np.bool_]) -> str:
    """Name rows that no member of the family holds, and a way out."""
    sample, family = problem.observations, problem.family
    where = sample.first_rows(outside, with_values=True)
    told = f"{sample.title}: {_count(problem, outside)}"
    if problem.rows.ndim == 1 and not np.any(outside & ~_at_the_lower_end(problem)):
        return (
            f"{told} have a density or probability of 0 under {family.name}, whatever its "
            f"parameters: {where}; the log-likelihood is -inf. Give values that were rounded to "
            f"{family.support.lower + problem.location:g} as intervals above it (lower, upper or "
            "resolution), correct them, or choose a family with a density there."
        )
    shifted = f" above its location {problem.location:g}" if problem.location else ""
    return (
        f"{told} cannot come from {family.name}{shifted}, whose support is {family.support}: "
        f"{where}. {_way_out(family, _has_fractions(problem))}"
    )


def _beyond_what_is_known(
    problem: Problem, outside: NDArray[np.bool_], known: Mapping[str, Any]
) -> str:
    """Name rows that fixed values of parameters leave without a place, and these values."""
    sample = problem.observations
    blamed = [
        name
        for name in known
        if np.any(outside & ~_outside(problem, {n: v for n, v in known.items() if n != name}))
    ]
    first = np.flatnonzero(outside)[:MOST_SHOWN]
    values = [f"{name} = {_there(known[name], first)}" for name in blamed or known]
    example = ", ".join(f"{name!r}: …" for name in blamed or known)
    return (
        f"{sample.title}: {_count(problem, outside)} cannot come from {problem.family.name} with "
        f"{listing(values)}: {sample.first_rows(outside, MOST_SHOWN, with_values=True)}. Correct "
        f"these {_things(problem)} or fixed={{{example}}}."
    )


def _there(value: Any, rows: NDArray[np.intp]) -> str:
    """A fixed value, or those known of some rows."""
    if np.ndim(value) == 0:
        return f"{value:g}"
    return listing([f"{v:g}" for v in dict.fromkeys(value[rows].tolist())]) + " there"


def _count(problem: Problem, outside: NDArray[np.bool_]) -> str:
    return f"{outside.sum()} of {len(outside)} {_things(problem)}"


def _things(problem: Problem) -> str:
    return "values" if problem.rows.ndim == 1 else "rows"


def check_ends(problem: Problem) -> None:
    """Refuse intervals that leave nothing of the support, and ends that are to be found in them."""
    intervals, family = problem.observations.intervals, problem.model
    known = problem.fixed.keys() | problem.observations.known.keys()
    _check_kinks(problem)
    if not family.regular:
        _check_hidden_ends(problem, known)
    if intervals.plain:
        return
    if family.kind == "categorical":
        raise OptionError("categorical takes labels as they are: no censoring, no truncation")
    support, (low, high) = problem.family.support, problem.window
    if not isinstance(problem.model, Shifted) and not (
        low < support.upper and high >= support.lower
    ):
        raise DataError(f"truncation=({low:g}, {high:g}) leaves nothing of {support}")
    untold = [name for name in problem.family.untold(problem.window) if name not in known]
    if untold:
        raise OptionError(
            f"{problem.family.name}: {untold[0]} cannot be told from values in ({low:g}, {high:g}]; "
            f"fit a family without it, or give it, as in fixed={{{untold[0]!r}: …}}"
        )


def _check_kinks(problem: Problem) -> None:
    """Refuse mixtures of families whose estimate is one of the rows: no slope leads to theirs."""
    components: tuple[Family, ...] = getattr(problem.model, "components", ())
    for component in components:
        if component.kink and component.how != "newton":  # whatever its shape
            raise OptionError(
                f"{problem.family.name}: {component.name} has a kink at its {component.kink}, which a "
                "fit of the mixture would have to place on one of the rows. Take a smooth family, "
                "such as 'logistic' or 'generalized_normal'."
            )


def _check_hidden_ends(problem: Problem, known: Collection[str]) -> None:
    """Refuse to look for ends of the support that no extremes of the sample show."""
    family = problem.model
    least, greatest = (np.full(1, end - problem.location) for end in problem.observations.extent)
    shown = family.edge_estimate(least, greatest)
    hidden = [name for name, value in shown.items() if name not in known and np.isnan(value[0])]
    if hidden:
        which = f"{hidden[0]} is an end" if len(hidden) == 1 else f"{', '.join(hidden)} are ends"
        example = ", ".join(f"{name!r}: …" for name in hidden)
        raise ParameterError(
            f"{family.name}: {which} of the support of a part of it, which the extremes of the "
            f"sample do not show. Give {'it' if len(hidden) == 1 else 'them'}, as in "
            f"fixed={{{example}}}."
        )


def _known(problem: Problem) -> dict[str, Any]:
    """Values of parameters that are known, for all rows or for each."""
    return {**problem.observations.known, **problem.fixed}


def _outside(problem: Problem, known: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Say which rows the family cannot produce where some of its parameters are known."""
    family, rows = problem.family, problem.rows
    theta = [np.asarray(known.get(name, np.nan), dtype=float) for name in family.parameter_names]
    if problem.ends.get(LOWER) is not None:
        return _beyond_support(problem, theta)
    if family.kind == "multivariate" or known.keys() >= set(family.parameter_names):
        return family.outside(rows, theta)
    return family.beyond_known_ends(rows, theta)


def _beyond_support(problem: Problem, theta: Sequence[Array]) -> NDArray[np.bool_]:
    """Say which exact rows lie outside the support, and which intervals hold none of it."""
    family, support = problem.family, problem.family.support
    lower, upper = problem.ends[LOWER], problem.ends[UPPER]
    empty = (lower < upper) & support.integers & (np.floor(upper) <= np.floor(lower))
    empty |= below(family, upper, support.lower) | (lower >= support.upper)
    first, last = family.ends(theta)
    empty |= below(family, upper, first) | (lower >= np.asarray(last))
    return np.where(lower == upper, family.beyond_known_ends(problem.rows, theta), empty)


def _at_the_lower_end(problem: Problem) -> NDArray[np.bool_]:
    """Say which rows, intervals or not, end where a closed support begins."""
    support, ends = problem.family.support, problem.ends
    return np.asarray(ends.get(UPPER, problem.rows) == support.lower) & support.lower_closed


def _has_fractions(problem: Problem) -> bool:
    """Whether exact rows are no whole numbers."""
    rows = problem.rows
    fractions = np.floor(rows) != rows
    if problem.ends.get(LOWER) is not None:
        fractions &= problem.ends[LOWER] == problem.ends[UPPER]
    return bool(np.any(fractions))


def _way_out(family: Family, fractions: bool) -> str:
    if family.kind == "multivariate":
        return family.support.way_out
    if family.support.integers and fractions:
        return "Counts must be whole numbers; for measurements choose a continuous family."
    if family.half_line:
        return (
            "Correct these values, choose a family for real numbers such as 'normal', or let the "
            "support begin elsewhere with fixed={'location': …} or free=['location']."
        )
    return "Correct these values or choose a family whose support holds them."
