"""Mean terms over a batch are sums of the rows' terms, however rows and problems are laid out."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlestim import likelihood
from mlestim.distributions import Family, registered
from mlestim.likelihood import Likelihood
from mlestim.sample import block as blocks
from mlestim.sample.batch import Batch

from .distributions.oracles import ORACLES

# Blocks are cut as small ones here as they are as large ones in use.
BLOCK_ROWS = 512
NAMES = [name for name, cls in registered().items() if cls.kind != "multivariate"]
PROBLEMS = 3
KNOWN = 9.0


@pytest.fixture(scope="module", autouse=True)
def small_blocks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_ROWS", BLOCK_ROWS)
        yield


def family_named(name) -> Family:
    cls = registered()[name]
    return cls(levels="abc") if cls.kind == "categorical" else cls()


def parameters(name, n=PROBLEMS) -> list[np.ndarray]:
    """Random parameters of n problems, near one another, so that rows suit them all."""
    family = family_named(name)
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    eta = (
        rng.normal(size=(family.link.size, 1)) * 0.3 + rng.normal(size=(family.link.size, n)) * 0.03
    )
    chosen = ORACLES[name].members if name in ORACLES else ()
    if chosen:  # its domains are tied to one another: one member for all problems
        return [np.full(n, value) for value in chosen[0]]
    return [
        np.full(n, KNOWN) if parameter.known else value
        for parameter, value in zip(family.parameters, family.link.from_link(eta), strict=True)
    ]


def likelihood_of(name, batch, *units) -> Likelihood:
    """The likelihood; numbers of trials and the like are known for each row."""
    family = family_named(name)
    batch.known = {
        parameter.name: np.full_like(batch.x, value[0])
        for parameter, value in zip(family.parameters, parameters(name, 1), strict=True)
        if parameter.known
    }
    return Likelihood(family, batch, *units)


def rows(name, n) -> np.ndarray:
    """A sample of the first problem's distribution, from the middle, where all have densities."""
    family = family_named(name)
    values = dict(
        zip(family.parameter_names, (theta[0] for theta in parameters(name)), strict=True)
    )
    distribution = family.with_values(values)
    sample = distribution.rvs(n, random_state=5)
    if family.kind == "continuous":
        sample = np.clip(sample, distribution.ppf(0.1), distribution.isf(0.1))
    return sample


def direct(name, theta, x, w) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean of one problem's row terms, and the mean of their sizes."""
    packed = family_named(name).terms(x, theta).packed
    w = np.ones_like(x) if w is None else w
    return packed @ w / w.sum(), np.abs(packed) @ w / w.sum()


def assert_means(name, batch, x_and_w, *, order=2) -> None:
    """Equal to 1e-12 of the mean size of the rows' terms, or of 1: sums round, and in another order.

    Linear families sum statistics, whose parts may be a little larger than the terms.
    """
    theta = parameters(name, batch.n_problems)
    found = likelihood_of(name, batch).mean_terms(theta, order, np.arange(batch.n_problems))
    for problem, (x, w) in enumerate(x_and_w):
        mean, size = direct(name, [value[problem] for value in theta], x, w)
        wanted = slice(0, len(found))
        error = np.abs(found[:, problem] - mean[wanted])
        assert np.all(error <= 1e-12 * (1.0 + size.max())), (name, problem, error)


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("n", [1, 40, 2 * BLOCK_ROWS + 3])
def test_one_problem(name, n, weighted, order):
    x = rows(name, n)
    w = 0.5 + np.arange(n) % 3 if weighted else None
    assert_means(name, Batch.single(x, w), [(x, w)], order=order)


@pytest.mark.parametrize("kind", ["plain", "weighted", "weights of each problem"])
@pytest.mark.parametrize("n", [1, 40, BLOCK_ROWS])
def test_problems_over_the_same_rows(name, n, kind):
    x = rows(name, n)
    w = {
        "plain": None,
        "weighted": 0.5 + np.arange(n) % 3,
        "weights of each problem": np.random.default_rng(1).poisson(1.0, (PROBLEMS, n)) + 0.25,
    }[kind]
    each = [None] * PROBLEMS if w is None else np.broadcast_to(w, (PROBLEMS, n))
    assert_means(name, Batch.single(x).repeated(PROBLEMS, w), [(x, line) for line in each])


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.one_of(st.integers(1, 4), st.integers(1, 60), st.just(BLOCK_ROWS + 11)),
        min_size=1,
        max_size=8,
    ),
    st.booleans(),
)
@pytest.mark.parametrize("name", NAMES)
def test_groups_of_any_sizes(name, sizes, weighted):
    sizes = np.array(sizes)
    x = rows(name, int(sizes.sum()))
    w = np.arange(len(x)) % 4 + 0.5 if weighted else None
    starts = np.cumsum(sizes) - sizes
    parts = [slice(start, start + size) for start, size in zip(starts, sizes, strict=True)]
    each = [(x[part], None if w is None else w[part]) for part in parts]
    assert_means(name, Batch(x, w, starts, sizes), each)


def test_rows_of_weight_zero_do_not_count(name):
    """Even where they fill whole blocks."""
    x = rows(name, 2 * BLOCK_ROWS)
    w = np.ones_like(x)
    w[: BLOCK_ROWS + 5] = 0.0
    w[-7:] = 0.0
    kept = w > 0.0
    assert_means(name, Batch.single(x, w), [(x[kept], None)])


def test_weights_are_repetitions(name):
    x = rows(name, 50)
    counts = np.arange(50) % 4
    repeated = np.repeat(x, counts)
    assert_means(name, Batch.single(x, counts.astype(float)), [(repeated, None)])


def test_some_problems_are_asked_alone(name):
    """In increasing order, as the solver does once others have converged."""
    sizes = np.array([5, 40, 1, 17])
    x = rows(name, int(sizes.sum()))
    batch = Batch(x, None, np.cumsum(sizes) - sizes, sizes)
    theta = parameters(name, 4)
    all_terms = likelihood_of(name, batch).mean_terms(theta, 2, np.arange(4))
    some = np.array([0, 2, 3])
    found = likelihood_of(name, batch).mean_terms([value[some] for value in theta], 2, some)
    size = 1.0 + np.abs(all_terms).max()
    np.testing.assert_allclose(found, all_terms[:, some], rtol=1e-13, atol=1e-13 * size)


def test_selected_and_thinned_problems_are_those_of_their_rows(name):
    sizes = np.array([30, 64, 48])
    x = rows(name, int(sizes.sum()))
    starts = np.cumsum(sizes) - sizes
    whole = likelihood_of(name, Batch(x, None, starts, sizes))
    theta = parameters(name)
    problems = np.array([2, 0, 2])
    selected = whole.select(problems).mean_terms([t[problems] for t in theta], 2, np.arange(3))
    expected = whole.mean_terms(theta, 2, np.arange(3))[:, problems]
    size = 1.0 + np.abs(expected).max()
    np.testing.assert_allclose(selected, expected, rtol=1e-13, atol=1e-13 * size)
    thinned = whole.thinned(16)
    for problem, few in enumerate(x[whole.batch.spread_rows(16)]):
        mean, _ = direct(name, [value[problem] for value in theta], few, None)
        found = thinned.mean_terms(theta, 2, np.arange(3))[:, problem]
        np.testing.assert_allclose(found, mean, rtol=1e-11, atol=1e-12 * size)


@pytest.mark.parametrize("layout", ["single", "shared", "grouped"])
def test_threads_change_no_bit(name, layout, monkeypatch):
    x = rows(name, 4 * BLOCK_ROWS)
    w = np.random.default_rng(3).random((PROBLEMS, len(x)))
    sizes = np.array([BLOCK_ROWS, 2 * BLOCK_ROWS, BLOCK_ROWS])
    batch = {
        "single": Batch.single(x, w[0]),
        "shared": Batch.single(x).repeated(PROBLEMS, w),
        "grouped": Batch(x, w[1], np.cumsum(sizes) - sizes, sizes),
    }[layout]
    theta = parameters(name, batch.n_problems)

    def terms():
        return likelihood_of(name, batch).mean_terms(theta, 2, np.arange(batch.n_problems))

    assert len(batch.blocks) > 1
    monkeypatch.setattr(likelihood, "THREADED_WORK", np.inf)
    alone = terms()
    monkeypatch.setattr(likelihood, "THREADED_WORK", 0)
    for _ in range(3):
        np.testing.assert_array_equal(terms(), alone)


def test_units_are_changed_before_the_terms(name, monkeypatch):
    """Rows enter as (x − centre)/scale; the scale is a power of 2, so that no digit is lost."""
    family = family_named(name)
    x = rows(name, 64)
    centre, scale = (2.0, 8.0) if family.standardization == "location-scale" else (0.0, 8.0)
    if family.standardization == "none":
        centre, scale = 0.0, 1.0
    z = np.ldexp(np.round(np.ldexp(x, 20)), -20) if family.kind == "continuous" else x
    z = np.where(family.support.outside(z), x, z)
    batch = Batch.single(centre + scale * z)
    theta = parameters(name, 1)
    moved = likelihood_of(name, batch, np.array([centre]), np.array([scale]))
    plain = likelihood_of(name, Batch.single(z))
    zero = np.zeros(1, dtype=np.intp)
    found, expected = moved.mean_terms(theta, 2, zero), plain.mean_terms(theta, 2, zero)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13 * np.abs(expected).max())
    monkeypatch.setattr(likelihood, "KEPT_ROWS", 0)  # of long samples, rows are moved in each pass
    again = likelihood_of(name, batch, np.array([centre]), np.array([scale]))
    np.testing.assert_array_equal(again.mean_terms(theta, 2, zero), found)
    np.testing.assert_allclose(moved.sketch.rows, plain.sketch.rows, rtol=1e-12, atol=1e-12)
    assert moved.sketch.mean == pytest.approx(z.mean(), rel=1e-10, abs=1e-12)


def test_a_step_into_the_impossible_is_quietly_not_finite():
    """The solver refuses such a step; nothing is warned of."""
    x = np.array([1.0, 2.0, 900.0])
    found = likelihood_of("gumbel", Batch.single(x)).mean_terms(
        [np.array([1e4]), np.array([1e-2])], 2, np.zeros(1, dtype=np.intp)
    )
    assert not np.isfinite(found[0, 0])
