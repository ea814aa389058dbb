"""Normal and lognormal: one is the other of log x."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.intervals.standard import (
    between_in_location_and_scale,
    in_location_and_scale,
    normal_between,
    normal_tail_terms,
)
from mlestim.distributions.limit import Limit, exponential_within
from mlestim.distributions.parameter import POSITIVE, REAL, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE, REAL_LINE
from mlestim.special import LOG_ROOT_TWO_PI


def gaussian_terms(deviation: Array, variance: Array, sd: Array) -> Iterator[Array]:
    """Yield the terms of a normal log density in (mean, sd).

    `deviation` is the (mean) value less the mean parameter, `variance` the mean square of the
    values about their own mean: 0 for a single row.
    """
    square = deviation**2 + variance
    precision = 1.0 / sd**2
    yield -np.log(sd) - LOG_ROOT_TWO_PI - 0.5 * square * precision
    yield deviation * precision
    yield (square * precision - 1.0) / sd
    yield -precision
    yield -2.0 * deviation * precision / sd
    yield (1.0 - 3.0 * square * precision) * precision


def gaussian_estimate(
    mean: Array, variance: Array, fixed: dict[str, Array], names: tuple[str, str]
) -> list[Array]:
    """Maximum likelihood estimate of (mean, sd), either of which may be known."""
    centre = fixed.get(names[0], mean)
    spread = np.sqrt(variance + (mean - centre) ** 2)
    return [centre, fixed.get(names[1], spread)]


class Normal(Family):
    r"""Normal distribution.

    .. math:: f(x) = \frac{1}{\sigma\sqrt{2\pi}} \exp\left(-\frac{(x-\mu)^2}{2\sigma^2}\right)

    Parameters
    ----------
    mean : float
        μ, in the unit of the data.
    sd : float
        σ > 0, in the unit of the data.

    Examples
    --------
    >>> Normal(mean=10, sd=2).cdf(12).round(4)
    np.float64(0.8413)
    """

    name = "normal"
    parameters = (
        Parameter("mean", REAL, Unit.LOCATION, "mean"),
        Parameter("sd", POSITIVE, Unit.SCALE, "standard deviation"),
    )
    dispersion = (("sd", -0.5),)
    support = REAL_LINE
    how = "closed"
    sufficient = True
    central = (0,)

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return (x,)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        return gaussian_terms(t[0] - theta[0], t[1], theta[1])

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array]:
        return gaussian_estimate(t[0], t[1], fixed, ("mean", "sd"))

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(sketch.mean, sketch.sd)]

    def limits_within(self, low: float, high: float) -> tuple[Limit, ...]:
        return exponential_within(low, high, lambda sign: {"mean": -np.inf * sign, "sd": np.inf})

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return sc.ndtr((x - theta[0]) / theta[1])

    def _sf(self, x: Array, theta: Theta) -> Array:
        return sc.ndtr((theta[0] - x) / theta[1])

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return sc.log_ndtr((x - theta[0]) / theta[1])

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return sc.log_ndtr((theta[0] - x) / theta[1])

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        z = (x - theta[0]) / theta[1]
        return in_location_and_scale(normal_tail_terms(z, upper=upper), z, theta[1])

    def between_terms(self, lower: Array, upper: Array, theta: Theta) -> Iterator[Array]:
        a, b = ((end - theta[0]) / theta[1] for end in (lower, upper))
        return between_in_location_and_scale(normal_between(a, b), (a, b), theta[1])

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[0] + theta[1] * sc.ndtri(p)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[0] - theta[1] * sc.ndtri(p)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.normal(theta[0], theta[1], size)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * theta[1]

    def _variance(self, theta: Theta) -> Array:
        return theta[1] ** 2 + 0.0 * theta[0]

    def _mode(self, theta: Theta) -> Array:
        return self._mean(theta)

    def _entropy(self, theta: Theta) -> Array:
        return 0.5 + LOG_ROOT_TWO_PI + np.log(theta[1]) + 0.0 * theta[0]


class Lognormal(Family):
    r"""Lognormal distribution: log x is normal.

    .. math:: f(x) = \frac{1}{x\sigma\sqrt{2\pi}}
        \exp\left(-\frac{(\log x-\mu)^2}{2\sigma^2}\right), \quad x > 0

    Parameters
    ----------
    meanlog : float
        μ, the mean of log x.
    sdlog : float
        σ > 0, the standard deviation of log x.

    Examples
    --------
    >>> Lognormal(meanlog=0, sdlog=1).mean().round(4)
    np.float64(1.6487)
    """

    name = "lognormal"
    parameters = (
        Parameter("meanlog", REAL, Unit.LOG_SCALE, "mean of log x"),
        Parameter("sdlog", POSITIVE, Unit.NONE, "standard deviation of log x"),
    )
    dispersion = (("sdlog", -0.5),)
    support = POSITIVE_LINE
    how = "closed"
    half_line = True
    sufficient = True
    central = (0,)

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return (np.log(x),)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        terms = gaussian_terms(t[0] - theta[0], t[1], theta[1])
        yield next(terms) - t[0]
        yield from terms

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array]:
        return gaussian_estimate(t[0], t[1], fixed, ("meanlog", "sdlog"))

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(sketch.log_mean, sketch.log_sd)]

    def limits_within(self, low: float, high: float) -> tuple[Limit, ...]:
        targets = {"meanlog": -np.inf, "sdlog": np.inf}
        return (Limit("pareto", targets, held={"minimum": low}),) if low > 0.0 else ()

    def limits_when_shifted(self) -> tuple[Limit, ...]:
        return (Limit("normal", {"meanlog": np.inf, "sdlog": 0.0, "location": -np.inf}),)

    def _z(self, x: Array, theta: Theta) -> Array:
        return (np.log(x) - theta[0]) / theta[1]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return sc.ndtr(self._z(x, theta))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return sc.ndtr(-self._z(x, theta))

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return sc.log_ndtr(self._z(x, theta))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return sc.log_ndtr(-self._z(x, theta))

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        z = self._z(x, theta)
        return in_location_and_scale(normal_tail_terms(z, upper=upper), z, theta[1])

    def between_terms(self, lower: Array, upper: Array, theta: Theta) -> Iterator[Array]:
        a, b = self._z(lower, theta), self._z(upper, theta)
        return between_in_location_and_scale(normal_between(a, b), (a, b), theta[1])

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return np.exp(theta[0] + theta[1] * sc.ndtri(p))

    def _isf(self, p: Array, theta: Theta) -> Array:
        return np.exp(theta[0] - theta[1] * sc.ndtri(p))

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.lognormal(theta[0], theta[1], size)

    def _mean(self, theta: Theta) -> Array:
        return np.exp(theta[0] + 0.5 * theta[1] ** 2)

    def _variance(self, theta: Theta) -> Array:
        return np.expm1(theta[1] ** 2) * self._mean(theta) ** 2

    def _mode(self, theta: Theta) -> Array:
        return np.exp(theta[0] - theta[1] ** 2)

    def _entropy(self, theta: Theta) -> Array:
        return 0.5 + LOG_ROOT_TWO_PI + np.log(theta[1]) + theta[0]
