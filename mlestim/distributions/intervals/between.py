r"""Terms of log P(a < X ≤ b), without cancellation in either tail.

With A ≥ B the logs of the two tails whose difference is the probability,

.. math:: \log P = A + \log(1 - e^{-(A-B)})

Either tail will do: the log of a tail that is nearly certain keeps the digits of its complement,
until that underflows. Where A and B agree to many digits, the interval is narrow and the density is
integrated over it; counts are summed where they are few.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.intervals.parts import Way, of_rows, write_parts
from mlestim.distributions.intervals.tail import below, tail_terms
from mlestim.distributions.terms import packed_size
from mlestim.special import LOG_HALF

if TYPE_CHECKING:
    from mlestim.distributions.base import Family

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Theta = Sequence[Array]

# An interval with less than this share of the tail that it begins is narrow: a difference of tails
# has lost so many digits that the integral of the density has more of them. Derivatives that are
# differences of tails themselves have fewer to lose.
NARROW_BY_FORMULA, NARROW = 1e-5, 0.02
# A tail this near to certain has lost its complement.
LOST = 1e-280
# Nodes and weights on (0, 1): exact for polynomials of degree 9.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(5)
_NODES, _WEIGHTS = 0.5 * (1.0 + _NODES), 0.5 * _WEIGHTS
# Two ways to the log probability of a narrow interval may differ by this much, and by what rounding
# does to the difference; farther apart, the density is not smooth within.
AGREEMENT, ROUNDING = 1e-9, 1e-13
# Rows at once: their temporaries stay in the cache.
PIECE = 1 << 15
# Counts of an interval that are summed.
FEW_COUNTS = 16


def interval_terms(family: Family, lower: Array, upper: Array, theta: Theta, order: int) -> Array:
    """Packed terms of the log probability of each interval (lower, upper].

    Parameters
    ----------
    family : Family
        Of the distribution.
    lower, upper : array, shape (n,)
        Ends of the intervals; infinite ones make tails.
    theta : sequence of arrays, shape (n,) or one value
        Parameters.
    order : {0, 1, 2}
        How many derivatives.

    Returns
    -------
    numpy.ndarray
        Shape (packed size, n).
    """
    out = np.empty((packed_size(len(theta), order), len(lower)))
    for first in range(0, len(lower), PIECE):
        rows = slice(first, first + PIECE)
        _fill(out[:, rows], family, lower[rows], upper[rows], of_rows(theta, rows), order)
    return out


def _fill(out: Array, family: Family, lower: Array, upper: Array, theta: Theta, order: int) -> None:
    begins = below(family, lower, family.support.lower)
    ends = upper >= family.support.upper
    tail = partial(tail_terms, family, order=order)
    parts: list[tuple[Mask, Way]] = [
        (~(begins | ends), partial(_between, family, order)),
        (ends & ~begins, lambda a, _, t: tail(a, t, upper=True)),
        (begins & ~ends, lambda _, b, t: tail(b, t, upper=False)),
        (begins & ends, lambda _a, _b, _t: [np.zeros(())] * len(out)),
    ]
    write_parts(out, parts, (lower, upper), theta)


def _between(
    family: Family, order: int, lower: Array, upper: Array, theta: Theta
) -> Iterable[Array]:
    """Terms of intervals with an end on either side."""
    direct = family.between_terms(lower, upper, theta)
    if direct is None:
        return _by_tails(family, order, lower, upper, theta)
    with np.errstate(all="ignore"):  # rows that lose digits are replaced
        rows = list(islice(direct, packed_size(len(theta), order)))
    open_ones = np.isnan(rows[0])
    write_parts(rows, [(open_ones, partial(_by_tails, family, order))], (lower, upper), theta)
    return rows


def _by_tails(
    family: Family, order: int, lower: Array, upper: Array, theta: Theta
) -> Iterable[Array]:
    """Terms of intervals from those of the tails that they begin and end."""
    integers, by_formula = family.support.integers, family.has_tail_formula
    if by_formula and not integers:
        return _difference(family, order, lower, upper, theta, upper_tail=family.own_is_upper)
    out = np.empty((packed_size(len(theta), order), len(lower)))
    few = np.zeros(len(lower), dtype=bool)
    if integers:
        few = np.floor(upper) - np.floor(lower) <= FEW_COUNTS
    in_upper = np.ones(len(lower), dtype=bool)
    if not by_formula:  # the smaller tail is the cheaper one
        in_upper = family.log_tail(upper, theta, upper=False) >= LOG_HALF
    parts: list[tuple[Mask, Way]] = [
        (few, lambda a, b, t: _summed(family, *_counts(a, b), t, order)),
        (~few & in_upper, partial(_difference, family, order, upper_tail=True)),
        (~few & ~in_upper, partial(_difference, family, order, upper_tail=False)),
    ]
    write_parts(out, parts, (lower, upper), theta)
    return out


def _difference(
    family: Family, order: int, lower: Array, upper: Array, theta: Theta, *, upper_tail: bool
) -> Iterable[Array]:
    """Terms of the difference of two tails; of the density's integral where they hardly differ."""
    near, far = (
        tail_terms(family, end, theta, order, upper=upper_tail)
        for end in ((lower, upper) if upper_tail else (upper, lower))
    )
    with np.errstate(invalid="ignore"):  # two impossible tails have no difference
        gap = near[0] - far[0]
    # of two tails that are nearly certain, the other two are to be compared
    wide = gap > _narrow(family) * np.minimum(-far[0], 1.0)
    if np.all(wide):
        return _minus(near, far, gap, len(theta))
    with np.errstate(all="ignore"):  # replaced below
        out = np.array(np.broadcast_arrays(*_minus(near, far, gap, len(theta))))
        loss = ROUNDING * -far[0] / gap
    lost = far[0] > -LOST
    other = partial(_difference, family, order, upper_tail=not upper_tail)
    write_parts(out, [(lost, other)], (lower, upper), theta)
    rows = np.flatnonzero(~wide & ~lost)
    if len(rows) and not family.support.integers:
        points = _nodes(lower[rows], upper[rows])
        integral = _summed(family, *points, of_rows(theta, rows), order)
        with np.errstate(invalid="ignore"):  # −∞ less −∞: the difference stays
            agrees = ~(np.abs(integral[0] - out[0, rows]) > AGREEMENT + loss[rows])
        agrees &= np.isfinite(integral[0])
        out[:, rows] = np.where(agrees, integral, out[:, rows])
    impossible = ~(out[0] > -np.inf)
    out[0, impossible], out[1:, impossible] = -np.inf, 0.0
    return out


def _narrow(family: Family) -> float:
    """Share of the tail below which an interval is narrow; counts have no narrow ones."""
    if family.support.integers:
        return 0.0
    return NARROW_BY_FORMULA if family.has_tail_formula else NARROW


def _minus(near: Sequence[Array], far: Sequence[Array], gap: Array, p: int) -> Sequence[Array]:
    """Terms of log(e^near − e^far); a far tail without probability leaves the near one."""
    kept = -np.expm1(-gap)  # share of the near tail that is left
    out = [near[0] + np.log(kept)]
    if len(near) == 1:
        return out
    ratio = (1.0 - kept) / kept
    steps = [a - b for a, b in zip(near[1:], far[1:], strict=True)]
    shares = [ratio * step for step in steps]
    out += [a + share for a, share in zip(near[1:], shares, strict=True)]
    if len(near) > 1 + p:
        wider = [step + share for step, share in zip(steps[:p], shares, strict=False)]
        for place, (i, j) in enumerate(zip(*np.triu_indices(p), strict=True), start=1 + p):
            out[place] -= shares[i] * wider[j]
    return out


def _nodes(lower: Array, upper: Array) -> tuple[Array, Array]:
    """Points of each interval, and the logs of their weights, the points along the first axis."""
    width = upper - lower
    return lower + _NODES[:, None] * width, np.log(_WEIGHTS[:, None] * width)


def _counts(lower: Array, upper: Array) -> tuple[Array, Array]:
    """Counts of each interval; those beyond its end have no weight."""
    first, last = np.floor(lower) + 1.0, np.floor(upper)
    counts = first + np.arange(max(int(np.max(last - first)) + 1, 1))[:, None]
    return np.minimum(counts, last), np.where(counts <= last, 0.0, -np.inf)


def _summed(family: Family, x: Array, log_weights: Array, theta: Theta, order: int) -> Array:
    """Terms of the log of a weighted sum of densities over the first axis of `x`."""
    p = len(theta)
    outside = family.outside(x, theta)
    safe = np.where(outside, family.inner_point(theta), x)
    terms = family.terms(safe, theta, order).packed
    logs = np.where(outside, -np.inf, terms[0] + log_weights)
    out = np.empty((len(terms), x.shape[1]))
    largest = np.max(logs, axis=0)
    shares = np.exp(logs - np.where(np.isfinite(largest), largest, 0.0))
    total = np.sum(shares, axis=0)
    with np.errstate(divide="ignore"):  # log 0 = −inf is the answer
        out[0] = largest + np.log(total)
    if order:
        shares /= np.where(total > 0.0, total, 1.0)
        score = terms[1 : 1 + p]
        out[1 : 1 + p] = mean = np.sum(shares * score, axis=1)
    if order == 2:
        first, second = np.triu_indices(p)
        squares = terms[1 + p :] + score[first] * score[second]
        out[1 + p :] = np.sum(shares * squares, axis=1) - mean[first] * mean[second]
    return out
