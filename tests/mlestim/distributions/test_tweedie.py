"""Tweedie distributions in which 0 has a probability, besides what holds of every family."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate

import mlestim as ml
from mlestim.distributions.continuous.tweedie import Tweedie

from .oracles import exact
from .oracles.formulas import tweedie_log_density

MEMBERS = [(2.0, 1.0, 1.5), (2.0, 0.3, 1.2), (30.0, 2.0, 1.7)]


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


@pytest.mark.parametrize("theta", MEMBERS)
def test_densities_are_the_compound_sum(theta):
    """To 1e-12: sums of logs of gamma functions lose three digits."""
    x = np.array([0.0, 0.1, 1.0, 7.0])
    expected = [float(tweedie_log_density(*exact(value, *theta))) for value in x]
    np.testing.assert_allclose(Tweedie(*theta).logpdf(x), expected, rtol=1e-12, atol=1e-12)


def test_quantiles_below_the_atom_are_zero():
    distribution = Tweedie(2.0, 1.0, 1.5)
    atom = distribution.pdf(0.0)
    np.testing.assert_array_equal(distribution.ppf([0.5 * atom, atom]), 0.0)
    assert distribution.ppf(atom + 1e-6) > 0.0


def test_a_fit_finds_the_power():
    x = Tweedie(2.0, 1.0, 1.5).rvs(400, random_state=1)
    result = ml.fit(x, "tweedie")
    assert result.verdict is ml.Verdict.INTERIOR
    # the score of the mean is 0 at the sample's, whatever the other parameters
    assert result.params["mean"] == pytest.approx(x.mean(), rel=1e-9)
    z = (result.params - [2.0, 1.0, 1.5]) / result.standard_errors
    assert np.all(np.abs(z) < 3.5)
