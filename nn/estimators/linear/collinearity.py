"""Columns that follow from others: then no data determine their coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlestim.errors import IdentifiabilityError
from mlestim.sample.columns import label_list
from nn.estimators.linear.everywhere import everywhere
from nn.tables.columns import NumberColumn

if TYPE_CHECKING:
    from nn.arrays import FloatArray
    from nn.estimators.reading import Sample
    from nn.estimators.streams.training import Stream
    from nn.tables.encoder import TableEncoder

# What is left of a column of length 1 once it is explained by others, if that is rounding alone:
# numbers near 1e6 that vary by 1 have lost ten digits of sixteen.
ROUNDING = 1e-9
# A smaller multiple of a column takes no part in a combination.
SHARE = 1e-6
# What departs by more from a relation of columns of unit size is no rounding.
BROKEN = 1e-5


def check_independent(encoder: TableEncoder, rows: Sample | Stream) -> None:
    """Refuse features of which some are linear combinations of others.

    Constants take no part, whose coefficients stay 0, and neither do marks of missing values. Of
    each feature's categories, the first stands for the intercept.

    Parameters
    ----------
    encoder : TableEncoder
        Tells which columns are made of which feature.
    rows : Sample or Stream
        Rows with encoded features.

    Raises
    ------
    IdentifiabilityError
        If there are some; it names the columns.
    """

    def find(some: Sample) -> Relation | None:
        columns = _columns(encoder, some.inputs)
        found = combination(some.inputs[:, columns])
        return None if found is None else Relation.of(some.inputs, [columns[k] for k in found])

    found = everywhere(rows, find, lambda relation, part: relation.broken(part.inputs))
    if found is None:
        return
    names, n_columns = encoder.names_out, len(_columns(encoder, rows.chosen.inputs))
    if rows.n_rows <= n_columns:
        told = f"{rows.n_rows} rows cannot tell {n_columns} columns apart"
    else:
        told = f"the columns {label_list(names[k] for k in found.columns)} follow from one another"
    raise IdentifiabilityError(
        f"{told}: different coefficients give the same likelihood. Leave out what follows from the "
        "rest, or give a penalty, such as penalty=1.0, which is a normal prior."
    )


@dataclass(frozen=True)
class Relation:
    """Columns of which the last follows from the others and a constant, by coefficients."""

    columns: list[int]
    coefficients: FloatArray

    @classmethod
    def of(cls, inputs: FloatArray, columns: list[int]) -> Relation:
        """Learn the coefficients from rows."""
        *others, last = inputs[:, columns].T.astype(np.float64)
        rows = np.column_stack([np.ones(len(inputs)), *others])
        return cls(columns, np.linalg.lstsq(rows, last)[0])

    def broken(self, inputs: FloatArray) -> FloatArray:
        """Say by how much rows depart from it, beyond rounding."""
        *others, last = inputs[:, self.columns].T.astype(np.float64)
        rows = np.column_stack([np.ones(len(inputs)), *others])
        size: FloatArray = np.abs(last - rows @ self.coefficients) - BROKEN
        return size


def combination(columns: FloatArray) -> list[int] | None:
    r"""Find columns that depend on one another and a constant; None if all are independent.

    A column follows from others where nothing is left of it in the triangle R of
    :math:`X P = Q R`, P putting columns in an order in which the longest remainder comes first.

    Examples
    --------
    >>> x = np.array([[1.0, 0.0, 3.0], [2.0, 5.0, 5.0], [4.0, 1.0, 9.0], [3.0, 3.0, 7.0]])
    >>> combination(x), combination(x[:, :2])
    ([0, 2], None)
    """
    from scipy.linalg import qr, solve_triangular

    if not columns.shape[1]:
        return None
    centred = columns - columns.mean(axis=0, dtype=np.float64)
    centred /= np.linalg.norm(centred, axis=0)
    triangle = np.linalg.qr(centred, mode="r")
    triangle, order = qr(triangle, mode="r", pivoting=True)
    left = np.zeros(len(order))
    left[: len(triangle)] = np.abs(np.diag(triangle))
    rank = int((left > ROUNDING).sum())
    if rank == len(order):
        return None
    shares = solve_triangular(triangle[:rank, :rank], triangle[:rank, rank])
    others = order[:rank][np.abs(shares) > SHARE]
    return sorted([int(order[rank]), *others.tolist()])


def _columns(encoder: TableEncoder, inputs: FloatArray) -> list[int]:
    """Give the columns that have to be independent."""
    chosen: list[int] = []
    for feature, columns in zip(encoder.features, encoder.slices, strict=True):
        places = list(range(columns.start, columns.stop))
        if isinstance(feature, NumberColumn):
            chosen += places[:1]
        else:
            chosen += places[1 : len(places) - feature.missing]
    return [k for k in chosen if np.ptp(inputs[:, k]) > 0.0]
