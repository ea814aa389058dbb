"""Hyperbolic secant distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mlestim.distributions.base import Array, Size, Theta
from mlestim.distributions.built.location_scale import LOCATION_AND_SCALE, LocationScale
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE
from mlestim.special import log_cosh

# Below this z the arc tangent of e^z is e^z to the last digit.
_FAR = -20.0


class HyperbolicSecant(LocationScale):
    r"""Hyperbolic secant distribution: the log of the size of a Cauchy variable.

    .. math:: f(x) = \frac{1}{\pi\sigma\cosh z}, \quad z = \frac{x-\mu}{\sigma}

    Parameters
    ----------
    location : float
        μ, the mean and mode, in the unit of the data.
    scale : float
        σ > 0, in the unit of the data; the standard deviation is πσ/2.

    Examples
    --------
    >>> HyperbolicSecant(location=0, scale=1).cdf(1).round(4)
    np.float64(0.7756)
    """

    name = "hyperbolic_secant"
    parameters = LOCATION_AND_SCALE
    support = REAL_LINE

    def standard_terms(self, z: Array, shapes: Theta) -> Iterator[Array]:
        value, slope, bend = log_cosh(z)
        yield np.log(2.0 / np.pi) - value
        yield -slope
        yield -bend

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(sketch.mean, 2.0 / np.pi * sketch.sd)]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return _below(self.standardized(x, theta))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return _below(-self.standardized(x, theta))

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return _log_below(self.standardized(x, theta))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return _log_below(-self.standardized(x, theta))

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[0] + theta[1] * _quantile(p)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[0] - theta[1] * _quantile(p)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return theta[0] + theta[1] * np.log(np.abs(rng.standard_cauchy(size)))

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * theta[1]

    def _variance(self, theta: Theta) -> Array:
        return (0.5 * np.pi * theta[1]) ** 2 + 0.0 * theta[0]

    def _mode(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * theta[1]

    def _entropy(self, theta: Theta) -> Array:
        return np.log(2.0 * np.pi * theta[1]) + 0.0 * theta[0]


def _below(z: Array) -> Array:
    with np.errstate(over="ignore"):  # the arc tangent of infinity is π/2
        return np.arctan(np.exp(z)) * (2.0 / np.pi)


def _log_below(z: Array) -> Array:
    near = np.maximum(z, _FAR)
    body = np.where(near < 0.0, np.log(_below(near)), np.log1p(-_below(-near)))
    return np.where(z < _FAR, z + np.log(2.0 / np.pi), body)


def _quantile(p: Array) -> Array:
    """Log of tan(πp/2), from the smaller tail."""
    with np.errstate(divide="ignore"):  # infinite at 0 and 1
        tail = np.log(np.tan(0.5 * np.pi * np.minimum(p, 1.0 - p)))
    return np.where(p <= 0.5, tail, -tail)
