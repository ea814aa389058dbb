"""Quantiles and probabilities of the sample against those of the fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlestim.plots.base import DATA, Sample, diagonal, kind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mlestim.results.result import FitResult


@kind("qq")
def quantiles(result: FitResult, ax: Axes) -> None:
    """Draw each value against the fitted quantile of its share (a Q-Q plot)."""
    sample = Sample.scored(result)
    known = sample.known
    fitted = sample.distribution.ppf(known.middles)
    shown = np.isfinite(fitted)
    both = np.concatenate([fitted[shown], known.values])
    diagonal(ax, float(both.min()), float(both.max()))
    ax.plot(fitted, known.values, "o", ms=4, color=DATA, alpha=0.8, label="sample")
    ax.set_xlabel(f"quantile of {sample.family}")
    ax.set_ylabel(f"quantile of {sample.name}")
    ax.legend()


@kind("pp")
def probabilities(result: FitResult, ax: Axes) -> None:
    """Draw the share of the sample against the fitted probability of each value (a P-P plot)."""
    sample = Sample.scored(result)
    known = sample.known
    fitted = sample.distribution.cdf(known.values)
    share = known.cumulative if sample.discrete else known.middles
    diagonal(ax, 0.0, 1.0)
    ax.plot(fitted, share, "o", ms=4, color=DATA, alpha=0.8, label="sample")
    ax.set_xlabel(f"probability by {sample.family}")
    ax.set_ylabel(f"share of {sample.name}")
    ax.set_aspect("equal")
    ax.legend()
