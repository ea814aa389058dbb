"""`mlestim fit`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from mlestim.cli.options import DataOptions, data_options, form_options, start_option
from mlestim.cli.output import (
    Column,
    plain,
    print_json,
    print_records,
    print_table,
    printable,
    remark,
    verdict_column,
)

if TYPE_CHECKING:
    import pandas as pd

    from mlestim.results.grouped import GroupedFit
    from mlestim.results.result import FitResult

# Of many groups, readers see the first ones, and those without a maximum wherever they are.
MOST_GROUPS, MOST_FAILED = 40, 10
NO_MAXIMUM = 3


@click.command("fit")
@data_options
@start_option
@click.option("--distribution", required=True, metavar="NAME", help="See `mlestim families`.")
@click.option(
    "--level",
    type=click.FloatRange(0.0, 1.0, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Coverage of the confidence intervals.",
)
@form_options
def fit(
    data: DataOptions,
    start: dict[str, float],
    distribution: str,
    level: float,
    form: str | None,
) -> None:
    """Fit a distribution to a column of FILE.

    FILE is CSV, TSV or Parquet by its suffix, or - for CSV on standard input.

    With --by every group has its own verdict, and the exit code is 3 only if no group has a
    maximum. --json prints one record a group; the JSON of a single fit can be read back with
    mlestim.load. Both forms give the verdict, also where there is no maximum.

    \b
    Examples
      mlestim fit claims.csv --column amount --distribution gamma
      mlestim fit claims.csv --column amount --distribution gamma --by region
      mlestim fit f.csv --column a --column b --distribution multivariate_normal
    """  # noqa: D301 -- \b keeps the lines of a paragraph
    import mlestim
    from mlestim.distributions.registry import resolve
    from mlestim.results.grouped import GroupedFit

    sample, _ = data.read(resolve(distribution))
    result = mlestim.fit(
        sample,
        distribution,
        fixed=data.held,
        free=data.free,
        start=start,
        on_failure="return",
    )
    if isinstance(result, GroupedFit):
        _show_groups(result, level, form)
    else:
        if form or result.verdict.holds:
            _show(result, level, form)
        result.require_maximum()


def _show(result: FitResult, level: float, form: str | None) -> None:
    if form == "json":
        print_json(_as_json(result, level))
    elif form == "csv":
        table = result.tidy(level)
        print_records(table.assign(verdict=str(result.verdict)), form)
    else:
        click.echo(printable(str(result.summary(level))))


def _as_json(result: FitResult, level: float) -> dict[str, Any]:
    """Write results under the names they have in Python, and beside them what `load` reads."""
    intervals = result.confidence_intervals(level)
    glance = result.glance().iloc[0]
    return {
        **{name: plain(value) for name, value in glance.items()},
        "params": {name: plain(value) for name, value in result.params.items()},
        "standard_errors": {name: plain(value) for name, value in result.standard_errors.items()},
        "confidence_intervals": {
            name: {"lower": plain(row["lower"]), "upper": plain(row["upper"])}
            for name, row in intervals.iterrows()
        },
        "level": level,
        **json.loads(result.to_json()),
    }


def _show_groups(result: GroupedFit, level: float, form: str | None) -> None:
    from mlestim.estimation.verdict import Verdict

    records = _group_records(result, level)
    holds = [Verdict(verdict).holds for verdict in records["verdict"]]
    if form:
        print_records(records, form)
    else:
        _print_groups(result, records, holds)
    failed = len(holds) - sum(holds)
    if failed:
        remark(f"{failed} of {len(holds)} groups have no verified maximum.")
    if failed == len(holds):
        raise click.exceptions.Exit(NO_MAXIMUM)


def _group_records(result: GroupedFit, level: float) -> pd.DataFrame:
    """Lay out one row a group: keys, estimates, standard errors, intervals, verdict."""
    from mlestim.results.grouped import beside_keys

    table = result.table.reset_index(drop=True)
    tidy = result.tidy(level)
    ends = {
        f"{name}_{end}": tidy[end].to_numpy()[place :: len(result.names)]
        for end in ("lower", "upper")
        for place, name in enumerate(result.names)
    }
    numbers = table.columns.get_loc("verdict")
    columns: dict[Any, Any] = {
        **dict(table.iloc[:, :numbers].items()),
        **ends,
        **dict(table.iloc[:, numbers:].items()),
    }
    return beside_keys(result.groups.keys.to_frame(index=False), columns)


def _print_groups(result: GroupedFit, records: pd.DataFrame, holds: list[bool]) -> None:
    from mlestim.results.summary import number

    keys = list(records.columns[: result.groups.keys.nlevels])
    rows = _rows_to_show(holds)
    shown = records.iloc[rows]
    columns = [Column(str(key), [str(value) for value in shown[key]]) for key in keys]
    columns.append(Column("n", [f"{n:g}" for n in shown["n_observations"]], right=True))
    for place, name in enumerate(result.names):
        values, errors = shown[name], shown[f"{name}_standard_error"]
        columns.append(
            Column(name, [number(v) for v in values], right=True, spare=1 if place else 0)
        )
        columns.append(Column("s.e.", [number(e, 3) for e in errors], right=True, spare=2))
    columns.append(verdict_column(list(shown["verdict"])))
    click.echo(
        printable(f"{result.problem.family.name} fitted to {result.problem.observations.name}")
    )
    click.echo()
    left_out = print_table(columns)
    click.echo()
    click.echo(printable(_footer(result, records, len(rows), left_out)))


def _rows_to_show(holds: list[bool]) -> list[int]:
    if len(holds) <= MOST_GROUPS:
        return list(range(len(holds)))
    first = MOST_GROUPS - MOST_FAILED
    failed = [place for place, held in enumerate(holds) if not held and place >= first]
    return [*range(first), *failed[:MOST_FAILED]]


def _footer(result: GroupedFit, records: pd.DataFrame, n_shown: int, left_out: list[str]) -> str:
    counts = records["verdict"].value_counts()
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    noun = "group" if len(records) == 1 else "groups"
    lines = [f"{len(records)} {noun}: {told}", *result.remarks]
    if n_shown < len(records):
        lines.append(
            f"{n_shown} groups are shown, those without a maximum last; --csv or --json gives all."
        )
    if left_out:
        lines.append(f"Left out for width: {', '.join(dict.fromkeys(left_out))}; --csv has them.")
    return "\n".join(lines)
