"""Uniform distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.parameter import REAL, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE


def share_terms(part: Array, number: Array, *, upper: bool) -> Iterator[Array]:
    """Yield the terms of log(part/number) in the ends, of the values above or at most some x.

    `part` grows with one end, the number of all values with both.
    """
    own, whole = 1.0 / part, 1.0 / number
    yield np.log(part) - np.log(number)
    yield whole if upper else whole - own
    yield own - whole if upper else -whole
    yield whole**2 if upper else whole**2 - own**2
    yield -(whole**2)
    yield whole**2 - own**2 if upper else whole**2


def overlap_terms(lower: Array, upper: Array, begin: Array, end: Array) -> Iterator[Array]:
    """Yield the terms of the log share of (begin, end] that lies in (lower, upper], in its ends."""
    part = np.minimum(upper, end) - np.maximum(lower, begin)
    outside = part <= 0.0
    own, whole = 1.0 / np.where(outside, np.inf, part), 1.0 / (end - begin)
    by_begin, by_end = np.where(begin > lower, own, 0.0), np.where(end < upper, own, 0.0)
    whole = np.where(outside, 0.0, whole)
    yield np.where(outside, -np.inf, np.log(np.where(outside, 1.0, part) / (end - begin)))
    yield whole - by_begin
    yield by_end - whole
    yield whole**2 - by_begin**2
    yield by_begin * by_end - whole**2
    yield whole**2 - by_end**2


class Uniform(Family):
    r"""Uniform distribution on an interval.

    .. math:: f(x) = \frac1{b-a}, \quad a \le x \le b

    The estimates are the smallest and the largest observation, on the edge of what is possible:
    they have no standard errors.

    Parameters
    ----------
    lower : float
        a, in the unit of the data.
    upper : float
        b > a, in the unit of the data.

    Examples
    --------
    >>> Uniform(lower=2, upper=6).cdf(3)
    np.float64(0.25)
    """

    name = "uniform"
    parameters = (
        Parameter("lower", REAL, Unit.LOCATION, "smallest possible value"),
        Parameter("upper", REAL, Unit.LOCATION, "largest possible value"),
    )
    support = REAL_LINE
    how = "closed"
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return (np.zeros_like(x),)  # the extremes are all that counts, and they are the edges

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (zero,) = t
        width = theta[1] - theta[0]
        yield zero - np.log(width)
        yield 1.0 / width
        yield -1.0 / width
        yield from (1.0 / width**2, -1.0 / width**2, 1.0 / width**2)

    def edge_estimate(self, minimum: Array, maximum: Array) -> dict[str, Array]:
        return {"lower": minimum, "upper": maximum}

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array]:
        return [fixed["lower"], fixed["upper"]]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(sketch.minimum, sketch.maximum)]

    def valid(self, theta: Theta) -> NDArray[np.bool_]:
        return np.less(theta[0], theta[1])

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return (x < theta[0]) | (x > theta[1]) | self.support.outside(x)

    def ends(self, theta: Theta) -> tuple[ArrayLike, ArrayLike]:
        return theta[0], theta[1]

    def inner_point(self, theta: Theta) -> Array:
        return theta[0]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return np.clip((x - theta[0]) / (theta[1] - theta[0]), 0.0, 1.0)

    def _sf(self, x: Array, theta: Theta) -> Array:
        return np.clip((theta[1] - x) / (theta[1] - theta[0]), 0.0, 1.0)

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        lower, upper_end = theta
        part = upper_end - x if upper else x - lower
        return share_terms(part, upper_end - lower, upper=upper)

    def between_terms(self, lower: Array, upper: Array, theta: Theta) -> Iterator[Array]:
        return overlap_terms(lower, upper, *theta)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[0] + p * (theta[1] - theta[0])

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[1] - p * (theta[1] - theta[0])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.uniform(theta[0], theta[1], size)

    def _mean(self, theta: Theta) -> Array:
        return 0.5 * theta[0] + 0.5 * theta[1]

    def _variance(self, theta: Theta) -> Array:
        return (theta[1] - theta[0]) ** 2 / 12.0

    def _mode(self, theta: Theta) -> Array:
        return self._mean(theta)  # all values are equally likely

    def _entropy(self, theta: Theta) -> Array:
        return np.log(theta[1] - theta[0])
