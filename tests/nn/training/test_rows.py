"""Rows of a training: batches, and those that are held out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from mlestim.errors import OptionError
from nn.training.rows import batch_ends, hold_out

SOFTMAX = nn.SoftmaxWithLoss()


@given(n=st.integers(1, 200), size=st.one_of(st.none(), st.integers(1, 50)))
def test_batches_cover_the_rows_and_none_but_asked_for_has_one_row(
    n: int, size: int | None
) -> None:
    ends = list(batch_ends(n, size))
    assert [start for start, _ in ends] == [0, *(end for _, end in ends[:-1])]
    assert ends[-1][1] == n
    lengths = [end - start for start, end in ends]
    assert max(lengths) <= (n if size is None else size + 1)
    if size != 1:
        assert min(lengths) >= min(2, n)


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_every_class_is_held_out_in_its_share(fraction: float) -> None:
    labels = np.repeat([0, 1, 2], [500, 80, 20])
    held = hold_out(SOFTMAX, labels, fraction, np.random.default_rng(0))
    counts = np.bincount(labels[held])
    assert len(set(held.tolist())) == len(held) == round(600 * fraction)
    # Evenly spaced places: within one row of the exact share.
    np.testing.assert_allclose(counts, fraction * np.array([500, 80, 20]), atol=1)


def test_the_only_row_of_a_class_is_kept() -> None:
    labels = np.array([0] * 10 + [1] + [2] * 10)
    for seed in range(30):
        assert 10 not in hold_out(SOFTMAX, labels, 0.5, np.random.default_rng(seed))


def test_small_and_large_targets_are_held_out_alike() -> None:
    t = np.random.default_rng(1).lognormal(0, 2, 1000)
    loss = nn.NegativeLogLikelihood("lognormal")
    held = hold_out(loss, t, 0.2, np.random.default_rng(2))
    quartiles = np.searchsorted(np.quantile(t, [0.25, 0.5, 0.75]), t[held])
    np.testing.assert_allclose(np.bincount(quartiles), 50, atol=1)


def test_other_seeds_hold_out_other_rows() -> None:
    labels = np.arange(100) % 2
    first, second = (hold_out(SOFTMAX, labels, 0.2, np.random.default_rng(s)) for s in (1, 2))
    assert not np.array_equal(first, second)


def test_too_few_rows_are_said_to_be_too_few() -> None:
    with pytest.raises(OptionError, match=r"0\.1 of 4 rows.*penalty"):
        hold_out(SOFTMAX, np.array([0, 1, 0, 1]), 0.1, np.random.default_rng(0))
