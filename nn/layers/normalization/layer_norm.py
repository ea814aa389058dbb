"""Layer normalization."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nn.arrays import float_array
from nn.layers.normalization.base import Normalization

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nn.arrays import FloatArray


class LayerNorm(Normalization):
    r"""Layer normalization of each row.

    .. math:: \mu_i = \tfrac1d \sum_j x_{ij}, \quad
              \sigma_i^2 = \tfrac1d \sum_j (x_{ij} - \mu_i)^2, \quad
              \hat x_{ij} = \frac{x_{ij} - \mu_i}{\sqrt{\sigma_i^2 + \varepsilon}}, \quad
              y_{ij} = \gamma_j \hat x_{ij} + \beta_j

    Both sums run over the d features of a row, so that a row's output never depends on other
    rows, and training and inference are the same. With :math:`g = dy \odot \gamma`,

    .. math:: d\gamma_j = \sum_i dy_{ij} \hat x_{ij}, \quad d\beta_j = \sum_i dy_{ij}, \quad
              dx_{ij} = \frac{1}{\sqrt{\sigma_i^2 + \varepsilon}}
              \Bigl(g_{ij} - \tfrac1d \sum_k g_{ik} - \hat x_{ij} \tfrac1d \sum_k g_{ik} \hat x_{ik}\Bigr)

    Parameters
    ----------
    gamma, beta : array, shape (n_features,)
        Scale and shift of the normalized features; copied. An ensemble's have shape
        (n_networks, 1, n_features).
    epsilon : float
        Added to the variance; positive.

    Attributes
    ----------
    gamma, beta : array
        The parameters, which an optimizer changes in place.
    dgamma, dbeta : array
        Their gradients after ``backward``; the next one overwrites them.

    Raises
    ------
    DataError
        If the shapes of `gamma` and `beta` do not go together.
    OptionError
        If `epsilon` is out of range.

    References
    ----------
    Ba, Kiros, Hinton (2016), Layer normalization, equation 4.

    Examples
    --------
    >>> import nn
    >>> norm = nn.LayerNorm(gamma=[1.0, 1.0], beta=[0.0, 5.0])
    >>> norm.forward([[1.0, 3.0], [200.0, 100.0]]).round(4).tolist()
    [[-1.0, 6.0], [1.0, 4.0]]
    """

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        x = self._rows(x)
        normalized: FloatArray = x - x.mean(axis=-1, keepdims=True)
        variance = np.square(normalized).mean(axis=-1, keepdims=True)
        inverse_sd = 1 / np.sqrt(variance + self.epsilon)
        normalized *= inverse_sd
        self._kept = normalized, inverse_sd
        return self._scale_and_shift(normalized)

    def backward(self, dy: ArrayLike) -> FloatArray:
        normalized, inverse_sd = self._recall()
        self.backward_to_parameters(dy)
        gradient = float_array(dy, "dy") * self.gamma
        along = (gradient * normalized).mean(axis=-1, keepdims=True)
        dx: FloatArray = gradient - gradient.mean(axis=-1, keepdims=True) - normalized * along
        dx *= inverse_sd
        return dx
