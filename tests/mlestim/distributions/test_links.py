"""Links and units of every family: maps that come back, and derivatives that follow them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mlestim.distributions import Interval, Parameter, Unit

from .cases import (
    EVERY,
    VECTORS,
    body_and_tails,
    family_named,
    generator,
    in_order,
    member,
    members,
)

DOMAINS = [
    Interval(),
    Interval(lower=0.0),
    Interval(lower=-1.0),
    Interval(upper=2.0),
    Interval(0.0, 1.0),
    Interval(-1.0, 3.0),
]


def link_values(name, n=4):
    family = family_named(name)
    eta = generator("link", name).normal(size=(family.link.size, n))
    theta = family.link.from_link(eta)
    return eta if np.all(family.valid(theta)) else family.link.to_link(in_order(family, theta))


# ---- links of single parameters ----------------------------------------------------------------


@pytest.mark.parametrize("domain", DOMAINS, ids=str)
def test_a_domain_comes_back_from_its_link(domain):
    eta = np.linspace(-8.0, 8.0, 33)
    theta = domain.from_link(eta)
    assert np.all(domain.contains(theta))
    # near a finite end the distance to it keeps 1e-16/exp(−8) of its digits
    np.testing.assert_allclose(domain.to_link(theta), eta, rtol=0, atol=3e-12)


@pytest.mark.parametrize("domain", DOMAINS, ids=str)
def test_derivatives_of_a_link_are_slopes(domain):
    """Central differences with steps of 1e-5 are good to 1e-10, second ones of 1e-4 to 1e-7."""
    eta = np.linspace(-3.0, 3.0, 13)
    first, second = domain.link_derivatives(domain.from_link(eta))

    def difference(h):
        return domain.from_link(eta + h) - domain.from_link(eta - h)

    np.testing.assert_allclose(first, difference(1e-5) / 2e-5, rtol=1e-9, atol=1e-9)
    curve = (
        domain.from_link(eta + 1e-4) - 2.0 * domain.from_link(eta) + domain.from_link(eta - 1e-4)
    )
    np.testing.assert_allclose(second, curve / 1e-8, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("domain", DOMAINS, ids=str)
def test_ends_are_on_the_edge_and_not_inside(domain):
    ends = np.array([domain.lower, domain.upper])
    assert np.all(domain.on_edge(ends))
    assert not np.any(domain.contains(ends))
    assert not domain.contains(np.nan)
    assert not domain.on_edge(np.nan)


# ---- links of families -------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_parameters_come_back_from_the_link(name):
    link, eta = family_named(name).link, link_values(name)
    theta = link.from_link(eta)
    assert len(theta) == len(family_named(name).parameters)
    np.testing.assert_allclose(link.to_link(theta), eta, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", EVERY)
def test_the_jacobian_is_the_slope_of_the_parameters(name):
    """Central differences with steps of 1e-5 are good to 1e-9."""
    link, eta = family_named(name).link, link_values(name)
    jacobian = link.jacobian(link.from_link(eta))
    for j, direction in enumerate(np.eye(len(eta))):
        step = 1e-5 * direction[:, None]
        slope = (np.array(link.from_link(eta + step)) - link.from_link(eta - step)) / 2e-5
        np.testing.assert_allclose(jacobian[:, j], slope, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", EVERY)
def test_the_chain_rule_leads_to_slopes_on_the_link_scale(name):
    """Gradient and Hessian are the derivatives of the log density as a function of the link values.

    The gradient by central differences of the density, the Hessian by those of the gradient. The
    density of skew_t holds scipy's t probability, good to 1e-13: steps of 1e-5 make 2e-8 of it.
    """
    family = family_named(name)
    link, eta = family.link, link_values(name, 3)
    x = np.array(1.0)
    if name != "categorical":
        first = member(name, [float(value[0]) for value in link.from_link(eta)])
        x = first.rvs(1, random_state=5) if name in VECTORS else first.ppf(0.3)

    def value(eta):
        return family.terms(x, link.from_link(eta), 0).value

    def gradient(eta):
        theta = link.from_link(eta)
        return link.chain(family.terms(x, theta).packed, theta)[0]

    theta = link.from_link(eta)
    with np.errstate(all="ignore"):  # a member whose support does not hold x has no slopes
        slope, hessian = link.chain(family.terms(x, theta).packed, theta)
        inside = np.isfinite(value(eta))
    assert inside[0]
    size = 1.0 + np.abs(value(eta)) + np.abs(slope).max(axis=0) + np.abs(hessian).max(axis=(0, 1))
    estimated = [j for j, parameter in enumerate(family.parameters) if not parameter.known]
    for j in estimated if len(eta) == len(family.parameters) else range(len(eta)):
        step = 4e-6 * np.eye(len(eta))[:, j : j + 1]
        with np.errstate(all="ignore"):
            first = (value(eta + step) - value(eta - step)) / 8e-6
            second = (gradient(eta + step) - gradient(eta - step)) / 8e-6
        inside &= np.isfinite(first)  # a step may lead beyond an end that is a parameter
        error = np.abs(first - slope[j]) / size
        assert np.all(error[inside] < 2e-8)
        error = np.abs(second - hessian[:, j]) / size
        assert np.all(error[:, inside] < 2e-8)


# ---- units ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("scale", [1e-100, 0.3, 1.0, 1e100])
def test_standardizing_undoes_rescaling(unit, scale):
    parameter = Parameter("parameter", unit=unit)
    theta, centre = np.array([0.3, 2.0, 17.0]), 2.0 * scale
    moved = parameter.rescale(theta, centre, scale)
    np.testing.assert_allclose(parameter.standardize(moved, centre, scale), theta, rtol=1e-13)


@pytest.mark.parametrize("unit", list(Unit))
def test_the_factor_of_standard_errors_is_the_slope_of_rescaling(unit):
    parameter = Parameter("parameter", unit=unit)
    low, high = (parameter.rescale(np.array(t), 5.0, 3.0) for t in (1.0, 2.0))
    assert parameter.rescale_factor(3.0) == pytest.approx(high - low, rel=1e-15)


def test_densities_follow_the_unit_of_the_data(name):
    """With data c + s z and rescaled parameters the log density is less by log s, slopes by units.

    Scales and centres are powers of 2 and small multiples, so that the data are moved exactly;
    what is left are roundings of the parameters.
    """
    family = family_named(name)
    if family.standardization == "none":
        pytest.skip("the family is closed under no change of units")
    centres = (0.0, 4.0) if family.standardization == "location-scale" else (0.0,)
    for theta, centre, scale in itertools.product(members(name), centres, (0.125, 32.0)):
        z = body_and_tails(member(name, theta), smallest=1e-6)[1:-1]
        moved = [
            parameter.rescale(np.array(value), centre * scale, scale)
            for parameter, value in zip(family.parameters, theta, strict=True)
        ]
        factors = np.array([parameter.rescale_factor(scale) for parameter in family.parameters])
        before = family.terms(z, theta)
        after = family.terms((centre + z) * scale, moved)
        size = 1e-11 * (1.0 + np.abs(before.value))
        np.testing.assert_allclose(
            after.value, before.value - np.log(scale), rtol=0, atol=size.max()
        )
        score = after.score * factors[:, None]
        np.testing.assert_allclose(
            score, before.score, rtol=1e-10, atol=1e-11 * np.abs(before.score).max()
        )
        curvature = after.curvature * factors[:, None, None] * factors[:, None]
        np.testing.assert_allclose(
            curvature, before.curvature, rtol=1e-10, atol=1e-11 * np.abs(before.curvature).max()
        )
