"""The rows of a batch by their kind: each kind is summed in its own way."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.intervals.linear import LinearTail
from mlestim.distributions.intervals.tail import below
from mlestim.sample.batch import Batch
from mlestim.sample.censoring.intervals import ENDS, LOWER, ROW, UPPER, WINDOW

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Kind(NamedTuple):
    """Rows that are summed in the same way.

    Attributes
    ----------
    sign : float
        1, or −1 of windows.
    family : Family
        Supplies what a row contributes.
    batch : Batch
        The rows.
    """

    sign: float
    family: Family
    batch: Batch


def exact_ties(batch: Batch) -> Array:
    """Share of each problem's rows that are its most frequent exact value."""
    exact = batch.known[LOWER] == batch.known[UPPER]
    segments = (slice(k, k + size) for k, size in zip(batch.starts, batch.sizes, strict=True))
    counts = [
        np.unique(batch.x[part][exact[part]], return_counts=True)[1].max(initial=0)
        for part in segments
    ]
    return np.array(counts) / batch.sizes


def beyond_exact(batch: Batch) -> tuple[Mask, Mask]:
    """Whether some row of each problem is known to lie below, or above, all of its exact rows."""
    exact = batch.known[LOWER] == batch.known[UPPER]
    segments = [slice(k, k + size) for k, size in zip(batch.starts, batch.sizes, strict=True)]
    lowest = [batch.x[part][exact[part]].min(initial=np.inf) for part in segments]
    highest = [batch.x[part][exact[part]].max(initial=-np.inf) for part in segments]
    return batch.least_upper_end < lowest, batch.greatest_lower_end > highest


def kinds_of(family: Family, batch: Batch) -> list[Kind]:
    """Exact rows, tails, intervals, and windows of rows that problems share.

    Empty where all rows are of one kind, or problems have rows of their own.
    """
    if not (batch.row_ends and batch.shared):
        return []
    every = np.ones(len(batch.x), dtype=bool)
    exact = batch.known[LOWER] == batch.known[UPPER] if batch.censored else every
    there = [Kind(1.0, family, part) for part in _parts(batch, exact, batch.x)]
    if not exact.all():
        there += _tails_and_intervals(1.0, family, batch, ~exact, ROW)
    if WINDOW[0] in batch.known:
        there += _tails_and_intervals(-1.0, family, batch, every, WINDOW)
    return there if len(there) > 1 else []


def _tails_and_intervals(
    sign: float, family: Family, batch: Batch, rows: Mask, pair: tuple[str, str]
) -> list[Kind]:
    """Rows that are known by a pair of ends; tails apart where their terms can be averaged."""
    found = []
    if family.has_linear_tail:
        low, high = (batch.known[name] for name in pair)
        begins, ends = below(family, low, family.support.lower), high >= family.support.upper
        tails = rows & (ends & ~begins if family.own_is_upper else begins & ~ends)
        place = low if family.own_is_upper else high
        place = np.floor(place) if family.support.integers else place
        found = [Kind(sign, LinearTail(family), part) for part in _parts(batch, tails, place)]
        rows = rows & ~tails
    return [*found, *(Kind(sign, family, part) for part in _parts(batch, rows, batch.x, pair))]


def _parts(batch: Batch, rows: Mask, x: Array, pair: tuple[str, str] | None = None) -> list[Batch]:
    """Some of the rows, if any; a pair of names tells which of their ends make intervals of them."""
    kept = np.flatnonzero(rows)
    if not len(kept):
        return []
    columns = {name: batch.known[name] for name in batch.known.keys() - ENDS}
    if pair is not None:
        columns |= {end: batch.known[name] for end, name in zip(ROW, pair, strict=True)}
    weights = None if batch.weights is None else batch.weights[..., kept]
    known = {name: values.take(kept) for name, values in columns.items()}
    return [
        Batch.single(x.take(kept, axis=0), None, None, known).repeated(batch.n_problems, weights)
    ]
