"""Penalties are minus log priors: their formulas, slopes and settings."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mlestim.errors import OptionError
from mlestim.penalties import ElasticNet, Lasso, Penalty, Ridge

W = np.array([0.5, -1.5, 2.0, -0.25])
every_penalty = pytest.mark.parametrize(
    "penalty", [Ridge(0.7), Lasso(0.7), ElasticNet(0.7, ratio=0.3)], ids=repr
)


@pytest.mark.parametrize(
    ("penalty", "prior"),
    [(Ridge(4), stats.norm(scale=1 / 2)), (Lasso(4), stats.laplace(scale=1 / 4))],
)
def test_a_penalty_is_minus_a_log_density_but_for_a_constant(
    penalty: Penalty, prior: stats.rv_continuous
) -> None:
    expected = (prior.logpdf(0) - prior.logpdf(W)).sum()
    assert penalty.value(W) == pytest.approx(expected, rel=1e-14)


@every_penalty
def test_gradient_is_the_slope(penalty: Penalty) -> None:
    # Pieces of parabolas: central differences are exact up to rounding/step.
    step = 1e-4
    slopes = [
        (penalty.value(W + step * unit) - penalty.value(W - step * unit)) / (2 * step)
        for unit in np.eye(4)
    ]
    np.testing.assert_allclose(penalty.gradient(W), slopes, rtol=1e-10)


@every_penalty
def test_precision_and_parameters_are_kept(penalty: Penalty) -> None:
    w = W.astype(np.float32)
    assert penalty.gradient(w).dtype == np.float32
    np.testing.assert_array_equal(w, W)


def test_the_elastic_net_lies_between_its_ends() -> None:
    for value in ("value", "gradient"):
        at = {ratio: getattr(ElasticNet(2, ratio=ratio), value)(W) for ratio in (0, 0.5, 1)}
        np.testing.assert_array_equal(at[0], getattr(Ridge(2), value)(W))
        np.testing.assert_array_equal(at[1], getattr(Lasso(2), value)(W))
        np.testing.assert_allclose(at[0.5], (at[0] + at[1]) / 2, rtol=1e-15)


def test_only_squares_have_a_continuous_gradient() -> None:
    smooth = [Ridge(1).smooth, Lasso(1).smooth, ElasticNet(1).smooth, ElasticNet(1, ratio=0).smooth]
    assert smooth == [True, False, False, True]


def test_settings_are_checked() -> None:
    with pytest.raises(OptionError, match=r"Ridge: strength=-1 .*\[0, inf\)"):
        Ridge(-1)
    with pytest.raises(OptionError, match=r"ElasticNet: ratio=1.5 .*\[0, 1\]"):
        ElasticNet(1, ratio=1.5)
