"""Gompertz distribution of lifetimes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.limit import Limit
from mlestim.distributions.links import LinearLink
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import HALF_LINE
from mlestim.distributions.tails.own import OwnTail


class Gompertz(OwnTail, Family):
    r"""Gompertz distribution: the hazard of death grows exponentially with age.

    .. math:: f(x) = \frac{a}{s} e^{x/s} \exp\left(-a(e^{x/s} - 1)\right), \quad x \ge 0

    Its hazard is (a/s) exp(x/s). As a and s grow together it becomes the exponential: in
    (a/s, 1/s) the likelihood with the first maximised out is concave, and has an interior maximum
    exactly when the coefficient of variation of the sample (divisor n) is below 1. Rows that lie
    close together far from 0 make a smaller than any number: what is left is a Gumbel distribution
    of minima.

    Parameters
    ----------
    shape : float
        a > 0.
    scale : float
        s > 0, in the unit of the data: the age over which the hazard grows e times.

    References
    ----------
    Garg, M. L., Rao, B. R. and Redmond, C. K. (1970), Journal of the Royal Statistical Society C
    19, 152-159.

    Examples
    --------
    >>> Gompertz(shape=0.01, scale=12).median().round(3)
    np.float64(51.036)
    """

    name = "gompertz"
    parameters = (
        Parameter("shape", POSITIVE, Unit.NONE, "shape; shape/scale is the hazard at 0"),
        Parameter("scale", POSITIVE, Unit.SCALE, "scale, over which the hazard grows e times"),
    )
    support = HALF_LINE
    how = "profile"
    half_line = True
    of_hazard = slice(0, 1)
    # the density may rise, but at the best shape the likelihood rises with a free location
    decreasing = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        age = x * (1.0 / theta[1])
        growth = np.expm1(age)
        return age, growth, (growth, age), (age, age), (growth * age, age)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        age, growth, growth_age, square, growth_square = t
        shape, scale = theta
        slope = growth_age + age  # of growth in −log scale
        curve = growth_square + square
        yield np.log(shape) - np.log(scale) + age - shape * growth
        yield 1.0 / shape - growth
        yield (shape * slope - age - 1.0) / scale
        yield -1.0 / shape**2
        yield slope / scale
        yield (1.0 + 2.0 * age - shape * (2.0 * slope + curve)) / scale**2

    @property
    def link(self) -> LinearLink:
        # near the exponential only the quotient of the two is well determined
        return LinearLink(self.parameters, [[1.0, -1.0], [0.0, 1.0]])

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        # for each scale the best shape is 1 / mean(e^(x/s) − 1); rows far from 0 are nearly those
        # of a Gumbel distribution of minima, whose spread shows the scale
        largest = np.where(sketch.maximum > 0.0, sketch.maximum, 1.0)
        starts = []
        for scale in (
            largest / 10.0,
            largest / 3.0,
            2.0 * largest,
            sketch.sd * np.sqrt(6.0) / np.pi,
        ):
            rows = np.minimum(sketch.rows / scale[:, None], 700.0)
            starts.append((1.0 / np.maximum(np.expm1(rows).mean(axis=-1), 1e-300), scale))
        return starts

    def limits(self) -> tuple[Limit, ...]:
        return (
            Limit("exponential", {"shape": np.inf, "scale": np.inf}),
            Limit("gumbel_min", {"shape": 0.0, "scale": "scale"}, underflow=True),
        )

    def limit_reached(self, sketch: Sketch) -> NDArray[np.bool_]:
        mean, variance = sketch.exact_moments()
        return variance >= mean**2 * (1.0 - 1e-12)

    def own_tail_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        age, growth, growth_age, square, growth_square = t
        shape, scale = theta
        slope = growth_age + age
        yield -shape * growth
        yield -growth
        yield shape * slope / scale
        yield np.zeros(())
        yield slope / scale
        yield -shape * (2.0 * slope + growth_square + square) / scale**2

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[1] * np.log1p(-np.log1p(-p) / theta[0])

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[1] * np.log1p(-np.log(p) / theta[0])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return theta[1] * np.log1p(rng.standard_exponential(size) / theta[0])

    def _mean(self, theta: Theta) -> Array:
        return theta[1] * _scaled_exponential_integral(theta[0])

    def _mode(self, theta: Theta) -> Array:
        return theta[1] * np.maximum(-np.log(theta[0]), 0.0)

    def _entropy(self, theta: Theta) -> Array:
        shape, scale = theta
        return np.log(scale) - np.log(shape) - _scaled_exponential_integral(shape) + 1.0


def _scaled_exponential_integral(a: Array) -> Array:
    """Compute e^a E₁(a), far out by its asymptotic series, whose terms alternate."""
    near = np.minimum(a, 100.0)
    inverse = 1.0 / np.maximum(a, 100.0)
    series = np.ones_like(inverse)
    for k in range(20, 0, -1):
        series = 1.0 - k * inverse * series
    return np.where(a > 100.0, inverse * series, np.exp(near) * sc.exp1(near))
