"""Columns that follow from others: then no data determine their coefficients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlestim.errors import IdentifiabilityError
from mlestim.sample.columns import label_list
from nn.tables.columns import NumberColumn

if TYPE_CHECKING:
    from nn.arrays import FloatArray
    from nn.tables.encoder import TableEncoder

# What is left of a column of length 1 once it is explained by others, if that is rounding alone:
# numbers near 1e6 that vary by 1 have lost ten digits of sixteen.
ROUNDING = 1e-9
# A smaller multiple of a column takes no part in a combination.
SHARE = 1e-6


def check_independent(encoder: TableEncoder, inputs: FloatArray) -> None:
    """Refuse features of which some are linear combinations of others.

    Constants take no part, whose coefficients stay 0, and neither do marks of missing values. Of
    each feature's categories, the first stands for the intercept.

    Parameters
    ----------
    encoder : TableEncoder
        Tells which columns are made of which feature.
    inputs : array, shape (n, n_columns)
        The encoded features.

    Raises
    ------
    IdentifiabilityError
        If there are some; it names the columns.
    """
    names, columns = _columns(encoder, inputs)
    found = combination(columns)
    if found is None:
        return
    if len(inputs) <= len(names):
        told = f"{len(inputs)} rows cannot tell {len(names)} columns apart"
    else:
        told = f"the columns {label_list(names[k] for k in found)} follow from one another"
    raise IdentifiabilityError(
        f"{told}: different coefficients give the same likelihood. Leave out what follows from the "
        "rest, or give a penalty, such as penalty=1.0, which is a normal prior."
    )


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


def _columns(encoder: TableEncoder, inputs: FloatArray) -> tuple[list[str], FloatArray]:
    """Give the columns that have to be independent, and their names."""
    chosen: list[int] = []
    for feature, columns in zip(encoder.features, encoder.slices, strict=True):
        places = list(range(columns.start, columns.stop))
        if isinstance(feature, NumberColumn):
            chosen += places[:1]
        else:
            chosen += places[1 : len(places) - feature.missing]
    varying = [k for k in chosen if np.ptp(inputs[:, k]) > 0.0]
    names = encoder.names_out
    return [names[k] for k in varying], inputs[:, varying]
