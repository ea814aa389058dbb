"""Generalized logistic distribution, as in hydrology."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Size, Theta
from mlestim.distributions.built.location_scale import LOCATION_AND_SCALE, LocationScale
from mlestim.distributions.parameter import REAL, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE
from mlestim.special import log1p_over, log_cosh


class GeneralizedLogistic(LocationScale):
    r"""Generalized logistic distribution of Hosking and Wallis.

    .. math:: F(x) = \frac1{1+e^{-y}}, \quad y = -\frac{\log(1-\kappa z)}{\kappa},
        \quad z = \frac{x-\mu}{\sigma}, \quad 1 - \kappa z > 0

    κ has the sign that is usual in hydrology: κ > 0 has an upper end, κ < 0 a lower end and a heavy
    upper tail, κ = 0 is the logistic. Where κ² > 1, the density is infinite at the end and the
    likelihood unbounded for every sample: the estimate is the best maximum with κ² < 1, unless
    a censored row keeps that end away from the exact ones.

    Parameters
    ----------
    location : float
        μ, the median, in the unit of the data.
    scale : float
        σ > 0, in the unit of the data.
    shape : float
        κ (scipy's ``kappa4(h=-1, k=κ)``).

    References
    ----------
    Hosking, J. R. M. and Wallis, J. R. (1997), Regional Frequency Analysis, Cambridge, A.7.

    Examples
    --------
    >>> GeneralizedLogistic(location=0, scale=1, shape=-0.1).isf(0.01).round(3)
    np.float64(5.833)
    """

    name = "generalized_logistic"
    parameters = (
        *LOCATION_AND_SCALE,
        Parameter("shape", REAL, Unit.NONE, "shape, negative for a heavy upper tail"),
    )
    support = REAL_LINE

    def standard_terms(self, z: Array, shapes: Theta) -> Iterator[Array]:
        xi = -shapes[0]
        w = xi * z
        if np.any(w <= -1.0):
            w = np.where(w > -1.0, w, np.nan)  # outside the support there are no terms
        phi, phi1, phi2 = log1p_over(w)
        y = z * phi
        log_cosh_y, tanh, sech_square = log_cosh(0.5 * y)
        yield -xi * y - 2.0 * log_cosh_y
        q = 1.0 / (1.0 + w)
        h = -xi - tanh  # slope of the log density in y
        a = z * z * phi1  # ∂y/∂ξ
        yield h * q
        yield y - h * a
        bend = -0.5 * sech_square  # second derivative in y
        yield (bend - xi * h) * q * q
        yield (1.0 + h * z * q - bend * a) * q
        yield bend * a * a - 2.0 * a + h * (z * z * z * phi2)

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        logistic = np.sqrt(3.0) / np.pi * sketch.sd
        starts = [by_l_moments(sketch)]
        starts += [(sketch.mean, logistic, np.full_like(logistic, k)) for k in (1e-3, -1e-3)]
        return [*starts, *(inside_end(sketch, k) for k in (-0.3, 0.3, -0.7, 0.7))]

    def regular_region(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        # k of n rows tied at an end: a spike where the end meets them and |κ| > (n−k)/k
        share = np.minimum(sketch.largest_tie, 1.0 - 1e-9)
        most = np.minimum(1.0, (1.0 - share) / share)
        # no end meets exact rows where another row lies beyond them
        below, above = sketch.shielded
        return {"shape": (np.where(below, -np.inf, -most), np.where(above, np.inf, most))}

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return ~(1.0 - theta[2] * self.standardized(x, theta) > 0.0) | np.isinf(x)

    def inner_point(self, theta: Theta) -> Array:
        return theta[0]

    def _y(self, x: Array, theta: Theta) -> Array:
        """Logit of the probability, ±inf beyond the end of the support."""
        z, kappa = self.standardized(x, theta), theta[2]
        inside = kappa * z < 1.0
        y = z * log1p_over(np.where(inside, -kappa * z, 0.0))[0]
        return np.where(inside, y, np.where(kappa > 0.0, np.inf, -np.inf))

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return sc.expit(self._y(x, theta))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return sc.expit(-self._y(x, theta))

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return sc.log_expit(self._y(x, theta))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return sc.log_expit(-self._y(x, theta))

    @staticmethod
    def _of_logit(y: Array, theta: Theta) -> Array:
        location, scale, kappa = theta
        return location + scale * y * sc.exprel(-kappa * y)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return self._of_logit(sc.logit(p), theta)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return self._of_logit(-sc.logit(p), theta)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return self._of_logit(rng.logistic(size=size), theta)

    def _mean(self, theta: Theta) -> Array:
        location, scale, kappa = theta
        return np.where(
            np.abs(kappa) < 1.0, location + scale * _first_moment(kappa), _signed(kappa)
        )

    def _variance(self, theta: Theta) -> Array:
        _, scale, kappa = theta
        # E(1−κz) = a/sin a with a = πκ, E(1−κz)² = 2a/sin 2a; near 0 by series
        near = np.abs(kappa) < 0.02
        inner = np.where(near | (np.abs(kappa) >= 0.5), 0.25, kappa)
        a = np.pi * inner
        ratio = (2.0 * a / np.sin(2.0 * a) - (a / np.sin(a)) ** 2) / inner**2
        square = (np.pi * np.where(near, kappa, 0.0)) ** 2
        series = np.pi**2 * (
            1 / 3 + square * (11 / 15 + square * (568 / 945 + square * 2027 / 4725))
        )
        value = scale**2 * np.where(near, series, ratio)
        return np.where(np.abs(kappa) < 0.5, value, np.inf)

    def _mode(self, theta: Theta) -> Array:
        # tanh(y/2) = κ; beyond |κ| = 1 at the end of the support
        kappa = theta[2]
        y = 2.0 * np.arctanh(np.clip(kappa, -1.0, 1.0) * (1.0 - 1e-16))
        end = theta[0] + theta[1] / np.where(np.abs(kappa) < 1.0, 1.0, kappa)
        return np.where(np.abs(kappa) < 1.0, self._of_logit(y, theta), end)

    def _entropy(self, theta: Theta) -> Array:
        # E y = 0 for a logistic y: only its own entropy and log scale are left
        return np.log(theta[1]) + 2.0 + 0.0 * (theta[0] + theta[2])


def _signed(kappa: Array) -> Array:
    return np.where(kappa < 0.0, np.inf, -np.inf)


def _first_moment(kappa: Array) -> Array:
    """(1 − a/sin a)/κ with a = πκ; by series near 0."""
    near = np.abs(kappa) < 0.02
    inner = np.where(near | (np.abs(kappa) >= 1.0), 0.5, kappa)
    a = np.pi * inner
    square = (np.pi * np.where(near, kappa, 0.0)) ** 2
    series = 1 / 6 + square * (7 / 360 + square * (31 / 15120 + square * 127 / 604800))
    return np.where(near, -np.pi * np.pi * kappa * series, (1.0 - a / np.sin(a)) / inner)


def by_l_moments(sketch: Sketch) -> tuple[Array, Array, Array]:
    """Hosking's estimates: κ is minus the L-skewness; the end moved out if rows lie beyond it."""
    rows = sketch.rows
    rank = np.arange(rows.shape[-1]) / max(rows.shape[-1] - 1, 1)
    b0 = rows.mean(axis=-1)
    b1, b2 = (rows * rank).mean(axis=-1), (rows * rank**2).mean(axis=-1)
    second = np.maximum(2.0 * b1 - b0, 1e-6 * sketch.sd)
    kappa = np.clip((b0 - 6.0 * b1 + 6.0 * b2) / -second, -0.9, 0.9)
    kappa = np.where(np.abs(kappa) < 1e-4, 1e-4, kappa)
    a = np.pi * kappa
    scale = second * np.sin(a) / a
    location = b0 - scale * _first_moment(kappa)
    farthest = np.where(kappa > 0.0, sketch.maximum, sketch.minimum)
    needed = 1.1 * kappa * (farthest - location)
    return location, np.maximum(scale, needed), kappa


def inside_end(sketch: Sketch, kappa: float) -> tuple[Array, Array, Array]:
    """A feasible start whose end lies a little beyond the rows."""
    middle = sketch.quantile(0.5)
    farthest = sketch.maximum if kappa > 0.0 else sketch.minimum
    scale = np.maximum(1.1 * kappa * (farthest - middle), 0.3 * sketch.sd)
    return middle, scale, np.full_like(scale, kappa)
