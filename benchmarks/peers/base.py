"""Each family in scipy's words, so that its likelihood is written by somebody else."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
Theta = Sequence[float]
Numbers = tuple[float, ...]
# What follows the names of families with freed parameters.
FREED = " with free ends"


@dataclass(frozen=True)
class Peer:
    """A family as scipy has it.

    Attributes
    ----------
    distribution : scipy distribution
        Its density.
    arguments : callable
        From parameters in declared order to scipy's arguments.
    theta : callable
        And back.
    truths : tuple of tuples
        Parameters that samples are simulated from.
    fit : callable, optional
        scipy's own fit, giving scipy's arguments, where it has one that does not take minutes.
    fixed : mapping
        Parameters that are known, with the values that they have in `truths`.
    free : tuple of str
        Parameters that are known unless they are freed: ends of the support, at which a likelihood has
        kinks.
    """

    distribution: Any
    arguments: Callable[..., Numbers]
    theta: Callable[..., Numbers]
    truths: tuple[Numbers, ...]
    fit: Callable[[Array], Numbers] | None = None
    fixed: Mapping[str, float] = field(default_factory=dict)
    free: tuple[str, ...] = ()

    def log_likelihood(self, x: Array, theta: Theta) -> float:
        """Sum of scipy's log densities; −inf where scipy has none."""
        with np.errstate(all="ignore"):
            total = float(np.sum(self.log_density(x, theta)))
        return total if np.isfinite(total) else -np.inf

    def log_density(self, x: Array, theta: Theta) -> Array:
        """Its log density at each row."""
        discrete = hasattr(self.distribution, "logpmf")
        log_density = self.distribution.logpmf if discrete else self.distribution.logpdf
        return np.asarray(log_density(x, *self.arguments(*theta)))

    def simulate(self, theta: Theta, n: int, seed: int) -> Array:
        """Draw a sample."""
        rows = self.distribution.rvs(*self.arguments(*theta), size=n, random_state=seed)
        return np.asarray(rows, dtype=float)

    def own_fit(self, x: Array) -> Numbers | None:
        """Parameters of scipy's fit, None where it gives up or has none."""
        if self.fit is None:
            return None
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # scipy's trouble is what is counted here
                return tuple(float(value) for value in self.theta(*self.fit(x)))
        except (ValueError, RuntimeError, FloatingPointError, OverflowError):
            return None


def family_of(name: str) -> str:
    """Registered name of a family whose parameters may be freed."""
    return name.removesuffix(FREED)


def same(*theta: float) -> Numbers:
    """Parameters that are scipy's arguments."""
    return theta


def location_scale(
    distribution: stats.rv_continuous, truths: tuple[Numbers, ...] = ((0.0, 1.0),)
) -> Peer:
    """Location and scale, called so by both sides."""
    return Peer(distribution, same, same, truths, distribution.fit)


def shape_scale(distribution: stats.rv_continuous, truths: tuple[Numbers, ...]) -> Peer:
    """One shape, a location of 0 and a scale."""
    return Peer(
        distribution,
        lambda shape, scale: (shape, 0.0, scale),
        lambda shape, _, scale: (shape, scale),
        truths,
        lambda x: distribution.fit(x, floc=0.0),
    )


def two_shapes_scale(distribution: stats.rv_continuous, truths: tuple[Numbers, ...]) -> Peer:
    """Two shapes, a location of 0 and a scale."""
    return Peer(
        distribution,
        lambda first, second, scale: (first, second, 0.0, scale),
        lambda first, second, _, scale: (first, second, scale),
        truths,
        lambda x: distribution.fit(x, floc=0.0),
    )


def scale_only(distribution: stats.rv_continuous) -> Peer:
    """A location of 0 and a scale."""
    return Peer(
        distribution,
        lambda scale: (0.0, scale),
        lambda _, scale: (scale,),
        ((1.0,),),
        lambda x: distribution.fit(x, floc=0.0),
    )


def location_scale_shapes(distribution: stats.rv_continuous, truths: tuple[Numbers, ...]) -> Peer:
    """Location and scale first here, last in scipy."""
    return Peer(
        distribution,
        lambda location, scale, *shapes: (*shapes, location, scale),
        lambda *arguments: (*arguments[-2:], *arguments[:-2]),
        truths,
        distribution.fit,
    )


def on_unit_interval(distribution: stats.rv_continuous, truths: tuple[Numbers, ...]) -> Peer:
    """Two shapes, values between 0 and 1."""
    return Peer(
        distribution,
        same,
        lambda a, b, *_: (a, b),
        truths,
        lambda x: distribution.fit(x, floc=0.0, fscale=1.0),
    )
