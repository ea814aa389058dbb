"""Batch normalization."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlestim.errors import DataError, OptionError
from nn.arrays import float_array
from nn.layers.normalization.base import Normalization

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nn.arrays import FloatArray


class BatchNorm(Normalization):
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
        Scale and shift of the normalized features; copied. An ensemble's have shape
        (n_networks, 1, n_features).
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
        If the shapes of `gamma` and `beta` do not go together; in ``forward`` with
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

    buffer_names = ("running_mean", "running_variance")
    setting_names = ("epsilon", "momentum")

    def __init__(
        self, gamma: ArrayLike, beta: ArrayLike, epsilon: float = 1e-5, momentum: float = 0.1
    ) -> None:
        super().__init__(gamma, beta, epsilon)
        if not 0 < momentum <= 1:
            raise OptionError(f"momentum={momentum}: the newest batch's weight lies in (0, 1]")
        self.momentum = float(momentum)
        self.running_mean: FloatArray = np.zeros_like(self.gamma)
        self.running_variance: FloatArray = np.ones_like(self.gamma)

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        x = self._rows(x)
        normalized = self._array("normalized", x.shape, np.result_type(x, self.gamma))
        if training:
            self._check_rows(x)
            mean = self._mean_of_rows(x)
            np.subtract(x, mean, out=normalized)
            square = self._array("product", x.shape, normalized.dtype)
            variance = self._mean_of_rows(np.square(normalized, out=square))
            self._learn(mean, variance, x.shape[-2])
        else:
            np.subtract(x, self.running_mean, out=normalized)
            variance = self.running_variance
        inverse_sd = 1 / np.sqrt(variance + self.epsilon)
        normalized *= inverse_sd
        self._kept = normalized, inverse_sd, training
        return self._scale_and_shift(normalized)

    def backward(self, dy: ArrayLike) -> FloatArray:
        normalized, inverse_sd, training = self._recall()
        self.backward_to_parameters(dy)
        gradient = float_array(dy, "dy")
        dx: FloatArray = self._array("dx", gradient.shape, gradient.dtype)
        if training:
            n = gradient.shape[-2]
            np.multiply(normalized, self.dgamma / -n, out=dx, casting="same_kind")
            dx += gradient
            dx -= self.dbeta / n
        else:
            dx[...] = gradient
        dx *= self.gamma * inverse_sd
        return dx

    def _mean_of_rows(self, x: FloatArray) -> FloatArray:
        """Mean over the rows, in the shape of γ."""
        mean: FloatArray = x.mean(axis=-2).reshape(self.gamma.shape)
        return mean

    def _check_rows(self, x: FloatArray) -> None:
        if x.shape[-2] < 2:
            raise DataError(
                f"{self}: x has shape {x.shape}; training needs at least two rows in a batch, "
                "because one row has no variance: merge it into another batch"
            )

    def _learn(self, mean: FloatArray, variance: FloatArray, n: int) -> None:
        """Let the batch's mean and variance enter the running ones."""
        self.running_mean += self.momentum * (mean - self.running_mean)
        self.running_variance += self.momentum * (variance * (n / (n - 1)) - self.running_variance)
