"""Tails of any density by quadrature, and their quantiles by Newton's method."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Theta
from mlestim.distributions.intervals.tail import moved_terms, shape_positions
from mlestim.distributions.tails.cumulative import tail_integrals
from mlestim.distributions.terms import curvature_positions, log_tail_terms, weighted_terms

# Newton steps to a quantile; a handful in light tails, more where it lies at 1e300.
MAX_QUANTILE_STEPS = 200
# Points at which a density is evaluated at once.
POINTS_AT_ONCE = 1 << 16
# Points, parameters and logs of factors in; the density there, and what else is to be integrated,
# times the factors, out.
Integrands = Callable[[Array, Theta, Array | float], Array]
# Members whose tails are summed from one row to the next, one member after the other; of more, each
# has to have several rows for that to pay.
FEW_MEMBERS, MEMBER_ROWS = 16, 8
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
    return beyond_integrals(lambda t: np.exp(log_density(t))[None], x, scale)[0]


def beyond_integrals(integrands: Callable[[Array], Array], x: Array, scale: Array) -> Array:
    """Integrate k functions as `tail_probability` does a density: shape (k, *x.shape)."""
    x, scale = np.broadcast_arrays(x, scale)
    total = np.zeros(())
    at_once = max(1, POINTS_AT_ONCE // max(x.size, 1))
    with np.errstate(all="ignore"):  # the density of points at infinity is 0
        for first in range(0, len(_NODES), at_once):
            part = slice(first, first + at_once)
            values = integrands(x + np.multiply.outer(_NODES[part], scale))
            total = total + np.einsum("kj...,j->k...", np.nan_to_num(values), _WEIGHTS[part])
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


class QuadratureTails(Family):
    """Probabilities of a family with one mode and no formula, each from the tail beyond the mode.

    A mixin that stands before the family's other bases; the family gives its `_mode` and `_reach`.
    Derivatives of a tail are integrals of those of the density.
    """

    def _reach(self, x: Array, theta: Theta, mode: Array) -> Array:
        """Width over which the density falls off beyond x, away from the mode."""
        raise NotImplementedError

    def _bulk(self, theta: Theta) -> tuple[Array, Array]:
        """Centre and width of most of the probability, roughly."""
        return theta[0], theta[1]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return np.exp(self._logcdf(x, theta))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return np.exp(self._logsf(x, theta))

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        tail, of_upper = self._smaller_tail(x, theta)
        return log_of_side(tail, ~of_upper)

    def _logsf(self, x: Array, theta: Theta) -> Array:
        tail, of_upper = self._smaller_tail(x, theta)
        return log_of_side(tail, of_upper)

    def _smaller_tail(self, x: Array, theta: Theta) -> tuple[Array, NDArray[np.bool_]]:
        """Probability of the smaller tail of each point, and whether it is the upper one."""
        x, *parameters = np.broadcast_arrays(x, *theta)
        flat = [value.ravel() for value in parameters]
        integrals, of_upper = self._tail_integrals(x.ravel(), flat, self._density)
        return integrals[0].reshape(x.shape), of_upper.reshape(x.shape)

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        """Yield the terms of either tail; see `Family.tail_terms`."""
        integrals, of_upper = self._tail_integrals(x, theta, self._with_derivatives)
        of_shapes = log_tail_terms(integrals, of_upper == upper, len(shape_positions(self)))
        yield (value := next(of_shapes))
        density = self.terms(x, theta, 1)
        yield from moved_terms(self, x, theta, (value, of_shapes), density, upper=upper)

    def _tail_integrals(
        self, x: Array, theta: Theta, integrands: Integrands
    ) -> tuple[Array, NDArray[np.bool_]]:
        """Integrals over the smaller tail of each row, and whether it is the upper one."""
        begins = begins_of_members(x, theta)
        if len(begins) > FEW_MEMBERS and MEMBER_ROWS * len(begins) > len(x):
            mode = np.broadcast_to(self._mode(theta), x.shape)
            width = self._reach(x, theta, mode)
            reach = np.where(x < mode, -width, width)
            return beyond_integrals(lambda t: integrands(t, theta, 0.0), x, reach), x >= mode
        return self._by_members(x, theta, begins, integrands)

    def _by_members(
        self, x: Array, theta: Theta, begins: NDArray[np.intp], integrands: Integrands
    ) -> tuple[Array, NDArray[np.bool_]]:
        """The same, summed from row to row of one member after the other."""
        ends = [*begins[1:], len(x)]
        parts = [
            self._of_member(
                x[first:last],
                [v[first : first + 1] if v.size > 1 else v for v in theta],
                integrands,
            )
            for first, last in zip(begins, ends, strict=True)
        ]
        lower, higher = (np.concatenate(tails, axis=1) for tails in zip(*parts, strict=True))
        of_upper = higher[0] <= lower[0]
        return np.where(of_upper, higher, lower), of_upper

    def _of_member(self, x: Array, theta: Theta, integrands: Integrands) -> tuple[Array, Array]:
        """Integrals over both tails of one member."""
        points, place = np.unique(x, return_inverse=True)
        lower, higher = tail_integrals(
            lambda t, log_factor: integrands(t, theta, log_factor),
            lambda t: self.terms(t, theta, 0).value,
            points,
            *(float(value[0]) for value in self._bulk(theta)),
        )
        return lower[:, place], higher[:, place]

    def _density(self, x: Array, theta: Theta, log_factor: Array | float) -> Array:
        return np.exp(self.terms(x, theta, 0).packed + log_factor)

    def _with_derivatives(self, x: Array, theta: Theta, log_factor: Array | float) -> Array:
        """Density and its first and second derivatives in the shapes."""
        shapes, position = shape_positions(self), curvature_positions(len(theta))
        packed = self.terms(x, theta, 2).packed
        pairs = combinations_with_replacement(shapes, 2)
        places = [0, *(1 + k for k in shapes), *(position[pair] for pair in pairs)]
        rows = packed[places]
        rows[0] += log_factor
        return weighted_terms(rows, len(shapes))


def begins_of_members(x: Array, theta: Theta) -> NDArray[np.intp]:
    """Where neighbouring rows begin to have other parameters than the rows before."""
    changes = np.zeros(len(x), dtype=bool)
    changes[:1] = True
    for value in theta:
        if value.size > 1:
            changes[1:] |= np.diff(value) != 0.0
    return np.flatnonzero(changes)
