"""Vectors for the levels of a categorical column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from mlestim.errors import DataError, OptionError
from nn.arrays import float_array
from nn.layers.base import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, DTypeLike

    from nn.arrays import FloatArray


class Embedding(Layer):
    r"""Replaces a column of codes by learned vectors, one for each level.

    .. math:: y_i = (x_{i,-c},\; W_{x_{ic}}), \qquad
              dW_k = \sum_{i:\, x_{ic} = k} dy_{i,\mathrm{last}}

    Column c holds the codes 0, …, K−1. The other columns keep their order and come first, the
    code's row of W comes last. Several categorical columns take several such layers in a chain,
    the rightmost column first.

    Parameters
    ----------
    W : array, shape (n_levels, n_dimensions)
        The vectors; copied. An ensemble's have shape (n_networks, n_levels, n_dimensions).
    column : int
        c, the position of the codes, counted from 0.

    Attributes
    ----------
    W : array
        The vectors, which an optimizer changes in place.
    dW : array
        Their gradient after ``backward``; the next one overwrites it.

    Raises
    ------
    DataError
        If `W` has another number of axes; in ``forward``, if codes are no levels.
    OptionError
        If `column` is negative.

    Examples
    --------
    >>> import nn
    >>> embedding = nn.Embedding([[0.0, 1.0], [5.0, 6.0]], column=1)
    >>> embedding.forward([[2.5, 1, 3.5], [4.5, 0, 5.5]]).tolist()
    [[2.5, 3.5, 5.0, 6.0], [4.5, 5.5, 0.0, 1.0]]
    >>> embedding.backward([[1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 1.0, 1.0]]).tolist()
    [[1.0, 0.0, 2.0], [0.0, 0.0, 0.0]]
    >>> embedding.dW.tolist()
    [[1.0, 1.0], [3.0, 4.0]]
    """

    parameter_names = ("W",)
    weight_names = ("W",)
    dW: FloatArray

    def __init__(self, W: ArrayLike, column: int) -> None:
        vectors = float_array(W, "W")
        if vectors.ndim not in {2, 3}:
            raise DataError(f"W has shape {vectors.shape}; it needs (n_levels, n_dimensions)")
        if column < 0:
            raise OptionError(f"column={column}: columns are counted from 0, from the left")
        self.W: FloatArray = np.array(vectors, order="C")
        self.column = int(column)
        self._keep_gradients()

    @classmethod
    def initialized(
        cls,
        n_levels: int,
        n_dimensions: int,
        column: int,
        rng: np.random.Generator | int,
        dtype: DTypeLike = np.float32,
        *,
        n_networks: int | None = None,
    ) -> Self:
        """Draw the vectors' entries from the standard normal distribution.

        Parameters
        ----------
        n_levels, n_dimensions : int
            Numbers of levels and of entries of each vector, at least 1.
        column : int
            Position of the codes.
        rng : numpy.random.Generator or int
            Where the draws come from, or the seed of a new generator.
        dtype : dtype
            Precision of the parameters.
        n_networks : int, optional
            Draw the vectors of an ensemble.

        Raises
        ------
        OptionError
            If `n_levels` or `n_dimensions` is below 1.
        """
        if n_levels < 1 or n_dimensions < 1:
            raise OptionError(
                f"n_levels={n_levels}, n_dimensions={n_dimensions}: there is at least one of each"
            )
        shape = (
            (n_levels, n_dimensions) if n_networks is None else (n_networks, n_levels, n_dimensions)
        )
        draws = np.random.default_rng(rng).standard_normal(shape)
        return cls(draws.astype(dtype), column)

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        x = float_array(x, "x")
        networks = self.W.shape[:-2]
        if x.ndim not in {2, 2 + len(networks)} or x.shape[-1] <= self.column:
            raise DataError(
                f"{self} takes x of shape (rows, features), at least {self.column + 1} features; "
                f"got {x.shape}"
            )
        index = self._index(x[..., self.column])
        vectors = self.W[index]
        rest = np.delete(x, self.column, axis=-1)
        rest = np.broadcast_to(rest, (*vectors.shape[:-1], rest.shape[-1]))
        y = np.concatenate([rest, vectors], axis=-1)
        self._kept = index, x.shape, y.shape
        return y

    def backward(self, dy: ArrayLike) -> FloatArray:
        self.backward_to_parameters(dy)
        _, shape, _ = self._recall()
        gradient = float_array(dy, "dy")
        rest = gradient[..., : shape[-1] - 1]
        if gradient.ndim > len(shape):
            rest = rest.sum(axis=0)
        return np.insert(rest, self.column, 0, axis=-1)

    def backward_to_parameters(self, dy: ArrayLike) -> None:
        index, _, shape = self._recall()
        gradient = self._output_gradient(dy, shape)
        n_levels, n_dimensions = self.W.shape[-2:]
        vectors = index if self.W.ndim == 2 else index[0] * n_levels + index[1]
        places = vectors[..., None] * n_dimensions + np.arange(n_dimensions)
        last = gradient[..., shape[-1] - n_dimensions :]
        sums = np.bincount(places.ravel(), last.ravel(), self.dW.size)
        self.dW[...] = sums.reshape(self.dW.shape)

    def _index(self, column: FloatArray) -> Any:
        """Turn the codes into an index of W."""
        n_levels = self.W.shape[-2]
        known = (column >= 0) & (column < n_levels) & (column == np.floor(column))
        if not known.all():
            row = tuple(np.argwhere(~known)[0].tolist())[-1]
            raise DataError(
                f"{self}: column {self.column} of x holds codes, integers 0 to {n_levels - 1}; "
                f"row {row} holds {column[~known].flat[0]}"
            )
        codes = column.astype(np.intp)
        return codes if self.W.ndim == 2 else (np.arange(len(self.W))[:, None], codes)

    def settings(self) -> dict[str, Any]:
        *networks, n_levels, n_dimensions = self.W.shape
        sizes = {"n_levels": n_levels, "n_dimensions": n_dimensions, "column": self.column}
        return sizes | ({"n_networks": networks[0]} if networks else {})

    @classmethod
    def from_settings(
        cls, settings: Mapping[str, Any], rng: np.random.Generator, dtype: DTypeLike
    ) -> Self:
        return cls.initialized(**settings, rng=rng, dtype=dtype)
