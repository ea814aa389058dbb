"""Tweedie distributions in which 0 has a probability, besides what holds of every family."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

import mlestim as ml
from mlestim.distributions.continuous.tweedie import Tweedie

from .oracles import exact
from .oracles.formulas import tweedie_log_density

MEMBERS = [(2.0, 1.0, 1.5), (2.0, 0.3, 1.2), (30.0, 2.0, 1.7)]
# Next to a multiple of a Poisson and next to a gamma; in tiny and in huge units.
HARD = [(1.0, 1.0, 1.02), (1.0, 1.0, 1.98), (3e-6, 0.002, 1.5), (1e6, 50.0, 1.6)]


@pytest.mark.parametrize("theta", MEMBERS)
def test_the_atom_and_the_density_add_up_to_one(theta):
    distribution = Tweedie(*theta)
    ends = [0.0, *distribution.isf([0.3, 1e-3, 1e-14])]
    pieces = [
        integrate.quad(distribution.pdf, *piece, epsabs=1e-13, limit=200)[0]
        for piece in pairwise(ends)
    ]
    assert distribution.cdf(0.0) == pytest.approx(distribution.pdf(0.0), rel=1e-14)
    assert distribution.pdf(0.0) + sum(pieces) == pytest.approx(1.0, abs=1e-10)


@pytest.mark.parametrize("theta", MEMBERS + HARD)
def test_densities_are_the_compound_sum(theta):
    """To 1e-13: what is summed is small, whatever the unit."""
    x = theta[0] * np.array([0.0, 0.05, 0.5, 1.01, 4.0])
    expected = [float(tweedie_log_density(*exact(value, *theta))) for value in x]
    np.testing.assert_allclose(Tweedie(*theta).logpdf(x), expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("theta", MEMBERS + HARD)
def test_quantiles_invert_probabilities_beside_the_atom(theta):
    """To 1e-9 in probability: next to a power of 1, masses are nearly points."""
    distribution = Tweedie(*theta)
    atom = distribution.pdf(0.0)
    levels = atom + (1.0 - atom) * np.array([1e-6, 0.01, 0.3, 0.9, 0.999])
    np.testing.assert_allclose(distribution.cdf(distribution.ppf(levels)), levels, atol=1e-9)
    np.testing.assert_allclose(
        distribution.sf(distribution.isf(1.0 - levels)), 1.0 - levels, atol=1e-9
    )


def test_quantiles_below_the_atom_are_zero():
    distribution = Tweedie(2.0, 1.0, 1.5)
    atom = distribution.pdf(0.0)
    np.testing.assert_array_equal(distribution.ppf([0.5 * atom, 0.999 * atom]), 0.0)
    np.testing.assert_array_equal(distribution.isf([1.0 - 0.5 * atom, 1.0]), 0.0)
    assert distribution.ppf(atom + 1e-6) > 0.0
    assert distribution.isf(1.0 - atom - 1e-6) > 0.0


def test_next_to_power_one_it_is_a_multiple_of_a_poisson():
    dispersion, mean = 0.5, 1.5
    between = dispersion * (np.arange(8) + 0.5)
    expected = stats.poisson(mean / dispersion).cdf(np.arange(8))
    np.testing.assert_allclose(
        Tweedie(mean, dispersion, 1.0 + 1e-7).cdf(between), expected, rtol=1e-5
    )


def test_next_to_power_two_it_is_a_gamma():
    x = np.array([0.2, 1.0, 3.0, 7.0])
    gamma = stats.gamma(2.0, scale=0.75)
    near = Tweedie(1.5, 0.5, 2.0 - 1e-6)
    np.testing.assert_allclose(near.logpdf(x), gamma.logpdf(x), atol=1e-4)
    np.testing.assert_allclose(near.cdf(x), gamma.cdf(x), atol=1e-5)


def test_a_long_row_has_the_terms_of_its_parts():
    """To 1e-11: many rows are interpolated between a few, by polynomials that are exact to 1e-13."""
    theta = (2.0, 1.0, 1.5)
    x = Tweedie(*theta).rvs(5000, random_state=0)
    parts = [Tweedie().terms(part, theta).packed for part in np.split(x, 100)]
    whole = Tweedie().terms(x, theta).packed
    np.testing.assert_allclose(whole, np.concatenate(parts, axis=-1), rtol=1e-11, atol=1e-11)


def test_zeros_and_rows_above_zero_have_probabilities_and_no_spike():
    """Half of the rows are 0, of the others no more is known: the probability of 0 is a half."""
    upper = np.repeat([0.0, np.inf], 5)
    result = ml.fit(None, "tweedie", lower=np.zeros(10), upper=upper, on_failure="return")
    assert result.verdict is not ml.Verdict.UNBOUNDED
    assert result.log_likelihood == pytest.approx(10.0 * np.log(0.5), rel=1e-9)
