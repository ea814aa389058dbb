"""`mlestim report`."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

import click

from mlestim.cli.options import DataOptions, data_options, start_option
from mlestim.cli.output import STANDARD_OUTPUT, Column, check_target, printable, progress
from mlestim.cli.ranking import print_ranking

# Of all families, readers see the best ones.
MOST_FAMILIES = 10


@click.command("report")
@data_options
@start_option
@click.option(
    "--distribution",
    metavar="NAME",
    help="Family to report; the best by AICc of those for this kind of data when not given.",
)
@click.option(
    "-o",
    "--output",
    default="report.html",
    show_default=True,
    help="File to write: .html, .md or .json; - for HTML on standard output.",
)
@click.option("--force", is_flag=True, help="Replace an existing file.")
def report(
    data: DataOptions,
    start: dict[str, float],
    distribution: str | None,
    output: str,
    force: bool,
) -> None:
    """Write an estimation report on a column of FILE: one page that needs no network.

    FILE is CSV, TSV or Parquet by its suffix, or - for CSV on standard input. Without
    --distribution, text is read as categories, whole numbers from 0 up as counts, and other
    numbers, and those of censored or truncated rows, as measurements.

    \b
    Example
      mlestim report claims.csv --column amount -o report.html
    """  # noqa: D301 -- \b keeps the lines of a paragraph
    if distribution is None and (data.by or data.fixed or data.free or start):
        raise click.UsageError("--by, --fixed, --free and --start need --distribution.")
    check_target(output, force=force, inputs=[data.file])
    import mlestim
    import reports
    from mlestim.comparing import compare_observations, families_of
    from mlestim.distributions.registry import resolve
    from mlestim.sample.files import source_name

    sample, kind = data.read(resolve(distribution) if distribution else None)
    comparison = None
    if distribution is None:
        comparison = compare_observations(sample, progress(families_of(kind), "fitting"))
        distribution = comparison.best.model_name
    result = mlestim.fit(sample, distribution, fixed=data.held, free=data.free, start=start)
    page = reports.build(result, comparison, data_name=source_name(data.file))
    if output == STANDARD_OUTPUT:
        click.echo(page.to_html(), nl=False)
        return
    path = reports.write(page, output, force=force)
    if comparison is not None and len(comparison.table) > 1:
        best = comparison.table.head(MOST_FAMILIES)
        marks = ["*" if name == distribution else "" for name in best.index]
        print_ranking(best, "aicc", [Column("", marks)])
        more = len(comparison.table) - len(best)
        others = f"; {more} more families are on the page" if more else ""
        click.echo(f"* reported{others}.\n")
    columns = sample.components or (sample.name,)
    words = ["fit", *data.words(columns), "--distribution", distribution]
    words += [word for name, value in start.items() for word in ("--start", f"{name}={value}")]
    again = shlex.join([*_program(), *words, "--json"])
    where = " in a browser" if path.suffix.lower() == ".html" else ""
    click.echo(printable(f"Open {path.resolve()}{where}. Next, the numbers alone: {again}"))


def _program() -> list[str]:
    """Say how this program can be started again from where it was started."""
    started = Path(sys.argv[0])
    if started.name == "__main__.py":
        return ["python", "-m", "mlestim"]
    return ["mlestim"] if shutil.which("mlestim") else [str(started)]
