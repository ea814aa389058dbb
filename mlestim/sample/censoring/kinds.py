"""The rows of a batch by their kind: each kind is summed in its own way."""

from __future__ import annotations

import numpy as np

from mlestim.sample.batch import Batch
from mlestim.sample.censoring.intervals import ENDS, LOWER, ROW, UPPER, WINDOW


def kinds_of(batch: Batch) -> list[tuple[float, Batch]]:
    """Exact rows, intervals, and windows of rows that problems share; the last count negatively.

    Empty where all rows are of one kind, or problems have rows of their own.
    """
    if not (batch.row_ends and batch.shared):
        return []
    every = np.ones(len(batch.x), dtype=bool)
    exact = batch.known[LOWER] == batch.known[UPPER] if batch.censored else every
    asked = [(1.0, exact, None), (1.0, ~exact, ROW), (-1.0, every, WINDOW)]
    there = [
        (sign, rows, pair)
        for sign, rows, pair in asked
        if rows.any() and (pair is None or pair[0] in batch.known)
    ]
    return [(sign, _part(batch, rows, pair)) for sign, rows, pair in there if len(there) > 1]


def _part(batch: Batch, rows: np.ndarray, pair: tuple[str, str] | None) -> Batch:
    """Some of the rows; a pair of names tells which of their ends make intervals of them."""
    columns = {name: batch.known[name] for name in batch.known.keys() - ENDS}
    if pair is not None:
        columns |= {end: batch.known[name] for end, name in zip(ROW, pair, strict=True)}
    weights = None if batch.weights is None else batch.weights[..., rows]
    known = {name: values[rows] for name, values in columns.items()}
    return Batch.single(batch.x[rows], None, None, known).repeated(batch.n_problems, weights)
