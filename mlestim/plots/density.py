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
    """Draw bars whose area is the share of the sample, and the fitted density."""
    sample = Sample.of(result)
    grid = sample.grid()
    if sample.discrete:
        ax.bar(sample.values, sample.shares, width=0.8, color=DATA, alpha=0.7, label="sample")
        ax.plot(
            grid, sample.distribution.pdf(grid), "o-", ms=4, lw=1, color=FITTED, label=sample.family
        )
    else:
        edges = np.linspace(sample.values[0], sample.values[-1], (bins or _bars(sample)) + 1)
        ax.hist(
            sample.values, edges.tolist(), weights=sample.shares / (edges[1] - edges[0]), color=DATA,
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
    quarter, three = np.interp([0.25, 0.75], sample.middles, sample.values)
    width = 2.0 * (three - quarter) / np.cbrt(sample.size)
    spread = sample.values[-1] - sample.values[0]
    return int(np.clip(np.ceil(spread / width), 5, MOST_BARS)) if width > 0.0 else 5
