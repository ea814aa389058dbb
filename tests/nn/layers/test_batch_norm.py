"""Batch normalization: PyTorch's values, the running statistics, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from mlestim.errors import DataError, OptionError

# Sums over six rows, against 15 digits given.
CLOSE = {"rtol": 1e-12, "atol": 1e-13}


def made_from(reference: Any) -> nn.BatchNorm:
    return nn.BatchNorm(
        reference.array("gamma"), reference.array("beta"), reference["eps"], reference["momentum"]
    )


def assert_gradients(norm: nn.BatchNorm, reference: Any, expected: Any) -> None:
    np.testing.assert_allclose(norm.backward(reference.array("dy")), expected["dx"], **CLOSE)
    np.testing.assert_allclose(norm.dgamma, expected["dgamma"], **CLOSE)
    np.testing.assert_allclose(norm.dbeta, expected["dbeta"], **CLOSE)


def assert_running(norm: nn.BatchNorm, expected: Any) -> None:
    np.testing.assert_allclose(norm.running_mean, expected["running_mean_after"], **CLOSE)
    np.testing.assert_allclose(norm.running_variance, expected["running_var_after"], **CLOSE)


def test_two_batches_and_inference_agree_with_pytorch(torch: Any) -> None:
    reference = torch["batchnorm"]
    x = reference.array("x")
    norm = made_from(reference)

    first = reference["train"]
    np.testing.assert_allclose(norm.forward(x, training=True), first["y"], **CLOSE)
    assert_running(norm, first)
    assert_gradients(norm, reference, first)

    norm.forward(reference["train2"].array("x"), training=True)
    assert_running(norm, reference["train2"])

    np.testing.assert_allclose(norm.forward(x), reference["eval"]["y"], **CLOSE)
    assert_gradients(norm, reference, reference["eval"])


def test_running_statistics_start_at_zero_and_one() -> None:
    norm = nn.BatchNorm(np.ones(2), np.zeros(2))
    np.testing.assert_array_equal(norm.running_mean, [0, 0])
    np.testing.assert_array_equal(norm.running_variance, [1, 1])


def test_a_trained_batch_has_mean_beta_and_sd_gamma() -> None:
    x = np.random.default_rng(3).normal(5, 3, size=(50, 2))
    y = nn.BatchNorm([2.0, 3.0], [-1.0, 1.0]).forward(x, training=True)
    np.testing.assert_allclose(y.mean(axis=0), [-1, 1], atol=1e-13)
    # ε = 1e-5 next to a variance of about 9 takes some 6e-7 off.
    np.testing.assert_allclose(y.std(axis=0), [2, 3], rtol=1e-6)


def test_inference_leaves_the_running_statistics_and_treats_rows_alone() -> None:
    norm = nn.BatchNorm(np.ones(2), np.zeros(2))
    x = np.random.default_rng(4).normal(size=(6, 2))
    norm.forward(x, training=True)
    before = norm.running_mean.copy(), norm.running_variance.copy()
    np.testing.assert_array_equal(norm.forward(x)[:1], norm.forward(x[:1]))
    np.testing.assert_array_equal(norm.running_mean, before[0])
    np.testing.assert_array_equal(norm.running_variance, before[1])


def test_a_constant_feature_becomes_beta() -> None:
    y = nn.BatchNorm([2.0], [0.5]).forward(np.full((4, 1), 1e6), training=True)
    np.testing.assert_array_equal(y, np.full((4, 1), 0.5))


@pytest.mark.parametrize("rows", [0, 1])
def test_training_needs_two_rows(rows: int) -> None:
    norm = nn.BatchNorm(np.ones(3), np.zeros(3))
    with pytest.raises(DataError, match=rf"x has shape \({rows}, 3\); .* at least two rows"):
        norm.forward(np.ones((rows, 3)), training=True)
    np.testing.assert_array_equal(norm.running_variance, np.ones(3))


def test_shapes_that_do_not_go_together_are_named() -> None:
    with pytest.raises(DataError, match=r"gamma has shape \(2,\) and beta \(3,\)"):
        nn.BatchNorm(np.ones(2), np.zeros(3))
    with pytest.raises(DataError, match=r"takes x of shape \(rows, 2\), got \(4, 3\)"):
        nn.BatchNorm(np.ones(2), np.zeros(2)).forward(np.ones((4, 3)), training=True)


@pytest.mark.parametrize(
    "option", [{"epsilon": 0.0}, {"epsilon": np.nan}, {"momentum": 0.0}, {"momentum": 1.5}], ids=str
)
def test_options_out_of_range_are_refused(option: dict[str, float]) -> None:
    (name,) = option
    with pytest.raises(OptionError, match=f"{name}={option[name]}"):
        nn.BatchNorm(np.ones(2), np.zeros(2), **option)
