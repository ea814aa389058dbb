"""Options that several commands share, and how data files are read for them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlestim.cli.output import remark

if TYPE_CHECKING:
    import pandas as pd

    from mlestim.distributions.base import Family
    from mlestim.sample.observations import Observations

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

# Smaller files are read and fitted before anybody would look up.
LARGE_FILE = 50_000_000
# Share of cells that read as numbers beyond which the others are taken for mistakes.
MOSTLY = 0.5
SEPARATORS = {"tab": "\t", "\\t": "\t"}


def numbers(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> dict[str, float]:
    """Read options of the form name=number."""
    given: dict[str, float] = {}
    for name, value in numbers_or_columns(context, option, values).items():
        if isinstance(value, str):
            raise click.BadParameter(
                f"'{name}={value}' is not of the form name=number, as in shape=2.", context, option
            )
        given[name] = value
    return given


def numbers_or_columns(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> dict[str, float | str]:
    """Read options of the form name=number, or name=column for a number in each row."""
    given: dict[str, float | str] = {}
    for value in values:
        name, _, text = value.partition("=")
        if not text:
            raise click.BadParameter(
                f"{value!r} is not of the form name=number, as in shape=2.", context, option
            )
        given[name.strip()] = _number(text)
    return given


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


@dataclass(frozen=True)
class DataOptions:
    """What the commands are told about the data: see the options of the same names."""

    file: str
    column: tuple[str, ...]
    by: tuple[str, ...]
    weights: str | None
    event: str | None
    lower: str | None
    upper: str | None
    fixed: dict[str, float | str]
    free: tuple[str, ...]
    nan_policy: str
    separator: str | None
    truncation: tuple[str, str] | None = None
    resolution: float | None = None
    weight_type: str = "frequency"
    cluster: str | None = None

    @property
    def held(self) -> dict[str, Any]:
        """Parameters fixed at one number."""
        from mlestim.problem import split_fixed

        return split_fixed(self.fixed)[0]

    def read(
        self, family: Family | None = None, kind: str | None = None
    ) -> tuple[Observations, str]:
        """Read the column as a family, or one of a kind, takes it, or as its values suggest.

        Several columns are read as vectors.
        """
        from mlestim.problem import check_rowwise, split_fixed
        from mlestim.sample.observations import Observations

        twice = sorted({key for key in self.by if self.by.count(key) > 1})
        if twice:
            raise click.UsageError(f"--by {twice[0]} is given more than once.")
        rowwise = split_fixed(self.fixed)[1]
        if family is not None:
            kind = family.kind
            check_rowwise(family, rowwise)
        frame = read_data(self.file, self.separator)
        columns = [_label(frame, name) for name in self.column]
        column = columns[0] if len(columns) == 1 else columns or None
        ends = self.lower is not None or self.upper is not None
        kind = "multivariate" if len(columns) > 1 else kind
        kind = kind or (None if ends else _text_kind(frame, column))
        sample = Observations.of(
            frame,
            column=column,
            by=[_label(frame, key) for key in self.by] or None,
            weights=_label(frame, self.weights),
            weight_type=self.weight_type,
            cluster=_label(frame, self.cluster),
            event=observed(frame, self.event),
            lower=_label(frame, self.lower),
            upper=_label(frame, self.upper),
            truncation=self.truncation and tuple(_end(frame, end) for end in self.truncation),
            resolution=self.resolution,
            known={name: _label(frame, known) for name, known in rowwise.items()},
            nan_policy=self.nan_policy,
            labels=kind == "categorical",
            vectors=kind == "multivariate",
        )
        return sample, kind or _number_kind(sample)

    def words(self, columns: Sequence[str]) -> list[str]:
        """Say the same again on a command line, with the columns by their names."""
        given: dict[str, Sequence[str | None]] = {
            "column": [] if self.lower else columns,
            "by": self.by,
            "weights": [self.weights],
            "weight-type": [] if self.weight_type == "frequency" else [self.weight_type],
            "cluster": [self.cluster],
            "event": [self.event],
            "lower": [self.lower],
            "upper": [self.upper],
            "resolution": [None if self.resolution is None else repr(self.resolution)],
            "fixed": [f"{name}={value}" for name, value in self.fixed.items()],
            "free": self.free,
            "nan-policy": [None if self.nan_policy == "raise" else self.nan_policy],
            "separator": [self.separator],
        }
        return [
            self.file,
            *(("--truncation", *self.truncation) if self.truncation else ()),
            *(
                word
                for name, values in given.items()
                for value in values
                if value is not None
                for word in (f"--{name}", value)
            ),
        ]


def data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Say which file and which of its columns; what is missing; what is known already."""
    names = [field.name for field in fields(DataOptions)]

    @wraps(command)
    def with_data(**options: Any) -> Any:
        data = DataOptions(**{name: options.pop(name) for name in names})
        return command(data=data, **options)

    decorators: list[Decorator] = [
        click.argument("file"),
        click.option(
            "--column",
            multiple=True,
            metavar="NAME",
            help="Column to fit; needed if there are several. Repeated for multivariate families.",
        ),
        click.option(
            "--by", multiple=True, metavar="NAME", help="Fit each group; may be repeated."
        ),
        click.option(
            "--weights", metavar="NAME", help="Column of weights: how often a row was seen."
        ),
        click.option(
            "--weight-type",
            type=click.Choice(["frequency", "sampling", "precision"]),
            default="frequency",
            show_default=True,
            help="Weights are counts of a row, shares of a population, or inverse variances.",
        ),
        click.option(
            "--cluster",
            metavar="NAME",
            help="Column of clusters of rows that depend on each other.",
        ),
        click.option(
            "--event",
            metavar="NAME[=CODE]",
            help="Column that is true where the value was observed, false where it is larger; with a "
            "code, observed are rows that hold it: status=2.",
        ),
        click.option(
            "--lower",
            metavar="NAME",
            help="Column of lower ends of rows that are intervals; with --upper, for --column.",
        ),
        click.option(
            "--upper", metavar="NAME", help="Column of upper ends; an empty cell is open."
        ),
        click.option(
            "--truncation",
            nargs=2,
            metavar="LOW HIGH",
            help="Numbers or columns between which values could be seen; -inf and inf are open.",
        ),
        click.option(
            "--resolution", type=float, metavar="UNIT", help="Unit to which values were rounded."
        ),
        click.option(
            "--fixed",
            multiple=True,
            metavar="NAME=VALUE",
            callback=numbers_or_columns,
            help="A known parameter, as a number or a column of numbers; may be repeated.",
        ),
        click.option(
            "--free",
            multiple=True,
            metavar="NAME",
            help="A parameter to estimate that is held by default: location.",
        ),
        click.option(
            "--nan-policy",
            type=click.Choice(["raise", "omit"]),
            default="raise",
            show_default=True,
            help="Refuse missing values, or leave those rows out.",
        ),
        click.option(
            "--separator",
            metavar="TEXT",
            help="Between the fields of a text file that does not follow its suffix; 'tab' for tabs.",
        ),
    ]
    decorated: Callable[..., Any] = with_data
    for decorator in reversed(decorators):
        decorated = decorator(decorated)
    return decorated


def start_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Say where the search begins."""
    decorator = click.option(
        "--start",
        multiple=True,
        metavar="NAME=VALUE",
        callback=numbers,
        help="A starting value, beside the family's own; may be repeated.",
    )
    return decorator(command)


def form_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Choose between a table to read, JSON and CSV."""

    @wraps(command)
    def with_form(*, as_json: bool, as_csv: bool, **options: Any) -> Any:
        if as_json and as_csv:
            raise click.UsageError("--json and --csv exclude each other.")
        return command(form="json" if as_json else "csv" if as_csv else None, **options)

    csv_option = click.option(
        "--csv",
        "as_csv",
        is_flag=True,
        help="CSV. Text that starts with = + - @, tab or carriage return is given a leading "
        "apostrophe, so that spreadsheets do not run it as a formula.",
    )
    json_option = click.option(
        "--json",
        "as_json",
        is_flag=True,
        help='JSON; what is missing is null, infinities are "Infinity" and "-Infinity".',
    )
    return json_option(csv_option(with_form))


def read_data(file: str, separator: str | None) -> pd.DataFrame:
    """Read the data file, saying so where it takes long."""
    from mlestim.sample.files import STANDARD_INPUT, read_table

    if file == STANDARD_INPUT and sys.stdin.isatty():
        remark("reading CSV from the terminal; end it with Ctrl-D")
    elif sys.stderr.isatty() and _size(file) > LARGE_FILE:
        remark(f"reading {_size(file) / 1e6:.0f} MB")
    return read_table(file, separator=SEPARATORS.get(separator or "", separator))


def _number_kind(sample: Observations) -> str:
    import numpy as np

    from mlestim.sample.censoring.intervals import ROW

    intervals = sample.intervals
    seen = [intervals.ends[name] for name in ROW] if intervals.censored else [sample.values]
    numbers = np.concatenate(seen)
    numbers = numbers[np.isfinite(numbers)]
    if numbers.min() < 0.0 or np.any(numbers != np.floor(numbers)):
        return "continuous"
    if intervals.plain:
        remark(
            f"{sample.name}: whole numbers, read as counts; for a measurement give --distribution."
        )
        return "discrete"
    remark(
        f"{sample.name}: whole numbers of censored or truncated rows, read as measurements; for counts "
        "give --distribution."
    )
    return "continuous"


def _text_kind(frame: pd.DataFrame, column: Any) -> str | None:
    """Say whether a column holds labels; one that is mostly numbers has faulty cells instead."""
    import pandas as pd
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    if column is None and frame.shape[1] == 1:
        column = frame.columns[0]
    if column not in frame.columns:
        return None
    values = frame[column].dropna()
    if is_bool_dtype(values):
        return "categorical"
    if is_numeric_dtype(values):
        return None
    text = values.astype(str).str.lstrip("<>≤≥= ")  # detection limits, "<0.5", are numbers too
    numbers = pd.to_numeric(text, errors="coerce").notna().mean()
    return None if numbers > MOSTLY else "categorical"


def _label(frame: pd.DataFrame, text: str | None) -> Any:
    """Find the column that the text names: labels in Parquet files need not be text."""
    if text is None or text in frame.columns:
        return text
    return next((label for label in frame.columns if str(label) == text), text)


def observed(frame: pd.DataFrame, text: str | None) -> Any:
    """Find the column of events, or compare one with the code of an event."""
    label = _label(frame, text)
    name, equals, code = (text or "").rpartition("=")
    if not equals or label in frame.columns:
        return label
    label = _label(frame, name)
    if label not in frame.columns:
        return label
    values = frame[label]
    observed = values.astype(str) == code
    if not observed.any():
        observed = values == _number(code)
    if not observed.any():
        held = ", ".join(map(str, values.dropna().unique()[:5]))
        raise click.UsageError(f"--event {text}: no row of {name} holds {code}; it holds {held}.")
    return observed.astype(float).where(values.notna())


def _end(frame: pd.DataFrame, text: str) -> Any:
    """Take an end of the window as a column, or as a number."""
    label = _label(frame, text)
    return label if label in frame.columns else _number(text)


def _size(file: str) -> int:
    path = Path(file)
    return path.stat().st_size if path.is_file() else 0
