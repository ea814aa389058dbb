"""Counts with additional zeros, made of scipy's counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from peers.base import Array, Numbers, Peer, same


@dataclass(frozen=True)
class WithZeros:
    """Counts of which a share is 0 besides (zero-inflated), or instead (hurdle).

    Attributes
    ----------
    counts : scipy distribution
        The counts.
    arguments : callable
        From their parameters to scipy's arguments.
    instead : bool
        Whether the share takes the place of the counts' own zeros.
    """

    counts: stats.rv_discrete
    arguments: Callable[..., Numbers]
    instead: bool = False

    def logpmf(self, x: Array, *theta: float) -> Array:
        """Log of a share of zeros, or of counts."""
        counts, share, rest = self._parts(theta)
        with np.errstate(divide="ignore"):
            zero = np.log(share) if self.instead else np.log(share + rest * counts.pmf(0))
            return np.where(x == 0.0, zero, np.log(rest) + counts.logpmf(x))

    def sf(self, x: Array, *theta: float) -> Array:
        """Probability above x; of all counts below 0."""
        counts, _, rest = self._parts(theta)
        return np.where(np.asarray(x) < 0.0, 1.0, rest * counts.sf(x))

    def cdf(self, x: Array, *theta: float) -> Array:
        """Probability of at most x."""
        return 1.0 - self.sf(x, *theta)

    def logsf(self, x: Array, *theta: float) -> Array:
        """Log of the probability above x."""
        return np.log(self.sf(x, *theta))

    def rvs(self, *theta: float, size: int, random_state: int) -> Array:
        """Draw a sample by inversion: zeros take the lowest part of (0, 1)."""
        counts, _, rest = self._parts(theta)
        above = np.random.default_rng(random_state).uniform(size=size)
        with np.errstate(divide="ignore"):
            return np.maximum(counts.isf(np.minimum(above / rest, 1.0)), 0.0)

    def _parts(self, theta: tuple[float, ...]) -> tuple[stats.rv_discrete, float, float]:
        """Counts, share of zeros, and what multiplies the counts' probabilities above 0."""
        *own, share = theta
        counts = self.counts(*self.arguments(*own))
        return counts, share, (1.0 - share) / (counts.sf(0) if self.instead else 1.0)


def _peer(distribution: WithZeros, *truths: Numbers) -> Peer:
    return Peer(distribution, same, same, truths)


def _in_size_and_mean(size: float, mean: float) -> Numbers:
    return size, size / (size + mean)


ZEROS: dict[str, Peer] = {
    "zero_inflated_poisson": _peer(WithZeros(stats.poisson, same), (2.0, 0.3), (0.7, 0.5)),
    "hurdle_poisson": _peer(WithZeros(stats.poisson, same, instead=True), (2.0, 0.3), (0.7, 0.1)),
    "zero_inflated_negative_binomial": _peer(
        WithZeros(stats.nbinom, _in_size_and_mean), (1.5, 4.0, 0.3), (10.0, 3.0, 0.5)
    ),
}
