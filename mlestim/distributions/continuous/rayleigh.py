"""Rayleigh, half-normal and Maxwell: lengths of normal vectors in two, one and three dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Theta
from mlestim.distributions.built.scaled_chi import ScaledChi
from mlestim.distributions.intervals.standard import exponential_tail, in_scale
from mlestim.distributions.support import HALF_LINE


class Rayleigh(ScaledChi):
    r"""Rayleigh distribution: the length of a normal vector in the plane.

    .. math:: f(x) = \frac{x}{s^2} e^{-x^2/(2s^2)}, \quad x \ge 0

    The density at 0 is 0 whatever the scale: a row of exactly 0 makes the likelihood 0, and is
    refused by name. As an interval that begins at 0 it is welcome.

    Parameters
    ----------
    scale : float
        s > 0, the mode and the sd of each component, in the unit of the data.

    Examples
    --------
    >>> Rayleigh(scale=2).sf(2).round(4)
    np.float64(0.6065)
    """

    name = "rayleigh"
    dimension = 2.0
    of_tail, of_hazard = slice(0, 1), slice(1, 2)

    def own_tail_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (scale,) = theta
        ratio = t[0] / scale**2
        yield -0.5 * ratio
        yield ratio / scale
        yield -3.0 * ratio / scale**2

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return -self._half_square(x, theta)

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        return in_scale(exponential_tail(self._half_square(x, theta), own=upper), 2.0, theta[0])


class HalfNormal(ScaledChi):
    r"""Half-normal distribution: the size of a normal value of mean 0.

    .. math:: f(x) = \frac{\sqrt 2}{s\sqrt\pi} e^{-x^2/(2s^2)}, \quad x \ge 0

    Parameters
    ----------
    scale : float
        s > 0, the sd of the normal value, in the unit of the data.

    Examples
    --------
    >>> HalfNormal(scale=1).cdf(1.96).round(4)
    np.float64(0.95)
    """

    name = "half_normal"
    dimension = 1.0
    support = HALF_LINE
    decreasing = True

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return np.log(2.0) + sc.log_ndtr(-x / theta[0])


class Maxwell(ScaledChi):
    r"""Maxwell distribution: the length of a normal vector in space, as of speeds in a gas.

    .. math:: f(x) = \sqrt{\frac2\pi} \frac{x^2}{s^3} e^{-x^2/(2s^2)}, \quad x \ge 0

    The density at 0 is 0 whatever the scale; see `Rayleigh`.

    Parameters
    ----------
    scale : float
        s > 0, the sd of each component, in the unit of the data.

    Examples
    --------
    >>> Maxwell(scale=1).mode().round(4)
    np.float64(1.4142)
    """

    name = "maxwell"
    dimension = 3.0

    def _logsf(self, x: Array, theta: Theta) -> Array:
        z = x / theta[0]
        tail = sc.erfcx(z / np.sqrt(2.0)) + np.sqrt(2.0 / np.pi) * z
        return np.log(tail) - 0.5 * z**2
