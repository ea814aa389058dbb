"""Histogram and fitted density; bars and probabilities of counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlestim.plots.base import DATA, FITTED, Sample, kind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mlestim.results.result import FitResult

MOST_BARS = 80


@kind("density")
def density(result: FitResult, ax: Axes, *, bins: int | None = None) -> None:
    """Draw bars whose area is the share of the sample, and the fitted density.

    Of censored tails there is no bar; the area of the others is then less than 1.
    """
    sample = Sample.of(result)
    known = sample.known
    grid = sample.grid()
    if sample.discrete:
        ax.bar(known.values, known.shares, width=0.8, color=DATA, alpha=0.7, label="sample")
        ax.plot(
            grid, sample.distribution.pdf(grid), "o-", ms=4, lw=1, color=FITTED, label=sample.family
        )
    else:
        low, high = known.values[[0, -1]]
        if low == high:
            low, high = low + np.array([-0.02, 0.02]) * (grid[-1] - grid[0])
        edges = np.linspace(low, high, (bins or _bars(sample)) + 1)
        ax.hist(
            known.values, edges.tolist(), weights=known.shares / (edges[1] - edges[0]), color=DATA,
            alpha=0.7, label="sample",
        )  # fmt: skip
        top = ax.get_ylim()[1]
        ax.plot(grid, sample.distribution.pdf(grid), color=FITTED, lw=2, label=sample.family)
        ax.set_ylim(0.0, min(ax.get_ylim()[1], 2.0 * top))  # a pole would flatten the bars
    ax.set_xlabel(sample.name)
    ax.set_ylabel("probability" if sample.discrete else "density")
    ax.legend()


def _bars(sample: Sample) -> int:
    """Freedman and Diaconis' number of bars."""
    known = sample.known
    placed = known.cumulative[-1] - known.below
    levels = known.below + placed * np.array([0.25, 0.75])
    quarter, three = np.interp(levels, known.middles, known.values)
    width = 2.0 * (three - quarter) / np.cbrt(placed * sample.size)
    spread = known.values[-1] - known.values[0]
    return int(np.clip(np.ceil(spread / width), 5, MOST_BARS)) if width > 0.0 else 5
