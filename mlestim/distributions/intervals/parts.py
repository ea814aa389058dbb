"""Rows of several kinds, the terms of each kind by its own way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Gives packed terms from the columns and the parameters of some rows.
Way = Callable[..., Iterable[Array]]


def write_parts(
    out: Array | Sequence[Array],
    parts: Sequence[tuple[NDArray[np.bool_], Way]],
    columns: Sequence[Array],
    theta: Sequence[Array],
) -> None:
    """Write the terms of each part into its rows.

    Parameters
    ----------
    out : array, shape (packed size, n), or sequence of arrays (n,)
        Where to write.
    parts : sequence of (mask, function)
        Masks of rows, and functions of columns and parameters; no row belongs to two of them.
    columns : sequence of array, shape (n,)
        What is known of the rows.
    theta : sequence of array, shape (n,) or one value
        Parameters.
    """
    for chosen, terms in parts:
        if np.all(chosen):  # nothing to pick out
            for entry, row in zip(out, terms(*columns, theta), strict=True):
                entry[...] = row
            return
        rows = np.flatnonzero(chosen)
        if len(rows):
            part = terms(*(column[rows] for column in columns), of_rows(theta, rows))
            for entry, row in zip(out, part, strict=True):
                entry[rows] = row


def of_rows(theta: Sequence[Array], rows: NDArray[np.intp] | slice) -> list[Array]:
    """Parameters of some of the rows; one value stands for all."""
    return [value[rows] if value.size > 1 else value.reshape(1) for value in theta]
