"""Generic numerical answers for families that have no formula."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def smallest_integer(reached: Callable[[Array], NDArray[np.bool_]], lower: Array) -> Array:
    """Find elementwise the smallest integer ≥ `lower` at which a monotone condition holds.

    Doubling steps bracket it, halving finds it; all elements move at once.
    """
    below = lower - 1.0
    step = np.ones_like(lower)
    pending = ~reached(below + step)
    while np.any(pending):
        below = np.where(pending, below + step, below)
        step = np.where(pending, 2.0 * step, step)
        pending &= ~reached(below + step) & (step < 2.0**60)
    while np.any(step > 1.0):
        half = np.ceil(0.5 * step)
        early = reached(below + half)
        below = np.where(early, below, below + half)
        step = np.where(early, half, step - half)
    return below + step


def entropy_of_counts(
    log_probability: Callable[[Array], Array], lower: float, upper: float
) -> float:
    """Sum −p log p over the integers from `lower` to `upper`, in blocks."""
    total, block = 0.0, 1 << 16
    for first in np.arange(lower, upper + 1.0, block):
        log_p = log_probability(np.arange(first, min(first + block, upper + 1.0)))
        total -= float(np.sum(np.where(log_p > -np.inf, np.exp(log_p) * log_p, 0.0)))
    return total
