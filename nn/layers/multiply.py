"""Elementwise product of two operands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nn.arrays import sum_to_shape
from nn.layers.broadcast import BroadcastOperation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nn.arrays import FloatArray


class Multiply(BroadcastOperation):
    r"""Elementwise product: ``forward(x, y)`` gives ``x * y``.

    .. math:: a = x \odot y, \qquad
              \frac{\partial L}{\partial x} = \frac{\partial L}{\partial a} \odot y, \quad
              \frac{\partial L}{\partial y} = \frac{\partial L}{\partial a} \odot x

    ``forward`` keeps both operands for ``backward``. Each gradient has its operand's shape: an
    operand that was broadcast gets the sum over its copies.

    Examples
    --------
    >>> import nn
    >>> multiply = nn.Multiply()
    >>> multiply.forward([[1], [2]], [[3], [4]]).tolist()
    [[3.0], [8.0]]
    >>> dx, dy = multiply.backward([5])
    >>> dx.tolist(), dy.tolist()
    ([[15.0], [20.0]], [[5.0], [10.0]])
    """

    def forward(self, x: ArrayLike, y: ArrayLike, training: bool = False) -> FloatArray:
        left, right = self._operands(x, y)
        return left * right

    def backward(self, dy: ArrayLike) -> tuple[FloatArray, FloatArray]:
        x, y, shape = self._recall()
        gradient = self._repeated_gradient(dy, shape)
        return sum_to_shape(gradient * y, x.shape), sum_to_shape(gradient * x, y.shape)
