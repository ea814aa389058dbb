"""Families of ``x = scale * sqrt(chi-squared variable)`` with known degrees of freedom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import VANISHING_AT_ZERO


class ScaledChi(Family):
    r"""Length of a vector of k independent normal values of mean 0 and the same sd.

    .. math:: f(x) = \frac{2^{1-k/2}}{\Gamma(k/2)\,s^k}\, x^{k-1} e^{-x^2/(2s^2)}
    """

    dimension: ClassVar[float]
    parameters = (Parameter("scale", POSITIVE, Unit.SCALE, "sd of each component"),)
    support = VANISHING_AT_ZERO
    how = "closed"
    half_line = True
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return x * x, np.log(x) if self.dimension > 1.0 else np.zeros(())

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        k, (scale,) = self.dimension, theta
        ratio = t[0] / scale**2
        constant = (1.0 - 0.5 * k) * np.log(2.0) - sc.gammaln(0.5 * k)
        yield constant - k * np.log(scale) + (k - 1.0) * t[1] - 0.5 * ratio
        yield (ratio - k) / scale
        yield (k - 3.0 * ratio) / scale**2

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array]:
        return [fixed.get("scale", np.sqrt(t[0] / self.dimension))]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(np.sqrt((sketch.rows * sketch.rows).mean(axis=-1) / self.dimension),)]

    def limits_within(self, low: float, high: float) -> tuple[Limit, ...]:
        # far below the scale the density is a power
        held = {"shape": self.dimension, "upper": high}
        power = Limit("power_function", {"scale": np.inf}, held=held)
        return (power,) if np.isfinite(high) else ()

    @property
    def _half(self) -> Array:
        return np.asarray(0.5 * self.dimension)

    def _half_square(self, x: Array, theta: Theta) -> Array:
        return 0.5 * (x / theta[0]) ** 2

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return sc.gammainc(self._half, self._half_square(x, theta))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return sc.gammaincc(self._half, self._half_square(x, theta))

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[0] * np.sqrt(2.0 * sc.gammaincinv(self._half, p))

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[0] * np.sqrt(2.0 * sc.gammainccinv(self._half, p))

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return theta[0] * np.sqrt(rng.chisquare(self.dimension, size))

    def _mean(self, theta: Theta) -> Array:
        half = 0.5 * self.dimension
        return theta[0] * np.sqrt(2.0) * sc.gamma(half + 0.5) / sc.gamma(half)

    def _variance(self, theta: Theta) -> Array:
        return self.dimension * theta[0] ** 2 - self._mean(theta) ** 2

    def _mode(self, theta: Theta) -> Array:
        return theta[0] * np.sqrt(self.dimension - 1.0)

    def _entropy(self, theta: Theta) -> Array:
        k = self.dimension
        spread = 0.5 * (k - np.log(2.0) - (k - 1.0) * sc.digamma(0.5 * k))
        return sc.gammaln(0.5 * k) + spread + np.log(theta[0])
