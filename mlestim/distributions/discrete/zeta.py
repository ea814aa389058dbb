"""Zeta (discrete Pareto, Zipf) distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.counting.functions import log_zeta
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import Interval, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_COUNTS


class Zeta(Family):
    r"""Zeta distribution, a power law.

    .. math:: P(x) = \frac{x^{-s}}{\zeta(s)}, \quad x = 1, 2, 3, \dots

    As s → ∞ all values become 1, and a sample of ones has its supremum there.

    Parameters
    ----------
    exponent : float
        s > 1; the mean exists for s > 2.

    Examples
    --------
    >>> Zeta(exponent=2).pdf(1).round(4)
    np.float64(0.6079)
    """

    name = "zeta"
    parameters = (Parameter("exponent", Interval(lower=1.0), meaning="exponent of the power law"),)
    support = POSITIVE_COUNTS
    kind = "discrete"
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return (np.log(x),)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (log_x,), (exponent,) = t, theta
        value, first, second = log_zeta(exponent)
        yield -exponent * log_x - value
        yield -log_x - first
        yield np.broadcast_to(-second, np.broadcast_shapes(log_x.shape, second.shape))

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        # a Pareto distribution from one half on
        log_mean = np.log(sketch.rows).mean(axis=-1)
        return [(1.0 + 1.0 / (log_mean + np.log(2.0)),)]

    def limits(self) -> tuple[Limit, ...]:
        return (Limit("discrete_uniform", {"exponent": np.inf}, held={"lower": 1.0, "upper": 1.0}),)

    def limit_reached(self, sketch: Sketch) -> NDArray[np.bool_]:
        return sketch.maximum <= 1.0

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return 1.0 - self._sf(x, theta)

    def _sf(self, x: Array, theta: Theta) -> Array:
        return np.asarray(sc.zeta(theta[0], x + 1.0) / sc.zeta(theta[0], 1.0))

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        """Devroye's rejection from a Pareto distribution, with floats that reach farther."""
        exponent = np.broadcast_to(theta[0] - 1.0, size)
        result = np.zeros(exponent.shape)
        while np.any(open_ := result == 0.0):
            gap = exponent[open_]
            u, v = 1.0 - rng.random(gap.shape), rng.random(gap.shape)
            x = np.floor(u ** (-1.0 / gap))
            growth = np.exp(gap * np.log1p(1.0 / x))
            bound = np.exp2(gap)
            result[open_] = np.where(
                v * x * (growth - 1.0) / (bound - 1.0) <= growth / bound, x, 0.0
            )
        return result

    def _mean(self, theta: Theta) -> Array:
        (exponent,) = theta
        finite = exponent > 2.0
        return np.where(finite, _moment(1.0, np.where(finite, exponent, 3.0)), np.inf)

    def _variance(self, theta: Theta) -> Array:
        (exponent,) = theta
        finite = exponent > 3.0
        safe = np.where(finite, exponent, 4.0)
        variance = _moment(2.0, safe) - _moment(1.0, safe) ** 2
        return np.where(finite, variance, np.where(exponent > 2.0, np.inf, np.nan))

    def _mode(self, theta: Theta) -> Array:
        return np.ones_like(theta[0])

    def _entropy(self, theta: Theta) -> Array:
        value, first, _ = log_zeta(theta[0])
        return value - theta[0] * first


def _moment(power: float, exponent: Array) -> Array:
    return np.asarray(sc.zeta(exponent - power, 1.0) / sc.zeta(exponent, 1.0))
