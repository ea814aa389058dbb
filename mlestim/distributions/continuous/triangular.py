"""Triangular distribution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.intervals.tail import complement_terms
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import REAL, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.rows.triangle import Triangle
from mlestim.distributions.support import REAL_LINE

# Shares of the sample below the modes that a search begins at: there may be several maxima.
STARTS = (0.5, 0.02, 0.15, 0.3, 0.7, 0.85, 0.98)


class Triangular(Family):
    r"""Triangular distribution between ends that are known, unless they are freed.

    .. math:: f(x) = \frac{2}{b-a} \begin{cases} (x-a)/(c-a) & a \le x \le c \\
        (b-x)/(b-c) & c \le x \le b \end{cases}

    The estimate of the mode is the best of the observations. The density has a kink there, so that
    its standard error comes from the expected information, n/((c−a)(b−c)).

    With ``free=["lower", "upper"]``, or one of them, the ends are estimated with the mode. Their
    information is infinite, as the density falls to 0 there, so that the usual theory gives no
    standard errors. Where the best mode is the smallest or the largest observation, it is an end.

    Parameters
    ----------
    lower : float
        a, in the unit of the data; known unless freed.
    mode : float
        c between a and b, in the unit of the data.
    upper : float
        b > a, in the unit of the data; known unless freed.

    References
    ----------
    Kotz, S. and van Dorp, J. R. (2004), Beyond Beta, World Scientific, chapter 1.

    Examples
    --------
    >>> Triangular(lower=0, mode=1, upper=4).cdf(1)
    np.float64(0.25)
    """

    name = "triangular"
    parameters = (
        Parameter("lower", REAL, Unit.LOCATION, "smallest possible value"),
        Parameter("mode", REAL, Unit.LOCATION, "likeliest value"),
        Parameter("upper", REAL, Unit.LOCATION, "largest possible value"),
    )
    support = REAL_LINE
    how = "closed"
    kink = "mode"
    known_unless_freed = ("lower", "upper")
    regular = False

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (x,) = t
        lower, mode, upper = theta
        width = upper - lower
        left = x < mode
        # the side of the mode on which x lies: its end, and distances from there (with its sign)
        end, sign = np.where(left, lower, upper), np.where(left, 1.0, -1.0)
        distance, side = sign * (x - end), sign * (mode - end)
        # at the mode itself the height is 2/width even where a side has no length
        ratio = np.where(distance == side, 1.0, distance / np.where(side > 0.0, side, 1.0))
        yield np.log(2.0 / width) + np.log(ratio)
        yield from _side_derivatives(1.0, distance, side, width, left)

    def estimate_from_rows(
        self, rows: Array, weights: Array, fixed: dict[str, Array]
    ) -> Sequence[Array]:
        if not {"lower", "upper"} <= fixed.keys():
            every = range(len(rows))
            given = [{name: float(value[k]) for name, value in fixed.items()} for k in every]
            return list(np.array([_best(rows[k], weights[k], given[k]) for k in every]).T)
        lower, upper = fixed["lower"], fixed["upper"]
        from_lower = _side_value(rows - lower[:, None], weights)
        from_upper = _side_value(upper[:, None] - rows[:, ::-1], weights[:, ::-1])[:, ::-1]
        best = np.argmax(from_lower + from_upper, axis=-1)[:, None]
        return [lower, fixed.get("mode", np.take_along_axis(rows, best, axis=-1)[:, 0]), upper]

    def on_edge(self, theta: Theta) -> NDArray[np.bool_]:
        lower, mode, upper = theta
        return np.array([lower == mode, (lower == mode) | (mode == upper), mode == upper])

    def expected_information(self, theta: Theta) -> Array:
        lower, mode, upper = theta
        information = np.zeros((3, 3, *np.shape(mode)))
        information[0, 0] = information[2, 2] = np.inf
        information[1, 1] = 1.0 / ((mode - lower) * (upper - mode))
        return information

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        reach = 0.1 * (sketch.maximum - sketch.minimum)
        ends = sketch.minimum - reach, sketch.maximum + reach
        return [(ends[0], sketch.quantile(p), ends[1]) for p in STARTS]

    def limits(self) -> tuple[Limit, ...]:
        """With the mode at an end, which the formula for plain samples looks at too."""
        names = {"lower": "lower", "mode": "lower", "upper": "upper"}
        mirrored = {"lower": "upper", "mode": "lower", "upper": "lower"}
        return tuple(
            Limit("falling_triangular", targets, reflected=turned, attained=True, covered=True)
            for targets, turned in ((names, False), (mirrored, True))
        )

    def valid(self, theta: Theta) -> NDArray[np.bool_]:
        lower, mode, upper = theta
        return (lower <= mode) & (mode <= upper) & (lower < upper)

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return (x < theta[0]) | (x > theta[2]) | self.support.outside(x)

    def ends(self, theta: Theta) -> tuple[ArrayLike, ArrayLike]:
        return theta[0], theta[2]

    def inner_point(self, theta: Theta) -> Array:
        return theta[1]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        lower, mode, upper = theta
        return _probability(x - lower, upper - x, mode - lower, upper - mode)

    def _sf(self, x: Array, theta: Theta) -> Array:
        lower, mode, upper = theta
        return _probability(upper - x, x - lower, upper - mode, mode - lower)

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        left = x < theta[1]
        own = np.broadcast_arrays(*_side_terms(x, theta, left))
        other = complement_terms(iter(own), 3)
        for ours, others in zip(own, other, strict=True):
            yield np.where(left == upper, others, ours)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        lower, mode, upper = theta
        return np.where(
            p * (upper - lower) <= mode - lower,
            lower + np.sqrt(p * (upper - lower) * (mode - lower)),
            upper - np.sqrt((1.0 - p) * (upper - lower) * (upper - mode)),
        )

    def _isf(self, p: Array, theta: Theta) -> Array:
        lower, mode, upper = theta
        return -self._ppf(p, (-upper, -mode, -lower))

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.triangular(theta[0], theta[1], theta[2], size)

    def _mean(self, theta: Theta) -> Array:
        return (theta[0] + theta[1] + theta[2]) / 3.0

    def _variance(self, theta: Theta) -> Array:
        lower, mode, upper = theta
        return ((upper - lower) ** 2 - (mode - lower) * (upper - mode)) / 18.0

    def _mode(self, theta: Theta) -> Array:
        return theta[1] + 0.0 * (theta[0] + theta[2])

    def _entropy(self, theta: Theta) -> Array:
        return 0.5 + np.log(0.5 * (theta[2] - theta[0])) + 0.0 * theta[1]


def _best(rows: Array, weights: Array, fixed: Mapping[str, float]) -> tuple[float, float, float]:
    """Find the ends that are free, and the mode, of one sample."""
    kept = weights > 0.0
    x, place = np.unique(rows[kept], return_inverse=True)
    if len(x) < 2:  # no ends fit one value best
        return x[0], x[0], x[0]
    ends = (fixed.get(name, np.nan) for name in ("lower", "upper"))
    return Triangle(x, np.bincount(place, weights[kept]).astype(float), *ends).best(
        fixed.get("mode")
    )


def _side_value(distance: Array, weights: Array) -> Array:
    """Sum, for every row as the mode, of log(distance/its distance) over the rows before it."""
    logs, nothing = sc.xlogy(weights, distance), np.zeros_like(distance[:, :1])
    before = np.cumsum(weights[:, :-1], axis=-1)
    sums = np.cumsum(logs[:, :-1], axis=-1) - sc.xlogy(before, distance[:, 1:])
    return np.concatenate([nothing, sums], axis=-1)


def _side_terms(x: Array, theta: Theta, left: NDArray[np.bool_]) -> Iterator[Array]:
    """Yield the terms of the log probability between x and the end on its side of the mode."""
    lower, mode, upper = theta
    end, sign = np.where(left, lower, upper), np.where(left, 1.0, -1.0)
    distance, side = sign * (x - end), sign * (mode - end)
    side = np.where(side > 0.0, side, 1.0)  # a side without length holds no x
    width = upper - lower
    yield 2.0 * np.log(distance) - np.log(width) - np.log(side)
    yield from _side_derivatives(2.0, distance, side, width, left)


def _side_derivatives(
    power: float, distance: Array, side: Array, width: Array, left: NDArray[np.bool_]
) -> Iterator[Array]:
    """Yield the derivatives of log(distance^power/(width · side)) in lower end, mode and upper end."""
    sign = np.where(left, 1.0, -1.0)
    of_end = sign * (1.0 / side - power / distance)
    yield np.where(left, of_end, 0.0) + 1.0 / width
    yield -sign / side
    yield np.where(left, 0.0, of_end) - 1.0 / width
    flat, slope = 1.0 / width**2, 1.0 / side**2
    bend = slope - power / distance**2
    yield np.where(left, bend, 0.0) + flat
    yield np.where(left, -slope, 0.0)
    yield -flat
    yield slope
    yield np.where(left, 0.0, -slope)
    yield np.where(left, 0.0, bend) + flat


def _probability(near: Array, far: Array, near_side: Array, far_side: Array) -> Array:
    """Probability between an end and x, from the distances of x and of the mode to both ends."""
    width = near_side + far_side
    rising = np.maximum(near, 0.0) ** 2 / (width * np.where(near_side > 0.0, near_side, 1.0))
    rest = np.maximum(far, 0.0) ** 2 / (width * np.where(far_side > 0.0, far_side, 1.0))
    return np.where(near <= near_side, np.minimum(rising, 1.0), 1.0 - rest)
