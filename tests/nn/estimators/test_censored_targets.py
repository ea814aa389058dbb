"""Regressions whose targets are known only in part: lifetimes that have not ended, intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import optimize, stats
from sklearn import config_context
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import mlestim as ml
import nn
from mlestim.errors import (
    DataError,
    IdentifiabilityError,
    OptionError,
    SupportError,
    UnboundedLikelihoodError,
)

N = 200
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 2))
LIFETIMES = stats.weibull_min(1.5, scale=np.exp(3.0 + X @ [0.5, -0.3])).rvs(random_state=RNG)
SEEN_FOR = RNG.uniform(1.0, 40.0, N)
ENDED, TIMES = LIFETIMES <= SEEN_FOR, np.minimum(LIFETIMES, SEEN_FOR)
SURVIVAL = np.array(list(zip(ENDED, TIMES, strict=True)), [("event", bool), ("time", float)])
UPPER = np.where(ENDED, TIMES, np.inf)


def weibull(**settings) -> nn.Regressor:
    return nn.Regressor("weibull", **({"hidden": (), "penalty": None} | settings))


@pytest.fixture(scope="module")
def fitted() -> nn.Regressor:
    return weibull().fit(X, SURVIVAL)


def negative_log_likelihood(coefficients: np.ndarray) -> float:
    """That of log shape and log scale linear in the features, by the textbook's formulas."""
    design = np.column_stack([np.ones(N), X])
    log_shape, log_scale = (design @ coefficients.reshape(3, 2)).T
    log_z = np.log(TIMES) - log_scale
    hazard = np.exp(np.exp(log_shape) * log_z)
    log_density = log_shape - log_scale + (np.exp(log_shape) - 1) * log_z - hazard
    return -np.where(ENDED, log_density, -hazard).sum()


def test_a_linear_weibull_regression_is_that_of_the_textbook(fitted) -> None:
    # The search looks far off, where powers overflow.
    with np.errstate(all="ignore"):
        best = optimize.minimize(
            negative_log_likelihood, [0.0, 3.0, 0.0, 0.0, 0.0, 0.0], options={"gtol": 1e-4}
        )
    assert fitted.score(X, SURVIVAL) == pytest.approx(-best.fun / N, rel=1e-8)
    log_shape, log_scale = (np.column_stack([np.ones(N), X]) @ best.x.reshape(3, 2)).T
    rows = fitted.predict_distribution(X)
    # The textbook's slopes are differences, good for about four digits where the optimum is flat.
    np.testing.assert_allclose(rows.params["shape"], np.exp(log_shape), rtol=1e-4)
    np.testing.assert_allclose(rows.params["scale"], np.exp(log_scale), rtol=1e-4)


def test_censored_rows_are_not_taken_for_exact_ones(fitted) -> None:
    naive = weibull().fit(X, TIMES)
    truth = np.exp(3.0 + X @ [0.5, -0.3])
    errors = [
        np.abs(np.log(model.predict_distribution(X).params["scale"] / truth)).mean()
        for model in (fitted, naive)
    ]
    assert errors[0] < 0.15  # about twice the standard error of a log scale
    assert errors[1] > 2 * errors[0]


FORMS = {
    "structured": SURVIVAL,
    "other names, other order": np.array(
        list(zip(TIMES, ENDED, strict=True)), [("days", float), ("died", bool)]
    ),
    "pandas": pd.DataFrame({"time": TIMES, "event": ENDED.astype(int)}),
    "polars": pl.DataFrame({"days": TIMES, "died": ENDED}),
    "ends": np.column_stack([TIMES, UPPER]),
    "named ends": pd.DataFrame({"upper": UPPER, "lower": TIMES}),
    "Observations": ml.Observations.right_censored(TIMES, ENDED),
}


@pytest.mark.parametrize("y", FORMS.values(), ids=FORMS.keys())
def test_every_form_says_the_same(fitted, y) -> None:
    np.testing.assert_array_equal(
        weibull().fit(X, y).network_.parameters, fitted.network_.parameters
    )
    assert fitted.score(X, y) == fitted.score(X, SURVIVAL)


def test_events_may_stand_beside_the_times(fitted) -> None:
    beside = weibull().fit(X, TIMES, event=ENDED)
    np.testing.assert_array_equal(beside.network_.parameters, fitted.network_.parameters)
    assert beside.score(X, TIMES, event=ENDED) == fitted.score(X, SURVIVAL)


def test_without_features_it_is_mlestim_fit() -> None:
    nothing = np.zeros((N, 1))
    row = weibull().fit(nothing, SURVIVAL).predict_distribution(nothing[:1])
    for name, value in ml.fit(TIMES, "weibull", event=ENDED).params.items():
        assert row.params[name][0] == pytest.approx(value, rel=1e-5)


def test_rows_that_are_followed_from_an_age_on() -> None:
    born = np.linspace(0.0, 15.0, N)
    seen = born < TIMES
    rows = ml.Observations.right_censored(TIMES[seen], ENDED[seen], truncation=(born[seen], None))
    nothing = np.zeros((seen.sum(), 1))
    model = weibull().fit(nothing, rows)
    expected = ml.fit(rows, "weibull")
    assert model.score(nothing, rows) * seen.sum() == pytest.approx(
        expected.log_likelihood, rel=1e-9
    )
    row = model.predict_distribution(nothing[:1])
    for name, value in expected.params.items():
        assert row.params[name][0] == pytest.approx(value, rel=1e-5)
    # Without a word of the ages, early ends are missed, and lives look longer.
    naive = weibull().fit(X[seen], SURVIVAL[seen]).predict(X[seen])
    assert weibull().fit(X[seen], rows).predict(X[seen]).mean() < naive.mean()


def test_intervals_and_left_censored_rows_count_by_their_probability() -> None:
    ends = np.column_stack([np.floor(LIFETIMES / 10) * 10, np.ceil(LIFETIMES / 10) * 10])
    ends[0, 0] = -np.inf
    model = nn.Regressor("normal", hidden=(), penalty=1.0).fit(X, ends)
    rows = model.predict_distribution(X)
    expected = np.log(rows.cdf(ends[:, 1]) - rows.cdf(ends[:, 0]))
    assert model.score(X, ends) == pytest.approx(expected.mean(), rel=1e-9)


def test_weights_are_repetitions(fitted) -> None:
    weights = np.arange(N) % 3
    scored = fitted.score(X, SURVIVAL, sample_weight=weights)
    repeated = np.repeat(np.arange(N), weights)
    assert scored == pytest.approx(fitted.score(X[repeated], SURVIVAL[repeated]), rel=1e-12)


def test_the_unit_of_time_only_shifts_the_score(fitted) -> None:
    days = pd.DataFrame({"time": TIMES * 2.0**9, "event": ENDED})
    model = weibull().fit(X, days)
    # Powers of two change no digit on the way; the density of exact rows is that by the unit.
    np.testing.assert_array_equal(model.network_.parameters, fitted.network_.parameters)
    shift = ENDED.mean() * 9 * np.log(2.0)
    assert model.score(X, days) == pytest.approx(fitted.score(X, SURVIVAL) - shift, rel=1e-12)


def test_scikit_learn_divides_structured_targets() -> None:
    scores = cross_val_score(weibull(penalty=1.0), X, SURVIVAL, cv=3)
    assert scores.shape == (3,)
    assert np.isfinite(scores).all()


def test_events_are_handed_on_by_scikit_learn(fitted) -> None:
    with config_context(enable_metadata_routing=True):
        inner = weibull().set_fit_request(event=True).set_score_request(event=True)
        pipeline = make_pipeline(StandardScaler(), inner).fit(X, TIMES, event=ENDED)
        score = pipeline.score(X, TIMES, event=ENDED)
    assert score == pytest.approx(fitted.score(X, SURVIVAL), rel=1e-9)  # the search rounds


def test_networks_with_hidden_layers_learn_in_every_way(tmp_path) -> None:
    for settings in ({}, {"early_stopping": True, "n_networks": 2}, {"dropout": 0.1}):
        model = weibull(hidden=(4,), epochs=5, random_state=0, penalty="auto", **settings)
        assert np.isfinite(model.fit(X, SURVIVAL).score(X, SURVIVAL))
    model.partial_fit(X[:50], TIMES[:50], event=ENDED[:50])
    importance = model.permutation_importance(X, SURVIVAL, random_state=0)
    assert set(importance.index) == {"x0", "x1"}
    nn.save(model, tmp_path / "model")
    assert nn.load(tmp_path / "model").score(X, SURVIVAL) == model.score(X, SURVIVAL)


def test_files_have_a_column_of_events(tmp_path, fitted) -> None:
    table = pd.DataFrame({"x0": X[:, 0], "x1": X[:, 1], "time": TIMES, "event": ENDED})
    table.to_parquet(tmp_path / "rows.parquet", row_group_size=64, index=False)
    of_file = weibull().fit(tmp_path / "rows.parquet", "time", event="event")
    # Sums over columns in another layout round otherwise; the search stops at a slope of 1e-9.
    np.testing.assert_allclose(of_file.network_.parameters, fitted.network_.parameters, rtol=1e-5)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (list(zip(TIMES, ENDED, strict=True)), DataError, "event="),
        (np.column_stack([TIMES + 1, ENDED]), DataError, "all 0 or 1.*event="),
        (pd.DataFrame({"a": TIMES, "b": TIMES}), DataError, "not clear"),
        (SURVIVAL[:5], DataError, "5 rows for 200"),
        (np.column_stack([-TIMES, UPPER - 2 * TIMES]), SupportError, "weibull"),
        (np.column_stack([TIMES, np.full(N, np.inf)]), IdentifiabilityError, "right-censored"),
        (np.where(ENDED[:, None], 3.0, [1.0, np.inf]), UnboundedLikelihoodError, "exact rows"),
        (ml.Observations(TIMES, weights=TIMES), OptionError, "sample_weight"),
    ],
)
def test_what_cannot_be_read_is_said(y, error, message) -> None:
    with pytest.raises(error, match=message):
        weibull().fit(X, y)


def test_classes_are_not_censored() -> None:
    with pytest.raises(DataError, match="a class for each row"):
        nn.Classifier().fit(X, FORMS["Observations"])


def test_ways_out_are_those_of_an_estimator() -> None:
    X, times = np.arange(4.0)[:, None], np.array([1.0, 2.0, 3.0, 4.0])
    with pytest.raises(DataError, match=r"row 3\. .*leave these rows out\.$"):
        nn.Regressor("weibull").fit(X, times, event=[True, True, False, None])
    with pytest.raises(DataError, match=r"Give the values: event=table\['dead'\]"):
        nn.Regressor("weibull").fit(X, times, event="dead")
