"""Addition of two operands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nn.arrays import sum_to_shape
from nn.layers.broadcast import BroadcastOperation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nn.arrays import FloatArray


class Add(BroadcastOperation):
    r"""Addition: ``forward(x, y)`` gives ``x + y``, ``backward(dL)`` gives ``(dL, dL)``.

    .. math:: a = x + y, \qquad
              \frac{\partial L}{\partial x} = \frac{\partial L}{\partial a}, \quad
              \frac{\partial L}{\partial y} = \frac{\partial L}{\partial a}

    Each gradient has its operand's shape: an incoming gradient of shape (1,) is that of every
    entry of the output, and an operand that was broadcast gets the sum over its copies.

    Examples
    --------
    >>> import nn
    >>> add = nn.Add()
    >>> add.forward([[1], [2]], [[3], [4]]).tolist()
    [[4.0], [6.0]]
    >>> dx, dy = add.backward([5])
    >>> dx.tolist(), dy.tolist()
    ([[5.0], [5.0]], [[5.0], [5.0]])
    """

    def forward(self, x: ArrayLike, y: ArrayLike, training: bool = False) -> FloatArray:
        left, right = self._operands(x, y)
        return left + right

    def backward(self, dy: ArrayLike) -> tuple[FloatArray, FloatArray]:
        x, y, shape = self._recall()
        gradient = self._repeated_gradient(dy, shape)
        return sum_to_shape(gradient, x.shape), sum_to_shape(gradient, y.shape)
