"""Beta distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.parameter import POSITIVE, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import Support
from mlestim.special import log_gamma_excess

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
        total = alpha + beta
        # About the mean, where the large terms of large parameters cancel by themselves
        log_ratio = log_x + np.log1p(beta / alpha)
        log_rest_ratio = log_rest + np.log1p(alpha / beta)
        excess, first, second = log_gamma_excess(total)
        alpha_excess, alpha_first, alpha_second = log_gamma_excess(alpha)
        beta_excess, beta_first, beta_second = log_gamma_excess(beta)
        constant = excess - alpha_excess - beta_excess
        yield alpha * log_ratio + beta * log_rest_ratio - log_x - log_rest + constant
        yield log_ratio + (first - alpha_first)
        yield log_rest_ratio + (first - beta_first)
        yield (second - alpha_second) - beta / (alpha * total)
        yield second + 1.0 / total
        yield (second - beta_second) - alpha / (beta * total)

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean = sketch.mean
        concentration = np.maximum(mean * (1.0 - mean) / sketch.sd**2 - 1.0, 1e-3)
        return [(mean * concentration, (1.0 - mean) * concentration)]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return np.asarray(sc.betainc(theta[0], theta[1], x), dtype=float)

    def _sf(self, x: Array, theta: Theta) -> Array:
        return np.asarray(sc.betaincc(theta[0], theta[1], x), dtype=float)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        x = np.asarray(sc.betaincinv(theta[0], theta[1], p), dtype=float)
        lost = np.isnan(x)  # far out the library may find none
        return np.where(lost, super()._ppf(p, theta), x) if np.any(lost) else x

    def _isf(self, p: Array, theta: Theta) -> Array:
        x = np.asarray(sc.betainccinv(theta[0], theta[1], p), dtype=float)
        lost = np.isnan(x)
        return np.where(lost, super()._isf(p, theta), x) if np.any(lost) else x

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


def mode_on_unit_interval(first: Array, second: Array, inside: Array) -> Array:
    """Mode of a density ∝ x^(first−1) near 0 and (1−x)^(second−1) near 1."""
    falls, rises = (first < 1.0) | (second > 1.0), (second < 1.0) | (first > 1.0)
    middle = np.where(falls | rises, np.where(first < second, 0.0, 1.0), 0.5)
    peaked = (first >= 1.0) & (second >= 1.0) & (first + second > 2.0)
    return np.where(peaked, inside, middle)
