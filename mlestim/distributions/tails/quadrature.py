"""Tails of any density by quadrature, and their quantiles by Newton's method."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.hooks import Hooks

Array = NDArray[np.float64]

# Newton steps to a quantile; a handful in light tails, more where it lies at 1e300.
MAX_QUANTILE_STEPS = 200
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


def log_of_side(tail: Array, inside: NDArray[np.bool_]) -> Array:
    """Log of a tail's probability where it is asked for, else of its complement."""
    with np.errstate(divide="ignore"):  # log 0 = −inf is the answer
        return np.where(inside, np.log(tail), np.log1p(-np.minimum(tail, 1.0)))


def tail_quantile(
    log_probability: Callable[[Array], Array],
    log_density: Callable[[Array], Array],
    p: Array,
    start: Array,
    ends: tuple[float, float] = (-np.inf, np.inf),
    *,
    lower: bool,
) -> Array:
    """Find where a tail has probability p, by Newton on its log, with halving to be sure.

    Parameters
    ----------
    log_probability : callable
        Log of the lower or upper tail's probability.
    log_density : callable
        Log density.
    p : array
        Probabilities.
    start : array
        Where to start, of the shape of the result.
    ends : tuple of float
        Ends of the support.
    lower : bool
        Whether the tail is the lower one.
    """
    goal, sign = np.log(p), 1.0 if lower else -1.0
    x = np.array(start, dtype=float)
    low, high = np.full(x.shape, ends[0]), np.full(x.shape, ends[1])
    done = np.zeros(x.shape, dtype=bool)  # whoever has arrived stays, whatever the others do
    for _ in range(MAX_QUANTILE_STEPS):
        with np.errstate(all="ignore"):  # where Newton fails the interval is halved
            reached = log_probability(x)
            excess = sign * (reached - goal)
            low, high = np.where(excess <= 0.0, x, low), np.where(excess >= 0.0, x, high)
            trial = x - excess / np.exp(log_density(x) - reached)
            middle = 0.5 * low + 0.5 * high
        inside = (trial > low) & (trial < high)
        trial = np.where(inside, trial, np.where(np.isfinite(middle), middle, x))
        trial = np.where(done, x, trial)
        done |= np.abs(trial - x) <= 2e-16 * np.abs(x)
        x = trial
        if np.all(done):
            break
    return x


class QuadratureTails(Hooks):
    """Probabilities of a family with one mode and no formula, each from the tail beyond the mode.

    A mixin that stands before the family's other bases; the family gives its `_mode` and `_reach`.
    """

    def _reach(self, x: Array, theta: Sequence[Array], mode: Array) -> Array:
        """Width over which the density falls off beyond x, away from the mode."""
        raise NotImplementedError

    def _cdf(self, x: Array, theta: Sequence[Array]) -> Array:
        return np.exp(self._logcdf(x, theta))

    def _sf(self, x: Array, theta: Sequence[Array]) -> Array:
        return np.exp(self._logsf(x, theta))

    def _logcdf(self, x: Array, theta: Sequence[Array]) -> Array:
        mode = self._mode(theta)
        return log_of_side(self._tail(x, theta, mode), x < mode)

    def _logsf(self, x: Array, theta: Sequence[Array]) -> Array:
        mode = self._mode(theta)
        return log_of_side(self._tail(x, theta, mode), x >= mode)

    def _tail(self, x: Array, theta: Sequence[Array], mode: Array) -> Array:
        """Probability of the tail that begins at x and does not hold the mode."""
        width = self._reach(x, theta, mode)
        return tail_probability(
            lambda t: self.terms(t, theta, 0).value, x, np.where(x < mode, -width, width)
        )
