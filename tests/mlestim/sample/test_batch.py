"""Batches: problems that own segments of rows or share them, cut into blocks that stay in cache."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlestim.sample import block as blocks
from mlestim.sample.batch import Batch
from mlestim.sample.censoring.intervals import LOWER, UPPER

# Blocks are cut as small ones here as they are as large ones in use.
BLOCK_ROWS = 64
INF = np.inf
IN_ANY_TIME = settings(deadline=None)  # other work on the machine is no failure

# Sizes of groups: alone, alike, ragged, and longer than a block.
SIZES = st.lists(
    st.one_of(st.integers(1, 5), st.integers(1, 30), st.just(BLOCK_ROWS + 7)),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module", autouse=True)
def small_blocks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_ROWS", BLOCK_ROWS)
        yield


def grouped(sizes, *, weighted) -> Batch:
    """Groups of rows 0, 1, 2, …, so that a row tells where it came from."""
    sizes = np.array(sizes)
    x = np.arange(float(sizes.sum()))
    weights = 1.0 + x % 3 if weighted else None
    return Batch(x, weights, np.cumsum(sizes) - sizes, sizes)


def rows_of(batch: Batch) -> list[list[tuple[float, float]]]:
    """Rows and weights of each problem, put together again from the blocks."""
    found = [[] for _ in range(batch.n_problems)]
    for block in batch.blocks:
        lines = block.last - block.first
        shape = (lines, block.x.shape[-1])
        x = np.broadcast_to(block.x, shape)
        w = np.broadcast_to(1.0 if block.weights is None else block.weights, shape)
        for line in range(lines):
            pairs = zip(x[line].tolist(), w[line].tolist(), strict=True)
            found[block.first + line] += [(row, weight) for row, weight in pairs if weight > 0.0]
    return found


def expected_rows(batch: Batch) -> list[list[tuple[float, float]]]:
    """The same from the definition."""
    found = []
    for problem, (start, size) in enumerate(zip(batch.starts, batch.sizes, strict=True)):
        rows = slice(start, start + size)
        w = np.ones_like(batch.x) if batch.weights is None else batch.weights
        w = w[problem] if w.ndim == 2 else w
        found.append(list(zip(batch.x[rows].tolist(), w[rows].tolist(), strict=True)))
    return found


def assert_complete(batch: Batch) -> None:
    assert rows_of(batch) == expected_rows(batch)


@IN_ANY_TIME
@given(SIZES, st.booleans())
def test_blocks_hold_each_row_of_each_group_once(sizes, weighted):
    batch = grouped(sizes, weighted=weighted)
    assert_complete(batch)
    totals = np.zeros(batch.n_problems)
    for block in batch.blocks:
        totals[block.first : block.last] += block.total
    np.testing.assert_array_equal(totals, batch.total_weight)


@IN_ANY_TIME
@given(SIZES)
def test_blocks_stay_in_cache_and_hold_little_padding(sizes):
    """No more cells than a block has, and no more than a third of them empty, a few rows apart."""
    batch = grouped(sizes, weighted=False)
    for block in batch.blocks:
        assert block.x.size <= BLOCK_ROWS
        cells = block.x.size
        assert block.total.sum() >= cells / 1.25 - 4 * (block.last - block.first)


@pytest.mark.parametrize("n", [1, 100, BLOCK_ROWS, BLOCK_ROWS + 1, 3 * BLOCK_ROWS])
@pytest.mark.parametrize("problems", [1, 3, 50])
@pytest.mark.parametrize("kind", ["plain", "weighted", "weights of each problem"])
def test_problems_that_share_rows_see_all_of_them(n, problems, kind):
    x = np.arange(float(n))
    weights = {
        "plain": None,
        "weighted": 1.0 + x % 3,
        "weights of each problem": 1.0 + (x + np.arange(problems)[:, None]) % 4,
    }[kind]
    batch = Batch.single(x).repeated(problems, weights)
    assert batch.shared
    assert max(np.broadcast(block.x, block.total[:, None]).size for block in batch.blocks) <= max(
        BLOCK_ROWS, problems
    )
    assert_complete(batch)
    expected = float(n) if weights is None else np.broadcast_to(weights, (problems, n)).sum(axis=-1)
    np.testing.assert_array_equal(batch.total_weight, np.broadcast_to(expected, problems))
    assert batch.n_work == n * problems


def test_one_problem_is_a_batch_of_one():
    x = np.array([3.0, 1.0, 2.0])
    batch = Batch.single(x)
    assert (batch.n_problems, batch.n_work, batch.shared) == (1, 3, True)
    assert (batch.minimum, batch.maximum, batch.total_weight) == (1.0, 3.0, 3.0)
    known = Batch.single(x, extent=(1.0, 3.0))
    assert (known.minimum, known.maximum) == (1.0, 3.0)


@IN_ANY_TIME
@given(SIZES)
def test_extremes_are_those_of_each_group(sizes):
    batch = grouped(sizes, weighted=False)
    batch.x[:] = np.sin(batch.x)
    groups = [batch.x[a : a + n] for a, n in zip(batch.starts, batch.sizes, strict=True)]
    np.testing.assert_array_equal(batch.minimum, [group.min() for group in groups])
    np.testing.assert_array_equal(batch.maximum, [group.max() for group in groups])


@IN_ANY_TIME
@given(SIZES, st.booleans(), st.data())
def test_problems_are_selected_in_any_order_and_repeatedly(sizes, weighted, data):
    batch = grouped(sizes, weighted=weighted)
    problems = np.array(data.draw(st.lists(st.integers(0, len(sizes) - 1), min_size=1, max_size=5)))
    selected = batch.select(problems)
    whole = expected_rows(batch)
    assert rows_of(selected) == [whole[problem] for problem in problems]
    np.testing.assert_array_equal(selected.total_weight, batch.total_weight[problems])
    np.testing.assert_array_equal(selected.minimum, batch.minimum[problems])


@IN_ANY_TIME
@given(SIZES, st.randoms(use_true_random=False))
def test_problems_are_reordered_without_moving_rows(sizes, random):
    batch = grouped(sizes, weighted=True)
    order = np.array(random.sample(range(len(sizes)), len(sizes)))
    reordered = batch.reordered(order)
    assert reordered.x is batch.x
    whole = expected_rows(batch)
    assert rows_of(reordered) == [whole[problem] for problem in order]
    np.testing.assert_array_equal(reordered.maximum, batch.maximum[order])


def test_problems_that_share_rows_are_selected_with_their_weights():
    x, weights = np.arange(4.0), np.arange(1.0, 13.0).reshape(3, 4)
    selected = Batch.single(x).repeated(3, weights).select(np.array([2, 0, 2]))
    np.testing.assert_array_equal(selected.weights, weights[[2, 0, 2]])
    assert_complete(selected)


@IN_ANY_TIME
@given(SIZES, st.integers(1, 40), st.booleans())
def test_thinning_keeps_one_row_of_each_of_equal_parts(sizes, k, weighted):
    batch = grouped(sizes, weighted=weighted)
    thinned = batch.thinned(k)
    whole = [dict(rows) for rows in expected_rows(batch)]
    kept_rows = expected_rows(thinned)
    for rows, start, size, kept in zip(whole, batch.starts, batch.sizes, kept_rows, strict=True):
        assert len(kept) == min(k, max(sizes))
        assert all(rows[row] == weight for row, weight in kept)
        place = np.array([row for row, _ in kept]) - start
        part = np.arange(len(kept))
        assert np.all(
            (place < (part + 1) * size / len(kept)) & (place + 1 > part * size / len(kept))
        )


def test_parameters_known_for_each_row_go_with_their_rows():
    sizes = np.array([2, 5, 3])
    x = np.arange(10.0)
    batch = Batch(x, None, np.cumsum(sizes) - sizes, sizes, {"trials": 10.0 * x})
    for some in (batch, batch.select(np.array([2, 1])), batch.thinned(2)):
        np.testing.assert_array_equal(some.known["trials"], 10.0 * some.x)
        for block in some.blocks:
            np.testing.assert_array_equal(block.known["trials"], 10.0 * block.x)
            part = block.select(np.array([0]))
            np.testing.assert_array_equal(part.known["trials"], 10.0 * part.x)


def test_reflected_rows_change_their_sign_and_nothing_else():
    batch = grouped([2, 3], weighted=True)
    reflected = batch.reflected()
    np.testing.assert_array_equal(reflected.x, -batch.x)
    np.testing.assert_array_equal(reflected.minimum, -batch.maximum)
    np.testing.assert_array_equal(reflected.total_weight, batch.total_weight)


def test_reflected_counts_lie_in_intervals_with_the_other_end_open():
    x = np.array([1.0, 2.0, 3.0])
    ends = {LOWER: np.array([-INF, 2.0, 3.0]), UPPER: np.array([1.0, 2.0, INF])}
    reflected = Batch.single(x, None, known=ends, window=(-5.0, 9.5)).reflected(integers=True)
    np.testing.assert_array_equal(reflected.known[LOWER], [-2.0, -2.0, -INF])
    np.testing.assert_array_equal(reflected.known[UPPER], [INF, -2.0, -4.0])
    assert reflected.window == (-10.0, 4.0)


@IN_ANY_TIME
@given(SIZES, st.booleans())
def test_sorted_lines_hold_the_rows_of_each_problem_in_order(sizes, weighted):
    batch = grouped(sizes, weighted=weighted)
    batch.x[:] = np.sin(batch.x)
    expected = [sorted(rows) for rows in expected_rows(batch)]
    for rows, weights, problems in batch.sorted_lines():
        assert np.all(np.diff(rows, axis=-1) >= 0.0)
        for x, w, problem in zip(rows, weights, range(batch.n_problems)[problems], strict=True):
            pairs = zip(x.tolist(), w.tolist(), strict=True)
            assert [(row, weight) for row, weight in pairs if weight > 0.0] == expected[problem]


def test_likely_values_of_each_problem_are_those_of_its_rows_alone() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 30))
    lower, upper = x.copy(), x.copy()
    hidden = rng.random(x.shape) < np.array([[0.3], [0.3], [0.0], [0.96]])
    upper[[0, 3]] = np.where(hidden[[0, 3]], np.inf, x[[0, 3]])
    lower[1] = np.where(hidden[1], -np.inf, x[1])
    columns = (x.ravel(), lower.ravel(), upper.ravel())
    ends = {"lower end": columns[1], "upper end": columns[2]}
    starts, sizes = 30 * np.arange(4), np.full(4, 30)
    together = Batch(columns[0], None, starts, sizes, ends).likely_sketch
    for k in range(4):
        own = {name: end[30 * k : 30 * k + 30] for name, end in ends.items()}
        alone = Batch.single(x[k], known=own).likely_sketch
        np.testing.assert_array_equal(together[[k]], alone)
