"""Generalized extreme value distribution of maxima."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Theta
from mlestim.distributions.continuous.gumbel import gumbel_by_moments
from mlestim.distributions.parameter import POSITIVE, REAL, Parameter, Unit
from mlestim.distributions.support import REAL_LINE
from mlestim.distributions.sketch import Sketch
from mlestim.special import log1p_over

EULER = float(np.euler_gamma)


class GeneralizedExtremeValue(Family):
    r"""Generalized extreme value distribution (of block maxima).

    .. math:: F(x) = \exp\left(-(1+\xi z)^{-1/\xi}\right), \quad z = \frac{x-\mu}{\sigma},
        \quad 1 + \xi z > 0

    ξ > 0 has a heavy upper tail (Fréchet), ξ = 0 is Gumbel, ξ < 0 has an upper end (reversed
    Weibull). For ξ < −1 the likelihood is unbounded for every sample: the estimate is the best
    maximum with ξ > −1.

    Parameters
    ----------
    location : float
        μ, in the unit of the data.
    scale : float
        σ > 0, in the unit of the data.
    shape : float
        ξ (scipy's ``c`` is −ξ).

    References
    ----------
    Prescott, P. and Walden, A. T. (1980), Biometrika 67, 723-724 (information);
    Smith, R. L. (1985), Biometrika 72, 67-90 (regularity for ξ > −1/2).

    Examples
    --------
    >>> GeneralizedExtremeValue(location=0, scale=1, shape=0.1).isf(0.01).round(3)
    np.float64(5.842)
    """

    name = "generalized_extreme_value"
    parameters = (
        Parameter("location", REAL, Unit.LOCATION, "location"),
        Parameter("scale", POSITIVE, Unit.SCALE, "scale"),
        Parameter("shape", REAL, Unit.NONE, "shape, positive for a heavy upper tail"),
    )
    support = REAL_LINE

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        location, scale, shape = theta
        z = (t[0] - location) / scale
        inside = 1.0 + shape * z
        possible = inside > 0.0
        inside = np.where(possible, inside, 1.0)
        phi, phi1, phi2 = log1p_over(inside - 1.0 if not np.all(possible) else shape * z)
        y = z * phi
        tail = np.exp(-y)
        yield np.where(possible, -np.log(scale) - (1.0 + shape) * y - tail, -np.inf)
        # With y = log(1+ξz)/ξ: h = ∂/∂y of the log density, a = ∂y/∂ξ
        h = tail - (1.0 + shape)
        a = z * z * phi1
        slope = h / inside
        yield -slope / scale
        yield -(1.0 + z * slope) / scale
        yield h * a - y
        slope_z = -(tail + h * shape) / inside**2
        slope_shape = -(1.0 + tail * a + h * z / inside) / inside
        yield slope_z / scale**2
        yield (slope + z * slope_z) / scale**2
        yield -slope_shape / scale
        yield (1.0 + z * (2.0 * slope + z * slope_z)) / scale**2
        yield -z * slope_shape / scale
        yield h * z**3 * phi2 - a * (2.0 + tail * a)

    def start(self, sketch: Sketch) -> list[Sequence[Array]]:
        gumbel = gumbel_by_moments(sketch)
        return [
            probability_weighted_moments(sketch),
            (*gumbel, np.full_like(gumbel[0], 1e-3)),
            (sketch.quantile(0.4), 0.5 * (sketch.quantile(0.75) - sketch.quantile(0.25)) + 1e-9,
             np.full_like(gumbel[0], 0.8)),
            endpoint_start(sketch, -0.5),
        ]

    def regular_region(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        lower = np.full(len(sketch.rows), -1.0)
        return {"shape": (lower, np.full_like(lower, np.inf))}

    def _y(self, x: Array, theta: Theta) -> Array:
        """log(1+ξz)/ξ, ±inf beyond the end of the support."""
        location, scale, shape = theta
        z = (x - location) / scale
        inside = shape * z > -1.0
        y = z * log1p_over(np.where(inside, shape * z, 0.0))[0]
        return np.where(inside, y, np.where(shape < 0.0, np.inf, -np.inf))

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return np.exp(self._logcdf(x, theta))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return -np.expm1(self._logcdf(x, theta))

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        with np.errstate(over="ignore"):  # exp(+large) = inf: the log probability is −inf
            return -np.exp(-self._y(x, theta))

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return self._quantile_of_y(-np.log(-np.log(p)), theta)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return self._quantile_of_y(-np.log(-np.log1p(-p)), theta)

    @staticmethod
    def _quantile_of_y(y: Array, theta: Theta) -> Array:
        location, scale, shape = theta
        return location + scale * y * sc.exprel(shape * y)

    def _mean(self, theta: Theta) -> Array:
        location, scale, shape = theta
        # (Γ(1−ξ) − 1)/ξ, → γ at 0
        step = np.where(np.abs(shape) < 1e-7, 1e-7, shape)
        value = location + scale * np.expm1(sc.gammaln(1.0 - np.minimum(step, 0.999))) / step
        exact = location + scale * (sc.gamma(1.0 - np.minimum(step, 0.999)) - 1.0) / step
        value = np.where(np.abs(shape) < 1e-7, location + scale * EULER, value)
        return np.where(shape < 1.0, np.where(shape > 0.99, exact, value), np.inf)

    def _variance(self, theta: Theta) -> Array:
        _, scale, shape = theta
        safe = np.where((np.abs(shape) > 1e-5) & (shape < 0.5), shape, 0.1)
        first, second = sc.gammaln(1.0 - safe), sc.gammaln(1.0 - 2.0 * safe)
        general = scale**2 * np.exp(2.0 * first) * np.expm1(second - 2.0 * first) / safe**2
        value = np.where(np.abs(shape) > 1e-5, general, scale**2 * np.pi**2 / 6.0)
        return np.where(shape < 0.5, value, np.inf)

    def _mode(self, theta: Theta) -> Array:
        location, scale, shape = theta
        at_end = location - scale / np.where(shape < -1.0, shape, -1.0)
        y = -np.log1p(np.maximum(shape, -0.999999))
        return np.where(shape <= -1.0, at_end, self._quantile_of_y(y, theta))

    def _entropy(self, theta: Theta) -> Array:
        return np.log(theta[1]) + EULER * (1.0 + theta[2]) + 1.0


def probability_weighted_moments(sketch: Sketch) -> tuple[Array, Array, Array]:
    """Hosking, Wallis and Wood's (1985) estimates from three probability-weighted moments."""
    rows = sketch.rows
    n = rows.shape[-1]
    rank = np.arange(n) / max(n - 1, 1)
    b0 = rows.mean(axis=-1)
    b1 = (rows * rank).mean(axis=-1)
    b2 = (rows * rank * (np.arange(n) - 1).clip(0) / max(n - 2, 1)).mean(axis=-1)
    c = (2.0 * b1 - b0) / np.where(3.0 * b2 - b0 > 0.0, 3.0 * b2 - b0, 1.0) - np.log(2) / np.log(3)
    shape = -(7.8590 * c + 2.9554 * c**2)
    shape = np.clip(np.where(np.abs(shape) < 1e-3, 1e-3, shape), -0.9, 0.9)
    gamma = sc.gamma(1.0 - shape)
    scale = -(2.0 * b1 - b0) * shape / (gamma * (1.0 - 2.0**shape))
    scale = np.where(scale > 0.0, scale, sketch.sd)
    return b0 - scale * (gamma - 1.0) / shape, scale, shape


def endpoint_start(sketch: Sketch, shape: float) -> tuple[Array, Array, Array]:
    """A feasible start with an upper end a little above the largest observation."""
    end = sketch.maximum + 0.1 * (sketch.maximum - sketch.quantile(0.5))
    scale = -shape * (end - sketch.quantile(0.4))
    return end + scale / shape, scale, np.full_like(end, shape)
