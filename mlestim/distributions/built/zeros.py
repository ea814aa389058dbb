"""Families with other probabilities of 0 than a family has by itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.built.mixing.base import Built
from mlestim.distributions.built.mixing.log_sum import (
    log_weight,
    supported_terms,
)
from mlestim.distributions.intervals.tail import complement_terms, tail_terms
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import UNIT, Parameter
from mlestim.distributions.registry import FamilyLike, resolve
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import Support
from mlestim.distributions.terms import packed_size
from mlestim.errors import OptionError
from mlestim.special import log1mexp

# Probabilities of an additional zero that a search begins at.
SHARES = (0.3, 0.05, 0.7)
# So far out on the link scale, a parameter is at the end of its domain.
FAR = 20.0


class WithZeros(Built):
    """What zero-inflated families and hurdles share: an inner family, and ``zero_prob`` besides."""

    inner: Family

    @classmethod
    @abstractmethod
    def _declared(cls, inner: Family) -> tuple[str, str]:
        """Name of the family, and the meaning of ``zero_prob``."""

    @classmethod
    def description(cls, *of: Any) -> dict[str, Any]:
        inner = resolve(of[0])
        cls._refuse(inner)
        name, meaning = cls._declared(inner)
        support = inner.support
        return {
            "inner": inner,
            "name": name,
            "parameters": (*inner.parameters, Parameter("zero_prob", UNIT, meaning=meaning)),
            "support": Support(0.0, support.upper, True, support.upper_closed, support.integers),
            "kind": inner.kind,
            "concentrates": False,
        }

    @classmethod
    def _refuse(cls, inner: Family) -> None:
        if (
            inner.kind == "categorical"
            or inner.support.lower < 0.0
            or "zero_prob" in inner.parameter_names
        ):
            raise OptionError(
                f"{cls.__name__} takes a family of counts or of positive values, not {inner.name}"
            )

    def __init__(self, family: FamilyLike, /, *args: ArrayLike, **values: ArrayLike) -> None:
        self.__dict__.update(self.description(family))
        super().__init__(*args, **{**self.inner.values, **values})

    @property
    def made_of(self) -> str | None:
        return repr(self.inner.name) if "inner" in self.__dict__ else None

    @property
    def standardization(self) -> Literal["none"]:
        """Keep the unit: a zero has a probability, which does not change with it."""
        return "none"

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return (x != 0.0) & self.inner.outside(x, theta[:-1])

    def ends(self, theta: Theta) -> tuple[ArrayLike, ArrayLike]:
        return 0.0, self.inner.ends(theta[:-1])[1]

    def valid(self, theta: Theta) -> NDArray[np.bool_]:
        return self.inner.valid(theta[:-1])

    def not_identified(self, sketch: Sketch) -> NDArray[np.bool_]:
        """Zeros alone say nothing of what else there could be."""
        return sketch.maximum == 0.0

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        rows = sketch.rows
        least = np.min(np.where(rows > 0.0, rows, sketch.maximum[:, None]), axis=-1)
        above = np.sort(np.where(rows > 0.0, rows, least[:, None]), axis=-1)
        starts = []
        for share in SHARES:
            part = Sketch(above, least, sketch.maximum, _moments_without(sketch, share))
            prob = np.full(len(rows), share)
            starts += [(*theta, prob) for theta in self.inner.start(part)]
        return starts

    @staticmethod
    def _not_filled(inner: Iterator[Array], theta: Theta) -> Iterator[Array]:
        """Yield the terms of log(1 − π) + L in the parameters of L and π."""
        prob, q = theta[-1], len(theta) - 1
        yield np.log1p(-prob) + next(inner)
        yield from islice(inner, q)
        yield -1.0 / (1.0 - prob)
        for i in range(q):
            yield from islice(inner, q - i)
            yield np.zeros(())
        yield -1.0 / (1.0 - prob) ** 2

    # ---- the inner family ------------------------------------------------------------------------

    def _member(self, theta: Theta) -> Family:
        names = self.inner.parameter_names
        return self.inner.with_values(dict(zip(names, theta[:-1], strict=True)))

    def _log_first(self, theta: Theta) -> Array:
        """Log probability of 0 under the inner family."""
        if not self.support.integers:
            return np.full(np.broadcast_shapes(*(t.shape for t in theta)), -np.inf)
        return np.asarray(self._member(theta).logpdf(0.0))

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        zero = rng.random(size) < theta[-1]
        return np.where(zero, 0.0, self._drawn(theta, rng, size))

    def _drawn(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        """Draw of what is no additional zero."""
        return self._member(theta).rvs(size, rng)

    def _mode(self, theta: Theta) -> Array:
        mode = np.asarray(self._member(theta).mode(), dtype=float)
        if not self.support.integers:
            return np.zeros_like(mode + theta[-1])
        mode = mode + 0.0 * theta[-1]
        candidates = [np.zeros_like(mode), mode, np.maximum(mode, 1.0)]
        heights = [self.terms(x, theta, 0).value for x in candidates]
        return np.choose(np.argmax(heights, axis=0), candidates)

    def _entropy(self, theta: Theta) -> Array:
        # −f(0) log f(0) − Σ c p log(c p) with p the inner probabilities above 0
        log_zero, log_factor = self._logs(theta)
        log_first = self._log_first(theta)
        first, factor = np.exp(log_first), np.exp(log_factor)
        inner = self._member(theta).entropy() + first * np.where(first > 0.0, log_first, 0.0)
        return factor * (inner - (1.0 - first) * log_factor) - np.exp(log_zero) * log_zero

    @abstractmethod
    def _logs(self, theta: Theta) -> tuple[Array, Array]:
        """Log probability of 0, and of the factor of the inner probabilities above 0."""

    def _mean(self, theta: Theta) -> Array:
        return np.exp(self._logs(theta)[1]) * self._member(theta).mean()

    def _variance(self, theta: Theta) -> Array:
        member, factor = self._member(theta), np.exp(self._logs(theta)[1])
        mean = member.mean()
        return factor * (member.var() + (1.0 - factor) * mean**2)


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
    def _refuse(cls, inner: Family) -> None:
        super()._refuse(inner)
        if inner.outside(np.zeros(1), [np.ones(1)] * len(inner.parameters))[0]:
            raise OptionError(
                f"ZeroInflated takes a family that has zeros itself, not {inner.name}; "
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
        kept = {"zero_prob": "zero_prob"}
        plain = Limit(self.inner.name, {**names, "zero_prob": 0.0}, attained=True)
        farther = (
            Limit(f"zero_inflated_{limit.family}", {**limit.parameters, **kept})
            for limit in self.inner.limits()
            if not (limit.shifted or limit.reflected or limit.attained)
        )
        return (plain, *farther)

    def _logs(self, theta: Theta) -> tuple[Array, Array]:
        log_rest = np.log1p(-theta[-1])
        return np.logaddexp(log_weight(theta[-1]), log_rest + self._log_first(theta)), log_rest

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return np.logaddexp(
            log_weight(theta[-1]), np.log1p(-theta[-1]) + self._member(theta).logcdf(x)
        )

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return np.log1p(-theta[-1]) + self._member(theta).logsf(x)


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
        kept = {"zero_prob": "zero_prob"}
        plain = Limit(
            self.name, {**names, "zero_prob": 0.0}, attained=True, held={"zero_prob": 0.0}
        )
        farther = (
            Limit(f"hurdle_{limit.family}", {**limit.parameters, **kept})
            for limit in self.inner.limits()
            if not (limit.shifted or limit.reflected or limit.attained)
        )
        return (plain, *farther, *self._without_others())

    def _without_others(self) -> Iterator[Limit]:
        """Where all that is above 0 is 1: one parameter then runs to the end that allows no more."""
        if not self.support.integers or len(self.inner.parameters) != 1:
            return
        (parameter,) = self.inner.parameters
        ends = parameter.domain.from_link([-FAR, FAR])[:, None]
        with np.errstate(all="ignore"):
            share = self.term_rows(np.ones((2, 1)), [ends, np.full((2, 1), 0.5)], 0)[0]
        lower, upper = np.nan_to_num(np.ravel(share), nan=-np.inf)
        edge = parameter.domain.lower if lower > upper else parameter.domain.upper
        yield Limit("bernoulli", {parameter.name: edge, "zero_prob": _complement_of_prob})

    def limit_reached(self, sketch: Sketch) -> NDArray[np.bool_]:
        return sketch.minimum > 0.0

    def not_identified(self, sketch: Sketch) -> NDArray[np.bool_]:
        """Zeros alone say nothing of what is above, and ones alone little."""
        few = 1.0 if self.support.integers and len(self.inner.parameters) > 1 else 0.0
        return sketch.maximum <= few

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


def _moments_without(sketch: Sketch, share: float) -> Callable[[], tuple[Array, Array]]:
    """Mean and variance of a sample from which a share of zeros is taken."""

    def moments() -> tuple[Array, Array]:
        mean, variance = sketch.exact_moments()
        above = mean / (1.0 - share)
        spread = (variance + mean**2) / (1.0 - share) - above**2
        return above, np.maximum(spread, 1e-3 * above)

    return moments
