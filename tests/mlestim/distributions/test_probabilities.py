"""Probabilities and quantiles of every family: against densities, oracles, scipy and themselves."""

from __future__ import annotations

from itertools import pairwise

import mpmath
import numpy as np
import pytest
from scipy import integrate

from .cases import (
    CONTINUOUS,
    DISCRETE,
    EPSILON,
    HALF_LINE,
    NUMERIC,
    body_and_tails,
    condition,
    family_named,
    member,
    members,
    members_and_hard_ones,
)
from .oracles import exact

# Special functions of scipy are good to a few dozen roundings, and to a few hundred where they
# change between methods.
ROUNDINGS = 512

TAIL = np.array([1e-300, 1e-100, 1e-20, 1e-10, 1e-5, 1e-3])
BODY = np.array([0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
LEVELS = np.concatenate([TAIL, BODY])


def members_of(name):
    return [member(name, theta) for theta in members(name, 3)]


# ---- against the density ---------------------------------------------------------------------


@pytest.mark.parametrize("name", CONTINUOUS)
def test_the_density_integrates_to_the_probabilities(name):
    """Between any two quantiles, and so to 1 over all; quadrature is good to 1e-10.

    Densities of positive values may be infinite at 0: they are integrated over log x.
    """
    for distribution in members_of(name):
        levels = 10.0 ** np.arange(-12, 0)
        ends = np.concatenate([distribution.ppf(levels), distribution.isf(levels[::-1])])
        probability = np.diff(distribution.cdf(ends))

        def density(x, distribution=distribution):
            return distribution.pdf(x)

        def density_of_log(u, distribution=distribution):
            return distribution.pdf(np.exp(u)) * np.exp(u)

        positive = distribution.support.lower == 0.0
        integrand, ends = (density_of_log, np.log(ends)) if positive else (density, ends)
        integrals = [
            integrate.quad(integrand, *piece, epsabs=1e-15, epsrel=1e-10)[0]
            for piece in pairwise(ends)
        ]
        # where the cdf is near 1 its differences are good to a rounding of 1
        np.testing.assert_allclose(integrals, probability, rtol=1e-9, atol=1e-15)
        assert sum(integrals) == pytest.approx(1.0, abs=1e-10)


@pytest.mark.parametrize("name", DISCRETE)
def test_the_probabilities_of_counts_add_up(name):
    for distribution in members_of(name):
        x = np.arange(distribution.ppf(1e-18), distribution.isf(1e-18) + 1.0)
        sums = np.cumsum(distribution.pdf(x))
        np.testing.assert_allclose(sums, distribution.cdf(x), rtol=1e-12, atol=1e-14)
        assert sums[-1] == pytest.approx(1.0, abs=1e-12)


def test_the_probabilities_of_levels_add_up():
    distribution = member("categorical", members("categorical")[0])
    codes = np.arange(3)
    assert distribution.pdf(codes).sum() == pytest.approx(1.0, abs=2 * EPSILON)
    np.testing.assert_allclose(np.cumsum(distribution.pdf(codes)), distribution.cdf(codes))


# ---- against the oracle, far into both tails ---------------------------------------------------


@pytest.mark.parametrize("function", ["cdf", "sf"])
def test_probabilities_agree_with_forty_digits(name, oracle, function):
    """Logs of probabilities err by what rounding the arguments does to them, tails included.

    Down to 1e-282: scipy's special functions underflow a little before the smallest number.
    """
    wrong = []
    if getattr(oracle, function) is None:
        pytest.skip("the oracle has no special function for it")
    family = family_named(name)
    for theta in members_and_hard_ones(name):
        x = body_and_tails(member(name, theta), smallest=1e-300)
        with mpmath.workdps(40):
            values = [getattr(oracle, function)(*exact(value, *theta)) for value in x]
            truth = np.array([float(mpmath.log(value)) if value else -np.inf for value in values])

        def logs(x, *theta):
            values = dict(zip(family.parameter_names, theta, strict=True))
            return getattr(family.with_values(values), f"log{function}")(x)

        arguments = [x, *(np.full_like(x, value) for value in theta)]
        computed = getattr(member(name, theta), f"log{function}")(x)
        allowed = 1.0 + np.minimum(np.abs(truth), 1e4)
        if name != "categorical":  # codes and probabilities that add up are not to be moved
            allowed += condition(logs, arguments)
        computed, truth = np.maximum(computed, -1e4), np.maximum(truth, -1e4)
        error = np.abs(computed - truth) / (allowed * EPSILON * ROUNDINGS)
        wrong += [
            f"x={x[row]:.17g}, theta={theta}: {computed[row]!r}, not {truth[row]!r}; error is "
            f"{error[row]:.3g} times what is allowed"
            for row in np.flatnonzero(~(error <= 1.0) & (truth > -650.0))
        ]
    assert not wrong, "\n".join(wrong)


def test_probabilities_and_their_logs_agree(name):
    for theta in members_and_hard_ones(name):
        distribution = member(name, theta)
        x = body_and_tails(distribution)
        cdf, sf = distribution.cdf(x), distribution.sf(x)
        # scipy's incomplete beta function is good to 1e-12
        np.testing.assert_allclose(cdf + sf, 1.0, rtol=0, atol=1e-12)
        np.testing.assert_allclose(np.exp(distribution.logcdf(x)), cdf, rtol=1e-12)
        np.testing.assert_allclose(np.exp(distribution.logsf(x)), sf, rtol=1e-12)
        np.testing.assert_array_equal(distribution.pdf(x), np.exp(distribution.logpdf(x)))


# ---- quantiles -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONTINUOUS)
@pytest.mark.parametrize(("quantile", "probability"), [("ppf", "cdf"), ("isf", "sf")])
def test_quantiles_invert_probabilities(name, quantile, probability):
    """Moved by a few roundings either way, the quantile has the probability in between."""
    for theta in members_and_hard_ones(name):
        distribution = member(name, theta)
        x = getattr(distribution, quantile)(LEVELS)
        # neither lost in the end of the support nor so large that squares overflow
        representable = (x != distribution.support.lower) & (np.abs(x) < 1e150)
        x, p = x[representable], LEVELS[representable]
        step = 16.0 * EPSILON * (np.abs(x) + np.abs(distribution.median()))
        ends = [getattr(distribution, probability)(x + sign * step) for sign in (-1.0, 1.0)]
        slack = EPSILON * ROUNDINGS * (1.0 - np.log(p)) * p
        between = (np.minimum(*ends) <= p + slack) & (p - slack <= np.maximum(*ends))
        assert np.all(between), (theta, p[~between], x[~between])


@pytest.mark.parametrize("name", DISCRETE)
def test_quantiles_of_counts_are_the_smallest_that_reach_the_probability(name):
    for theta in members_and_hard_ones(name):
        distribution = member(name, theta)
        p = LEVELS
        x = distribution.ppf(p)
        assert np.all(distribution.cdf(x) >= p)
        before = x - np.maximum(1.0, np.spacing(np.abs(x)))  # heavy tails reach beyond 2^53
        assert np.all((distribution.cdf(before) < p) | (x == distribution.ppf(0.0)))
        x = distribution.isf(p)
        assert np.all(distribution.sf(x) <= p)
        before = x - np.maximum(1.0, np.spacing(np.abs(x)))
        assert np.all((distribution.sf(before) > p) | (x == distribution.ppf(0.0)))


@pytest.mark.parametrize("name", NUMERIC)
def test_quantiles_of_impossible_certain_and_no_probabilities(name):
    distribution = members_of(name)[0]
    low, high = distribution.support.lower, distribution.support.upper
    np.testing.assert_array_equal(distribution.ppf([0.0, 1.0, -0.1, 1.1, np.nan])[2:], np.nan)
    assert distribution.ppf(1e-9) >= distribution.ppf(0.0) >= low
    assert distribution.isf(1e-9) <= distribution.isf(0.0) <= high
    assert distribution.ppf(0.0) == distribution.isf(1.0)
    assert distribution.ppf(1.0) == distribution.isf(0.0)


# ---- against scipy -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NUMERIC)
@pytest.mark.parametrize("function", ["pdf", "logpdf", "cdf", "sf", "logcdf", "logsf"])
def test_functions_of_x_are_those_of_scipy(name, oracle, function):
    """In the body, where scipy's own formulas are good to 1e-12."""
    if oracle.scipy is None:
        pytest.skip("scipy has no such distribution")
    for theta in members(name, 3):
        distribution, peer = member(name, theta), oracle.scipy(*theta)
        x = np.unique(distribution.ppf(BODY))
        peers = function.replace("pdf", "pmf") if name in DISCRETE else function
        np.testing.assert_allclose(
            getattr(distribution, function)(x),
            getattr(peer, peers)(x),
            rtol=1e-12,
            atol=1e-12,
        )


@pytest.mark.parametrize("name", NUMERIC)
def test_quantiles_are_those_of_scipy(name, oracle):
    if oracle.scipy is None:
        pytest.skip("scipy has no such distribution")
    for theta in members(name, 3):
        distribution, peer = member(name, theta), oracle.scipy(*theta)
        scale = float(np.ptp(distribution.ppf(BODY)))
        for function in ("ppf", "isf"):
            np.testing.assert_allclose(
                getattr(distribution, function)(BODY),
                getattr(peer, function)(BODY),
                rtol=1e-12,
                atol=1e-12 * scale,
            )


# ---- outside the support, broadcasting, location -------------------------------------------------


@pytest.mark.parametrize("name", NUMERIC)
def test_values_outside_the_support_have_no_density(name):
    distribution = members_of(name)[0]
    if np.isfinite(distribution.support.lower):
        below = distribution.support.lower - np.array([1e-9, 1.0, 1e300])
        np.testing.assert_array_equal(distribution.logpdf(below), -np.inf)
        np.testing.assert_array_equal(distribution.pdf(below), 0.0)
        np.testing.assert_array_equal(distribution.cdf(below), 0.0)
        np.testing.assert_array_equal(distribution.sf(below), 1.0)
        np.testing.assert_array_equal(distribution.logcdf(below), -np.inf)
        np.testing.assert_array_equal(distribution.logsf(below), 0.0)
    ends = np.array([-np.inf, np.inf])
    np.testing.assert_array_equal(distribution.cdf(ends), [0.0, 1.0])
    np.testing.assert_array_equal(distribution.sf(ends), [1.0, 0.0])
    np.testing.assert_array_equal(distribution.pdf(ends), 0.0)


@pytest.mark.parametrize("name", DISCRETE)
def test_counts_have_steps_between_which_nothing_lies(name):
    distribution = members_of(name)[0]
    x = np.array([0.0, 1.0, 2.0])
    np.testing.assert_array_equal(distribution.logpdf(x + 0.5), -np.inf)
    np.testing.assert_array_equal(distribution.cdf(x + 0.5), distribution.cdf(x))
    np.testing.assert_array_equal(distribution.sf(x + 0.5), distribution.sf(x))


@pytest.mark.parametrize("function", ["pdf", "logpdf", "cdf", "sf", "logcdf", "logsf"])
def test_a_missing_value_has_a_missing_answer(name, function):
    distribution = member(name, members(name)[0])
    assert np.isnan(getattr(distribution, function)(np.nan))


@pytest.mark.parametrize("name", NUMERIC)
@pytest.mark.parametrize(
    "function", ["pdf", "logpdf", "cdf", "sf", "logcdf", "logsf", "ppf", "isf"]
)
def test_parameters_broadcast_against_values(name, function):
    batch = np.array(members(name, 3)).T
    together = member(name, batch[:, :, None])
    alone = [member(name, theta) for theta in batch.T]
    x = BODY if function in {"ppf", "isf"} else alone[0].ppf(BODY)
    expected = [getattr(distribution, function)(x) for distribution in alone]
    actual = getattr(together, function)(x)
    assert actual.shape == (len(alone), len(x))
    np.testing.assert_allclose(actual, expected, rtol=1e-14, atol=1e-300)
    assert np.ndim(getattr(alone[0], function)(x[0])) == 0


@pytest.mark.parametrize("name", HALF_LINE)
def test_a_location_moves_everything_along(name):
    theta = members(name)[0]
    family = family_named(name)
    values = dict(zip(family.parameter_names, theta, strict=True))
    here, there = family.with_values(values), family.with_values({**values, "location": 8.0})
    x = np.ldexp(np.round(np.ldexp(here.ppf(BODY), 20)), -20)  # x + 8 is exact
    for function in ("pdf", "cdf", "sf", "logcdf", "logsf"):
        np.testing.assert_allclose(
            getattr(there, function)(x + 8.0), getattr(here, function)(x), rtol=1e-15
        )
    np.testing.assert_allclose(there.ppf(BODY), here.ppf(BODY) + 8.0, rtol=1e-15)
    for summary, shift in {
        "mean": 8.0,
        "median": 8.0,
        "mode": 8.0,
        "var": 0.0,
        "entropy": 0.0,
    }.items():
        there_is, here_is = getattr(there, summary)(), getattr(here, summary)()
        np.testing.assert_array_equal(there_is, here_is + shift, err_msg=summary)
    assert there.params["location"] == 8.0


@pytest.mark.parametrize("shape", [5e2, 3e4, 1e8])
def test_generalized_normal_tends_to_the_uniform(shape: float) -> None:
    # |z|^shape underflows, and the incomplete gamma function has to be taken without it
    x = np.linspace(-0.95, 0.95, 21)
    frozen = member("generalized_normal", (0.0, 1.0, shape))
    uniform = 0.5 * (1.0 + x)
    # Γ(1 + 1/shape) differs from 1 by γ/shape
    assert frozen.cdf(x) == pytest.approx(uniform, abs=1.0 / shape)
    assert frozen.sf(x) == pytest.approx(1.0 - uniform, abs=1.0 / shape)
    assert frozen.ppf(frozen.cdf(x)) == pytest.approx(x, abs=1e-15)  # roundings of the median


@pytest.mark.parametrize("function", ["logpdf", "cdf", "sf", "logcdf", "logsf", "ppf", "isf"])
@pytest.mark.parametrize("name", NUMERIC)
def test_no_values_have_no_probabilities(name, function):
    assert getattr(member(name, members(name)[0]), function)(np.zeros(0)).shape == (0,)
