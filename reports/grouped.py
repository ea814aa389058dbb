"""The part of a report that shows a fit by groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from reports.formatting import plain_text
from reports.model import Cell, Groups, Statistic, Table
from reports.verdicts import explain, names

MOST_GROUPS = 500


def describe_groups(table: pd.DataFrame, family: str) -> Groups:
    """Return the groups whose verdict asks for attention first, then the others in their order."""
    verdicts = table["verdict"].astype(str)
    counts = verdicts.value_counts()
    seen = tuple(name for name in names() if name in counts.index)
    urgency = verdicts.map({name: -place for place, name in enumerate(names())}).to_numpy()
    order = np.argsort(urgency, kind="stable")[:MOST_GROUPS]
    shown = table.iloc[order]
    keys = [key if isinstance(key, tuple) else (key,) for key in shown.index.tolist()]
    columns = tuple(
        plain_text(name).replace("_", " ") for name in (*table.index.names, *table.columns)
    )
    rows = tuple(
        (*(plain_text(part) for part in key), *(_cell(value) for value in values))
        for key, values in zip(keys, shown.itertuples(index=False, name=None), strict=True)
    )
    note = ""
    if len(table) > MOST_GROUPS:
        note = (
            f"{MOST_GROUPS} of {len(table):,} groups, those whose verdict asks for attention "
            "first; the result's table has them all."
        )
    return Groups(
        family=family,
        n_groups=len(table),
        verdicts=tuple(Statistic(name, int(counts[name])) for name in seen),
        explanations=tuple(explain(name) for name in seen),
        table=Table(columns, rows, note),
    )


def _cell(value: Any) -> Cell:
    if value is None or value is pd.NA:
        return None
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    return plain_text(value)
