"""Nakagami distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE
from mlestim.special import log_gamma_excess

# Log of a number small enough for a power law, and not yet too small for its digits.
UNDERFLOW = -600.0


class Nakagami(Family):
    r"""Nakagami distribution: x² is gamma with mean Ω.

    .. math:: f(x) = \frac{2 m^m}{\Gamma(m)\Omega^m} x^{2m-1} e^{-m x^2/\Omega}, \quad x > 0

    With a free location running to −∞ it becomes the normal.

    Parameters
    ----------
    shape : float
        m > 0.
    spread : float
        Ω > 0, the mean of x², in the squared unit of the data.

    Examples
    --------
    >>> Nakagami(shape=1, spread=2).sf(1).round(4)
    np.float64(0.6065)
    """

    name = "nakagami"
    parameters = (
        Parameter("shape", POSITIVE, Unit.NONE, "shape"),
        Parameter("spread", POSITIVE, Unit.SQUARE, "mean square"),
    )
    support = POSITIVE_LINE
    how = "profile"
    half_line = True
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return x * x, np.log(x)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        square, log_x = t
        shape, spread = theta
        # about the mean square, as the gamma distribution is about its mean
        log_ratio, step = 2.0 * log_x - np.log(spread), (square - spread) / spread
        excess, first, second = log_gamma_excess(shape)
        yield shape * (log_ratio - step) + np.log(2.0) - log_x - excess
        yield log_ratio - step - first
        yield shape * step / spread
        yield -second
        yield step / spread
        yield -shape * (1.0 + 2.0 * step) / spread**2

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array] | None:
        if "shape" not in fixed:
            return None
        return [fixed["shape"], fixed.get("spread", t[0])]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        # Thom's approximation for the gamma distribution of x²
        spread = (sketch.rows * sketch.rows).mean(axis=-1)
        gap = np.maximum(np.log(spread) - 2.0 * sketch.log_mean, 1e-12)
        return [((1.0 + np.sqrt(1.0 + 4.0 * gap / 3.0)) / (4.0 * gap), spread)]

    def region_when_shifted(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        # with shape < ½ the density is infinite at the location
        lower = np.full(len(sketch.rows), 0.5)
        return {"shape": (lower, np.full_like(lower, np.inf))}

    def limits_when_shifted(self) -> tuple[Limit, ...]:
        return (Limit("normal", {"shape": np.inf, "spread": np.inf, "location": -np.inf}),)

    @staticmethod
    def _ratio(x: Array, theta: Theta) -> Array:
        return theta[0] * (x / np.sqrt(theta[1])) ** 2

    def _cdf(self, x: Array, theta: Theta) -> Array:
        shape, spread = theta
        with np.errstate(divide="ignore"):  # at 0 it is −∞
            log_ratio = np.log(shape) + 2.0 * np.log(x) - np.log(spread)
        # where x² underflows, the power law with which the probability begins
        law = np.exp(shape * np.minimum(log_ratio, UNDERFLOW) - sc.gammaln(shape + 1.0))
        return np.where(log_ratio < UNDERFLOW, law, sc.gammainc(shape, self._ratio(x, theta)))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return sc.gammaincc(theta[0], self._ratio(x, theta))

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return np.sqrt(theta[1] * (sc.gammaincinv(theta[0], p) / theta[0]))

    def _isf(self, p: Array, theta: Theta) -> Array:
        return np.sqrt(theta[1] * (sc.gammainccinv(theta[0], p) / theta[0]))

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return np.sqrt(theta[1] * (rng.standard_gamma(theta[0], size) / theta[0]))

    def _mean(self, theta: Theta) -> Array:
        return np.sqrt(theta[1] / theta[0]) * sc.poch(theta[0], 0.5)

    def _variance(self, theta: Theta) -> Array:
        return theta[1] * -np.expm1(2.0 * np.log(sc.poch(theta[0], 0.5)) - np.log(theta[0]))

    def _mode(self, theta: Theta) -> Array:
        return np.sqrt(theta[1] * np.maximum(1.0 - 0.5 / theta[0], 0.0))

    def _entropy(self, theta: Theta) -> Array:
        shape, spread = theta
        spread_of_log = shape - (shape - 0.5) * sc.digamma(shape)
        return sc.gammaln(shape) + spread_of_log - np.log(2.0) + 0.5 * np.log(spread / shape)
