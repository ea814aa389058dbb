"""Criteria that weigh a maximum against the number of parameters it took."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def aic(
    log_likelihood: ArrayLike,
    n_parameters: ArrayLike,
    n_observations: ArrayLike,  # noqa: ARG001 -- all criteria are called alike
) -> Array:
    r"""Akaike's criterion, :math:`2p - 2\ell`."""
    return 2.0 * np.asarray(n_parameters) - 2.0 * np.asarray(log_likelihood)


def aicc(log_likelihood: ArrayLike, n_parameters: ArrayLike, n_observations: ArrayLike) -> Array:
    r"""AIC corrected for small samples, :math:`+\,2p(p+1)/(n-p-1)`; inf where n ≤ p + 1."""
    p, n = np.asarray(n_parameters, dtype=float), np.asarray(n_observations, dtype=float)
    left = n - p - 1.0
    enough = ~(left <= 0.0)
    correction = 2.0 * p * (p + 1.0) / np.where(enough, left, 1.0)
    return np.where(enough, aic(log_likelihood, p, n) + correction, np.inf)


def bic(log_likelihood: ArrayLike, n_parameters: ArrayLike, n_observations: ArrayLike) -> Array:
    r"""Schwarz's criterion, :math:`p \log n - 2\ell`."""
    p, n = np.asarray(n_parameters, dtype=float), np.asarray(n_observations, dtype=float)
    return p * np.log(n) - 2.0 * np.asarray(log_likelihood)


CRITERIA: Mapping[str, Callable[[ArrayLike, ArrayLike, ArrayLike], Array]] = MappingProxyType(
    {"aicc": aicc, "aic": aic, "bic": bic}
)
TITLES: Mapping[str, str] = MappingProxyType({"aicc": "AICc", "aic": "AIC", "bic": "BIC"})
