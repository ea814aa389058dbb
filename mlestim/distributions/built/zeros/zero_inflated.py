"""Families of counts with additional zeros."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from mlestim.distributions.base import Array, Family, Row, Theta
from mlestim.distributions.built.mixing.log_sum import (
    log_weight,
    supported_terms,
)
from mlestim.distributions.built.zeros.base import WithZeros
from mlestim.distributions.intervals.tail import tail_terms
from mlestim.distributions.limit import Limit
from mlestim.distributions.terms import packed_size
from mlestim.special import log1mexp


class ZeroInflated(WithZeros):
    r"""A family of counts with additional zeros.

    .. math:: P(0) = \pi + (1-\pi)\,p(0), \qquad P(x) = (1-\pi)\,p(x), \quad x = 1, 2, \dots

    Where a sample has no more zeros than p has by itself, the maximum lies at π = 0.

    Parameters
    ----------
    family : str, Family class or instance
        The family p, of counts; values of an instance are kept.
    **values : float
        Parameters of p under their own names, and ``zero_prob``, π, in (0, 1).

    References
    ----------
    Lambert, D. (1992). Zero-inflated Poisson regression. Technometrics 34, 1-14.

    Examples
    --------
    >>> ZeroInflated("geometric", prob=0.5, zero_prob=0.2)
    ZeroInflated('geometric', prob=0.5, zero_prob=0.2)
    >>> ZeroInflated("geometric", prob=0.5, zero_prob=0.2).pdf([0, 1]).round(4).tolist()
    [0.6, 0.2]
    """

    @classmethod
    def _declared(cls, inner: Family) -> tuple[str, str]:
        return f"zero_inflated_{inner.name}", "probability of an additional zero"

    @classmethod
    def _objection(cls, inner: Family) -> str:
        objection = super()._objection(inner)
        nothing = np.zeros(1), [np.ones(1)] * len(inner.parameters)
        if objection or (inner.support.integers and not inner.outside(*nothing)[0]):
            return objection
        return (
            f"ZeroInflated takes a family of counts that has zeros itself, not {inner.name}; "
            f"use Hurdle({inner.name!r})"
        )

    def term_rows(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        inner = supported_terms(self.inner, x, theta[:-1], order)
        first = self.inner.terms(np.zeros_like(x), theta[:-1], order).packed
        zeros = self._filled(iter(first), log1mexp(first[0]), theta)
        pairs = islice(
            zip(zeros, self._not_filled(inner, theta), strict=False),
            packed_size(len(theta), order),
        )
        return [np.where(x == 0.0, *pair) for pair in pairs]

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        tail = iter(tail_terms(self.inner, x, theta[:-1], 2, upper=upper))
        if upper:
            return self._not_filled(tail, theta)
        return self._filled(tail, self.inner.log_tail(x, theta[:-1], upper=True), theta)

    @staticmethod
    def _filled(inner: Iterator[Array], log_rest: Array, theta: Theta) -> Iterator[Array]:
        """Yield the terms of log(p + π(1−p)) from those of log p, and log(1−p)."""
        prob, q = theta[-1], len(theta) - 1
        log_p = next(inner)
        total = np.logaddexp(log_p, log_weight(prob) + log_rest)
        yield total
        share, rest = np.exp(np.log1p(-prob) + log_p - total), np.exp(log_weight(prob) - total)
        slope, cross = np.exp(log_rest - total), np.exp(log_p - 2.0 * total)
        score = list(islice(inner, q))
        for value in score:
            yield share * value
        yield slope
        for i in range(q):
            for j in range(i, q):
                yield share * (next(inner) + rest * (score[i] * score[j]))
            yield -cross * score[i]
        yield -(slope**2)

    def limits(self) -> tuple[Limit, ...]:
        names = {name: name for name in self.inner.parameter_names}
        plain = Limit(self.inner, {**names, "zero_prob": 0.0}, attained=True)
        return (plain, *self._with_zeros(self.inner.limits()))

    def _logs(self, theta: Theta) -> tuple[Array, Array]:
        log_rest = np.log1p(-theta[-1])
        return np.logaddexp(log_weight(theta[-1]), log_rest + self._log_first(theta)), log_rest

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return np.logaddexp(
            log_weight(theta[-1]), np.log1p(-theta[-1]) + self._member(theta).logcdf(x)
        )

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return np.log1p(-theta[-1]) + self._member(theta).logsf(x)
