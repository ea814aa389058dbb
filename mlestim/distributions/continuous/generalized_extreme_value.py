"""Generalized extreme value distribution of maxima."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Row, Theta
from mlestim.distributions.continuous.gumbel import gumbel_by_moments
from mlestim.distributions.parameter import POSITIVE, REAL, Parameter, Unit
from mlestim.distributions.rows.scratch import WORK
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE
from mlestim.distributions.terms import packed_size
from mlestim.special import log1p_over

EULER = float(np.euler_gamma)
# Closer to ξ = 0 than this, differences divided by ξ³ would lose more than three digits.
POLYNOMIAL_SHAPE = 0.05
N_POLYNOMIALS = 9
# Rows that nearly tie at the minimum make spikes at larger shapes, where no moment of order 1/5
# exists: no data ask for that.
LARGEST_SHAPE = 5.0


class GeneralizedExtremeValue(Family):
    r"""Generalized extreme value distribution (of block maxima).

    .. math:: F(x) = \exp\left(-(1+\xi z)^{-1/\xi}\right), \quad z = \frac{x-\mu}{\sigma},
        \quad 1 + \xi z > 0

    ξ > 0 has a heavy upper tail (Fréchet), ξ = 0 is Gumbel, ξ < 0 has an upper end (reversed
    Weibull). For ξ < −1 the likelihood is unbounded for every sample, and where the lower end meets
    the smallest observations it has spikes at large ξ: the estimate is the best maximum with
    −1 < ξ < 5.

    Parameters
    ----------
    location : float
        μ, in the unit of the data.
    scale : float
        σ > 0, in the unit of the data.
    shape : float
        ξ (scipy's ``c`` is −ξ).

    References
    ----------
    Prescott, P. and Walden, A. T. (1980), Biometrika 67, 723-724 (information);
    Smith, R. L. (1985), Biometrika 72, 67-90 (regularity for ξ > −1/2).

    Examples
    --------
    >>> GeneralizedExtremeValue(location=0, scale=1, shape=0.1).isf(0.01).round(3)
    np.float64(5.841)
    """

    name = "generalized_extreme_value"
    parameters = (
        Parameter("location", REAL, Unit.LOCATION, "location"),
        Parameter("scale", POSITIVE, Unit.SCALE, "scale"),
        Parameter("shape", REAL, Unit.NONE, "shape, positive for a heavy upper tail"),
    )
    support = REAL_LINE

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        # With q = 1/(1+ξz), y = log(1+ξz)/ξ and τ = e^−y every term is a polynomial in q, y, τ
        # divided by powers of ξ. Close to ξ = 0 that cancels, and the terms themselves are summed.
        location, scale, shape = theta
        if np.any(np.abs(shape) < POLYNOMIAL_SHAPE):
            return self._row(x, theta, order)
        y, q, tail, tail_q, tail_y = WORK.rows(5, x.shape, shape.shape)
        # 1 + ξz, whose log is NaN outside the support, where there are no terms
        w = np.multiply(np.subtract(x, location, out=q), shape / scale, out=q)
        w += 1.0
        np.multiply(np.log(w, out=y), 1.0 / shape, out=y)
        np.exp(np.negative(y, out=tail), out=tail)
        np.divide(1.0, w, out=q)
        np.multiply(tail, q, out=tail_q)
        np.multiply(tail, y, out=tail_y)
        return y, q, tail, (q, q), tail_q, (tail_q, q), tail_y, (tail_q, y), (tail_y, y)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        if len(t) != N_POLYNOMIALS:
            return iter(t)
        return _terms(_parts_of_polynomials(t, theta[2]), theta)

    def _row(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        # Single rows get their terms themselves, which lose no digit anywhere.
        location, scale, shape = theta
        parts = _parts_of_rows((x - location) / scale, shape)
        return list(islice(_terms(parts, theta), packed_size(3, order)))

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        gumbel = gumbel_by_moments(sketch)
        return [
            probability_weighted_moments(sketch),
            (*gumbel, np.full_like(gumbel[0], 1e-3)),
            (*gumbel, np.full_like(gumbel[0], -0.2)),
            (
                sketch.quantile(0.4),
                0.5 * (sketch.quantile(0.75) - sketch.quantile(0.25)) + 1e-9,
                np.full_like(gumbel[0], 0.8),
            ),
            endpoint_start(sketch, -0.5),
            heavy_start(sketch),
        ]

    def regular_region(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        # k of n rows tied at the minimum: a spike where the lower end meets them and ξ > (n−k)/k
        share = np.mean(sketch.rows == sketch.rows[:, :1], axis=-1)
        upper = np.minimum((1.0 - share) / share, LARGEST_SHAPE)
        # below −1 a spike where the upper end meets exact rows, which a row beyond them prevents
        return {"shape": (np.where(sketch.shielded[1], -np.inf, -1.0), upper)}

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return ~(1.0 + theta[2] * (x - theta[0]) / theta[1] > 0.0) | np.isinf(x)

    def inner_point(self, theta: Theta) -> Array:
        return theta[0]

    def _y(self, x: Array, theta: Theta) -> Array:
        """log(1+ξz)/ξ, ±inf beyond the end of the support."""
        location, scale, shape = theta
        z = (x - location) / scale
        inside = shape * z > -1.0
        y = z * log1p_over(np.where(inside, shape * z, 0.0))[0]
        return np.where(inside, y, np.where(shape < 0.0, np.inf, -np.inf))

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return np.exp(self._logcdf(x, theta))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return -np.expm1(self._logcdf(x, theta))

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        with np.errstate(over="ignore"):  # exp(+large) = inf: the log probability is −inf
            return -np.exp(-self._y(x, theta))

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return self._quantile_of_y(-np.log(-np.log(p)), theta)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return self._quantile_of_y(-np.log(-np.log1p(-p)), theta)

    @staticmethod
    def _quantile_of_y(y: Array, theta: Theta) -> Array:
        location, scale, shape = theta
        return location + scale * y * sc.exprel(shape * y)

    def _mean(self, theta: Theta) -> Array:
        location, scale, shape = theta
        # (Γ(1−ξ) − 1)/ξ, → γ at 0
        step = np.where(np.abs(shape) < 1e-7, 1e-7, shape)
        value = location + scale * np.expm1(sc.gammaln(1.0 - np.minimum(step, 0.999))) / step
        exact = location + scale * (sc.gamma(1.0 - np.minimum(step, 0.999)) - 1.0) / step
        value = np.where(np.abs(shape) < 1e-7, location + scale * EULER, value)
        return np.where(shape < 1.0, np.where(shape > 0.99, exact, value), np.inf)

    def _variance(self, theta: Theta) -> Array:
        _, scale, shape = theta
        safe = np.where((np.abs(shape) > 1e-5) & (shape < 0.5), shape, 0.1)
        first, second = sc.gammaln(1.0 - safe), sc.gammaln(1.0 - 2.0 * safe)
        general = scale**2 * np.exp(2.0 * first) * np.expm1(second - 2.0 * first) / safe**2
        value = np.where(np.abs(shape) > 1e-5, general, scale**2 * np.pi**2 / 6.0)
        return np.where(shape < 0.5, value, np.inf)

    def _mode(self, theta: Theta) -> Array:
        location, scale, shape = theta
        at_end = location - scale / np.where(shape < -1.0, shape, -1.0)
        y = -np.log1p(np.maximum(shape, -0.999999))
        return np.where(shape <= -1.0, at_end, self._quantile_of_y(y, theta))

    def _entropy(self, theta: Theta) -> Array:
        return np.log(theta[1]) + EULER * (1.0 + theta[2]) + 1.0


class _Parts(NamedTuple):
    """Products, or their means, in which the terms are linear.

    q = 1/(1+ξz), s = zq, y = log(1+ξz)/ξ, t = e^−y, a = ∂y/∂ξ, b = ∂²y/∂ξ².
    """

    y: Array
    q: Array
    qq: Array
    s: Array
    sq: Array
    ss: Array
    a: Array
    b: Array
    t: Array
    tq: Array
    tqq: Array
    ts: Array
    tsq: Array
    tss: Array
    ta: Array
    taq: Array
    tas: Array
    taa: Array
    tb: Array


def _parts_of_polynomials(means: Sequence[Array], shape: Array) -> _Parts:
    """From the means of the nine statistics: s = (1−q)/ξ, a = (s−y)/ξ, b = −(s²+2a)/ξ."""
    y, q, t, qq, tq, tqq, ty, tqy, tyy = means
    s, sq, ss = (1.0 - q) / shape, (q - qq) / shape, (1.0 - 2.0 * q + qq) / shape**2
    ts, tsq, tss = (t - tq) / shape, (tq - tqq) / shape, (t - 2.0 * tq + tqq) / shape**2
    tsy = (ty - tqy) / shape
    a, ta, taq = (s - y) / shape, (ts - ty) / shape, (tsq - tqy) / shape
    tas, taa = (tss - tsy) / shape, (tss - 2.0 * tsy + tyy) / shape**2
    b, tb = -(ss + 2.0 * a) / shape, -(tss + 2.0 * ta) / shape
    return _Parts(y, q, qq, s, sq, ss, a, b, t, tq, tqq, ts, tsq, tss, ta, taq, tas, taa, tb)


def _parts_of_rows(z: Array, shape: Array) -> _Parts:
    """From single rows, with the derivatives of y by series where ξz is small."""
    w = shape * z
    if np.any(w <= -1.0):
        w = np.where(w > -1.0, w, np.nan)  # outside the support there are no terms
    phi, phi1, phi2 = log1p_over(w)
    y, q = z * phi, 1.0 / (1.0 + w)
    t = np.exp(-y)
    s, a, b = z * q, z * z * phi1, z * z * z * phi2
    ts, ta = t * s, t * a
    return _Parts(
        y,
        q,
        q * q,
        s,
        s * q,
        s * s,
        a,
        b,
        t,
        t * q,
        t * q * q,
        ts,
        ts * q,
        ts * s,
        ta,
        ta * q,
        ta * s,
        ta * a,
        t * b,
    )


def _terms(part: _Parts, theta: Theta) -> Iterator[Array]:
    """Yield the packed terms; h = t − m is the slope of the log density in y."""
    _, scale, shape = theta
    m = 1.0 + shape
    yield -np.log(scale) - m * part.y - part.t
    h_s = part.ts - m * part.s
    yield (m * part.q - part.tq) / scale
    yield -(1.0 + h_s) / scale
    yield part.ta - m * part.a - part.y
    yield m * (shape * part.qq - part.tqq) / scale**2
    yield (part.tq - m * (part.tsq + part.qq)) / scale**2
    yield (part.q + part.taq + part.tsq - m * part.sq) / scale
    yield (1.0 + h_s + part.ts - m * (part.tss + part.sq)) / scale**2
    yield (part.s + part.tas + part.tss - m * part.ss) / scale
    yield part.tb - m * part.b - 2.0 * part.a - part.taa


def probability_weighted_moments(sketch: Sketch) -> tuple[Array, Array, Array]:
    """Hosking, Wallis and Wood's (1985) estimates from three probability-weighted moments."""
    rows = sketch.rows
    n = rows.shape[-1]
    rank = np.arange(n) / max(n - 1, 1)
    b0 = rows.mean(axis=-1)
    b1 = (rows * rank).mean(axis=-1)
    b2 = (rows * rank * (np.arange(n) - 1).clip(0) / max(n - 2, 1)).mean(axis=-1)
    c = (2.0 * b1 - b0) / np.where(3.0 * b2 - b0 > 0.0, 3.0 * b2 - b0, 1.0) - np.log(2) / np.log(3)
    shape = -(7.8590 * c + 2.9554 * c**2)
    shape = np.clip(np.where(np.abs(shape) < 1e-3, 1e-3, shape), -0.9, 0.9)
    gamma = sc.gamma(1.0 - shape)
    scale = -(2.0 * b1 - b0) * shape / (gamma * (1.0 - 2.0**shape))
    scale = np.where(scale > 0.0, scale, sketch.sd)
    return b0 - scale * (gamma - 1.0) / shape, scale, shape


def endpoint_start(sketch: Sketch, shape: float) -> tuple[Array, Array, Array]:
    """A feasible start with an upper end a little above the largest observation."""
    end = sketch.maximum + 0.1 * (sketch.maximum - sketch.quantile(0.5))
    scale = -shape * (end - sketch.quantile(0.4))
    return end + scale / shape, scale, np.full_like(end, shape)


def heavy_start(sketch: Sketch) -> tuple[Array, Array, Array]:
    """A start with a lower end a little below the smallest observation.

    The logs of what lies above it are as those of Gumbel's distribution with the shape as scale.
    """
    gap = 0.1 * (sketch.quantile(0.02) - sketch.minimum)
    end = sketch.minimum - np.where(gap > 0.0, gap, 1e-9 * sketch.sd)
    logs = np.log(sketch.rows - end[:, None])
    shape = np.sqrt(6.0) / np.pi * logs.std(axis=-1)
    height = np.exp(logs.mean(axis=-1) - EULER * shape)
    return end + height, shape * height, shape
