"""What the commands print: tables for readers, JSON and CSV for programs, remarks beside both."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mlestim.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

Item = TypeVar("Item")

STANDARD_OUTPUT = "-"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
GAP = "  "
LONGEST_CELL = 32
VERDICT_COLOURS = {"interior": "green", "boundary": "yellow", "at_infinity": "yellow"}

# Messages name the way out as Python writes it; here it is an option.
_AS_OPTIONS = (
    (r"; on_failure='return' gives the result as it is", ""),
    (r"Convert it first, for example with pandas\.to_numeric\(\.\.\.\)", "Write numbers"),
    (r"a family of labels such as 'categorical'", "--distribution categorical"),
    (r"nan_policy='omit'", "--nan-policy omit"),
    (r"fixed=\{'(\w+)': …\}", r"--fixed \1=VALUE"),
    (r"free=\['(\w+)'\]", r"--free \1"),
    (r"\b(fixed|start)=…", r"--\1 NAME=VALUE"),
    (r"\bevent=\(table\[column\] == '?(.*?)'?\)", r"--event COLUMN=\1"),
    (r"\b(column|event|lower|upper)=…", r"--\1"),
    (r"\bresolution=…", "--resolution"),
    (r"\bresolution=(?=[-\d])", "--resolution "),
    (r"\btruncation=\((\S+), (\S+)\)", r"--truncation \1 \2"),
    (r"\bweight_type='(\w+)'", r"--weight-type \1"),
    (r"\bcolumn=\.\.\.", "--column NAME"),
    (r"\bforce=True", "--force"),
    (r"\bSay so with the separator '(.*?)'", r"Say so with --separator '\1'"),
)


def printable(text: str) -> str:
    """Show characters that steer a terminal as escapes; lines stay lines."""
    return "".join(
        character if character.isprintable() or character == "\n" else ascii(character)[1:-1]
        for character in text
    )


def as_options(message: str) -> str:
    """Name the way out as it is written on the command line.

    Examples
    --------
    >>> as_options("Fix it: fixed={'trials': …}, or leave rows out with nan_policy='omit'.")
    'Fix it: --fixed trials=VALUE, or leave rows out with --nan-policy omit.'
    """
    for pattern, option in _AS_OPTIONS:
        message = re.sub(pattern, option, message)
    return message


def remark(text: str) -> None:
    """Print a line beside the results."""
    click.echo(printable(text), err=True)


def check_target(output: str, *, force: bool, inputs: Collection[str] = ()) -> None:
    """Refuse before the work what would be refused after it.

    Raises
    ------
    UsageError
        If the file is one of those that are read.
    DataError
        If the file exists and is not to be replaced, is a folder or has none.
    """
    target = Path(output)
    if output == STANDARD_OUTPUT:
        return
    if any(_are_same(target, Path(name)) for name in inputs):
        raise click.UsageError(f"{output} would replace a file that is needed: name another.")
    if target.is_dir():
        raise DataError(f"{output} is a folder. Name a file in it.")
    if target.exists() and not force:
        raise DataError(f"{output} exists and was kept. Replace it with --force, or name another.")
    if not target.parent.is_dir():
        raise DataError(f"there is no folder {target.parent} to write {target.name} into.")


def _are_same(one: Path, other: Path) -> bool:
    """Whether two names are of one file, links followed."""
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()


def progress(items: Sequence[Item], doing: str) -> Iterator[Item]:
    """Go through items; on a terminal, and once a second has passed, say where the work is."""
    begun, told = time.monotonic(), False
    for count, item in enumerate(items):
        if sys.stderr.isatty() and time.monotonic() - begun > 1.0:
            bar = "#" * (20 * count // len(items))
            click.echo(f"\r\033[K{doing} [{bar:<20}] {item}", err=True, nl=False)
            told = True
        yield item
    if told:
        click.echo("\r\033[K", err=True, nl=False)


# ---- for readers -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Its head.
    cells : sequence of str
        Its entries.
    right : bool
        Whether they stand on the right, as numbers do.
    spare : int
        Columns with the largest number leave first where the terminal is too narrow; 0 stays.
    style : callable, optional
        Colours a cell that has its width already.
    """

    name: str
    cells: Sequence[str]
    right: bool = False
    spare: int = 0
    style: Callable[[str], str] = str

    def lines(self, longest: int | None = None) -> list[str]:
        """Head and cells, all of one width; what is longer than ``longest`` is cut."""
        texts = [printable(text).replace("\n", "\\n") for text in (self.name, *self.cells)]
        if longest is not None:
            texts = [t if len(t) <= longest else f"{t[: longest - 1]}…" for t in texts]
        width = max(len(text) for text in texts)
        return [text.rjust(width) if self.right else text.ljust(width) for text in texts]


def print_table(columns: Sequence[Column]) -> list[str]:
    """Print a table that fits the terminal; return the names of columns that did not fit."""
    width = _terminal_width()
    laid_out = {
        place: column.lines(None if width is None else LONGEST_CELL)
        for place, column in enumerate(columns)
    }
    while width is not None and _width(laid_out.values()) > width:
        # of equals the last one leaves
        place = max(laid_out, key=lambda place: (columns[place].spare, place))
        if not columns[place].spare:
            break
        del laid_out[place]
    click.echo(GAP.join(lines[0] for lines in laid_out.values()).rstrip())
    for row in range(len(columns[0].cells)):
        cells = [columns[place].style(lines[row + 1]) for place, lines in laid_out.items()]
        click.echo(GAP.join(cells).rstrip())
    return [column.name for place, column in enumerate(columns) if place not in laid_out]


def _terminal_width() -> int | None:
    """Columns of the terminal; None where the output goes elsewhere, and nothing need be cut."""
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        return None
    return shutil.get_terminal_size((80, 24)).columns


def verdict_column(verdicts: Sequence[str]) -> Column:
    """Lay out verdicts in green, yellow and red."""

    def colour(cell: str) -> str:
        return click.style(cell.rstrip(), fg=VERDICT_COLOURS.get(cell.strip(), "red"))

    return Column("verdict", verdicts, style=colour)


def share(value: float) -> str:
    """Show a share of 1 to three decimals; what is neither 0 nor 1 does not read as these.

    Examples
    --------
    >>> share(0.25), share(1e-9), share(1 - 1e-9), share(1.0), share(float("nan"))
    ('0.250', '< 0.001', '> 0.999', '1.000', '–')
    """
    if math.isnan(value):
        return "–"
    if 0.0 < value < 0.001:
        return "< 0.001"
    return "> 0.999" if 0.999 < value < 1.0 else f"{value:.3f}"


def _width(columns: Collection[list[str]]) -> int:
    return sum(len(lines[0]) for lines in columns) + len(GAP) * (len(columns) - 1)


# ---- for programs ------------------------------------------------------------------------------


def print_records(table: pd.DataFrame, form: str, *, header: bool = True) -> None:
    """Print a table as a JSON list of records, or as CSV without formulas."""
    if form == "csv":
        click.echo(to_csv(table, header=header), nl=False)
        return
    columns = [[plain(value) for value in table[name]] for name in table.columns]
    names = [str(name) for name in table.columns]
    print_json([dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)])


def print_json(content: Any) -> None:
    """Print strict JSON."""
    click.echo(json.dumps(content, indent=2, allow_nan=False))


def plain(value: Any) -> Any:
    """Turn a cell into what JSON knows: missing into null, infinities into words."""
    import pandas as pd

    if hasattr(value, "item"):
        value = value.item()
    if pd.isna(value):
        return None
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def to_csv(table: pd.DataFrame, *, header: bool = True) -> str:
    """Write CSV in which no cell of text is a formula to a spreadsheet.

    Examples
    --------
    >>> import pandas as pd
    >>> print(to_csv(pd.DataFrame({"region": ["=1+1", "north"], "mean": [-1.5, 2.0]})), end="")
    region,mean
    '=1+1,-1.5
    north,2.0
    """
    from pandas.api.types import is_numeric_dtype

    safe = {
        name: table[name] if is_numeric_dtype(table[name]) else table[name].map(_no_formula)
        for name in table.columns
    }
    frame = table.assign(**safe)
    frame.columns = [_no_formula(name) for name in table.columns]
    text: str = frame.to_csv(index=False, header=header, lineterminator="\n")
    return text


def _no_formula(value: Any) -> str:
    text = "" if plain(value) is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
