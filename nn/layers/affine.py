"""The affine map, a network's fully connected layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from mlestim.errors import DataError, OptionError
from nn.arrays import feature_rows, float_array
from nn.layers.base import Layer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

    from nn.arrays import FloatArray


class Affine(Layer):
    r"""Affine map of each row: ``y = x W + b``.

    .. math:: y = xW + b, \qquad
              dx = dy\,W^\mathsf{T}, \quad dW = x^\mathsf{T} dy, \quad db = \sum_{rows} dy

    Parameters
    ----------
    W : array, shape (n_in, n_out)
        Weights, float or integer; copied.
    b : array, shape (n_out,) or (1, n_out)
        Bias, float or integer; copied. ``db`` has its shape.

    Attributes
    ----------
    W, b : array
        The parameters, which an optimizer changes in place.
    dW, db : array
        Their gradients after ``backward``, of the same shapes; the next one overwrites them.

    Raises
    ------
    DataError
        If the shapes of `W` and `b` do not go together.

    Examples
    --------
    >>> import nn
    >>> affine = nn.Affine([[4, 5, 6], [7, 8, 9]], [[10, 11, 12]])
    >>> affine.forward([[1, 2]]).tolist()
    [[28.0, 32.0, 36.0]]
    >>> affine.backward([[1, 2, 3]]).tolist()
    [[32.0, 50.0]]
    >>> affine.dW.tolist(), affine.db.tolist()
    ([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]], [[1.0, 2.0, 3.0]])
    """

    parameter_names = ("W", "b")
    dW: FloatArray
    db: FloatArray

    def __init__(self, W: ArrayLike, b: ArrayLike) -> None:
        weights, bias = float_array(W, "W"), float_array(b, "b")
        if weights.ndim != 2:
            raise DataError(f"W has shape {weights.shape}; weights have shape (n_in, n_out)")
        n_out = weights.shape[1]
        if bias.shape not in {(n_out,), (1, n_out)}:
            raise DataError(
                f"b has shape {bias.shape}; W of shape {weights.shape} goes with a bias of shape "
                f"({n_out},) or (1, {n_out})"
            )
        dtype = np.result_type(weights, bias)
        self.W: FloatArray = np.array(weights, dtype, order="C")
        self.b: FloatArray = np.array(bias, dtype, order="C")
        self._keep_gradients()

    @classmethod
    def initialized(
        cls,
        n_in: int,
        n_out: int,
        rng: np.random.Generator | int,
        dtype: DTypeLike = np.float32,
    ) -> Self:
        r"""Draw weights from a normal with sd :math:`\sqrt{2/n_{in}}`, and set the bias to 0.

        Parameters
        ----------
        n_in, n_out : int
            Numbers of features in and out, at least 1.
        rng : numpy.random.Generator or int
            Where the draws come from, or the seed of a new generator.
        dtype : dtype
            Precision of the parameters.

        Raises
        ------
        OptionError
            If `n_in` or `n_out` is below 1.

        References
        ----------
        He, Zhang, Ren, Sun (2015), Delving deep into rectifiers, equation 10: outputs of ReLU
        layers keep their variance from layer to layer.

        Examples
        --------
        >>> import nn
        >>> nn.Affine.initialized(64, 10, rng=0)
        Affine(n_in=64, n_out=10)
        """
        if n_in < 1 or n_out < 1:
            raise OptionError(f"n_in={n_in}, n_out={n_out}: a layer has at least one of each")
        draws = np.random.default_rng(rng).standard_normal((n_in, n_out))
        return cls((draws * np.sqrt(2 / n_in)).astype(dtype), np.zeros(n_out, dtype))

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        x = feature_rows(x, "x", self.W.shape[0], self)
        self._kept = x
        y: FloatArray = x @ self.W
        y += self.b
        return y

    def backward(self, dy: ArrayLike) -> FloatArray:
        x: FloatArray = self._recall()
        gradient = self._output_gradient(dy, (len(x), self.W.shape[1]))
        np.matmul(x.T, gradient, out=self.dW, casting="same_kind")
        np.sum(gradient, axis=0, out=self.db.reshape(-1))
        dx: FloatArray = gradient @ self.W.T
        return dx

    def __repr__(self) -> str:
        return f"Affine(n_in={self.W.shape[0]}, n_out={self.W.shape[1]})"
