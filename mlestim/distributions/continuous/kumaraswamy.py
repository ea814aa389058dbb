"""Kumaraswamy distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Row, Theta
from mlestim.distributions.continuous.beta import UNIT_INTERVAL, mode_on_unit_interval
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.tails.own import OwnTail
from mlestim.special import log1mexp


class Kumaraswamy(OwnTail, Family):
    r"""Kumaraswamy distribution.

    .. math:: F(x) = 1 - (1 - x^a)^b, \quad 0 < x < 1

    Parameters
    ----------
    a : float
        a > 0; below 1 the density is infinite at 0.
    b : float
        b > 0; below 1 the density is infinite at 1.

    References
    ----------
    Jones, M. C. (2009), Kumaraswamy's distribution: a beta-type distribution with some
    tractability advantages, Statistical Methodology 6, 70-81.

    Examples
    --------
    >>> Kumaraswamy(a=2, b=2).cdf(0.5).round(4)
    np.float64(0.4375)
    """

    name = "kumaraswamy"
    parameters = (
        Parameter("a", POSITIVE, meaning="power of x"),
        Parameter("b", POSITIVE, meaning="power of 1 − x^a"),
    )
    support = UNIT_INTERVAL
    how = "profile"
    costly = True

    def prepared(self, x: Array, out: Array | None = None) -> Array:
        return np.log(x, out=out)

    def statistics(self, log_x: Array, theta: Theta, order: int) -> Sequence[Row]:
        u, exponent = log_x, theta[0] * log_x
        odds = 1.0 / np.expm1(-exponent)  # x^a / (1 − x^a)
        odds_u = odds * u
        return u, log1mexp(exponent), odds_u, (odds_u, (1.0 + odds) * u)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        u, log_rest, odds_u, odds_uu = t
        a, b = theta
        yield np.log(a) + np.log(b) + (a - 1.0) * u + (b - 1.0) * log_rest
        yield 1.0 / a + u - (b - 1.0) * odds_u
        yield 1.0 / b + log_rest
        yield -1.0 / a**2 - (b - 1.0) * odds_uu
        yield -odds_u
        yield -1.0 / b**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        starts = []
        for a in (np.ones_like(sketch.mean), 1.0 / sketch.log_sd):
            log_rest = log1mexp(a[:, None] * sketch.log_rows).mean(axis=-1)
            starts.append((a, -1.0 / log_rest))
        return starts

    def limits(self) -> tuple[Limit, ...]:
        # 1 − (1 − x^a)^b is that of b x^a, however large b is
        return (Limit("weibull", {"a": "shape", "b": np.inf}, underflow=True),)

    @staticmethod
    def _log_rest(x: Array, theta: Theta) -> Array:
        return log1mexp(theta[0] * np.log(x))

    def own_tail_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        _, log_rest, odds_u, odds_uu = t
        b = theta[1]
        yield b * log_rest
        yield -b * odds_u
        yield log_rest
        yield -b * odds_uu
        yield -odds_u
        yield np.zeros(())

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return np.exp(log1mexp(np.log1p(-p) / theta[1]) / theta[0])

    def _isf(self, p: Array, theta: Theta) -> Array:
        return np.exp(log1mexp(np.log(p) / theta[1]) / theta[0])

    def _moment(self, order: float, theta: Theta) -> Array:
        return theta[1] * sc.beta(1.0 + order / theta[0], theta[1])

    def _mean(self, theta: Theta) -> Array:
        return self._moment(1.0, theta)

    def _variance(self, theta: Theta) -> Array:
        return self._moment(2.0, theta) - self._mean(theta) ** 2

    def _mode(self, theta: Theta) -> Array:
        a, b = theta
        with np.errstate(all="ignore"):  # not used where there is no peak
            inside = ((a - 1.0) / (a * b - 1.0)) ** (1.0 / a)
        return mode_on_unit_interval(a, b, inside)

    def _entropy(self, theta: Theta) -> Array:
        a, b = theta
        harmonic = sc.digamma(b + 1.0) + np.euler_gamma
        return 1.0 - 1.0 / b + (1.0 - 1.0 / a) * harmonic - np.log(a * b)
