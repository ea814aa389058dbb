"""Inverse Gaussian distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE

# What rounding leaves of the mean of (x − μ)²/(μ x) where all rows are the same.
ROUNDING = (8.0 * float(np.finfo(float).eps)) ** 2
# Below this squared coefficient of variation the covariance of x and 1/x is one of variances.
NARROW = 1e-2

# Gauss-Legendre nodes and weights on (0, 1): exact to the last digit over steps below this.
SMALL_STEP = 0.3
NODES, WEIGHTS = (0.5 * part for part in np.polynomial.legendre.leggauss(8))
NODES = NODES + 0.5


class InverseGaussian(Family):
    r"""Inverse Gaussian (Wald) distribution: when a drifting Brownian motion first gets there.

    .. math:: f(x) = \sqrt{\frac{\lambda}{2\pi x^3}}
        \exp\left(-\frac{\lambda (x-\mu)^2}{2\mu^2 x}\right), \quad x > 0

    The estimate is the mean of x, and 1/λ = mean of 1/x less 1/mean of x (Tweedie, 1957). With a
    free location running to −∞ it becomes the normal.

    Parameters
    ----------
    mean : float
        μ > 0, in the unit of the data.
    shape : float
        λ > 0, in the unit of the data; the variance is μ³/λ.

    References
    ----------
    Tweedie, M. C. K. (1957), Statistical properties of inverse Gaussian distributions I,
    Annals of Mathematical Statistics 28, 362-377.

    Examples
    --------
    >>> InverseGaussian(mean=2, shape=4).var()
    np.float64(2.0)
    """

    name = "inverse_gaussian"
    parameters = (
        Parameter("mean", POSITIVE, Unit.SCALE, "mean"),
        Parameter("shape", POSITIVE, Unit.SCALE, "shape: mean³/variance"),
    )
    dispersion = (("shape", 1.0),)
    support = POSITIVE_LINE
    how = "closed"
    half_line = True
    sufficient = True
    central = (3, 4)

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        inverse = 1.0 / x
        return x, inverse, np.log(x), x - inverse, x + inverse

    @staticmethod
    def _distance(t: Sequence[Array], mean: Array) -> Array:
        """Mean of (x − μ)²/(μ² x)."""
        # x̄ (1/x)‾ − 1 is minus the covariance of x and 1/x, which for narrow samples has digits
        # only as the difference of the variances of x − 1/x and x + 1/x
        wide = t[0] * t[1] - 1.0
        spread = np.where(wide < NARROW, np.maximum(0.25 * (t[5] - t[6]), 0.0), wide)
        return spread / t[0] + ((t[0] - mean) / mean) ** 2 / t[0]

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        mean, shape = theta
        distance = self._distance(t, mean)
        excess = t[0] - mean
        yield 0.5 * (np.log(shape) - np.log(2.0 * np.pi) - shape * distance) - 1.5 * t[2]
        yield shape * excess / mean**3
        yield 0.5 * (1.0 / shape - distance)
        yield -shape * (mean + 3.0 * excess) / mean**4
        yield excess / mean**3
        yield -0.5 / shape**2

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array]:
        mean = fixed.get("mean", t[0])
        distance = self._distance(t, mean)
        # rounding alone is left where all rows are at the mean
        distance = np.where(distance * mean > ROUNDING, distance, 0.0)
        return [mean, fixed.get("shape", 1.0 / distance)]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean, rows = sketch.mean, sketch.rows
        distance = ((rows - mean[:, None]) ** 2 / rows).mean(axis=-1) / mean**2
        return [(mean, 1.0 / np.maximum(distance, 1e-12 / mean))]

    def limits_within(self, low: float, high: float) -> tuple[Limit, ...]:
        levy = Limit("levy", {"mean": np.inf, "shape": "scale"})
        return (levy,) if np.isfinite(high) else ()

    def limits_when_shifted(self) -> tuple[Limit, ...]:
        return (Limit("normal", {"mean": np.inf, "shape": np.inf, "location": -np.inf}),)

    @staticmethod
    def _roots(x: Array, theta: Theta) -> tuple[Array, Array]:
        """√(λ/x)(x/μ − 1) and √(λ/x)(x/μ + 1), whose squares differ by 4λ/μ."""
        mean, shape = theta
        root = np.sqrt(shape / x)
        return root * ((x - mean) / mean), root * (x / mean + 1.0)

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        near, far = self._roots(x, theta)
        beyond = np.log(0.5 * sc.erfcx(far / np.sqrt(2.0))) - 0.5 * near**2
        return np.logaddexp(sc.log_ndtr(near), beyond)

    def _logsf(self, x: Array, theta: Theta) -> Array:
        near, _ = self._roots(x, theta)
        upper = np.maximum(near, 0.0)
        drop = drop_of_erfcx(upper / np.sqrt(2.0), np.sqrt(2.0 * theta[1] / x))
        tail = np.log(0.5 * drop) - 0.5 * upper**2
        below_mean = self._logcdf(np.minimum(x, theta[0]), theta)
        return np.where(near > 0.0, tail, np.log1p(-np.exp(below_mean)))

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.wald(theta[0], theta[1], size)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * theta[1]

    def _variance(self, theta: Theta) -> Array:
        return theta[0] ** 3 / theta[1]

    def _mode(self, theta: Theta) -> Array:
        skew = 1.5 * theta[0] / theta[1]
        return theta[0] / (np.hypot(1.0, skew) + skew)

    def _entropy(self, theta: Theta) -> Array:
        mean, shape = theta
        # e^u E1(u), the part of E log(mean/x)
        below = sc.hyperu(1.0, 1.0, 2.0 * shape / mean)
        return 0.5 * (1.0 + np.log(2.0 * np.pi / shape)) + 1.5 * (np.log(mean) - below)


def drop_of_erfcx(t: Array, step: Array) -> Array:
    """erfcx(t) − erfcx(t + step): the integral of the slope where the two are close."""
    plain = sc.erfcx(t) - sc.erfcx(t + step)
    between = t[..., None] + step[..., None] * NODES
    slope = 2.0 / np.sqrt(np.pi) - 2.0 * between * sc.erfcx(between)
    return np.where(step < SMALL_STEP, step * (slope @ WEIGHTS), plain)
