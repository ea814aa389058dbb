"""The benchmarks of networks run, on a network of a few weights."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

# One epoch is what is asked for.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCHMARKS)
    monkeypatch.syspath_prepend(BENCHMARKS / "networks")
    import training

    return training


def test_an_epoch_and_a_prediction_are_timed_beside_the_peers(training: ModuleType) -> None:
    shape = training.Shape(1000, (4, 3, 2), 100, largest_ratio=(2.0, 1.4))
    claims = [*training.epochs(shape, 1, 1.0), *training.predictions(1000, 1)]
    peers = [claim.peer for claim in claims]
    assert peers[:2] == ["its multiplications alone", "scikit-learn MLPClassifier"]
    assert peers[-1].startswith(("scikit-learn", "PyTorch"))
    assert all(claim.seconds > 0 and claim.peer_seconds > 0 for claim in claims)
    assert [claim.largest_ratio for claim in claims][:2] == [2.0, 1.0]
