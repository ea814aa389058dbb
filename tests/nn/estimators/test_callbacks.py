"""scikit-learn's callbacks are told of every epoch of a fit, and may stop it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from mlestim.optim import Adam

pytest.importorskip("sklearn.callback", reason="this scikit-learn has no callbacks yet")

X = np.random.default_rng(60).normal(size=(60, 2))
LABELS = (X[:, 0] > 0).astype(int)


class Listener:
    """Follows scikit-learn's protocol, writes down what it hears, and may ask to stop."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.heard: list[Any] = []
        self.stop_after = stop_after

    def setup(self, estimator: Any, context: Any) -> None:
        self.heard.append("setup")

    def teardown(self, estimator: Any, context: Any) -> None:
        self.heard.append("teardown")

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        self.heard.append(("begin", context.task_name, context.task_id))

    def on_fit_task_end(self, estimator: Any, context: Any, *, metadata: Any = None) -> bool:
        epoch = metadata and metadata["epoch"]
        self.heard.append(("end", context.task_name, epoch))
        return epoch is not None and epoch == self.stop_after


class StopAtOnce(nn.Callback):
    def on_epoch_end(self, run: Any) -> bool:
        return True


@pytest.mark.parametrize(("stop_after", "others"), [(None, ()), (2, ()), (None, (StopAtOnce(),))])
def test_fit_and_every_epoch_are_tasks(stop_after: int | None, others: Any) -> None:
    listener = Listener(stop_after)
    classifier = nn.Classifier(
        hidden=(3,), epochs=3, batch_size=20, penalty=None, optimizer=Adam(), callbacks=others
    )
    classifier.set_callbacks(listener).fit(X, LABELS)
    done = len(classifier.history_)
    assert done == (1 if others else stop_after or 3)
    epochs = [
        entry for i in range(done) for entry in (("begin", "epoch", i), ("end", "epoch", i + 1))
    ]
    # Another callback stops the training when the next epoch has been announced.
    unfinished = [("begin", "epoch", 1), ("end", "epoch", None)] if others else []
    fit = [("begin", "fit", 0), *epochs, *unfinished, ("end", "fit", None)]
    assert listener.heard == ["setup", *fit, "teardown"]


def test_without_listeners_nothing_is_told() -> None:
    classifier = nn.Classifier(hidden=(), epochs=2).fit(X, LABELS)
    assert not hasattr(classifier, "_callback_fit_ctx")
