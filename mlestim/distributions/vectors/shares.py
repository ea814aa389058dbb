"""Probabilities of several levels, which sum to 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

Array = NDArray[np.float64]


def log_probability(counts: Sequence[Array], shares: Sequence[Array]) -> Array:
    """Sum of count · log share."""
    return reduce(np.add, [np.asarray(sc.xlogy(x, p)) for x, p in zip(counts, shares, strict=True)])


def scores(counts: Sequence[Array], shares: Sequence[Array]) -> Iterator[Array]:
    """Derivatives of `log_probability`."""
    for x, p in zip(counts, shares, strict=True):
        yield x / p


def curvatures(counts: Sequence[Array], shares: Sequence[Array]) -> Iterator[Array]:
    """Second derivatives of `log_probability`, the upper triangle row by row."""
    for j, (x, p) in enumerate(zip(counts, shares, strict=True)):
        yield -x / p**2
        for _ in shares[j + 1 :]:
            yield np.zeros_like(x)


def shares_covariance(shares: Sequence[Array], total: Array) -> Array:
    """Covariance (K, K, problems) of shares estimated from a total count."""
    p = np.asarray(shares)
    return np.asarray((p[:, None] * (np.eye(len(p))[:, :, None] - p[None, :])) / total)
