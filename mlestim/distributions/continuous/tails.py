"""Tails of the normal distribution without cancellation, and tails of any density by quadrature."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

Array = NDArray[np.float64]

# From this s on, a continued fraction of 60 levels has all digits; below, differences of library
# values lose two at most.
FRACTION_FROM = 3.0
FRACTION_LEVELS = 60


class NormalTail(NamedTuple):
    r"""Functions of the normal distribution beyond s, each small difference computed as such.

    With Mills' ratio R(s) = (1 − Φ(s))/φ(s) and Laplace's continued fraction
    1/R = s + e, e = 1/(s + c), c = 2/(s + d), d = 3/(s + …).
    """

    log_ratio: Array
    hazard: Array
    e: Array
    c: Array
    d: Array
    far: NDArray[np.bool_]

    @property
    def curvature(self) -> Array:
        """1 − e/R, the second derivative of log R: e(c − e) far out."""
        return np.where(self.far, self.e * (self.c - self.e), 1.0 - self.hazard * self.e)


def normal_tail(s: Array) -> NormalTail:
    """Evaluate `NormalTail` at s, negative or positive.

    References
    ----------
    Abramowitz and Stegun (1964), 26.2.14.

    Examples
    --------
    >>> normal_tail(np.array([40.0])).e * 40
    array([0.99875466])
    """
    far = s > FRACTION_FROM
    with np.errstate(all="ignore"):  # far out the direct differences are replaced
        scaled = sc.erfcx(s / np.sqrt(2.0))
        hazard = np.sqrt(2.0 / np.pi) / scaled
        e = np.where(np.isfinite(scaled), hazard - s, -s)
        c = 1.0 / e - s
        d = 2.0 / c - s
        log_ratio = np.log(np.minimum(scaled, 1e300)) + 0.5 * np.log(np.pi / 2.0)
    if np.any(far):
        beyond = np.where(far, s, 10.0)
        r = beyond
        for level in range(FRACTION_LEVELS, 3, -1):
            r = beyond + level / r
        d = np.where(far, 3.0 / r, d)
        c = np.where(far, 2.0 / (beyond + d), c)
        e = np.where(far, 1.0 / (beyond + c), e)
        hazard = np.where(far, beyond + e, hazard)
    return NormalTail(log_ratio, hazard, e, c, d, far)


# Points at which a density is evaluated at once.
POINTS_AT_ONCE = 1 << 16
# Exp-sinh quadrature on (0, ∞): double exponential decay at both ends, whatever the tail. The nodes
# reach from e^-60 to e^60 times the scale.
_STEP = 1.0 / 24.0
_GRID = np.arange(-4.35, 4.35 + _STEP, _STEP)
_LOG_NODES = 0.5 * np.pi * np.sinh(_GRID)
_NODES = np.exp(_LOG_NODES)
_WEIGHTS = _STEP * 0.5 * np.pi * np.cosh(_GRID) * _NODES


def tail_probability(log_density: Callable[[Array], Array], x: Array, scale: Array) -> Array:
    r"""Integrate a density over (x, ∞) where `scale` is positive, else over (−∞, x).

    .. math:: \int_0^\infty f(x + s e^{\frac\pi2\sinh t}) \dots

    by the trapezoidal rule in t, whose error is near the rounding of the density for any density
    that is analytic about the interval.

    Parameters
    ----------
    log_density : callable
        Takes points of the shape of `x` with one axis more in front.
    x : array
        Ends of the intervals.
    scale : array
        About the length over which the density changes; its sign tells the direction.
    """
    x, scale = np.broadcast_arrays(x, scale)
    total = np.zeros(x.shape)
    at_once = max(1, POINTS_AT_ONCE // max(x.size, 1))
    with np.errstate(all="ignore"):  # the density of points at infinity is 0
        for first in range(0, len(_NODES), at_once):
            part = slice(first, first + at_once)
            density = np.exp(log_density(x + np.multiply.outer(_NODES[part], scale)))
            total += np.einsum("k...,k->...", np.nan_to_num(density), _WEIGHTS[part])
    return total * np.abs(scale)
