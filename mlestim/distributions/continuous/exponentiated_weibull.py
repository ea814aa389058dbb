"""Exponentiated Weibull distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.intervals.standard import (
    exponential_tail,
    in_shape_and_scale,
    to_a_power,
)
from mlestim.distributions.intervals.tail import complement_terms
from mlestim.distributions.limit import Limit
from mlestim.distributions.numeric import solve_increasing
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.scratch import WORK
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE
from mlestim.special import log1mexp

# Logs are cut here, near the ends of the floating-point numbers.
LARGEST_LOG = 600.0
# From this z on, the upper tail is a e^−z to all digits, and F is 1.
FAR_OUT = 650.0
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
    costly = True
    half_line = True

    def prepared(self, x: Array, out: Array | None = None) -> Array:
        return np.log(x, out=out)

    def statistics(self, log_x: Array, theta: Theta, order: int) -> Sequence[Row]:
        # v = log z = k u; A = log(1 − e^−z), B = A − v, ρ = ∂A/∂v, τ = ∂ρ/∂v
        _, shape, scale = theta
        u, v, z, e, log_lower, gap, rho, tau, zu, rho_u, tau_u = WORK.rows(
            11, log_x.shape, *(value.shape for value in theta)
        )
        np.subtract(log_x, np.log(scale), out=u)
        np.multiply(shape, u, out=v)
        np.exp(np.clip(v, -LARGEST_LOG, LARGEST_LOG, out=z), out=z)
        np.negative(z, out=tau)
        np.exp(tau, out=e)
        np.negative(np.expm1(tau, out=tau), out=tau)
        np.divide(np.multiply(z, e, out=rho), tau, out=rho)
        # log(1 − e^−z) with all its digits: from v where z is small, from e^−z where it is not
        small = z < LOG_2
        np.log(np.divide(tau, z, out=gap), out=gap)
        np.log1p(np.maximum(np.negative(e, out=e), -0.5, out=log_lower), out=log_lower)
        np.copyto(log_lower, np.add(v, gap, out=e), where=small)
        np.copyto(gap, np.subtract(log_lower, v, out=e), where=~small)
        np.subtract(np.subtract(1.0, z, out=tau), rho, out=tau)
        tau *= rho
        for factor, product in ((z, zu), (rho, rho_u), (tau, tau_u)):
            np.multiply(factor, u, out=product)
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

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        exponent, shape, scale = theta
        u = np.log(x) - np.log(scale)
        v = np.minimum(shape * u, LARGEST_LOG)
        z = np.exp(v)
        far_out = upper & (z > FAR_OUT)
        weibull = _lower_tail(np.where(far_out, 0.0, v))
        terms = to_a_power(in_shape_and_scale(weibull, u, shape, scale), exponent, 0, 2)
        if not upper:
            return terms
        terms = complement_terms(terms, 3)
        return self._far_out(terms, u, z, theta) if np.any(far_out) else terms

    @staticmethod
    def _far_out(terms: Iterator[Array], u: Array, z: Array, theta: Theta) -> Iterator[Array]:
        """Put the terms of log a − z in the place of those that have underflowed."""
        exponent, shape, scale = theta
        nothing = np.zeros(())
        weibull = in_shape_and_scale(exponential_tail(z, own=True), u, shape, scale)
        value, of_shape, of_scale, *bends = weibull
        other = np.log(exponent) + value, 1.0 / exponent, of_shape, of_scale
        bent = -1.0 / exponent**2, nothing, nothing, *bends
        for usual, beyond in zip(terms, (*other, *bent), strict=True):
            yield np.where(z > FAR_OUT, beyond, usual)

    def _log_power(self, x: Array, theta: Theta) -> Array:
        """Log of z = (x/s)^k."""
        v: Array = theta[1] * (np.log(x) - np.log(theta[2]))
        return np.minimum(v, LARGEST_LOG)

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return theta[0] * next(_lower_tail(self._log_power(x, theta)))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return -np.expm1(self._logcdf(x, theta))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        log_cdf = self._logcdf(x, theta)
        # far out 1 − (1 − e^−z)^a is a e^−z
        far_out = np.log(theta[0]) - np.exp(self._log_power(x, theta))
        return np.where(log_cdf > -1e-290, far_out, log1mexp(log_cdf))

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
            return 1.0 - shape * (1.0 - z + (exponent - 1.0) / sc.exprel(z))

        z = solve_increasing(falling, np.ones_like(exponent), 0.0, np.inf)
        return np.where(exponent * shape > 1.0, scale * z ** (1.0 / shape), 0.0)


def _lower_tail(v: Array) -> Iterator[Array]:
    """Yield log(1 − e^−z), and its derivatives in v = log z."""
    tail = exponential_tail(np.exp(np.maximum(v, -LARGEST_LOG)), own=False)
    yield np.where(v < -LARGEST_LOG, v, next(tail))
    yield from tail


def _log_quantile(log_level: Array) -> Array:
    """Solve log(1 − e^−z) = log level for log z."""
    with np.errstate(divide="ignore"):  # z = 0, of which the log is known
        log_z = np.log(-log1mexp(log_level))
    return np.where(log_level < -LARGEST_LOG, log_level, log_z)
