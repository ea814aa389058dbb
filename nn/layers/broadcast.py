"""What Add and Multiply share: two operands that broadcast against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlestim.errors import DataError
from nn.arrays import float_array
from nn.layers.base import Operation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nn.arrays import FloatArray


class BroadcastOperation(Operation):
    """Base class of operations on ``x`` and ``y`` under NumPy's broadcasting rules."""

    def forward(self, x: ArrayLike, y: ArrayLike, training: bool = False) -> FloatArray:
        """Combine two operands.

        Parameters
        ----------
        x, y : array
            Operands whose shapes broadcast.
        training : bool
            Makes no difference here; every ``forward`` takes it.

        Returns
        -------
        array
            The output, of the broadcast shape.

        Raises
        ------
        DataError
            If the shapes do not broadcast, or the operands are no numbers.
        """
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, dy: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Compute the gradients in both operands from that in the output.

        Parameters
        ----------
        dy : array
            Gradient of the loss in the output, of its shape or broadcasting to it.

        Returns
        -------
        tuple of array
            Gradients of the loss in ``x`` and in ``y``, each of its operand's shape.

        Raises
        ------
        BackwardBeforeForwardError
            If there was no ``forward``.
        DataError
            If `dy` does not broadcast to the output's shape.
        """
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def _operands(self, x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Read and keep both operands."""
        left, right = float_array(x, "x"), float_array(y, "y")
        try:
            shape = np.broadcast_shapes(left.shape, right.shape)
        except ValueError as error:
            raise DataError(
                f"{self}: x of shape {left.shape} and y of shape {right.shape} do not broadcast"
            ) from error
        self._kept = left, right, shape
        return left, right

    def _repeated_gradient(self, dy: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
        """Give `dy` in the output's shape: one number may stand for every entry."""
        gradient = float_array(dy, "dy")
        try:
            return np.broadcast_to(gradient, shape)
        except ValueError as error:
            raise DataError(
                f"{self}: dy of shape {gradient.shape} does not broadcast to the output's {shape}"
            ) from error
