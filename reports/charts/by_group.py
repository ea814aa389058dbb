"""Estimates by group, each with its interval, in ascending order."""

from __future__ import annotations

from typing import Any

import numpy as np

from reports.charts.base import (
    COLOURS,
    MAX_POINTS,
    Floats,
    quantitative,
    records,
    specification,
    table,
    thin,
    unit_exponent,
    with_unit,
)
from reports.formatting import percent
from reports.model import Chart

_MOST_LABELS = 40
_ROW_HEIGHT = 18


def by_group(
    identifier: str,
    parameter: str,
    labels: list[str],
    estimate: Floats,
    lower: Floats,
    upper: Floats,
    level: float,
) -> Chart | None:
    """Draw one parameter's estimates, lowest first; groups without an interval are left out.

    Parameters
    ----------
    identifier
        Name of the chart within its page.
    parameter
        What is estimated.
    labels
        Name of each group.
    estimate, lower, upper
        Estimate and interval of each group, shape (groups,).
    level
        Coverage of the intervals.
    """
    known = np.flatnonzero(np.isfinite(estimate) & np.isfinite(lower) & np.isfinite(upper))
    if known.size == 0:
        return None
    order = known[np.argsort(estimate[known], kind="stable")]
    exponent = unit_exponent(estimate[order])
    centre, low, high = (array[order] / 10.0**exponent for array in (estimate, lower, upper))
    rank = np.arange(1.0, order.size + 1)
    title = f"{parameter} by group"
    description = (
        f"A point for the {parameter} of each of {order.size:,} groups, in ascending order, with "
        f"a line over its {percent(level)} interval. Intervals that lie far apart "
        "point to groups that differ."
    )
    kept = thin(order.size, MAX_POINTS)
    rows: list[dict[str, Any]] = list(
        records(rank=rank[kept], estimate=centre[kept], lower=low[kept], upper=high[kept])
    )
    names = [labels[i] for i in order]
    labelled = len(names) <= _MOST_LABELS and len(set(names)) == len(names)
    across = quantitative("rank", "group, by rank", {"zero": False})
    if labelled:
        rows = [{**row, "group": name} for row, name in zip(rows, names, strict=True)]
        across = {"field": "group", "type": "nominal", "title": None, "sort": None}
    x = quantitative("estimate", with_unit(parameter, exponent), {"zero": False})
    interval = {
        "mark": {"type": "rule", "strokeWidth": 2, "color": COLOURS["data"]},
        "encoding": {"x": {**x, "field": "lower"}, "x2": {"field": "upper"}, "y": across},
    }
    point = {
        "mark": {"type": "point", "filled": True, "size": 40, "color": COLOURS["fitted"]},
        "encoding": {"x": x, "y": across},
    }
    height = max(len(names) * _ROW_HEIGHT, 80) if labelled else 280
    spec = specification(title, description, [interval, point], height)
    return Chart(
        identifier=identifier,
        title=title,
        description=description,
        spec={**spec, "data": {"values": rows}},
        table=table(
            ["rank", "estimate", "from", "to"], rank, estimate[order], lower[order], upper[order]
        ),
    )
