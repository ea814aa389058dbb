"""What the Q-Q and the P-P chart share: points about a diagonal, and the band of chance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from reports.charts.base import (
    COLOURS,
    ChartInput,
    Floats,
    colour,
    quantitative,
    records,
    specification,
)
from reports.model import Chart, Table

_BAND_NOTE = (
    " The shaded band holds 95 of 100 points, rank by rank, when the family is the right one "
    "(parameters taken as known)."
)


def band_shares(sample: ChartInput, kept: NDArray[np.intp]) -> tuple[Floats, Floats] | None:
    r"""Return where the fitted share of an order statistic lies with probability 0.95.

    The :math:`i`-th of :math:`n` uniform order statistics is
    :math:`\mathrm{Beta}(i, n + 1 - i)`; ties and weights have no such law, and no band.
    """
    n = sample.values.size
    if sample.is_discrete or sample.weights is not None or sample.points.size < n:
        return None
    rank = kept + 1.0
    low, high = (np.asarray(betaincinv(rank, n + 1 - rank, p), dtype=float) for p in (0.025, 0.975))
    return low, high


def agreement(
    *,
    identifier: str,
    title: str,
    description: str,
    x: Floats,
    y: Floats,
    band: tuple[Floats, Floats] | None,
    x_title: str,
    y_title: str,
    scale: dict[str, Any],
    numbers: Table,
) -> Chart:
    """Return a chart of points that lie on the diagonal when data and fit agree."""
    across = quantitative("x", x_title, scale)
    up = quantitative("y", y_title, scale)
    finite = x[np.isfinite(x)]
    ends = np.array([finite.min(), finite.max()]) if finite.size else finite
    layers: list[dict[str, Any]] = []
    if band is not None:
        description += _BAND_NOTE
        layers.append(
            {
                "data": {"values": records(x=x, low=band[0], high=band[1])},
                "mark": {"type": "area", "opacity": 0.18, "color": COLOURS["data"]},
                "encoding": {
                    "x": across,
                    "y": {**up, "field": "low"},
                    "y2": {"field": "high"},
                },
            }
        )
    layers.append(
        {
            "data": {"values": records(x=ends, y=ends)},
            "mark": {"type": "line", "strokeWidth": 1.5},
            "encoding": {"x": across, "y": up, "color": colour("fitted")},
        }
    )
    layers.append(
        {
            "data": {"values": records(x=x, y=y)},
            "mark": {"type": "point", "filled": True, "size": 26, "opacity": 0.8},
            "encoding": {"x": across, "y": up, "color": colour("data")},
        }
    )
    return Chart(identifier, title, description, specification(title, description, layers), numbers)
