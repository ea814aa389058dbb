"""The table of ranked families."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mlestim.cli.output import Column, print_table, share, verdict_column

if TYPE_CHECKING:
    import pandas as pd


def print_ranking(table: pd.DataFrame, criterion: str, before: Sequence[Column] = ()) -> None:
    """Print families with what they are ranked by.

    Parameters
    ----------
    table : pandas.DataFrame
        As comparisons make it: families of one sample, or the best of each group.
    criterion : {"aicc", "aic", "bic"}
        What they are ranked by.
    before : sequence of Column
        Columns on the left, such as the keys of groups.
    """
    from mlestim.inference.criteria import TITLES

    def cells(name: str) -> list[str]:
        return [format(value, ".2f") if value == value else "–" for value in table[name]]  # noqa: PLR0124

    grouped = "family" in table
    unfitted = "none has a place" if grouped else "not fitted"
    endpoint = [" †" if regular is False else "" for regular in table["regular"].astype(object)]
    names = [
        f"{name}{mark}" if isinstance(name, str) else "–"
        for name, mark in zip(table["family"] if grouped else table.index, endpoint, strict=True)
    ]
    print_table(
        [
            *before,
            Column("distribution", names),
            Column(TITLES[criterion], cells(criterion), right=True),
            *([] if grouped else [Column("difference", cells("delta"), right=True)]),
            Column("weight", [share(weight) for weight in table["weight"]], right=True),
            verdict_column([v if isinstance(v, str) else unfitted for v in table["verdict"]]),
        ]
    )
    if any(endpoint):
        click.echo("† a parameter is an end of the support; the criterion is a rough guide.")
