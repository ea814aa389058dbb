"""Cauchy distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Size, Theta
from mlestim.distributions.built.location_scale import LOCATION_AND_SCALE, LocationScale
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE

# Locations at which the search starts: with the scale known, the likelihood may have a maximum at
# every observation.
N_STARTS = 9
# A scale this small, in units of the bulk, belongs to a tie and not to a maximum.
VANISHING_SCALE = 1e-3


class Cauchy(LocationScale):
    r"""Cauchy distribution.

    .. math:: f(x) = \frac{1}{\pi\sigma(1 + z^2)}, \quad z = \frac{x-\mu}{\sigma}

    With both parameters free the likelihood has one maximum, unless half of the sample or more is
    tied at one value; where each half is, at two values, it is the same on a whole half circle. With
    the scale known it may have many maxima: the search starts from several.

    Parameters
    ----------
    location : float
        μ, the median and mode, in the unit of the data.
    scale : float
        σ > 0, half the interquartile range, in the unit of the data.

    References
    ----------
    Copas, J. B. (1975), On the unimodality of the likelihood for the Cauchy distribution,
    Biometrika 62, 701-704.

    Examples
    --------
    >>> Cauchy(location=0, scale=1).sf(1).round(4)
    np.float64(0.25)
    """

    name = "cauchy"
    parameters = LOCATION_AND_SCALE
    support = REAL_LINE

    def standard_terms(self, z: Array, shapes: Theta) -> Iterator[Array]:
        square = z * z
        u = 1.0 / (1.0 + square)
        yield -np.log1p(square) - np.log(np.pi)
        yield -2.0 * z * u
        yield 2.0 * ((square - 1.0) * u) * u

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        half_range = 0.5 * (sketch.quantile(0.75) - sketch.quantile(0.25))
        half_range = np.where(half_range > 0.0, half_range, 1e-3 * sketch.sd)
        # two values alone: as high as any, where each half of the rows is at one
        half_range = np.where(
            _only_ends(sketch), 0.5 * (sketch.maximum - sketch.minimum), half_range
        )
        levels = np.linspace(0.0, 1.0, N_STARTS)
        levels = levels[np.argsort(np.abs(levels - 0.5), kind="stable")]
        return [(sketch.quantile(level), half_range) for level in levels]

    def not_identified(self, sketch: Sketch, free: frozenset[str]) -> NDArray[np.bool_] | None:
        candidates = _only_ends(sketch)
        if len(free) < 2 or not np.any(candidates):
            return None
        # the variance is as large as it can be where each half of the weight is at an end
        _, variance = sketch.exact_moments()
        half_range = 0.5 * (sketch.maximum - sketch.minimum)
        return candidates & (variance >= half_range**2 * (1.0 - 1e-12))

    def degenerate(self, theta: Theta, sketch: Sketch, weight: Array) -> NDArray[np.bool_]:
        # with half of the rows tied the likelihood rises slowly towards a finite height
        return (sketch.largest_tie >= 0.5) & (theta[1] < VANISHING_SCALE)

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return np.arctan2(1.0, -self.standardized(x, theta)) / np.pi

    def _sf(self, x: Array, theta: Theta) -> Array:
        return np.arctan2(1.0, self.standardized(x, theta)) / np.pi

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[0] - theta[1] / _tangent(p)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[0] + theta[1] / _tangent(p)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return theta[0] + theta[1] * rng.standard_cauchy(size)

    def _mean(self, theta: Theta) -> Array:
        return np.full(np.broadcast_shapes(*(value.shape for value in theta)), np.nan)

    def _variance(self, theta: Theta) -> Array:
        return self._mean(theta)

    def _mode(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * theta[1]

    def _entropy(self, theta: Theta) -> Array:
        return np.log(4.0 * np.pi * theta[1]) + 0.0 * theta[0]


def _only_ends(sketch: Sketch) -> NDArray[np.bool_]:
    """Whether the rows have two values, as far as the sketch shows."""
    at_ends = (sketch.rows == sketch.minimum[:, None]) | (sketch.rows == sketch.maximum[:, None])
    several: NDArray[np.bool_] = sketch.maximum > sketch.minimum
    return at_ends.all(axis=-1) & several


def _tangent(p: Array) -> Array:
    """tan(πp), whose reciprocal is 0 at p = 1/2."""
    return np.tan(np.pi * p)
