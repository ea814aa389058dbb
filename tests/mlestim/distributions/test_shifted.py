"""Half-line families with a free location: derivatives from Euler's identity, at 40 digits."""

from __future__ import annotations

from itertools import combinations_with_replacement

import mpmath
import numpy as np
import pytest

from mlestim.distributions import Unit
from mlestim.distributions.built.shifted import Shifted
from mlestim.distributions.intervals.between import interval_terms

from .cases import EPSILON, HALF_LINE, condition, family_named, member, members
from .oracles import exact

LOCATION = 1.75
# Twice those of the inner family: its own, and those of the identity.
ROUNDINGS = 128


def exact_terms(oracle, x, theta):
    def log_density(*parameters):
        *inner, location = parameters
        return oracle.log_density(exact(x)[0] - location, *inner)

    point, p = exact(*theta), len(theta)
    orders = np.eye(p, dtype=int)
    wanted = [*orders, *(orders[i] + orders[j] for i in range(p) for j in range(i, p))]
    with mpmath.workdps(40):
        derivatives = [mpmath.diff(log_density, point, tuple(map(int, n))) for n in wanted]
        return [float(log_density(*point)), *map(float, derivatives)]


def _size_of_slope(family, place, y, theta):
    """What a derivative multiplies a part of size 1 with, in the unit of the parameter."""
    unit = family.parameters[place].unit
    if unit is Unit.LOCATION:
        return 1.0 / y
    return np.full_like(y, 1.0 / theta[place] if unit is Unit.SCALE else 1.0)


@pytest.mark.parametrize("name", HALF_LINE)
def test_terms_agree_with_forty_digits(name, oracle):
    """To what rounding the arguments does, in the body or at the row.

    The identity divides by the distance y to the location: 1 + E is a sum of parts as large as 1
    even where it vanishes, and so each slope in the location may err by a rounding of 1/y.
    """
    family = Shifted(family_named(name))
    for inner in members(name):
        theta = (*inner, LOCATION)
        levels = np.array([1e-6, 0.1, 0.5, 0.9, 1.0 - 1e-6])
        x = np.maximum(member(name, inner).ppf(levels), 1e-3) + LOCATION

        def packed(x, *theta):
            columns = (value[:, None] for value in theta)
            return family.terms(x[:, None], list(columns)).packed[..., 0]

        arguments = [x, *(np.full_like(x, value) for value in theta)]
        computed = packed(*arguments)
        truth = np.array([exact_terms(oracle, value, theta) for value in x]).T
        allowed = np.abs(truth) + condition(packed, arguments)
        allowed += allowed[:, 1:-1].max(axis=1, keepdims=True)
        allowed[0] += oracle.parts(x - LOCATION, *inner)
        slopes = [_size_of_slope(family, place, x - LOCATION, theta) for place in range(len(theta))]
        pairs = combinations_with_replacement(range(len(theta)), 2)
        allowed[1:] += [*slopes, *(slopes[i] * slopes[j] for i, j in pairs)]
        error = np.abs(computed - truth) / (allowed * EPSILON * ROUNDINGS)
        assert np.all(error <= 1.0), (theta, np.argwhere(~(error <= 1.0)), error.max())


@pytest.mark.parametrize("name", HALF_LINE)
def test_it_is_the_family_with_a_location(name):
    inner, theta = family_named(name), members(name)[0]
    family = Shifted(inner)
    assert family.name == f"shifted_{name}"
    assert family.parameter_names == (*inner.parameter_names, "location")
    values = dict(zip(inner.parameter_names, theta, strict=True))
    distribution = inner.with_values({**values, "location": LOCATION})
    x = distribution.ppf([0.1, 0.5, 0.9])
    np.testing.assert_allclose(
        family.terms(x, (*theta, LOCATION)).value, distribution.logpdf(x), rtol=1e-13
    )


@pytest.mark.parametrize("name", HALF_LINE)
def test_there_is_no_density_below_the_location(name):
    family, theta = Shifted(family_named(name)), (*members(name)[0], LOCATION)
    terms = family.terms(LOCATION - np.array([1e-9, 1.0]), theta)
    assert not np.any(np.isfinite(terms.value))


@pytest.mark.parametrize("name", HALF_LINE)
def test_intervals_of_a_moved_family_are_moved_intervals(name):
    """Terms by the identity agree with integrals of the terms of the density."""
    inner = member(name, *members(name, 1))
    family = Shifted(family_named(name))
    theta = [np.array([float(value)]) for value in (*inner.theta, LOCATION)]
    lower, upper = inner.ppf(np.array([[1e-3, 0.2, 0.5], [0.2, 0.7, 0.999]])) + LOCATION
    nodes, weights = np.polynomial.legendre.leggauss(60)
    # on the scale of logs of the distance to the location
    u_low, u_high = np.log(lower - LOCATION), np.log(upper - LOCATION)
    u = 0.5 * (u_low + u_high) + 0.5 * (u_high - u_low) * nodes[:, None]
    terms = family.terms(LOCATION + np.exp(u), theta)
    p = len(theta)
    first, second = np.triu_indices(p)
    density = np.exp(terms.value + u) * weights[:, None] * 0.5 * (u_high - u_low)
    shares = density / density.sum(axis=0)
    score = (shares * terms.score).sum(axis=1)
    squares = terms.packed[1 + p :] + terms.score[first] * terms.score[second]
    bend = (shares * squares).sum(axis=1) - score[first] * score[second]
    expected = np.array([np.log(density.sum(axis=0)), *score, *bend])
    found = interval_terms(family, lower, upper, theta, 2)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
