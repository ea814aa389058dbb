"""Networks without hidden layer see features that nearly follow from others as orthogonal ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nn.arrays import FloatArray
    from nn.layers.affine import Affine
    from nn.sequential import Sequential

    Transform = Callable[[Any], Any]

# Directions that are shorter, beside the longest one, are rounding: nothing is known of them.
ROUNDING = 1e-12


@dataclass(frozen=True)
class OrthogonalBasis:
    r"""Directions in which features of any correlation vary independently and equally.

    .. math:: Z = (X - m) B, \qquad X - m = U S V^\mathsf{T}, \qquad
              B = \sqrt{n}\, V S^{-1}

    Where :math:`X` hardly varies in a direction, the slope of a likelihood in its coefficient is
    too small to be told from 0 long before the maximum; in that of :math:`Z` it is not. Directions
    in which X does not vary at all are columns of zeros.

    Parameters
    ----------
    centre : array, shape (d,)
        m.
    directions : array, shape (d, d)
        B.
    inverse : array, shape (d, d)
        Its pseudoinverse, which takes coefficients of X to those of Z.

    Examples
    --------
    >>> x = np.array([0.0, 1.0, 2.0, 5.0])
    >>> features = np.column_stack([x, x + 1e-6 * x**2])
    >>> z = OrthogonalBasis.of(features).transform(features)
    >>> (z.T @ z / 4).round(6) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """

    centre: FloatArray
    directions: FloatArray
    inverse: FloatArray

    @classmethod
    def of(cls, inputs: FloatArray) -> OrthogonalBasis:
        """Find the directions of features, shape (n, d)."""
        n, d = inputs.shape
        centre = inputs.mean(axis=0, dtype=np.float64)
        triangle = np.linalg.qr(inputs - centre, mode="r")
        _, lengths, rows = np.linalg.svd(triangle, full_matrices=False)
        told = lengths > ROUNDING * lengths.max(initial=0.0)
        directions, inverse = np.zeros((2, d, d))
        directions[:, : told.sum()] = rows[told].T / lengths[told] * np.sqrt(n)
        inverse[: told.sum()] = (rows[told].T * lengths[told]).T / np.sqrt(n)
        return cls(centre, directions, inverse)

    def transform(self, inputs: FloatArray) -> FloatArray:
        """Give Z of features."""
        transformed: FloatArray = (inputs - self.centre) @ self.directions
        return transformed

    def enter(self, layer: Affine) -> None:
        """Let a layer give the same outputs for Z as it gave for X."""
        layer.b += (self.centre @ layer.W).reshape(layer.b.shape)
        layer.W[...] = self.inverse @ layer.W

    def leave(self, layer: Affine) -> None:
        """Let a layer that learned from Z give the same outputs for X."""
        layer.W[...] = self.directions @ layer.W
        layer.b -= (self.centre @ layer.W).reshape(layer.b.shape)


@contextmanager
def orthogonal(network: Sequential, inputs: FloatArray) -> Iterator[Transform]:
    """Let a network of one affine layer see features as `OrthogonalBasis` has them, for a while."""
    layer: Any = network.layers[0]
    basis = OrthogonalBasis.of(inputs)
    basis.enter(layer)
    try:
        yield lambda rows: replace(rows, inputs=basis.transform(rows.inputs))
    finally:
        basis.leave(layer)


@contextmanager
def as_they_are() -> Iterator[Transform]:
    """Let a network see features as they are."""
    yield lambda rows: rows
