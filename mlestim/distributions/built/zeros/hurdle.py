"""Families in which a 0 has a probability of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.built.mixing.edges import likelier_end
from mlestim.distributions.built.mixing.log_sum import (
    log_weight,
)
from mlestim.distributions.built.zeros.base import WithZeros
from mlestim.distributions.intervals.tail import complement_terms, tail_terms
from mlestim.distributions.limit import Limit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.terms import packed_size


class Hurdle(WithZeros):
    r"""A family in which a 0 has a probability of its own.

    .. math:: P(0) = \pi, \qquad P(x) = (1-\pi)\,\frac{p(x)}{1-p(0)}, \quad x > 0

    p may be a density of positive values too, as of amounts of rain; P is a density then for x > 0.

    Parameters
    ----------
    family : str, Family class or instance
        The family p, of counts or of positive values; values of an instance are kept.
    **values : float
        Parameters of p under their own names, and ``zero_prob``, π, in (0, 1).

    References
    ----------
    Mullahy, J. (1986). Specification and testing of some modified count data models. Journal of
    Econometrics 33, 341-365.

    Examples
    --------
    >>> Hurdle("poisson", mean=2, zero_prob=0.4).pdf([0, 1, 2]).round(4).tolist()
    [0.4, 0.1878, 0.1878]
    """

    @classmethod
    def _declared(cls, inner: Family) -> tuple[str, str]:
        return f"hurdle_{inner.name}", "probability of a zero"

    def term_rows(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        zero = x == 0.0
        safe = np.where(zero, self._above_zero(theta), x)
        inner = self.inner.terms(safe, theta[:-1], order).packed
        above = self._not_filled(map(np.subtract, inner, self._log_above(x, theta, order)), theta)
        rows = islice(zip(self._zeros(theta), above, strict=False), packed_size(len(theta), order))
        return [np.where(zero, *pair) for pair in rows]

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        inner = tail_terms(self.inner, x, theta[:-1], 2, upper=True)
        above = map(np.subtract, inner, self._log_above(x, theta, 2))
        beyond = self._not_filled(above, theta)
        if upper:
            return beyond
        within = complement_terms(beyond, len(theta))
        first = (np.floor(x) if self.support.integers else x) <= 0.0
        return (np.where(first, *pair) for pair in zip(self._zeros(theta), within, strict=True))

    @staticmethod
    def _zeros(theta: Theta) -> Iterator[Array]:
        """Yield the terms of log π in the parameters of the inner family and π."""
        prob, q, none = theta[-1], len(theta) - 1, np.zeros(())
        yield from (log_weight(prob), *(none,) * q)
        with np.errstate(divide="ignore"):  # no zeros have been seen: π is 0
            slope = 1.0 / prob
        yield slope
        yield from (none,) * (q * (q + 3) // 2)
        yield -(slope**2)

    def _above_zero(self, theta: Theta) -> ArrayLike:
        return 1.0 if self.support.integers else self.inner.inner_point(theta[:-1])

    def _log_above(self, x: Array, theta: Theta, order: int) -> Array:
        """Packed terms of the log probability that the inner family exceeds 0, for each row."""
        q = len(theta) - 1
        if not self.support.integers or self.inner.support.lower > 0.0:
            return np.zeros(packed_size(q, order))
        first = self.inner.terms(np.zeros_like(x), theta[:-1], order).packed
        return np.array(list(islice(complement_terms(iter(first), q), len(first))))

    def limits(self) -> tuple[Limit, ...]:
        names = {name: name for name in self.inner.parameter_names}
        plain = Limit(self, {**names, "zero_prob": 0.0}, attained=True, held={"zero_prob": 0.0})
        inner = self.inner.limits()
        if self.support.integers:  # what is above 0 is seen through a window
            inner = (*inner, *self.inner.limits_within(0.0, np.inf))
        return (plain, *self._with_zeros(inner), *self._without_others())

    def _without_others(self) -> Iterator[Limit]:
        """Where all that is above 0 is 1: one parameter then runs to the end that allows no more."""
        if not self.support.integers or len(self.inner.parameters) != 1:
            return
        (parameter,) = self.inner.parameters
        one, half = np.ones((2, 1)), np.full((2, 1), 0.5)
        edge = likelier_end(parameter, lambda ends: self.terms(one, [ends, half], 0).value)
        yield Limit("bernoulli", {parameter.name: edge, "zero_prob": _complement_of_prob})

    def limit_reached(self, sketch: Sketch) -> NDArray[np.bool_]:
        return sketch.minimum > 0.0

    def edge_estimate(self, minimum: Array, maximum: Array) -> dict[str, Array]:
        """Ends of the inner support, NaN for a lower one: zeros hide the least value above them."""
        return self.inner.edge_estimate(np.where(minimum > 0.0, minimum, np.nan), maximum)

    def not_identified(self, sketch: Sketch, free: frozenset[str]) -> NDArray[np.bool_]:
        """Zeros alone say nothing of what is above, and ones alone little."""
        few = 1.0 if self.support.integers and len(self.inner.parameters) > 1 else 0.0
        return sketch.at_most(few) & (len(free) == len(self.parameters))

    def _log_nonzero(self, theta: Theta) -> Array:
        """Log probability that the inner family exceeds 0."""
        return np.log(-np.expm1(self._log_first(theta)))

    def _logs(self, theta: Theta) -> tuple[Array, Array]:
        return log_weight(theta[-1]), np.log1p(-theta[-1]) - self._log_nonzero(theta)

    def _cdf(self, x: Array, theta: Theta) -> Array:
        share = -np.expm1(self._member(theta).logsf(x) - self._log_nonzero(theta))
        return theta[-1] + (1.0 - theta[-1]) * share

    def _logsf(self, x: Array, theta: Theta) -> Array:
        log_share = self._member(theta).logsf(x) - self._log_nonzero(theta)
        return np.log1p(-theta[-1]) + log_share

    def _ppf(self, p: Array, theta: Theta) -> Array:
        if self.support.integers:
            return super()._ppf(p, theta)
        share = np.maximum(p - theta[-1], 0.0) / (1.0 - theta[-1])
        return np.asarray(self._member(theta).ppf(share))

    def _isf(self, p: Array, theta: Theta) -> Array:
        if self.support.integers:
            return super()._isf(p, theta)
        return np.asarray(self._member(theta).isf(np.minimum(p / (1.0 - theta[-1]), 1.0)))

    def _drawn(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        # the quantile of what is left above P(0)
        share = rng.random(size)
        return np.asarray(self._member(theta).isf(share * np.exp(self._log_nonzero(theta))))


def _complement_of_prob(limit: Mapping[str, Array]) -> Array:
    return 1.0 - limit["prob"]
