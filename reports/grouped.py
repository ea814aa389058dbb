"""The part of a report that shows a fit by groups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from mlestim.estimation.verdict import Verdict
from mlestim.results.grouped import GroupedFit
from reports.charts.by_group import by_group
from reports.formatting import plain_text
from reports.model import Cell, Chart, Groups, Statistic, Table, VerdictText
from reports.verdicts import explain, names

MOST_GROUPS = 500


_LABELS = {"log_likelihood": "log-likelihood", "aic": "AIC", "n_observations": "observations"}

_ADVICE = (
    "Write the report of a single group, result[key].report(path), to see how well the family "
    "describes it."
)


def describe_groups(table: pd.DataFrame, family: str, omissions: tuple[str, ...] = ()) -> Groups:
    """Return the groups whose verdict asks for attention first, then the others in their order.

    ``omissions`` are sentences on what the table does not hold.
    """
    verdicts = table["verdict"].astype(str)
    counts = verdicts.value_counts()
    seen = tuple(name for name in names() if name in counts.index)
    urgency = verdicts.map({name: -place for place, name in enumerate(names())}).to_numpy()
    order = np.argsort(urgency, kind="stable")[:MOST_GROUPS]
    shown = table.iloc[order]
    keys = ["group" if name is None else plain_text(name) for name in table.index.names]
    rows = tuple(
        (*(plain_text(part) for part in key), *(_cell(value) for value in values))
        for key, values in zip(
            key_parts(shown), shown.itertuples(index=False, name=None), strict=True
        )
    )
    notes = [f"{plain_text(omission)}." for omission in omissions]
    if len(table) > MOST_GROUPS:
        notes.insert(
            0,
            f"{MOST_GROUPS} of {len(table):,} groups, those whose verdict asks for attention "
            "first; the result's table has them all.",
        )
    return Groups(
        family=family,
        n_groups=len(table),
        verdicts=tuple(Statistic(name, int(counts[name])) for name in seen),
        explanations=tuple(_explanation(name) for name in seen),
        table=Table((*keys, *(_label(str(name)) for name in table.columns)), rows, " ".join(notes)),
    )


def draw_groups(result: GroupedFit, level: float) -> tuple[Chart, ...]:
    """Return a chart of every estimated parameter's values and intervals over the groups."""
    table = result.table
    labels = [plain_text(", ".join(str(part) for part in key)) for key in key_parts(table)]
    holds = table["verdict"].map(lambda verdict: Verdict(verdict).holds).to_numpy()
    intervals = result.tidy(level)[["lower", "upper"]].to_numpy()
    bounds = intervals.reshape(len(table), len(result.names), 2)
    charts = (
        by_group(
            f"group-{place + 1}",
            plain_text(name),
            labels,
            np.where(holds, table[name].to_numpy(dtype=float), np.nan),
            bounds[:, place, 0],
            bounds[:, place, 1],
            level,
        )
        for place, name in enumerate(result.names)
    )
    return tuple(chart for chart in charts if chart is not None)


def key_parts(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return every group's key as a tuple, however many columns it has."""
    return [key if isinstance(key, tuple) else (key,) for key in table.index.tolist()]


def _label(column: str) -> str:
    words = _LABELS.get(column, column.replace("_standard_error", ", standard error"))
    return plain_text(words.replace("_", " "))


def _explanation(verdict: str) -> VerdictText:
    words = explain(verdict)
    return replace(words, advice=_ADVICE) if verdict == "interior" else words


def _cell(value: Any) -> Cell:
    if value is None or value is pd.NA:
        return None
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    return plain_text(value)
