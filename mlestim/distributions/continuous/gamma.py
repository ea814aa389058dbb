"""Gamma distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE
from mlestim.special import log_gamma_excess


class Gamma(Family):
    r"""Gamma distribution.

    .. math:: f(x) = \frac{x^{a-1} e^{-x/s}}{\Gamma(a) s^a}, \quad x > 0

    Parameters
    ----------
    shape : float
        a > 0.
    scale : float
        s > 0, in the unit of the data (the rate is 1/s).

    Examples
    --------
    >>> Gamma(shape=2, scale=3).mean()
    np.float64(6.0)
    """

    name = "gamma"
    parameters = (
        Parameter("shape", POSITIVE, Unit.NONE, "shape"),
        Parameter("scale", POSITIVE, Unit.SCALE, "scale"),
    )
    dispersion = (("shape", 1.0), ("scale", -1.0))
    support = POSITIVE_LINE
    how = "profile"
    half_line = True
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return x, np.log(x)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        x, log_x = t
        shape, scale = theta
        # About the mean a·s, where the large terms of a large shape a cancel by themselves
        mean = shape * scale
        log_ratio, step = log_x - np.log(mean), (x - mean) / scale
        excess, first, second = log_gamma_excess(shape)
        yield shape * log_ratio - step - log_x - excess
        yield log_ratio - first
        yield step / scale
        yield -second - 1.0 / shape
        yield -1.0 / scale
        yield -(2.0 * step + shape) / scale**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        # Thom (1958): the likelihood equation to second order in log(mean) − mean(log)
        gap = np.maximum(np.log(sketch.mean) - sketch.log_mean, 1e-12)
        shape = (1.0 + np.sqrt(1.0 + 4.0 * gap / 3.0)) / (4.0 * gap)
        return [(shape, sketch.mean / shape)]

    def region_when_shifted(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        # with shape < 1 the density is infinite at the location
        lower = np.ones(len(sketch.rows))
        return {"shape": (lower, np.full_like(lower, np.inf))}

    def limits_within(self, low: float, high: float) -> tuple[Limit, ...]:
        # far below the scale the density is a power
        power = Limit("power_function", {"shape": "shape", "scale": np.inf}, held={"upper": high})
        return (power,) if np.isfinite(high) else ()

    def limits_when_shifted(self) -> tuple[Limit, ...]:
        return (Limit("normal", {"shape": np.inf, "scale": 0.0, "location": -np.inf}),)

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return sc.gammainc(theta[0], x / theta[1])

    def _sf(self, x: Array, theta: Theta) -> Array:
        return sc.gammaincc(theta[0], x / theta[1])

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[1] * sc.gammaincinv(theta[0], p)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[1] * sc.gammainccinv(theta[0], p)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.gamma(theta[0], theta[1], size)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] * theta[1]

    def _variance(self, theta: Theta) -> Array:
        return theta[0] * theta[1] ** 2

    def _mode(self, theta: Theta) -> Array:
        return np.maximum(theta[0] - 1.0, 0.0) * theta[1]

    def _entropy(self, theta: Theta) -> Array:
        shape, scale = theta
        return shape + np.log(scale) + sc.gammaln(shape) + (1.0 - shape) * sc.digamma(shape)
