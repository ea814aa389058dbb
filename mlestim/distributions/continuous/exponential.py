"""Exponential distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.intervals.standard import exponential_tail, in_scale
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import HALF_LINE


class Exponential(Family):
    r"""Exponential distribution.

    .. math:: f(x) = \frac1s e^{-x/s}, \quad x \ge 0

    Parameters
    ----------
    scale : float
        s > 0, the mean, in the unit of the data (the rate is 1/s).

    Examples
    --------
    >>> Exponential(scale=2).sf(2).round(4)
    np.float64(0.3679)
    """

    name = "exponential"
    parameters = (Parameter("scale", POSITIVE, Unit.SCALE, "mean"),)
    support = HALF_LINE
    how = "closed"
    half_line = True
    decreasing = True
    sufficient = True
    of_hazard = slice(0, 0)

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return (x,)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (scale,) = theta
        ratio = t[0] / scale
        yield -np.log(scale) - ratio
        yield (ratio - 1.0) / scale
        yield (1.0 - 2.0 * ratio) / scale**2

    def own_tail_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (scale,) = theta
        ratio = t[0] / scale
        yield -ratio
        yield ratio / scale
        yield -2.0 * ratio / scale**2

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array]:
        return [fixed.get("scale", t[0])]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(sketch.mean,)]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return -np.expm1(-x / theta[0])

    def _sf(self, x: Array, theta: Theta) -> Array:
        return np.exp(-x / theta[0])

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return -x / theta[0]

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        return in_scale(exponential_tail(x / theta[0], own=upper), 1.0, theta[0])

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return -theta[0] * np.log1p(-p)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return -theta[0] * np.log(p)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.exponential(theta[0], size)

    def _mean(self, theta: Theta) -> Array:
        return theta[0]

    def _variance(self, theta: Theta) -> Array:
        return theta[0] ** 2

    def _mode(self, theta: Theta) -> Array:
        return np.zeros_like(theta[0])

    def _entropy(self, theta: Theta) -> Array:
        return 1.0 + np.log(theta[0])
