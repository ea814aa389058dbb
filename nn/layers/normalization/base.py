"""What batch and layer normalization share: scale and shift of the features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from mlestim.errors import DataError, OptionError
from nn.arrays import feature_rows, float_array
from nn.layers.base import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, DTypeLike

    from nn.arrays import FloatArray


class Normalization(Layer):
    """Base class of layers that give ``gamma * normalized + beta``."""

    parameter_names = ("gamma", "beta")
    setting_names: ClassVar[tuple[str, ...]] = ("epsilon",)
    dgamma: FloatArray
    dbeta: FloatArray

    def __init__(self, gamma: ArrayLike, beta: ArrayLike, epsilon: float = 1e-5) -> None:
        scale, shift = float_array(gamma, "gamma"), float_array(beta, "beta")
        of_networks = scale.ndim == 3 and scale.shape[1] == 1
        if not (scale.ndim == 1 or of_networks) or scale.shape != shift.shape:
            raise DataError(
                f"gamma has shape {scale.shape} and beta {shift.shape}; both have shape "
                "(n_features,), or (n_networks, 1, n_features)"
            )
        if not 0 < epsilon < np.inf:
            raise OptionError(f"epsilon={epsilon}: a positive number is added to the variance")
        dtype = np.result_type(scale, shift)
        self.gamma: FloatArray = np.array(scale, dtype)
        self.beta: FloatArray = np.array(shift, dtype)
        self.epsilon = float(epsilon)
        self._keep_gradients()

    @classmethod
    def initialized(
        cls,
        n_features: int,
        *,
        dtype: DTypeLike = np.float32,
        n_networks: int | None = None,
        **settings: Any,
    ) -> Self:
        """Start with γ = 1 and β = 0.

        Parameters
        ----------
        n_features : int
            Number of features.
        dtype : dtype
            Precision of the parameters.
        n_networks : int, optional
            Number of networks of an ensemble.
        **settings
            Further arguments of the class.
        """
        shape = (n_features,) if n_networks is None else (n_networks, 1, n_features)
        return cls(np.ones(shape, dtype), np.zeros(shape, dtype), **settings)

    def settings(self) -> dict[str, Any]:
        networks = {"n_networks": len(self.gamma)} if self.gamma.ndim > 1 else {}
        own = {name: getattr(self, name) for name in self.setting_names}
        return {"n_features": self.gamma.shape[-1]} | own | networks

    @classmethod
    def from_settings(
        cls, settings: Mapping[str, Any], rng: np.random.Generator, dtype: DTypeLike
    ) -> Self:
        return cls.initialized(**settings, dtype=dtype)

    def _rows(self, x: ArrayLike) -> FloatArray:
        """Read the input; rows that an ensemble shares are repeated for each network."""
        networks = self.gamma.shape[:-2]
        rows = feature_rows(x, "x", self.gamma.shape[-1], self, networks)
        return np.broadcast_to(rows, networks + rows.shape[-2:])

    def _scale_and_shift(self, normalized: FloatArray) -> FloatArray:
        """Compute γx̂ + β."""
        y = self._array("y", normalized.shape, np.result_type(normalized, self.gamma))
        np.multiply(normalized, self.gamma, out=y)
        return np.add(y, self.beta, out=y)

    def backward_to_parameters(self, dy: ArrayLike) -> None:
        normalized: FloatArray = self._recall()[0]
        gradient = self._output_gradient(dy, normalized.shape)
        product = self._array("product", gradient.shape, np.result_type(gradient, normalized))
        np.multiply(gradient, normalized, out=product)
        self.dgamma[...] = product.sum(axis=-2).reshape(self.gamma.shape)
        self.dbeta[...] = gradient.sum(axis=-2).reshape(self.beta.shape)
