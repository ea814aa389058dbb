"""The log-likelihood around its maximum: a curve of one parameter, contours of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.errors import OptionError
from mlestim.estimation.solve import solve
from mlestim.plots.base import DATA, FITTED, kind, observed
from mlestim.problem import Problem, state_problem

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mlestim.results.result import FitResult

Array = NDArray[np.float64]

# How far the pictures reach, in standard errors on the link scale.
REACH = 3.5
# Row terms that a picture may cost; longer samples are drawn at fewer points.
ROW_TERMS = 20_000_000
LEVELS = (0.99, 0.95, 0.8, 0.5)


@kind("log_likelihood")
def log_likelihood(
    result: FitResult, ax: Axes, *, parameter: str | None = None, points: int = 61
) -> None:
    """Draw the profile log-likelihood: the maximum over all other parameters."""
    name = _named(result, [parameter or _free(result)[0]])[0]
    grid = _grid(result, name, points)
    value = _profile(result, {name: grid}) - result.log_likelihood
    cut = -0.5 * float(sc.chdtri(1, 0.05))
    ax.plot(grid, value, color=FITTED, lw=2)
    ax.axvline(result.params[name], color=DATA, lw=1)
    ax.axhline(cut, color=DATA, lw=1, ls="--", label="above: 95 % interval")
    ax.legend(loc="lower center")
    ax.set_xlabel(name)
    ax.set_ylabel("log-likelihood below its maximum")


@kind("contour")
def contour(
    result: FitResult,
    ax: Axes,
    *,
    parameters: Sequence[str] | None = None,
    path: Any = None,
    points: int = 41,
) -> None:
    """Draw joint confidence regions of two parameters, and the way of an optimizer.

    `path` has one line a step, and the two parameters in its columns.
    """
    chosen = list(parameters or _free(result)[:2])
    if len(set(chosen)) != 2:
        raise OptionError("a contour is drawn of two free parameters; name them in parameters=…")
    first, second = _named(result, chosen)
    way = None if path is None else _path(path)
    n = len(observed(result))
    points = int(np.clip(np.sqrt(ROW_TERMS / n), 15, points))
    lines = [
        _grid(result, name, points, None if way is None else way[:, k])
        for k, name in enumerate((first, second))
    ]
    a, b = np.meshgrid(*lines, indexing="ij")
    value = _profile(result, {first: a.ravel(), second: b.ravel()}).reshape(a.shape)
    below = value - result.log_likelihood
    heights = [-0.5 * sc.chdtri(2, 1.0 - level) for level in LEVELS]
    drawn = ax.contour(
        a,
        b,
        below,
        levels=heights,
        colors=FITTED,
        linestyles="solid",
        linewidths=(0.8, 1.8, 0.8, 0.8),
    )
    ax.clabel(
        drawn, fmt={h: f"{100 * level:g} %" for h, level in zip(heights, LEVELS, strict=True)}
    )
    ax.plot(*(result.params[name] for name in (first, second)), "o", color=FITTED)
    if way is not None:
        ax.plot(way[:, 0], way[:, 1], ".-", color=DATA, lw=1, label="way of the optimizer")
        ax.legend()
    ax.set_xlabel(first)
    ax.set_ylabel(second)


def _free(result: FitResult) -> list[str]:
    free = [name for name in result.names if name not in result.fixed]
    if not free:
        raise OptionError(f"{result.family.name}: no parameter was estimated")
    return free


def _named(result: FitResult, names: list[str]) -> list[str]:
    for name in names:
        if name not in _free(result):
            raise OptionError(
                f"{name!r} was not estimated; the parameters are {', '.join(_free(result))}"
            )
        if not np.isfinite(result.standard_errors[name]):
            raise OptionError(f"{name} has no standard error ({result.verdict}): nothing to draw")
    return names


def _grid(result: FitResult, name: str, points: int, reached: Array | None = None) -> Array:
    """Points around the estimate, evenly spaced on the link scale."""
    domain, estimate = result.domain(name), float(result.params[name])
    step = float(result.standard_errors[name] / domain.link_derivatives(estimate)[0])
    eta = domain.to_link([estimate] if reached is None else [estimate, *reached])
    low, high = eta.min() - REACH * step, eta.max() + REACH * step
    # an odd number of points has the estimate itself in its middle
    return domain.from_link(np.linspace(low, high, points | 1))


def _path(path: Any) -> Array:
    way = np.asarray(path, dtype=float)
    if way.ndim != 2 or way.shape[1] != 2:
        raise OptionError(f"path has shape {way.shape}; it takes one line a step and two columns")
    return way


def _profile(result: FitResult, held: Mapping[str, Array]) -> Array:
    """Maximum of the log-likelihood at each point, all points one batch; NaN where none was found.

    A point is a problem of its own over the same rows.
    """
    problem = _problem(result)
    batch = problem.batch()
    points = len(next(iter(held.values())))
    many = batch.repeated(points)
    known = {name: np.full(points, value) for name, value in problem.fixed.items()}
    others = dict(zip(result.names, result.estimates.tolist(), strict=True))
    start = {
        name: others[name]
        for name in problem.model.parameter_names
        if name in others and name not in held and name not in known
    }
    solution = solve(problem.model, many, fixed={**known, **held}, start=start)
    return np.where(solution.holds, solution.log_likelihood, np.nan)


def _problem(result: FitResult) -> Problem:
    held = {name: float(result.params[name]) for name in result.fixed}
    freed = "location" in result.names and "location" not in result.fixed
    free = ["location"] if freed and result.family.half_line else None
    return state_problem(result.family, observed(result), held, free, None)
