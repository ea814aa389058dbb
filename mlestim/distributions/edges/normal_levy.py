"""A normal inverse Gaussian distribution as skewed as it can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Size, Theta
from mlestim.distributions.built.location_scale import LOCATION_AND_SCALE, LocationScale
from mlestim.distributions.continuous.normal_inverse_gaussian import (
    lack_of_ratio,
    log_k1_slopes,
    standard_mode,
)
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE
from mlestim.distributions.tails.quadrature import QuadratureTails


class NormalLevy(QuadratureTails, LocationScale):
    r"""A normal variable whose mean and variance are Lévy distributed.

    .. math:: f(x) = \frac{a K_1(aq)}{\pi\sigma q} e^{az}, \quad z = \frac{x-\mu}{\sigma},
        \quad q = \sqrt{1+z^2}

    A normal variable with mean μ + σaV and variance σ²V, where V is Lévy: the normal inverse
    Gaussian distribution with skewness equal to the tail. Its upper tail has no mean.

    Parameters
    ----------
    location : float
        μ, in the unit of the data.
    scale : float
        σ > 0, in the unit of the data.
    tail : float
        a > 0; small where the lower tail is heavy, too.

    Examples
    --------
    >>> NormalLevy(location=0, scale=1, tail=2).mean()
    np.float64(inf)
    """

    name = "normal_levy"
    parameters = (
        *LOCATION_AND_SCALE,
        Parameter("tail", POSITIVE, Unit.NONE, "steepness of the lower tail"),
    )
    support = REAL_LINE

    def standard_terms(self, z: Array, shapes: Theta) -> Iterator[Array]:
        (a,) = shapes
        q = np.hypot(1.0, z)
        u, in_q = a * q, 1.0 / q
        scaled = sc.k1e(u)
        lead = np.where(z > 0.0, 1.0 / (q + np.abs(z)), q - z)  # q − z
        yield np.log(a / np.pi) - a * lead + np.log(scaled) - np.log(q)
        ratio = sc.k0e(u) / scaled
        slope, bend = log_k1_slopes(u, ratio)
        direction = z * in_q
        # far out z/q and the ratio both are 1 but for a little
        rest = lack_of_ratio(u, ratio)
        aside = rest * direction + lead * in_q
        yield a * aside - 2.0 * in_q * direction
        yield rest * q - lead
        yield (
            a * a * bend * direction * direction
            + (a * slope - in_q) * in_q**3
            + (direction * in_q) ** 2
        )
        yield aside + (u * bend - 1.0 / u) * direction
        yield q * q * bend - 1.0 / a**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        centre, half_length = sketch.shortest_half
        return [
            (centre, half_length, np.full_like(centre, tail)) for tail in (1.0, 1e-2, 1e-4, 1e-7)
        ]

    def _reach(self, x: Array, theta: Theta, mode: Array) -> Array:
        return theta[1] / (1.0 + theta[2])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        location, scale, tail = theta
        mixing = rng.standard_normal(size) ** -2.0
        return location + scale * (tail * mixing + np.sqrt(mixing) * rng.standard_normal(size))

    def _mean(self, theta: Theta) -> Array:
        return np.full_like(theta[0], np.inf)

    def _variance(self, theta: Theta) -> Array:
        return np.full_like(theta[0], np.inf)

    def _mode(self, theta: Theta) -> Array:
        location, scale, tail = np.broadcast_arrays(*theta)
        return location + scale * standard_mode(tail, tail, tail)
