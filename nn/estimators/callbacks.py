"""Telling scikit-learn's own callbacks, where it has them, of the epochs of a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nn.training.callbacks.base import Callback

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # before version 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """There are no callbacks to support."""

    def with_callbacks(method: Any) -> Any:
        """Leave a method as it is."""
        return method


if TYPE_CHECKING:
    from nn.training.run import Run

__all__ = ["CallbackSupportMixin", "FitTasks", "fit_tasks", "with_callbacks"]


def fit_tasks(estimator: Any, n_epochs: int | None) -> tuple[FitTasks, ...]:
    """Give the callback of `nn.train` that tells those of ``estimator.set_callbacks``, if any.

    Parameters
    ----------
    estimator : estimator
        Whose ``fit``, with the decorator `with_callbacks`, trains a network.
    n_epochs : int or None
        The most epochs there will be; None if that is not known.
    """
    if not hasattr(estimator, "_skl_callbacks"):
        return ()
    # The underscore is scikit-learn's for methods that authors of estimators call.
    context = estimator._init_callback_context(max_subtasks=n_epochs)  # noqa: SLF001
    return (FitTasks(estimator, context),)


class FitTasks(Callback):
    """Makes a fit, and every epoch of it, a task of scikit-learn's callback protocol.

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
        self.context.call_on_fit_task_begin(estimator=self.estimator)
        self._begin()

    def on_epoch_end(self, run: Run) -> bool:
        stop = self._end(run.record)
        if not stop and run.epoch < run.n_epochs:
            self._begin()
        return stop

    def on_train_end(self, run: Run) -> None:
        if self._epoch is not None:  # begun, but training stopped before it was done
            self._end(None)
        self.context.call_on_fit_task_end(estimator=self.estimator)

    def _begin(self) -> None:
        self._epoch = self.context.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(estimator=self.estimator)

    def _end(self, record: dict[str, Any] | None) -> bool:
        stop = self._epoch.call_on_fit_task_end(estimator=self.estimator, metadata=record)
        self._epoch = None
        return bool(stop)
