"""Bounds that the user sets on parameters, by an active set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlestim.errors import OptionError
from mlestim.estimation.solution import Solution
from mlestim.estimation.solve import solve
from mlestim.estimation.verdict import Verdict
from mlestim.problem import Problem, parameter_domain
from mlestim.sample.batch import Batch

Array = NDArray[np.float64]


def solve_within(
    problem: Problem,
    batch: Batch,
    *,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    **search: Any,
) -> Solution:
    """Solve, and hold on their bound the parameters whose maximum lies beyond it.

    Where the free maximum violates a bound, the constrained one lies on it (the likelihoods of the
    registered families have one maximum along each parameter); the others are then fitted again.
    """
    solution = solve(problem.model, batch, fixed=problem.fixed, start=problem.start, **search)
    for name, ends in (bounds or {}).items():
        _check_bound(problem, name, ends)
    if bounds:
        _hold(problem, batch, bounds, dict(problem.fixed), np.arange(batch.n_problems), solution,
              search)
    return solution


def _hold(
    problem: Problem,
    batch: Batch,
    bounds: Mapping[str, tuple[float, float]],
    fixed: dict[str, float],
    problems: NDArray[np.intp],
    solution: Solution,
    search: dict[str, Any],
) -> None:
    """Refit problems beyond a bound with that parameter held, one parameter after the other."""
    for name, (low, high) in bounds.items():
        if name in fixed:
            continue
        value = solution.theta[problem.model.parameter_index(name), problems]
        for end, beyond in ((low, value < low), (high, value > high)):
            outside = problems[beyond]
            if not len(outside):
                continue
            held = {**fixed, name: end}
            start = {n: v for n, v in problem.start.items() if n not in held}
            again = solve(problem.model, batch.select(outside), fixed=held, start=start, **search)
            holds = np.array([Verdict(verdict).holds for verdict in again.verdict])
            again.verdict[holds] = Verdict.BOUNDARY
            solution.put(outside, again)
            _hold(problem, batch, bounds, held, outside, solution, search)


def _check_bound(problem: Problem, name: str, ends: tuple[float, float]) -> None:
    domain = parameter_domain(problem.family, name)
    if name not in problem.model.parameter_names or name in problem.fixed:
        raise OptionError(f"bounds: {name} is not estimated")
    try:
        low, high = (float(end) for end in ends)
    except (TypeError, ValueError):
        raise OptionError(f"bounds: {name} takes a pair (lower, upper), not {ends!r}") from None
    if not low < high or not np.any(domain.contains([max(low, -1e300), min(high, 1e300)])):
        raise OptionError(f"bounds: {name} in ({low:g}, {high:g}) leaves nothing of {domain}")
