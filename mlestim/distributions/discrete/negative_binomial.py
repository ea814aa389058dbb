"""Negative binomial distribution in (size, mean)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import COUNTS
from mlestim.special import log1p_excess, log_rising


class NegativeBinomial(Family):
    r"""Negative binomial distribution.

    .. math:: P(x) = \frac{\Gamma(r+x)}{\Gamma(r)\,x!}
        \left(\frac{r}{r+\mu}\right)^r \left(\frac{\mu}{r+\mu}\right)^x, \quad x = 0, 1, 2, \dots

    Its variance is μ + μ²/r; as r → ∞ it becomes the Poisson. The likelihood has an interior
    maximum exactly when the sample variance (divisor n) exceeds the mean.

    Parameters
    ----------
    size : float
        r > 0, any real number.
    mean : float
        μ > 0.

    References
    ----------
    Levin, B. and Reeds, J. (1977), Annals of Statistics 5, 79-87 (unique maximum).

    Examples
    --------
    >>> NegativeBinomial(size=2, mean=3).var()
    np.float64(7.5)
    """

    name = "negative_binomial"
    parameters = (
        Parameter("size", POSITIVE, meaning="size; the variance is mean + mean²/size"),
        Parameter("mean", POSITIVE, meaning="mean"),
    )
    support = COUNTS
    kind = "discrete"
    how = "profile"

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        rising, *derivatives = log_rising(theta[0], theta[1], x, order)
        return x, rising - sc.gammaln(x + 1.0), *derivatives

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        size, mean = theta
        x, total = t[0], size + mean
        ratio, product = mean / size, mean * total
        yield t[1] + sc.xlogy(x, mean) - size * np.log1p(ratio)
        yield t[2] - log1p_excess(ratio)
        yield size * (x - mean) / product
        yield t[3] + ratio * mean / total**2
        yield (x - mean) / total**2
        yield -size * (x * (total + mean) - mean**2) / product**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean, variance = sketch.exact_moments()
        excess = np.maximum(variance - mean, 1e-3 * mean)
        return [(np.maximum(mean, 1e-9) ** 2 / np.maximum(excess, 1e-12), np.maximum(mean, 1e-9))]

    def limits(self) -> tuple[Limit, ...]:
        return (Limit("poisson", {"size": np.inf, "mean": "mean"}),)

    def limits_within(self, low: float, high: float) -> tuple[Limit, ...]:
        logarithmic = Limit("logarithmic", {"size": 0.0, "mean": 0.0})
        # without the power of its own, C(x + size − 1, x) is left
        held = {"trials": np.floor(high), "beta": 1.0}
        endless = Limit("beta_binomial", {"size": "alpha", "mean": np.inf}, held=held)
        return (logarithmic,) * (low >= 0.0) + (endless,) * bool(np.isfinite(high))

    def limit_reached(self, sketch: Sketch) -> NDArray[np.bool_]:
        mean, variance = sketch.exact_moments()
        return variance <= mean * (1.0 + 1e-12)

    def _success(self, theta: Theta) -> Array:
        return theta[0] / (theta[0] + theta[1])

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return self._incomplete_beta(x, theta, sc.betainc, sc.betaincc)

    def _sf(self, x: Array, theta: Theta) -> Array:
        return self._incomplete_beta(x, theta, sc.betaincc, sc.betainc)

    @staticmethod
    def _incomplete_beta(x: Array, theta: Theta, lower: np.ufunc, upper: np.ufunc) -> Array:
        """From the success probability or its complement: the smaller has all its digits."""
        size, mean = theta
        total = size + mean
        return np.where(
            size < mean, lower(size, x + 1.0, size / total), upper(x + 1.0, size, mean / total)
        )

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.negative_binomial(theta[0], self._success(theta), size).astype(float)

    def _mean(self, theta: Theta) -> Array:
        return theta[1] + 0.0 * theta[0]

    def _variance(self, theta: Theta) -> Array:
        return theta[1] + theta[1] ** 2 / theta[0]

    def _mode(self, theta: Theta) -> Array:
        size, mean = theta
        return np.floor(np.maximum(mean * (size - 1.0) / size, 0.0))
