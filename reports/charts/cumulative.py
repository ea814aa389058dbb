"""The fitted distribution function over the empirical one."""

from __future__ import annotations

import numpy as np

from reports.charts.base import (
    ChartInput,
    chart,
    colour,
    quantitative,
    records,
    specification,
    table,
    thin,
)
from reports.model import Chart


@chart(order=2)
def cumulative(sample: ChartInput) -> Chart:
    """Draw the share of rows up to each value as steps, and the fitted share as a line."""
    kept = thin(sample.points.size)
    points, observed = sample.points[kept], sample.cumulative_shares[kept]
    first, last = sample.known
    points, observed = np.append(first, points), np.append(sample.tails[0], observed)
    if last > points[-1]:
        points, observed = np.append(points, last), np.append(observed, observed[-1])
    grid = sample.grid()
    title = f"Cumulative distribution of {sample.variable}"
    description = (
        f"Steps for the share of rows whose {sample.variable} is at most the value on the "
        f"horizontal axis, and a line for the same share under the fitted {sample.family} "
        "distribution. The nearer they run together, the better the fit." + sample.note
    )
    x = quantitative("x", sample.axis_title, sample.scale)
    y = quantitative("share", "share of rows up to the value", {"domain": [0, 1]})
    steps = {
        "data": {"values": records(x=points, share=observed)},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
        "encoding": {"x": x, "y": y, "color": colour("data")},
    }
    line = {
        "data": {"values": records(x=grid, share=sample.cdf(grid))},
        "mark": {
            "type": "line",
            "strokeWidth": 2,
            "interpolate": "step-after" if sample.is_discrete else "linear",
        },
        "encoding": {"x": x, "y": y, "color": colour("fitted")},
    }
    return Chart(
        identifier="cumulative",
        title=title,
        description=description,
        spec=specification(title, description, [steps, line]),
        table=table(
            ["value", "share of rows up to it", "share fitted"],
            sample.points,
            sample.cumulative_shares,
            sample.cdf(sample.points),
        ),
    )
