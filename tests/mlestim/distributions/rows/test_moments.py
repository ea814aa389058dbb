"""Sufficient statistics: parts merge into the whole, however they are cut and weighted."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlestim.distributions import registered
from mlestim.distributions.rows.moments import Moments, weighted_sum
from tests.mlestim.distributions.cases import EPSILON, family_named, member, members

IN_ANY_TIME = settings(deadline=None)  # other work on the machine is no failure
SUFFICIENT = [
    name for name, cls in registered().items() if cls.sufficient and cls.kind != "multivariate"
]

VALUES = st.floats(1e-100, 1e3) | st.floats(-1e3, -1e-100) | st.just(0.0)  # with squares
WEIGHTS = st.sampled_from([0.0, 0.25, 1.0, 3.0, 1e3])


@st.composite
def samples(draw, min_size=1):
    """Values, weights that are not all 0, and places to cut between them."""
    n = draw(st.integers(min_size, 30))
    x = draw(hnp.arrays(float, n, elements=VALUES))
    w = draw(hnp.arrays(float, n, elements=WEIGHTS).filter(np.any))
    cuts = draw(st.lists(st.integers(1, n - 1), max_size=4, unique=True)) if n > 1 else []
    return x, w, sorted(cuts)


def moments(x, w) -> Moments:
    """Statistics x and x + 1e6, the second with its central moment too."""
    rows = [np.atleast_2d(x), np.atleast_2d(x + 1e6)]
    return Moments.of(rows, np.atleast_2d(w), np.atleast_1d(w.sum()), (0, 1))


def assert_same(actual: Moments, expected: Moments, x) -> None:
    """Equal to roundings of the values: about 1e6 for the second statistic."""
    size = np.array([[1e3], [1e6]])
    assert actual.central == expected.central
    np.testing.assert_allclose(actual.weight, expected.weight, rtol=1e-14)
    np.testing.assert_array_less(np.abs(actual.means - expected.means), 1e-14 * size)
    spread = np.ptp(x) + 1e-14 * size
    np.testing.assert_array_less(
        np.abs(actual.sums_of_squares - expected.sums_of_squares),
        1e-12 * actual.weight * (spread**2 + spread * 1e-3 * size) + 1e-300,
    )


@IN_ANY_TIME
@given(samples())
def test_any_parts_merge_into_the_whole(sample):
    x, w, cuts = sample
    parts = map(moments, np.split(x, cuts), np.split(w, cuts))
    assert_same(reduce(Moments.__add__, parts), moments(x, w), x)


@IN_ANY_TIME
@given(samples(min_size=3))
def test_the_order_of_merging_does_not_matter(sample):
    x, w, _ = sample
    a, b, c = (moments(x[part], w[part]) for part in (slice(0, 1), slice(1, 2), slice(2, None)))
    assert_same((a + b) + c, a + (b + c), x)
    assert_same(a + b, b + a, x)


@IN_ANY_TIME
@given(samples())
def test_a_part_without_weight_adds_nothing(sample):
    x, w, _ = sample
    whole, nothing = moments(x, w), moments(x[::-1], np.zeros_like(w))
    for merged in (whole + nothing, nothing + whole):
        assert_same(merged, whole, x)


@IN_ANY_TIME
@given(samples())
def test_the_order_of_rows_does_not_matter(sample):
    x, w, _ = sample
    order = np.argsort(np.sin(x + w))
    assert_same(moments(x[order], w[order]), moments(x, w), x)


@IN_ANY_TIME
@given(samples())
def test_whole_weights_are_repetitions(sample):
    x, w, _ = sample
    counts = np.minimum(np.ceil(w), 5.0)
    repeated = np.repeat(x, counts.astype(int))
    assert_same(moments(repeated, np.ones_like(repeated)), moments(x, counts), x)


@IN_ANY_TIME
@given(samples(), st.sampled_from([0.125, 2.0**20]))
def test_weights_count_by_their_ratios(sample, factor):
    x, w, _ = sample
    scaled = moments(x, factor * w)
    np.testing.assert_array_equal(scaled.means, moments(x, w).means)
    np.testing.assert_array_equal(scaled.mean_statistics, moments(x, w).mean_statistics)


def test_a_large_mean_leaves_the_variance_its_digits():
    """Σx² − n·mean² would keep none of them."""
    x = 1e9 + np.array([0.0, 1.0, 2.0, 3.0])
    parts = [Moments.of([part[None]], None, np.array([2.0]), (0,)) for part in (x[:2], x[2:])]
    assert (parts[0] + parts[1]).sums_of_squares == pytest.approx(5.0, rel=1e-15)


def test_problems_are_selected():
    rows = [np.arange(12.0).reshape(3, 4)]
    whole = Moments.of(rows, None, np.full(3, 4.0), (0,))
    some = whole.select(np.array([2, 0]))
    np.testing.assert_array_equal(some.means, whole.means[:, [2, 0]])
    np.testing.assert_array_equal(some.sums_of_squares, whole.sums_of_squares[:, [2, 0]])
    np.testing.assert_array_equal(some.weight, [4.0, 4.0])


@pytest.mark.parametrize("name", SUFFICIENT)
def test_the_mean_log_density_is_that_of_the_mean_statistics(name):
    """The promise of a sufficient family: a sample counts through its statistics alone."""
    family, theta = family_named(name), members(name)[0]
    x = member(name, theta).rvs(400, random_state=1)
    w = np.random.default_rng(2).choice([0.0, 0.5, 1.0, 7.0], 400)
    placeholders = [
        np.array([value if parameter.known else 0.0])
        for parameter, value in zip(family.parameters, theta, strict=True)
    ]
    rows = [np.atleast_2d(row) for row in family.statistics(family.prepared(x), placeholders, 2)]
    statistics = Moments.of(rows, w, np.array([w.sum()]), family.central).mean_statistics
    columns = [np.array([value]) for value in theta]
    mean = family.mean_terms(statistics, columns, 2)[:, 0]
    packed = family.terms(x, theta).packed
    # roundings of the terms' own size, of which there are a few a row
    size = (w * np.abs(packed)).sum(axis=-1) / w.sum()
    assert np.all(np.abs(mean - (w * packed).sum(axis=-1) / w.sum()) <= 1e3 * EPSILON * (1 + size))


@pytest.mark.parametrize("weights", [None, np.array([1.0, 0.0, 2.5])], ids=["plain", "weighted"])
def test_a_row_that_does_not_vary_counts_the_total_weight(weights):
    total = np.array([3.0 if weights is None else 3.5])
    for row in (np.array(2.0), np.array([2.0]), np.array([[2.0]])):
        np.testing.assert_array_equal(weighted_sum(row, weights, total), 2.0 * total)


@pytest.mark.parametrize("shape", [(20_000,), (3, 20_000)], ids=["shared", "lines"])
@pytest.mark.parametrize("weight_shape", [None, (20_000,), (3, 20_000)], ids=str)
def test_a_pair_of_factors_is_summed_as_their_product(shape, weight_shape):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, *shape))
    w = None if weight_shape is None else rng.random(weight_shape)
    total = np.ones(3)
    expected = np.broadcast_to((a * b * (1.0 if w is None else w)).sum(axis=-1), 3)
    # 20,000 roundings of terms near 1, most of which cancel
    np.testing.assert_allclose(weighted_sum((a, b), w, total), expected, rtol=0, atol=1e-10)
    np.testing.assert_allclose(weighted_sum(a * b, w, total), expected, rtol=0, atol=1e-10)


@IN_ANY_TIME
@given(samples(min_size=2), st.integers(1, 2**20))
def test_products_of_two_statistics_merge_as_squares_do(sample, seed):
    """Covariances of parts make that of the whole, to roundings of the values."""
    x, w, cuts = sample
    y = np.random.default_rng(seed).normal(size=len(x)) * 100.0

    def joint(x, y, w) -> Moments:
        rows = [np.atleast_2d(x), np.atleast_2d(y)]
        return Moments.of(rows, np.atleast_2d(w), np.atleast_1d(w.sum()), ((1, 0),))

    parts = zip(*(np.split(values, cuts) for values in (x, y, w)), strict=True)
    merged = reduce(Moments.__add__, (joint(*part) for part in parts)).sums_of_squares[0, 0]
    means = np.average(x, weights=w), np.average(y, weights=w)
    expected = np.sum(w * (x - means[0]) * (y - means[1]))
    size = w.sum() * (np.abs(x).max() + 1.0) * (np.abs(y).max() + 1.0)
    assert merged == pytest.approx(expected, abs=1e-13 * size)
