"""Residual and LayerNorm: what blocks are made of, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from mlestim.errors import DataError, OptionError


def test_a_block_that_changes_the_width_is_refused_by_both_shapes() -> None:
    block = nn.Residual(nn.Affine(np.ones((2, 3)), np.zeros(3)))
    with pytest.raises(DataError, match=r"\(5, 2\).*\(5, 3\)"):
        block.forward(np.ones((5, 2)))


def test_a_block_goes_around_layers() -> None:
    with pytest.raises(OptionError, match="at least one layer"):
        nn.Residual()
    with pytest.raises(OptionError, match="layers only"):
        nn.Residual(nn.Add())


def test_layer_norm_gives_rows_of_mean_0_and_variance_1() -> None:
    x = np.random.default_rng(0).normal(3, 10, size=(4, 50))
    y = nn.LayerNorm.initialized(50, dtype=np.float64).forward(x)
    # Rounding; and epsilon beside a variance of about 100.
    np.testing.assert_allclose(y.mean(axis=1), 0, atol=1e-14)
    np.testing.assert_allclose(y.var(axis=1), 1, rtol=1e-6)
