"""Yule-Simon distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.counting.functions import digamma_rise, log_beta
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_COUNTS


class YuleSimon(Family):
    r"""Yule-Simon distribution: a geometric one whose log failure rate is exponential.

    .. math:: P(x) = \rho \, B(x, \rho + 1), \quad x = 1, 2, 3, \dots

    Its tail is a power law. As ρ → ∞ all values become 1, and a sample of ones has its supremum
    there.

    Parameters
    ----------
    shape : float
        ρ > 0; the mean exists for ρ > 1.

    Examples
    --------
    >>> YuleSimon(shape=1).pdf([1, 2, 3]).round(4).tolist()
    [0.5, 0.1667, 0.0833]
    """

    name = "yule_simon"
    parameters = (Parameter("shape", POSITIVE, meaning="the tail falls like x^(−shape−1)"),)
    support = POSITIVE_COUNTS
    kind = "discrete"

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        above = theta[0] + 1.0
        return log_beta(x, above), *digamma_rise(above, x)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (shape,) = theta
        value, first, second = t
        yield np.log(shape) + value
        yield 1.0 / shape - first
        yield -1.0 / shape**2 - second

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean = sketch.exact_moments()[0]
        log_mean = np.log(sketch.rows).mean(axis=-1)
        return [(np.maximum(1.0 / (log_mean + 0.4), mean / np.maximum(mean - 1.0, 0.1) - 1.0),)]

    def limits(self) -> tuple[Limit, ...]:
        return (Limit("discrete_uniform", {"shape": np.inf}, held={"lower": 1.0, "upper": 1.0}),)

    def limit_reached(self, sketch: Sketch) -> NDArray[np.bool_]:
        return sketch.maximum <= 1.0

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return -np.expm1(self._logsf(x, theta))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return np.log(x) + log_beta(x, theta[0] + 1.0)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        rate = rng.exponential(1.0 / theta[0], size)
        prob = np.maximum(np.exp(-rate), np.finfo(float).tiny)
        return 1.0 + np.floor(rng.exponential(1.0, size) / -np.log1p(-prob))

    def _mean(self, theta: Theta) -> Array:
        (shape,) = theta
        finite = shape > 1.0
        return np.where(finite, shape / np.where(finite, shape - 1.0, 1.0), np.inf)

    def _variance(self, theta: Theta) -> Array:
        (shape,) = theta
        finite = shape > 2.0
        safe = np.where(finite, shape, 3.0)
        variance = (safe / (safe - 1.0)) ** 2 / (safe - 2.0)
        return np.where(finite, variance, np.where(shape > 1.0, np.inf, np.nan))

    def _mode(self, theta: Theta) -> Array:
        return np.ones_like(theta[0])
