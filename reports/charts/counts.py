"""The fitted probabilities beside the shares of observed counts."""

from __future__ import annotations

import math

import numpy as np

from reports.charts.base import (
    ChartInput,
    chart,
    colour,
    quantitative,
    records,
    specification,
    table,
)
from reports.model import Chart

_MOST_BARS = 60


@chart(order=1)
def counts(sample: ChartInput) -> Chart | None:
    """Draw a bar for the share of each count, and a point at its fitted probability."""
    if not sample.is_discrete:
        return None
    lowest, highest = sample.points[0], sample.points[-1]
    width = max(math.ceil((highest - lowest + 1) / _MOST_BARS), 1)
    first = np.arange(lowest, highest + 1, width)
    last = first + width - 1
    observed = np.bincount(
        ((sample.points - lowest) // width).astype(np.intp),
        weights=sample.shares,
        minlength=first.size,
    ).astype(float)
    fitted = sample.cdf(last) - sample.cdf(first - 1)
    each = "count" if width == 1 else f"range of {width:,} counts"
    title = f"Distribution of {sample.variable}"
    description = (
        f"A bar for the share of each {each} of {sample.variable}, and a point for its "
        f"probability under the fitted {sample.family} distribution. Where the points lie at "
        "the ends of the bars, the family describes the data." + sample.note
    )
    x = quantitative("x", sample.axis_title, {"zero": False, "padding": 8})
    bars = {
        "data": {"values": records(x=first - 0.42, end=last + 0.42, share=observed)},
        "mark": {"type": "rect", "opacity": 0.6},
        "encoding": {
            "x": x,
            "x2": {"field": "end"},
            "y": quantitative("share", "share of rows"),
            "y2": {"datum": 0},
            "color": colour("data"),
        },
    }
    points = {
        "data": {"values": records(x=(first + last) / 2, share=fitted)},
        "mark": {"type": "point", "filled": True, "size": 45, "opacity": 1},
        "encoding": {
            "x": x,
            "y": quantitative("share", "share of rows"),
            "color": colour("fitted"),
        },
    }
    return Chart(
        identifier="counts",
        title=title,
        description=description,
        spec=specification(title, description, [bars, points]),
        table=table(
            ["from", "to", "share of the data", "share fitted"], first, last, observed, fitted
        ),
    )
