"""Discrete Weibull distribution (Nakagawa and Osaki)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, UNIT, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import COUNTS


class DiscreteWeibull(Family):
    r"""Discrete Weibull distribution.

    .. math:: P(X > x) = q^{(x+1)^\beta}, \quad x = 0, 1, 2, \dots

    As β → ∞ only 0 and 1 are left: the Bernoulli distribution, where a sample without larger
    counts has its supremum; or, with q → 1, a single larger count, or one and the next. Of counts
    that are large and lie close together no number tells q from 1: the same distribution by its
    scale then describes them.

    Parameters
    ----------
    prob : float
        q in (0, 1), the probability of a count above 0.
    shape : float
        β > 0; 1 is the geometric distribution.

    References
    ----------
    Nakagawa, T. and Osaki, S. (1975), IEEE Transactions on Reliability 24, 300-301.

    Examples
    --------
    >>> DiscreteWeibull(prob=0.5, shape=1).pdf([0, 1, 2]).round(15).tolist()
    [0.5, 0.25, 0.125]
    """

    name = "discrete_weibull"
    parameters = (
        Parameter("prob", UNIT, meaning="probability of a count above 0"),
        Parameter("shape", POSITIVE, meaning="shape; 1 is geometric"),
    )
    support = COUNTS
    kind = "discrete"

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (x,), (prob, shape) = t, theta
        rate = -np.log(prob)
        # a = x^β and b = (x+1)^β − x^β, with derivatives in β
        count = np.maximum(x, 1.0)
        log_x, step = np.log(count), np.log1p(1.0 / count)
        a = np.where(x > 0.0, np.exp(shape * log_x), 0.0)
        growth = np.expm1(shape * step)
        b = np.where(x > 0.0, a * growth, 1.0)
        drop = rate * b
        kept = -np.expm1(-drop)
        yield -rate * a + np.log(kept)
        odds = np.exp(-drop) / kept
        of_rate = odds * b - a
        yield -of_rate / prob
        a1 = a * log_x
        b1 = a * (growth * log_x + (1.0 + growth) * step)
        of_shape = odds * b1 - a1
        yield rate * of_shape
        bend = odds * (1.0 + odds)
        yield (of_rate - bend * b * b) / prob**2
        yield -(of_shape - bend * b * (rate * b1)) / prob
        b2 = a * (growth * log_x * log_x + (1.0 + growth) * step * (2.0 * log_x + step))
        yield rate * (odds * b2 - a1 * log_x - bend * rate * b1 * b1)

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean, variance = sketch.exact_moments()
        # shape of a Weibull variable by its coefficient of variation
        shape = (np.sqrt(np.maximum(variance, 1e-3)) / (mean + 0.5)) ** -1.086
        shapes = (np.clip(shape, 0.1, 20.0), np.ones_like(mean))
        return [(_prob_of_mean(mean, beta), beta) for beta in shapes]

    def limits(self) -> tuple[Limit, ...]:
        return (
            Limit("bernoulli", {"prob": "prob", "shape": np.inf}),
            # all at one count
            Limit("discrete_uniform", {"prob": 1.0, "shape": np.inf}, decided=True),
            Limit("two_neighbours", {"prob": 1.0, "shape": np.inf}),
            Limit(
                "discrete_weibull_by_scale",
                {"prob": _prob_of_scale, "shape": "shape"},
                underflow=True,
            ),
        )

    def limit_reached(self, sketch: Sketch) -> NDArray[np.bool_]:
        at_most_one = sketch.maximum <= 1.0
        spread = np.where(at_most_one, np.nan, sketch.maximum - sketch.minimum)
        return np.array([at_most_one, spread == 0.0, spread == 1.0])

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return -np.expm1(self._logsf(x, theta))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return (x + 1.0) ** theta[1] * np.log(theta[0])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        prob, shape = theta
        return np.ceil((rng.exponential(1.0, size) / -np.log(prob)) ** (1.0 / shape)) - 1.0


def _prob_of_scale(limit: Mapping[str, Array]) -> Array:
    return np.exp(-(limit["scale"] ** -limit["shape"]))


def _prob_of_mean(mean: Array, shape: Array) -> Array:
    """Probability of a count above 0 of the Weibull variable that rounds down to the mean."""
    scale = (mean + 0.5) / sc.gamma(1.0 + 1.0 / shape)
    return np.clip(np.exp(-(scale**-shape)), 1e-3, 1.0 - 1e-12)
