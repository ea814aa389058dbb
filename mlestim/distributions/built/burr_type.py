"""Families whose log has logistic tails, the steepness of one of which is free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.intervals.standard import (
    in_shape_and_scale,
    logistic_tail,
    to_a_power,
)
from mlestim.distributions.links import PlaceLink
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.scratch import WORK
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE
from mlestim.distributions.tails.own import OwnTail


class BurrType(OwnTail, Family):
    r"""What Burr's families of types III and XII have in common.

    With w = ±c log(x/s), L = log(1+e^w) and M = L − w,

    .. math:: \log f(x) = \log(ck) - \log x - M - kL

    and the probability beyond x on the side where w grows is e^(−kL).
    """

    side: ClassVar[float]  # the sign of w
    parameters = (
        Parameter("c", POSITIVE, Unit.NONE, "first shape, of both tails"),
        Parameter("k", POSITIVE, Unit.NONE, "second shape, of one tail"),
        Parameter("scale", POSITIVE, Unit.SCALE, "scale"),
    )
    support = POSITIVE_LINE
    half_line = True

    def prepared(self, x: Array, out: Array | None = None) -> Array:
        return np.log(x, out=out)

    def statistics(self, log_x: Array, theta: Theta, order: int) -> Sequence[Row]:
        c, _, scale = theta
        u, w, e, p, q, upper, lower, both, both_u = WORK.rows(
            9, log_x.shape, *(value.shape for value in theta)
        )
        np.subtract(log_x, np.log(scale), out=u)
        np.multiply(u, self.side * c, out=w)
        rising = w > 0.0
        # 1/(1+e) and e/(1+e) are the larger and the smaller of p and q
        np.exp(np.negative(np.abs(w, out=e), out=e), out=e)
        np.divide(1.0, np.add(e, 1.0, out=p), out=p)
        np.multiply(e, p, out=q)
        np.multiply(p, q, out=both)
        np.log1p(e, out=e)  # the smaller of L and M: neither is a difference
        np.add(np.maximum(w, 0.0, out=upper), e, out=upper)
        np.maximum(np.negative(w, out=lower), 0.0, out=lower)
        lower += e
        np.copyto(e, p)
        np.copyto(p, q, where=~rising)
        np.copyto(q, e, where=~rising)
        np.multiply(both, u, out=both_u)
        return u, upper, lower, p, q, (p, u), (q, u), both, both_u, (both_u, u)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        u, upper, lower, p, q, pu, qu, both, both_u, both_uu = t
        c, k, scale = theta
        rate = self.side * c  # of w in log x
        one_more = k + 1.0
        slope = q - k * p  # of the log density in w
        yield np.log(c * k) - np.log(scale) - u - lower - k * upper
        yield 1.0 / c + self.side * (qu - k * pu)
        yield 1.0 / k - upper
        yield -rate * slope / scale
        yield -1.0 / c**2 - one_more * both_uu
        yield -self.side * pu
        yield -self.side * (slope - rate * one_more * both_u) / scale
        yield -1.0 / k**2
        yield rate * p / scale
        yield rate * (slope - rate * one_more * both) / scale**2

    @property
    def link(self) -> PlaceLink:
        return PlaceLink(self.parameters, shape=1, power=0, side=-self.side)

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        starts = []
        for k in (1.0, 0.05, 0.3, 3.0, 30.0):
            # quantiles of ±w: e^(−kL) is the level
            def log_quantile(p: float, k: float = k) -> Array:
                level = 1.0 - p if self.side > 0.0 else p
                return self.side * _log_expm1(np.asarray(-np.log(level) / k))

            c, scale = sketch.power_and_scale(log_quantile)
            starts.append((c, np.full_like(c, k), scale))
        return starts

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return self._value_at(-rng.standard_exponential(size), theta)

    def own_tail(self, x: Array, theta: Theta) -> Iterator[Array]:
        """Terms of the tail with probability e^(−kL)."""
        c, k, scale = theta
        u = np.log(x) - np.log(scale)
        logistic = logistic_tail(c * u, upper=self.side > 0.0)
        return to_a_power(in_shape_and_scale(logistic, u, c, scale), k, 1, 2)

    def _value_at(self, log_level: Array, theta: Theta) -> Array:
        """Solve −kL = log level for x."""
        c, k, scale = theta
        with np.errstate(over="ignore"):  # beyond the largest number: infinite
            return scale * np.exp(self.side * _log_expm1(-log_level / k) / c)

    def _moment(self, order: float, theta: Theta) -> Array:
        """E x^order, inf where it does not exist."""
        c, k, scale = theta
        step = self.side * order / c
        exists = (k - step > 0.0) & (1.0 + step > 0.0)
        step = np.where(exists, step, 0.0)
        logs = sc.gammaln(k - step) + sc.gammaln(1.0 + step) - sc.gammaln(k)
        return np.where(exists, np.exp(logs + order * np.log(scale)), np.inf)

    def _mean(self, theta: Theta) -> Array:
        return self._moment(1.0, theta)

    def _variance(self, theta: Theta) -> Array:
        mean, square = self._moment(1.0, theta), self._moment(2.0, theta)
        exists = np.isfinite(square)
        variance = np.where(exists, square, 0.0) - np.where(exists, mean, 0.0) ** 2
        return np.where(exists, variance, np.where(np.isfinite(mean), np.inf, np.nan))

    def _entropy(self, theta: Theta) -> Array:
        c, k, scale = theta
        mean_w = -np.euler_gamma - sc.digamma(k)
        return np.log(scale) - np.log(c * k) + (self.side / c - 1.0) * mean_w + 1.0 / k + 1.0


def _log_expm1(y: Array) -> Array:
    """Compute log(e^y − 1) for y > 0 without overflow."""
    return y + np.log(-np.expm1(-y))
