"""Tails by integrals between neighbouring points."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import mlestim as ml
from mlestim.distributions.tails.cumulative import tail_integrals


@pytest.mark.parametrize(
    ("peer", "digits"),
    [
        (stats.norm(), 1e-13),
        (stats.norm(3.0, 1e-3), 1e-13),  # far narrower than the unit
        (stats.t(0.5), 1e-12),
        (stats.cauchy(100.0, 30.0), 1e-13),
        (stats.gumbel_r(), 1e-13),
    ],
)
def test_both_tails_keep_their_digits(peer: stats.rv_continuous, digits: float) -> None:
    x = np.sort(peer.ppf([1e-12, 1e-3, 0.2, 0.5, 0.500001, 0.9, 1.0 - 1e-9]))

    def density(points: np.ndarray, log_factor: np.ndarray) -> np.ndarray:
        return np.exp(peer.logpdf(points) + log_factor)[None]

    lower, upper = tail_integrals(density, peer.logpdf, x, 0.0, 1.0)
    # scipy's own digits, and those of a probability of 1e-12 in the last digit of x
    np.testing.assert_allclose(lower[0], peer.cdf(x), rtol=100.0 * digits)
    np.testing.assert_allclose(upper[0], peer.sf(x), rtol=100.0 * digits)


@pytest.mark.parametrize("skewness", [-49.9, 20.0])
def test_probabilities_of_a_very_skew_member_add_up(skewness: float) -> None:
    """Its tails are a hundred times as wide as its middle."""
    distribution = ml.NormalInverseGaussian(location=0, scale=1, tail=50, skewness=skewness)
    x = np.linspace(-30.0, 5.0, 36)
    total = distribution.cdf(x) + distribution.sf(x)
    np.testing.assert_allclose(total, 1.0, rtol=1e-13)
    one_by_one = [float(distribution.sf(point)) for point in x]
    np.testing.assert_allclose(distribution.sf(x), one_by_one, rtol=1e-12)


def test_members_one_by_one_and_all_at_once_agree() -> None:
    """Many rows with parameters of their own are integrated side by side."""
    rng = np.random.default_rng(0)
    x, scale = rng.normal(size=40), rng.uniform(0.5, 2.0, size=40)
    side_by_side = ml.SkewT(location=0.0, scale=scale, alpha=1.0, df=4.0).logsf(x)
    one_by_one = [
        float(ml.SkewT(location=0.0, scale=s, alpha=1.0, df=4.0).logsf(point))
        for point, s in zip(x, scale, strict=True)
    ]
    np.testing.assert_allclose(side_by_side, one_by_one, rtol=1e-11)
