"""Empirical and fitted distribution function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlestim.plots.base import DATA, FITTED, Sample, kind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mlestim.results.result import FitResult


@kind("cdf")
def cdf(result: FitResult, ax: Axes) -> None:
    """Draw the share of the sample up to each value, and the fitted probability."""
    sample = Sample.of(result)
    known, grid = sample.known, sample.grid()
    # a censored tail ends the curve before 0 or 1, where the last row is
    first = known.first if known.below else grid[0]
    last = known.last if known.beyond else grid[-1]
    ax.step(
        [first, *known.values, last], [known.below, *known.cumulative, 1.0 - known.beyond],
        where="post", color=DATA, lw=2, label="sample",
    )  # fmt: skip
    fitted = sample.distribution.cdf(grid)
    if sample.discrete:
        ax.plot(grid, fitted, "o", ms=4, color=FITTED, label=sample.family)
    else:
        ax.plot(grid, fitted, color=FITTED, lw=1.5, label=sample.family)
    ax.set_xlabel(sample.name)
    ax.set_ylabel("probability of a value at most this large")
    ax.legend()
