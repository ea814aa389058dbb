"""Skew normal distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Size, Theta
from mlestim.distributions.built.location_scale import (
    LOCATION_AND_SCALE,
    LocationScale,
    sketched_skewness,
)
from mlestim.distributions.limit import Limit, Target, exponential_within
from mlestim.distributions.links import ElementwiseLink
from mlestim.distributions.parameter import REAL, WIDE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE
from mlestim.distributions.tails.normal import normal_tail
from mlestim.distributions.tails.quadrature import tail_probability
from mlestim.special import LOG_ROOT_TWO_PI

# Largest |skewness| that moments can turn into a shape: the half normal has 0.9953.
LARGEST_SKEWNESS = 0.99
# Beyond so many scales the log of a tail follows from that of the density: probabilities underflow.
FAR = 20.0


class SkewNormal(LocationScale):
    r"""Skew normal distribution (Azzalini).

    .. math:: f(x) = \frac2\sigma \varphi(z)\,\Phi(\alpha z), \quad z = \frac{x-\mu}{\sigma}

    α = 0 is the normal, where the likelihood of every sample is stationary and its information
    singular: the search starts on both sides of it and never there, and a sample that is as
    symmetric as to have its maximum at α = 0 gets the normal, on the boundary. With α → ±∞ it
    becomes a half normal with a location, for −∞ reflected; many small samples have their supremum
    there.

    Parameters
    ----------
    location : float
        μ, in the unit of the data (not the mean).
    scale : float
        σ > 0, in the unit of the data (not the standard deviation).
    shape : float
        α, positive for a longer upper tail.

    References
    ----------
    Azzalini, A. (1985), A class of distributions which includes the normal ones, Scandinavian
    Journal of Statistics 12, 171-178.

    Examples
    --------
    >>> SkewNormal(location=0, scale=1, shape=3).mean().round(4)
    np.float64(0.7569)
    """

    name = "skew_normal"
    parameters = (
        *LOCATION_AND_SCALE,
        Parameter("shape", REAL, Unit.NONE, "shape, positive for a longer upper tail"),
    )
    support = REAL_LINE

    @property
    def link(self) -> ElementwiseLink:
        """Searched by arsinh of the shape, since it may be far from 0; intervals are not."""
        return ElementwiseLink([*LOCATION_AND_SCALE, Parameter("shape", WIDE)])

    def standard_terms(self, z: Array, shapes: Theta) -> Iterator[Array]:
        (alpha,) = shapes
        t = alpha * z
        yield np.log(2.0) - LOG_ROOT_TWO_PI - 0.5 * z * z + sc.log_ndtr(t)
        tail = normal_tail(-t)
        yield alpha * tail.hazard - z
        yield z * tail.hazard
        slope = -tail.hazard * tail.e  # d hazard/dt
        yield alpha * alpha * slope - 1.0
        yield tail.hazard + t * slope
        yield z * (z * slope)

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        skewness = np.clip(sketched_skewness(sketch), -LARGEST_SKEWNESS, LARGEST_SKEWNESS)
        moment = (2.0 * np.abs(skewness) / (4.0 - np.pi)) ** (2.0 / 3.0)
        delta = np.sqrt(0.5 * np.pi * moment / (moment + 1.0))
        alpha = delta / np.sqrt(np.maximum(1.0 - delta**2, 1e-4))
        own = np.copysign(np.maximum(alpha, 0.5), skewness)
        return [by_moments(sketch, shape) for shape in (own, -own, 4.0 * own, -4.0 * own, 30 * own)]

    def limits(self) -> tuple[Limit, ...]:
        half: dict[str, Target] = {"location": "location", "scale": "scale"}
        return (
            Limit("half_normal", {**half, "shape": np.inf}, shifted=True),
            Limit("half_normal", {**half, "shape": -np.inf}, shifted=True, reflected=True),
            Limit("normal", {"location": "mean", "scale": "sd", "shape": 0.0}, attained=True),
        )

    def limits_within(self, low: float, high: float) -> tuple[Limit, ...]:
        far: dict[str, Target] = {"scale": np.inf, "shape": 0.0}
        return exponential_within(low, high, lambda sign: {"location": -np.inf * sign, **far})

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return _lower(self.standardized(x, theta), theta[2])

    def _sf(self, x: Array, theta: Theta) -> Array:
        return _lower(-self.standardized(x, theta), -theta[2])

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return _with_far(super()._logcdf(x, theta), self.standardized(x, theta), theta[2])

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return _with_far(super()._logsf(x, theta), -self.standardized(x, theta), -theta[2])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        location, scale, alpha = theta
        root = np.hypot(1.0, alpha)
        half, whole = np.abs(rng.standard_normal(size)), rng.standard_normal(size)
        return location + scale * (alpha / root * half + whole / root)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + theta[1] * _tilt(theta[2])

    def _variance(self, theta: Theta) -> Array:
        return theta[1] ** 2 * (1.0 - _tilt(theta[2]) ** 2) + 0.0 * theta[0]

    def _mode(self, theta: Theta) -> Array:
        # z = α hazard(−αz): the right side falls in αz, one root between 0 and α √(2/π)
        location, scale, alpha = np.broadcast_arrays(*theta)
        low, high = np.zeros(alpha.shape), np.ones(alpha.shape)
        sign, size = np.sign(alpha), np.abs(alpha)
        for _ in range(100):
            z = 0.5 * (low + high)
            below = z < size * normal_tail(-size * z).hazard
            low, high = np.where(below, z, low), np.where(below, high, z)
        return location + scale * sign * 0.5 * (low + high)


def by_moments(sketch: Sketch, shape: Array) -> tuple[Array, Array, Array]:
    """Location and scale that give mean and standard deviation of the sketch at a shape."""
    tilt = _tilt(shape)
    scale = sketch.sd / np.sqrt(1.0 - tilt**2)
    return sketch.mean - scale * tilt, scale, shape


def _tilt(alpha: Array) -> Array:
    """Mean of z: √(2/π) α/√(1+α²)."""
    return np.sqrt(2.0 / np.pi) * alpha / np.hypot(1.0, alpha)


def _lower(z: Array, alpha: Array) -> Array:
    """Probability below z, by Owen's formula or, where that cancels, by quadrature."""
    return np.where(_heavy(z, alpha), _by_owens_t(z, alpha), np.exp(_log_below(z, alpha)))


def _with_far(log_lower: Array, z: Array, alpha: Array) -> Array:
    """Replace logs of probabilities below z that may have underflowed."""
    far = z * np.hypot(1.0, np.maximum(alpha, 0.0)) < -FAR
    return np.where(far, _log_below(z, alpha), log_lower) if np.any(far) else log_lower


def _heavy(z: Array, alpha: Array) -> NDArray[np.bool_]:
    """Whether Owen's formula does not cancel: everywhere but in the lighter tail."""
    return (alpha <= 0.0) | (z >= 0.0)


def _by_owens_t(z: Array, alpha: Array) -> Array:
    """Φ(z) − 2T(z, α), written as a sum for z < 0 and α < 0."""
    return sc.ndtr(z) - 2.0 * sc.owens_t(z, alpha)


def _log_below(z: Array, alpha: Array) -> Array:
    """Log of the probability below z < 0 from the density there, and how fast it falls."""
    below = np.minimum(z, 0.0)
    rate = 1.0 + np.where(alpha > 0.0, 1.0 + alpha**2, 1.0) * np.abs(below)

    def log_density(t: Array) -> Array:
        return np.log(2.0) - LOG_ROOT_TWO_PI - 0.5 * t * t + sc.log_ndtr(alpha * t)

    at_end = log_density(below)
    share = tail_probability(lambda t: log_density(t) - at_end, below, -1.0 / rate)
    return at_end + np.log(share)
