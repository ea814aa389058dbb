"""Exponentially modified normal distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.built.location_scale import LocationScale, sketched_skewness
from mlestim.distributions.limit import Limit, Target
from mlestim.distributions.parameter import POSITIVE, REAL, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE
from mlestim.distributions.tails.normal import normal_tail
from mlestim.special import LOG_ROOT_TWO_PI


class ExponentiallyModifiedNormal(LocationScale):
    r"""Exponentially modified normal: the sum of a normal and an exponential variable.

    .. math:: f(x) = \frac1\tau \exp\left(\frac{\sigma^2}{2\tau^2} - \frac{x-\mu}{\tau}\right)
        \Phi\left(\frac{x-\mu}{\sigma} - \frac\sigma\tau\right)

    As τ → 0 it becomes the normal, where samples that are not skewed to the right have their
    supremum; as σ → 0 an exponential with a location.

    Parameters
    ----------
    location : float
        μ, mean of the normal part, in the unit of the data.
    sd : float
        σ > 0, standard deviation of the normal part, in the unit of the data.
    decay : float
        τ > 0, mean of the exponential part, in the unit of the data.

    Examples
    --------
    >>> ExponentiallyModifiedNormal(location=1, sd=0.5, decay=2).mean()
    np.float64(3.0)
    """

    name = "exponentially_modified_normal"
    parameters = (
        Parameter("location", REAL, Unit.LOCATION, "mean of the normal part"),
        Parameter("sd", POSITIVE, Unit.SCALE, "standard deviation of the normal part"),
        Parameter("decay", POSITIVE, Unit.SCALE, "mean of the exponential part"),
    )
    support = REAL_LINE
    costly = True

    # the terms themselves are summed: their forms differ between the two tails
    statistics = Family.statistics

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        # With r = σ/τ and h the hazard of r − z: log f = r²/2 − rz − log τ + log Φ(z − r). Beyond
        # s = r − z = 3 the small e, c and d of the continued fraction stand for differences.
        location, sd, decay = theta
        z, r = (t[0] - location) / sd, sd / decay
        total = z + r
        tail = normal_tail(r - z)
        far, h, e, c, d = tail.far, tail.hazard, tail.e, tail.c, tail.d
        yield _log_part(z, r, tail.log_ratio) - np.log(decay)
        yield np.where(far, z - e, r - h) / sd
        in_log_sd = np.where(far, z * z - e * total, r * r - h * total)
        yield in_log_sd / sd
        gap = np.where(far, (z - c) * e, r * e - 1.0)
        yield gap / decay
        slope, bend = -h * e, tail.curvature  # of h and of e in z − r
        yield slope / sd**2
        yield (h + slope * total) / sd**2
        yield -bend * r / (sd * decay)
        square = gap * gap + (r * e) ** 2 * c * (c - d)
        square = np.where(far, square, 1.0 - 2.0 * r * e + r * r * bend)
        # far out, through the derivatives in z and τ/σ: those in log σ cancel
        by_parts = 1.0 + 2.0 * (z * (e - z) + gap) + z * z * slope + 2.0 * z * r * bend + square
        near = 2.0 * r * r + slope * total * total + h * (z - r) - in_log_sd
        yield np.where(far, by_parts, near) / sd**2
        direct = r * np.where(far, e - bend * total, h - 2.0 * r - slope * total)
        mixed = np.where(far & (r > 1.0), -(z * r * bend + gap + square), direct)
        yield mixed / (sd * decay)
        yield square / decay**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        skewness = np.clip(sketched_skewness(sketch), 0.05, 1.9)
        own = (0.5 * skewness) ** (1.0 / 3.0)
        return [_by_moments(sketch, share) for share in (own, 0.3 + 0.0 * own, 0.97 + 0.0 * own)]

    def limits(self) -> tuple[Limit, ...]:
        exponential: dict[str, Target] = {"location": "location", "sd": 0.0, "decay": "scale"}
        return (
            Limit("exponential", exponential, shifted=True),
            Limit("normal", {"location": "mean", "sd": "sd", "decay": 0.0}),
        )

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        # Φ(z) − part, and φ(z) (R(−z) − R(r − z)) below the mean of the normal part
        location, sd, decay = theta
        z, r = (x - location) / sd, sd / decay
        below = sc.log_ndtr(z)
        beyond = normal_tail(r - z).log_ratio
        ratio = np.where(
            z < 0.0, beyond - normal_tail(-z).log_ratio, _log_part(z, r, beyond) - below
        )
        return below + np.log(-np.expm1(np.minimum(ratio, -1e-320)))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        location, sd, decay = theta
        z, r = (x - location) / sd, sd / decay
        part = _log_part(z, r, normal_tail(r - z).log_ratio)
        return np.logaddexp(sc.log_ndtr(-z), part)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        location, sd, decay = theta
        return location + sd * rng.standard_normal(size) + decay * rng.standard_exponential(size)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + theta[2] + 0.0 * theta[1]

    def _variance(self, theta: Theta) -> Array:
        return theta[1] ** 2 + theta[2] ** 2 + 0.0 * theta[0]

    def _mode(self, theta: Theta) -> Array:
        # z = e(r − z), where the density's slope is 0: one root between 0 and the mean
        location, sd, decay = np.broadcast_arrays(*theta)
        low, high = np.zeros(sd.shape), decay / sd
        for _ in range(200):
            z = 0.5 * (low + high)
            below = normal_tail(sd / decay - z).e > z
            low, high = np.where(below, z, low), np.where(below, high, z)
        return location + sd * 0.5 * (low + high)


def _log_part(z: Array, r: Array, log_ratio: Array) -> Array:
    """The log of exp(r²/2 − rz) Φ(z − r), which is τ f(x) and part of the upper tail."""
    near = sc.log_ndtr(z - r) - r * (z - 0.5 * r)
    return np.where(r > z, log_ratio - 0.5 * z * z - LOG_ROOT_TWO_PI, near)


def _by_moments(sketch: Sketch, share: Array) -> tuple[Array, Array, Array]:
    """Parts whose exponential one has a given share of the standard deviation."""
    decay = sketch.sd * share
    return sketch.mean - decay, sketch.sd * np.sqrt(1.0 - share**2), decay
