"""What is told of each epoch, and may stop the training."""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from mlestim.errors import MissingExtraError

if TYPE_CHECKING:
    from nn.training.run import Run


@runtime_checkable
class Listener(Protocol):
    """What training tells of itself; `Callback` has methods that do nothing."""

    def on_train_begin(self, run: Run) -> None: ...

    def on_epoch_end(self, run: Run) -> bool | None: ...

    def on_train_end(self, run: Run) -> None: ...


class Callback:
    """Base class of callbacks: override what you need.

    Examples
    --------
    >>> class Below(Callback):
    ...     def on_epoch_end(self, run):
    ...         return run.record["loss"] < 0.1
    """

    def on_train_begin(self, run: Run) -> None:
        """Called before the first step, or the first one after a resumption."""

    def on_epoch_end(self, run: Run) -> bool | None:
        """Called after each epoch; True stops the training."""
        return None

    def on_train_end(self, run: Run) -> None:
        """Called when training has ended, by an error too; the network has its final weights."""


class JSONLog(Callback):
    """Append a line of JSON for each epoch to a file.

    Parameters
    ----------
    path : path
        The file; its folder exists.

    Examples
    --------
    >>> JSONLog("log.jsonl")
    JSONLog('log.jsonl')
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)

    def on_epoch_end(self, run: Run) -> None:
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(run.record) + "\n")

    def __repr__(self) -> str:
        return f"JSONLog({str(self.path)!r})"


class ProgressBar(Callback):
    """Show progress on standard error, by tqdm (the extra "progress").

    Raises
    ------
    MissingExtraError
        In training, if tqdm is not installed.
    """

    _bar: Any = None

    def on_train_begin(self, run: Run) -> None:
        try:
            from tqdm import tqdm
        except ImportError as error:
            raise MissingExtraError(
                "ProgressBar needs tqdm: pip install 'mlestim[progress]'"
            ) from error
        self._bar = tqdm(total=run.n_epochs, initial=run.epoch, unit="epoch")

    def on_epoch_end(self, run: Run) -> None:
        shown = {name: run.record[name] for name in ("loss", "validation_loss")}
        self._bar.set_postfix({name: f"{v:.4g}" for name, v in shown.items() if v is not None})
        self._bar.update()

    def on_train_end(self, run: Run) -> None:
        self._bar.close()


class LearningCurve(Callback):
    """Draw the losses anew after each epoch, into a picture file.

    Parameters
    ----------
    path : path
        The file; its suffix says the format, such as .png or .svg.

    Raises
    ------
    MissingExtraError
        In training, if matplotlib is not installed.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)

    def on_epoch_end(self, run: Run) -> None:
        from nn.training.plot import save_learning_curve

        save_learning_curve(run.records, run.best_epoch, self.path)
