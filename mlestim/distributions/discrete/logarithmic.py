"""Logarithmic (log-series) distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.counting.summation import SummedCounts
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import UNIT, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_COUNTS
from mlestim.special import log1p_excess


class Logarithmic(SummedCounts, Family):
    r"""Logarithmic distribution.

    .. math:: P(x) = \frac{p^x}{-x \log(1-p)}, \quad x = 1, 2, 3, \dots

    Parameters
    ----------
    prob : float
        p in [0, 1); a sample of ones has its maximum on the edge, at 0.

    References
    ----------
    Fisher, R. A., Corbet, A. S. and Williams, C. B. (1943), Journal of Animal Ecology 12, 42-58.
    Birch, M. W. (1963), Biometrics 19, 651-652 (starting value).

    Examples
    --------
    >>> Logarithmic(prob=0.5).mean().round(4)
    np.float64(1.4427)
    """

    name = "logarithmic"
    parameters = (Parameter("prob", UNIT, meaning="ratio of far neighbouring probabilities"),)
    support = POSITIVE_COUNTS
    kind = "discrete"
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return x, np.log(x)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        x, log_x = t
        (prob,) = theta
        total, rest = -np.log1p(-prob), 1.0 - prob
        positive = np.where(prob > 0.0, prob, 1.0)
        yield sc.xlogy(x - 1.0, prob) - log_x - np.log(np.where(prob > 0.0, total / positive, 1.0))
        slope = 1.0 / (rest * total)
        yield x / prob - slope
        yield -x / prob**2 - slope / rest + slope**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean = np.maximum(sketch.exact_moments()[0], 1.0 + 1e-6)
        log_mean = np.log(mean)
        odds = ((5.0 / 3.0 - log_mean / 16.0) * (mean - 1.0) + 2.0) * log_mean
        odds = np.maximum(odds, 1e-3 * (mean - 1.0))
        return [(odds / (1.0 + odds),)]

    def limits(self) -> tuple[Limit, ...]:
        return (
            Limit(
                "discrete_uniform", {"prob": 0.0}, held={"lower": 1.0, "upper": 1.0}, attained=True
            ),
        )

    def limit_reached(self, sketch: Sketch) -> NDArray[np.bool_]:
        return sketch.maximum <= 1.0

    def table_centre(self, theta: Theta) -> Array:
        return np.ones_like(theta[0])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.logseries(theta[0], size).astype(float)

    def _mean(self, theta: Theta) -> Array:
        (prob,) = theta
        return -prob / ((1.0 - prob) * np.log1p(-prob))

    def _variance(self, theta: Theta) -> Array:
        (prob,) = theta
        spread = log1p_excess(prob / (1.0 - prob))  # −log(1−p) − p
        return prob * spread / ((1.0 - prob) * np.log1p(-prob)) ** 2

    def _mode(self, theta: Theta) -> Array:
        return np.ones_like(theta[0])
