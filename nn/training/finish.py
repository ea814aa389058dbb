"""Where the weights of a training start, and which of them it ends with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nn.layers.affine import Affine
from nn.layers.normalization.batch_norm import BatchNorm
from nn.training.rows import batch_ends

if TYPE_CHECKING:
    import numpy as np

    from nn.losses.base import Loss
    from nn.sequential import Sequential
    from nn.training.rows import PortionedRows, Rows
    from nn.training.run import Run


def start_at_estimates(network: Sequential, loss: Loss, rows: Rows) -> None:
    """Give the last bias, if it is 0, the outputs that suit all targets best."""
    last = network.layers[-1]
    if not isinstance(last, Affine) or last.b.any():
        return
    outputs = loss.rows.constant(rows.t, rows.weights, rows.n_outputs)
    if outputs is not None:
        last.b[...] = outputs


def finish(
    run: Run, rows: Rows | PortionedRows, batch_size: int | None, rng: np.random.Generator
) -> None:
    """Give the network the best weights, or their mean over the last epochs."""
    if run.best_state:
        run.network.load_state(run.best_state)
    if run.average is not None:
        run.network.parameters[...] = run.average
        _renew_running_statistics(run.network, rows, batch_size, rng)


def _renew_running_statistics(
    network: Sequential,
    rows: Rows | PortionedRows,
    batch_size: int | None,
    rng: np.random.Generator,
) -> None:
    """Take means and variances over one pass of the rows: the weights are none they were met with."""
    norms = [layer for layer in network.walk() if isinstance(layer, BatchNorm)]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    batches = (
        portion.X[start:end]
        for portion in rows.portions(rng)
        for start, end in batch_ends(len(portion), batch_size)
    )
    for k, batch in enumerate(batches, start=1):
        for norm in norms:
            norm.momentum = 1 / k
        network.forward(batch, training=True)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
