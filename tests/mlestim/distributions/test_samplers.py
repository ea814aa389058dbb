"""Samples of every family have its distribution, the shape asked for, and repeat by their seed."""

from __future__ import annotations

import numpy as np
import pytest

from .cases import NUMERIC, family_named, generator, member, members, members_and_hard_ones

N = 50_000
# Dvoretzky-Kiefer-Wolfowitz with Massart's constant: the empirical distribution function is off by
# more than this with probability 1e-9 at most, whatever the distribution. Seeds are fixed: the
# chance was taken once, and over a thousand samples it is one in a million.
FARTHEST = np.sqrt(np.log(2.0 / 1e-9) / (2.0 * N))


def test_samples_have_the_distribution_function(name):
    for theta in members_and_hard_ones(name):
        distribution = member(name, theta)
        sample = np.sort(distribution.rvs(N, random_state=generator("sample", name, theta)))
        assert not np.any(np.isnan(sample))
        values, counts = np.unique(sample, return_counts=True)
        empirical = np.cumsum(counts) / N
        if not distribution.support.lower_closed:  # what was rounded to the end lies just inside
            values = np.maximum(values, np.nextafter(distribution.support.lower, np.inf))
        cdf = distribution.cdf(values)
        before = np.concatenate([[0.0], empirical[:-1]])
        # just below a value: for continuous families the same as at the value
        cdf_before = distribution.cdf(values - 1.0) if distribution.support.integers else cdf
        assert np.max(np.abs(empirical - cdf)) <= FARTHEST, distribution
        assert np.max(before - cdf_before) <= FARTHEST, distribution


def test_samples_lie_in_the_support(name):
    for theta in members(name):
        distribution = member(name, theta)
        sample = distribution.rvs(1000, random_state=1)
        assert not np.any(distribution.support.outside(sample))
        assert np.all(np.isfinite(distribution.logpdf(sample)))


@pytest.mark.parametrize("size", [5, (2, 3), (1,), 0])
def test_samples_have_the_shape_asked_for(name, size):
    sample = member(name, members(name)[0]).rvs(size, random_state=1)
    assert sample.shape == (size if isinstance(size, tuple) else (size,))
    assert sample.dtype == float


def test_one_draw_is_a_number(name):
    assert np.ndim(member(name, members(name)[0]).rvs(random_state=1)) == 0


@pytest.mark.parametrize("name", NUMERIC)
def test_many_members_are_drawn_from_together(name):
    batch = np.array(members(name, 2)).T
    many = member(name, batch)
    assert many.rvs(random_state=1).shape == (batch.shape[1],)
    assert many.rvs((10, batch.shape[1]), random_state=1).shape == (10, batch.shape[1])


def test_a_seed_gives_the_same_sample_again(name):
    distribution = member(name, members(name)[0])
    first = distribution.rvs(1000, random_state=7)
    np.testing.assert_array_equal(first, distribution.rvs(1000, random_state=7))
    rng = np.random.default_rng(7)
    np.testing.assert_array_equal(first, distribution.rvs(1000, random_state=rng))
    assert not np.array_equal(first, distribution.rvs(1000, random_state=rng))


@pytest.mark.parametrize("name", NUMERIC)
def test_a_location_moves_the_sample(name):
    theta = members(name)[0]
    family = family_named(name)
    if not family.half_line:
        pytest.skip("the family has no location besides its parameters")
    values = dict(zip(family.parameter_names, theta, strict=True))
    here, there = family.with_values(values), family.with_values({**values, "location": 8.0})
    np.testing.assert_array_equal(there.rvs(9, random_state=3), here.rvs(9, random_state=3) + 8.0)
