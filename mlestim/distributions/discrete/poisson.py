"""Poisson distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.parameter import POSITIVE, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import COUNTS


class Poisson(Family):
    r"""Poisson distribution.

    .. math:: P(x) = \frac{\mu^x e^{-\mu}}{x!}, \quad x = 0, 1, 2, \dots

    Parameters
    ----------
    mean : float
        μ ≥ 0; a sample of zeros has its maximum on the edge, at 0.

    Examples
    --------
    >>> Poisson(mean=2).pdf([0, 1, 2]).round(4).tolist()
    [0.1353, 0.2707, 0.2707]
    """

    name = "poisson"
    parameters = (Parameter("mean", POSITIVE, meaning="mean"),)
    support = COUNTS
    kind = "discrete"
    how = "closed"
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return x, sc.gammaln(x + 1.0)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        x, log_factorial = t
        (mean,) = theta
        yield sc.xlogy(x, mean) - mean - log_factorial
        yield x / mean - 1.0
        yield -x / mean**2

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array]:
        return [fixed.get("mean", t[0])]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(np.maximum(sketch.mean, 1e-3),)]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return sc.pdtr(x, theta[0])

    def _sf(self, x: Array, theta: Theta) -> Array:
        return sc.pdtrc(x, theta[0])

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        # the derivative of the upper tail in μ is the probability of x
        value = self.log_tail(x, theta, upper=upper)
        yield value
        own = self.terms(x, theta, 1)
        slope = np.exp(own.value - value) * (1.0 if upper else -1.0)
        yield slope
        yield slope * (own.score[0] - slope)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.poisson(theta[0], size).astype(float)

    def _mean(self, theta: Theta) -> Array:
        return theta[0]

    def _variance(self, theta: Theta) -> Array:
        return theta[0]

    def _mode(self, theta: Theta) -> Array:
        return np.floor(theta[0])
