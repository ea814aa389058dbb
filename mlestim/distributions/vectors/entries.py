"""Vectors and matrices of parameters, entry by entry."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.parameter import POSITIVE, Parameter, Shape, Unit

Array = NDArray[np.float64]
# Labels up to this many characters long stand side by side: covariance_21, but covariance_11_1.
SHORT_LABEL = 1


@dataclass(frozen=True)
class Entry(Parameter):
    """A parameter of a family of vectors: a number, or one entry of a vector or matrix.

    Parameters
    ----------
    components : tuple of int
        The components of the data whose units it follows.
    """

    components: tuple[int, ...] = ()

    def rescale(self, theta: Array, centre: ArrayLike, scale: ArrayLike) -> Array:
        moved = self.rescale_factor(scale) * theta
        return np.asarray(centre)[..., self.components[0]] + moved if self._is_place else moved

    def standardize(self, theta: Array, centre: ArrayLike, scale: ArrayLike) -> Array:
        if self._is_place:
            theta = theta - np.asarray(centre)[..., self.components[0]]
        return np.asarray(theta / self.rescale_factor(scale))

    def rescale_factor(self, scale: ArrayLike) -> Array:
        scale = np.asarray(scale, dtype=float)
        if self.unit is Unit.NONE:
            return np.ones(scale.shape[:1])
        return np.asarray(np.prod([scale[..., j] for j in self.components], axis=0))

    @property
    def _is_place(self) -> bool:
        return self.unit is Unit.LOCATION


def entries(parameter: Parameter, labels: Sequence[Hashable]) -> list[Entry]:
    """Lay out a parameter; of a symmetric matrix the lower triangle, row by row.

    Examples
    --------
    >>> matrix = Parameter("covariance", shape=Shape.MATRIX)
    >>> [entry.name for entry in entries(matrix, (1, 2))]
    ['covariance_11', 'covariance_21', 'covariance_22']
    """
    words = [str(label) for label in labels]
    name, meaning = parameter.name, parameter.meaning
    plain = Entry(name, parameter.domain, parameter.unit, meaning, known=parameter.known)
    if parameter.shape is Shape.NUMBER:
        return [plain]
    if parameter.shape is Shape.VECTOR:
        return [
            replace(plain, name=f"{name}_{word}", components=(j,)) for j, word in enumerate(words)
        ]
    between = "" if max(map(len, words), default=0) <= SHORT_LABEL else "_"
    return [
        replace(
            plain,
            name=f"{name}_{words[i]}{between}{words[j]}",
            domain=POSITIVE if i == j else parameter.domain,
            unit=parameter.unit if i == j else _off_diagonal(parameter.unit),
            components=(i, j),
        )
        for i in range(len(words))
        for j in range(i + 1)
    ]


def _off_diagonal(unit: Unit) -> Unit:
    return Unit.PRODUCT if unit is Unit.SQUARE else unit


def laid_out(parameters: Sequence[Parameter], labels: Sequence[Hashable]) -> tuple[Entry, ...]:
    """Lay out all parameters of a family in declared order."""
    return tuple(chain.from_iterable(entries(parameter, labels) for parameter in parameters))


def triangle(d: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the entries of a lower triangle, row by row."""
    return np.tril_indices(d)


def symmetric(entries: Sequence[Array]) -> Array:
    """Matrices, shape (..., d, d), from arrays of the entries of their lower triangle.

    Examples
    --------
    >>> symmetric([1.0, 2.0, 3.0])
    array([[1., 2.],
           [2., 3.]])
    """
    d = dimension_of_triangle(len(entries))
    rows, columns = triangle(d)
    stacked = np.stack(np.broadcast_arrays(*entries), axis=-1)
    matrices = np.empty((*stacked.shape[:-1], d, d))
    matrices[..., rows, columns] = stacked
    matrices[..., columns, rows] = stacked
    return matrices


def dimension_of_triangle(size: int) -> int:
    """Number of rows of a matrix whose lower triangle has so many entries."""
    return int(np.sqrt(2 * size))
