"""Generalized Poisson distribution (Consul and Jain) in (mean, dispersion)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.counting.functions import log_poisson
from mlestim.distributions.counting.summation import SummedCounts
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, UNIT, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import COUNTS


class GeneralizedPoisson(SummedCounts, Family):
    r"""Generalized Poisson distribution.

    .. math:: P(x) = \frac{\theta (\theta + \lambda x)^{x-1} e^{-\theta - \lambda x}}{x!},
        \quad \theta = \mu (1 - \lambda), \quad x = 0, 1, 2, \dots

    Its variance is μ/(1 − λ)². The likelihood has an interior maximum where the sample variance
    (divisor n) exceeds the mean; elsewhere it lies on the edge λ = 0, the Poisson distribution.

    Parameters
    ----------
    mean : float
        μ > 0.
    dispersion : float
        λ in [0, 1).

    References
    ----------
    Consul, P. C. and Jain, G. C. (1973), Technometrics 15, 791-799.

    Examples
    --------
    >>> GeneralizedPoisson(mean=3, dispersion=0.5).var()
    np.float64(12.0)
    """

    name = "generalized_poisson"
    parameters = (
        Parameter("mean", POSITIVE, meaning="mean"),
        Parameter("dispersion", UNIT, meaning="dispersion; the variance is mean/(1−dispersion)²"),
    )
    support = COUNTS
    kind = "discrete"

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (x,), (mean, dispersion) = t, theta
        rest = 1.0 - dispersion
        rate = rest * mean + dispersion * x  # θ + λx
        gap = rest * (x - mean)
        yield np.log(rest * mean / rate) + log_poisson(x, rate)
        pull, share = (gap - 1.0) / rate, rest * rate
        yield 1.0 / mean + rest * pull
        yield (gap * (gap - 1.0) - rate) / share
        yield -1.0 / mean**2 - rest**2 * (x - 1.0) / rate**2
        yield -pull - gap * (x - 1.0) / rate**2
        yield -(rate**2 + gap**2 * (x - 1.0)) / share**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean, variance = sketch.exact_moments()
        mean = np.maximum(mean, 1e-9)
        dispersion = 1.0 - np.sqrt(mean / np.maximum(variance, 1e-12))
        return [(mean, np.clip(dispersion, 1e-2, 1.0 - 1e-3))]

    def limits(self) -> tuple[Limit, ...]:
        return (Limit("poisson", {"mean": "mean", "dispersion": 0.0}, attained=True),)

    def limit_reached(self, sketch: Sketch) -> NDArray[np.bool_]:
        mean, variance = sketch.exact_moments()
        return variance <= mean * (1.0 + 1e-12)

    def table_centre(self, theta: Theta) -> Array:
        return np.floor(theta[0])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        """Count a branching process: each individual has Poisson(λ) children."""
        mean, dispersion = theta
        generation = np.asarray(rng.poisson(mean * (1.0 - dispersion), size), dtype=float)
        total = generation.copy()
        while np.any(generation > 0.0):
            generation = np.asarray(rng.poisson(dispersion * generation), dtype=float)
            total = total + generation
        return total

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * theta[1]

    def _variance(self, theta: Theta) -> Array:
        return theta[0] / (1.0 - theta[1]) ** 2
