"""Columns whose entries say themselves in which interval their value lies."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlestim.errors import DataError
from mlestim.sample.columns import Column, package
from mlestim.sample.rows import shown_values

Array = NDArray[np.float64]
Ends = tuple[Array, Array]
TEXT = ("String", "Categorical", "Enum")  # types of narwhals
MISSING = ("", "NA", "NaN", "nan")


# ---- intervals of pandas -------------------------------------------------------------------------


def interval_values(column: Column) -> Ends | None:
    """Ends of a column of pandas' intervals; None for other columns."""
    intervals = _intervals(column)
    if intervals is None:
        return None
    closed, kind = intervals.closed, intervals.dtype.subtype
    if kind.kind in "mM":
        raise DataError(
            f"{column.title} holds intervals of {kind}, not of numbers. Divide their ends by a unit "
            "first, and give them as lower and upper."
        )
    missing = np.asarray(intervals.isna())
    lower, upper = (
        np.where(missing, np.nan, np.asarray(end, dtype=float))
        for end in (intervals.left, intervals.right)
    )
    # (lower, upper] is what rows are: another closed end moves by the smallest amount there is
    if closed in ("left", "both"):
        lower = np.nextafter(lower, -np.inf)
    if closed in ("left", "neither"):
        upper = np.nextafter(upper, -np.inf)
    return lower, upper


def _intervals(column: Column) -> Any:
    """The entries as an array of pandas' intervals, or None."""
    content = column.content
    if package(content) == "pandas":
        if hasattr(content, "cat"):  # what pandas.cut makes
            categories = content.cat.categories
            if type(categories.dtype).__name__ != "IntervalDtype":
                return None
            return categories.array.take(content.cat.codes.to_numpy(), allow_fill=True)
        if type(content.dtype).__name__ == "IntervalDtype":
            return content.array
    if not isinstance(content.dtype, np.dtype) or content.dtype.kind != "O":
        return None
    if not any(type(entry).__name__ == "Interval" for entry in content):
        return None
    import pandas as pd

    try:
        return pd.arrays.IntervalArray(content)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{column.title} holds intervals beside something else, or closed on different sides "
            f"({error}). Give their ends as lower and upper."
        ) from None


# ---- text ----------------------------------------------------------------------------------------


def detection_limits(column: Column) -> Ends | None:
    """Ends of a column of text such as ``<0.5``, ``>100`` and ``2.31``; None for other columns."""
    if not may_be_text(column.content):
        return None
    entries = list(column.content)
    if not any(map(_is_limit, entries)):
        return None
    known: dict[Any, tuple[float, float] | None] = {}
    pairs = [_remembered(entry, known) for entry in entries]
    wrong = np.array([pair is None for pair in pairs])
    if wrong.any():
        examples = [entry for entry, bad in zip(entries, wrong, strict=True) if bad][:3]
        raise DataError(
            f"{column.title} holds detection limits, and what is neither a number nor a limit such "
            f"as '<0.5': {column.rows.describe(wrong)}{shown_values(examples)}. What was not detected "
            "is written with its limit, '<0.5'; correct them, or mark them as missing."
        )
    lower, upper = np.array(pairs, dtype=float).T
    return lower, upper


def may_be_text(content: Any) -> bool:
    """Whether entries of a column may be text, categories included."""
    if package(content) == "narwhals":
        return type(content.dtype).__name__ in TEXT
    if hasattr(content, "cat"):
        return content.cat.categories.dtype.kind in "OUT"
    return getattr(content.dtype, "kind", "O") in "OUT"


def _is_limit(entry: Any) -> bool:
    return isinstance(entry, str) and entry.lstrip()[:1] in ("<", ">", "≤", "≥")


def _remembered(
    entry: Any, known: dict[Any, tuple[float, float] | None]
) -> tuple[float, float] | None:
    """Ends of one entry; text that was read before is looked up."""
    if not isinstance(entry, str):
        return _missing_or_number(entry)
    if entry not in known:
        known[entry] = _limits_of(entry)
    return known[entry]


def _limits_of(entry: str) -> tuple[float, float] | None:
    """Ends of one entry; NaN where it is missing, None where it is no limit."""
    text = entry.strip().replace("≤", "<=").replace("≥", ">=")
    sign = text[:2] if text[:2] in ("<=", ">=") else text[:1] if text[:1] in "<>" else ""
    try:
        number = float(text[len(sign) :])
    except ValueError:
        return (np.nan, np.nan) if text in MISSING else None
    if sign and not np.isfinite(number):
        return None
    match sign:
        case "<":
            return -np.inf, np.nextafter(number, -np.inf)
        case "<=":
            return -np.inf, number
        case ">":
            return number, np.inf
        case ">=":
            return np.nextafter(number, -np.inf), np.inf
        case _:
            return number, number


def _missing_or_number(entry: Any) -> tuple[float, float] | None:
    try:
        number = float(entry)
    except (TypeError, ValueError):
        missing = entry is None or type(entry).__name__ in ("NAType", "NaTType")
        return (np.nan, np.nan) if missing else None
    return number, number
