"""Birnbaum-Saunders distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.limit import Limit
from mlestim.distributions.numeric import solve_increasing
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE
from mlestim.special import LOG_ROOT_TWO_PI

LARGEST_SHIFTED_SHAPE = 5.0


class BirnbaumSaunders(Family):
    r"""Birnbaum-Saunders (fatigue life) distribution.

    .. math:: F(x) = \Phi\left(\frac{1}{\alpha}
        \left(\sqrt{\frac x\beta} - \sqrt{\frac\beta x}\right)\right), \quad x > 0

    With a free location running to −∞ it becomes the normal. A location next to the smallest
    observation makes a spike in which the shape runs to ∞: with the location free, the estimate is
    sought among shapes below 5.

    Parameters
    ----------
    shape : float
        α > 0.
    scale : float
        β > 0, the median, in the unit of the data.

    References
    ----------
    Birnbaum, Z. W. and Saunders, S. C. (1969), Estimation for a family of life distributions with
    applications to fatigue, Journal of Applied Probability 6, 328-347.

    Examples
    --------
    >>> BirnbaumSaunders(shape=0.5, scale=4).median()
    np.float64(4.0)
    """

    name = "birnbaum_saunders"
    parameters = (
        Parameter("shape", POSITIVE, Unit.NONE, "shape"),
        Parameter("scale", POSITIVE, Unit.SCALE, "median"),
    )
    support = POSITIVE_LINE
    how = "profile"
    half_line = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        # with y = log(x/β): v = 4 sinh²(y/2), e = 2 sinh y, h = tanh(y/2), without cancellation
        scale = theta[1]
        ratio = x / scale
        difference, total = x - scale, x + scale
        w = difference / (scale * ratio)
        h = difference / total
        v = w * (difference / scale)
        return np.log(x), np.log1p(0.25 * v), v, w * (ratio + 1.0), h, (h, h)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        log_x, log_cosh, v, e, h, hh = t
        shape, scale = theta
        precision = 1.0 / shape**2
        slope = 0.5 * (h - e * precision)  # in y; y falls as log scale rises
        constant = np.log(shape) + LOG_ROOT_TWO_PI
        yield 0.5 * (log_cosh - v * precision) - constant - log_x
        yield (v * precision - 1.0) / shape
        yield -slope / scale
        yield (1.0 - 3.0 * v * precision) * precision
        yield -e * precision / (shape * scale)
        yield (0.25 * (1.0 - hh) - 0.5 * (v + 2.0) * precision + slope) / scale**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        # the modified moment estimates of Ng, Kundu and Balakrishnan (2003)
        mean, harmonic = sketch.mean, 1.0 / (1.0 / sketch.rows).mean(axis=-1)
        excess = np.maximum(np.sqrt(mean / harmonic) - 1.0, 1e-12)
        return [(np.sqrt(2.0 * excess), np.sqrt(mean * harmonic))]

    def region_when_shifted(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        upper = np.full(len(sketch.rows), LARGEST_SHIFTED_SHAPE)
        return {"shape": (np.zeros_like(upper), upper)}

    def limits_when_shifted(self) -> tuple[Limit, ...]:
        return (Limit("normal", {"shape": 0.0, "scale": np.inf, "location": -np.inf}),)

    @staticmethod
    def _z(x: Array, theta: Theta) -> Array:
        shape, scale = theta
        return (np.sqrt(x / scale) - np.sqrt(scale / x)) / shape

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return sc.ndtr(self._z(x, theta))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return sc.ndtr(-self._z(x, theta))

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return sc.log_ndtr(self._z(x, theta))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return sc.log_ndtr(-self._z(x, theta))

    @staticmethod
    def _at(z: Array, theta: Theta) -> Array:
        """Value with the normal deviate z."""
        half = 0.5 * theta[0] * np.abs(z)
        root = half + np.hypot(half, 1.0)
        return theta[1] * np.where(z < 0.0, 1.0 / root, root) ** 2

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return self._at(sc.ndtri(p), theta)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return self._at(-sc.ndtri(p), theta)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return self._at(rng.standard_normal(size), theta)

    def _mean(self, theta: Theta) -> Array:
        return theta[1] * (1.0 + 0.5 * theta[0] ** 2)

    def _variance(self, theta: Theta) -> Array:
        square = theta[0] ** 2
        return theta[1] ** 2 * square * (1.0 + 1.25 * square)

    def _mode(self, theta: Theta) -> Array:
        square = np.asarray(theta[0]) ** 2 + 0.0 * theta[1]

        def cubic(w: Array) -> Array:  # its one positive root is mode/β
            return ((w + 1.0 + square) * w + (3.0 * square - 1.0)) * w - 1.0

        return theta[1] * solve_increasing(cubic, np.full_like(square, 0.5), 0.0, 1.0)
