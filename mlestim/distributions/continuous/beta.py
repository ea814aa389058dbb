"""Beta distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.parameter import POSITIVE, Parameter
from mlestim.distributions.sketch import Sketch
from mlestim.distributions.support import Support
from mlestim.special import log_rising

UNIT_INTERVAL = Support(0.0, 1.0)


class Beta(Family):
    r"""Beta distribution.

    .. math:: f(x) = \frac{x^{\alpha-1} (1-x)^{\beta-1}}{B(\alpha,\beta)}, \quad 0 < x < 1

    Parameters
    ----------
    alpha : float
        α > 0; below 1 the density is infinite at 0.
    beta : float
        β > 0; below 1 the density is infinite at 1.

    Examples
    --------
    >>> Beta(alpha=2, beta=6).mean()
    np.float64(0.25)
    """

    name = "beta"
    parameters = (
        Parameter("alpha", POSITIVE, meaning="weight of 1"),
        Parameter("beta", POSITIVE, meaning="weight of 0"),
    )
    support = UNIT_INTERVAL
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return np.log(x), np.log1p(-x)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        log_x, log_rest = t
        alpha, beta = theta
        small, large = np.minimum(alpha, beta), np.maximum(alpha, beta)
        inverse_beta = log_gamma_rise(large, small)[0] - sc.gammaln(small)
        yield (alpha - 1.0) * log_x + (beta - 1.0) * log_rest + inverse_beta
        _, alpha_first, alpha_second = log_gamma_rise(alpha, beta)
        _, beta_first, beta_second = log_gamma_rise(beta, alpha)
        yield log_x + alpha_first
        yield log_rest + beta_first
        zero = 0.0 * log_x
        yield alpha_second + zero
        yield sc.polygamma(1, alpha + beta) + zero
        yield beta_second + zero

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean = sketch.mean
        concentration = np.maximum(mean * (1.0 - mean) / sketch.sd**2 - 1.0, 1e-3)
        return [(mean * concentration, (1.0 - mean) * concentration)]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return sc.betainc(theta[0], theta[1], x)

    def _sf(self, x: Array, theta: Theta) -> Array:
        return sc.betaincc(theta[0], theta[1], x)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return sc.betaincinv(theta[0], theta[1], p)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return sc.betainccinv(theta[0], theta[1], p)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.beta(theta[0], theta[1], size)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] / (theta[0] + theta[1])

    def _variance(self, theta: Theta) -> Array:
        total = theta[0] + theta[1]
        return (theta[0] / total) * (theta[1] / total) / (total + 1.0)

    def _mode(self, theta: Theta) -> Array:
        alpha, beta = theta
        inside = (alpha - 1.0) / np.maximum(alpha + beta - 2.0, 1e-300)
        return mode_on_unit_interval(alpha, beta, inside)

    def _entropy(self, theta: Theta) -> Array:
        alpha, beta = theta
        rest = (alpha + beta - 2.0) * sc.digamma(alpha + beta)
        own = (alpha - 1.0) * sc.digamma(alpha) + (beta - 1.0) * sc.digamma(beta)
        return sc.betaln(alpha, beta) - own + rest


def log_gamma_rise(r: Array, x: Array) -> tuple[Array, Array, Array]:
    """Compute log Γ(r+x) − log Γ(r) and two derivatives in r, without cancellation for large r."""
    value, first, second = log_rising(r, np.zeros(()), x, 2)
    return value + x * np.log(r), first + x / r, second - x / r**2


def mode_on_unit_interval(first: Array, second: Array, inside: Array) -> Array:
    """Mode of a density ∝ x^(first−1) near 0 and (1−x)^(second−1) near 1."""
    falls, rises = (first < 1.0) | (second > 1.0), (second < 1.0) | (first > 1.0)
    middle = np.where(falls | rises, np.where(first < second, 0.0, 1.0), 0.5)
    peaked = (first >= 1.0) & (second >= 1.0) & (first + second > 2.0)
    return np.where(peaked, inside, middle)
