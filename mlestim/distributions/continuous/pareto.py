"""Pareto and power-function distributions: one is the other of 1/x."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.intervals.standard import to_a_power
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE
from mlestim.distributions.tails.own import OwnTail

# What rounding leaves of the mean log ratio of rows that are all at the end of the support.
ROUNDING = 8.0 * float(np.finfo(float).eps)


def power_terms(log_ratio: Array, log_x: Array, shape: Array) -> Iterator[Array]:
    """Yield log(a) − a log_ratio − log x and its derivatives in the shape a."""
    yield np.log(shape) - shape * log_ratio - log_x
    yield 1.0 / shape - log_ratio
    yield -1.0 / shape**2


def exponent(log_ratio: Array) -> Array:
    """Maximum likelihood estimate of a, infinite where all rows are at the end of the support."""
    return 1.0 / np.where(log_ratio > ROUNDING, log_ratio, 0.0)


def power_of_ratio(log_ratio: Array, theta: Theta, sign: float) -> Iterator[Array]:
    """Yield the terms of a log_ratio in (a, end), where ±log(end) is part of the ratio."""
    shape, end = theta

    def base() -> Iterator[Array]:
        yield log_ratio
        yield sign / end
        yield -sign / end**2

    return to_a_power(base(), shape, 0, 1)


class Pareto(OwnTail, Family):
    r"""Pareto distribution (of the first kind).

    .. math:: f(x) = \frac{a m^a}{x^{a+1}}, \quad x \ge m

    The estimate of the minimum is the smallest observation, on the edge of what is possible: it
    has no standard error. Where the minimum is known (a reporting threshold), give it as fixed.

    Parameters
    ----------
    shape : float
        a > 0; the tail's exponent.
    minimum : float
        m > 0, the smallest possible value, in the unit of the data.

    Examples
    --------
    >>> Pareto(shape=2, minimum=10).sf(20)
    np.float64(0.25)
    """

    name = "pareto"
    parameters = (
        Parameter("shape", POSITIVE, Unit.NONE, "exponent of the tail"),
        Parameter("minimum", POSITIVE, Unit.SCALE, "smallest possible value"),
    )
    support = POSITIVE_LINE
    how = "closed"
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return (np.log(x),)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (log_x,) = t
        shape, minimum = theta
        value, score, curvature = power_terms(log_x - np.log(minimum), log_x, shape)
        yield value
        yield score
        yield shape / minimum
        yield curvature
        yield 1.0 / minimum
        yield -shape / minimum**2

    def edge_estimate(self, minimum: Array, maximum: Array) -> dict[str, Array]:
        return {"minimum": minimum}

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array]:
        shape = fixed.get("shape", exponent(t[0] - np.log(fixed["minimum"])))
        return [shape, fixed["minimum"]]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(1.0 / sketch.log_sd, sketch.minimum)]

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return (x < theta[1]) | self.support.outside(x)

    def ends(self, theta: Theta) -> tuple[ArrayLike, ArrayLike]:
        return theta[1], np.inf

    def inner_point(self, theta: Theta) -> Array:
        return theta[1]

    def own_tail(self, x: Array, theta: Theta) -> Iterator[Array]:
        return power_of_ratio(-np.log(np.maximum(x / theta[1], 1.0)), theta, 1.0)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[1] * np.exp(-np.log1p(-p) / theta[0])

    def _isf(self, p: Array, theta: Theta) -> Array:
        with np.errstate(over="ignore"):  # beyond the largest number
            return theta[1] * np.exp(-np.log(p) / theta[0])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return theta[1] * np.exp(rng.standard_exponential(size) / theta[0])

    def _mean(self, theta: Theta) -> Array:
        shape, minimum = theta
        above = np.where(shape > 1.0, shape - 1.0, np.nan)
        return np.where(shape > 1.0, minimum * (shape / above), np.inf)

    def _variance(self, theta: Theta) -> Array:
        shape, minimum = theta
        above = np.where(shape > 2.0, shape, np.nan)
        finite = minimum**2 * above / ((above - 1.0) ** 2 * (above - 2.0))
        return np.where(shape > 2.0, finite, np.inf)

    def _mode(self, theta: Theta) -> Array:
        return theta[1] + 0.0 * theta[0]

    def _entropy(self, theta: Theta) -> Array:
        return np.log(theta[1] / theta[0]) + 1.0 / theta[0] + 1.0


class PowerFunction(OwnTail, Family):
    r"""Power-function distribution: 1/x is Pareto.

    .. math:: f(x) = \frac{a x^{a-1}}{u^a}, \quad 0 < x \le u

    The estimate of the upper end is the largest observation, on the edge of what is possible: it
    has no standard error.

    Parameters
    ----------
    shape : float
        a > 0.
    upper : float
        u > 0, the largest possible value, in the unit of the data.

    Examples
    --------
    >>> PowerFunction(shape=2, upper=10).cdf(5)
    np.float64(0.25)
    """

    name = "power_function"
    parameters = (
        Parameter("shape", POSITIVE, Unit.NONE, "exponent"),
        Parameter("upper", POSITIVE, Unit.SCALE, "largest possible value"),
    )
    support = POSITIVE_LINE
    how = "closed"
    sufficient = True
    own_is_upper = False

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return (np.log(x),)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (log_x,) = t
        shape, upper = theta
        value, score, curvature = power_terms(np.log(upper) - log_x, log_x, shape)
        yield value
        yield score
        yield -shape / upper
        yield curvature
        yield -1.0 / upper
        yield shape / upper**2

    def edge_estimate(self, minimum: Array, maximum: Array) -> dict[str, Array]:
        return {"upper": maximum}

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array]:
        return [fixed.get("shape", exponent(np.log(fixed["upper"]) - t[0])), fixed["upper"]]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(1.0 / sketch.log_sd, sketch.maximum)]

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return (x > theta[1]) | self.support.outside(x)

    def ends(self, theta: Theta) -> tuple[ArrayLike, ArrayLike]:
        return 0.0, theta[1]

    def inner_point(self, theta: Theta) -> Array:
        return theta[1]

    def own_tail(self, x: Array, theta: Theta) -> Iterator[Array]:
        return power_of_ratio(np.log(np.minimum(x / theta[1], 1.0)), theta, -1.0)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[1] * np.exp(np.log(p) / theta[0])

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[1] * np.exp(np.log1p(-p) / theta[0])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return theta[1] * np.exp(-rng.standard_exponential(size) / theta[0])

    def _mean(self, theta: Theta) -> Array:
        return theta[1] * theta[0] / (theta[0] + 1.0)

    def _variance(self, theta: Theta) -> Array:
        shape, upper = theta
        return upper**2 * shape / ((shape + 1.0) ** 2 * (shape + 2.0))

    def _mode(self, theta: Theta) -> Array:
        return np.where(theta[0] < 1.0, 0.0, theta[1])

    def _entropy(self, theta: Theta) -> Array:
        return 1.0 - 1.0 / theta[0] - np.log(theta[0] / theta[1])
