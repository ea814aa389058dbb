"""Batch normalization."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlestim.errors import DataError, OptionError
from nn.arrays import feature_rows, float_array
from nn.layers.base import Layer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nn.arrays import FloatArray


class BatchNorm(Layer):
    r"""Batch normalization of each feature.

    .. math:: \mu = \tfrac1n \sum_i x_i, \quad \sigma^2 = \tfrac1n \sum_i (x_i - \mu)^2, \quad
              \hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \quad
              y = \gamma \hat x + \beta

    Both sums run over the n rows of the batch. With ``training=True`` the mean and variance are
    the batch's, and enter the running ones; otherwise the running ones are used, so that a row's
    output does not depend on its neighbours. The gradients are

    .. math:: d\gamma = \sum_i dy_i \hat x_i, \quad d\beta = \sum_i dy_i, \quad
              dx_i = \frac{\gamma}{\sqrt{\sigma^2 + \varepsilon}}
              \Bigl(dy_i - \frac{d\beta}{n} - \hat x_i \frac{d\gamma}{n}\Bigr)

    in training, where μ and σ depend on the rows; without the last two terms otherwise.

    Parameters
    ----------
    gamma, beta : array, shape (n_features,)
        Scale and shift of the normalized features; copied.
    epsilon : float
        Added to the variance; positive.
    momentum : float
        Weight of the newest batch in the running mean and variance, in (0, 1].

    Attributes
    ----------
    gamma, beta : array
        The parameters, which an optimizer changes in place.
    dgamma, dbeta : array
        Their gradients after ``backward``; the next one overwrites them.
    running_mean, running_variance : array
        Start at 0 and 1. The running variance collects the unbiased one, with divisor n−1.

    Raises
    ------
    DataError
        If `gamma` and `beta` are not two vectors of one length; in ``forward`` with
        ``training=True``, if the batch has fewer than two rows.
    OptionError
        If `epsilon` or `momentum` is out of range.

    References
    ----------
    Ioffe, Szegedy (2015), Batch normalization, algorithms 1 and 2.

    Examples
    --------
    >>> import nn
    >>> norm = nn.BatchNorm(gamma=[1.0], beta=[0.0])
    >>> norm.forward([[1.0], [3.0]], training=True).round(4).tolist()
    [[-1.0], [1.0]]
    >>> norm.running_mean.tolist(), norm.running_variance.tolist()
    ([0.2], [1.1])
    """

    parameter_names = ("gamma", "beta")
    dgamma: FloatArray
    dbeta: FloatArray

    def __init__(
        self, gamma: ArrayLike, beta: ArrayLike, epsilon: float = 1e-5, momentum: float = 0.1
    ) -> None:
        scale, shift = float_array(gamma, "gamma"), float_array(beta, "beta")
        if scale.ndim != 1 or scale.shape != shift.shape:
            raise DataError(
                f"gamma has shape {scale.shape} and beta {shift.shape}; both have shape "
                "(n_features,)"
            )
        if not 0 < epsilon < np.inf:
            raise OptionError(f"epsilon={epsilon}: a positive number is added to the variance")
        if not 0 < momentum <= 1:
            raise OptionError(f"momentum={momentum}: the newest batch's weight lies in (0, 1]")
        dtype = np.result_type(scale, shift)
        self.gamma: FloatArray = np.array(scale, dtype)
        self.beta: FloatArray = np.array(shift, dtype)
        self.epsilon = float(epsilon)
        self.momentum = float(momentum)
        self.running_mean: FloatArray = np.zeros_like(self.gamma)
        self.running_variance: FloatArray = np.ones_like(self.gamma)
        self._keep_gradients()

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        x = feature_rows(x, "x", len(self.gamma), self)
        mean, variance = self._learn(x) if training else (self.running_mean, self.running_variance)
        inverse_sd = 1 / np.sqrt(variance + self.epsilon)
        normalized: FloatArray = (x - mean) * inverse_sd
        self._kept = normalized, inverse_sd, training
        return self.gamma * normalized + self.beta

    def backward(self, dy: ArrayLike) -> FloatArray:
        normalized, inverse_sd, training = self._recall()
        gradient = self._output_gradient(dy, normalized.shape)
        np.sum(gradient * normalized, axis=0, out=self.dgamma)
        np.sum(gradient, axis=0, out=self.dbeta)
        if training:
            gradient = gradient - (self.dbeta + normalized * self.dgamma) / len(gradient)
        dx: FloatArray = gradient * (self.gamma * inverse_sd)
        return dx

    def _learn(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give the batch's mean and variance, after they entered the running ones."""
        n = len(x)
        if n < 2:
            raise DataError(
                f"{self}: x has shape {x.shape}; training needs at least two rows in a batch, "
                "because one row has no variance: merge it into another batch"
            )
        mean, variance = x.mean(axis=0), x.var(axis=0)
        self.running_mean += self.momentum * (mean - self.running_mean)
        self.running_variance += self.momentum * (variance * (n / (n - 1)) - self.running_variance)
        return mean, variance

    def __repr__(self) -> str:
        return (
            f"BatchNorm(n_features={len(self.gamma)}, epsilon={self.epsilon}, "
            f"momentum={self.momentum})"
        )
