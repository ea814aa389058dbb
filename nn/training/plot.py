"""The learning curve: losses by epoch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlestim.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nn.training.run import Record


def learning_curve(
    records: Sequence[Record], best_epoch: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the loss of training and validation rows by epoch.

    Parameters
    ----------
    records : sequence of dict
        What each epoch came to.
    best_epoch : int, optional
        The epoch whose weights were kept, to be marked.
    ax : matplotlib axes, optional
        Where to draw; by default new ones.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    ax = _new_figure().subplots() if ax is None else ax
    epochs = [record["epoch"] for record in records]
    ax.plot(epochs, [record["loss"] for record in records], label="training")
    if any(record["validation_loss"] is not None for record in records):
        ax.plot(epochs, [record["validation_loss"] for record in records], label="validation")
    if best_epoch is not None:
        ax.axvline(best_epoch, color="grey", linestyle=":", label=f"best, epoch {best_epoch}")
    ax.set(xlabel="epoch", ylabel="loss of a row (nats)")
    ax.legend()
    return ax


def save_learning_curve(
    records: Sequence[Record], best_epoch: int | None, path: str | os.PathLike[str]
) -> None:
    """Draw the learning curve into a file, which is replaced in one step."""
    figure = _new_figure()
    learning_curve(records, best_epoch, figure.subplots())
    path = Path(path)
    drawn = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    figure.savefig(drawn)
    drawn.replace(path)


def _new_figure() -> Figure:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError(
            "plots need matplotlib. Install it with pip install 'mlestim[plot]'."
        ) from error
    return Figure(layout="constrained")
