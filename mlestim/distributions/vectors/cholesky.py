"""Positive definite matrices: their Cholesky factors, and the link that these make."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.links import JointLink
from mlestim.distributions.terms import curvature_positions
from mlestim.distributions.vectors.entries import symmetric, triangle

Array = NDArray[np.float64]


def cholesky(matrices: Array) -> Array:
    """Lower factors L with matrix = L Lᵀ; NaN where a matrix is not positive definite."""
    try:
        return np.asarray(np.linalg.cholesky(matrices))
    except np.linalg.LinAlgError:
        flat = matrices.reshape(-1, *matrices.shape[-2:])
        return np.array([_one_factor(matrix) for matrix in flat]).reshape(matrices.shape)


def _one_factor(matrix: Array) -> Array:
    try:
        return np.asarray(np.linalg.cholesky(matrix))
    except np.linalg.LinAlgError:
        return np.full_like(matrix, np.nan)


def inverse_and_log_root(matrices: Array) -> tuple[Array, Array]:
    """Inverses, and logs of the square roots of the determinants; NaN if not positive definite."""
    factors = cholesky(matrices)
    roots = np.linalg.inv(factors)
    diagonal = np.diagonal(factors, axis1=-2, axis2=-1)
    return roots.swapaxes(-1, -2) @ roots, np.log(diagonal).sum(axis=-1)


def is_positive_definite(entries: Sequence[Array]) -> NDArray[np.bool_]:
    """Whether matrices, given by the entries of their lower triangles, are positive definite."""
    return np.asarray(np.isfinite(cholesky(symmetric(entries))).all(axis=(-1, -2)))


class CholeskyLink(JointLink):
    r"""The lower triangle of a positive definite matrix by that of its Cholesky factor.

    .. math:: \Sigma = L L^T, \quad L_{jj} = e^{\eta_{jj}}, \quad L_{ij} = \eta_{ij} \; (i > j)

    Parameters
    ----------
    dimension : int
        Number of rows.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.size = dimension * (dimension + 1) // 2
        self.rows, self.columns = triangle(dimension)
        self.on_diagonal = self.rows == self.columns

    def to_link(self, theta: Sequence[Array]) -> Array:
        factors = cholesky(symmetric(theta))
        eta = np.moveaxis(factors[..., self.rows, self.columns], -1, 0).copy()
        eta[self.on_diagonal] = np.log(eta[self.on_diagonal])
        return eta

    def from_link(self, eta: Array) -> list[Array]:
        factors = np.zeros((*eta.shape[1:], self.dimension, self.dimension))
        entries = eta.copy()
        entries[self.on_diagonal] = np.exp(eta[self.on_diagonal])
        factors[..., self.rows, self.columns] = np.moveaxis(entries, 0, -1)
        matrices = factors @ factors.swapaxes(-1, -2)
        return list(np.moveaxis(matrices[..., self.rows, self.columns], -1, 0))

    def _beside(self, eta: Array) -> NDArray[np.bool_]:
        """Which entries are logs, in the shape of a column beside `eta`."""
        return self.on_diagonal.reshape(-1, *(1,) * (eta.ndim - 1))

    def jacobian(self, theta: Sequence[Array]) -> Array:
        return self._slopes(cholesky(symmetric(theta)))

    def _slopes(self, factors: Array) -> Array:
        # ∂Σ_ij/∂L_kl = δ_ik L_jl + δ_jk L_il, and ∂L_kk/∂η_kk = L_kk
        i, j, k, ll = self.rows[:, None], self.columns[:, None], self.rows, self.columns
        entries = np.moveaxis(factors, (-2, -1), (0, 1))
        shape = (self.size, self.size, *(1,) * (factors.ndim - 2))
        slopes = (i == k).reshape(shape) * entries[j, ll] + (j == k).reshape(shape) * entries[i, ll]
        slopes[:, self.on_diagonal] *= entries[self.rows, self.columns][self.on_diagonal]
        return np.asarray(slopes)

    def chain(self, packed: Array, theta: Sequence[Array]) -> tuple[Array, Array]:
        factors = cholesky(symmetric(theta))
        slopes, score = self._slopes(factors), packed[1 : 1 + self.size]
        gradient = np.einsum("ab,aib->ib", score, slopes)
        across = np.moveaxis(slopes, -1, 0)
        curvature = np.moveaxis(packed[curvature_positions(self.size)], -1, 0)
        hessian = np.moveaxis(across.swapaxes(1, 2) @ curvature @ across, 0, -1)
        return gradient, hessian + self._bend(factors, score, gradient)

    def _bend(self, factors: Array, score: Array, gradient: Array) -> Array:
        """Part of the Hessian that comes from the second derivatives of the matrix."""
        # with G the slope of the value in Σ as a symmetric matrix, tr(G d²Σ) = 2 tr(G dL dLᵀ)
        halves = np.where(self._beside(score), score, 0.5 * score)
        slope = np.moveaxis(symmetric(list(halves)), (-2, -1), (0, 1))
        k, ll = self.rows, self.columns
        same = (ll[:, None] == ll)[..., None]
        bend = 2.0 * same * slope[k[:, None], k]
        entries = np.moveaxis(factors, (-2, -1), (0, 1))
        inner = np.where(self._beside(gradient), entries[k, ll], 1.0)
        bend = bend * inner[:, None] * inner[None, :]
        place = np.flatnonzero(self.on_diagonal)
        bend[place, place] += gradient[place]
        return np.asarray(bend)
