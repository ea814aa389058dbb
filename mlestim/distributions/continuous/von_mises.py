"""Von Mises distribution of angles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import ArrayLike

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.parameter import POSITIVE, REAL, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE
from mlestim.distributions.tails.quadrature import POINTS_AT_ONCE, tail_quantile

TWO_PI = 2.0 * np.pi
# Densities are integrated until they have fallen by this many powers of e, with so many nodes.
FALL = 42.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)
# Mean resultant lengths closer to 0 or 1 than this are there but for rounding.
ROUNDING = 1e-15
# From here on the slope of the ratio of Bessel functions is summed by its asymptotic series.
LARGE_CONCENTRATION = 25.0


def _ratio_coefficients(n: int) -> list[float]:
    """Coefficients of I₁(κ)/I₀(κ) in 1/κ, from its equation A' = 1 − A/κ − A²."""
    a = [1.0]
    for m in range(1, n):
        products = sum(a[i] * a[m - i] for i in range(1, m))
        a.append(0.5 * ((m - 2) * a[m - 1] - products))
    return a


_RATIO = _ratio_coefficients(40)


class VonMises(Family):
    r"""Von Mises distribution of angles, the normal of the circle.

    .. math:: f(x) = \frac{e^{\kappa\cos(x-\mu)}}{2\pi I_0(\kappa)}

    Angles are in radians and may have any number of turns: the density repeats. Probabilities,
    quantiles (the median too) and samples are those of the angle in (−π, π]. `mean` is the mean
    direction, in (−π, π]; `var` and `std` are those of the angle from it, in (−π, π], wherever it
    points, as in scipy. The circular variance is another number, 1 − I₁(κ)/I₀(κ). κ → 0 is the
    uniform on the circle, where the estimate of a sample without direction lies, on the boundary.

    Parameters
    ----------
    mean_direction : float
        μ, in radians; estimates lie in (−π, π].
    concentration : float
        κ > 0.

    References
    ----------
    Mardia, K. V. and Jupp, P. E. (2000), Directional Statistics, Wiley, section 5.3.

    Examples
    --------
    >>> VonMises(mean_direction=0, concentration=2).cdf(1).round(4)
    np.float64(0.8896)
    >>> VonMises(mean_direction=3, concentration=2).mean()
    np.float64(3.0)
    """

    name = "von_mises"
    parameters = (
        Parameter("mean_direction", REAL, Unit.NONE, "mean direction in radians"),
        Parameter("concentration", POSITIVE, Unit.NONE, "concentration about it"),
    )
    support = REAL_LINE
    period = 2.0 * np.pi
    how = "closed"
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return np.cos(x), np.sin(x)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        direction, kappa = theta
        cosine, sine = np.cos(direction), np.sin(direction)
        along, across = t[0] * cosine + t[1] * sine, t[1] * cosine - t[0] * sine
        yield kappa * (along - 1.0) - np.log(TWO_PI * sc.i0e(kappa))
        yield kappa * across
        length = resultant_length(kappa)
        yield along - length
        yield -kappa * along
        yield across + 0.0 * kappa
        yield -resultant_slope(kappa, length)

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array]:
        cosine, sine = t
        direction = fixed.get("mean_direction", np.arctan2(sine, cosine))
        along = cosine * np.cos(direction) + sine * np.sin(direction)
        return [direction, fixed.get("concentration", concentration_of(along))]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        cosine, sine = (function(sketch.rows).mean(axis=-1) for function in (np.cos, np.sin))
        length = np.hypot(cosine, sine)
        return [(np.arctan2(sine, cosine), concentration_of(np.clip(length, 1e-3, 1.0 - 1e-9)))]

    @property
    def _ends(self) -> tuple[float, float]:
        return -np.pi, np.pi

    def ppf(self, p: ArrayLike) -> Array:
        """Quantile of the angle in (−π, π]."""
        return self._quantile(p, self._ppf, *self._ends)

    def isf(self, p: ArrayLike) -> Array:
        """Upper quantile of the angle in (−π, π]."""
        return self._quantile(p, self._isf, *reversed(self._ends))

    def _cdf(self, x: Array, theta: Theta) -> Array:
        direction = wrapped(theta[0])
        return _between(-np.pi - direction, np.clip(x, -np.pi, np.pi) - direction, theta[1])

    def _sf(self, x: Array, theta: Theta) -> Array:
        direction = wrapped(theta[0])
        return _between(np.clip(x, -np.pi, np.pi) - direction, np.pi - direction, theta[1])

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return self._from_tail(p, theta, lower=True)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return self._from_tail(p, theta, lower=False)

    def _from_tail(self, p: Array, theta: Theta, *, lower: bool) -> Array:
        p, *parameters = np.broadcast_arrays(p, *theta)
        hook = self._logcdf if lower else self._logsf
        x = tail_quantile(
            lambda x: hook(x, parameters),
            lambda x: self.terms(x, parameters, 0).value,
            p,
            wrapped(parameters[0]),
            self._ends,
            lower=lower,
        )
        return np.where(np.abs(x) < ROUNDING, 0.0, x)  # no probability tells these angles apart

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return wrapped(rng.vonmises(theta[0], theta[1], size))

    def _mean(self, theta: Theta) -> Array:
        return wrapped(theta[0]) + 0.0 * theta[1]

    def _variance(self, theta: Theta) -> Array:
        ahead = np.zeros(np.broadcast_shapes(*(value.shape for value in theta)))
        return super()._variance((ahead, theta[1]))

    def _mode(self, theta: Theta) -> Array:
        return self._mean(theta)

    def _entropy(self, theta: Theta) -> Array:
        kappa = theta[1]
        value = np.log(TWO_PI * sc.i0e(kappa)) + kappa * (1.0 - resultant_length(kappa))
        return value + 0.0 * theta[0]


def wrapped(x: Array) -> Array:
    """The same angle in (−π, π]; angles that are there already keep all digits."""
    x = np.asarray(x, dtype=float)
    inside = (x > -np.pi) & (x <= np.pi)
    turned = np.pi - np.mod(np.pi - np.where(inside, 0.0, x), TWO_PI)
    return np.where(inside, x, turned)


def resultant_length(kappa: Array) -> Array:
    """Mean cosine about the mean direction, I₁(κ)/I₀(κ)."""
    return sc.i1e(kappa) / sc.i0e(kappa)


def resultant_slope(kappa: Array, length: Array) -> Array:
    """Slope of the mean cosine in κ, 1 − A/κ − A², for large κ by its series."""
    far = kappa > LARGE_CONCENTRATION
    inverse = 1.0 / np.where(far, kappa, 2.0 * LARGE_CONCENTRATION)
    series = np.zeros_like(inverse)
    for k in range(len(_RATIO) - 1, 0, -1):
        series = series * inverse - k * _RATIO[k]
    series = series * inverse * inverse
    with np.errstate(all="ignore"):  # at κ = 0 the ratio is ½
        ratio = np.where(kappa > 1e-8, length / kappa, 0.5)
        direct = 1.0 - ratio - length * length
    return np.where(far, series, direct)


def concentration_of(length: Array) -> Array:
    """Solve I₁(κ)/I₀(κ) = R by Newton from Best and Fisher's (1981) approximation."""
    length = np.asarray(length, dtype=float)
    r = np.clip(length, ROUNDING, 1.0 - ROUNDING)
    low = 2.0 * r + r**3 + 5.0 / 6.0 * r**5
    middle = -0.4 + 1.39 * r + 0.43 / (1.0 - r)
    high = 1.0 / (r**3 - 4.0 * r**2 + 3.0 * r)
    kappa = np.where(r < 0.53, low, np.where(r < 0.85, middle, high))
    for _ in range(20):
        ratio = resultant_length(kappa)
        step = (ratio - r) / resultant_slope(kappa, ratio)
        kappa = np.maximum(kappa - step, 0.5 * kappa)
    kappa = np.where(length <= ROUNDING, 0.0, kappa)
    return np.where(length >= 1.0 - ROUNDING, np.inf, kappa)


def _between(low: Array, high: Array, kappa: Array) -> Array:
    """Probability of angles from the mean direction between two ends, at most a turn apart.

    Cut at the mean direction and opposite, the density is monotone on each piece.
    """
    total = np.zeros(np.broadcast_shapes(np.shape(low), np.shape(high), np.shape(kappa)))
    for turn in (-TWO_PI, 0.0, TWO_PI):
        a, b = low + turn, high + turn
        total = total + _monotone(np.clip(a, 0.0, np.pi), np.clip(b, 0.0, np.pi), kappa)
        total = total + _monotone(np.clip(-b, 0.0, np.pi), np.clip(-a, 0.0, np.pi), kappa)
    return np.minimum(total, 1.0)


def _monotone(near: Array, far: Array, kappa: Array) -> Array:
    """Probability between two distances from the mean direction, on one side of it."""
    fallen = np.cos(near) - FALL / np.maximum(kappa, 1e-3)
    end = np.where(fallen > -1.0, np.arccos(np.clip(fallen, -1.0, 1.0)), np.pi)
    half = 0.5 * np.maximum(np.minimum(far, end) - near, 0.0)
    if not np.any(half):
        return half
    half, near = np.broadcast_arrays(half, near)
    total = np.zeros(np.broadcast_shapes(half.shape, np.shape(kappa)))
    at_once = max(1, POINTS_AT_ONCE // max(total.size, 1))
    for first in range(0, len(_NODES), at_once):
        part = slice(first, first + at_once)
        angle = near + np.multiply.outer(1.0 + _NODES[part], half)
        density = np.exp(-2.0 * kappa * np.sin(0.5 * angle) ** 2)
        total += np.einsum("k...,k->...", density, _WEIGHTS[part])
    return total * half / (TWO_PI * sc.i0e(kappa))
