"""A triangular distribution whose mode is its lower end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Size, Theta
from mlestim.distributions.parameter import REAL, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE
from mlestim.distributions.tails.own import OwnTail


class FallingTriangular(OwnTail):
    r"""Triangular distribution that falls all the way from its lower to its upper end.

    .. math:: f(x) = \frac{2 (b - x)}{(b - a)^2}, \quad a \le x \le b

    Parameters
    ----------
    lower : float
        a, in the unit of the data: the mode.
    upper : float
        b > a, in the unit of the data.

    Examples
    --------
    >>> FallingTriangular(lower=0, upper=4).sf(2)
    np.float64(0.25)
    """

    name = "falling_triangular"
    parameters = (
        Parameter("lower", REAL, Unit.LOCATION, "smallest and likeliest value"),
        Parameter("upper", REAL, Unit.LOCATION, "largest possible value"),
    )
    support = REAL_LINE

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (x,) = t
        lower, upper = theta
        whole, rest = 1.0 / (upper - lower), 1.0 / (upper - x)
        yield np.log(2.0 * whole) + np.log((upper - x) * whole)
        yield 2.0 * whole
        yield rest - 2.0 * whole
        yield from (2.0 * whole**2, -2.0 * whole**2, 2.0 * whole**2 - rest**2)

    def own_tail(self, x: Array, theta: Theta) -> Iterator[Array]:
        lower, upper = theta
        whole, rest = 1.0 / (upper - lower), 1.0 / (upper - x)
        yield 2.0 * np.log((upper - x) * whole)
        yield 2.0 * whole
        yield 2.0 * (rest - whole)
        yield from (2.0 * whole**2, -2.0 * whole**2, 2.0 * (whole**2 - rest**2))

    def edge_estimate(self, minimum: Array, maximum: Array) -> dict[str, Array]:
        return {"lower": minimum}

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(sketch.minimum, sketch.maximum + 0.1 * (sketch.maximum - sketch.minimum))]

    def valid(self, theta: Theta) -> NDArray[np.bool_]:
        return np.less(theta[0], theta[1])

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return (x < theta[0]) | (x >= theta[1]) | self.support.outside(x)

    def ends(self, theta: Theta) -> tuple[ArrayLike, ArrayLike]:
        return theta[0], theta[1]

    def inner_point(self, theta: Theta) -> Array:
        return theta[0]

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[1] - np.sqrt(p) * (theta[1] - theta[0])

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[0] - (theta[1] - theta[0]) * np.expm1(0.5 * np.log1p(-p))

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.triangular(theta[0], theta[0], theta[1], size)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + (theta[1] - theta[0]) / 3.0

    def _variance(self, theta: Theta) -> Array:
        return (theta[1] - theta[0]) ** 2 / 18.0

    def _mode(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * theta[1]

    def _entropy(self, theta: Theta) -> Array:
        return 0.5 + np.log(0.5 * (theta[1] - theta[0]))
