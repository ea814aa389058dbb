"""Dropout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlestim.errors import OptionError
from nn.arrays import float_array
from nn.layers.base import Layer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

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
        stays = self.rng.random(x.shape, dtype=np.float32) >= self.rate
        factor = np.multiply(stays, 1 / (1 - self.rate), dtype=x.dtype)
        self._kept = factor, x.shape
        y: FloatArray = x * factor
        return y

    def backward(self, dy: ArrayLike) -> FloatArray:
        factor, shape = self._recall()
        dx: FloatArray = self._output_gradient(dy, shape) * factor
        return dx

    def __repr__(self) -> str:
        return f"Dropout(rate={self.rate})"
