"""What training minimises: the mean loss of a batch and the penalty, with their gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nn.training.costly import CostlyRow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlestim.penalties import Penalty
    from nn.arrays import FloatArray
    from nn.losses.base import Loss
    from nn.sequential import Sequential
    from nn.training.rows import PortionedRows, Rows

# Rows of a block in which losses are evaluated.
BLOCK = 8192


class Objective:
    r"""Mean loss plus penalty, :math:`\frac1W (\sum_i w_i L_i + \text{penalty})`, W = Σw.

    The penalty is that of the summed loss, divided like the loss by the number of rows: its
    strength means the same whatever the size of a batch, and in `mlestim.fit`.

    Parameters
    ----------
    network : Sequential
        Its parameters are read and its gradient is written.
    loss : Loss
        What a row costs.
    rows : Rows or PortionedRows
        All rows of the training.
    penalty : Penalty or None
        What parameters cost.
    penalized : array of bool, shape (n_parameters,)
        Which parameters the penalty sees.

    Attributes
    ----------
    limit : float
        Loss of which squared gradients are no numbers any more in the network's precision.
    share : array, shape (n_parameters,)
        What a row bears of each parameter's penalty: 1/W where it sees it, else 0.
    """

    def __init__(
        self,
        network: Sequential,
        loss: Loss,
        rows: Rows | PortionedRows,
        penalty: Penalty | None,
        penalized: NDArray[np.bool_],
    ) -> None:
        self.network = network
        self.loss = loss
        self.penalty = penalty
        self.penalized = penalized
        self.total_weight = rows.total_weight
        self._sample = rows.sample
        self.limit = float(np.sqrt(np.finfo(network.parameters.dtype).max))
        self.n_networks = rows.sample.n_networks
        self.share = penalized.astype(network.parameters.dtype) / rows.total_weight

    def batch(
        self,
        X: FloatArray,
        t: NDArray[Any],
        weights: FloatArray | None,
        mixed: tuple[float, NDArray[Any]] | None = None,
    ) -> float:
        """Compute the mean loss of a batch, and the gradient of the objective.

        Of an ensemble, the mean over its networks; each one's gradient is that which it would have
        alone, so that all together have that of the sum.

        Parameters
        ----------
        X, t : array
            Rows of the batch.
        weights : array, shape (n,), or None
            How much each counts, of mean 1 over all rows of the training.
        mixed : tuple of float and array, optional
            A share, and the targets that have the rest of it.
        """
        n = X.shape[0]
        outputs = self.network.forward(X, training=True)
        value, score = self._terms(t, outputs)
        if mixed is not None:
            share, others = mixed
            other_value, other_score = self._terms(others, outputs)
            value = share * value + (1 - share) * other_value
            score = score * score.dtype.type(share) + other_score * score.dtype.type(1 - share)
        if weights is None:
            np.multiply(score, -1 / n, out=score)
        else:
            weights = np.tile(weights, len(value) // n)
            value = value * weights
            np.multiply(score, (weights / -n).astype(score.dtype)[:, None], out=score)
        self.network.backward_to_parameters(score.reshape(outputs.shape))
        if self.penalty is not None:
            gradient = self.penalty.gradient(self.network.parameters)
            np.multiply(gradient, self.share, out=gradient)
            np.add(self.network.gradient, gradient, out=self.network.gradient)
        return -float(np.add.reduce(value, dtype=np.float64)) / len(value)

    def costliest(self, rows: Rows) -> CostlyRow | None:
        """Find the row to blame for losses beyond the limit, if there are any."""
        with np.errstate(all="ignore"):
            outputs = self.network.forward(rows.X)
            value, _ = self._terms(rows.t, outputs)
        losses = -value.reshape(-1, len(rows)).mean(axis=0, dtype=np.float64)
        return CostlyRow.among(rows, losses, self.limit, self._sample)

    def penalty_value(self) -> float:
        """Compute the penalty's part of the objective, of an ensemble's networks the mean."""
        if self.penalty is None:
            return 0.0
        value = self.penalty.value(self.network.parameters[self.penalized])
        return value / (self.total_weight * self.n_networks)

    def evaluate(self, rows: Rows) -> float:
        """Compute the mean loss of rows by the network as inference uses it."""
        total = 0.0
        for start in range(0, len(rows), BLOCK):
            block = slice(start, start + BLOCK)
            outputs = self.network.forward(rows.X[block])
            value, _ = self._terms(rows.t[block], outputs)
            if rows.weights is not None:
                value = value * np.tile(rows.weights[block], len(value) // len(rows.X[block]))
            total -= float(value.sum(dtype=np.float64)) / (len(value) / len(rows.X[block]))
        return total / rows.total_weight

    def _terms(self, t: NDArray[Any], outputs: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Compute log-likelihood and score; the networks of an ensemble see the same targets."""
        if outputs.ndim == 2:
            return self.loss.rows.terms(t, outputs)
        repeated = np.concatenate([t] * len(outputs))
        return self.loss.rows.terms(repeated, outputs.reshape(-1, outputs.shape[-1]))
