"""The two ways to train: steps over batches of rows, and L-BFGS over all rows at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.optim import clip_by_global_norm
from nn.training.rows import batch_ends
from nn.training.run import Stop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlestim.optim import LBFGS, Optimizer
    from nn.arrays import FloatArray
    from nn.training.checkpoints import CheckpointFile
    from nn.training.rows import PortionedRows, Rows
    from nn.training.run import Run
    from nn.training.threads import ThreadLimit

# What is not finite counts as so many times as high as what L-BFGS has reached.
TOO_FAR = 10.0


@dataclass(frozen=True)
class Batches:
    """How rows become steps.

    Attributes
    ----------
    rows : Rows or PortionedRows
        All rows of the training.
    size : int or None
        Rows of a batch; None for all of them.
    rng : Generator
        Shuffles the rows, and mixes them.
    threads : ThreadLimit
        Told of each step.
    decayed : array, shape (n_parameters,), or None
        1 where weight decay applies; None for everywhere.
    max_gradient_norm : float or None
        Where longer gradients are cut.
    mixup : float
        α of the Beta(α, α) distribution of the shares in which two rows are mixed; 0 for none.
    """

    rows: Rows | PortionedRows
    size: int | None
    rng: np.random.Generator
    threads: ThreadLimit
    decayed: FloatArray | None = None
    max_gradient_norm: float | None = None
    mixup: float = 0.0

    @property
    def weight_unit(self) -> float:
        """What weights are multiplied by to have mean 1 over all rows of the training."""
        return len(self.rows) / self.rows.total_weight


def train_by_batches(
    run: Run,
    optimizer: Optimizer,
    batches: Batches,
    file: CheckpointFile | None,
    compiled: Callable[[Rows], float] | None,
) -> None:
    """Do epochs until the run stops, by layers and NumPy or in one compiled loop."""
    steps = compiled or partial(_steps, run, optimizer, batches)
    while run.stopped is None:
        rate = optimizer.learning_rate_at(run.step)
        total = sum(map(steps, batches.rows.portions(batches.rng)))
        run.end_epoch(total / len(batches.rows), rate)
        if file is not None:
            file.keep()


def _steps(run: Run, optimizer: Optimizer, batches: Batches, rows: Rows) -> float:
    """Do a step for each batch of a portion, and give the sum of the losses on the way."""
    network, n = run.network, len(rows)
    ends = list(batch_ends(n, batches.size))
    order = batches.rng.permutation(n) if len(ends) > 1 else np.arange(n)
    weights = None if rows.weights is None else rows.weights * batches.weight_unit
    # Gathered rows lie side by side, in an array that serves all batches.
    gathered = np.empty((max(end - start for start, end in ends), *rows.X.shape[1:]), rows.X.dtype)
    total = 0.0
    for start, end in ends:
        batch = order[start:end]
        # "clip" writes into `out` directly; no place is outside.
        X = np.take(rows.X, batch, axis=0, out=gathered[: end - start], mode="clip")
        t = rows.t[batch]
        mixed = None
        if batches.mixup:
            X, mixed = _mix(X, t, batches)
        weight = None if weights is None else weights[batch]
        loss = run.objective.batch(X, t, weight, mixed)
        if not abs(loss) < run.objective.limit:
            run.refuse("loss", loss, run.objective.costliest(rows.take(batch)))
        if batches.max_gradient_norm is not None:
            norm = clip_by_global_norm(network.gradient, batches.max_gradient_norm)
            run.check("gradient's length", norm)
        optimizer.step(network.parameters, network.gradient, batches.decayed)
        run.step += 1
        batches.threads.after_step()
        total += loss * (end - start)
    return total


def _mix(
    X: FloatArray, t: NDArray[Any], batches: Batches
) -> tuple[FloatArray, tuple[float, NDArray[Any]]]:
    """Mix each row of a batch with another one, in a share drawn for the batch."""
    share = float(batches.rng.beta(batches.mixup, batches.mixup))
    others = batches.rng.permutation(len(X))
    mixed = X.dtype.type(share) * X + X.dtype.type(1 - share) * X[others]
    return mixed, (share, t[others])


def train_by_lbfgs(run: Run, optimizer: LBFGS, rows: Rows, threads: ThreadLimit) -> None:
    """Minimise over all rows at once; a step of L-BFGS counts as an epoch."""
    network, objective = run.network, run.objective
    weights = None if rows.weights is None else rows.weights * (len(rows) / rows.total_weight)
    last = reached = math.nan

    def value_and_gradient(vector: FloatArray) -> tuple[float, FloatArray]:
        nonlocal last
        network.parameters[...] = vector
        # A line search may go too far; what it meets there is looked at below.
        with np.errstate(all="ignore"):
            last = objective.batch(rows.X, rows.t, weights)
        gradient = network.gradient.astype(np.float64)
        if not (math.isfinite(last) and np.isfinite(gradient).all()):
            # Far off: a higher value makes the line search come back. A value without measure would
            # bring it back to where it was, as if that were the minimum.
            return reached + TOO_FAR * (1.0 + abs(reached)), np.zeros_like(gradient)
        # The gradient is that of the sum over an ensemble's networks, the loss is their mean.
        return objective.n_networks * (last + objective.penalty_value()), gradient

    def after_step(value: float) -> bool:
        nonlocal reached
        reached = value
        run.step += 1
        threads.after_step()
        run.end_epoch(last, None)
        return run.stopped is not None

    start = network.parameters.astype(np.float64)
    reached, _ = value_and_gradient(start)
    if not abs(last) < objective.limit:
        run.refuse("loss", last, objective.costliest(rows))
    result = optimizer.minimize(
        value_and_gradient, start, max_steps=run.n_epochs, callback=after_step
    )
    value_and_gradient(result.x)
    if not run.records:
        run.end_epoch(last, None)
    if run.stopped in {None, Stop.EPOCHS} and result.success:
        run.stopped = Stop.CONVERGED
    elif run.stopped is None:
        run.stopped = Stop.STALLED
