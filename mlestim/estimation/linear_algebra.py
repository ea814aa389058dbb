"""Small symmetric systems, one a problem, solved for all problems at once.

Matrices have shape (q, q, problems): q is the number of parameters of one fit, so the loops below
run a handful of times over long vectors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# A pivot of the unit-diagonal matrix below this is taken as not positive.
SMALLEST_PIVOT = 1e-13


def solve_ascent(negative_hessian: Array, gradient: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Solve for the Newton direction, altered where needed so that it always ascends.

    If some of the matrices are not positive definite, all are scaled to unit diagonal and
    factorized as L D Lᵀ; pivots that are not positive are replaced by positive ones (Gill and
    Murray's idea), which turns the direction uphill.

    Returns
    -------
    direction : array, shape (q, problems)
        The solution.
    definite : bool array, shape (problems,)
        Whether the matrix was positive definite as given.
    """
    stacked = negative_hessian.transpose(2, 0, 1)
    try:
        np.linalg.cholesky(stacked)
        # a matrix may pass for definite and still be singular to the last digit
        solution = np.linalg.solve(stacked, gradient.T[:, :, None])[:, :, 0].T
    except np.linalg.LinAlgError:
        return _uphill(negative_hessian, gradient)
    return np.asarray(solution, dtype=float), np.ones(gradient.shape[1], dtype=bool)


def _uphill(negative_hessian: Array, gradient: Array) -> tuple[Array, NDArray[np.bool_]]:
    q = range(len(gradient))
    diagonal = [np.abs(negative_hessian[j, j]) for j in q]
    size = [np.sqrt(np.where(d > 0.0, d, 1.0)) for d in diagonal]
    lower: list[list[Array]] = [[] for _ in q]
    pivots: list[Array] = []
    definite = np.ones(gradient.shape[1], dtype=bool)
    for i in q:
        for j in range(i):
            entry = negative_hessian[i, j] / (size[i] * size[j])
            inner = sum(lower[i][k] * lower[j][k] * pivots[k] for k in range(j))
            lower[i].append((entry - inner) / pivots[j])
        taken = sum(lower[i][k] ** 2 * pivots[k] for k in range(i))
        pivot = negative_hessian[i, i] / size[i] ** 2 - taken
        positive = pivot > SMALLEST_PIVOT
        definite &= positive
        pivots.append(np.where(positive, pivot, np.maximum(np.abs(pivot), 1e-2)))
    solution = [gradient[j] / size[j] for j in q]
    for j in q:
        solution[j] = solution[j] - sum(lower[j][k] * solution[k] for k in range(j))
    for j in reversed(q):
        below = sum(lower[i][j] * solution[i] for i in q[j + 1 :])
        solution[j] = solution[j] / pivots[j] - below
    return np.array(solution).reshape(gradient.shape) / np.array(size).reshape(
        gradient.shape
    ), definite


def carried(covariance: Array, jacobian: Array) -> Array:
    """Covariances J C Jᵀ, (p, p, problems), of functions with the derivatives J."""
    slopes = jacobian.transpose(2, 0, 1)
    spread = slopes @ covariance.transpose(2, 0, 1) @ slopes.swapaxes(1, 2)
    return spread.transpose(1, 2, 0)


def invert(information: Array) -> tuple[Array, Array]:
    """Invert each matrix by the eigenvectors of what it is after scaling to unit diagonal.

    Returns
    -------
    inverse : array, shape (q, q, problems)
        NaN where the matrix is singular or undefined.
    smallest : array, shape (problems,)
        Smallest eigenvalue of the scaled matrix, which depends on no unit; where a diagonal entry
        is not positive, that entry.
    """
    if not len(information):
        return information.copy(), np.full(information.shape[-1], np.nan)
    diagonal = information.diagonal().T  # (q, problems)
    least = diagonal.min(axis=0)
    size = np.sqrt(np.where(diagonal > 0.0, diagonal, np.nan))
    sizes = size[:, None] * size
    scaled = information / sizes
    invert_scaled = _invert_pairs if len(information) <= 2 else _invert_by_vectors
    inverse, smallest = invert_scaled(scaled)
    improper = ~np.isfinite(smallest)
    if improper.any():
        smallest[improper] = np.where(least > 0.0, np.nan, least)[improper]
    return inverse / sizes, smallest


def _invert_pairs(scaled: Array) -> tuple[Array, Array]:
    """Invert matrices of up to two rows with unit diagonal, whose eigenvalues are 1 ± r."""
    smallest = scaled[0, 0] - np.abs(scaled[0, 1:]).sum(axis=0)
    if len(scaled) == 1:
        return scaled / smallest, smallest
    inverse = np.empty_like(scaled)
    r = scaled[0, 1]
    inverse[0, 0] = inverse[1, 1] = 1.0
    inverse[0, 1] = inverse[1, 0] = -r
    inverse /= np.where(smallest != 0.0, (1.0 - r) * (1.0 + r), np.nan)
    return inverse, smallest


def _invert_by_vectors(scaled: Array) -> tuple[Array, Array]:
    """Invert matrices with unit diagonal by their eigenvectors."""
    stacked = scaled.transpose(2, 0, 1)
    improper = np.asarray(~np.isfinite(stacked).all(axis=(1, 2)))
    if improper.any():
        stacked = np.where(improper[:, None, None], np.eye(stacked.shape[-1]), stacked)
    values, vectors = np.linalg.eigh(stacked)
    values[improper] = np.nan
    usable = np.where(values == 0.0, np.nan, values)
    inverse = (vectors / usable[:, None, :]) @ vectors.swapaxes(1, 2)
    return inverse.transpose(1, 2, 0), values[:, 0]
