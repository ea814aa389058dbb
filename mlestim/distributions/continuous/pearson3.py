"""Pearson type III distribution, and that of a variable whose log has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Row, Size, Theta
from mlestim.distributions.built.location_scale import (
    LOCATION_AND_SCALE,
    LocationScale,
    sketched_skewness,
)
from mlestim.distributions.parameter import POSITIVE, REAL, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE, REAL_LINE
from mlestim.special import LOG_ROOT_TWO_PI

# Skews closer to 0 than this use Edgeworth's series: beyond it the incomplete gamma function of
# shapes above 4e8 would lose more digits than the series.
EDGEWORTH_SKEW = 1e-4
# Below this |v| the second derivative of ψ is summed as a series.
SERIES_V = 0.3
_SERIES = tuple((-1.0) ** k * k * (k - 1) / (k + 2.0) for k in range(32, 1, -1))
# log Γ(a) − [(a − ½) log a − a + ½ log 2π] = Σ c_j a^(1−2j)
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)


class Pearson3(LocationScale):
    r"""Pearson type III distribution: a shifted gamma variable, for negative skew reflected.

    .. math:: f(x) = \frac{2}{\sigma|\gamma|\,\Gamma(a)} y^{a-1} e^{-y}, \quad a = \frac4{\gamma^2},
        \quad y = a + \frac{2}{\gamma}\,\frac{x-\mu}{\sigma} > 0

    The parameters are those of scipy's ``pearson3(skew, loc, scale)``: the location is the mean and
    the scale the standard deviation. γ = 0 is the normal, which all formulas pass smoothly. Where
    γ² > 4, the density is infinite at the end of the support and the likelihood unbounded for every
    sample: the estimate is the best maximum with γ² < 4.

    Parameters
    ----------
    location : float
        μ, the mean, in the unit of the data.
    scale : float
        σ > 0, the standard deviation, in the unit of the data.
    skew : float
        γ, the skewness.

    Examples
    --------
    >>> Pearson3(location=100, scale=20, skew=0.5).isf(0.01).round(2)
    np.float64(153.71)
    """

    name = "pearson3"
    parameters = (*LOCATION_AND_SCALE, Parameter("skew", REAL, Unit.NONE, "skewness"))
    support = REAL_LINE

    def standard_terms(self, z: Array, shapes: Theta) -> Iterator[Array]:
        # −S(a) − log(1+v) − z² ψ(v) − ½ log 2π with v = γz/2, S the rest of Stirling's formula and
        # ψ(v) = (v − log(1+v))/v²; d(z²ψ)/dz = z/(1+v)
        (gamma,) = shapes
        v = 0.5 * gamma * z
        if np.any(v <= -1.0):
            v = np.where(v > -1.0, v, np.nan)  # outside the support there are no terms
        psi, psi1, psi2 = excess_over_square(v)
        # a = 1/ε with ε = γ²/4
        rest, slope, bend = stirling_rest(0.25 * gamma * gamma)
        square = z * z
        yield -LOG_ROOT_TWO_PI - rest - np.log1p(v) - square * psi
        r = 1.0 / (1.0 + v)
        lever = (0.5 * gamma + z) * r
        half = 0.5 * z
        yield -lever
        yield -0.5 * gamma * slope - half * r - half * square * psi1
        yield (0.5 * gamma * lever - 1.0) * r
        yield (half * lever - 0.5) * r
        in_skew = 0.5 * slope + 0.25 * gamma * gamma * bend
        yield (half * r) ** 2 - in_skew - half * half * square * psi2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        low = (sketch.minimum - sketch.mean) / sketch.sd
        high = (sketch.maximum - sketch.mean) / sketch.sd
        most = np.minimum(1.8, -1.8 / np.minimum(low, -1e-3))
        least = np.maximum(-1.8, -1.8 / np.maximum(high, 1e-3))
        skews = (
            np.clip(sketched_skewness(sketch), least, most),
            *(0.1 * end for end in (least, most)),
            *(0.9 * end for end in (least, most)),
        )
        # so wide that no row lies beyond the end, whatever the skew
        widest = 1.1 * np.maximum(-low, high) * sketch.sd
        return [
            *((sketch.mean, sketch.sd, np.where(skew == 0.0, 1e-3, skew)) for skew in skews),
            *((sketch.mean, widest, np.full_like(widest, skew)) for skew in (-1.9, 1.9)),
        ]

    def regular_region(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        ends = np.full_like(sketch.minimum, 2.0)
        return {"skew": (-ends, ends)}

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return ~(1.0 + 0.5 * theta[2] * self.standardized(x, theta) > 0.0) | np.isinf(x)

    def inner_point(self, theta: Theta) -> Array:
        return theta[0]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return lower_tail(self.standardized(x, theta), theta[2])

    def _sf(self, x: Array, theta: Theta) -> Array:
        return lower_tail(-self.standardized(x, theta), -theta[2])

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[0] + theta[1] * lower_quantile(p, theta[2])

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[0] - theta[1] * lower_quantile(p, -theta[2])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        location, scale, skew = theta
        tame = np.where(np.abs(skew) < EDGEWORTH_SKEW, EDGEWORTH_SKEW, skew)
        shape = 4.0 / tame**2
        return location + scale * 0.5 * tame * (rng.gamma(shape, size=size) - shape)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * (theta[1] + theta[2])

    def _variance(self, theta: Theta) -> Array:
        return theta[1] ** 2 + 0.0 * (theta[0] + theta[2])

    def _mode(self, theta: Theta) -> Array:
        location, scale, skew = theta
        end = -2.0 / np.where(np.abs(skew) > 2.0, skew, 2.0)
        return location + scale * np.where(np.abs(skew) > 2.0, end, -0.5 * skew)

    def _entropy(self, theta: Theta) -> Array:
        epsilon = 0.25 * theta[2] ** 2
        rest, slope, _ = stirling_rest(epsilon)
        shape_part = rest - 0.5 * epsilon + (epsilon - epsilon**2) * slope
        return 0.5 + LOG_ROOT_TWO_PI + np.log(theta[1]) + shape_part + 0.0 * theta[0]


class LogPearson3(Pearson3):
    r"""Log-Pearson type III distribution: log x (to base e) is Pearson type III.

    .. math:: f(x) = \frac1x f_{\mathrm{III}}(\log x;\ \mu, \sigma, \gamma), \quad x > 0

    Skew 0 is the lognormal. The estimate is the best maximum with γ² < 4, as for `Pearson3`.

    Parameters
    ----------
    meanlog : float
        μ, the mean of log x.
    sdlog : float
        σ > 0, the standard deviation of log x.
    skewlog : float
        γ, the skewness of log x.

    References
    ----------
    Bulletin 17C, Guidelines for Determining Flood Flow Frequency (2018), U.S. Geological Survey
    (with logs to base 10: its mean and standard deviation are ours divided by log 10).

    Examples
    --------
    >>> LogPearson3(meanlog=5, sdlog=0.5, skewlog=0.2).isf(0.01).round(1)
    np.float64(510.9)
    """

    name = "log_pearson3"
    parameters = (
        Parameter("meanlog", REAL, Unit.LOG_SCALE, "mean of log x"),
        Parameter("sdlog", POSITIVE, Unit.NONE, "standard deviation of log x"),
        Parameter("skewlog", REAL, Unit.NONE, "skewness of log x"),
    )
    support = POSITIVE_LINE
    costly = True

    def prepared(self, x: Array, out: Array | None = None) -> Array:
        return np.log(x, out=out)

    def statistics(self, log_x: Array, theta: Theta, order: int) -> Sequence[Row]:
        return (*super().statistics(log_x, theta, order), log_x)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        terms = super().density_terms(t[:-1], theta)
        yield next(terms) - t[-1]
        yield from terms

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        logs = replace(
            sketch,
            rows=sketch.log_rows,
            minimum=np.log(sketch.minimum),
            maximum=np.log(sketch.maximum),
        )
        return super().start(logs)

    def regular_region(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        return {"skewlog": super().regular_region(sketch)["skew"]}

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        inside = x > 0.0
        return ~inside | super().outside(np.log(np.where(inside, x, 1.0)), theta)

    def inner_point(self, theta: Theta) -> Array:
        return np.exp(theta[0])

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return super()._cdf(np.log(x), theta)

    def _sf(self, x: Array, theta: Theta) -> Array:
        return super()._sf(np.log(x), theta)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return np.exp(super()._ppf(p, theta))

    def _isf(self, p: Array, theta: Theta) -> Array:
        return np.exp(super()._isf(p, theta))

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return np.exp(super()._sample(theta, rng, size))

    def _mean(self, theta: Theta) -> Array:
        return np.exp(self._log_moment(theta, 1.0))

    def _variance(self, theta: Theta) -> Array:
        first, second = (self._log_moment(theta, k) for k in (1.0, 2.0))
        finite = np.isfinite(second)
        once, twice = np.where(finite, first, 0.0), np.where(finite, second, 0.0)
        value = np.exp(2.0 * once) * np.expm1(twice - 2.0 * once)
        return np.where(finite, value, np.where(np.isfinite(first), np.inf, np.nan))

    @staticmethod
    def _log_moment(theta: Theta, k: float) -> Array:
        """Log of E x^k: μk + (kσ)² (1 + …)/2, infinite from kσγ = 2 on."""
        mean, sd, skew = theta
        v = -0.5 * k * sd * skew
        psi = excess_over_square(np.where(v > -1.0, v, 0.0))[0]
        return np.where(v > -1.0, k * mean + (k * sd) ** 2 * psi, np.inf)

    def _mode(self, theta: Theta) -> Array:
        # slope of log f − log x in z: −(γ/2 + z)/(1 + γz/2) = σ; at the end where there is none
        mean, sd, skew = theta
        scaled = 1.0 + 0.5 * sd * skew
        z = -(0.5 * skew + sd) / np.where(scaled > 0.0, scaled, 1.0)
        end = -2.0 / np.where(skew == 0.0, 1.0, skew)
        inside = (scaled > 0.0) & (1.0 + 0.5 * skew * z > 0.0)
        return np.exp(mean + sd * np.where(inside, z, end))

    def _entropy(self, theta: Theta) -> Array:
        return super()._entropy(theta) + theta[0]


def excess_over_square(v: Array) -> tuple[Array, Array, Array]:
    r"""Compute :math:`\psi(v) = (v - \log(1+v))/v^2`, with ψ(0) = ½, and two derivatives.

    Near 0 the second one is summed as a series; the others follow from v²ψ' = v/(1+v) − 2vψ.
    """
    near = np.abs(v) < SERIES_V
    inner = np.where(near, v, 0.0)
    r = 1.0 / (1.0 + inner)
    second = np.full_like(inner, _SERIES[0])
    for coefficient in _SERIES[1:]:
        second = second * inner + coefficient
    first = -(r * r + second * inner) / 3.0
    value = 0.5 * (r - inner * first)
    if np.all(near):
        return value, first, second
    away = np.where(near, 1.0, v)
    r = 1.0 / (1.0 + away)
    value = np.where(near, value, (1.0 - np.log1p(away) / away) / away)
    first = np.where(near, first, (r - 2.0 * value) / away)
    return value, first, np.where(near, second, -(r * r + 3.0 * first) / away)


def stirling_rest(epsilon: Array) -> tuple[Array, Array, Array]:
    """Compute log Γ(a) less Stirling's formula at a = 1/ε, and two derivatives in ε."""
    small = np.minimum(epsilon, 1.0 / 16.0)
    square = small * small
    value = first = second = np.zeros_like(small)
    for j in range(len(_STIRLING), 0, -1):
        power = 2 * j - 1
        value = value * square + _STIRLING[j - 1]
        first = first * square + power * _STIRLING[j - 1]
        second = second * square + power * (power - 1) * _STIRLING[j - 1]
    value, second = value * small, second / np.where(small > 0.0, small, 1.0)
    if np.any(epsilon > small):
        far = np.maximum(epsilon, 1.0 / 16.0)
        a = 1.0 / far
        rest = sc.gammaln(a) - (a - 0.5) * np.log(a) + a - LOG_ROOT_TWO_PI
        slope = sc.digamma(a) - np.log(a) + 0.5 / a  # in a, whose own slope in ε is −a²
        bend = sc.polygamma(1, a) - 1.0 / a - 0.5 / a**2
        beyond = epsilon > small
        value = np.where(beyond, rest, value)
        first = np.where(beyond, -a * a * slope, first)
        second = np.where(beyond, a**4 * bend + 2.0 * a**3 * slope, second)
    return value, first, second


def lower_tail(z: Array, skew: Array) -> Array:
    """Probability below z: an incomplete gamma function, the upper one for negative skew."""
    flat = np.abs(skew) < EDGEWORTH_SKEW
    tame = np.where(flat, 1.0, skew)
    shape = 4.0 / tame**2
    y = np.maximum(shape * (1.0 + 0.5 * tame * z), 0.0)
    value = np.where(skew > 0.0, sc.gammainc(shape, y), sc.gammaincc(shape, y))
    if not np.any(flat):
        return value
    square = z * z
    series = skew / 6.0 * (square - 1.0)
    series = series + skew**2 * z * (
        (square - 3.0) / 16.0 + (square * (square - 10.0) + 15.0) / 72.0
    )
    edgeworth = sc.ndtr(z) - np.exp(-0.5 * square - LOG_ROOT_TWO_PI) * series
    return np.where(flat, edgeworth, value)


def lower_quantile(p: Array, skew: Array) -> Array:
    """Standard quantile; Cornish and Fisher's series next to skew 0."""
    flat = np.abs(skew) < EDGEWORTH_SKEW
    tame = np.where(flat, 1.0, skew)
    shape = 4.0 / tame**2
    y = np.where(skew > 0.0, sc.gammaincinv(shape, p), sc.gammainccinv(shape, p))
    value = 0.5 * tame * (y - shape)
    if not np.any(flat):
        return value
    z = sc.ndtri(p)
    square = z * z
    bent = z * ((square - 3.0) / 16.0 - (2.0 * square - 5.0) / 36.0)
    return np.where(flat, z + skew / 6.0 * (square - 1.0) + skew**2 * bent, value)
