"""Samples on which fits go wrong: ties, outliers, other families' data, tiny samples."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def hard_samples(kind: str, seed: int) -> Iterator[tuple[str, Array]]:
    """Name and rows of the hard samples for families of one kind."""
    yield from KINDS[kind](np.random.default_rng(seed))


def _real(rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    normal, heavy = rng.normal(size=60), rng.standard_t(2, size=60)
    yield "rounded to 1 digit", np.round(heavy, 1)
    yield "rounded to integers", np.round(normal)
    yield "rounded to integers, wide", np.round(3.0 * rng.standard_t(3, size=500))
    yield "half of them equal", np.concatenate([np.zeros(30), normal[:30]])
    yield "nine in ten equal", np.concatenate([np.zeros(54), normal[:6]])
    yield "one outlier at 1e6", np.append(normal, 1e6)
    yield "outliers at ±1e6", np.concatenate([normal, [1e6, -1e6, 1e6]])
    yield "many outliers at 1e6", np.concatenate([normal, 1e6 + normal[:15]])
    yield "contaminated", np.concatenate([normal, 10.0 * rng.normal(size=7)])
    yield "uniform", rng.uniform(size=60)
    yield "uniform, 2000 rows", rng.uniform(size=2000)
    yield "even grid", np.arange(60.0)
    yield "two points, even", np.repeat([0.0, 1.0], 30)
    yield "two points, uneven", np.repeat([0.0, 1.0], [55, 5])
    yield "three points", np.repeat([-1.0, 0.0, 1.0], [20, 25, 15])
    yield "two far clusters", np.concatenate([normal[:30] - 50.0, normal[30:] + 50.0])
    yield "U-shaped", rng.beta(0.2, 0.2, size=60)
    yield "J-shaped", rng.beta(0.2, 3.0, size=60)
    yield "exponential", rng.exponential(size=60)
    yield "negative exponential", -rng.exponential(size=60)
    yield "cauchy", rng.standard_cauchy(size=60)
    yield "cauchy, 2000 rows", rng.standard_cauchy(size=2000)
    yield "laplace", rng.laplace(size=60)
    yield "lognormal, very skew", np.exp(3.0 * normal)
    yield "far from zero", 1e8 + normal
    for n in range(1, 6):
        yield f"{n} rows", rng.normal(size=n)
    yield "2 equal of 3", np.array([1.0, 1.0, 2.0])
    yield "one apart", np.append(np.zeros(20), 1.0)


def _positive(rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    skew = np.exp(rng.normal(size=60))
    yield "rounded to 1 digit", np.round(skew, 1) + 0.1
    yield "one outlier at 1e6", np.append(skew, 1e6)
    yield "one near zero", np.append(skew, 1e-12)
    yield "contaminated", np.append(skew, 50.0 * skew[:7])
    yield "very skew", np.exp(8.0 * rng.normal(size=60))
    yield "pareto", rng.pareto(0.5, size=60) + 1.0
    yield "uniform", rng.uniform(size=60)
    yield "even grid", np.arange(1.0, 61.0)
    yield "narrow", 1.0 + 1e-4 * rng.normal(size=60)
    yield "very narrow", 1.0 + 1e-6 * rng.normal(size=60)
    yield "narrow, 2000 rows", 100.0 + 0.01 * rng.normal(size=2000)
    yield "two points", np.repeat([1.0, 2.0], [40, 20])
    yield "two far points", np.repeat([1.0, 1e6], [40, 20])
    yield "two scales", np.concatenate([skew[:30], 1e4 * skew[30:]])
    yield "U-shaped", rng.beta(0.2, 0.2, size=60)
    yield "tiny shape", np.exp(-rng.exponential(20.0, size=60))
    for n in range(1, 6):
        yield f"{n} rows", rng.exponential(size=n)
    yield "2 equal of 3", np.array([1.0, 1.0, 2.0])
    yield "one apart", np.append(np.ones(20), 2.0)


def _from_zero(rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    for name, x in _positive(rng):
        yield name, x
        yield f"{name}, with zeros", np.append(x, np.zeros(len(x) // 3 + 1))
    yield "zeros", np.zeros(20)


def _counts(rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    poisson = rng.poisson(4.0, size=200).astype(float)
    yield "poisson", poisson
    yield "poisson, large mean", rng.poisson(1e4, size=60).astype(float)
    for size in (50.0, 500.0, 5000.0):
        mean = rng.gamma(size, 4.0 / size, size=200)
        yield f"nearly poisson, size {size:g}", rng.poisson(mean).astype(float)
    yield "variance equal to mean", np.repeat([1.0, 2.0, 3.0, 4.0], [1, 2, 2, 1])
    yield "variance just above mean", np.repeat([0.0, 1.0, 2.0, 3.0], [37, 37, 18, 8])
    yield "binomial", rng.binomial(10, 0.5, size=200).astype(float)
    yield "zeros and a one", np.append(np.zeros(50), 1.0)
    yield "zeros and a two", np.append(np.zeros(50), 2.0)
    yield "zeros and a thousand", np.append(np.zeros(50), 1000.0)
    yield "zero-inflated", np.concatenate([np.zeros(100), poisson[:50]])
    yield "one outlier at 1e6", np.append(poisson, 1e6)
    yield "two far points", np.repeat([0.0, 100.0], [30, 30])
    yield "huge and dispersed", np.floor(np.exp(12.0 + 2.0 * rng.normal(size=60)))
    yield "tiny size", rng.poisson(rng.gamma(0.02, 50.0, size=500)).astype(float)
    yield "geometric", rng.geometric(0.2, size=60) - 1.0
    yield "equal, large", np.full(20, 7.0)
    for n in range(1, 6):
        yield f"{n} rows", rng.poisson(3.0, size=n).astype(float) + (n == 1)


def _counts_from_one(rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    for name, x in _counts(rng):
        yield name, x + 1.0


def _few_counts(rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    """0 and 1 among them, for Bernoulli; at most 12, for those with known trials."""
    yield "all zeros", np.zeros(20)
    yield "all ones", np.ones(20)
    yield "one one", np.append(np.zeros(50), 1.0)
    yield "coin", rng.integers(0, 2, size=60).astype(float)
    yield "ends only", np.repeat([0.0, 12.0], [15, 10])
    yield "all twelve", np.full(20, 12.0)
    yield "even", rng.integers(0, 13, size=60).astype(float)
    yield "narrow", np.repeat([5.0, 6.0, 7.0], [10, 30, 12])
    for n in range(1, 6):
        yield f"{n} rows", rng.binomial(12, 0.3, size=n).astype(float)


def _shares(rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    yield "U-shaped", rng.beta(0.2, 0.2, size=60)
    yield "J-shaped", rng.beta(0.2, 3.0, size=60)
    yield "narrow", 0.3 + 1e-4 * rng.normal(size=60)
    yield "near one", 1.0 - 1e-6 * rng.exponential(size=60)
    yield "near zero", 1e-6 * rng.exponential(size=60)
    yield "one apart", np.append(np.full(20, 0.5), 0.9)
    yield "two points", np.repeat([0.2, 0.7], [40, 20])
    yield "rounded", np.round(rng.beta(2.0, 2.0, size=60), 1).clip(0.1, 0.9)
    for n in range(1, 6):
        yield f"{n} rows", rng.uniform(size=n)


def _angles(rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    yield "even", rng.uniform(-np.pi, np.pi, size=60)
    yield "narrow", 1.0 + 1e-4 * rng.normal(size=60)
    yield "two opposite clusters", np.repeat([0.0, np.pi], 30) + 0.1 * rng.normal(size=60)
    yield "across the cut", np.pi + 0.3 * rng.normal(size=60)
    for n in range(1, 6):
        yield f"{n} rows", rng.uniform(-np.pi, np.pi, size=n)


KINDS = {
    "real": _real,
    "positive": _positive,
    "from zero": _from_zero,
    "counts": _counts,
    "counts from one": _counts_from_one,
    "few counts": _few_counts,
    "shares": _shares,
    "angles": _angles,
}
