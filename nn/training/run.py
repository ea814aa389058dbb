"""One training: where it is, what was seen, and when it ends."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from mlestim.errors import DivergenceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlestim.optim import LBFGS, Optimizer
    from nn.sequential import Sequential
    from nn.training.callbacks.base import Listener
    from nn.training.costly import CostlyRow
    from nn.training.objective import Objective
    from nn.training.options import EarlyStopping, WeightAveraging
    from nn.training.rows import Rows

Record = dict[str, Any]


class Stop(StrEnum):
    """Why a training ended."""

    EPOCHS = "epochs"
    EARLY_STOPPING = "early_stopping"
    CALLBACK = "callback"
    CONVERGED = "converged"
    STALLED = "stalled"


@dataclass
class Run:
    """The state of a training; callbacks get it.

    Attributes
    ----------
    network : Sequential
        The network, as it is now.
    optimizer : Optimizer
        With its state.
    epoch, step : int
        Numbers of epochs and steps done.
    n_epochs : int
        The most epochs that will be done.
    records : list of dict
        What each epoch came to; ``record`` is the last.
    compiled : bool or None
        Whether one compiled loop does the epochs; None before that is known.
    """

    network: Sequential
    optimizer: Optimizer | LBFGS
    objective: Objective
    n_epochs: int
    validation: Rows | None = None
    early_stopping: EarlyStopping | None = None
    averaging: WeightAveraging | None = None
    callbacks: Sequence[Listener] = ()
    epoch: int = 0
    step: int = 0
    records: list[Record] = field(default_factory=list)
    best_epoch: int | None = None
    best_state: dict[str, NDArray[Any]] = field(default_factory=dict)
    average: NDArray[Any] | None = None
    n_averaged: int = 0
    stopped: Stop | None = None
    compiled: bool | None = None
    _since: float = field(default_factory=time.perf_counter)

    @property
    def record(self) -> Record:
        return self.records[-1]

    def check(self, what: str, value: float) -> None:
        """Refuse a loss or a gradient that is not finite, before it spoils the weights.

        Raises
        ------
        DivergenceError
            Naming the step and what to try.
        """
        if not math.isfinite(value):
            self.refuse(what, value)

    def refuse(self, what: str, value: float, row: CostlyRow | None = None) -> NoReturn:
        """Say what is not finite, and why: a row, or weights that ran away.

        Raises
        ------
        DivergenceError
            Always.
        """
        to_blame = row if row is not None and (row.alone or not self.step) else None
        why = (
            f"training ran away. Try a smaller learning rate than that of {self.optimizer!r}, or "
            "max_gradient_norm=1.0; and see whether the features are standardized"
            if to_blame is None
            else to_blame.told()
        )
        place = self.step + 1, self.epoch + 1
        raise DivergenceError(
            f"the {what} is {value} at step {place[0]}, in epoch {place[1]}: {why}",
            *place,
            to_blame,
        )

    def end_epoch(self, loss: float, learning_rate: float | None) -> None:
        """Record the epoch, keep what is worth keeping, and decide whether to go on."""
        validation = None if self.validation is None else self.objective.evaluate(self.validation)
        gradient_norm = float(np.linalg.norm(self.network.gradient))
        largest = float(np.abs(self.network.parameters).max(initial=0.0))
        self.check("largest parameter", largest)
        self.check("gradient's length", gradient_norm)
        self.check("validation loss", validation or 0.0)
        self.epoch += 1
        now = time.perf_counter()
        self.records.append(
            {
                "epoch": self.epoch,
                "loss": loss,
                "penalty": self.objective.penalty_value(),
                "validation_loss": validation,
                "learning_rate": learning_rate,
                "gradient_norm": gradient_norm,
                "seconds": now - self._since,
            }
        )
        self._since = now
        self._average()
        patience_ended = self._watch(validation)
        # Every callback is told, whether or not another one stops.
        asked = [bool(callback.on_epoch_end(self)) for callback in self.callbacks]
        if patience_ended:
            self.stopped = Stop.EARLY_STOPPING
        elif any(asked):
            self.stopped = Stop.CALLBACK
        elif self.epoch >= self.n_epochs:
            self.stopped = Stop.EPOCHS

    def _watch(self, validation: float | None) -> bool:
        """Keep the best weights, and say whether they have been the best for too long."""
        if self.early_stopping is None or validation is None:
            return False
        if self.best_epoch is None or validation < self._best_loss():
            self.best_epoch, self.best_state = self.epoch, self.network.state()
        return self.epoch - self.best_epoch >= self.early_stopping.patience

    def _best_loss(self) -> float:
        """The validation loss that counts as lower."""
        if self.best_epoch is None or self.early_stopping is None:
            return math.inf
        best: float = self.records[self.best_epoch - 1]["validation_loss"]
        return best - self.early_stopping.minimum_improvement

    def _average(self) -> None:
        """Let this epoch's parameters enter their mean."""
        if self.averaging is None or self.epoch <= self.averaging.start * self.n_epochs:
            return
        if self.average is None:
            self.average = np.zeros(self.network.parameters.size)
        self.n_averaged += 1
        self.average += (self.network.parameters - self.average) / self.n_averaged
