"""Noise on weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from mlestim.errors import OptionError
from nn.arrays import float_array
from nn.layers.base import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, DTypeLike

    from nn.arrays import FloatArray


class WeightNoise(Layer):
    r"""Normal noise on whatever passes, in training: on weights, ``Affine(W, b, noise=...)``.

    .. math:: y = x + sd \cdot \varepsilon, \quad \varepsilon \sim N(0, 1), \qquad dx = dy

    Weights that do well under noise lie where the loss is flat: noise on the weights is a penalty
    on the slope of the output in them. Among the layers of a network, it adds noise to the output
    of the layer before.

    Parameters
    ----------
    sd : float
        Standard deviation of the noise, in [0, inf).
    rng : numpy.random.Generator or int
        Where the draws come from, or the seed of a new generator.

    Raises
    ------
    OptionError
        If `sd` is out of range.

    References
    ----------
    Goodfellow, Bengio, Courville (2016), Deep learning, section 7.5.

    Examples
    --------
    >>> import nn
    >>> noise = nn.WeightNoise(0.1, rng=0)
    >>> noise.forward([[1.0, 2.0]], training=True).round(2).tolist()
    [[1.11, 1.86]]
    >>> noise.forward([[1.0, 2.0]]).tolist()
    [[1.0, 2.0]]
    """

    def __init__(self, sd: float, rng: np.random.Generator | int) -> None:
        if not 0 <= sd < math.inf:
            raise OptionError(f"sd={sd}: the noise's standard deviation lies in [0, inf)")
        self.sd = float(sd)
        self.rng = np.random.default_rng(rng)

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        x = float_array(x, "x")
        self._kept = x.shape
        if not training:
            return x
        # Seven digits are enough for noise, and cost half the time.
        y: FloatArray = self.rng.standard_normal(x.shape, dtype=np.float32).astype(x.dtype)
        y *= self.sd
        y += x
        return y

    def backward(self, dy: ArrayLike) -> FloatArray:
        return self._output_gradient(dy, self._recall()).copy()

    def settings(self) -> dict[str, Any]:
        return {"sd": self.sd}

    @classmethod
    def from_settings(
        cls, settings: Mapping[str, Any], rng: np.random.Generator, dtype: DTypeLike
    ) -> Self:
        return cls(**settings, rng=rng)
