"""Gumbel distributions of maxima and of minima."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.intervals.standard import (
    exponential_tail,
    in_location_and_scale,
    mirrored,
)
from mlestim.distributions.parameter import POSITIVE, REAL, Parameter, Unit
from mlestim.distributions.rows.scratch import WORK
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE

EULER = float(np.euler_gamma)


def gumbel_by_moments(sketch: Sketch) -> tuple[Array, Array]:
    """Gumbel's location and scale from mean and standard deviation."""
    scale = np.sqrt(6.0) / np.pi * sketch.sd
    return sketch.mean - EULER * scale, scale


class Gumbel(Family):
    r"""Gumbel distribution of maxima.

    .. math:: F(x) = \exp\left(-e^{-z}\right), \quad z = \frac{x-\mu}{\sigma}

    Parameters
    ----------
    location : float
        μ, the mode, in the unit of the data.
    scale : float
        σ > 0, in the unit of the data.

    Examples
    --------
    >>> Gumbel(location=0, scale=1).mean().round(4)
    np.float64(0.5772)
    """

    name = "gumbel"
    parameters = (
        Parameter("location", REAL, Unit.LOCATION, "mode"),
        Parameter("scale", POSITIVE, Unit.SCALE, "scale"),
    )
    support = REAL_LINE
    how = "profile"
    own_is_upper = False
    of_tail, of_hazard = slice(1, None), slice(0, 1)

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        location, scale = theta
        z, tail, z_tail = WORK.rows(3, x.shape, location.shape)
        np.multiply(np.subtract(x, location, out=z), 1.0 / scale, out=z)
        np.exp(np.negative(z, out=tail), out=tail)
        return z, tail, (z, tail), (np.multiply(z, tail, out=z_tail), z)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        z, tail, z_tail, zz_tail = t
        scale = theta[1]
        yield -np.log(scale) - z - tail
        yield (1.0 - tail) / scale
        yield (z - z_tail - 1.0) / scale
        yield -tail / scale**2
        yield (tail - 1.0 - z_tail) / scale**2
        yield (1.0 - 2.0 * (z - z_tail) - zz_tail) / scale**2

    def own_tail_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        _, tail, z_tail, zz_tail = t
        scale = theta[1]
        yield -tail
        yield -tail / scale
        yield -z_tail / scale
        yield -tail / scale**2
        yield (tail - z_tail) / scale**2
        yield (2.0 * z_tail - zz_tail) / scale**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [gumbel_by_moments(sketch)]

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return -np.exp((theta[0] - x) / theta[1])

    def _sf(self, x: Array, theta: Theta) -> Array:
        return -np.expm1(self._logcdf(x, theta))

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        tail = mirrored(exponential_tail(-self._logcdf(x, theta), own=not upper))
        return in_location_and_scale(tail, (x - theta[0]) / theta[1], theta[1])

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[0] - theta[1] * np.log(-np.log(p))

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[0] - theta[1] * np.log(-np.log1p(-p))

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.gumbel(theta[0], theta[1], size)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + EULER * theta[1]

    def _variance(self, theta: Theta) -> Array:
        return theta[1] ** 2 * np.pi**2 / 6.0 + 0.0 * theta[0]

    def _mode(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * theta[1]

    def _entropy(self, theta: Theta) -> Array:
        return np.log(theta[1]) + EULER + 1.0 + 0.0 * theta[0]


class GumbelMin(Family):
    r"""Gumbel distribution of minima: −x is Gumbel of maxima.

    .. math:: F(x) = 1 - \exp\left(-e^{z}\right), \quad z = \frac{x-\mu}{\sigma}

    Parameters
    ----------
    location : float
        μ, the mode, in the unit of the data.
    scale : float
        σ > 0, in the unit of the data.

    Examples
    --------
    >>> GumbelMin(location=0, scale=1).mean().round(4)
    np.float64(-0.5772)
    """

    name = "gumbel_min"
    parameters = Gumbel.parameters
    support = REAL_LINE
    how = "profile"
    of_tail, of_hazard = slice(1, None), slice(0, 1)

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        location, scale = theta
        z, head, z_head = WORK.rows(3, x.shape, location.shape)
        np.multiply(np.subtract(x, location, out=z), 1.0 / scale, out=z)
        np.exp(z, out=head)
        return z, head, (z, head), (np.multiply(z, head, out=z_head), z)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        z, head, z_head, zz_head = t
        scale = theta[1]
        yield -np.log(scale) + z - head
        yield (head - 1.0) / scale
        yield (z_head - z - 1.0) / scale
        yield -head / scale**2
        yield (1.0 - head - z_head) / scale**2
        yield (1.0 - 2.0 * (z_head - z) - zz_head) / scale**2

    def own_tail_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        _, head, z_head, zz_head = t
        scale = theta[1]
        yield -head
        yield head / scale
        yield z_head / scale
        yield -head / scale**2
        yield -(head + z_head) / scale**2
        yield -(2.0 * z_head + zz_head) / scale**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        scale = np.sqrt(6.0) / np.pi * sketch.sd
        return [(sketch.mean + EULER * scale, scale)]

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return -np.exp((x - theta[0]) / theta[1])

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return -np.expm1(self._logsf(x, theta))

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        tail = exponential_tail(-self._logsf(x, theta), own=upper)
        return in_location_and_scale(tail, (x - theta[0]) / theta[1], theta[1])

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[0] + theta[1] * np.log(-np.log1p(-p))

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[0] + theta[1] * np.log(-np.log(p))

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return -rng.gumbel(-theta[0], theta[1], size)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] - EULER * theta[1]

    def _variance(self, theta: Theta) -> Array:
        return theta[1] ** 2 * np.pi**2 / 6.0 + 0.0 * theta[0]

    def _mode(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * theta[1]

    def _entropy(self, theta: Theta) -> Array:
        return np.log(theta[1]) + EULER + 1.0 + 0.0 * theta[0]
