"""Callbacks that report to programs which keep experiments."""

from __future__ import annotations

from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from mlestim.errors import MissingExtraError
from nn.training.callbacks.base import Callback

if TYPE_CHECKING:
    from nn.training.run import Run


class TensorBoard(Callback):
    """Write each epoch's numbers for TensorBoard (the extra "tensorboard").

    Parameters
    ----------
    folder : path
        Where ``tensorboard --logdir`` will look.

    Raises
    ------
    MissingExtraError
        In training, if tensorboard is not installed.
    """

    _writer: Any = None

    def __init__(self, folder: str | PathLike[str]) -> None:
        self.folder = fspath(folder)

    def on_train_begin(self, run: Run) -> None:
        try:
            from tensorboard.summary import Writer
        except ImportError as error:
            raise MissingExtraError(
                "TensorBoard needs tensorboard: pip install 'mlestim[tensorboard]'"
            ) from error
        self._writer = Writer(self.folder)

    def on_epoch_end(self, run: Run) -> None:
        for name, value in _numbers(run).items():
            self._writer.add_scalar(name, value, step=run.epoch)

    def on_train_end(self, run: Run) -> None:
        self._writer.close()


class MLflow(Callback):
    """Log settings and each epoch's numbers to MLflow's active run (the extra "mlflow").

    A run is begun if none is active, and ended again. Where it is kept is MLflow's setting,
    ``mlflow.set_tracking_uri``.

    Raises
    ------
    MissingExtraError
        In training, if MLflow is not installed.
    """

    _mlflow: Any = None
    _own = False

    def on_train_begin(self, run: Run) -> None:
        try:
            import mlflow
        except ImportError as error:
            raise MissingExtraError("MLflow needs mlflow: pip install 'mlestim[mlflow]'") from error
        self._mlflow = mlflow
        self._own = mlflow.active_run() is None
        if self._own:
            mlflow.start_run()
        mlflow.log_params({"network": repr(run.network), "optimizer": repr(run.optimizer)})

    def on_epoch_end(self, run: Run) -> None:
        self._mlflow.log_metrics(_numbers(run), step=run.epoch)

    def on_train_end(self, run: Run) -> None:
        if self._own:
            self._mlflow.end_run()


def _numbers(run: Run) -> dict[str, float]:
    """Give what the last epoch came to, but for its number and what is missing."""
    return {
        name: value for name, value in run.record.items() if name != "epoch" and value is not None
    }
