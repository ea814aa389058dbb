"""Mean, variance, median, mode and entropy of every family against what they are."""

from __future__ import annotations

import itertools
import warnings
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from .cases import (
    CONTINUOUS,
    DISCRETE,
    EPSILON,
    NUMERIC,
    family_named,
    member,
    members,
    random_members,
)

# Expectations are taken over tails down to exp(−FARTHEST): down to the smallest number for moments,
# which heavy tails may need; for logs of densities only as far as values are told from an end.
FARTHEST = {"moment": 690.0, "entropy": 40.0}


def members_of(name):
    return [member(name, theta) for theta in members(name, 3)]


def expectation(distribution, function, kind) -> float:
    """Integrate over the quantiles, whose own tests are elsewhere.

    With p = 1/2 exp(−t) as the variable the integrand falls as fast as the tail allows, whether
    the density has poles or heavy tails.
    """

    def in_tail(quantile):
        def integrand(t):
            p = 0.5 * np.exp(-t)
            with np.errstate(over="ignore"):
                return float(function(quantile(p))) * p

        pieces = [end for end in (0.0, 1.0, 4.0, 12.0, 40.0, 120.0, 690.0) if end <= FARTHEST[kind]]
        return sum(
            integrate.quad(integrand, *ends, epsabs=1e-14, epsrel=1e-11, limit=200)[0]
            for ends in pairwise(pieces)
        )

    return in_tail(distribution.ppf) + in_tail(distribution.isf)


def sum_over_counts(distribution, function) -> float:
    x = np.arange(distribution.ppf(1e-20), distribution.isf(1e-20) + 1.0)
    x = x[distribution.pdf(x) > 0.0]
    return float(np.sum(distribution.pdf(x) * function(x)))


def expected(distribution, function, kind="moment") -> float:
    if distribution.support.integers:
        return sum_over_counts(distribution, function)
    return expectation(distribution, function, kind)


@pytest.mark.parametrize("name", NUMERIC)
def test_mean_and_variance_are_expectations(name):
    """To 1e-8: quadrature over the quantiles has ten digits."""
    for distribution in members_of(name):
        mean, variance = distribution.mean(), distribution.var()
        if np.isfinite(mean):
            scale = float(np.ptp(distribution.ppf([0.25, 0.75]))) + abs(mean)
            found = expected(distribution, lambda x: x)
            assert found == pytest.approx(mean, rel=1e-8, abs=1e-8 * scale), distribution
        if np.isfinite(variance):
            found = expected(distribution, lambda x, centre=mean: (x - centre) ** 2)
            assert found == pytest.approx(variance, rel=1e-8), distribution
            assert distribution.std() == np.sqrt(variance)


@pytest.mark.parametrize("name", NUMERIC)
def test_a_moment_is_infinite_or_undefined_only_where_its_integral_diverges(name):
    """The tail's part |x − median|^k p grows, or does not shrink, towards ever rarer values."""
    if name == "log_pearson3":
        pytest.skip("its tail is a power of x times one of log x, which hides the power")
    if name == "skew_t":
        pytest.skip("its probabilities are integrals of a density that ends where squares overflow")
    for theta in random_members(name, 20):
        distribution = member(name, theta)
        parts = {1: 0.0, 2: 0.0}
        for quantile, power in itertools.product((distribution.ppf, distribution.isf), parts):
            with np.errstate(all="ignore"):  # a quantile may be infinite, or the median itself
                rarer, rare = np.abs(quantile([1e-60, 1e-30]) - distribution.median()) ** power
                growth = 1e-30 * rarer / rare if rare < np.inf else np.inf
            parts[power] = max(parts[power], np.nan_to_num(growth))
        assert np.isfinite(distribution.mean()) == (parts[1] < 1.0), distribution
        assert np.isfinite(distribution.var()) == (parts[2] < 1.0), distribution


@pytest.mark.parametrize("name", NUMERIC)
def test_entropy_is_the_expected_negative_log_density(name):
    for distribution in members_of(name):
        found = expected(distribution, lambda x, of=distribution: -of.logpdf(x), "entropy")
        assert found == pytest.approx(distribution.entropy(), rel=1e-8, abs=1e-8), distribution


@pytest.mark.parametrize("name", CONTINUOUS)
def test_no_value_is_denser_than_the_mode(name):
    """At an open end where the density is infinite, or rises to the end, nothing is denser nearer."""
    grid = np.linspace(0.001, 0.999, 999)
    for distribution in members_of(name):
        mode, x = distribution.mode(), distribution.ppf(grid)
        if np.isfinite(distribution.logpdf(mode)):
            spread = x[-1] - x[0]
            around = mode + spread * np.array([-1e-2, -1e-4, 1e-4, 1e-2])
            others = distribution.logpdf(np.concatenate([x, around]))
            assert np.all(others <= distribution.logpdf(mode) + 1e-12), distribution
        else:
            nearer = np.argsort(np.abs(x - mode))
            assert np.all(np.diff(distribution.logpdf(x[nearer])) <= 0.0), distribution


@pytest.mark.parametrize("name", DISCRETE)
def test_no_count_is_likelier_than_the_mode(name):
    for distribution in members_of(name):
        x = np.arange(distribution.ppf(1e-6), distribution.isf(1e-6) + 1.0)
        mode = distribution.mode()
        assert mode in x
        assert np.all(distribution.logpdf(x) <= distribution.logpdf(mode) + 1e-12), distribution


@pytest.mark.parametrize("name", NUMERIC)
def test_the_median_is_the_quantile_of_one_half(name):
    for distribution in members_of(name):
        assert distribution.median() == distribution.ppf(0.5)


@pytest.mark.parametrize("name", NUMERIC)
@pytest.mark.parametrize("summary", ["mean", "var", "std", "entropy"])
def test_summaries_are_those_of_scipy(name, oracle, summary):
    if oracle.scipy is None:
        pytest.skip("scipy has no such distribution")
    # scipy integrates many of them itself, to eight digits or so; where it finds that hard it warns
    tolerance = 1e-7
    for theta in members(name, 3):
        ours = getattr(member(name, theta), summary)()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            theirs = getattr(oracle.scipy(*theta), summary)()
        if np.isfinite(ours) and not warned:
            assert ours == pytest.approx(float(theirs), rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("direction", [3.0, -1.0, 7.0])
def test_moments_of_angles_turn_with_their_mean_direction(direction):
    """The variance is that of the angle from it, as in scipy: a plain sum over the circle here."""
    angles = member("von_mises", (direction, 1.3))
    from_mean = np.linspace(-np.pi, np.pi, 100_001)[1:]
    density = angles.pdf(direction + from_mean) * 2.0 * np.pi / len(from_mean)
    assert angles.mean() == pytest.approx(np.angle(np.exp(1j * direction)), abs=4 * EPSILON)
    assert angles.var() == pytest.approx(density @ from_mean**2, rel=1e-8)
    assert angles.var() == pytest.approx(stats.vonmises(1.3, direction).var(), rel=1e-10)


@pytest.mark.parametrize("summary", ["mean", "var", "std", "median", "mode", "entropy"])
@pytest.mark.parametrize("name", NUMERIC)
def test_summaries_of_many_members_have_the_members_shape(name, summary):
    batch = np.array(members(name, 2)).T
    together = getattr(member(name, batch), summary)()
    alone = [getattr(member(name, theta), summary)() for theta in batch.T]
    assert together.shape == (batch.shape[1],)
    np.testing.assert_allclose(together, alone, rtol=1e-14)
    assert all(np.ndim(value) == 0 for value in alone)


def test_levels_have_a_likeliest_one_and_an_entropy():
    probs = [0.2, 0.5, 0.3]
    distribution = member("categorical", probs)
    assert distribution.mode() == 1.0
    assert distribution.entropy() == pytest.approx(-np.sum(probs * np.log(probs)), rel=1e-15)
    assert family_named("categorical").parameter_names == (
        "probs_red",
        "probs_green",
        "probs_blue",
    )
