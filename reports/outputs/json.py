"""The view model as strict JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from reports.model import Report

FORMAT = "mlestim-report"
VERSION = 1


def render(report: Report) -> str:
    """Return the report as JSON; NaN becomes null, infinities the words of the IEEE standard."""
    content = {"format": FORMAT, "format_version": VERSION, **asdict(report)}
    return json.dumps(_strict(content), ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _strict(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value
