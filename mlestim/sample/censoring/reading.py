"""Reading rows that are intervals: ends, events, detection limits, rounding, truncation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlestim.errors import DataError, OptionError
from mlestim.sample.censoring.entries import detection_limits, interval_values, may_be_text
from mlestim.sample.censoring.intervals import (
    AFTER,
    BEFORE,
    LOWER,
    UPPER,
    WHOLE_LINE,
    Intervals,
    representatives,
    seen,
    within,
)
from mlestim.sample.censoring.rounding import rounded
from mlestim.sample.checks import count
from mlestim.sample.columns import Column, Table, open_table, read_column
from mlestim.sample.readers import label_codes, numbers
from mlestim.sample.rows import RowLabels, listing, shown, shown_values
from mlestim.sample.selection import EndsColumn, refuse_number, side_column

Array = NDArray[np.float64]
Ends = tuple[Array, Array]


@dataclass(frozen=True)
class Censoring:
    """What the user says of the rows besides their values, as options of `fit`."""

    lower: Any = None
    upper: Any = None
    event: Any = None
    truncation: Any = None
    resolution: Any = None

    def __post_init__(self) -> None:
        given = [
            name
            for name, values in (
                ("lower=… and upper=…", (self.lower, self.upper)),
                ("event=…", (self.event,)),
                ("resolution=…", (self.resolution,)),
            )
            if any(value is not None for value in values)
        ]
        if len(given) > 1:
            raise OptionError(
                f"{' beside '.join(given)}: only one of them can say what kinds of rows there are. "
                "For a mix, give lower=… and upper=… alone; equal ends are exact."
            )
        if (self.lower is None) != (self.upper is None):
            missing = "lower" if self.lower is None else "upper"
            raise OptionError(
                f"lower=… and upper=… go together, and {missing}=… is missing. Where a row has no such "
                "end, leave it empty in the column."
            )

    @property
    def says_nothing(self) -> bool:
        """Whether all rows are exact and none is truncated."""
        given = self.lower, self.upper, self.event, self.truncation, self.resolution
        return all(option is None for option in given)

    @property
    def by_ends(self) -> bool:
        """Whether columns of ends take the place of a column of values."""
        return self.lower is not None

    def open(self, data: Any) -> Table:
        """Open the table; ends that are no columns of it stand on their own."""
        if data is None and self.by_ends:
            refuse_number(self.lower, "lower")
            read_column(self.lower, "lower")  # refuses what is no column by this name
        return open_table(self.lower if data is None and self.by_ends else data)

    def ends_of(self, table: Table, data: Any) -> tuple[EndsColumn, Ends]:
        """Columns of ends: missing lower ends are −inf, missing upper ends inf."""
        own = read_column(self.lower, "lower") if data is None else None
        lower = own or side_column(self.lower, table, "lower")
        upper = side_column(self.upper, table, "upper")
        low, high = numbers(lower), numbers(upper)
        neither = np.isnan(low) & np.isnan(high)
        low = np.where(np.isnan(low) & ~neither, -np.inf, low)
        high = np.where(np.isnan(high) & ~neither, np.inf, high)
        return EndsColumn.of(lower, upper), (low, high)

    def ends_of_values(self, column: Column, table: Table) -> tuple[Array, Ends | None]:
        """Values of a column, and their ends where they are intervals."""
        read = interval_values(column) or detection_limits(column)
        if read is not None:
            if self.event is not None or self.resolution is not None:
                other = "resolution=…" if self.event is None else "event=…"
                raise OptionError(
                    f"{column.title} holds intervals or limits such as '<0.5', which say what kinds "
                    f"of rows there are. Leave {other} out."
                )
            return representatives(*read), read
        values = numbers(column)
        if self.resolution is not None:
            return values, rounded(values, self.resolution, column.title, column.rows)
        if self.event is not None:
            return values, seen(values, events(side_column(self.event, table, "event")))
        return values, None

    def rows_of(self, column: Column) -> RowLabels:
        """Labels of rows that are intervals, with what was written there if one column tells all."""
        if self.by_ends or self.event is not None:
            return column.rows
        return replace(column.rows, entries=column.content)

    def columns(self, table: Table) -> list[Column]:
        """Columns of the table that are no values."""
        pair = self.truncation if isinstance(self.truncation, (tuple, list)) else ()
        sides = [("event", self.event), *(("truncation", end) for end in pair)]
        return [side_column(side, table, name) for name, side in sides if isinstance(side, str)]

    def windows(self, table: Table) -> tuple[tuple[float, float], dict[str, Array]]:
        """Read the truncation: one window for all rows, or ends for each."""
        if self.truncation is None:
            return WHOLE_LINE, {}
        if not isinstance(self.truncation, (tuple, list)) or len(self.truncation) != 2:
            raise OptionError(
                f"truncation={self.truncation!r}: a pair (lower, upper) is needed, None for an open end."
            )
        shared, rowwise = list(WHOLE_LINE), {}
        for place, (name, end) in enumerate(zip((AFTER, BEFORE), self.truncation, strict=True)):
            if isinstance(end, str) or np.ndim(end) > 0:
                rowwise[name] = numbers(side_column(end, table, "truncation"))
            elif end is not None:
                shared[place] = _number(end)
        low, high = shared
        if not low < high:
            raise DataError(
                f"truncation=({low:g}, {high:g}) leaves nothing: no value lies between."
            )
        if rowwise:
            ends = {
                name: np.full(len(table), end)
                for name, end in zip((AFTER, BEFORE), shared, strict=True)
            }
            return WHOLE_LINE, {**ends, **rowwise}
        return (low, high), {}


def gathered(
    values: Array,
    ends: Ends | None,
    window: tuple[float, float],
    rowwise: Mapping[str, Array],
    title: str,
    rows: RowLabels,
) -> Intervals:
    """Check the rows against their windows, and keep no ends that say nothing more than values."""
    low, high = (values, values) if ends is None else ends
    after, before = (rowwise[AFTER], rowwise[BEFORE]) if rowwise else map(np.asarray, window)
    untold = ends is None and not rowwise and window == WHOLE_LINE
    if untold or not len(values):
        return Intervals()
    low, high = within(low, high, after, before, title, rows)
    kept = dict(rowwise)
    if np.any(low != high):
        kept |= {LOWER: np.asarray(low, dtype=float), UPPER: np.asarray(high, dtype=float)}
    return Intervals(kept, window)


def seen_through(
    truncation: Any, intervals: Intervals, values: Array, title: str, rows: RowLabels
) -> Intervals:
    """Put rows that are read already behind their windows."""
    if values.ndim == 2:
        raise OptionError("vectors are exact rows: none can be truncated.")
    window, rowwise = Censoring(truncation=truncation).windows(open_table(values))
    ends = (intervals.ends[LOWER], intervals.ends[UPPER]) if intervals.censored else None
    return gathered(values, ends, window, rowwise, title, rows)


def censored_data(data: Any, censoring: Censoring) -> tuple[Any, Censoring]:
    """Take scipy's CensoredData as columns of ends; leave other data alone."""
    if type(data).__name__ != "CensoredData" or not hasattr(data, "_uncensored"):
        return data, censoring
    exact, left, right = data._uncensored, data._left, data._right  # noqa: SLF001  # no public view
    pairs = np.reshape(data._interval, (-1, 2))  # noqa: SLF001
    lower = np.concatenate([exact, np.full(len(left), -np.inf), right, pairs[:, 0]])
    upper = np.concatenate([exact, left, np.full(len(right), np.inf), pairs[:, 1]])
    return None, replace(censoring, lower=lower, upper=upper)


def bins(edges: Any, counts: Any) -> Ends:
    """Ends of bins that share their edges.

    Raises
    ------
    DataError
        If edges and counts do not go together.
    """
    ends, totals = np.asarray(edges, dtype=float), np.asarray(counts, dtype=float)
    if ends.ndim != 1 or len(ends) != np.size(counts) + 1:
        raise DataError(
            f"edges: {np.size(edges)} of them for {np.size(counts)} counts. Bins need one more edge "
            "than there are counts."
        )
    if not np.all((totals >= 0.0) & (totals < np.inf)):
        wrong = ~((totals >= 0.0) & (totals < np.inf))
        raise DataError(
            f"counts: {count(wrong, 'bins', 'without a count of at least 0')}: "
            f"{RowLabels().describe(wrong)}{shown_values(totals[wrong][:3])}."
        )
    if not np.all(np.diff(ends) > 0.0):
        raise DataError(f"edges: they have to increase, with none missing, not {ends.tolist()}.")
    return ends[:-1], ends[1:]


def _number(end: Any) -> float:
    try:
        number = float(end)
    except (TypeError, ValueError):
        number = np.nan
    if np.isnan(number):
        raise OptionError(f"truncation: {end!r} is no number, column or array.")
    return number


def events(column: Column) -> Array:
    """Read which rows were observed, as ones and zeros; NaN where that is missing.

    Raises
    ------
    DataError
        If the column holds anything else, naming rows and how to say it.
    """
    takes = f"{_titled(column)} takes True and False, or 1 and 0, True for rows that were observed"
    words = _words(column)
    if words:
        raise DataError(
            f"{takes}, and holds {listing([shown(word) for word in words[:3]])}. Compare it with what "
            f"stands for an event, as in {column.role}=(table[column] == {words[0]!r})."
        )
    observed = numbers(column)
    wrong = (observed != 0.0) & (observed != 1.0)
    if wrong.any() and (wrong := wrong & ~np.isnan(observed)).any():
        raise DataError(
            f"{takes}. {count(wrong, 'values', 'something else')}: {column.rows.describe(wrong)}"
            f"{shown_values(observed[wrong][:3])}. Compare it with the code of an event, as in "
            f"{column.role}=(table[column] == 2)."
        )
    return observed


def _titled(column: Column) -> str:
    """The column, and what it is taken for."""
    return column.title if column.title == column.role else f"{column.title} ({column.role})"


def _words(column: Column) -> list[str]:
    """Distinct words of a column of text; empty for other columns."""
    if not may_be_text(column.content):
        return []
    return list(dict.fromkeys(entry for entry in column.content if isinstance(entry, str)))


def values_of(
    column: Column, table: Table, censoring: Censoring, *, labels: bool
) -> tuple[Array, tuple[Any, ...] | None, Ends | None]:
    """Values, levels of labels, and ends of intervals."""
    if labels:
        if censoring.event is not None or censoring.resolution is not None:
            other = "resolution=…" if censoring.event is None else "event=…"
            raise OptionError(f"{column.title} holds labels, which are exact. Leave {other} out.")
        return *label_codes(column), None
    values, ends = censoring.ends_of_values(column, table)
    return values, None, ends
