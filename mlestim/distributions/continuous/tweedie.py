"""Tweedie distribution with power between 1 and 2: a compound Poisson sum of gamma variables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.limit import Limit, Target
from mlestim.distributions.numeric import solve_increasing
from mlestim.distributions.parameter import POSITIVE, Interval, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import HALF_LINE
from mlestim.distributions.tails.quadrature import POINTS_AT_ONCE

# The terms of the series that are summed reach so many standard deviations, and then some, to both
# sides of the largest one; where there are many, every stride-th is enough, for they are as smooth
# as a normal density, with a stride of a third of its standard deviation at most.
REACH, MARGIN, PER_SD = 9.0, 22.0, 3.0


class Tweedie(Family):
    r"""Tweedie distribution with 1 < p < 2: claims that are often 0 and otherwise positive.

    .. math:: P(0) = e^{-\lambda}, \quad f(x) = \frac1x \sum_{j\ge1}
        \frac{z^j}{j!\,\Gamma(j\alpha)}
        \exp\left(\frac1\phi\left(\frac{x\mu^{1-p}}{1-p} - \frac{\mu^{2-p}}{2-p}\right)\right)

    with λ = μ^(2−p)/(φ(2−p)), α = (2−p)/(p−1) and
    z = x^α / ((p−1)^α φ^(1+α) (2−p)): the sum of a Poisson number, with mean λ, of gamma variables
    with shape α. The variance is φμ^p. The density of 0 is its probability. The series is that of
    Dunn and Smyth, and so are its derivatives, term by term. As p → 2 it becomes the gamma, for
    samples without zeros.

    Parameters
    ----------
    mean : float
        μ > 0, in the unit of the data.
    dispersion : float
        φ > 0, in the unit of the data to the power 2 − p.
    power : float
        p, between 1 and 2.

    References
    ----------
    Dunn, P. K. and Smyth, G. K. (2005), Series evaluation of Tweedie exponential dispersion model
    densities, Statistics and Computing 15, 267-280.

    Examples
    --------
    >>> Tweedie(mean=2, dispersion=1, power=1.5).pdf(0).round(4)
    np.float64(0.0591)
    """

    name = "tweedie"
    # the unit of the dispersion depends on the power: the data are fitted as they are
    parameters = (
        Parameter("mean", POSITIVE, Unit.NONE, "mean"),
        Parameter("dispersion", POSITIVE, Unit.NONE, "dispersion: variance over mean^power"),
        Parameter("power", Interval(1.0, 2.0), Unit.NONE, "power of the mean in the variance"),
    )
    support = HALF_LINE

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        x, (mean, phi, p) = t[0], theta
        positive = x > 0.0
        series = Series.of(np.where(positive, x, 1.0), phi, p, ~positive)
        less, more, log_mean = p - 1.0, 2.0 - p, np.log(mean)
        unit = np.exp(-p * log_mean)
        first, second = mean * unit / less, mean * mean * unit / more
        canonical = -x * first - second
        in_first, in_second = log_mean + 1.0 / less, log_mean - 1.0 / more
        yield canonical / phi + series.value
        deviation = (x - mean) * unit
        yield deviation / phi
        yield series.in_phi - canonical / phi**2
        in_p = x * first * in_first + second * in_second
        yield in_p / phi + series.in_p
        yield -(unit + p * deviation / mean) / phi
        yield -deviation / phi**2
        yield -deviation * log_mean / phi
        yield 2.0 * canonical / phi**3 + series.in_phi_phi
        yield series.in_phi_p - in_p / phi**2
        bend = x * first * (in_first**2 + 1.0 / less**2) + second * (in_second**2 + 1.0 / more**2)
        yield series.in_p_p - bend / phi

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean, variance = sketch.exact_moments()
        mean, variance = np.maximum(mean, 1e-300), np.maximum(variance, 1e-300)
        return [(mean, variance / mean**p, np.full_like(mean, p)) for p in (1.5, 1.2, 1.8)]

    def limits(self) -> tuple[Limit, ...]:
        gamma: dict[str, Target] = {
            "mean": lambda gamma: gamma["shape"] * gamma["scale"],
            "dispersion": lambda gamma: 1.0 / gamma["shape"],
            "power": 2.0,
        }
        return (Limit("gamma", gamma),)

    @staticmethod
    def _counts(theta: Theta) -> tuple[Array, Array, Array]:
        """Mean number of gamma variables, their shape and scale."""
        mean, phi, p = theta
        rate = mean ** (2.0 - p) / (phi * (2.0 - p))
        return rate, (2.0 - p) / (p - 1.0), phi * (p - 1.0) * mean ** (p - 1.0)

    def _mixed(self, x: Array, theta: Theta, *, lower: bool) -> Array:
        """Mixture over the number of gamma variables of the probability on one side of x.

        Dividing by the sum of the weights takes away their common error.
        """
        rate, shape, scale = self._counts(theta)
        rate, x = np.broadcast_arrays(rate, x)
        sd = np.sqrt(rate)
        begin = np.maximum(np.floor(rate - 40.0 * sd - MARGIN), 1.0)
        count = int(np.max(80.0 * sd + 4.0 * MARGIN, initial=1.0))
        tail = sc.gammainc if lower else sc.gammaincc
        zero = np.exp(-rate)
        weights, total = zero.copy(), zero.copy() if lower else np.zeros(rate.shape)
        at_once = max(1, POINTS_AT_ONCE // max(rate.size, 1))
        for k in range(0, count, at_once):
            steps = np.arange(k, min(k + at_once, count)).reshape(-1, *(1,) * rate.ndim)
            j = begin + steps
            weight = np.exp(j * np.log(rate) - rate - sc.gammaln(j + 1.0))
            weights += weight.sum(axis=0)
            total += (weight * tail(j * shape, x / scale)).sum(axis=0)
        return total / weights

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return self._mixed(x, theta, lower=True)

    def _sf(self, x: Array, theta: Theta) -> Array:
        return self._mixed(x, theta, lower=False)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        at_zero = np.exp(-self._counts(theta)[0])
        inside = np.maximum(p, np.nextafter(at_zero, 1.0))
        start = np.broadcast_to(theta[0], np.broadcast_shapes(p.shape, at_zero.shape))
        value = solve_increasing(lambda x: self._cdf(x, theta) - inside, start, *self._ends)
        return np.where(p <= at_zero, 0.0, value)

    def _isf(self, p: Array, theta: Theta) -> Array:
        positive = -np.expm1(-self._counts(theta)[0])
        inside = np.minimum(p, np.nextafter(positive, 0.0))
        start = np.broadcast_to(theta[0], np.broadcast_shapes(p.shape, positive.shape))
        value = solve_increasing(lambda x: inside - self._sf(x, theta), start, *self._ends)
        return np.where(p >= positive, 0.0, value)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        rate, shape, scale = self._counts(theta)
        number = rng.poisson(rate, size)
        return np.where(number > 0, rng.gamma(np.maximum(number, 1) * shape) * scale, 0.0)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * (theta[1] + theta[2])

    def _variance(self, theta: Theta) -> Array:
        return theta[1] * theta[0] ** theta[2]

    def _mode(self, theta: Theta) -> Array:
        # ever finer grids about the highest point; the density may rise towards 0
        parameters = np.broadcast_arrays(*theta)
        centre, width = parameters[0], parameters[0]
        steps = np.linspace(-1.0, 1.0, 129).reshape(-1, *(1,) * centre.ndim)
        for _ in range(10):
            grid = np.maximum(centre + width * steps, 0.0)
            heights = self.terms(grid, parameters, 0).value
            best = np.argmax(heights, axis=0)[None]
            centre, width = np.take_along_axis(grid, best, axis=0)[0], width / 16.0
        return centre


class Series(NamedTuple):
    """log W − log x and its derivatives in φ and p, 0 where x is 0."""

    value: Array
    in_phi: Array
    in_p: Array
    in_phi_phi: Array
    in_phi_p: Array
    in_p_p: Array

    @classmethod
    def of(cls, x: Array, phi: Array, p: Array, at_zero: NDArray[np.bool_]) -> Series:
        """Sum the series: each derivative is a mean or covariance over its terms."""
        less, more = p - 1.0, 2.0 - p
        alpha, alpha_p, alpha_pp = more / less, -1.0 / less**2, 2.0 / less**3
        log_x = np.log(x)
        lever = log_x - np.log(less) - np.log(phi)
        slope = alpha * lever - np.log(phi) - np.log(more)  # log z
        slope_p = alpha_p * lever - alpha / less + 1.0 / more
        slope_pp = alpha_pp * lever - 2.0 * alpha_p / less + alpha / less**2 + 1.0 / more**2
        j, log_stride = _places(np.exp(more * log_x) / (more * phi), alpha)
        place = j * alpha
        psi, trigamma = sc.digamma(place), sc.polygamma(1, place)
        logs = j * slope - sc.gammaln(1.0 + j) - sc.gammaln(place)
        largest = logs.max(axis=0)
        weights = np.exp(logs - largest)
        total = weights.sum(axis=0)
        weights /= total

        def mean(row: Array) -> Array:
            return (weights * row).sum(axis=0)

        in_p = j * (slope_p - alpha_p * psi)
        in_pp = j * (slope_pp - alpha_pp * psi) - (j * alpha_p) ** 2 * trigamma
        mean_j, mean_p = mean(j), mean(in_p)
        j_off, p_off = j - mean_j, in_p - mean_p
        per_phi = -1.0 / (less * phi)  # of log z in φ
        rows = (
            largest + np.log(total) + log_stride - log_x,
            per_phi * mean_j,
            mean_p,
            per_phi**2 * mean(j_off * j_off) - per_phi / phi * mean_j,
            per_phi * mean(j_off * p_off) - alpha_p / phi * mean_j,
            mean(in_pp) + mean(p_off * p_off),
        )
        return cls(*(np.where(at_zero, 0.0, row) for row in rows))


def _places(peak: Array, alpha: Array) -> tuple[Array, Array]:
    """Numbers j of the terms to sum, along a new first axis, and the log of their stride."""
    peak = np.minimum(peak, 1e15)
    sd = np.sqrt(peak / (1.0 + alpha))
    stride = np.maximum(np.floor(sd / PER_SD), 1.0)
    first = np.maximum(np.floor(peak - REACH * sd - MARGIN), 1.0)
    last = peak + REACH * sd + MARGIN
    count = int(np.nan_to_num(np.max((last - first) / stride, initial=0.0))) + 2
    steps = np.arange(count).reshape(-1, *(1,) * peak.ndim)
    return first + steps * stride, np.log(stride)
