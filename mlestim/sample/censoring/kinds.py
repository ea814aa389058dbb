"""The rows of a batch by their kind: each kind is summed in its own way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.intervals.linear import EXACT, LinearRows
from mlestim.distributions.intervals.tail import below
from mlestim.sample.batch import Batch
from mlestim.sample.censoring.intervals import ENDS, LOWER, ROW, WINDOW

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


class _Part(NamedTuple):
    """Some of the rows, the values that their terms are taken at, and what is known of these."""

    family: Family
    rows: Mask
    x: Array
    known: Mapping[str, Array]


def exact_ties(batch: Batch) -> Array:
    """Share of each problem's rows that are its most frequent exact value."""
    segments = (slice(k, k + size) for k, size in zip(batch.starts, batch.sizes, strict=True))
    counts = [
        np.unique(batch.x[part][batch.exact[part]], return_counts=True)[1].max(initial=0)
        for part in segments
    ]
    return np.array(counts) / batch.sizes


def beyond_exact(batch: Batch) -> tuple[Mask, Mask]:
    """Whether some row of each problem is known to lie below, or above, all of its exact rows."""
    exact = batch.exact
    segments = [slice(k, k + size) for k, size in zip(batch.starts, batch.sizes, strict=True)]
    lowest = [batch.x[part][exact[part]].min(initial=np.inf) for part in segments]
    highest = [batch.x[part][exact[part]].max(initial=-np.inf) for part in segments]
    lower = batch.known[LOWER]  # beyond which the value of an interval lies
    above = [lower[part][~exact[part]].max(initial=-np.inf) for part in segments]
    return batch.least_upper_end < lowest, np.greater_equal(above, highest)


def kinds_of(family: Family, batch: Batch) -> list[Kind]:
    """Exact rows, tails, intervals, and windows of rows.

    Empty where all rows are of one kind that has no way of its own, or where some of the kinds are
    of problems that have rows of their own.
    """
    if not batch.row_ends:
        return []
    none = np.zeros(len(batch.x), dtype=bool)
    parts = [(1.0, part) for part in _known_by(family, batch, batch.exact, ROW)]
    if WINDOW[0] in batch.known:
        parts += [(-1.0, part) for part in _known_by(family, batch, none, WINDOW)]
    alone = len(parts) == 1 and parts[0][1].family is family
    if alone or not (batch.shared or all(part.rows.all() for _, part in parts)):
        return []
    return [Kind(sign, part.family, _batch_of(part, batch)) for sign, part in parts]


def _known_by(family: Family, batch: Batch, exact: Mask, pair: tuple[str, str]) -> list[_Part]:
    """Rows that are exact or known by a pair of ends; tails by averages, where these will do."""
    if exact.all():
        return [_Part(family, exact, batch.x, {})]
    low, high = (batch.known[name] for name in pair)
    tails = np.zeros_like(exact)
    if family.has_linear_tail:
        begins, ends = below(family, low, family.support.lower), high >= family.support.upper
        tails = ends & ~begins if family.own_is_upper else begins & ~ends
        tails &= ~exact
    found = [_Part(family, exact, batch.x, {})]
    if tails.any():
        place = low if family.own_is_upper else high
        place = np.floor(place) if family.support.integers else place
        known = {EXACT: exact.astype(float)}
        found = [_Part(LinearRows(family), exact | tails, place, known)]
    ends_of_rows = {end: batch.known[name] for end, name in zip(ROW, pair, strict=True)}
    found.append(_Part(family, ~(exact | tails), batch.x, ends_of_rows))
    return [part for part in found if part.rows.any()]


def _batch_of(part: _Part, batch: Batch) -> Batch:
    """Batch of some of the rows, with what is known of them beside their ends."""
    known = {name: batch.known[name] for name in batch.known.keys() - ENDS} | {**part.known}
    if part.rows.all():
        return Batch(part.x, batch.weights, batch.starts, batch.sizes, known)
    kept = np.flatnonzero(part.rows)
    weights = None if batch.weights is None else batch.weights[..., kept]
    known = {name: values.take(kept) for name, values in known.items()}
    chosen = Batch.single(part.x.take(kept, axis=0), None, None, known)
    return chosen.repeated(batch.n_problems, weights)
