"""Rows of the same value put together: tables of values and weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.intp]

# Counts are tabulated before they are fitted where that is likely to save row terms.
TABULATED_ROWS = 256
# Larger integers are not all floating-point numbers.
LARGEST_KEY = 2.0**53


def without_ties(
    rows: Array, weights: Array | None, ends: Mapping[str, Array]
) -> tuple[Array, Array | None, dict[str, Array]]:
    """Put rows with the same ends together, where a look at some of them says that it pays."""
    columns = list(ends.values()) if len(ends) > 2 else [rows, *ends.values()]
    step = max(len(rows) // TABULATED_ROWS, 1)
    sampled = [column[::step] for column in columns]
    if len(_sorted_distinct(sampled)[1]) > 0.5 * len(sampled[0]):
        return rows, weights, dict(ends)
    order, firsts = _sorted_distinct(columns)
    totals = np.add.reduceat((np.ones(len(rows)) if weights is None else weights)[order], firsts)
    kept = order[firsts]
    return rows[kept], totals, {name: end[kept] for name, end in ends.items()}


def _sorted_distinct(columns: Sequence[Array]) -> tuple[Integers, Integers]:
    """Give the order that sorts rows of several columns, and where distinct ones begin in it."""
    order = np.lexsort(columns)
    new = np.zeros(len(order), dtype=bool)
    new[:1] = True
    for column in columns:
        ordered = column[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    return order, np.flatnonzero(new)


def tabulated_with(
    rows: Array, weights: Array | None, known: Mapping[str, Array]
) -> tuple[Array, Array, dict[str, Array]]:
    """Give distinct combinations of counts and known parameters, and their total weights."""
    levels: dict[str, Array] = {}
    low, span = rows.min(), [rows.max() - rows.min() + 1.0]
    key = rows - low
    for name, values in known.items():
        levels[name], place = np.unique(values, return_inverse=True)
        key = key + place * np.prod(span)
        span.append(float(len(levels[name])))
    if np.prod(span) > LARGEST_KEY:
        return rows, np.ones_like(rows) if weights is None else weights, dict(known)
    key, totals = tabulated(key, weights)
    rows, rest = key % span[0] + low, key // span[0]
    found = {}
    for (name, values), width in zip(levels.items(), span[1:], strict=True):
        found[name] = values[(rest % width).astype(np.intp)]
        rest = rest // width
    return rows, totals, found


def tabulated(rows: Array, weights: Array | None) -> tuple[Array, Array]:
    """Give distinct values and their total weights."""
    low, high = rows.min(), rows.max()
    if high - low > 4 * len(rows):
        values, position = np.unique(rows, return_inverse=True)
        return values, np.bincount(position, weights, len(values)).astype(float)
    codes = (rows - low).astype(np.intp)
    totals = np.bincount(codes, weights).astype(float)
    found = np.flatnonzero(totals)
    return found + low, totals[found]
