"""Chi-squared distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.parameter import POSITIVE, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE
from mlestim.special import log_gamma_excess


class ChiSquared(Family):
    r"""Chi-squared distribution: gamma with shape ν/2 and scale 2.

    .. math:: f(x) = \frac{x^{\nu/2-1} e^{-x/2}}{2^{\nu/2}\,\Gamma(\nu/2)}, \quad x > 0

    It has no scale, and no location of its own: gamma with its scale held at 2 has one.

    Parameters
    ----------
    df : float
        ν > 0, degrees of freedom, the mean.

    Examples
    --------
    >>> ChiSquared(df=1).isf(0.05).round(4)
    np.float64(3.8415)
    """

    name = "chi_squared"
    parameters = (Parameter("df", POSITIVE, meaning="degrees of freedom"),)
    support = POSITIVE_LINE
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return x, np.log(x)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        x, log_x = t
        half = 0.5 * theta[0]
        # about the mean, as the gamma distribution is
        log_ratio, step = log_x - np.log(theta[0]), 0.5 * (x - theta[0])
        excess, first, second = log_gamma_excess(half)
        yield half * log_ratio - step - log_x - excess
        yield 0.5 * (log_ratio - first)
        yield -0.25 * (second + 1.0 / half)

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        # digamma(a) is near log(a − ½) for large a, near −1/a − γ for small ones
        goal = sketch.log_mean - np.log(2.0)
        small = -1.0 / np.minimum(goal + np.euler_gamma, -0.1)
        return [(2.0 * np.where(goal < -2.2, small, np.exp(np.minimum(goal, 700.0)) + 0.5),)]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return sc.gammainc(0.5 * theta[0], 0.5 * x)

    def _sf(self, x: Array, theta: Theta) -> Array:
        return sc.gammaincc(0.5 * theta[0], 0.5 * x)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return 2.0 * sc.gammaincinv(0.5 * theta[0], p)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return 2.0 * sc.gammainccinv(0.5 * theta[0], p)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.chisquare(theta[0], size)

    def _mean(self, theta: Theta) -> Array:
        return theta[0]

    def _variance(self, theta: Theta) -> Array:
        return 2.0 * theta[0]

    def _mode(self, theta: Theta) -> Array:
        return np.maximum(theta[0] - 2.0, 0.0)

    def _entropy(self, theta: Theta) -> Array:
        half = 0.5 * theta[0]
        return half + np.log(2.0) + sc.gammaln(half) + (1.0 - half) * sc.digamma(half)
