"""Fréchet distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.continuous.inverse_gamma import region_without_spike
from mlestim.distributions.intervals.standard import (
    exponential_tail,
    in_shape_and_scale,
    mirrored,
)
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.scratch import WORK
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE

EULER = float(np.euler_gamma)


class Frechet(Family):
    r"""Fréchet distribution (of maxima, heavy-tailed): 1/x is Weibull.

    .. math:: F(x) = \exp\left(-(x/s)^{-k}\right), \quad x > 0

    With a free location running to −∞ it becomes the Gumbel distribution of maxima.

    Parameters
    ----------
    shape : float
        k > 0; the tail's exponent.
    scale : float
        s > 0, in the unit of the data.

    Examples
    --------
    >>> Frechet(shape=2, scale=10).cdf(10).round(4)
    np.float64(0.3679)
    """

    name = "frechet"
    parameters = (
        Parameter("shape", POSITIVE, Unit.NONE, "exponent of the tail"),
        Parameter("scale", POSITIVE, Unit.SCALE, "scale"),
    )
    support = POSITIVE_LINE
    how = "profile"
    own_is_upper = False
    half_line = True
    of_tail, of_hazard = slice(1, None), slice(0, 1)

    def prepared(self, x: Array, out: Array | None = None) -> Array:
        return np.log(x, out=out)

    def statistics(self, log_x: Array, theta: Theta, order: int) -> Sequence[Row]:
        shape, scale = theta
        u, z, zu = WORK.rows(3, log_x.shape, shape.shape)
        np.subtract(log_x, np.log(scale), out=u)
        np.exp(np.multiply(-shape, u, out=z), out=z)
        return u, z, (z, u), (np.multiply(z, u, out=zu), u)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        u, z, zu, zuu = t
        shape, scale = theta
        yield np.log(shape) - np.log(scale) - (shape + 1.0) * u - z
        yield 1.0 / shape - u + zu
        yield shape * (1.0 - z) / scale
        yield -1.0 / shape**2 - zuu
        yield (1.0 - z + shape * zu) / scale
        yield -shape * (1.0 - z + shape * z) / scale**2

    def own_tail_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        _, z, zu, zuu = t
        shape, scale = theta
        yield -z
        yield zu
        yield -shape * z / scale
        yield -zuu
        yield (shape * zu - z) / scale
        yield shape * (1.0 - shape) * z / scale**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        # log x is a Gumbel variable of maxima: sd π/(k√6), mean log s + γ/k
        shape = np.pi / np.sqrt(6.0) / sketch.log_sd
        return [(shape, np.exp(sketch.log_mean - EULER / shape))]

    def region_when_shifted(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        return {"shape": region_without_spike(sketch)}

    def limits_within(self, low: float, high: float) -> tuple[Limit, ...]:
        # far above the scale the density is a power, as it is of shapes near 0 far below it
        pareto = Limit("pareto", {"shape": "shape", "scale": 0.0}, held={"minimum": low})
        power = Limit("power_function", {"shape": 0.0, "scale": np.inf}, held={"upper": high})
        return (pareto,) * (low > 0.0) + (power,) * bool(np.isfinite(high))

    def limits_when_shifted(self) -> tuple[Limit, ...]:
        return (Limit("gumbel", {"shape": np.inf, "scale": np.inf, "location": -np.inf}),)

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        with np.errstate(over="ignore"):  # the log probability is −inf
            return -((x / theta[1]) ** -theta[0])

    def _sf(self, x: Array, theta: Theta) -> Array:
        return -np.expm1(self._logcdf(x, theta))

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        shape, scale = theta
        tail = mirrored(exponential_tail(-self._logcdf(x, theta), own=not upper))
        return in_shape_and_scale(tail, np.log(x / scale), shape, scale)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[1] * (-np.log(p)) ** (-1.0 / theta[0])

    def _isf(self, p: Array, theta: Theta) -> Array:
        with np.errstate(over="ignore"):  # beyond the largest number
            return theta[1] * (-np.log1p(-p)) ** (-1.0 / theta[0])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return theta[1] * rng.standard_exponential(size) ** (-1.0 / theta[0])

    def _mean(self, theta: Theta) -> Array:
        shape, scale = theta
        inside = np.where(shape > 1.0, 1.0 - 1.0 / shape, 1.0)
        return np.where(shape > 1.0, scale * sc.gamma(inside), np.inf)

    def _variance(self, theta: Theta) -> Array:
        shape, scale = theta
        inverse = 1.0 / np.where(shape > 2.0, shape, np.inf)
        first, second = sc.gammaln(1.0 - inverse), sc.gammaln(1.0 - 2.0 * inverse)
        finite = scale**2 * np.exp(2.0 * first) * np.expm1(second - 2.0 * first)
        return np.where(shape > 2.0, finite, np.inf)

    def _mode(self, theta: Theta) -> Array:
        shape, scale = theta
        return scale * (shape / (1.0 + shape)) ** (1.0 / shape)

    def _entropy(self, theta: Theta) -> Array:
        shape, scale = theta
        return 1.0 + EULER * (1.0 + 1.0 / shape) + np.log(scale / shape)
