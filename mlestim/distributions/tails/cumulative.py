"""Tails of one member of a family at many points, by integrals between neighbouring points.

In t = arsinh((x − centre)/unit) heavy tails are hardly longer than light ones. There, panels between
the points are integrated by the rules of Gauss and Kronrod, and halved where the two differ. Sums
from either end keep the digits of both tails.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.intp]
Function = Callable[[Array], Array]

# Nodes on (0, 1) of the rules with 15 and 7 points, the latter at every other node of the former.
_HALF = (
    0.991455371120812639206854697526329,
    0.949107912342758524526189684047851,
    0.864864423359769072789712788640926,
    0.741531185599394439863864773280788,
    0.586087235467691130294144691693013,
    0.405845151377397166906606412076961,
    0.207784955007898467600689403773245,
)
_HALF_WEIGHTS = (
    0.022935322010529224963732008058970,
    0.063092092629978553290700663189204,
    0.104790010322250183839876322541518,
    0.140653259715525918745189590510238,
    0.169004726639267902826583426598550,
    0.190350578064785409913256402421014,
    0.204432940075298892414161999234649,
)
_NODES = 0.5 * (1.0 + np.array([*(-z for z in _HALF), 0.0, *_HALF[::-1]]))
_WEIGHTS = 0.5 * np.array(
    [*_HALF_WEIGHTS, 0.209482141084727828012999174891714, *_HALF_WEIGHTS[::-1]]
)
_FEWER_WEIGHTS = 0.5 * np.polynomial.legendre.leggauss(7)[1]
# Where the two rules agree to this share of the tail, the longer one has twice the digits, or more.
AGREEMENT = 1e-7
MOST_HALVINGS = 30
# Length of a panel in t, at most, and the change of the log density within it.
LONGEST, LARGEST_CHANGE = 0.7, 7.0
MOST_PARTS = 200
# The panels reach to where the density is smaller by this factor, in logs, than at the last point.
VANISHING = 40.0
FURTHER, MOST_EXTENSIONS, FARTHEST = 2.8, 10, 700.0


def tail_integrals(
    integrands: Callable[[Array, Array], Array],
    log_density: Function,
    x: Array,
    centre: float,
    unit: float,
) -> tuple[Array, Array]:
    """Integrate functions over (−∞, x) and over (x, ∞).

    Parameters
    ----------
    integrands : callable
        Takes points, shape (n,), and logs of factors, and gives a density and k − 1 multiples of
        it times these factors, (k, n).
    log_density : callable
        Takes points, and gives the log of that density.
    x : array, shape (n,)
        Ends of the tails, ascending.
    centre, unit : float
        Of the distribution, roughly.

    Returns
    -------
    lower, upper : array, shape (k, n)
        Integrals over either tail.
    """

    def height(t: Array) -> Array:
        with np.errstate(all="ignore"):  # infinitely far out there is no density
            return np.nan_to_num(log_density(centre + unit * np.sinh(t)) + np.abs(t), nan=-np.inf)

    def values(t: Array) -> Array:
        return integrands(centre + unit * np.sinh(t), np.log(unit) + np.log(np.cosh(t)))

    t = np.arcsinh((x - centre) / unit)
    knots, heights = _ladder(t, height)
    between = _between(values, knots, heights)
    nothing = np.zeros((len(between), 1))
    from_left = np.concatenate([nothing, between], axis=1).cumsum(axis=1)
    from_right = np.concatenate([between, nothing], axis=1)[:, ::-1].cumsum(axis=1)[:, ::-1]
    place = np.searchsorted(knots, t)
    # far out, t has not the digits of x
    rest = x - (centre + unit * np.sinh(t))
    with np.errstate(divide="ignore"):
        rest = np.sign(rest) * integrands(x, np.log(np.abs(rest)))
    return from_left[:, place] + rest, from_right[:, place] - rest


def _ladder(t: Array, height: Function) -> tuple[Array, Array]:
    """Knots, the points among them, and heights there, to where the tails have vanished."""
    further = FURTHER
    low, high = t[0] - further, t[-1] + further
    for _ in range(MOST_EXTENSIONS):
        steps = np.linspace(low, high, int(np.ceil((high - low) / LONGEST)) + 1)
        knots = np.unique(np.concatenate([steps, t]))
        heights = height(knots)
        first, last = np.searchsorted(knots, [t[0], t[-1]])
        gone_left = heights[: first + 1] < heights[first] - VANISHING
        gone_right = heights[last:] < heights[last] - VANISHING
        if gone_left.any() and gone_right.any():
            break
        further *= 2.0
        low = low if gone_left.any() else max(low - further, -FARTHEST)
        high = high if gone_right.any() else min(high + further, FARTHEST)
    begin = np.flatnonzero(gone_left)[-1] if gone_left.any() else 0
    end = last + np.flatnonzero(gone_right)[0] if gone_right.any() else len(knots) - 1
    return knots[begin : end + 1], heights[begin : end + 1]


def _between(values: Function, knots: Array, heights: Array) -> Array:
    """Integrals from each knot to the next, (k, knots − 1)."""
    begins, widths, owner = _panels(knots, heights)
    spaces = len(knots) - 1
    total = whole = np.zeros(())
    for _ in range(MOST_HALVINGS):
        at = begins[:, None] + widths[:, None] * _NODES
        rows = values(at.ravel())
        rows = rows.reshape(len(rows), *at.shape)
        integrals = widths * (rows @ _WEIGHTS)
        difference = np.abs(integrals[0] - widths * (rows[0, :, 1::2] @ _FEWER_WEIGHTS))
        if not whole.ndim:  # the smaller of the two tails that each panel belongs to
            total = np.zeros((len(rows), spaces))
            sums = np.cumsum(integrals[0])
            whole = np.minimum(sums, sums[-1] - sums + integrals[0])
        open_ones = difference > AGREEMENT * whole
        done = ~open_ones
        total += [np.bincount(owner[done], row[done], spaces) for row in integrals]
        if not open_ones.any():
            break
        half = 0.5 * widths[open_ones]
        begins = np.concatenate([begins[open_ones], begins[open_ones] + half])
        widths = np.concatenate([half, half])
        owner, whole = np.tile(owner[open_ones], 2), np.tile(whole[open_ones], 2)
    return total


def _panels(knots: Array, heights: Array) -> tuple[Array, Array, Integers]:
    """Begins and widths of parts of the spaces between knots, and which space each is of."""
    change = np.abs(np.diff(heights))
    finite = np.where(np.isfinite(change), change, MOST_PARTS * LARGEST_CHANGE)
    parts = np.clip(np.ceil(finite / LARGEST_CHANGE), 1, MOST_PARTS).astype(np.intp)
    owner = np.repeat(np.arange(len(parts)), parts)
    widths = (np.diff(knots) / parts)[owner]
    first = np.concatenate([[0], np.cumsum(parts)[:-1]])
    return knots[owner] + widths * (np.arange(len(owner)) - first[owner]), widths, owner
