"""A training that is killed and resumed ends as one that was never interrupted, bit for bit."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from mlestim.errors import ModelFileError, OptionError
from mlestim.optim import Adam, CosineDecay, NAdam
from mlestim.penalties import Ridge
from nn.storage import read_arrays, write_arrays

# A training with everything that draws or remembers. It runs in processes of its own, to be killed.
PROGRAM = """
from mlestim.optim import CosineDecay, NAdam
from mlestim.penalties import Ridge

(path,) = paths

rng = np.random.default_rng(0)
X = rng.normal(size=(101, 6)).astype(np.float32)
t = (X[:, 0] + rng.normal(size=101) > 0).astype(int)
layers = np.random.default_rng(1)
network = nn.Sequential(
    nn.Affine.initialized(6, 12, layers, noise=nn.WeightNoise(0.05, 2)),
    nn.BatchNorm.initialized(12),
    nn.ReLU(),
    nn.Dropout(0.3, 3),
    nn.Affine.initialized(12, 2, layers),
)
result = nn.train(
    network, X, t, loss=nn.SoftmaxWithLoss(), optimizer=NAdam(CosineDecay(0.02, 50)),
    epochs=epochs, batch_size=16, penalty=Ridge(0.1), mixup=0.3, label_smoothing=0.05,
    max_gradient_norm=1.0, early_stopping=nn.EarlyStopping(patience=50), random_state=4,
    checkpoint=path, resume=True, callbacks=[Killer()],
)
"""


@pytest.fixture(scope="module")
def train(killable: Any) -> Any:
    return killable(PROGRAM)


@pytest.fixture(scope="module")
def uninterrupted(train: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("whole") / "run"
    assert train(path, epochs=10) == 0
    return train.content(path)


@pytest.mark.parametrize("moment", ["before", "inside"])
def test_five_epochs_a_kill_and_five_more_are_ten(
    tmp_path: Path, train: Any, uninterrupted: Any, moment: str
) -> None:
    path = tmp_path / "run"
    assert train(path, epochs=10, killed_after=5, moment=moment) == -signal.SIGKILL
    assert len(read_arrays(path)[1]["records"]) == 5
    assert train(path, epochs=10) == 0
    assert train.content(path) == uninterrupted


def test_a_training_that_ended_can_be_given_more_epochs(
    tmp_path: Path, train: Any, uninterrupted: Any
) -> None:
    path = tmp_path / "run"
    assert train(path, epochs=5) == 0
    assert train(path, epochs=10) == 0
    assert train.content(path) == uninterrupted


# ---- in this process ---------------------------------------------------------------------------

X = np.random.default_rng(50).normal(size=(40, 3))
LABELS = (X.sum(axis=1) > 0).astype(int)


def network() -> nn.Sequential:
    return nn.Sequential(nn.Affine.initialized(3, 2, rng=1), nn.Tanh())


def fit(path: Path, **options: Any) -> nn.TrainingResult:
    settings = {"loss": nn.SoftmaxWithLoss(), "epochs": 4, "checkpoint": path, "resume": True}
    return nn.train(network(), X, LABELS, **(settings | options))


def test_resuming_what_has_ended_gives_the_same_result(tmp_path: Path) -> None:
    first, again = (fit(tmp_path / "run", early_stopping=True) for _ in range(2))
    np.testing.assert_array_equal(first.network.parameters, again.network.parameters)
    assert first.history.equals(again.history)
    assert (first.stopped, first.best_epoch) == (again.stopped, again.best_epoch)
    np.testing.assert_array_equal(first.held_out, again.held_out)


def test_averages_go_on_too(tmp_path: Path) -> None:
    class Interrupt(nn.Callback):
        def on_epoch_end(self, run: Any) -> None:
            if run.epoch == 3:
                raise KeyboardInterrupt

    averaging = nn.WeightAveraging(0.25)
    whole = fit(tmp_path / "whole", averaging=averaging)
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path / "run", averaging=averaging, callbacks=[Interrupt()])
    resumed = fit(tmp_path / "run", averaging=averaging)
    np.testing.assert_array_equal(whole.network.parameters, resumed.network.parameters)


def test_without_resume_a_training_starts_anew(tmp_path: Path) -> None:
    fit(tmp_path / "run")
    assert fit(tmp_path / "run", resume=False, epochs=2).n_epochs == 2


def test_checkpoints_may_be_rare_but_the_last_epoch_is_written(tmp_path: Path) -> None:
    epochs: list[int] = []

    class Look(nn.Callback):
        def on_epoch_end(self, run: Any) -> None:
            path = tmp_path / "run"
            epochs.append(len(read_arrays(path)[1]["records"]) if path.exists() else 0)

    fit(nn.Checkpoint(tmp_path / "run", every=3), epochs=5, callbacks=[Look()])
    assert epochs == [0, 0, 0, 3, 3]
    assert len(read_arrays(tmp_path / "run")[1]["records"]) == 5


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"batch_size": 7}, "batch_size was 32 and is 7"),
        ({"optimizer": Adam(0.5)}, "optimizer was Adam.*and is Adam"),
        ({"penalty": Ridge(2)}, "penalty was None"),
        ({"sample_weight": np.arange(40)}, "weights differ"),
        ({"validation": (X, LABELS)}, "X to validate by differ"),
        ({"threads": 2}, "threads was 1 and is 2"),
        ({"averaging": nn.WeightAveraging()}, "averaging was None"),
        ({"random_state": 1}, "random_state was 0 and is 1"),
    ],
)
def test_another_training_is_not_resumed(
    tmp_path: Path, options: dict[str, Any], named: str
) -> None:
    fit(tmp_path / "run")
    with pytest.raises(OptionError, match=rf"of another training: .*{named}"):
        fit(tmp_path / "run", epochs=8, **options)


def test_epochs_that_were_done_are_not_taken_back(tmp_path: Path) -> None:
    first = fit(tmp_path / "run")
    with pytest.raises(OptionError, match=r"4 epochs are done, and epochs=2"):
        fit(tmp_path / "run", epochs=2)
    assert fit(tmp_path / "run").history.equals(first.history)


def test_a_place_for_the_checkpoint_is_looked_for_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="there is no folder"):
        fit(tmp_path / "none" / "run")
    with pytest.raises(ModelFileError, match="is a folder"):
        fit(tmp_path, resume=False)


def test_there_is_nothing_to_go_on_from_without_a_checkpoint() -> None:
    with pytest.raises(OptionError, match="needs the checkpoint"):
        nn.train(network(), X, LABELS, loss=nn.SoftmaxWithLoss(), resume=True)


def test_files_that_hold_no_training_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run"
    path.write_bytes(b"nothing")
    with pytest.raises(ModelFileError):
        fit(path)
    write_arrays(path, {"W": np.eye(2)}, {"format": "mlestim model"})
    with pytest.raises(ModelFileError, match="holds no training of this version"):
        fit(path)
    fit(path, resume=False)
    arrays, metadata = read_arrays(path)
    del metadata["generators"]
    write_arrays(path, arrays, metadata)
    with pytest.raises(ModelFileError, match="holds no such training"):
        fit(path)


@pytest.mark.parametrize("kind", [np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_generators_of_every_kind_go_on(tmp_path: Path, kind: Any) -> None:
    options = {"optimizer": NAdam(CosineDecay(0.1, 20)), "batch_size": 8}
    whole = fit(tmp_path / "whole", random_state=np.random.Generator(kind(1)), **options)
    fit(tmp_path / "run", random_state=np.random.Generator(kind(1)), epochs=2, **options)
    resumed = fit(tmp_path / "run", random_state=np.random.Generator(kind(1)), **options)
    np.testing.assert_array_equal(whole.network.parameters, resumed.network.parameters)
