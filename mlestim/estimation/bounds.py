"""Bounds that the user sets on parameters, by an active set."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlestim.errors import OptionError, ParameterError
from mlestim.estimation.solution import Solution
from mlestim.estimation.solve import solve
from mlestim.estimation.verdict import Verdict
from mlestim.problem import Problem, parameter_domain
from mlestim.sample.batch import Batch

Array = NDArray[np.float64]


def solve_within(problem: Problem, batch: Batch, **search: Any) -> Solution:
    """Solve, and where the maximum violates bounds, find the best point on their faces.

    A face holds some of the parameters on one of their bounds. Of the faces whose own maximum
    respects all bounds, the highest is the constrained maximum.
    """
    limits = {name: _checked(problem, name, ends) for name, ends in problem.bounds.items()}
    solution = solve(problem.model, batch, fixed=problem.fixed, start=problem.start, **search)
    outside = np.flatnonzero(~_respects(problem, limits, solution))
    if len(outside):
        solution.put(outside, _best_face(problem, batch.select(outside), limits, search))
    return solution


def _best_face(
    problem: Problem,
    batch: Batch,
    bounds: Mapping[str, tuple[float, float]],
    search: dict[str, Any],
) -> Solution:
    faces = []
    choices = [(None, *(end for end in ends if np.isfinite(end))) for ends in bounds.values()]
    for choice in product(*choices):
        held = {name: end for name, end in zip(bounds, choice, strict=True) if end is not None}
        if not held:
            continue
        start = {name: value for name, value in problem.start.items() if name not in held}
        face = solve(problem.model, batch, fixed={**problem.fixed, **held}, start=start, **search)
        usable = _respects(problem, bounds, face) & face.holds
        face.verdict[usable & (face.verdict == Verdict.INTERIOR)] = Verdict.BOUNDARY
        face.log_likelihood[~usable] = -np.inf
        faces.append(face)
    best = faces[0]
    for face in faces[1:]:
        higher = np.flatnonzero(face.log_likelihood > best.log_likelihood)
        best.put(higher, face.select(higher))
    return best


def _respects(
    problem: Problem, bounds: Mapping[str, tuple[float, float]], solution: Solution
) -> NDArray[np.bool_]:
    inside = np.ones(solution.theta.shape[1], dtype=bool)
    for name, (low, high) in bounds.items():
        value = solution.theta[problem.model.parameter_index(name)]
        inside &= (value >= low) & (value <= high)
    return inside


def _checked(problem: Problem, name: str, ends: Any) -> tuple[float, float]:
    """Check the bounds of a parameter, None being none, and that its start keeps to them."""
    domain = parameter_domain(problem.family, name)
    if name not in problem.model.parameter_names or name in problem.fixed:
        raise OptionError(f"bounds: {name} is not estimated")
    try:
        low, high = ends
        low = -np.inf if low is None else float(low)
        high = np.inf if high is None else float(high)
    except (TypeError, ValueError):
        raise OptionError(
            f"bounds: {name} takes a pair (lower, upper), None for an open end, not {ends!r}"
        ) from None
    if np.isnan(low) or np.isnan(high):
        raise OptionError(f"bounds: {name} in {ends!r}: NaN is no bound; None leaves an end open")
    if not low < high or not np.any(domain.contains([max(low, -1e300), min(high, 1e300)])):
        raise OptionError(f"bounds: {name} in ({low:g}, {high:g}) leaves nothing of {domain}")
    start = problem.start.get(name)
    if start is not None and not low <= start <= high:
        raise ParameterError(
            f"{problem.family.name}: a start of {name} = {start:g} lies outside its bounds "
            f"({low:g}, {high:g})"
        )
    return low, high
