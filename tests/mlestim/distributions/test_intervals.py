"""Log probabilities of intervals and their derivatives, of every family."""

from __future__ import annotations

import numpy as np
import pytest

from mlestim.distributions.intervals.between import interval_terms

from .cases import NUMERIC, estimated_entries, member, members
from .integrals import interval_integrals

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
