"""Exponentiated Weibull distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.limit import Limit
from mlestim.distributions.numeric import solve_increasing
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE

# log (x/s)^k is cut here: far beyond, all densities are 0.
LARGEST_LOG = 600.0
# Where 1 − e^−z is a difference of numbers that differ, and where it is not.
LOG_2 = float(np.log(2.0))


class ExponentiatedWeibull(Family):
    r"""Exponentiated Weibull distribution: a power of the Weibull's distribution function.

    .. math:: F(x) = \left(1 - e^{-(x/s)^k}\right)^a, \quad x > 0

    With a = 1 it is the Weibull distribution. As k grows and a falls it becomes a power function;
    as a grows, k falls and the scale runs to 0, slowly the Fréchet distribution.

    Parameters
    ----------
    exponent : float
        a > 0.
    shape : float
        k > 0.
    scale : float
        s > 0, in the unit of the data.

    References
    ----------
    Mudholkar, G. S. and Srivastava, D. K. (1993), IEEE Transactions on Reliability 42, 299-302.

    Examples
    --------
    >>> ExponentiatedWeibull(exponent=2, shape=1, scale=10).cdf(10).round(4)
    np.float64(0.3996)
    """

    name = "exponentiated_weibull"
    parameters = (
        Parameter("exponent", POSITIVE, Unit.NONE, "power of the distribution function"),
        Parameter("shape", POSITIVE, Unit.NONE, "shape of the Weibull"),
        Parameter("scale", POSITIVE, Unit.SCALE, "scale of the Weibull"),
    )
    support = POSITIVE_LINE
    half_line = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        # v = log z = k u; A = log(1 − e^−z), B = A − v, ρ = ∂A/∂v, τ = ∂ρ/∂v
        u = np.log(x) - np.log(theta[2])
        v = np.minimum(theta[1] * u, LARGEST_LOG)
        z = np.exp(v)
        log_lower, gap = _log_lower(z, v)
        rho = _slope(z)
        tau = rho * (1.0 - z - rho)
        zu, rho_u, tau_u = z * u, rho * u, tau * u
        return u, z, log_lower, gap, rho, zu, rho_u, (zu, u), tau, tau_u, (tau_u, u)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        u, z, log_lower, gap, rho, zu, rho_u, zuu, tau, tau_u, tau_uu = t
        exponent, shape, scale = theta
        less = exponent - 1.0
        # with a small a, k u and (a − 1) A are large and cancel; with a large one, so do the others
        body = np.where(
            exponent < 1.0,
            exponent * shape * u + less * gap,
            shape * u + less * log_lower,
        )
        slope = 1.0 - z + less * rho  # of the log density in v
        curve = less * tau - z
        yield np.log(exponent * shape) - np.log(scale) - u - z + body
        yield 1.0 / exponent + log_lower
        yield 1.0 / shape + u - zu + less * rho_u
        yield -shape * slope / scale
        yield -1.0 / exponent**2
        yield rho_u
        yield -shape * rho / scale
        yield -1.0 / shape**2 + less * tau_uu - zuu
        yield -(slope + shape * (less * tau_u - zu)) / scale
        yield shape * (slope + shape * curve) / scale**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        starts = []
        for exponent in (1.0, 0.03, 0.2, 5.0, 100.0, 1e6):

            def log_quantile(p: float, exponent: float = exponent) -> Array:
                return _log_quantile(np.asarray(np.log(p) / exponent))

            shape, scale = sketch.power_and_scale(log_quantile)
            starts.append((np.full_like(shape, exponent), shape, scale))
        return starts

    def limits(self) -> tuple[Limit, ...]:
        return (
            Limit("power_function", {"exponent": 0.0, "shape": np.inf, "scale": "upper"}),
            Limit("frechet", {"exponent": np.inf, "shape": 0.0, "scale": 0.0}),
        )

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        v = np.minimum(theta[1] * (np.log(x) - np.log(theta[2])), LARGEST_LOG)
        return theta[0] * _log_lower(np.exp(v), v)[0]

    def _sf(self, x: Array, theta: Theta) -> Array:
        return -np.expm1(self._logcdf(x, theta))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        log_cdf = self._logcdf(x, theta)
        v = np.minimum(theta[1] * (np.log(x) - np.log(theta[2])), LARGEST_LOG)
        with np.errstate(divide="ignore"):  # replaced where it underflows
            usual = np.where(
                log_cdf < -LOG_2, np.log1p(-np.exp(log_cdf)), np.log(-np.expm1(log_cdf))
            )
        # far out 1 − (1 − e^−z)^a is a e^−z
        return np.where(log_cdf > -1e-290, np.log(theta[0]) - np.exp(v), usual)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[2] * np.exp(_log_quantile(np.log(p) / theta[0]) / theta[1])

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[2] * np.exp(_log_quantile(np.log1p(-p) / theta[0]) / theta[1])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        log_cdf = -rng.standard_exponential(size)
        return theta[2] * np.exp(_log_quantile(log_cdf / theta[0]) / theta[1])

    def _mode(self, theta: Theta) -> Array:
        exponent, shape, scale = np.broadcast_arrays(*theta)

        def falling(z: Array) -> Array:
            """Minus the slope of the log density in log x; it grows with z = (x/s)^k."""
            return 1.0 - shape * (1.0 - z + (exponent - 1.0) * _slope(z))

        z = solve_increasing(falling, np.ones_like(exponent), 0.0, np.inf)
        return np.where(exponent * shape > 1.0, scale * z ** (1.0 / shape), 0.0)


def _log_lower(z: Array, v: Array) -> tuple[Array, Array]:
    """Compute A = log(1 − e^−z) and A − v, v = log z, with all their digits."""
    small = z < LOG_2
    tiny = np.where(small, z, 1.0)
    with np.errstate(invalid="ignore"):  # 0/0: the ratio is 1
        near = np.log(np.where(tiny > 0.0, -np.expm1(-tiny) / tiny, 1.0))
    far = np.log1p(-np.exp(-np.where(small, 1.0, z)))
    return np.where(small, v + near, far), np.where(small, near, far - v)


def _slope(z: Array) -> Array:
    """Compute z / (e^z − 1)."""
    with np.errstate(invalid="ignore"):  # 0/0: the ratio is 1
        ratio = z * np.exp(-z) / -np.expm1(-z)
    return np.where(z > 0.0, ratio, 1.0)


def _log_quantile(log_level: Array) -> Array:
    """Solve log(1 − e^−z) = log level for log z."""
    near_one = log_level > -LOG_2
    with np.errstate(divide="ignore"):
        usual = np.where(
            near_one,
            np.log(-np.log(-np.expm1(np.where(near_one, log_level, -1.0)))),
            np.log(-np.log1p(-np.exp(log_level))),
        )
    return np.where(log_level < -700.0, log_level, usual)
