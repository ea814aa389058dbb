"""Dropout: PyTorch's values under its own mask, the share that is dropped, and the mean kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from mlestim.errors import OptionError


class FixedDraws(np.random.Generator):
    """A generator of uniform draws that keep exactly the entries of a mask."""

    def __init__(self, mask: np.ndarray) -> None:
        super().__init__(np.random.PCG64(0))
        self.mask = mask

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        assert size == self.mask.shape
        return np.where(self.mask, 0.999, 0.001).astype(dtype)


def test_agrees_with_pytorch(torch: Any) -> None:
    reference = torch["dropout"]
    x = reference.array("x")
    dropout = nn.Dropout(reference["p"], FixedDraws(reference.array("mask") == 1))
    # One product each, against 15 digits given.
    y = dropout.forward(x, training=True)
    np.testing.assert_allclose(y, reference["y_train"], rtol=1e-14)
    np.testing.assert_allclose(
        dropout.backward(np.ones_like(x)), reference["dx_for_ones"], rtol=1e-14
    )
    np.testing.assert_array_equal(dropout.forward(x), x)


def test_the_share_that_is_dropped_and_the_mean_that_is_kept() -> None:
    y = nn.Dropout(0.3, rng=0).forward(np.ones((300, 400)), training=True)
    # Five standard deviations of a binomial share with n = 120,000.
    sd = np.sqrt(0.3 * 0.7 / y.size)
    assert abs((y == 0).mean() - 0.3) < 5 * sd
    assert abs(y.mean() - 1) < 5 * sd / 0.7


def test_each_batch_is_dropped_anew_and_a_seed_repeats_the_run() -> None:
    x = np.ones((20, 20))
    one, other = nn.Dropout(0.5, rng=9), nn.Dropout(0.5, rng=9)
    first, second = one.forward(x, training=True), one.forward(x, training=True)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, other.forward(x, training=True))
    np.testing.assert_array_equal(second, other.forward(x, training=True))


def test_rate_zero_drops_nothing() -> None:
    x = np.random.default_rng(1).normal(size=(50, 50))
    np.testing.assert_array_equal(nn.Dropout(0, rng=0).forward(x, training=True), x)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 40, np.nan])
def test_rates_out_of_range_are_refused(rate: float) -> None:
    with pytest.raises(OptionError, match=rf"rate={rate}: .* \[0, 1\)"):
        nn.Dropout(rate, rng=0)
