"""Probabilities and their terms from the one tail for which a family has a formula."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlestim.distributions.base import Array, Family, Theta
from mlestim.distributions.intervals.tail import complement_terms


class OwnTail(Family):
    """Both tails of a family from the terms of the log of one.

    A mixin that stands before the family's other bases.
    """

    def own_tail(self, x: Array, theta: Theta) -> Iterator[Array]:
        """Yield the terms of the log of the own tail; by default those that are linear."""
        return self.own_tail_terms(self._row(x, theta, 2), theta)

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        """Yield the terms of either tail; see `Family.tail_terms`."""
        own = self.own_tail(x, theta)
        return own if upper == self.own_is_upper else complement_terms(own, len(theta))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return next(self.tail_terms(x, theta, upper=True))

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return next(self.tail_terms(x, theta, upper=False))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return self._probability_of(x, theta, own=self.own_is_upper)

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return self._probability_of(x, theta, own=not self.own_is_upper)

    def _probability_of(self, x: Array, theta: Theta, *, own: bool) -> Array:
        log_own = next(self.own_tail(x, theta))
        return np.exp(log_own) if own else -np.expm1(log_own)
