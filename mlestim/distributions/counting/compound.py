r"""Compound Poisson sums of gamma variables: the series of their density, and of their tails.

With :math:`u = j/\lambda`, a Poisson number j of mean λ and a gamma variable of shape jα at its own
mean αλ have, by Stirling's formula,

.. math:: \log\left(\frac{\lambda^j e^{-\lambda}}{j!}
    \frac{(\alpha\lambda)^{j\alpha} e^{-\alpha\lambda}}{\Gamma(j\alpha)}\right)
    = -(1+\alpha)\lambda\,(u\log u - u + 1) - \log j - E(j) - E(j\alpha)

where E(y) = log Γ(y) − y log y + y is small: nothing large is left that could cancel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.counting.functions import log_poisson
from mlestim.special import log_gamma_excess

Array = NDArray[np.float64]

# The terms of a series that are summed reach so many standard deviations, and then some, to both
# sides of the largest one: beyond are terms below e^−40 of it. Where there are many, every h-th is
# enough: that is off by e^(−2π²σ²/h²) where terms are as smooth as a normal density, by
# e^(−σ²(1 − cos 2π/h)) as a Poisson's, and so below rounding as long as h ≤ σ/2.2.
REACH, MARGIN, PER_SD = 9.0, 13.0, 2.2
# Number of a term at most, and how much longer a window may be so that rows can share it.
MOST, LONGER = 1e15, 8
# Terms at once: their temporaries stay in the cache.
TERMS_AT_ONCE = 1 << 14
# Sums of many rows are interpolated in log λ, panel by panel. Their zeros lie where the imaginary
# part of log λ is π(p − 1): on panels as wide as that, polynomials through so many Chebyshev nodes
# err by a rounding. It pays from so many rows for each node.
NODES, ROWS_PER_NODE = 28, 3
# Rows of a product of matrices: more would start threads of their own.
ROWS_AT_ONCE = 1 << 10
_ANGLES = np.pi * (np.arange(NODES) + 0.5) / NODES
_TO_COEFFICIENTS = np.cos(np.multiply.outer(_ANGLES, np.arange(NODES))) * (2.0 / NODES)
_TO_COEFFICIENTS[:, 0] *= 0.5


class Window(NamedTuple):
    """Numbers j of the terms of a series: begin, begin + stride, …, for each row or for all."""

    begin: Array
    end: Array
    stride: Array

    @classmethod
    def around(cls, middle: Array, spread: Array, smooth: Array) -> Window:
        """Reach far enough from the middle; `smooth` is the width that the stride resolves."""
        reach = REACH * spread + MARGIN
        begin = np.maximum(np.floor(middle - reach), 1.0)
        return cls(begin, middle + reach, np.maximum(np.floor(smooth / PER_SD), 1.0))

    @property
    def lengths(self) -> Array:
        """Number of terms of each row."""
        return np.floor((self.end - self.begin) / self.stride) + 2.0

    def shared(self) -> Window:
        """One window for all rows of a problem, if it is not much longer than those of the rows."""
        begin, stride = (np.min(row, -1, keepdims=True) for row in (self.begin, self.stride))
        window = Window(begin, np.max(self.end, -1, keepdims=True), stride)
        fits = window.lengths <= LONGER * np.max(self.lengths, -1, keepdims=True)
        if np.all(fits):
            return window
        return Window(*(np.where(fits, one, own) for one, own in zip(window, self, strict=True)))

    def blocks(self, rows: int) -> Iterator[Array]:
        """Give the numbers along a new first axis, so many at once as fit into the cache."""
        at_once = max(1, TERMS_AT_ONCE // max(rows, 1))
        # impossible parameters have windows that are NaN, and so are their sums
        length = int(np.fmax.reduce(self.lengths, axis=None, initial=1.0))
        for k in range(0, length, at_once):
            steps = np.arange(k, min(k + at_once, length))
            yield self.begin + steps.reshape(-1, *(1,) * self.begin.ndim) * self.stride


def log_density_at_mean(rate: Array, p: Array, order: int) -> list[Array]:
    r"""Log of x times the density of a Tweedie variable at its mean x, where it depends on two.

    .. math:: g(\lambda, p) = \log\sum_{j\ge1} e^{\tau_j}, \quad
        \lambda = \frac{x^{2-p}}{\phi(2-p)}, \quad \alpha = \frac{2-p}{p-1}

    with the terms τ_j of the module. Where many rows share the power, the sums are taken at a few
    λ and interpolated between them.

    Returns
    -------
    list of arrays
        g; from order 1 on its slopes in log λ and in p; from order 2 on the second derivatives
        in log λ, in both, and in p.
    """
    if p.shape[-1:] not in ((), (1,)) or rate.shape[-1:] < (NODES,):
        return _summed(rate, p, order)
    rows = rate.reshape(-1, rate.shape[-1])
    powers = np.broadcast_to(p, (*rate.shape[:-1], 1)).reshape(-1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(rows)
        panels = np.ceil(np.ptp(logs, axis=-1, keepdims=True) / (np.pi * (powers - 1.0)))
    if not np.max(panels) * NODES * ROWS_PER_NODE <= rows.shape[-1]:
        return _summed(rate, p, order)
    each = [
        _interpolated(line, power, max(int(number), 1), order)
        for line, power, (number,) in zip(logs, powers, panels, strict=True)
    ]
    return list(np.stack(each, axis=1).reshape(-1, *rate.shape))


def _interpolated(logs: Array, p: Array, panels: int, order: int) -> Array:
    """Interpolate the sums of one problem, polynomials of log λ on each panel."""
    low = logs.min()
    width = (logs.max() - low) / panels or 1.0
    nodes = low + width * (np.arange(panels)[:, None] + 0.5 + 0.5 * np.cos(_ANGLES))
    sums = np.array(_summed(np.exp(nodes.ravel()), p, order)).reshape(-1, panels, NODES)
    coefficients = sums @ _TO_COEFFICIENTS
    position = (logs - low) / width
    panel = np.minimum(np.floor(position), panels - 1.0)
    by_panel = np.argsort(panel, kind="stable")
    place = panel[by_panel]
    polynomials = _polynomials(2.0 * (position[by_panel] - place) - 1.0)
    ends = np.searchsorted(place, np.arange(panels + 1))
    out = np.empty((len(sums), len(logs)))
    for k, (begin, end) in enumerate(pairwise(ends)):
        for first in range(begin, end, ROWS_AT_ONCE):
            rows = slice(first, min(first + ROWS_AT_ONCE, end))
            out[:, by_panel[rows]] = coefficients[:, k] @ polynomials[:, rows]
    return out


def _polynomials(t: Array) -> Array:
    """Chebyshev polynomials, the degree along the first axis."""
    values = np.empty((NODES, len(t)))
    values[0], values[1], twice = 1.0, t, 2.0 * t
    for k in range(2, NODES):
        np.multiply(twice, values[k - 1], out=values[k])
        values[k] -= values[k - 2]
    return values


def _summed(rate: Array, p: Array, order: int) -> list[Array]:
    """Sum the terms of each row; what depends on j and p alone is shared where rows share p."""
    a = p - 1.0
    alpha, per_a = (2.0 - p) / a, 1.0 / a
    rate = np.minimum(rate, MOST)
    peak = np.maximum(rate, 1.0)
    sd = np.sqrt(peak * a)
    window = Window.around(peak, sd, sd)
    if p.shape[-1:] in ((), (1,)):
        window = window.shared()
    excess = peak / rate - 1.0
    largest = -per_a * rate * ((1.0 + excess) * np.log1p(excess) - excess)
    sums = np.zeros(())
    for j in window.blocks(rate.size):
        of_j, of_shape = log_gamma_excess(j), log_gamma_excess(alpha * j)
        above = j - rate
        deviance = j * np.log1p(above / rate)
        deviance -= above
        deviance *= per_a
        weight = np.exp(-(deviance + (np.log(j) + of_j[0] + of_shape[0])) - largest)
        block = [weight.sum(axis=0)]
        if order > 0:
            slope = (per_a * j) * of_shape[1]
            of_power = deviance + slope
            by_rate, by_power = weight * above, weight * of_power
            block += [by_rate.sum(axis=0), by_power.sum(axis=0)]
        if order > 1:
            rest = 2.0 * slope + (per_a * j) ** 2 * of_shape[2]
            block += [
                _dot(by_rate, above),
                _dot(by_rate, of_power),
                _dot(by_power, of_power),
                _dot(weight, 2.0 * deviance + rest),
            ]
        sums = sums + np.array(block)
    rows = [largest + np.log(sums[0]) + np.log(window.stride)]
    if order == 0:
        return rows
    above, of_power, *squares = sums[1:] / sums[0]
    rows += [per_a * above, per_a * of_power]
    if order == 1:
        return rows
    return [
        *rows,
        per_a**2 * (squares[0] - above**2) - per_a * rate,
        per_a**2 * (squares[1] - above * of_power - above),
        per_a**2 * (squares[2] - of_power**2 - squares[3]),
    ]


def _dot(first: Array, other: Array) -> Array:
    return np.asarray(np.einsum("k...,k...->...", first, other))


def sums_over_numbers(
    of_number: Callable[[Array], Sequence[Array]], rate: Array, middle: Array, smooth: Array
) -> list[Array]:
    """Sum functions of positive Poisson numbers, times their probabilities, about the middle."""
    window = Window.around(middle, np.sqrt(middle), smooth)
    sums: list[Array] = []
    for j in window.blocks(rate.size):
        weight = np.exp(log_poisson(j, rate))
        block = [_dot(weight, values) for values in of_number(j)]
        sums = [a + b for a, b in zip(sums, block, strict=True)] if sums else block
    return [total * window.stride for total in sums]
