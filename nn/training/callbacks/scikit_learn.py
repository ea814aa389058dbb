"""Telling scikit-learn's own callbacks of the epochs of an estimator's training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nn.training.callbacks.base import Callback

if TYPE_CHECKING:
    from nn.training.run import Run


class FitTasks(Callback):
    """Makes every epoch a task of scikit-learn's callback protocol (version 1.9 and later).

    Parameters
    ----------
    estimator : estimator
        Whose ``fit`` trains the network.
    context : sklearn.callback.CallbackContext
        That of the whole fit.
    """

    def __init__(self, estimator: Any, context: Any) -> None:
        self.estimator = estimator
        self.context = context
        self._epoch: Any = None

    def on_train_begin(self, run: Run) -> None:
        self._begin()

    def on_epoch_end(self, run: Run) -> bool:
        stop = self._end(run.record)
        if not stop and run.epoch < run.n_epochs:
            self._begin()
        return stop

    def on_train_end(self, run: Run) -> None:
        if self._epoch is not None:  # begun, but training stopped before it was done
            self._end(None)

    def _begin(self) -> None:
        self._epoch = self.context.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(estimator=self.estimator)

    def _end(self, record: dict[str, Any] | None) -> bool:
        stop = self._epoch.call_on_fit_task_end(estimator=self.estimator, metadata=record)
        self._epoch = None
        return bool(stop)
