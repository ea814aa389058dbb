"""Networks that differ in the strength of their prior, trained at once as one ensemble."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nn.training.rows import Rows, read_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlestim.optim import LBFGS
    from nn.arrays import FloatArray
    from nn.estimators.reading import Sample
    from nn.losses.base import Loss
    from nn.sequential import Sequential


class Candidates:
    r"""Networks k of an ensemble, each of which is to minimise its own objective,

    .. math:: \frac1W \Bigl(\sum_i w_i L(f_k(x_i), t_i) + \frac{\lambda_k}{2} \sum_j w_{kj}^2\Bigr)

    Each has steps of its own; but every layer computes all networks by one call.

    Parameters
    ----------
    network : Sequential
        An ensemble of as many networks as there are strengths. All start at the first one's
        weights, in every training.
    loss : Loss
        What a row costs.
    strengths : array, shape (k,)
        λ of each network.
    """

    def __init__(self, network: Sequential, loss: Loss, strengths: NDArray[np.float64]) -> None:
        self.network = network
        self.loss = loss
        # The network's vector holds layer after layer, and each layer's parameters network by
        # network.
        self._places = np.concatenate(
            [
                places.reshape(len(strengths), -1)
                for places in _split(np.arange(network.parameters.size), network)
            ],
            axis=1,
        )
        shrinkage = network.is_weight()[self._places] * strengths[:, None]
        self._shrinkage = shrinkage.astype(network.parameters.dtype)
        first = network.parameters[self._places[:1]]
        self._starts = np.repeat(first, len(strengths), axis=0)

    def train(self, sample: Sample, optimizer: LBFGS, steps: int, smoothing: float) -> None:
        """Train all networks on the same rows, from their first weights on."""
        self.network.parameters[self._places] = self._starts
        rows = read_rows(self.network, self.loss, sample.inputs, sample.targets, sample.weights)
        t = self.loss.rows.softened(rows.t, smoothing, rows.n_outputs) if smoothing else rows.t
        shares = sample.weights / rows.total_weight
        shrinkage = self._shrinkage / self._shrinkage.dtype.type(rows.total_weight)
        self.network.reuse_arrays(True)

        def objectives(points: FloatArray) -> tuple[FloatArray, FloatArray]:
            # A line search may go too far; what is not finite makes it come back.
            with np.errstate(all="ignore"):
                values, gradients = self._losses(points, rows, t, shares)
                values += (shrinkage * points**2).sum(axis=1, dtype=np.float64) / 2
            gradients += shrinkage * points
            return values, gradients

        points, _ = optimizer.minimize_each(objectives, self._starts, max_steps=steps)
        self.network.reuse_arrays(False)
        self.network.parameters[self._places] = points

    def _losses(
        self, points: FloatArray, rows: Rows, t: NDArray[Any], shares: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Compute each network's mean loss, and its gradient."""
        network = self.network
        network.parameters[self._places] = points
        outputs = network.forward(rows.X, training=True)
        values, scores = np.empty(len(outputs)), np.empty_like(outputs)
        factors = -shares.astype(outputs.dtype)[:, None]
        for k, own in enumerate(outputs):
            terms, score = self.loss.rows.terms(t, own)
            values[k] = -(shares @ terms)
            np.multiply(score, factors, out=scores[k])
        network.backward_to_parameters(scores)
        return values, network.gradient[self._places]


def _split(vector: NDArray[np.intp], network: Sequential) -> list[NDArray[np.intp]]:
    """Cut a vector into the parts of the layers' parameters."""
    sizes = [
        getattr(layer, name).size for layer in network.walk() for name in layer.parameter_names
    ]
    return np.split(vector, np.cumsum(sizes)[:-1])
