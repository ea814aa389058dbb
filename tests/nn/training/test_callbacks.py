"""Callbacks: when they are called, what they see, and what the ones that come along do."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from mlestim.errors import MissingExtraError

X = np.random.default_rng(60).normal(size=(30, 2))
LABELS = (X[:, 0] > 0).astype(int)


def train(*callbacks: nn.Callback, **options: Any) -> nn.TrainingResult:
    network = nn.Sequential(nn.Affine.initialized(2, 2, rng=0))
    settings: dict[str, Any] = {"loss": nn.SoftmaxWithLoss(), "epochs": 3}
    return nn.train(network, X, LABELS, callbacks=callbacks, **(settings | options))


class Diary(nn.Callback):
    def __init__(self, stop_at: int | None = None) -> None:
        self.entries: list[Any] = []
        self.stop_at = stop_at

    def on_train_begin(self, run: Any) -> None:
        self.entries.append("begin")

    def on_epoch_end(self, run: Any) -> bool:
        self.entries.append((run.epoch, run.step, run.record["epoch"]))
        return run.epoch == self.stop_at

    def on_train_end(self, run: Any) -> None:
        self.entries.append("end")


def test_callbacks_are_told_of_the_whole_training() -> None:
    diary = Diary()
    train(diary, batch_size=10)
    assert diary.entries == ["begin", (1, 3, 1), (2, 6, 2), (3, 9, 3), "end"]


def test_a_callback_may_stop_the_training_and_all_are_told() -> None:
    first, second = Diary(stop_at=2), Diary()
    result = train(first, second)
    assert (str(result.stopped), result.n_epochs) == ("callback", 2)
    assert len(second.entries) == 4


def test_the_log_has_a_line_an_epoch(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    result = train(nn.JSONLog(path), validation=(X, LABELS))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines == list(result.records)
    assert set(lines[0]) == set(result.history.columns)


def test_history_is_a_table_of_numbers() -> None:
    history = train().history
    assert history["epoch"].tolist() == [1, 2, 3]
    assert history["validation_loss"].isna().all()
    assert set(map(str, history.dtypes)) == {"int64", "float64"}


def test_learning_curves_are_drawn(tmp_path: Path) -> None:
    path = tmp_path / "curve.svg"
    result = train(nn.LearningCurve(path), early_stopping=nn.EarlyStopping(fraction=0.3))
    assert "<svg" in path.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]
    ax = result.plot()
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["training", "validation", f"best, epoch {result.best_epoch}"]
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), result.history["loss"])


def test_progress_is_shown_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    train(nn.ProgressBar(), validation=(X, LABELS))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "3/3" in captured.err
    assert "validation_loss=" in captured.err


def test_tensorboard_gets_the_numbers_of_every_epoch(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="the extra tensorboard is not installed")
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    result = train(nn.TensorBoard(tmp_path))
    (file,) = tmp_path.iterdir()
    written = [
        (event.step, value.tensor.float_val[0])
        for event in EventFileLoader(str(file)).Load()
        for value in event.summary.value
        if value.tag == "loss"
    ]
    assert [step for step, _ in written] == [1, 2, 3]
    # Written in single precision.
    np.testing.assert_allclose([loss for _, loss in written], result.history["loss"], rtol=1e-6)


def test_mlflow_gets_settings_and_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow = pytest.importorskip("mlflow", reason="the extra mlflow is not installed")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    result = train(nn.MLflow())
    assert mlflow.active_run() is None
    (kept,) = mlflow.search_runs(output_format="list")
    assert kept.data.params["network"] == repr(result.network)
    assert kept.data.metrics["loss"] == result.history["loss"].iloc[-1]


def test_callbacks_are_told_of_the_end_by_an_error_too() -> None:
    class Fail(nn.Callback):
        def on_epoch_end(self, run: Any) -> None:
            raise RuntimeError

    diary = Diary()
    with pytest.raises(RuntimeError):
        train(diary, Fail())
    assert diary.entries == ["begin", (1, 1, 1), "end"]


@pytest.mark.parametrize(
    ("module", "callback"),
    [
        ("tqdm", nn.ProgressBar()),
        ("matplotlib.figure", nn.LearningCurve("curve.png")),
        ("tensorboard.summary", nn.TensorBoard("folder")),
        ("mlflow", nn.MLflow()),
    ],
)
def test_what_is_missing_is_named(
    module: str, callback: nn.Callback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mlestim\["):
        train(callback)
