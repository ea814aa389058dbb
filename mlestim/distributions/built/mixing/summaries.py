"""Modes and entropies of mixtures, which have no formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.numeric import expectation

Array = NDArray[np.float64]

# Points among which the highest is looked for, and how often its surroundings are narrowed.
POINTS, NARROWINGS = 257, 80
LARGEST_RANGE = 1 << 16
GOLDEN_RATIO = 0.5 * (np.sqrt(5.0) - 1.0)


def highest_between(
    log_density: Callable[[Array], Array], low: Array, high: Array, *, integers: bool
) -> Array:
    """Find where a log density is highest on each of several intervals.

    Parameters
    ----------
    log_density : callable
        Takes values, shape (intervals, k).
    low, high : array, shape (intervals,)
        Ends; of counts, whole numbers.
    integers : bool
        Whether only whole numbers count.
    """
    width = high - low
    points = int(min(width.max() + 1.0, LARGEST_RANGE)) if integers else POINTS
    grid = low[:, None] + np.linspace(0.0, 1.0, points) * width[:, None]
    grid = np.round(grid) if integers else grid
    heights = log_density(grid)
    best = np.argmax(heights, axis=1)
    lines = np.arange(len(low))
    top: Array = grid[lines, best]
    if integers:
        return top
    left = grid[lines, np.maximum(best - 1, 0)]
    right = grid[lines, np.minimum(best + 1, points - 1)]
    for _ in range(NARROWINGS):
        step = GOLDEN_RATIO * (right - left)
        inner = np.stack([right - step, left + step], axis=1)
        rising = np.less(*log_density(inner).T)
        left = np.where(rising, inner[:, 0], left)
        right = np.where(rising, right, inner[:, 1])
    return np.where(np.isfinite(heights[lines, best]), 0.5 * (left + right), top)


def expected_under(member: Family, function: Callable[[Array], Array]) -> float:
    """Integrate a function against the density of one member of a continuous family."""
    low, middle, high = member.ppf([0.25, 0.5, 0.75])
    first, last = (float(np.asarray(end)) for end in member.ends(member.theta))
    if first != 0.0:
        return expectation(function, member.logpdf, (first, last), middle, high - low)
    # densities may be infinite at 0: over log x they are not
    return expectation(
        lambda u: function(np.exp(u)),
        lambda u: member.logpdf(np.exp(u)) + u,
        (-np.inf, float(np.log(last))),
        float(np.log(middle)),
        float(np.log(high / low)),
    )


def mixed_entropy(
    members: Sequence[Family], weights: Sequence[float], log_density: Callable[[Array], Array]
) -> float:
    """Entropy of a mixture of continuous members."""
    parts = [expected_under(member, lambda x: -log_density(x)) for member in members]
    return float(np.dot(weights, parts))
