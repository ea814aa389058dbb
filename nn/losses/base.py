"""What all losses are: the mean over rows of a negative log-likelihood."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import DataError, OptionError
from nn.arrays import float_array
from nn.layers.base import Operation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from nn.arrays import FloatArray


class RowLikelihood(ABC):
    """What a row of targets contributes, given a row of a network's outputs.

    The outputs are parameters on the link scale. To make a loss for another kind of target, write
    `read` and `terms`, and hand an instance to `Loss`.

    Attributes
    ----------
    n_outputs : int or None
        Number of outputs that it needs; None if any number will do.
    """

    n_outputs: int | None = None

    def read_outputs(self, x: ArrayLike) -> FloatArray:
        """Give outputs as an array of shape (n, n_outputs), n at least 1.

        Raises
        ------
        DataError
            If they have another shape.
        """
        outputs = float_array(x, "x")
        if outputs.ndim == 1 and self.n_outputs == 1:
            outputs = outputs[:, None]
        if outputs.ndim != 2 or outputs.shape[1] != self.n_outputs or outputs.size == 0:
            raise DataError(
                f"x has shape {np.shape(x)}; it needs n rows and {self.n_outputs} columns, one for "
                "each parameter"
            )
        return outputs

    @abstractmethod
    def read(self, t: ArrayLike, shape: tuple[int, int]) -> NDArray[Any]:
        """Check targets for outputs of a shape, and give them with rows along the first axis.

        Raises
        ------
        DataError
            If they do not fit; the message names the first rows.
        """

    @abstractmethod
    def terms(self, t: NDArray[Any], x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Compute log-likelihood and score of each row.

        Parameters
        ----------
        t : array, shape (n, ...)
            Targets, as `read` gave them.
        x : array, shape (n, n_outputs)
            Outputs.

        Returns
        -------
        tuple of array
            ``log p`` of shape (n,), and its derivative in the outputs, of shape (n, n_outputs)
            and their precision.
        """

    def softened(self, t: NDArray[Any], amount: float, n_outputs: int) -> NDArray[Any]:
        """Move a share of each target's probability to all classes alike.

        Raises
        ------
        OptionError
            If targets are no classes.
        """
        raise OptionError(f"label_smoothing={amount} is for classes, and the targets are none")

    def labels(self, t: NDArray[Any]) -> NDArray[np.intp] | None:
        """Give the targets as labels of classes, or None if they are no classes."""
        return None

    @abstractmethod
    def constant(
        self, t: NDArray[Any], weights: FloatArray | None, n_outputs: int
    ) -> FloatArray | None:
        """Give the outputs of the highest likelihood among those that are the same in all rows.

        Returns None where there are none, because they would be infinite, say.
        """

    @abstractmethod
    def parameters(self, x: FloatArray) -> dict[str, FloatArray]:
        """Turn outputs into the family's parameters, rows along their first axis."""


class Loss(Operation):
    r"""Mean over rows of minus the log-likelihood of the targets, given a network's outputs.

    .. math:: L = -\frac{1}{\sum_i w_i} \sum_i w_i \log p(t_i; x_i)

    Parameters
    ----------
    rows : RowLikelihood
        What each row contributes.
    """

    def __init__(self, rows: RowLikelihood) -> None:
        self.rows = rows

    def forward(self, x: ArrayLike, t: ArrayLike, weights: ArrayLike | None = None) -> float:
        """Compute the mean loss of the rows.

        Parameters
        ----------
        x : array, shape (n, n_outputs)
            Outputs of a network: parameters on the link scale.
        t : array, shape (n,)
            Targets; classes may also be given by probabilities, one column a class.
        weights : array, shape (n,), optional
            How much each row counts, at least 0; the weighted mean is taken.

        Returns
        -------
        float
            The mean over the rows, in nats.

        Raises
        ------
        DataError
            If shapes do not go together, or `t` or `weights` hold what they cannot.
        """
        outputs = self.rows.read_outputs(x)
        value, score = self.rows.terms(self.rows.read(t, outputs.shape), outputs)
        if weights is None:
            self._kept = score, score.dtype.type(1 / len(score)), np.shape(x)
            return float(-value.mean(dtype=np.float64))
        shares = row_weights(weights, len(score))
        shares = shares / shares.sum()
        self._kept = score, shares.astype(score.dtype)[:, None], np.shape(x)
        return float(-(shares @ value))

    def backward(self, dy: ArrayLike = 1.0) -> FloatArray:
        """Compute the gradient in the outputs.

        Parameters
        ----------
        dy : float
            Gradient of what is minimised in this loss, 1 if this is what is minimised.

        Returns
        -------
        array
            Of the shape and precision of the outputs.

        Raises
        ------
        BackwardBeforeForwardError
            If there was no ``forward``.
        DataError
            If `dy` is not a single number.
        """
        score, share, shape = self._recall()
        gradient = float_array(dy, "dy")
        if gradient.size != 1:
            raise DataError(f"{self}: dy has shape {gradient.shape}, the loss is a single number")
        dx: FloatArray = score * (share * score.dtype.type(-gradient.item()))
        return dx.reshape(shape)

    def parameters(self, x: ArrayLike) -> dict[str, FloatArray]:
        """Turn outputs into the family's parameters.

        Parameters
        ----------
        x : array, shape (n, n_outputs)
            Outputs of a network.

        Returns
        -------
        dict of str to array
            Each parameter by its name, one value a row; class probabilities have a row each.
        """
        return self.rows.parameters(self.rows.read_outputs(x))


def row_weights(weights: ArrayLike, n: int) -> FloatArray:
    """Read how much each of `n` rows counts.

    Raises
    ------
    DataError
        If there are more or fewer, a negative or missing one, or they sum to 0.
    """
    array = float_array(weights, "weights")
    if array.shape != (n,):
        raise DataError(f"weights have shape {array.shape}; there are {n} rows")
    wrong = np.flatnonzero(~((array >= 0) & (array < np.inf)))
    if wrong.size or not array.any():
        found = f"row {wrong[0]} holds {array[wrong[0]]}" if wrong.size else "all of them are 0"
        raise DataError(f"weights are at least 0 and finite, and some above 0; {found}")
    return array.astype(np.float64, copy=False)
