"""Lévy distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE


class Levy(Family):
    r"""Lévy distribution: 1/x is the square of a normal value of mean 0 and variance 1/s.

    .. math:: f(x) = \sqrt{\frac{s}{2\pi x^3}}\, e^{-s/(2x)}, \quad x > 0

    Its mean is infinite.

    Parameters
    ----------
    scale : float
        s > 0, in the unit of the data.

    Examples
    --------
    >>> Levy(scale=1).median().round(4)
    np.float64(2.1981)
    """

    name = "levy"
    parameters = (Parameter("scale", POSITIVE, Unit.SCALE, "scale"),)
    support = POSITIVE_LINE
    how = "closed"
    half_line = True
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return 1.0 / x, np.log(x)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        inverse, log_x = t
        (scale,) = theta
        yield 0.5 * (np.log(scale) - np.log(2.0 * np.pi) - scale * inverse) - 1.5 * log_x
        yield 0.5 * (1.0 / scale - inverse)
        yield -0.5 / scale**2

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array]:
        return [fixed.get("scale", 1.0 / t[0])]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(1.0 / (1.0 / sketch.rows).mean(axis=-1),)]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return sc.erfc(np.sqrt(0.5 * theta[0] / x))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return sc.erf(np.sqrt(0.5 * theta[0] / x))

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return np.log(2.0) + sc.log_ndtr(-np.sqrt(theta[0] / x))

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[0] / sc.ndtri(0.5 * p) ** 2

    def _isf(self, p: Array, theta: Theta) -> Array:
        with np.errstate(over="ignore", divide="ignore"):  # beyond the largest number
            return 0.5 * theta[0] / sc.erfinv(p) ** 2

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return theta[0] / rng.standard_normal(size) ** 2

    def _mean(self, theta: Theta) -> Array:
        return np.full_like(theta[0], np.inf)

    def _variance(self, theta: Theta) -> Array:
        return np.full_like(theta[0], np.inf)

    def _mode(self, theta: Theta) -> Array:
        return theta[0] / 3.0

    def _entropy(self, theta: Theta) -> Array:
        return 0.5 * (1.0 + 3.0 * np.euler_gamma + np.log(16.0 * np.pi)) + np.log(theta[0])
