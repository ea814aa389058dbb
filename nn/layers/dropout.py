"""Dropout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from mlestim.errors import OptionError
from nn.arrays import float_array
from nn.layers.base import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, DTypeLike

    from nn.arrays import FloatArray


class Dropout(Layer):
    r"""Inverted dropout: in training, each entry is dropped with probability ``rate``.

    .. math:: y = x \odot \frac{u}{1 - rate}, \qquad dx = dy \odot \frac{u}{1 - rate},
              \qquad u \sim \operatorname{Bernoulli}(1 - rate)

    Entries that stay are scaled up, so that the expected output is ``x``, and nothing is left to
    be done when ``training=False``: the output then is ``x`` itself.

    Parameters
    ----------
    rate : float
        Share of the entries that are dropped, in [0, 1).
    rng : numpy.random.Generator or int
        Where the draws come from, or the seed of a new generator.

    Raises
    ------
    OptionError
        If `rate` lies outside [0, 1).

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov (2014), Dropout, section 10.

    Examples
    --------
    >>> import nn
    >>> dropout = nn.Dropout(0.5, rng=0)
    >>> dropout.forward([[1.0, 2.0, 3.0, 4.0]], training=True).tolist()
    [[2.0, 4.0, 6.0, 0.0]]
    >>> dropout.backward([[1.0, 1.0, 1.0, 1.0]]).tolist()
    [[2.0, 2.0, 2.0, 0.0]]
    >>> dropout.forward([[1.0, 2.0, 3.0, 4.0]]).tolist()
    [[1.0, 2.0, 3.0, 4.0]]
    """

    def __init__(self, rate: float, rng: np.random.Generator | int) -> None:
        if not 0 <= rate < 1:
            raise OptionError(f"rate={rate}: the share of dropped entries lies in [0, 1)")
        self.rate = float(rate)
        self.rng = np.random.default_rng(rng)

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        x = float_array(x, "x")
        if not training:
            self._kept = np.ones((), x.dtype), x.shape
            return x
        draws = self._array("draws", x.shape, np.float32)
        draws = self.rng.random(x.shape, dtype=np.float32, out=draws)
        stays = np.greater_equal(draws, self.rate, out=self._array("stays", x.shape, bool))
        factor = self._array("factor", x.shape, x.dtype)
        np.multiply(stays, x.dtype.type(1 / (1 - self.rate)), out=factor)
        self._kept = factor, x.shape
        y: FloatArray = np.multiply(x, factor, out=self._array("y", x.shape, x.dtype))
        return y

    def backward(self, dy: ArrayLike) -> FloatArray:
        factor, shape = self._recall()
        gradient = self._output_gradient(dy, shape)
        out = self._array("dx", shape, gradient.dtype)
        dx: FloatArray = np.multiply(gradient, factor, out=out)
        return dx

    def settings(self) -> dict[str, Any]:
        return {"rate": self.rate}

    @classmethod
    def from_settings(
        cls, settings: Mapping[str, Any], rng: np.random.Generator, dtype: DTypeLike
    ) -> Self:
        return cls(**settings, rng=rng)
