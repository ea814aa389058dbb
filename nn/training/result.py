"""What a training came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from mlestim.optim import LBFGS, Optimizer
    from nn.sequential import Sequential
    from nn.training.run import Record, Stop


@dataclass(frozen=True)
class TrainingResult:
    """What `nn.train` gives.

    Attributes
    ----------
    network : Sequential
        The network that was trained, with its final weights.
    optimizer : Optimizer or LBFGS
        A copy of the one given, with its state: hand it to the next training to go on.
    stopped : Stop
        Why training ended: "epochs", "early_stopping", "callback", or, with L-BFGS, "converged" or
        "stalled" (no lower point was found along the gradient).
    best_epoch : int or None
        The epoch whose weights were kept, with early stopping.
    n_steps : int
        Number of steps.
    records : tuple of dict
        What each epoch came to.
    held_out : array of int
        The rows of X that were held out for early stopping.
    """

    network: Sequential
    optimizer: Optimizer | LBFGS
    stopped: Stop
    best_epoch: int | None
    n_steps: int
    records: tuple[Record, ...] = field(repr=False)
    held_out: NDArray[np.intp] = field(repr=False)

    @property
    def n_epochs(self) -> int:
        """Number of epochs done."""
        return len(self.records)

    @property
    def history(self) -> pd.DataFrame:
        """One row an epoch: losses of a row in nats, penalty, learning rate, gradient, seconds."""
        import pandas as pd

        frame = pd.DataFrame(list(self.records))
        return frame.astype({name: float for name in frame.columns if name != "epoch"})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the learning curve by matplotlib, the extra "plot"."""
        from nn.training.plot import learning_curve

        return learning_curve(self.records, self.best_epoch, ax)
