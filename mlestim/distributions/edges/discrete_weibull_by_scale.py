"""The discrete Weibull distribution whose probability of a count above 0 is next to 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.parameter import POSITIVE, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import COUNTS


class DiscreteWeibullByScale(Family):
    r"""A Weibull variable, rounded down.

    .. math:: P(X > x) = e^{-((x+1)/s)^\beta}, \quad x = 0, 1, 2, \dots

    The discrete Weibull distribution with :math:`q = e^{-s^{-\beta}}`, which differs from 1 by less
    than numbers can say where counts are large and lie close together.

    Parameters
    ----------
    scale : float
        s > 0.
    shape : float
        β > 0.

    Examples
    --------
    >>> DiscreteWeibullByScale(scale=10000, shape=100).sf(9999).round(4)
    np.float64(0.3679)
    """

    name = "discrete_weibull_by_scale"
    parameters = (
        Parameter("scale", POSITIVE, meaning="count that is exceeded with probability 1/e"),
        Parameter("shape", POSITIVE, meaning="shape"),
    )
    support = COUNTS
    kind = "discrete"

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (x,), (scale, shape) = t, theta
        # a = (x/s)^β and b = ((x+1)/s)^β − a, with derivatives in β
        count = np.maximum(x, 1.0)
        log_x, step = np.log(count / scale), np.log1p(1.0 / count)
        whole = np.exp(shape * log_x)  # of 0 as of 1, whose a is the b of 0
        first, second = whole * log_x, whole * log_x * log_x
        growth, following = np.expm1(shape * step), 1.0 + np.expm1(shape * step)
        some = x > 0.0
        a, a1, a2 = (np.where(some, part, 0.0) for part in (whole, first, second))
        b = np.where(some, whole * growth, whole)
        b1 = np.where(some, growth * first + following * step * whole, first)
        both = step * (2.0 * first + step * whole)
        b2 = np.where(some, growth * second + following * both, second)
        kept = -np.expm1(-b)
        odds = np.exp(-b) / kept
        bend = odds * (1.0 + odds)
        yield np.log(kept) - a
        rise = a - odds * b
        yield shape / scale * rise
        yield odds * b1 - a1
        yield shape / scale**2 * (shape * (b * (odds - bend * b) - a) - rise)
        yield (rise + shape * (a1 - odds * b1 + bend * b * b1)) / scale
        yield odds * b2 - a2 - bend * b1 * b1

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean, variance = sketch.exact_moments()
        # shape of a Weibull variable by its coefficient of variation
        shape = (np.sqrt(np.maximum(variance, 1e-3)) / (mean + 0.5)) ** -1.086
        return [((mean + 0.5) / sc.gamma(1.0 + 1.0 / shape), shape)]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return -np.expm1(self._logsf(x, theta))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return -(((x + 1.0) / theta[0]) ** theta[1])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        scale, shape = theta
        return np.ceil(scale * rng.exponential(1.0, size) ** (1.0 / shape)) - 1.0
