"""Families that scipy does not have: textbook densities, written plainly, drawn by inversion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special as sc
from scipy import stats

from peers.base import Array, Peer, same


@dataclass(frozen=True)
class PlainDensity:
    """A continuous density by its log, with a sampler."""

    logpdf: Callable[..., Array]
    draw: Callable[..., Array]

    def rvs(self, *theta: float, size: int, random_state: int) -> Array:
        """Draw a sample."""
        return self.draw(np.random.default_rng(random_state), size, *theta)


@dataclass(frozen=True)
class PlainProbabilities:
    """Probabilities of counts by their log, with a sampler."""

    logpmf: Callable[..., Array]
    draw: Callable[..., Array]

    def rvs(self, *theta: float, size: int, random_state: int) -> Array:
        """Draw a sample."""
        return self.draw(np.random.default_rng(random_state), size, *theta)


def kumaraswamy(x: Array, a: float, b: float) -> Array:
    """f(x) = a b x^(a−1) (1 − x^a)^(b−1)."""
    return np.log(a * b) + (a - 1.0) * np.log(x) + (b - 1.0) * np.log1p(-(x**a))


def generalized_logistic(x: Array, location: float, scale: float, kappa: float) -> Array:
    """Hosking and Wallis, A.7."""
    y = -np.log(1.0 - kappa * (x - location) / scale) / kappa
    return -np.log(scale) - (1.0 - kappa) * y - 2.0 * np.log1p(np.exp(-y))


def log_pearson3(x: Array, meanlog: float, sdlog: float, skewlog: float) -> Array:
    """Pearson III of the log, by scipy."""
    return stats.pearson3.logpdf(np.log(x), skewlog, meanlog, sdlog) - np.log(x)


def skew_t(x: Array, location: float, scale: float, alpha: float, df: float) -> Array:
    """2 t(z; ν) T(α z √((ν+1)/(ν+z²)); ν+1)."""
    z = (x - location) / scale
    tilt = stats.t.logcdf(alpha * z * np.sqrt((df + 1.0) / (df + z * z)), df + 1.0)
    return np.log(2.0 / scale) + stats.t.logpdf(z, df) + tilt


def draw_skew_t(
    rng: np.random.Generator, n: int, location: float, scale: float, alpha: float, df: float
) -> Array:
    """A skew normal variable over the root of a mean square."""
    half, whole = np.abs(rng.standard_normal(n)), rng.standard_normal(n)
    skewed = (alpha * half + whole) / np.hypot(1.0, alpha)
    return location + scale * skewed / np.sqrt(rng.chisquare(df, n) / df)


def discrete_weibull(x: Array, prob: float, shape: float) -> Array:
    """A difference of two survival functions."""
    return np.log(prob ** (x**shape) - prob ** ((x + 1.0) ** shape))


def draw_discrete_weibull(rng: np.random.Generator, n: int, prob: float, shape: float) -> Array:
    """By inversion of the survival function."""
    return np.ceil((np.log(rng.uniform(size=n)) / np.log(prob)) ** (1.0 / shape)) - 1.0


def generalized_poisson(x: Array, mean: float, dispersion: float) -> Array:
    """Consul and Jain."""
    theta = mean * (1.0 - dispersion)
    rate = theta + dispersion * x
    return np.log(theta) + (x - 1.0) * np.log(rate) - rate - sc.gammaln(x + 1.0)


def draw_generalized_poisson(
    rng: np.random.Generator, n: int, mean: float, dispersion: float
) -> Array:
    """By inversion of the table of probabilities."""
    table = np.cumsum(np.exp(generalized_poisson(np.arange(1000.0), mean, dispersion)))
    return np.searchsorted(table, rng.uniform(size=n)).astype(float)


def poisson_inverse_gaussian(x: Array, mean: float, dispersion: float) -> Array:
    """With scipy's Bessel function."""
    alpha = np.sqrt(1.0 / dispersion**2 + 2.0 * mean / dispersion)
    log_bessel = np.log(sc.kve(x - 0.5, alpha)) - alpha
    return (
        0.5 * np.log(2.0 * alpha / np.pi)
        + x * np.log(mean / (alpha * dispersion))
        + 1.0 / dispersion
        + log_bessel
        - sc.gammaln(x + 1.0)
    )


def draw_poisson_inverse_gaussian(
    rng: np.random.Generator, n: int, mean: float, dispersion: float
) -> Array:
    """A Poisson variable with a random mean."""
    return rng.poisson(rng.wald(mean, mean / dispersion, n)).astype(float)


def compound(mean: float, dispersion: float, power: float) -> tuple[float, float, float]:
    """Mean number of gamma variables in a Tweedie sum, their shape and scale."""
    rate = mean ** (2.0 - power) / (dispersion * (2.0 - power))
    return rate, (2.0 - power) / (power - 1.0), dispersion * (power - 1.0) * mean ** (power - 1.0)


def tweedie(x: Array, mean: float, dispersion: float, power: float) -> Array:
    """Probabilities of Poisson numbers times densities of gamma sums, about the largest of them.

    From 9 standard deviations below it to 9 above; where those are long, every h-th number.
    """
    rate, shape, scale = compound(mean, dispersion, power)
    out = np.full(len(x), -rate)
    for places in np.array_split(np.flatnonzero(x > 0.0), len(x) // 10_000 + 1):
        if not len(places):
            continue
        rows = x[places]
        likeliest = np.maximum(rows ** (2.0 - power) / (dispersion * (2.0 - power)), 1.0)
        sd = np.sqrt(likeliest * (power - 1.0))
        step = np.maximum(np.floor(sd / 4.0), 1.0)
        reach = np.ceil((9.0 * sd + 13.0) / step)
        numbers = np.floor(likeliest) + step * np.arange(-reach.max(), reach.max() + 1.0)[:, None]
        j = np.maximum(numbers, 1.0)
        poisson = j * np.log(rate) - rate - sc.gammaln(j + 1.0)
        place = j * shape
        gamma = place * np.log(rows / scale) - rows / scale - sc.gammaln(place) - np.log(rows)
        terms = np.where(numbers >= 1.0, poisson + gamma, -np.inf)
        largest = terms.max(axis=0)
        out[places] = largest + np.log(step * np.exp(terms - largest).sum(axis=0))
    return out


def draw_tweedie(
    rng: np.random.Generator, n: int, mean: float, dispersion: float, power: float
) -> Array:
    """A Poisson number of gamma variables."""
    rate, shape, scale = compound(mean, dispersion, power)
    return rng.gamma(shape * rng.poisson(rate, n), scale)


PLAIN: dict[str, Peer] = {
    "kumaraswamy": Peer(
        PlainDensity(
            kumaraswamy,
            lambda rng, n, a, b: (-np.expm1(np.log1p(-rng.uniform(size=n)) / b)) ** (1.0 / a),
        ),
        same,
        same,
        ((0.5, 0.8), (2.0, 5.0)),
    ),
    "generalized_logistic": Peer(
        PlainDensity(
            generalized_logistic,
            lambda rng, n, location, scale, kappa: (
                location - scale * np.expm1(-kappa * rng.logistic(size=n)) / kappa
            ),
        ),
        same,
        same,
        ((0.0, 1.0, -0.2), (0.0, 1.0, 0.3)),
    ),
    "half_student_t": Peer(
        PlainDensity(
            lambda x, df, scale: np.log(2.0) + stats.t.logpdf(x, df, 0.0, scale),
            lambda rng, n, df, scale: scale * np.abs(rng.standard_t(df, n)),
        ),
        same,
        same,
        ((1.0, 1.0), (5.0, 1.0)),
    ),
    "log_pearson3": Peer(
        PlainDensity(
            log_pearson3,
            lambda rng, n, meanlog, sdlog, skewlog: np.exp(
                stats.pearson3.rvs(skewlog, meanlog, sdlog, size=n, random_state=rng)
            ),
        ),
        same,
        same,
        ((0.0, 0.5, 0.6), (0.0, 0.5, -1.4)),
    ),
    "skew_t": Peer(
        PlainDensity(skew_t, draw_skew_t), same, same, ((0.0, 1.0, 2.0, 4.0), (0.0, 1.0, 0.0, 8.0))
    ),
    "tweedie": Peer(
        PlainDensity(tweedie, draw_tweedie), same, same, ((2.0, 1.0, 1.5), (2.0, 0.5, 1.2))
    ),
    "discrete_weibull": Peer(
        PlainProbabilities(discrete_weibull, draw_discrete_weibull),
        same,
        same,
        ((0.6, 0.8), (0.95, 1.5)),
    ),
    "generalized_poisson": Peer(
        PlainProbabilities(generalized_poisson, draw_generalized_poisson),
        same,
        same,
        ((3.0, 0.2), (3.0, 0.6)),
    ),
    "poisson_inverse_gaussian": Peer(
        PlainProbabilities(poisson_inverse_gaussian, draw_poisson_inverse_gaussian),
        same,
        same,
        ((2.0, 0.5), (5.0, 3.0)),
    ),
}
