"""The affine map, a network's fully connected layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from mlestim.errors import DataError
from nn.arrays import feature_rows, float_array, sum_to_shape
from nn.layers.base import Layer
from nn.layers.initial import Scheme, initial_weights
from nn.layers.weight_noise import WeightNoise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, DTypeLike

    from nn.arrays import FloatArray


class Affine(Layer):
    r"""Affine map of each row: ``y = x W + b``.

    .. math:: y = xW + b, \qquad
              dx = dy\,W^\mathsf{T}, \quad dW = x^\mathsf{T} dy, \quad db = \sum_{rows} dy

    Parameters
    ----------
    W : array, shape (n_in, n_out)
        Weights, float or integer; copied. An ensemble's have shape (n_networks, n_in, n_out).
    b : array, shape (n_out,) or (1, n_out)
        Bias, float or integer; copied. ``db`` has its shape. An ensemble's has shape
        (n_networks, 1, n_out).
    noise : WeightNoise, optional
        Added to the weights in training, anew for each batch.

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
    weight_names = ("W",)
    dW: FloatArray
    db: FloatArray

    def __init__(self, W: ArrayLike, b: ArrayLike, noise: WeightNoise | None = None) -> None:
        weights, bias = float_array(W, "W"), float_array(b, "b")
        if weights.ndim not in {2, 3}:
            raise DataError(f"W has shape {weights.shape}; weights have shape (n_in, n_out)")
        *networks, _, n_out = weights.shape
        allowed = [(*networks, 1, n_out)] if networks else [(n_out,), (1, n_out)]
        if bias.shape not in allowed:
            raise DataError(
                f"b has shape {bias.shape}; W of shape {weights.shape} goes with a bias of shape "
                f"{' or '.join(map(str, allowed))}"
            )
        dtype = np.result_type(weights, bias)
        self.W: FloatArray = np.array(weights, dtype, order="C")
        self.b: FloatArray = np.array(bias, dtype, order="C")
        self.noise = noise
        self.inner = () if noise is None else (noise,)
        self._keep_gradients()

    @classmethod
    def initialized(
        cls,
        n_in: int,
        n_out: int,
        rng: np.random.Generator | int,
        dtype: DTypeLike = np.float32,
        *,
        scheme: Scheme = "he",
        n_networks: int | None = None,
        noise: WeightNoise | None = None,
    ) -> Self:
        r"""Draw weights at random, and set the bias to 0.

        Parameters
        ----------
        n_in, n_out : int
            Numbers of features in and out, at least 1.
        rng : numpy.random.Generator or int
            Where the draws come from, or the seed of a new generator.
        dtype : dtype
            Precision of the parameters.
        scheme : {"he", "glorot"}
            Normal with sd :math:`\sqrt{2/n_{in}}`, for ReLU, or uniform within
            :math:`\mp\sqrt{6/(n_{in} + n_{out})}`, for tanh, sigmoid and the output.
        n_networks : int, optional
            Draw the weights of an ensemble, which computes and learns as one.
        noise : WeightNoise, optional
            Added to the weights in training.

        Raises
        ------
        OptionError
            If `n_in` or `n_out` is below 1, or the scheme is unknown.

        Examples
        --------
        >>> import nn
        >>> nn.Affine.initialized(64, 10, rng=0)
        Affine(n_in=64, n_out=10)
        """
        networks = () if n_networks is None else (n_networks,)
        weights = initial_weights(scheme, (*networks, n_in, n_out), rng)
        bias_shape = (*networks, 1, n_out) if networks else (n_out,)
        return cls(weights.astype(dtype), np.zeros(bias_shape, dtype), noise)

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        weights = self.W
        *networks, n_in, n_out = weights.shape
        x = feature_rows(x, "x", n_in, self, tuple(networks))
        if self.noise is not None:
            weights = self.noise.forward(weights, training)
        self._kept = x, weights
        dtype = x.dtype if x.dtype == weights.dtype else np.result_type(x, weights)
        y = self._array("y", (*networks, x.shape[-2], n_out), dtype)
        np.matmul(x, weights, out=y)
        return np.add(y, self.b, out=y)

    def backward(self, dy: ArrayLike) -> FloatArray:
        self.backward_to_parameters(dy)
        x, weights = self._recall()
        gradient = float_array(dy, "dy")
        shape = (*gradient.shape[:-1], weights.shape[-2])
        dtype = gradient.dtype if gradient.dtype == weights.dtype else np.result_type(dy, weights)
        dx = self._array("dx", shape, dtype)
        np.matmul(gradient, weights.swapaxes(-1, -2), out=dx)
        return dx if x.ndim == dx.ndim else sum_to_shape(dx, x.shape)

    def backward_to_parameters(self, dy: ArrayLike) -> None:
        x, weights = self._recall()
        shape = (*weights.shape[:-2], x.shape[-2], weights.shape[-1])
        gradient = self._output_gradient(dy, shape)
        np.matmul(x.swapaxes(-1, -2), gradient, out=self.dW, casting="same_kind")
        db = self.db if self.db.ndim == 3 else self.db.reshape(1, -1)
        np.add.reduce(gradient, axis=-2, keepdims=True, out=db)

    def settings(self) -> dict[str, Any]:
        *networks, n_in, n_out = self.W.shape
        settings: dict[str, Any] = {"n_in": n_in, "n_out": n_out}
        if networks:
            settings["n_networks"] = networks[0]
        if self.noise is not None:
            settings["noise_sd"] = self.noise.sd
        return settings

    @classmethod
    def from_settings(
        cls, settings: Mapping[str, Any], rng: np.random.Generator, dtype: DTypeLike
    ) -> Self:
        sizes = {name: value for name, value in settings.items() if name != "noise_sd"}
        noise = WeightNoise(settings["noise_sd"], rng) if "noise_sd" in settings else None
        return cls.initialized(**sizes, rng=rng, dtype=dtype, noise=noise)
