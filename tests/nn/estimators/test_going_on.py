"""Estimators that go on learning: loaded ones, warm starts, and one part of the rows after another."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_iris

import nn
from mlestim.errors import DataError, OptionError

X, Y = load_iris(return_X_y=True)


@pytest.fixture
def loaded(tmp_path) -> nn.Classifier:
    first = nn.Classifier(hidden=(4,), penalty=1.0, warm_start=True, epochs=3, random_state=0)
    nn.save(first.fit(X, Y), tmp_path / "iris.safetensors")
    return nn.load(tmp_path / "iris.safetensors")


@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_loaded_estimator_goes_on(loaded, method) -> None:
    before = loaded.mean_loss(loaded._outputs(X), Y, np.ones(len(Y)))
    for _ in range(3):
        getattr(loaded, method)(X, Y)
    assert loaded.mean_loss(loaded._outputs(X), Y, np.ones(len(Y))) < before
