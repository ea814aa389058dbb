"""Samples of vectors that lie in a plane of fewer dimensions than they have components."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Below this eigenvalue of a correlation matrix, rounding is all that spreads the rows there.
SMALLEST_EIGENVALUE = 1e-13
# Components of a unit vector that are no rounding.
VISIBLE = 1e-6


def lies_flat(covariance: Array) -> NDArray[np.bool_]:
    """Say which covariance matrices, shape (..., d, d), are singular but for rounding."""
    scaled = _correlation(covariance)
    return np.asarray(np.linalg.eigvalsh(scaled)[..., 0] < SMALLEST_EIGENVALUE)


def _correlation(covariance: Array) -> Array:
    """Correlations; of constant components 0, also with themselves."""
    spread = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    size = np.where(spread > 0.0, spread, 1.0)
    return covariance / (size[..., :, None] * size[..., None, :])


def explain_flat(x: Array, weights: Array | None, columns: Sequence[str]) -> str:
    """Name the columns that keep rows, shape (n, d), in a plane; empty if none do."""
    if np.any(constant := x.min(axis=0) == x.max(axis=0)):
        which = "it" if constant.sum() == 1 else "them"
        return f"{_listed(columns, constant, 'is', 'are')} constant: leave {which} out"
    n, d = len(np.unique(x, axis=0)), x.shape[1]
    if n <= d:
        return f"{d} columns need {d + 1} different rows at least, and there are {n}"
    about = x - np.average(x, axis=0, weights=weights)
    about /= np.abs(about).max(axis=0)
    share = np.ones(len(x)) if weights is None else weights
    values, vectors = np.linalg.eigh(_correlation((about * share[:, None]).T @ about))
    flat = vectors[:, values < SMALLEST_EIGENVALUE]
    involved = np.any(np.abs(flat) > VISIBLE, axis=1)
    if not np.any(involved):
        return ""
    return (
        f"{_listed(columns, involved, 'depends', 'depend')} linearly on one another: leave one out"
    )


def _listed(columns: Sequence[str], chosen: NDArray[np.bool_], one: str, many: str) -> str:
    names = [repr(name) for name, named in zip(columns, chosen, strict=True) if named]
    if len(names) == 1:
        return f"column {names[0]} {one}"
    return f"columns {', '.join(names[:-1])} and {names[-1]} {many}"
