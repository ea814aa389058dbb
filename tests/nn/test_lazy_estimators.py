"""`import nn` leaves scikit-learn alone until an estimator is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import nn
from mlestim.errors import MissingExtraError


def run(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_importing_nn_is_light() -> None:
    heavy = ("sklearn", "pandas", "matplotlib", "onnx", "pyarrow", "tqdm")
    loaded = run(f"import sys, nn; print(*[name for name in {heavy} if name in sys.modules])")
    assert loaded == ""


def test_estimators_are_there_when_asked_for() -> None:
    assert {"Classifier", "Regressor"} <= set(dir(nn))
    assert run("import nn; print(nn.Classifier().hidden)") == "(100,)"
    with pytest.raises(AttributeError, match="no attribute 'Clasifier'"):
        _ = nn.Clasifier


def test_a_missing_scikit_learn_is_named_with_its_extra(monkeypatch) -> None:
    for name in [name for name in sys.modules if name.startswith("nn.estimators")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    with pytest.raises(MissingExtraError, match=r"mlestim\[learn\]"):
        _ = nn.Classifier
