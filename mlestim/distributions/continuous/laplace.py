"""Laplace distributions, symmetric and asymmetric."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.built.location_scale import LOCATION_AND_SCALE, LocationScale
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.cells import Cells
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE

# Newton steps to the asymmetry at each candidate location; a concave function of its logarithm.
ASYMMETRY_STEPS = 60


class Laplace(LocationScale):
    r"""Laplace (double exponential) distribution.

    .. math:: f(x) = \frac{1}{2\sigma} e^{-|x-\mu|/\sigma}

    The estimates are the median and the mean distance from it. The density has a kink at μ, so
    that standard errors come from the expected information.

    Parameters
    ----------
    location : float
        μ, the median, in the unit of the data.
    scale : float
        σ > 0, the mean distance from μ, in the unit of the data.

    Examples
    --------
    >>> Laplace(location=0, scale=1).cdf(np.log(2))
    np.float64(0.75)
    """

    name = "laplace"
    parameters = LOCATION_AND_SCALE
    support = REAL_LINE
    how = "closed"
    kink = "location"

    def standard_terms(self, z: Array, shapes: Theta) -> Iterator[Array]:
        yield -np.abs(z) - np.log(2.0)
        yield -np.sign(z)
        yield np.zeros_like(z)

    def estimate_from_rows(
        self, rows: Array, weights: Array, fixed: dict[str, Array]
    ) -> Sequence[Array]:
        half = np.full((len(rows), 1), 0.5)
        location = fixed.get("location", weighted_quantile(rows, weights, half))
        distance = np.abs(rows - location[:, None])
        mean_distance = np.vecdot(weights, distance) / weights.sum(axis=-1)
        return [location, fixed.get("scale", mean_distance)]

    def cells_in_question(self, cells: Cells) -> NDArray[np.bool_]:
        below = cells.counts_below
        half = 0.5 * below[-1]
        return (below[:-1] - 1.0 <= half) & (half <= below[1:] + 1.0)

    def expected_information(self, theta: Theta) -> Array:
        return np.eye(2)[:, :, None] / theta[1] ** 2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        centre = sketch.quantile(0.5)
        return [(centre, np.abs(sketch.rows - centre[:, None]).mean(axis=-1))]

    @staticmethod
    def _log_lower(z: Array) -> Array:
        tail = 0.5 * np.exp(-np.abs(z))
        return np.where(z < 0.0, z - np.log(2.0), np.log1p(-tail))

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return self._log_lower(self.standardized(x, theta))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return self._log_lower(-self.standardized(x, theta))

    @staticmethod
    def _lower_quantile(p: Array) -> Array:
        return np.where(p < 0.5, np.log(2.0 * p), -np.log(2.0) - np.log1p(-p))

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[0] + theta[1] * self._lower_quantile(p)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[0] - theta[1] * self._lower_quantile(p)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.laplace(theta[0], theta[1], size)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * theta[1]

    def _variance(self, theta: Theta) -> Array:
        return 2.0 * theta[1] ** 2 + 0.0 * theta[0]

    def _mode(self, theta: Theta) -> Array:
        return self._mean(theta)

    def _entropy(self, theta: Theta) -> Array:
        return 1.0 + np.log(2.0 * theta[1]) + 0.0 * theta[0]


class AsymmetricLaplace(Family):
    r"""Asymmetric Laplace distribution: exponential on both sides, at different rates.

    .. math:: f(x) = \frac{1}{\sigma(\kappa + 1/\kappa)}
        \begin{cases} e^{-\kappa z} & z \ge 0 \\ e^{z/\kappa} & z < 0 \end{cases},
        \quad z = \frac{x-\mu}{\sigma}

    The estimate is exact: the location is one of the observations. As κ → 0 it becomes the
    exponential with a location, as κ → ∞ its reflection; where they are the likeliest the verdict
    is at infinity. Standard errors come from the expected information.

    Parameters
    ----------
    location : float
        μ, the mode, in the unit of the data.
    scale : float
        σ > 0, in the unit of the data.
    asymmetry : float
        κ > 0; values below 1 make the upper tail the longer one.

    References
    ----------
    Kotz, S., Kozubowski, T. J. and Podgórski, K. (2001), The Laplace Distribution and
    Generalizations, Birkhäuser, section 3.5.

    Examples
    --------
    >>> AsymmetricLaplace(location=0, scale=1, asymmetry=0.5).cdf(0).round(4)
    np.float64(0.2)
    """

    name = "asymmetric_laplace"
    parameters = (
        *LOCATION_AND_SCALE,
        Parameter("asymmetry", POSITIVE, Unit.NONE, "ratio of the tails; 1 is symmetric"),
    )
    support = REAL_LINE
    how = "profile"
    kink = "location"

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        z = (x - theta[0]) * (1.0 / theta[1])
        above, below = np.maximum(z, 0.0), np.maximum(-z, 0.0)
        return above, below, (z > 0.0).astype(float), (z < 0.0).astype(float)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        above, below, is_above, is_below = t
        _, scale, kappa = theta
        distance = kappa * above + below / kappa
        side = kappa * is_above - is_below / kappa
        spread = kappa**2 + 1.0
        yield np.log(kappa) - np.log(scale) - np.log(spread) - distance
        yield side / scale
        yield (distance - 1.0) / scale
        yield 1.0 / kappa - 2.0 * kappa / spread - above + below / kappa**2
        yield np.zeros_like(above)
        yield -side / scale**2
        yield (is_above + is_below / kappa**2) / scale
        yield (1.0 - 2.0 * distance) / scale**2
        yield (above - below / kappa**2) / scale
        constant = -1.0 / kappa**2 - 2.0 * (1.0 - kappa**2) / spread**2
        yield constant - 2.0 * below / kappa**3

    def estimate_from_rows(
        self, rows: Array, weights: Array, fixed: dict[str, Array]
    ) -> Sequence[Array]:
        location = self._candidates(rows, weights, fixed)
        above, below = distances(rows, weights, location)
        known_scale, known_kappa = (fixed.get(name) for name in ("scale", "asymmetry"))
        if known_kappa is not None:
            kappa = np.broadcast_to(known_kappa[:, None], above.shape)
        elif known_scale is not None:
            kappa = best_asymmetry(above / known_scale[:, None], below / known_scale[:, None])
        else:
            # where all rows are on one side the limits, which are fitted for themselves, are better
            both = (above > 0.0) & (below > 0.0)
            kappa = np.where(both, np.sqrt(np.sqrt(below / above)), 1.0)
        scale = kappa * above + below / kappa if known_scale is None else known_scale[:, None]
        distance = kappa * above + below / kappa
        value = np.log(kappa) - np.log(scale) - np.log1p(kappa**2) - distance / scale
        best = np.argmax(value, axis=-1)[:, None]
        chosen = (location, np.broadcast_to(scale, above.shape), kappa)
        return [np.take_along_axis(part, best, axis=-1)[:, 0] for part in chosen]

    def cells_in_question(self, cells: Cells) -> NDArray[np.bool_]:
        # the likelihood falls with √above + √below, one of which rises with the location
        above, below = (np.sqrt(distance) for distance in cells.distances())
        least = above[1:] + below[:-1]
        return least <= np.min(above + below) * (1.0 + 1e-9)

    @staticmethod
    def _candidates(rows: Array, weights: Array, fixed: dict[str, Array]) -> Array:
        """Locations among which the best one is, shape (problems, candidates)."""
        if "location" in fixed:
            return fixed["location"][:, None]
        if "asymmetry" in fixed:
            square = fixed["asymmetry"][:, None] ** 2
            return weighted_quantile(rows, weights, square / (1.0 + square))[:, None]
        return rows

    def expected_information(self, theta: Theta) -> Array:
        # in the rates p = κ/σ above and q = 1/(κσ) below, and the location
        _, scale, kappa = theta
        p, q = kappa / scale, 1.0 / (kappa * scale)
        total, zero, one = p + q, np.zeros_like(p), np.ones_like(p)
        both = -1.0 / total**2
        information = np.array(
            [
                [1.0 / p**2 + both, both, -q / total],
                [both, 1.0 / q**2 + both, p / total],
                [-q / total, p / total, p * q],
            ]
        )
        jacobian = np.array(
            [[zero, -p / scale, p / kappa], [zero, -q / scale, -q / kappa], [one, zero, zero]]
        )
        return np.einsum("ji...,jk...,kl...->il...", jacobian, information, jacobian)

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        centre = sketch.quantile(0.5)
        spread = np.abs(sketch.rows - centre[:, None]).mean(axis=-1)
        return [(centre, spread, np.ones_like(centre))]

    def limits(self) -> tuple[Limit, ...]:
        upper: dict[str, str | float] = {"location": "location", "scale": 0.0, "asymmetry": 0.0}
        return (
            Limit("exponential", upper, shifted=True),
            Limit("exponential", upper | {"asymmetry": np.inf}, shifted=True, reflected=True),
        )

    @staticmethod
    def _log_lower(z: Array, kappa: Array) -> Array:
        """Log probability of a standard value below z."""
        square = kappa**2
        lower = np.minimum(z, 0.0) / kappa - np.log1p(1.0 / square)
        upper = np.log1p(-np.exp(-kappa * np.maximum(z, 0.0)) / (1.0 + square))
        return np.where(z < 0.0, lower, upper)

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return self._log_lower((x - theta[0]) / theta[1], theta[2])

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return self._log_lower((theta[0] - x) / theta[1], 1.0 / theta[2])

    @staticmethod
    def _lower_quantile(p: Array, kappa: Array) -> Array:
        square = kappa**2
        low = kappa * (np.log(p) + np.log1p(1.0 / square))
        high = -(np.log1p(-p) + np.log1p(square)) / kappa
        return np.where(p * (1.0 + square) < square, low, high)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[0] + theta[1] * self._lower_quantile(p, theta[2])

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[0] - theta[1] * self._lower_quantile(p, 1.0 / theta[2])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        above, below = rng.standard_exponential(size), rng.standard_exponential(size)
        return theta[0] + theta[1] * (above / theta[2] - below * theta[2])

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + theta[1] * (1.0 / theta[2] - theta[2])

    def _variance(self, theta: Theta) -> Array:
        return theta[1] ** 2 * (1.0 / theta[2] ** 2 + theta[2] ** 2) + 0.0 * theta[0]

    def _mode(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * (theta[1] + theta[2])

    def _entropy(self, theta: Theta) -> Array:
        return 1.0 + np.log(theta[1] * (theta[2] + 1.0 / theta[2])) + 0.0 * theta[0]


def weighted_quantile(rows: Array, weights: Array, p: Array) -> Array:
    """Middle of the values that split sorted rows so that a share p of the weight lies below.

    `p` has shape (problems, 1).
    """
    reached = np.cumsum(weights, axis=-1)
    goal = p * reached[:, -1:]
    slack = 1e-12 * reached[:, -1:]
    first = np.argmax(reached >= goal - slack, axis=-1)[:, None]
    beyond = np.argmax(reached > goal + slack, axis=-1)[:, None]
    low, high = (np.take_along_axis(rows, k, axis=-1)[:, 0] for k in (first, beyond))
    return low + 0.5 * (high - low)


def distances(rows: Array, weights: Array, points: Array) -> tuple[Array, Array]:
    """Mean of (row − point)₊ and of (point − row)₊, the points being the sorted rows or one point."""
    total = weights.sum(axis=-1, keepdims=True)
    if points.shape[-1] == 1:
        gap = rows - points
        above = np.vecdot(weights, np.maximum(gap, 0.0))[:, None]
        return above / total, np.vecdot(weights, np.maximum(-gap, 0.0))[:, None] / total
    steps = np.diff(rows, axis=-1)
    reached = np.cumsum(weights, axis=-1)[:, :-1]  # weight that each step moves away from
    nothing = np.zeros_like(total)
    below = np.concatenate([nothing, np.cumsum(reached * steps, axis=-1)], axis=-1)
    ahead = ((total - reached) * steps)[:, ::-1]
    above = np.concatenate([nothing, np.cumsum(ahead, axis=-1)], axis=-1)[:, ::-1]
    return above / total, below / total


def best_asymmetry(above: Array, below: Array) -> Array:
    """Maximise −log(κ + 1/κ) − κ above − below/κ, which is concave in log κ."""
    t = np.zeros_like(above)
    for _ in range(ASYMMETRY_STEPS):
        rise, fall = below * np.exp(-t), above * np.exp(t)
        slope = rise - fall - np.tanh(t)
        step = slope / (rise + fall + 1.0 / np.cosh(t) ** 2)
        t += np.clip(step, -1.0, 1.0)
        if np.all(np.abs(step) < 1e-15):
            break
    return np.exp(t)
