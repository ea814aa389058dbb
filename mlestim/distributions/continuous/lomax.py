"""Lomax distribution, the Pareto distribution of the second kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.limit import Limit
from mlestim.distributions.links import LinearLink
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import HALF_LINE
from mlestim.distributions.tails.own import OwnTail


class Lomax(OwnTail, Family):
    r"""Lomax distribution: a Pareto distribution that begins at 0.

    .. math:: f(x) = \frac{a}{s} \left(1 + \frac xs\right)^{-a-1}, \quad x \ge 0

    It is the generalized Pareto distribution with a shape 1/a above 0. As a and s grow together it
    becomes the exponential. Where the coefficient of variation of the sample (divisor n) exceeds 1,
    the likelihood has an interior maximum above that; below 1 it may have one all the same, when
    many rows are close to 0. Zeros make it unbounded where a is small; the estimate is sought above
    that.

    Parameters
    ----------
    shape : float
        a > 0; moments below order a are finite.
    scale : float
        s > 0, in the unit of the data.

    References
    ----------
    del Castillo, J. and Daoudi, J. (2009), Statistics and Probability Letters 79, 684-688
    (the coefficient of variation and the maximum).

    Examples
    --------
    >>> Lomax(shape=3, scale=10).mean()
    np.float64(5.0)
    """

    name = "lomax"
    parameters = (
        Parameter("shape", POSITIVE, Unit.NONE, "shape, small for a heavy tail"),
        Parameter("scale", POSITIVE, Unit.SCALE, "scale"),
    )
    support = HALF_LINE
    how = "profile"
    half_line = True
    concentrates = False  # its density falls from 0 on, whatever the parameters
    decreasing = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        ratio = x * (1.0 / theta[1])
        share = ratio / (1.0 + ratio)
        return np.log1p(ratio), share, (share, share)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        log_ratio, share, square = t
        shape, scale = theta
        one_more = shape + 1.0
        yield np.log(shape) - np.log(scale) - one_more * log_ratio
        yield 1.0 / shape - log_ratio
        yield (one_more * share - 1.0) / scale
        yield -1.0 / shape**2
        yield share / scale
        yield (1.0 - one_more * (2.0 * share - square)) / scale**2

    @property
    def link(self) -> LinearLink:
        # near the exponential only the quotient of the two is well determined
        return LinearLink(self.parameters, [[1.0, 0.0], [-1.0, 1.0]])

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        median = np.maximum(sketch.quantile(0.5), 1e-3 * sketch.mean)
        median = np.where(median > 0.0, median, 1e-3)
        lowest = self.regular_region(sketch)["shape"][0]
        shapes = [2.0 * lowest + shape for shape in (0.3, 1.0, 3.0, 20.0)]
        return [(shape, median / np.expm1(np.log(2.0) / shape)) for shape in shapes]

    def regular_region(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        return _without_spike(np.mean(sketch.rows == 0.0, axis=-1))

    def region_when_shifted(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        return _without_spike(np.mean(sketch.rows == sketch.rows[:, :1], axis=-1))

    def limits(self) -> tuple[Limit, ...]:
        return (Limit("exponential", {"shape": np.inf, "scale": np.inf}),)

    def own_tail_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        log_ratio, share, square = t
        shape, scale = theta
        yield -shape * log_ratio
        yield -log_ratio
        yield shape * share / scale
        yield np.zeros(())
        yield share / scale
        yield -shape * (2.0 * share - square) / scale**2

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return _value_at(-np.log1p(-p), theta)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return _value_at(-np.log(p), theta)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return _value_at(rng.standard_exponential(size), theta)

    def _mean(self, theta: Theta) -> Array:
        shape, scale = theta
        return np.where(shape > 1.0, scale / np.where(shape > 1.0, shape - 1.0, 1.0), np.inf)

    def _variance(self, theta: Theta) -> Array:
        shape, scale = theta
        safe = np.where(shape > 2.0, shape, 3.0)
        finite = scale**2 * safe / ((safe - 1.0) ** 2 * (safe - 2.0))
        return np.where(shape > 2.0, finite, np.where(shape > 1.0, np.inf, np.nan))

    def _mode(self, theta: Theta) -> Array:
        return 0.0 * theta[1]

    def _entropy(self, theta: Theta) -> Array:
        return np.log(theta[1] / theta[0]) + 1.0 / theta[0] + 1.0


def _value_at(y: Array, theta: Theta) -> Array:
    """Solve a log(1 + x/s) = y for x."""
    with np.errstate(over="ignore"):  # beyond the largest number: infinite
        return theta[1] * np.expm1(y / theta[0])


def _without_spike(share: Array) -> dict[str, tuple[Array, Array]]:
    """With a share of the rows at 0 the likelihood grows as scale^(shape (1−share) − share)."""
    share = np.minimum(share, 1.0 - 1e-9)
    return {"shape": (share / (1.0 - share), np.full_like(share, np.inf))}
