"""Logistic and loglogistic: one is the other of log x."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.built.location_scale import LOCATION_AND_SCALE, LocationScale
from mlestim.distributions.intervals.standard import (
    between_in_location_and_scale,
    in_location_and_scale,
    in_shape_and_scale,
    logistic_between,
    logistic_tail,
)
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE, REAL_LINE
from mlestim.special import log_cosh


class Logistic(LocationScale):
    r"""Logistic distribution.

    .. math:: f(x) = \frac{e^{-z}}{\sigma(1 + e^{-z})^2}, \quad z = \frac{x-\mu}{\sigma}

    Parameters
    ----------
    location : float
        μ, the mean and mode, in the unit of the data.
    scale : float
        σ > 0, in the unit of the data; the standard deviation is πσ/√3.

    Examples
    --------
    >>> Logistic(location=0, scale=1).cdf(1).round(4)
    np.float64(0.7311)
    """

    name = "logistic"
    parameters = LOCATION_AND_SCALE
    support = REAL_LINE

    def standard_terms(self, z: Array, shapes: Theta) -> Iterator[Array]:
        value, slope, bend = log_cosh(0.5 * z)
        yield -2.0 * value
        yield -slope
        yield -0.5 * bend

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(sketch.mean, np.sqrt(3.0) / np.pi * sketch.sd)]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return sc.expit(self.standardized(x, theta))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return sc.expit(-self.standardized(x, theta))

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return sc.log_expit(self.standardized(x, theta))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return sc.log_expit(-self.standardized(x, theta))

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        z = self.standardized(x, theta)
        return in_location_and_scale(logistic_tail(z, upper=upper), z, theta[1])

    def between_terms(self, lower: Array, upper: Array, theta: Theta) -> Iterator[Array]:
        a, b = self.standardized(lower, theta), self.standardized(upper, theta)
        return between_in_location_and_scale(logistic_between(a, b), (a, b), theta[1])

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[0] + theta[1] * sc.logit(p)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[0] - theta[1] * sc.logit(p)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.logistic(theta[0], theta[1], size)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * theta[1]

    def _variance(self, theta: Theta) -> Array:
        return (np.pi * theta[1]) ** 2 / 3.0 + 0.0 * theta[0]

    def _mode(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * theta[1]

    def _entropy(self, theta: Theta) -> Array:
        return np.log(theta[1]) + 2.0 + 0.0 * theta[0]


class Loglogistic(Family):
    r"""Loglogistic distribution: log x is logistic with location log s and scale 1/k.

    .. math:: F(x) = \frac{1}{1 + (x/s)^{-k}}, \quad x > 0

    With a free location that runs to −∞ it becomes the logistic.

    Parameters
    ----------
    shape : float
        k > 0; moments below order k are finite.
    scale : float
        s > 0, the median, in the unit of the data.

    Examples
    --------
    >>> Loglogistic(shape=2, scale=3).sf(6).round(4)
    np.float64(0.2)
    """

    name = "loglogistic"
    parameters = (
        Parameter("shape", POSITIVE, Unit.NONE, "shape, small for a heavy tail"),
        Parameter("scale", POSITIVE, Unit.SCALE, "median"),
    )
    support = POSITIVE_LINE
    half_line = True

    def prepared(self, x: Array, out: Array | None = None) -> Array:
        return np.log(x, out=out)

    def statistics(self, log_x: Array, theta: Theta, order: int) -> Sequence[Row]:
        u = log_x - np.log(theta[1])
        value, slope, bend = log_cosh(0.5 * theta[0] * u)
        return value, log_x, slope, (u, slope), bend, (u, bend), (u * bend, u)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        value, log_x, slope, u_slope, bend, u_bend, uu_bend = t
        shape, scale = theta
        yield np.log(shape) - log_x - 2.0 * value
        yield 1.0 / shape - u_slope
        yield shape * slope / scale
        yield -1.0 / shape**2 - 0.5 * uu_bend
        yield (slope + 0.5 * shape * u_bend) / scale
        yield -shape * (slope + 0.5 * shape * bend) / scale**2

    def own_tail_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        value, log_x, slope, u_slope, bend, u_bend, uu_bend = t
        shape, scale = theta
        u = log_x - np.log(scale)
        yield -0.5 * shape * u - value
        yield -0.5 * (u + u_slope)
        yield 0.5 * shape * (1.0 + slope) / scale
        yield -0.25 * uu_bend
        yield 0.5 * (1.0 + slope + 0.5 * shape * u_bend) / scale
        yield -0.5 * shape * (1.0 + slope + 0.5 * shape * bend) / scale**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(np.pi / np.sqrt(3.0) / sketch.log_sd, np.exp(sketch.log_mean))]

    def region_when_shifted(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        # with shape < 1 the density is infinite at the location
        lower = np.ones(len(sketch.rows))
        return {"shape": (lower, np.full_like(lower, np.inf))}

    def limits_when_shifted(self) -> tuple[Limit, ...]:
        return (Limit("logistic", {"shape": np.inf, "scale": np.inf, "location": -np.inf}),)

    def _w(self, x: Array, theta: Theta) -> Array:
        with np.errstate(divide="ignore"):  # at 0 it is −∞
            return theta[0] * (np.log(x) - np.log(theta[1]))

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return sc.expit(self._w(x, theta))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return sc.expit(-self._w(x, theta))

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return sc.log_expit(self._w(x, theta))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return sc.log_expit(-self._w(x, theta))

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        shape, scale = theta
        u = np.log(x / scale)
        return in_shape_and_scale(logistic_tail(shape * u, upper=upper), u, shape, scale)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return _value_at(sc.logit(p), theta)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return _value_at(-sc.logit(p), theta)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return _value_at(rng.logistic(size=size), theta)

    def _mean(self, theta: Theta) -> Array:
        shape, scale = theta
        exists = shape > 1.0
        angle = np.pi / np.where(exists, shape, 2.0)
        return np.where(exists, scale * angle / np.sin(angle), np.inf)

    def _variance(self, theta: Theta) -> Array:
        shape, scale = theta
        exists = shape > 2.0
        angle = np.pi / np.where(exists, shape, 4.0)
        # 2b/sin 2b − (b/sin b)², without the difference where b is small
        near = angle < 0.02
        square = angle * angle
        excess = np.where(near, square * (1.0 / 3.0 + square * (2.0 / 15.0)), 0.0)
        excess = np.where(near, excess, np.tan(angle) / angle - 1.0)
        finite = (scale * angle / np.sin(angle)) ** 2 * excess
        return np.where(exists, finite, np.where(shape > 1.0, np.inf, np.nan))

    def _mode(self, theta: Theta) -> Array:
        shape, scale = theta
        return scale * np.maximum((shape - 1.0) / (shape + 1.0), 0.0) ** (1.0 / shape)

    def _entropy(self, theta: Theta) -> Array:
        return np.log(theta[1] / theta[0]) + 2.0


def _value_at(logit: Array, theta: Theta) -> Array:
    """Solve k log(x/s) = logit for x."""
    with np.errstate(over="ignore"):  # beyond the largest number: infinite
        return theta[1] * np.exp(logit / theta[0])
