"""Log probabilities of intervals and their derivatives, of every family."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mlestim.distributions import resolve
from mlestim.distributions.built.custom import family as custom
from mlestim.distributions.intervals.between import interval_terms
from tests.mlestim.distributions.cases import (
    CONTINUOUS,
    NUMERIC,
    estimated_entries,
    member,
    members,
)
from tests.mlestim.distributions.intervals.integrals import interval_integrals

LEVELS = [
    (0.0, 1e-4),
    (0.0, 0.5),
    (1e-4, 0.1),
    (0.1, 0.8),
    (0.8, 0.999),
    (0.5, 1.0),
    (0.999, 1.0),
]
# Derivatives in shapes are fourth-order differences of the tails' logs: of values of order 1 they
# are off by 1e-12 and 1e-9 (see `numeric`), and the quadratures by 1e-14.
TOLERANCE = {"value": 1e-12, "score": 1e-9, "curvature": 1e-6}
LARGEST_COUNT = 1e5  # the sums that check would be long
# Integrals of the terms miss what a moving end of the support, or a kink, adds. The exact
# derivatives below do not.
ENDS = {"pareto", "power_function", "uniform", "discrete_uniform"}
KINKS = {"laplace", "asymmetric_laplace", "triangular"}


def between_quantiles(distribution, levels=LEVELS):
    """Ends of intervals that are not empty; a level of 0 or 1 stands for an infinite end."""
    lower, upper = np.array(levels).T
    with np.errstate(all="ignore"):
        low = np.where(lower == 0.0, -np.inf, distribution.ppf(lower))
        high = np.where(upper == 1.0, np.inf, distribution.ppf(upper))
    wide = (high > low) & (low < distribution.ends(distribution.theta)[1])
    if distribution.support.integers:
        wide &= np.maximum(low, np.where(np.isinf(high), 0.0, high)) < LARGEST_COUNT
    return low[wide], high[wide]


def terms_of(distribution, lower, upper, order=2):
    """Packed terms of intervals at the parameters of a distribution."""
    theta = [np.atleast_1d(value) for value in distribution.theta]
    return interval_terms(distribution, np.asarray(lower), np.asarray(upper), theta, order)


def assert_terms_agree(found, expected, distribution, tolerance=TOLERANCE):
    p = len(distribution.parameters)
    parts = {"value": slice(0, 1), "score": slice(1, 1 + p), "curvature": slice(1 + p, None)}
    asked = np.array(estimated_entries(distribution))
    for what, part in parts.items():
        errors = np.abs(found - expected)[part] / (1.0 + np.abs(expected[part]))
        assert np.max(errors[asked[part]], initial=0.0) < tolerance[what], what


@pytest.mark.parametrize("name", [name for name in NUMERIC if name not in ENDS | KINKS])
def test_terms_are_integrals_of_the_terms_of_the_density(name):
    distribution = member(name, *members(name, 1))
    lower, upper = between_quantiles(distribution)
    assert_terms_agree(
        terms_of(distribution, lower, upper),
        interval_integrals(distribution, lower, upper),
        distribution,
    )


# ---- identities ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NUMERIC)
def test_the_whole_line_is_certain_whatever_the_parameters(name):
    distribution = member(name, *members(name, 1))
    found = terms_of(distribution, [-np.inf, -np.inf], [np.inf, np.inf])
    np.testing.assert_array_equal(found, 0.0)


@pytest.mark.parametrize("name", NUMERIC)
def test_probabilities_of_adjacent_intervals_add_up(name):
    """So do their derivatives: P′ = P · score, P″ = P · (curvature + score²)."""
    distribution = member(name, *members(name, 1))
    p = len(distribution.parameters)
    first, second = np.triu_indices(p)

    def derivatives(lower, upper):
        terms = terms_of(distribution, lower, upper)
        squares = terms[1 + p :] + terms[1 + first] * terms[1 + second]
        return np.exp(terms[0]) * np.array([np.ones_like(terms[0]), *terms[1 : 1 + p], *squares])

    low, middle, high = distribution.ppf(np.array([[0.02], [0.5], [0.95]]))
    if not low < middle < high:
        pytest.skip("too few values for two intervals")
    parts = derivatives(low, middle) + derivatives(middle, high)
    whole = derivatives(low, high)
    asked = estimated_entries(distribution)
    np.testing.assert_allclose(
        parts[asked], whole[asked], rtol=1e-6, atol=1e-6 * np.abs(whole).max()
    )
    np.testing.assert_allclose(parts[0], whole[0], rtol=1e-12)


@pytest.mark.parametrize("name", NUMERIC)
def test_each_row_may_have_parameters_of_its_own(name):
    batch = np.array(members(name)).T
    distribution = member(name, *members(name, 1))
    low, high = distribution.ppf(np.array([0.2, 0.9]))
    rows = [np.array([low, low, -np.inf, -np.inf]), np.array([high, np.inf, high, high])]
    for k, theta in enumerate(batch.T):
        with np.errstate(all="ignore"):
            together = interval_terms(
                distribution, *rows, [np.array([*row, *row])[[0, 1, 0, 1]] for row in batch], 2
            )
            alone = interval_terms(distribution, *rows, [np.array([v]) for v in theta], 2)
        places = [place for place in range(4) if place % 2 == k]
        np.testing.assert_allclose(together[:, places], alone[:, places], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", NUMERIC)
@pytest.mark.parametrize("order", [0, 1])
def test_lower_orders_are_the_beginning_of_higher_ones(name, order):
    distribution = member(name, *members(name, 1))
    lower, upper = between_quantiles(distribution)
    part = terms_of(distribution, lower, upper, order)
    np.testing.assert_array_equal(part, terms_of(distribution, lower, upper)[: len(part)])


# ---- narrow intervals and far tails --------------------------------------------------------------


@pytest.mark.parametrize("width", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("name", CONTINUOUS)
def test_shrinking_bins_have_the_terms_of_the_density(name, width):
    """Terms of a bin differ from those at its middle by the square of its width."""
    distribution = member(name, *members(name, 1))
    low, middle, high = distribution.ppf(np.array([[0.2, 0.6], [0.3, 0.7], [0.4, 0.8]]))
    wide = width * np.minimum(high - middle, middle - low)
    lower, upper = middle - 0.5 * wide, middle + 0.5 * wide
    found = terms_of(distribution, lower, upper)
    expected = distribution.terms(middle, distribution.theta).packed.copy()
    expected[0] += np.log(upper - lower)
    # ends are rounded: bins are as wide, and where, their last digits say
    rounding = np.max(np.spacing(np.abs(middle)) / wide)
    tolerance = 30.0 * width**2 + 1e3 * rounding + 1e-9
    assert_terms_agree(found, expected, distribution, dict.fromkeys(TOLERANCE, tolerance))


@pytest.mark.parametrize("name", CONTINUOUS)
def test_far_intervals_keep_their_digits(name):
    """An interval from one level of a far tail to another has the difference of the two levels."""
    distribution = member(name, *members(name, 1))
    with np.errstate(all="ignore"):
        levels = np.array([1e-100, 1e-60, 1e-59])
        below, above = distribution.ppf(levels), distribution.isf(levels)
    tails = [(below[0], below[1], distribution.logcdf), (above[1], above[0], distribution.logsf)]
    tails += [(below[1], below[2], distribution.logcdf), (above[2], above[1], distribution.logsf)]
    for lower, upper, log_tail in tails:
        ends = np.sort(log_tail(np.array([lower, upper])))
        if not (lower < upper and np.isfinite(ends[1]) and max(-lower, upper) < 1e100):
            continue  # the levels lie at an end of the support, or where squares overflow
        found = terms_of(distribution, [lower], [upper])
        expected = ends[1] + np.log(-np.expm1(ends[0] - ends[1]))
        np.testing.assert_allclose(found[0], expected, rtol=1e-11)
        assert np.isfinite(found[np.array(estimated_entries(distribution))]).all()


# ---- families of one's own -----------------------------------------------------------------------


def sech_squared(x, centre, scale):
    return -np.log(2.0 * scale * np.cosh((x - centre) / scale) ** 2)


@pytest.mark.parametrize(
    "distribution",
    [
        custom(sech_squared, {"centre": "real", "scale": "positive"})(centre=0.3, scale=1.2),
        resolve(stats.gamma(2.3, scale=1.5)),
        resolve(stats.t(5.0, 1.0, 2.0)),
        resolve(stats.poisson(3.2)),
    ],
    ids=["function", "gamma of scipy", "t of scipy", "poisson of scipy"],
)
def test_families_of_ones_own_have_intervals(distribution):
    lower, upper = between_quantiles(distribution, [(0.0, 0.2), (0.2, 0.5), (0.5, 0.9), (0.9, 1.0)])
    assert_terms_agree(
        terms_of(distribution, lower, upper),
        interval_integrals(distribution, lower, upper),
        distribution,
    )
