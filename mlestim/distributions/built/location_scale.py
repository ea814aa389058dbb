"""Families of ``x = location + scale * z``, from the density of z alone."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from mlestim.distributions.base import Array, Family, Row, Theta
from mlestim.distributions.parameter import POSITIVE, REAL, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.tails.quadrature import tail_quantile
from mlestim.distributions.terms import packed_size

LOCATION_AND_SCALE = (
    Parameter("location", REAL, Unit.LOCATION, "location"),
    Parameter("scale", POSITIVE, Unit.SCALE, "scale"),
)


class LocationScale(Family):
    r"""A family with location, scale and shapes, in this order, given by its standard density.

    With g the log density of z, all derivatives follow from those of g in z and the shapes:

    .. math:: \frac{\partial}{\partial\mu} = -\frac{g'}{\sigma}, \qquad
        \frac{\partial}{\partial\sigma} = -\frac{1 + z g'}{\sigma}

    and so on: they are linear in the derivatives of g and their products with z and z².
    """

    costly = True

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
        return self._by_newton(p, theta, lower=True)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return self._by_newton(p, theta, lower=False)

    def _by_newton(self, p: Array, theta: Theta, *, lower: bool) -> Array:
        """Quantile from the tail whose probability is the smaller one."""
        p, *parameters = np.broadcast_arrays(p, *theta)
        own = self._from_tail(np.minimum(p, 0.5), parameters, lower=lower)
        if np.all(p <= 0.5):
            return own
        rest = self._from_tail(1.0 - np.maximum(p, 0.5), parameters, lower=not lower)
        return np.where(p <= 0.5, own, rest)

    def _from_tail(self, p: Array, theta: Theta, *, lower: bool) -> Array:
        hook = self._logcdf if lower else self._logsf
        return tail_quantile(
            lambda x: hook(x, theta),
            lambda x: self.terms(x, theta, 0).value,
            p,
            theta[0],
            lower=lower,
        )

    @staticmethod
    def standardized(x: Array, theta: Theta) -> Array:
        """Give z = (x − location)/scale."""
        return (x - theta[0]) / theta[1]


def sketched_skewness(sketch: Sketch) -> Array:
    """Skewness of the sketch's rows, 0 where they are tied."""
    z = (sketch.rows - sketch.mean[:, None]) / sketch.sd[:, None]
    return (z * z * z).mean(axis=-1)
