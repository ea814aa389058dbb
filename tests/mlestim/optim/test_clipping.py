"""Clipping by the global norm."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mlestim.errors import OptionError
from mlestim.optim import clip_by_global_norm

REFERENCE = json.loads((Path(__file__).parent / "torch_optimizers.json").read_text())[
    "clip_grad_norm_1"
]


def test_follows_pytorch_over_several_arrays():
    parts = [np.array(part) for part in REFERENCE["grads_in"]]
    assert clip_by_global_norm(parts, 1.0) == pytest.approx(REFERENCE["norm"], rel=1e-15)
    for part, expected in zip(parts, REFERENCE["grads_out"], strict=True):
        np.testing.assert_allclose(part, expected, rtol=1e-12)


def test_one_flat_vector_is_clipped_as_its_parts_are():
    flat = np.array([3.0, 4.0, 12.0])
    assert clip_by_global_norm(flat, 1.0) == 13.0
    expected = np.concatenate([np.ravel(part) for part in REFERENCE["grads_out"]])
    np.testing.assert_allclose(flat, expected, rtol=1e-12)


def test_a_short_gradient_is_left_alone():
    gradient = np.array([0.3, 0.4])
    assert clip_by_global_norm(gradient, 1.0) == 0.5
    np.testing.assert_array_equal(gradient, [0.3, 0.4])


def test_zero_has_no_direction_to_keep():
    gradient = np.zeros(3)
    assert clip_by_global_norm(gradient, 1.0) == 0.0
    np.testing.assert_array_equal(gradient, 0)


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_squares_of_float32_neither_overflow_nor_vanish(size):
    gradient = np.array([3 * size, 4 * size], dtype=np.float32)
    assert clip_by_global_norm(gradient, 1.0) == pytest.approx(5 * size, rel=1e-6)
    assert gradient.dtype == np.float32
    assert np.all(gradient <= 1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_reported_and_left_alone(bad):
    gradient = np.array([1.0, bad])
    assert not np.isfinite(clip_by_global_norm(gradient, 1.0))
    np.testing.assert_array_equal(gradient, [1.0, bad])


@pytest.mark.parametrize("maximum", [0, -1, np.nan, np.inf])
def test_refuses_a_maximum_out_of_range(maximum):
    with pytest.raises(OptionError, match=r"maximum=.*\(0, inf\)"):
        clip_by_global_norm(np.ones(2), maximum)
