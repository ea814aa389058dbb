"""Inverse gamma distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import POSITIVE_LINE
from mlestim.special import log_gamma_excess


class InverseGamma(Family):
    r"""Inverse gamma distribution: 1/x is gamma.

    .. math:: f(x) = \frac{s^a}{\Gamma(a)} x^{-a-1} e^{-s/x}, \quad x > 0

    With a free location running to −∞ it becomes the normal.

    Parameters
    ----------
    shape : float
        a > 0.
    scale : float
        s > 0, in the unit of the data.

    Examples
    --------
    >>> InverseGamma(shape=3, scale=4).mean()
    np.float64(2.0)
    """

    name = "inverse_gamma"
    parameters = (
        Parameter("shape", POSITIVE, Unit.NONE, "shape"),
        Parameter("scale", POSITIVE, Unit.SCALE, "scale"),
    )
    support = POSITIVE_LINE
    how = "profile"
    half_line = True
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return 1.0 / x, np.log(x)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        inverse, log_x = t
        shape, scale = theta
        # about the mean of 1/x, as the gamma distribution is about its mean
        log_ratio, step = np.log(scale / shape) - log_x, scale * inverse - shape
        excess, first, second = log_gamma_excess(shape)
        yield shape * log_ratio - step - log_x - excess
        yield log_ratio - first
        yield -step / scale
        yield -second - 1.0 / shape
        yield 1.0 / scale
        yield -shape / scale**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        # Thom's approximation for the gamma distribution of 1/x; intervals may begin at 0
        positive = np.where(sketch.rows > 0.0, sketch.rows, np.inf)
        rows = np.maximum(sketch.rows, positive.min(axis=-1, keepdims=True))
        rate = (1.0 / rows).mean(axis=-1)
        gap = np.maximum(np.log(rate) + np.log(rows).mean(axis=-1), 1e-12)
        shape = (1.0 + np.sqrt(1.0 + 4.0 * gap / 3.0)) / (4.0 * gap)
        return [(shape, shape / rate)]

    def region_when_shifted(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        return {"shape": region_without_spike(sketch)}

    def limits_when_shifted(self) -> tuple[Limit, ...]:
        return (Limit("normal", {"shape": np.inf, "scale": np.inf, "location": -np.inf}),)

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return sc.gammaincc(theta[0], theta[1] / x)

    def _sf(self, x: Array, theta: Theta) -> Array:
        return sc.gammainc(theta[0], theta[1] / x)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[1] / sc.gammainccinv(theta[0], p)

    def _isf(self, p: Array, theta: Theta) -> Array:
        with np.errstate(over="ignore", divide="ignore"):  # beyond the largest number
            return theta[1] / sc.gammaincinv(theta[0], p)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        with np.errstate(over="ignore", divide="ignore"):  # beyond the largest number
            return theta[1] / rng.standard_gamma(theta[0], size)

    def _mean(self, theta: Theta) -> Array:
        shape, scale = theta
        above = np.where(shape > 1.0, shape - 1.0, np.nan)
        return np.where(shape > 1.0, scale / above, np.inf)

    def _variance(self, theta: Theta) -> Array:
        shape, scale = theta
        above = np.where(shape > 2.0, shape, np.nan)
        finite = (scale / (above - 1.0)) ** 2 / (above - 2.0)
        return np.where(shape > 2.0, finite, np.inf)

    def _mode(self, theta: Theta) -> Array:
        return theta[1] / (theta[0] + 1.0)

    def _entropy(self, theta: Theta) -> Array:
        shape, scale = theta
        return shape + np.log(scale) + sc.gammaln(shape) - (1.0 + shape) * sc.digamma(shape)


def region_without_spike(sketch: Sketch) -> tuple[Array, Array]:
    """Shapes a for which a location next to the smallest observation is unlikely.

    With a share k/n of the rows at the location, and the scale going along to 0, the likelihood
    grows as scale^(a (n−k) − k) does: without bound for a below k/(n−k).
    """
    share = np.minimum(np.mean(sketch.rows == sketch.rows[:, :1], axis=-1), 1.0 - 1e-9)
    return share / (1.0 - share), np.full_like(share, np.inf)
