"""Regressions in which the network gives every parameter of a family."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from sklearn.datasets import load_diabetes
from sklearn.metrics import r2_score

import mlestim as ml
import nn
from mlestim.errors import (
    DataError,
    NoMeanWarning,
    OptionError,
    SupportError,
    UnboundedLikelihoodError,
)


def test_least_squares_is_the_normal_with_known_spread() -> None:
    X, y = load_diabetes(return_X_y=True)
    ours = nn.Regressor(hidden=(), penalty=None, fixed={"sd": 50.0}).fit(X, y)
    theirs = sm.OLS(y, sm.add_constant(X)).fit()
    # Targets have a spread of 77; the search stops at a slope of 1e-6 of a standardised row.
    np.testing.assert_allclose(ours.predict(X), theirs.fittedvalues, atol=0.01)


def test_poisson_regression_agrees_with_statsmodels() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    y = rng.poisson(np.exp(0.5 + X @ [0.3, -0.2]))
    ours = nn.Regressor("poisson", hidden=(), penalty=None).fit(X, y)
    theirs = sm.GLM(y, sm.add_constant(X), family=sm.families.Poisson()).fit(tol=1e-12)
    np.testing.assert_allclose(ours.predict(X), theirs.fittedvalues, rtol=1e-4)


def test_each_row_has_a_distribution_of_its_own() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (800, 1))
    y = rng.normal(2 * x[:, 0], np.exp(x[:, 0]))
    rows = nn.Regressor(hidden=(), penalty=None).fit(x, y).predict_distribution([[-1.0], [1.0]])
    assert isinstance(rows, ml.Normal)
    # Standard errors are about 0.05 for the means and 5 % for the spreads.
    np.testing.assert_allclose(rows.mean(), [-2.0, 2.0], atol=0.3)
    np.testing.assert_allclose(rows.std(), np.exp([-1.0, 1.0]), rtol=0.2)
    assert rows.ppf([0.1, 0.1]).shape == (2,)


@pytest.mark.parametrize("family", ["gamma", "weibull", "lognormal", "negative_binomial"])
def test_without_features_that_matter_it_is_mlestim_fit(family) -> None:
    rng = np.random.default_rng(0)
    counts = family == "negative_binomial"
    y = rng.negative_binomial(3, 0.3, 300) if counts else rng.gamma(2.0, 30.0, 300)
    constant = np.zeros((300, 1))
    alone = nn.Regressor(family, hidden=(), penalty=None).fit(constant, y)
    row = alone.predict_distribution(constant[:1])
    expected = ml.fit(y, family)
    for name, value in expected.params.items():
        assert row.params[name][0] == pytest.approx(value, rel=1e-4)


@pytest.mark.parametrize("scale", [2.0**-20, 2.0**20])
def test_the_unit_of_the_targets_does_not_matter(scale) -> None:
    X, y = load_diabetes(return_X_y=True)
    settings = {"hidden": (10,), "penalty": 1.0, "random_state": 0}
    plain = nn.Regressor(**settings).fit(X, y).predict(X)
    scaled = nn.Regressor(**settings).fit(X, scale * y).predict(X)
    # Powers of two change no digit on the way.
    np.testing.assert_array_equal(scaled / scale, plain)


def test_an_ensemble_predicts_one_distribution() -> None:
    X, y = load_diabetes(return_X_y=True)
    three = nn.Regressor(hidden=(5,), n_networks=3, penalty=1.0, random_state=0).fit(X, y)
    assert three.predict_distribution(X).mean().shape == (len(X),)
    assert three.score(X, y) > 0.5


def test_importance_is_in_nats_whatever_the_unit() -> None:
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    regressor = nn.Regressor(hidden=(), penalty=1.0).fit(X, y)
    importance = regressor.permutation_importance(X, y, random_state=0)
    assert {"bmi", "s5"} <= set(importance.index[:4])
    outputs = regressor.network_.predict(regressor.encoder_.transform(X))
    targets = regressor.encode_targets(y.to_numpy(float))
    mean = regressor.mean_loss(outputs, targets, np.ones(len(y)))
    log_density = regressor.predict_distribution(X).logpdf(y)
    assert mean == pytest.approx(-log_density.mean(), rel=1e-12)


def test_targets_outside_the_support_are_refused() -> None:
    with pytest.raises(SupportError, match=r"gamma.*-1 lies outside, in 1 of 3"):
        nn.Regressor("gamma").fit([[0.0], [1.0], [2.0]], [1.0, -1.0, 2.0])


def test_wrong_settings_are_named() -> None:
    X, y = pd.DataFrame({"x": [0.0, 1.0, 2.0]}), [1.0, 2.0, 3.0]
    with pytest.raises(OptionError, match=r"use nn\.Classifier"):
        nn.Regressor("categorical").fit(X, y)
    with pytest.raises(OptionError, match="no parameter 'shape'"):
        nn.Regressor("normal", fixed={"shape": 1.0}).fit(X, y)


ROWS = np.random.default_rng(0).normal(size=(40, 2))


@pytest.mark.parametrize("family", ["normal", "gamma", "weibull"])
def test_equal_targets_have_a_likelihood_without_bound(family) -> None:
    with pytest.raises(UnboundedLikelihoodError, match="y is 3 in all 40 rows"):
        nn.Regressor(family, hidden=(4,), penalty=1.0).fit(ROWS, np.full(40, 3.0))


def test_equal_targets_are_learned_where_the_likelihood_is_bounded() -> None:
    for family, fixed in (("poisson", None), ("normal", {"sd": 1.0})):
        regressor = nn.Regressor(family, hidden=(4,), penalty=1.0, fixed=fixed)
        regressor.fit(ROWS, np.full(40, 3.0))
        # The search stops at a slope of 1e-6.
        np.testing.assert_allclose(regressor.predict(ROWS), 3.0, rtol=1e-3)


@pytest.mark.parametrize("unit", [1e160, 1e308, 1e-160])
@pytest.mark.parametrize("family", ["normal", "gamma"])
def test_targets_whose_squares_are_no_numbers_are_refused(unit, family) -> None:
    signs = np.where(np.arange(40) % 2, 1.0, -1.0 if family == "normal" else 0.5)
    with pytest.raises(DataError, match="Rescale it"):
        nn.Regressor(family, hidden=(), penalty=1.0).fit(ROWS, unit * signs)


def test_a_mean_that_does_not_exist_is_said() -> None:
    cauchy = nn.Regressor("cauchy", hidden=(), penalty=1.0).fit(ROWS, ROWS[:, 0])
    with pytest.warns(NoMeanWarning, match=r"cauchy has no finite mean in .*ppf\(0.5\)"):
        means = cauchy.predict(ROWS)
    assert np.isnan(means).all()
    # What is scored then is the median.
    medians = cauchy.predict_distribution(ROWS).ppf(np.full(40, 0.5))
    assert cauchy.score(ROWS, ROWS[:, 0]) == pytest.approx(r2_score(ROWS[:, 0], medians))
    assert cauchy.predict_distribution(ROWS).ppf(0.5).shape == (40,)


@pytest.mark.parametrize("family", ["uniform", "pareto"])
def test_families_with_moving_ends_are_no_losses(family) -> None:
    with pytest.raises(OptionError, match="support depends on its parameters"):
        nn.Regressor(family).fit(ROWS, np.abs(ROWS[:, 0]) + 1.0)


def test_targets_that_are_no_numbers_are_said() -> None:
    with pytest.raises(DataError, match="y holds text, such as"):
        nn.Regressor().fit(ROWS, ["a" * 72] * 40)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_targets_that_are_no_finite_numbers_are_named_by_row(odd) -> None:
    y = np.where(np.arange(40) == 3, odd, ROWS[:, 0])
    with pytest.raises(DataError, match="row 3"):
        nn.Regressor().fit(ROWS, y)
    with pytest.raises(DataError, match="row 3"):
        nn.Regressor().fit(ROWS, y, event=np.ones(40, bool))
