"""Tails whose terms are linear in the statistics of a row: averages of them, and single rows."""

from __future__ import annotations

import numpy as np
import pytest

import mlestim as ml
from mlestim.distributions import registered
from mlestim.distributions.base import product_of
from mlestim.distributions.intervals.linear import LinearRows
from mlestim.distributions.intervals.tail import tail_terms
from mlestim.likelihood import Likelihood
from mlestim.sample.batch import Batch
from mlestim.sample.censoring.intervals import LOWER, UPPER
from tests.mlestim.distributions.cases import NUMERIC, family_named, member, members

LINEAR = [name for name in NUMERIC if family_named(name).has_linear_tail]
LEVELS = np.array([1e-6, 0.01, 0.3, 0.7, 0.99, 1.0 - 1e-6])


def inner_values(distribution):
    """Values within the support, whole ones of counts."""
    with np.errstate(all="ignore"):
        x = np.unique(distribution.ppf(LEVELS))
    low, high = distribution.ends(distribution.theta)
    return x[(x > low) & (x < high) & (np.abs(x) > 1e-100) & (np.abs(x) < 1e100)]


def test_lifetimes_have_linear_tails():
    assert {"weibull", "exponential", "gompertz", "lomax", "loglogistic"} <= set(LINEAR)


@pytest.mark.parametrize("name", LINEAR)
@pytest.mark.parametrize("exact", [0.0, 1.0], ids=["tails", "exact"])
def test_terms_from_statistics_are_those_of_the_rows(name, exact):
    """Both are formulas; their rounding differs by a few units of the last digit."""
    for values in members(name):
        distribution = member(name, values)
        x, theta = inner_values(distribution), [np.atleast_1d(v) for v in distribution.theta]
        if not len(x):
            continue
        rows = LinearRows(distribution)
        with np.errstate(all="ignore"):
            known = np.full(len(x), exact)
            t = rows.statistics(rows.prepared(x), [*theta, known], 2)
            terms = rows.density_terms([product_of(row) for row in t], theta)
            found = np.array([np.broadcast_to(row, x.shape) for row in terms])
            if exact:
                expected = distribution.terms(x, theta).packed
            else:
                ways = tail_terms(distribution, x, theta, 2, upper=distribution.own_is_upper)
                expected = np.array([np.broadcast_to(row, x.shape) for row in ways])
        usual = np.isfinite(expected) & np.isfinite(found)
        assert usual.mean() > 0.5
        size = np.abs(expected[usual]) + 1e-12 * np.nanmax(np.abs(expected))
        assert np.max(np.abs(found - expected)[usual] / size) < 1e-9


@pytest.mark.parametrize("name", LINEAR)
def test_averages_are_sums_of_the_rows(name):
    """Rows one by one are of one kind each, and go the usual way of tails."""
    family, values, one = registered()[name](), members(name)[0], np.zeros(1, dtype=np.intp)
    theta = [np.array([value]) for value in values]
    x = np.resize(inner_values(member(name, values)), 24)
    kind = np.arange(24) // 6  # exact, a lower tail, an upper one, and one that begins at the end
    lower = np.where(kind == 1, -np.inf, np.where(kind == 3, family.support.lower, x))
    upper = np.where(kind >= 2, np.inf, x)
    if family.support.lower == -np.inf:  # no row is certain there
        lower = np.where(kind == 3, x, lower)

    def mean_terms(rows):
        batch = Batch.single(x[rows], known={LOWER: lower[rows], UPPER: upper[rows]})
        return Likelihood(family, batch).mean_terms(theta, 2, one)

    each = np.array([mean_terms([row]) for row in range(24)])
    size = 1.0 + np.abs(each).max()
    np.testing.assert_allclose(mean_terms(slice(None)), each.mean(axis=0), atol=1e-12 * size)


def test_the_fit_is_the_same_as_without_averages(monkeypatch):
    """Standard errors keep the curvature before the last step, which is another without them."""
    rng = np.random.default_rng(8)
    time, stop = 3.0 * rng.weibull(1.7, 20_000), 6.0 * rng.random(20_000)
    event, time = time <= stop, np.minimum(time, stop)
    short = ml.fit(time, "weibull", event=event)
    monkeypatch.setattr(ml.distributions.Family, "has_linear_tail", False)
    long = ml.fit(time, "weibull", event=event)
    np.testing.assert_allclose(short.estimates, long.estimates, rtol=1e-10)
    np.testing.assert_allclose(short.standard_errors, long.standard_errors, rtol=1e-6)
    assert short.log_likelihood == pytest.approx(long.log_likelihood, rel=1e-13)


@pytest.mark.parametrize("name", LINEAR)
def test_problems_with_rows_of_their_own_are_summed_like_each_alone(name):
    """One of them has exact rows alone, and one tails alone; blocks pad the shorter ones."""
    family, values = registered()[name](), members(name)[0]
    x = np.resize(inner_values(member(name, values)), 18)
    sizes = np.array([7, 6, 5])
    exact = np.concatenate([np.arange(7) % 2 == 0, np.ones(6, bool), np.zeros(5, bool)])
    hidden = np.where(exact, x, np.inf if family.own_is_upper else -np.inf)
    lower, upper = (x, hidden) if family.own_is_upper else (hidden, x)
    starts, theta = np.cumsum(sizes) - sizes, [np.full(3, value) for value in values]
    batch = Batch(x, None, starts, sizes, {LOWER: lower, UPPER: upper})
    found = Likelihood(family, batch).mean_terms(theta, 2, np.arange(3))
    for k, first in enumerate(starts):
        rows = slice(first, first + sizes[k])
        own = Batch.single(x[rows], known={LOWER: lower[rows], UPPER: upper[rows]})
        alone = Likelihood(family, own).mean_terms([t[:1] for t in theta], 2, np.zeros(1, np.intp))
        size = 1.0 + np.abs(alone).max()
        np.testing.assert_allclose(found[:, k], alone[:, 0], atol=1e-12 * size)
