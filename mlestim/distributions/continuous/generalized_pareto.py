"""Generalized Pareto distribution of excesses over a threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.parameter import POSITIVE, REAL, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import HALF_LINE
from mlestim.special import log1p_over

# Closer to ξ = 0 than this, differences divided by ξ³ would lose more than three digits.
POLYNOMIAL_SHAPE = 0.1
N_POLYNOMIALS = 3


class GeneralizedPareto(Family):
    r"""Generalized Pareto distribution.

    .. math:: 1 - F(x) = (1+\xi z)^{-1/\xi}, \quad z = \frac{x}{\sigma} \ge 0, \quad 1 + \xi z > 0

    ξ > 0 has a heavy tail (Lomax), ξ = 0 is the exponential, ξ < 0 has an upper end at −σ/ξ. For
    ξ < −1 the likelihood is unbounded for every sample: the estimate is the best maximum with
    ξ > −1, where the density falls. The likelihood is regular for ξ > −1/2.

    Parameters
    ----------
    scale : float
        σ > 0, in the unit of the data.
    shape : float
        ξ.

    References
    ----------
    Grimshaw, S. D. (1993), Technometrics 35, 185-191 (the maximum);
    Smith, R. L. (1985), Biometrika 72, 67-90 (regularity).

    Examples
    --------
    >>> GeneralizedPareto(scale=10, shape=0.25).mean().round(4)
    np.float64(13.3333)
    """

    name = "generalized_pareto"
    parameters = (
        Parameter("scale", POSITIVE, Unit.SCALE, "scale"),
        Parameter("shape", REAL, Unit.NONE, "shape, positive for a heavy tail"),
    )
    support = HALF_LINE
    how = "profile"
    half_line = True
    concentrates = False  # with shape > −1, in the regular region, its density falls from 0 on
    decreasing = True  # in the region where the estimate is sought

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        # With q = 1/(1+ξz) and y = log(1+ξz)/ξ all parts are polynomials in q and y divided by
        # powers of ξ. Close to ξ = 0 that cancels, and the parts themselves are summed.
        scale, shape = theta
        if np.any(np.abs(shape) < POLYNOMIAL_SHAPE):
            return self._row(x, theta, order)
        w = 1.0 + x * (shape / scale)
        if np.any(w <= 0.0):
            w = np.where(w > 0.0, w, np.nan)  # outside the support there are no terms
        q = 1.0 / w
        return np.log(w), q, (q, q)

    def _row(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        # Single rows get their parts themselves, which lose no digit anywhere.
        return _parts_of_rows(x / theta[0], theta[1])

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        scale, shape = theta
        part = _parts_of_polynomials(t, shape) if len(t) == N_POLYNOMIALS else _Parts(*t)
        m = 1.0 + shape
        yield -np.log(scale) - m * part.y
        yield (m * part.s - 1.0) / scale
        yield -part.y - m * part.a
        yield (1.0 - m * (part.s + part.sq)) / scale**2
        yield (part.s - m * part.ss) / scale
        yield -2.0 * part.a - m * part.b

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean = np.where(sketch.mean > 0.0, sketch.mean, 1.0)
        ratio = (mean / sketch.sd) ** 2
        by_moments = np.clip(0.5 * (1.0 - ratio), -0.4, 0.4)
        median = np.maximum(sketch.quantile(0.5), 1e-3 * mean)
        shapes = [by_moments, *(np.full_like(mean, shape) for shape in (1e-3, 0.8, 2.0))]
        starts = [(median / (np.log(2.0) * sc.exprel(np.log(2.0) * s)), s) for s in shapes]
        # below 0 the upper end has to be above all rows
        starts[0] = (np.maximum(starts[0][0], -1.1 * by_moments * sketch.maximum), by_moments)
        top = np.where(sketch.maximum > 0.0, sketch.maximum, 1.0)
        for shape, gap in ((-0.2, 0.2), (-0.5, 0.1), (-0.8, 0.02)):
            starts.append((-shape * (1.0 + gap) * top, np.full_like(mean, shape)))
        return starts

    def regular_region(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        return _without_spikes(np.mean(sketch.rows == 0.0, axis=-1))

    def region_when_shifted(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        return _without_spikes(np.mean(sketch.rows == sketch.rows[:, :1], axis=-1))

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return self.support.outside(x) | ~(1.0 + theta[1] * x / theta[0] > 0.0)

    def ends(self, theta: Theta) -> tuple[Array, Array]:
        scale, shape = theta
        falls = shape < 0.0
        upper = np.where(falls, -scale / np.where(falls, shape, -1.0), np.inf)
        return np.zeros_like(upper), upper

    def inner_point(self, theta: Theta) -> Array:
        return 0.0 * theta[0]

    def _y(self, x: Array, theta: Theta) -> Array:
        """log(1+ξz)/ξ, inf beyond the end of the support."""
        scale, shape = theta
        z = x / scale
        inside = shape * z > -1.0
        y = z * log1p_over(np.where(inside, shape * z, 0.0))[0]
        return np.where(inside, y, np.inf)

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return -np.expm1(-self._y(x, theta))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return -self._y(x, theta)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return _value_at(-np.log1p(-p), theta)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return _value_at(-np.log(p), theta)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return _value_at(rng.standard_exponential(size), theta)

    def _mean(self, theta: Theta) -> Array:
        scale, shape = theta
        return np.where(shape < 1.0, scale / (1.0 - np.minimum(shape, 0.9999999999)), np.inf)

    def _variance(self, theta: Theta) -> Array:
        scale, shape = theta
        safe = np.where(shape < 0.5, shape, 0.0)
        finite = scale**2 / ((1.0 - safe) ** 2 * (1.0 - 2.0 * safe))
        return np.where(shape < 0.5, finite, np.where(shape < 1.0, np.inf, np.nan))

    def _mode(self, theta: Theta) -> Array:
        scale, shape = theta
        return np.where(shape < -1.0, -scale / np.minimum(shape, -1.0), 0.0)

    def _entropy(self, theta: Theta) -> Array:
        return np.log(theta[0]) + theta[1] + 1.0


class _Parts(NamedTuple):
    """Functions of a row, or their means, in which the terms are linear.

    y = log(1+ξz)/ξ, q = 1/(1+ξz), s = zq, a = ∂y/∂ξ, b = ∂²y/∂ξ².
    """

    y: Array
    s: Array
    sq: Array
    ss: Array
    a: Array
    b: Array


def _parts_of_polynomials(means: Sequence[Array], shape: Array) -> _Parts:
    """From the means of the statistics: s = (1−q)/ξ, a = (s−y)/ξ, b = −(s²+2a)/ξ."""
    log_w, q, qq = means
    y, s, sq = log_w / shape, (1.0 - q) / shape, (q - qq) / shape
    ss = (1.0 - 2.0 * q + qq) / shape**2
    a = (s - y) / shape
    return _Parts(y, s, sq, ss, a, -(ss + 2.0 * a) / shape)


def _parts_of_rows(z: Array, shape: Array) -> _Parts:
    """From single rows, with the derivatives of y by series where ξz is small."""
    w = shape * z
    if np.any(w <= -1.0):
        w = np.where(w > -1.0, w, np.nan)  # outside the support there are no terms
    phi, phi1, phi2 = log1p_over(w)
    q = 1.0 / (1.0 + w)
    s = z * q
    return _Parts(z * phi, s, s * q, s * s, z * z * phi1, z * z * z * phi2)


def _value_at(y: Array, theta: Theta) -> Array:
    """Solve log(1+ξz)/ξ = y for x."""
    scale, shape = theta
    with np.errstate(over="ignore"):  # beyond the largest number: infinite
        return scale * y * sc.exprel(shape * y)


def _without_spikes(share: Array) -> dict[str, tuple[Array, Array]]:
    """With a share of the rows at 0 the likelihood grows as scale^((1−share)/shape − share)."""
    share = np.clip(share, 1e-9, 1.0 - 1e-9)
    upper = np.where(share > 1e-9, (1.0 - share) / share, np.inf)
    return {"shape": (np.full_like(share, -1.0), upper)}
