"""Generalized gamma distribution of Stacy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import scipy.special as sc
from numpy.typing import ArrayLike

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.limit import Limit
from mlestim.distributions.links import PlaceLink
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE
from mlestim.special import log_gamma_excess

# Below this log of (x/s)^d the incomplete gamma function is its first term.
FAR_BELOW = -40.0


class GeneralizedGamma(Family):
    r"""Generalized gamma distribution: x^d has a gamma distribution.

    .. math:: f(x) = \frac{d}{s\,\Gamma(a)} \left(\frac xs\right)^{ad-1} e^{-(x/s)^d}, \quad x > 0

    With a = 1 it is the Weibull, with d = 1 the gamma distribution. As a grows and d falls it
    becomes the lognormal, as d grows and a falls a power function. Towards the lognormal the
    scale runs to 0 as exp(−σ√a log a), σ being the standard deviation of log x: that it is a
    positive number bounds a at about 8000 for σ = 1.

    Parameters
    ----------
    shape : float
        a > 0.
    power : float
        d > 0.
    scale : float
        s > 0, in the unit of the data.

    References
    ----------
    Stacy, E. W. (1962), Annals of Mathematical Statistics 33, 1187-1192;
    Prentice, R. L. (1974), Biometrika 61, 539-544 (the coordinates in which it is fitted).

    Examples
    --------
    >>> GeneralizedGamma(shape=1, power=2, scale=10).sf(10).round(4)
    np.float64(0.3679)
    """

    name = "generalized_gamma"
    parameters = (
        Parameter("shape", POSITIVE, Unit.NONE, "shape; 1 for the Weibull"),
        Parameter("power", POSITIVE, Unit.NONE, "power; 1 for the gamma"),
        Parameter("scale", POSITIVE, Unit.SCALE, "scale"),
    )
    support = POSITIVE_LINE
    half_line = True

    def prepared(self, x: Array, out: Array | None = None) -> Array:
        return np.log(x, out=out)

    def statistics(self, log_x: Array, theta: Theta, order: int) -> Sequence[Row]:
        # w = log((x/s)^d / a) is small near the lognormal, where a itself is large
        shape, power, scale = theta
        w = power * (log_x - np.log(scale)) - np.log(shape)
        growth = np.expm1(w)
        return w, growth, growth - w, (growth, w), (w, w), (growth * w, w)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        w, growth, excess, growth_w, ww, growth_ww = t
        shape, power, scale = theta
        log_shape = np.log(shape)
        constant, first, second = log_gamma_excess(shape)
        # v = w + log a = d log(x/s), and its products with e^w and e^w − 1
        v = w + log_shape
        growth_v = growth_w + log_shape * growth
        tail_v = growth_v + v
        tail_vv = growth_ww + ww + log_shape * (2.0 * (growth_w + w) + log_shape * (growth + 1.0))
        yield np.log(power) - np.log(scale) - v / power - shape * excess - constant
        yield w - first
        yield (1.0 - shape * growth_v) / power
        yield shape * power * growth / scale
        yield -second - 1.0 / shape
        yield v / power
        yield -power / scale
        yield -(1.0 + shape * tail_vv) / power**2
        yield shape * (growth + tail_v) / scale
        yield -shape * power * (growth + power * (growth + 1.0)) / scale**2

    @property
    def link(self) -> PlaceLink:
        # Prentice's coordinates, in which the way to the lognormal is straight
        return PlaceLink(self.parameters, shape=0, power=1, side=1.0)

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        starts = []
        for a in (1.0, 0.05, 0.3, 4.0, 50.0):
            shape = np.full_like(sketch.log_mean, a)
            power = np.sqrt(sc.polygamma(1, a)) / sketch.log_sd
            starts.append((shape, power, np.exp(sketch.log_mean - sc.digamma(a) / power)))
        for a in (0.3, 4.0):  # quartiles do not see outliers
            shape = np.full_like(sketch.log_mean, a)
            starts.append((shape, *sketch.power_and_scale(partial(_log_ppf, shape=a))))
        return starts

    def limits(self) -> tuple[Limit, ...]:
        return (
            Limit("lognormal", {"shape": np.inf, "power": 0.0, "scale": 0.0}),
            Limit("power_function", {"shape": 0.0, "power": np.inf, "scale": "upper"}),
        )

    def _log_power(self, x: Array, theta: Theta) -> Array:
        return theta[1] * (np.log(x) - np.log(theta[2]))

    def _sf(self, x: Array, theta: Theta) -> Array:
        with np.errstate(over="ignore"):  # beyond the largest number nothing is left
            return sc.gammaincc(theta[0], np.exp(self._log_power(x, theta)))

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return np.exp(self._logcdf(x, theta))

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        shape, v = theta[0], self._log_power(x, theta)
        with np.errstate(over="ignore", divide="ignore"):
            z = np.exp(v)
            lower, upper = sc.gammainc(shape, z), sc.gammaincc(shape, z)
            usual = np.where(lower < 0.5, np.log(lower), np.log1p(-upper))
        return np.where(v < FAR_BELOW, shape * v - sc.gammaln(shape + 1.0), usual)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[2] * np.exp(_log_ppf(p, theta[0]) / theta[1])

    def _isf(self, p: Array, theta: Theta) -> Array:
        with np.errstate(divide="ignore"):
            upper = np.log(sc.gammainccinv(theta[0], p))
        log_z = np.where(p < 0.5, upper, _log_ppf(1.0 - p, theta[0]))
        return theta[2] * np.exp(log_z / theta[1])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        # Γ(a) = Γ(a+1) U^(1/a), in logs: draws of a small shape may be less than any number
        shape, power, scale = theta
        log_z = np.log(rng.standard_gamma(shape + 1.0, size))
        log_z -= rng.standard_exponential(size) / shape
        return scale * np.exp(log_z / power)

    def _moment(self, order: float, theta: Theta) -> Array:
        """Log of E (x/s)^order."""
        return sc.gammaln(theta[0] + order / theta[1]) - sc.gammaln(theta[0])

    def _mean(self, theta: Theta) -> Array:
        return theta[2] * np.exp(self._moment(1.0, theta))

    def _variance(self, theta: Theta) -> Array:
        first, second = self._moment(1.0, theta), self._moment(2.0, theta)
        return theta[2] ** 2 * np.exp(2.0 * first) * np.expm1(second - 2.0 * first)

    def _mode(self, theta: Theta) -> Array:
        shape, power, scale = theta
        return scale * np.maximum(shape - 1.0 / power, 0.0) ** (1.0 / power)

    def _entropy(self, theta: Theta) -> Array:
        shape, power, scale = theta
        spread = sc.gammaln(shape) + shape + (1.0 / power - shape) * sc.digamma(shape)
        return np.log(scale) - np.log(power) + spread


def _log_ppf(p: ArrayLike, shape: ArrayLike) -> Array:
    """Log of the quantile of the standard gamma distribution."""
    p, shape = np.asarray(p), np.asarray(shape)
    first_term = (np.log(p) + sc.gammaln(shape + 1.0)) / shape
    with np.errstate(divide="ignore"):  # replaced below
        usual = np.log(sc.gammaincinv(shape, p))
    return np.where(first_term < FAR_BELOW, first_term, usual)
