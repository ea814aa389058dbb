r"""Terms of the log of a sum, from the terms of the logs of its parts.

With :math:`r_k` the share of part k in the sum, S the score of the log of the sum and
:math:`s_k`, :math:`H_k` score and curvature of the log of part k,

.. math:: S = \sum_k r_k s_k, \qquad H = \sum_k r_k \bigl(H_k + (s_k - S)(s_k - S)^T\bigr)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family, Row

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """The log of one part of a sum.

    Parameters
    ----------
    places : sequence of int
        Which parameters of the sum it depends on, in increasing order or not.
    terms : iterator of array
        Its value, scores and curvatures in these parameters, packed as row terms are.
    """

    places: Sequence[int]
    terms: Iterator[Array]


def log_weight(weight: Array) -> Array:
    """Log of a weight, which may be 0."""
    with np.errstate(divide="ignore"):
        return np.log(weight)


def weighted_terms(weight: Array, terms: Iterator[Array], p: int) -> Iterator[Array]:
    """Yield the terms of log(weight) + L in (weight, the p parameters of L)."""
    yield log_weight(weight) + next(terms)
    yield 1.0 / weight
    yield from islice(terms, p)
    yield -1.0 / weight**2
    yield from (np.zeros(()),) * p
    yield from terms


def pairs(n: int) -> list[tuple[int, int]]:
    """List the pairs (i, j) with i ≤ j < n in packed order."""
    return [(i, j) for i in range(n) for j in range(i, n)]


def log_shares(parts: Sequence[Part]) -> tuple[Array, list[Array]]:
    """Compute the log of the sum, and the share of each part in it."""
    logs = [next(part.terms) for part in parts]
    total = reduce(np.logaddexp, logs)
    return total, [np.exp(log - total) for log in logs]


def log_sum_rows(parts: Sequence[Part], p: int, order: int) -> list[Row]:
    """Row terms of the log of a sum, in packed order.

    Parameters
    ----------
    parts : sequence of Part
        What is summed; their iterators are used up.
    p : int
        Number of parameters.
    order : {0, 1, 2}
        How many derivatives.

    Returns
    -------
    list
        Arrays; a pair of factors where two parameters meet in no part.
    """
    total, shares = log_shares(parts)
    rows: list[Row] = [total]
    if order == 0:
        return rows
    slopes: list[dict[int, Array]] = []
    score: list[Array] = [np.zeros(())] * p
    for part, share in zip(parts, shares, strict=True):
        own = dict(zip(part.places, islice(part.terms, len(part.places)), strict=True))
        slopes.append(own)
        for place, slope in own.items():
            score[place] = score[place] + share * slope
    rows += score
    if order == 1:
        return rows
    bends = [_bends(part) for part in parts]
    others = _complements(shares)
    for i, j in pairs(p):
        holders = [k for k, own in enumerate(slopes) if i in own or j in own]
        both = [k for k in holders if i in slopes[k] and j in slopes[k]]
        if not both:
            rows.append((-score[i], score[j]))
        elif len(holders) == 1:
            (k,) = holders
            rows.append(shares[k] * (bends[k][i, j] + others[k] * (slopes[k][i] * slopes[k][j])))
        else:
            rows.append(_spread(i, j, shares, slopes, bends, score))
    return rows


def _bends(part: Part) -> dict[tuple[int, int], Array]:
    """Curvatures by the sorted pair of parameters."""
    places = [tuple(sorted((part.places[i], part.places[j]))) for i, j in pairs(len(part.places))]
    return dict(zip(places, part.terms, strict=True))  # type: ignore[arg-type]  # pairs


def _complements(shares: Sequence[Array]) -> list[Array]:
    """Sum of the shares of the other parts: 1 − share would lose the digits of small ones."""
    return [
        reduce(np.add, [share for m, share in enumerate(shares) if m != k], np.zeros(()))
        for k in range(len(shares))
    ]


def _spread(
    i: int,
    j: int,
    shares: Sequence[Array],
    slopes: Sequence[dict[int, Array]],
    bends: Sequence[dict[tuple[int, int], Array]],
    score: Sequence[Array],
) -> Array:
    """Curvature in parameters that several parts depend on: mean bend and covariance of slopes."""
    none = np.zeros(())
    return reduce(
        np.add,
        [
            share
            * (
                bend.get((i, j), none)
                + (slope.get(i, none) - score[i]) * (slope.get(j, none) - score[j])
            )
            for share, slope, bend in zip(shares, slopes, bends, strict=True)
        ],
    )


def supported_terms(
    family: Family, x: Array, theta: Sequence[Array], order: int
) -> Iterator[Array]:
    """Yield the terms of a family's log density, −inf where it has none."""
    outside = family.outside(x, theta)
    if family.kind == "multivariate" or not np.any(outside):
        yield from family.terms(x, theta, order).packed
        return
    safe = np.where(outside, family.inner_point(theta), x)
    value, *derivatives = family.terms(safe, theta, order).packed
    yield np.where(outside, -np.inf, value)
    for row in derivatives:
        yield np.where(outside, 0.0, row)
