"""The report's charts, one file each; a new file in this folder is a new chart on the page."""

from __future__ import annotations

import importlib
import pkgutil

from reports.charts.base import REGISTRY, ChartInput
from reports.model import Chart

__all__ = ["ChartInput", "draw_all"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")


def draw_all(sample: ChartInput) -> tuple[Chart, ...]:
    """Return every chart that can be drawn of this sample, in the order of the page."""
    ordered = sorted(REGISTRY, key=lambda entry: entry[0])
    charts = (drawing(sample) for _, drawing in ordered)
    return tuple(chart for chart in charts if chart is not None)
