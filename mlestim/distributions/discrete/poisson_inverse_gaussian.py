"""Poisson-inverse Gaussian distribution in (mean, dispersion)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.counting.bessel import half_integer_bessel_k
from mlestim.distributions.counting.summation import SummedCounts
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import COUNTS


class PoissonInverseGaussian(SummedCounts, Family):
    r"""Poisson distribution whose mean follows an inverse Gaussian distribution.

    .. math:: P(x) = \sqrt{\frac{2\alpha}{\pi}} \frac{\mu^x e^{1/\sigma} K_{x-1/2}(\alpha)}
        {x! (\alpha\sigma)^x}, \quad \alpha^2 = \frac{1}{\sigma^2} + \frac{2\mu}{\sigma},
        \quad x = 0, 1, 2, \dots

    Its variance is μ + σμ²; as σ → 0 it becomes the Poisson distribution, where samples that vary
    no more than Poisson counts have their supremum.

    Parameters
    ----------
    mean : float
        μ > 0.
    dispersion : float
        σ > 0.

    References
    ----------
    Dean, C., Lawless, J. F. and Willmot, G. E. (1989), Canadian Journal of Statistics 17, 171-181.

    Examples
    --------
    >>> PoissonInverseGaussian(mean=2, dispersion=0.5).var()
    np.float64(4.0)
    """

    name = "poisson_inverse_gaussian"
    parameters = (
        Parameter("mean", POSITIVE, meaning="mean"),
        Parameter("dispersion", POSITIVE, meaning="dispersion; variance = mean + dispersion·mean²"),
    )
    support = COUNTS
    kind = "discrete"

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        # log K and its first two derivatives in δ = 1/α, by Bessel's equation
        mean, dispersion = theta
        delta = dispersion / np.sqrt(1.0 + 2.0 * mean * dispersion)
        value, excess = half_integer_bessel_k(x, delta)
        square = delta * delta
        slope = excess / square
        bend = 2.0 * slope + excess * slope + x - x * x
        return x, value - sc.gammaln(x + 1.0), slope, -(bend / square + 2.0 * slope / delta)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        x, value, slope, bend = t
        mean, dispersion = theta
        product = mean * dispersion
        square = 1.0 + 2.0 * product
        a = np.sqrt(square)
        above, cube, fifth = 1.0 + a, a * square, a * square * square
        by_mean, by_dispersion = -(dispersion**2) / cube, (1.0 + product) / cube  # of δ
        yield value + sc.xlogy(x, mean / a) - 2.0 * mean / above
        yield x / mean - x * dispersion / square - 1.0 / a + slope * by_mean
        yield -x * mean / square + 2.0 * mean**2 / (a * above**2) + slope * by_dispersion
        yield (
            2.0 * x * (dispersion / square) ** 2
            - x / mean**2
            + dispersion / cube
            + bend * by_mean**2
            + slope * 3.0 * dispersion**3 / fifth
        )
        yield (
            mean / cube
            - x / square**2
            + bend * by_mean * by_dispersion
            - slope * dispersion * (2.0 + product) / fifth
        )
        yield (
            2.0 * x * (mean / square) ** 2
            - 2.0 * mean**3 * (1.0 + 3.0 * a) / (cube * above**3)
            + bend * by_dispersion**2
            - slope * mean * (2.0 + product) / fifth
        )

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean, variance = sketch.exact_moments()
        mean = np.maximum(mean, 1e-9)
        return [(mean, np.maximum(variance - mean, 1e-2 * mean) / mean**2)]

    def limits(self) -> tuple[Limit, ...]:
        return (Limit("poisson", {"mean": "mean", "dispersion": 0.0}),)

    def limit_reached(self, sketch: Sketch) -> NDArray[np.bool_]:
        mean, variance = sketch.exact_moments()
        return variance <= mean * (1.0 + 1e-12)

    def table_centre(self, theta: Theta) -> Array:
        return np.floor(theta[0])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        mean, dispersion = theta
        return np.asarray(rng.poisson(rng.wald(mean, mean / dispersion, size)), dtype=float)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * theta[1]

    def _variance(self, theta: Theta) -> Array:
        return theta[0] + theta[1] * theta[0] ** 2
