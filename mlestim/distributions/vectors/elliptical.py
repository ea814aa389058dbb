r"""What densities that depend on :math:`(x-\mu)^T\Sigma^{-1}(x-\mu)` share.

The entries :math:`\Sigma_A`, :math:`A = (i, j)` with i ≥ j, move the matrix by
:math:`E_A = e_i e_j^T + e_j e_i^T`, or by :math:`e_i e_i^T` on the diagonal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Size, Theta
from mlestim.distributions.links import ElementwiseLink, ProductLink
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.vectors.cholesky import (
    CholeskyLink,
    cholesky,
    inverse_and_log_root,
    is_positive_definite,
)
from mlestim.distributions.vectors.degenerate import explain_flat, lies_flat
from mlestim.distributions.vectors.entries import symmetric, triangle
from mlestim.distributions.vectors.family import Multivariate
from mlestim.distributions.vectors.support import REAL_SPACE

Integers = NDArray[np.intp]


@dataclass(frozen=True)
class Ellipse:
    """Centre and matrix of an elliptical density.

    Parameters
    ----------
    centre : sequence of d arrays
        μ.
    entries : sequence of d(d+1)/2 arrays
        Lower triangle of Σ.
    """

    centre: Sequence[Array]
    entries: Sequence[Array]

    @cached_property
    def dimension(self) -> int:
        return len(self.centre)

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """Row and column of each entry."""
        rows, columns = triangle(self.dimension)
        return list(zip(rows.tolist(), columns.tolist(), strict=True))

    @cached_property
    def _inverse(self) -> tuple[Array, Array]:
        return inverse_and_log_root(self.matrix)

    @cached_property
    def middle(self) -> Array:
        """μ, shape (..., d)."""
        return np.stack(np.broadcast_arrays(*self.centre), axis=-1)

    @cached_property
    def matrix(self) -> Array:
        """Σ, shape (..., d, d)."""
        return symmetric(self.entries)

    @property
    def precision(self) -> Array:
        """Σ⁻¹, shape (..., d, d)."""
        return self._inverse[0]

    @property
    def log_root(self) -> Array:
        """Half the log determinant of Σ."""
        return self._inverse[1]

    def distances(self, x: Array) -> tuple[Array, Array]:
        """Σ⁻¹(x − μ), shape (..., d), and the squared distance of rows, shape (...)."""
        gap = x - self.middle
        leant = self.times_precision(gap)
        return leant, np.vecdot(leant, gap)

    def times_precision(self, vectors: Array) -> Array:
        """Multiply vectors, shape (..., d), by Σ⁻¹."""
        precision = self.precision
        if precision.ndim > 2 and precision.shape[-3] == 1 and vectors.ndim > 1:
            precision = precision[..., 0, :, :]  # the same for all rows: one product of matrices
            return np.asarray(vectors @ precision)
        if precision.ndim == 2:
            return np.asarray(vectors @ precision)
        return np.asarray((precision @ vectors[..., None])[..., 0])

    # ---- derivatives ---------------------------------------------------------------------------

    def slopes(self, symmetric_matrix: Array) -> Iterator[Array]:
        """tr(M E_A) for every entry A."""
        for i, j in self.pairs:
            yield symmetric_matrix[..., i, j] * (1.0 if i == j else 2.0)

    def moved(self, vector: Array, i: int) -> Iterator[Array]:
        """(Σ⁻¹ E_A v)_i for every entry A."""
        line = self.precision[..., i, :]
        for j, k in self.pairs:
            moved = line[..., j] * vector[..., k]
            yield moved if j == k else moved + line[..., k] * vector[..., j]

    def traces(self, matrix: Array, a: int) -> Iterator[Array]:
        """tr(Σ⁻¹ E_A M E_B), M symmetric and A and B exchangeable, for A and every B from it on."""
        p, (rows, columns) = self.precision, triangle(self.dimension)
        i, j, k, m = rows[a], columns[a], rows[a:], columns[a:]
        total = _crossed(p, matrix, i, j, k, m) + _crossed(matrix, p, i, j, k, m)
        total *= 0.5 * np.where(i == j, 0.5, 1.0) * np.where(k == m, 0.5, 1.0)
        yield from np.moveaxis(total, -1, 0)


def _crossed(x: Array, y: Array, i: int, j: int, k: Integers, m: Integers) -> Array:
    """tr(X F_ij Y F_km) with F_ij = e_i e_jᵀ + e_j e_iᵀ, for every k and m along the last axis."""
    return np.asarray(
        x[..., m, i] * y[..., j, k]
        + x[..., m, j] * y[..., i, k]
        + x[..., k, i] * y[..., j, m]
        + x[..., k, j] * y[..., i, m]
    )


class Elliptical(Multivariate):
    """A family whose last parameters are a centre and the lower triangle of a matrix.

    Class attributes that a family declares
    ---------------------------------------
    n_leading : int
        Parameters before the centre.
    """

    support = REAL_SPACE
    n_leading: ClassVar[int] = 0
    together = "the matrix is not positive definite"

    def ellipse(self, theta: Theta) -> Ellipse:
        """Centre and matrix of a member."""
        centre = self.n_leading + len(self.labels or ())
        return Ellipse(theta[self.n_leading : centre], theta[centre:])

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Row and column of each entry of the matrix."""
        rows, columns = triangle(len(self.labels or ()))
        return list(zip(rows.tolist(), columns.tolist(), strict=True))

    @property
    def link(self) -> ProductLink:
        d, p = len(self.labels or ()), len(self.parameters)
        n = self.n_leading + d
        others = ElementwiseLink(self.parameters[:n])
        return ProductLink([(range(n), others), (range(n, p), CholeskyLink(d))])

    def valid(self, theta: Theta) -> NDArray[np.bool_]:
        return is_positive_definite(self.ellipse(theta).entries)

    def without_maximum(self, sketch: Sketch, free: frozenset[str]) -> NDArray[np.bool_]:
        # a line of rows leaves the whole matrix without bound, a constant column its variance
        names = self.parameter_names[self.n_leading + len(self.labels or ()) :]
        if free.issuperset(names):
            return lies_flat(sketch.exact_moments()[1])
        constant = sketch.minimum == sketch.maximum
        places = [(name, i) for name, (i, j) in zip(names, self.pairs, strict=True) if i == j]
        held = [constant[:, i] & (name in free) for name, i in places]
        return np.any(held, axis=0)

    def explain_unbounded(self, x: Array, weights: Array | None, columns: Sequence[str]) -> str:
        return explain_flat(x, weights, columns)

    def distances(self, x: Array) -> tuple[Array, Any]:
        return self.ellipse(self.theta).distances(x)[1], self._distribution_of_distances()

    def _distribution_of_distances(self) -> Any:
        raise NotImplementedError(f"{self.name} declares no distribution of distances")

    def laid_flat(self, centre: Array, matrix: Array) -> list[Array]:
        """Parameters of centres, shape (problems, d), and matrices, shape (problems, d, d)."""
        rows, columns = triangle(centre.shape[-1])
        return [*centre.T, *matrix[:, rows, columns].T]

    def _mode(self, theta: Theta) -> Array:
        return self.ellipse(theta).middle

    def normal_vectors(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        """Draw normal vectors about 0 with the matrix for covariance."""
        ellipse = self.ellipse(theta)
        factor = cholesky(ellipse.matrix)
        z = rng.standard_normal((*np.atleast_1d(size).astype(int), ellipse.dimension))
        return np.asarray((factor @ z[..., None])[..., 0])
