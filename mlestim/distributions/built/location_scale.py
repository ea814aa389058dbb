"""Families of ``x = location + scale * z``, from the density of z alone."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from mlestim.distributions.base import Array, Family, Row, Theta
from mlestim.distributions.parameter import POSITIVE, REAL, Parameter, Unit
from mlestim.distributions.sketch import Sketch
from mlestim.distributions.terms import packed_size

LOCATION_AND_SCALE = (
    Parameter("location", REAL, Unit.LOCATION, "location"),
    Parameter("scale", POSITIVE, Unit.SCALE, "scale"),
)

# Newton steps to a quantile; a handful in light tails, more where it lies at 1e300.
MAX_QUANTILE_STEPS = 200


class LocationScale(Family):
    r"""A family with location, scale and shapes, in this order, given by its standard density.

    With g the log density of z, all derivatives follow from those of g in z and the shapes:

    .. math:: \frac{\partial}{\partial\mu} = -\frac{g'}{\sigma}, \qquad
        \frac{\partial}{\partial\sigma} = -\frac{1 + z g'}{\sigma}

    and so on: they are linear in the derivatives of g and their products with z and z².
    """

    @abstractmethod
    def standard_terms(self, z: Array, shapes: Theta) -> Iterator[Array]:
        """Yield g, its first derivatives in (z, shapes) and its second ones, packed as terms are.

        Derivatives in z have the shape of z.
        """

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        q = len(theta) - 1
        z = (x - theta[0]) * (1.0 / theta[1])
        g, *slopes = islice(self.standard_terms(z, theta[2:]), packed_size(q, order))
        rows: list[Row] = [g]
        if order > 0:
            rows += [*slopes[:q], (z, slopes[0])]
        if order > 1:
            second = slopes[q:]
            rows += [*second, *((z, row) for row in second[:q]), (z * second[0], z)]
        return rows

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        scale, q = theta[1], len(theta) - 1
        yield t[0] - np.log(scale)
        first, z_first = t[1 : 1 + q], t[1 + q]
        yield -first[0] / scale
        yield -(1.0 + z_first) / scale
        yield from first[1:]
        second, z_second, zz_second = t[2 + q : -q - 1], t[-q - 1 : -1], t[-1]
        yield second[0] / scale**2
        yield (first[0] + z_second[0]) / scale**2
        for mixed in second[1:q]:
            yield -mixed / scale
        yield (1.0 + 2.0 * z_first + zz_second) / scale**2
        for mixed in z_second[1:]:
            yield -mixed / scale
        yield from second[q:]

    def _ppf(self, p: Array, theta: Theta) -> Array:
        low = self._solved(np.minimum(p, 0.5), theta, lower=True)
        if np.all(p <= 0.5):
            return low
        return np.where(p <= 0.5, low, self._solved(1.0 - np.maximum(p, 0.5), theta, lower=False))

    def _isf(self, p: Array, theta: Theta) -> Array:
        high = self._solved(np.minimum(p, 0.5), theta, lower=False)
        if np.all(p <= 0.5):
            return high
        return np.where(p <= 0.5, high, self._solved(1.0 - np.maximum(p, 0.5), theta, lower=True))

    def _solved(self, p: Array, theta: Theta, *, lower: bool) -> Array:
        """Quantile of a tail's probability, by Newton on its log, with halving to be sure."""
        p, *parameters = np.broadcast_arrays(p, *theta)
        goal, x = np.log(p), parameters[0].astype(float)
        log_probability, sign = (self._logcdf, 1.0) if lower else (self._logsf, -1.0)
        low, high = np.full(x.shape, -np.inf), np.full(x.shape, np.inf)
        for _ in range(MAX_QUANTILE_STEPS):
            reached = log_probability(x, parameters)
            excess = sign * (reached - goal)
            low, high = np.where(excess <= 0.0, x, low), np.where(excess >= 0.0, x, high)
            with np.errstate(all="ignore"):  # where it fails the interval is halved
                slope = np.exp(self.terms(x, parameters, 0).value - reached)
                trial = x - excess / slope
                middle = 0.5 * low + 0.5 * high
            inside = (trial > low) & (trial < high)
            trial = np.where(inside, trial, np.where(np.isfinite(middle), middle, x))
            done = np.abs(trial - x) <= 2e-16 * np.abs(x)
            x = trial
            if np.all(done):
                break
        return x

    @staticmethod
    def standardized(x: Array, theta: Theta) -> Array:
        """Give z = (x − location)/scale."""
        return (x - theta[0]) / theta[1]


def sketched_skewness(sketch: Sketch) -> Array:
    """Skewness of the sketch's rows, 0 where they are tied."""
    z = (sketch.rows - sketch.mean[:, None]) / sketch.sd[:, None]
    return (z * z * z).mean(axis=-1)
