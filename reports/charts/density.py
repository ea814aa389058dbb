"""The fitted density over a histogram of the sample."""

from __future__ import annotations

import math

import numpy as np

from reports.charts.base import (
    ChartInput,
    Floats,
    chart,
    colour,
    quantitative,
    records,
    specification,
    table,
)
from reports.model import Chart

_FEWEST_BARS = 5
_MOST_BARS = 60


@chart(order=1)
def density(sample: ChartInput) -> Chart | None:
    """Draw bars whose area is the share of the sample, and the fitted density as a line."""
    if sample.is_discrete:
        return None
    edges = _edges(sample)
    shares = _shares_between(sample, edges)
    # On a logarithmic axis area is measured per decade, and so is the density of log10 x.
    heights = shares / np.diff(np.log10(edges) if sample.spans_decades else edges)
    grid = sample.grid()
    curve = sample.density(grid)
    if sample.spans_decades:
        curve = curve * grid * math.log(10)
    curve = np.where(curve <= 3 * max(heights.max(), 1e-300), curve, np.nan)
    height_title = "share per factor of ten" if sample.spans_decades else "density"
    description = (
        f"Histogram of {sample.variable} in {shares.size} bars with the density of the fitted "
        f"{sample.family} distribution as a line. Where the line runs through the tops of the "
        "bars, the family describes the data." + sample.note
    )
    title = f"Density of {sample.variable}"
    x = quantitative("x", sample.axis_title, sample.scale)
    y = quantitative("height", height_title)
    bars = {
        "data": {"values": records(x=edges[:-1], end=edges[1:], height=heights)},
        "mark": {"type": "rect", "opacity": 0.6},
        "encoding": {
            "x": x,
            "x2": {"field": "end"},
            "y": y,
            "y2": {"datum": 0},
            "color": colour("data"),
        },
    }
    line = {
        "data": {"values": records(x=grid, height=curve)},
        "mark": {"type": "line", "strokeWidth": 2.5},
        "encoding": {"x": x, "y": y, "color": colour("fitted")},
    }
    return Chart(
        identifier="density",
        title=title,
        description=description,
        spec=specification(title, description, [bars, line]),
        table=table(
            ["from", "to", "share of the data", "share fitted"],
            edges[:-1],
            edges[1:],
            shares,
            np.diff(sample.cdf(edges)),
        ),
    )


def _edges(sample: ChartInput) -> Floats:
    """Return bar edges by Freedman and Diaconis' rule, on the scale of the axis."""
    low, high = sample.points[[0, -1]]
    if low == high:
        low, high = sample.grid(2)
    lower, upper = sample.quantile(np.array([0.25, 0.75]))
    if sample.spans_decades:
        low, high, lower, upper = np.log10([low, high, lower, upper])
    width = 2 * (upper - lower) / sample.values.size ** (1 / 3)
    n_bars = math.ceil(min((high - low) / width, _MOST_BARS)) if width > 0 else 1
    edges = np.linspace(low, high, max(n_bars, _FEWEST_BARS) + 1)
    return 10**edges if sample.spans_decades else edges


def _shares_between(sample: ChartInput, edges: Floats) -> Floats:
    """Return the share of the sample in each bar; the last bar holds its upper edge too."""
    bar = np.clip(np.searchsorted(edges, sample.points, side="right") - 1, 0, edges.size - 2)
    return np.bincount(bar, weights=sample.shares, minlength=edges.size - 1).astype(float)
