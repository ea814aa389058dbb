"""Discrete uniform distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.continuous.uniform import overlap_terms, share_terms
from mlestim.distributions.parameter import REAL, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import Support


class DiscreteUniform(Family):
    r"""Discrete uniform distribution: all integers between two ends are equally likely.

    .. math:: P(x) = \frac{1}{b - a + 1}, \quad x = a, \dots, b

    The maximum lies on the edge: the ends are the extremes of the sample.

    Parameters
    ----------
    lower, upper : float
        The ends a ≤ b, whole numbers.

    Examples
    --------
    >>> DiscreteUniform(lower=1, upper=6).mean()
    np.float64(3.5)
    """

    name = "discrete_uniform"
    parameters = (
        Parameter("lower", REAL, meaning="smallest value"),
        Parameter("upper", REAL, meaning="largest value"),
    )
    support = Support(integers=True)
    kind = "discrete"
    how = "closed"

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (x,), (lower, upper) = t, theta
        number = upper - lower + 1.0
        slope = np.broadcast_to(1.0 / number, np.broadcast_shapes(x.shape, number.shape))
        yield np.where((x >= lower) & (x <= upper), -np.log(number), -np.inf)
        yield slope
        yield -slope
        yield slope**2
        yield -(slope**2)
        yield slope**2

    def edge_estimate(self, minimum: Array, maximum: Array) -> dict[str, Array]:
        return {"lower": minimum, "upper": maximum}

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(sketch.minimum, sketch.maximum)]

    def valid(self, theta: Theta) -> NDArray[np.bool_]:
        return theta[0] <= theta[1]

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return self.support.outside(x) | (x < theta[0]) | (x > theta[1])

    def ends(self, theta: Theta) -> tuple[ArrayLike, ArrayLike]:
        return theta[0], theta[1]

    def inner_point(self, theta: Theta) -> Array:
        return theta[0]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        lower, upper = theta
        return (x - lower + 1.0) / (upper - lower + 1.0)

    def _sf(self, x: Array, theta: Theta) -> Array:
        lower, upper = theta
        return (upper - x) / (upper - lower + 1.0)

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        lower, upper_end = theta
        part = upper_end - x if upper else x - lower + 1.0
        return share_terms(part, upper_end - lower + 1.0, upper=upper)

    def between_terms(self, lower: Array, upper: Array, theta: Theta) -> Iterator[Array]:
        # the interval (a − 1, b] of real numbers holds as much of an interval between integers
        return overlap_terms(np.floor(lower), np.floor(upper), theta[0] - 1.0, theta[1])

    def _ppf(self, p: Array, theta: Theta) -> Array:
        lower, upper = theta
        number = upper - lower + 1.0
        x = lower + np.maximum(np.ceil(p * number) - 1.0, 0.0)
        return np.where(self._cdf(x, theta) < p, x + 1.0, x)  # the product may round down

    def _isf(self, p: Array, theta: Theta) -> Array:
        lower, upper = theta
        number = upper - lower + 1.0
        x = upper - np.minimum(np.floor(p * number), number - 1.0)
        return np.where(self._sf(x, theta) > p, x + 1.0, x)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        lower, upper = theta
        return np.floor(lower + (upper - lower + 1.0) * rng.random(size))

    def _mean(self, theta: Theta) -> Array:
        return 0.5 * (theta[0] + theta[1])

    def _variance(self, theta: Theta) -> Array:
        width = theta[1] - theta[0]
        return width * (width + 2.0) / 12.0

    def _mode(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * theta[1]

    def _entropy(self, theta: Theta) -> Array:
        return np.log(theta[1] - theta[0] + 1.0)
