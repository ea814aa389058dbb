"""Weibull distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.intervals.standard import exponential_tail, in_shape_and_scale
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.scratch import WORK
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE

EULER = float(np.euler_gamma)


class Weibull(Family):
    r"""Weibull distribution (for minima).

    .. math:: f(x) = \frac{k}{s}\left(\frac xs\right)^{k-1} e^{-(x/s)^k}, \quad x > 0

    Parameters
    ----------
    shape : float
        k > 0.
    scale : float
        s > 0, in the unit of the data.

    Examples
    --------
    >>> Weibull(shape=2, scale=10).sf(10).round(4)
    np.float64(0.3679)
    """

    name = "weibull"
    parameters = (
        Parameter("shape", POSITIVE, Unit.NONE, "shape"),
        Parameter("scale", POSITIVE, Unit.SCALE, "scale"),
    )
    support = POSITIVE_LINE
    how = "profile"
    half_line = True
    of_tail, of_hazard = slice(1, None), slice(0, 1)

    def prepared(self, x: Array, out: Array | None = None) -> Array:
        return np.log(x, out=out)

    def statistics(self, log_x: Array, theta: Theta, order: int) -> Sequence[Row]:
        shape, scale = theta
        u, z, zu = WORK.rows(3, log_x.shape, shape.shape)
        np.subtract(log_x, np.log(scale), out=u)
        np.exp(np.multiply(shape, u, out=z), out=z)
        return u, z, (z, u), (np.multiply(z, u, out=zu), u)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        u, z, zu, zuu = t
        shape, scale = theta
        yield np.log(shape) - np.log(scale) + (shape - 1.0) * u - z
        yield 1.0 / shape + u - zu
        yield shape * (z - 1.0) / scale
        yield -1.0 / shape**2 - zuu
        yield (z - 1.0 + shape * zu) / scale
        yield shape * (1.0 - z - shape * z) / scale**2

    def own_tail_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        _, z, zu, zuu = t
        shape, scale = theta
        yield -z
        yield -zu
        yield shape * z / scale
        yield -zuu
        yield (z + shape * zu) / scale
        yield -shape * (1.0 + shape) * z / scale**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        # log x is a Gumbel variable of minima: sd π/(k√6), mean log s − γ/k
        shape = np.pi / np.sqrt(6.0) / sketch.log_sd
        return [(shape, np.exp(sketch.log_mean + EULER / shape))]

    def _power(self, x: Array, theta: Theta) -> Array:
        return (x / theta[1]) ** theta[0]

    def region_when_shifted(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        # with shape < 1 the density is infinite at the location
        lower = np.ones(len(sketch.rows))
        return {"shape": (lower, np.full_like(lower, np.inf))}

    def limits_within(self, low: float, high: float) -> tuple[Limit, ...]:
        pareto = Limit("pareto", {"shape": 0.0, "scale": 0.0}, held={"minimum": low})
        # far below the scale the density is a power
        power = Limit("power_function", {"shape": "shape", "scale": np.inf}, held={"upper": high})
        return (pareto,) * (low > 0.0) + (power,) * bool(np.isfinite(high))

    def limits_when_shifted(self) -> tuple[Limit, ...]:
        return (Limit("gumbel_min", {"shape": np.inf, "scale": np.inf, "location": -np.inf}),)

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return -np.expm1(-self._power(x, theta))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return np.exp(-self._power(x, theta))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return -self._power(x, theta)

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        shape, scale = theta
        tail = exponential_tail(self._power(x, theta), own=upper)
        return in_shape_and_scale(tail, np.log(x / scale), shape, scale)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[1] * (-np.log1p(-p)) ** (1.0 / theta[0])

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[1] * (-np.log(p)) ** (1.0 / theta[0])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return theta[1] * rng.standard_exponential(size) ** (1.0 / theta[0])

    def _mean(self, theta: Theta) -> Array:
        return theta[1] * sc.gamma(1.0 + 1.0 / theta[0])

    def _variance(self, theta: Theta) -> Array:
        inverse = 1.0 / theta[0]
        first, second = sc.gammaln(1.0 + inverse), sc.gammaln(1.0 + 2.0 * inverse)
        return theta[1] ** 2 * np.exp(2.0 * first) * np.expm1(second - 2.0 * first)

    def _mode(self, theta: Theta) -> Array:
        return theta[1] * np.maximum(1.0 - 1.0 / theta[0], 0.0) ** (1.0 / theta[0])

    def _entropy(self, theta: Theta) -> Array:
        shape, scale = theta
        return EULER * (1.0 - 1.0 / shape) + np.log(scale / shape) + 1.0
