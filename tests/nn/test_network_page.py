"""The page on networks: its examples run, and its picture shows their numbers."""

from __future__ import annotations

import doctest
from pathlib import Path

import numpy as np
import pytest

import nn

PAGE = Path(__file__).parents[2] / "docs" / "network.md"


def test_examples_run() -> None:
    pytest.importorskip("sklearn", reason="the page reads scikit-learn's digits")
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    results = doctest.testfile(str(PAGE), module_relative=False, optionflags=options)
    assert results.attempted > 50
    assert results.failed == 0


def test_the_picture_shows_what_the_layers_compute() -> None:
    picture = PAGE.with_suffix(".svg").read_text(encoding="utf-8")
    layers = [
        nn.Affine([[1.0, -1.0], [1.0, 0.0]], [0.0, 0.0]),
        nn.ReLU(),
        nn.Affine([[0.5, -0.5], [1.0, 2.0]], [0.0, 0.5]),
    ]
    loss, value, shown = nn.SoftmaxWithLoss(), np.array([[1.0, 2.0]]), []
    for layer in layers:
        value = layer.forward(value)
        shown.append(value)
    assert f">{loss.forward(value, [0]):.3f}<" in picture
    gradient = loss.backward()
    shown.append(gradient)
    for layer in reversed(layers):
        gradient = layer.backward(gradient)
        shown.append(gradient)
    for row in shown:
        numbers = ", ".join(f"{round(x, 3) + 0.0:g}" for x in row[0].tolist()).replace("-", "−")
        assert f">({numbers})<" in picture
