"""`mlestim compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlestim.cli.options import DataOptions, data_options, form_options
from mlestim.cli.output import Column, as_options, print_records, printable, progress, remark
from mlestim.cli.ranking import print_ranking

if TYPE_CHECKING:
    import pandas as pd

    from mlestim.results.comparison import GroupedComparison

# Of many groups, readers see the first ones.
MOST_GROUPS = 40
NO_MAXIMUM = 3


@click.command("compare")
@data_options
@click.option(
    "--distribution",
    "distributions",
    multiple=True,
    metavar="NAME",
    help="A family, or a set of them: continuous, positive, unit, counts, all. May be repeated; "
    "all families for this kind of data when not given.",
)
@click.option(
    "--criterion",
    type=click.Choice(["aicc", "aic", "bic"]),
    default="aicc",
    show_default=True,
    help="What to rank by; the smallest is best.",
)
@form_options
def compare(
    data: DataOptions,
    distributions: tuple[str, ...],
    criterion: Any,
    form: str | None,
) -> None:
    """Rank distribution families fitted to a column of FILE.

    FILE is CSV, TSV or Parquet by its suffix, or - for CSV on standard input. Whole numbers from 0
    up are read as counts, those of censored or truncated rows as measurements, unless --distribution
    says otherwise (counts). A family that cannot hold the data is listed with the reason. The exit
    code is 3 if no family has a verified maximum.

    \b
    Examples
      mlestim compare claims.csv --column amount
      mlestim compare claims.csv --column amount --distribution positive
      mlestim compare claims.csv --column amount --by region --csv
    """  # noqa: D301 -- \b keeps the lines of a paragraph
    import mlestim
    from mlestim.comparing import SETS, families_in, families_of
    from mlestim.inference.criteria import TITLES
    from mlestim.results.comparison import Comparison

    sample, kind = data.read(kind="continuous" if distributions else None)
    names = [n for d in distributions for n in (families_in(d) if d in SETS else (d,))]
    result = mlestim.compare(
        sample,
        progress(list(dict.fromkeys(names)) or families_of(kind), "fitting"),
        criterion=criterion,
        fixed=data.held,
        free=data.free,
    )
    title = f"families fitted to {sample.name}, best first"
    if not isinstance(result, Comparison):
        _show_groups(result, title, form)
    elif form:
        print_records(result.table.reset_index(), form)
    else:
        click.echo(printable(f"{title}\n"))
        print_ranking(result.table, criterion)
        _print_reasons(result.table)
    if not result.table[criterion].notna().any():
        fitted = result.table["verdict"].isin(["interior", "boundary", "at_infinity"]).any()
        small = f"No family has a value of {TITLES[criterion]}: take --criterion aic."
        remark(small if fitted else "No family has a verified maximum.")
        raise click.exceptions.Exit(NO_MAXIMUM)


def _show_groups(result: GroupedComparison, title: str, form: str | None) -> None:
    from mlestim.results.grouped import beside_keys

    if form:
        keys = result.table.index.to_frame(index=False)
        columns = dict(result.table.reset_index(drop=True).items())
        print_records(beside_keys(keys, columns), form)
        return
    best = result.best.head(MOST_GROUPS)
    keys = best.index.to_frame(index=False)
    click.echo(printable(f"{title.replace(', best first', ': the best of each group')}\n"))
    print_ranking(best, result.criterion, [Column(str(k), [str(v) for v in keys[k]]) for k in keys])
    lacking = result.best["family"].isna().sum()
    if lacking:
        why = result.table.loc[result.table["reason"] != "", "reason"].mode().iloc[0]
        click.echo(
            printable(f"\n{lacking} without a family that has a place, mostly because: {why}")
        )
    shown = f"{len(best)} of " if len(best) < len(result) else ""
    click.echo(f"\n{shown}{len(result)} groups; --csv or --json gives all families of each.")


def _print_reasons(table: pd.DataFrame) -> None:
    reasons = table.loc[table["reason"] != "", "reason"]
    if len(reasons):
        click.echo()
    for name, reason in reasons.items():
        click.echo(printable(f"{name}: {as_options(' '.join(reason.split()))}"))
