"""Families ranked by AICc, as the report shows them."""

from __future__ import annotations

from typing import Any

from mlestim.results.comparison import Comparison
from reports.model import RankedFamily


def lines_of(comparison: Comparison) -> tuple[RankedFamily, ...]:
    """Return the lines of a comparison: first the families that have a place, best first."""
    records: list[dict[Any, Any]] = comparison.table.reset_index().to_dict("records")
    return tuple(
        RankedFamily(line["family"], line["verdict"], *(None,) * 5, reason=line["reason"])
        if line["reason"]
        else RankedFamily(
            family=line["family"],
            verdict=line["verdict"],
            n_parameters=int(line["n_parameters"]),
            log_likelihood=float(line["log_likelihood"]),
            aicc=float(line["aicc"]),
            delta=float(line["delta"]),
            weight=float(line["weight"]),
            regular=bool(line["regular"]),
        )
        for line in records
    )
