"""The log-likelihood around its maximum: a curve of one parameter, contours of two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.errors import OptionError
from mlestim.plots.base import DATA, FITTED, kind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mlestim.results.inference import Inference

Array = NDArray[np.float64]

# How far the pictures reach, in standard errors on the link scale.
REACH = 3.5
# Row terms that a picture may cost; longer samples are drawn at fewer points.
ROW_TERMS = 20_000_000
LEVELS = (0.99, 0.95, 0.8, 0.5)


@kind("log_likelihood")
def log_likelihood(
    result: Inference, ax: Axes, *, parameter: str | None = None, points: int = 61
) -> None:
    """Draw the profile log-likelihood: the maximum over all other parameters."""
    (name,) = _checked(result, [parameter] if parameter else result.estimated[:1])
    grid = _grid(result, name, points)
    value = result.profile({name: grid}) - result.log_likelihood
    cut = -0.5 * float(sc.chdtri(1, 0.05))
    ax.plot(grid, value, color=FITTED, lw=2)
    ax.axvline(result.params[name], color=DATA, lw=1)
    ax.axhline(cut, color=DATA, lw=1, ls="--", label="above: 95 % interval")
    ax.legend(loc="lower center")
    ax.set_xlabel(name)
    ax.set_ylabel("log-likelihood below its maximum")


@kind("contour")
def contour(
    result: Inference,
    ax: Axes,
    *,
    parameters: Sequence[str] | None = None,
    path: Any = None,
    points: int = 41,
) -> None:
    """Draw joint confidence regions of two parameters, and the way of an optimizer.

    `path` has one line a step, and the two parameters in its columns; of a table with their names,
    these are taken.
    """
    chosen = list(parameters or result.estimated[:2])
    if len(set(chosen)) != 2:
        raise OptionError("a contour is drawn of two free parameters; name them in parameters=…")
    first, second = _checked(result, chosen)
    way = None if path is None else _path(path, chosen)
    points = int(np.clip(np.sqrt(ROW_TERMS / result.height_cost), 15, points))
    lines = [
        _grid(result, name, points, None if way is None else way[:, k])
        for k, name in enumerate((first, second))
    ]
    a, b = np.meshgrid(*lines, indexing="ij")
    value = result.profile({first: a.ravel(), second: b.ravel()}).reshape(a.shape)
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


def _checked(result: Inference, names: Sequence[str]) -> Sequence[str]:
    result.require_estimated(names)
    for name in names:
        if not np.isfinite(result.standard_errors[name]):
            raise OptionError(f"{name} has no standard error ({result.verdict}): nothing to draw")
    return names


def _grid(result: Inference, name: str, points: int, reached: Array | None = None) -> Array:
    """Points around the estimate, evenly spaced on the link scale."""
    domain, estimate = result.domain(name), float(result.params[name])
    step = float(result.standard_errors[name] / domain.link_derivatives(estimate)[0])
    eta = domain.to_link([estimate] if reached is None else [estimate, *reached])
    low, high = eta.min() - REACH * step, eta.max() + REACH * step
    # an odd number of points has the estimate itself in its middle
    grid = domain.from_link(np.linspace(low, high, points | 1))
    return grid[domain.contains(grid)]


def _path(path: Any, names: Sequence[str]) -> Array:
    if set(names) <= set(getattr(path, "columns", ())):
        path = path[list(names)]
    way = np.asarray(path, dtype=float)
    if way.ndim != 2 or way.shape[1] != 2:
        raise OptionError(f"path has shape {way.shape}; it takes one line a step and two columns")
    return way
