"""Mixtures of families of vectors: fits by both ways, what is shared, spikes, groups and members."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mlestim as ml

TWO = ml.Mixture(
    "multivariate_normal",
    2,
    weight_1=0.4,
    mean_1=[0, 0],
    covariance_1=[[1, 0.2], [0.2, 1]],
    weight_2=0.6,
    mean_2=[3, 4],
    covariance_2=[[1, -0.2], [-0.2, 2]],
)
ROWS = TWO.rvs(300, random_state=1)
NORMALS = ml.Mixture("multivariate_normal", 2)
COMMON = ml.Mixture("multivariate_normal", 2, shared=("covariance",))
SHARES = ml.Mixture(
    "dirichlet", 2, weight_1=0.5, alpha_1=[9, 2, 2], weight_2=0.5, alpha_2=[2, 2, 9]
)
COUNTS = ml.Mixture(
    "multinomial",
    2,
    weight_1=0.5,
    trials=12,
    probs_1=[0.7, 0.2, 0.1],
    weight_2=0.5,
    probs_2=[0.2, 0.2, 0.6],
)


# ---- fits ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "family"),
    [
        (ROWS, NORMALS),
        (ROWS, COMMON),
        (SHARES.rvs(150, random_state=1), ml.Mixture("dirichlet", 2)),
        (COUNTS.rvs(150, random_state=1), ml.Mixture("multinomial", 2)),
    ],
    ids=["normal", "common covariance", "dirichlet", "multinomial"],
)
def test_expectation_maximisation_ends_where_newton_does(rows, family) -> None:
    """Both stop well within 1e-6 standard errors of the maximum."""
    newton, em = ml.fit(rows, family), ml.fit(rows, family, method="em")
    assert newton.verdict is em.verdict is ml.Verdict.INTERIOR
    assert newton.log_likelihood == pytest.approx(newton.distribution.logpdf(rows).sum(), rel=1e-12)
    assert em.log_likelihood == pytest.approx(newton.log_likelihood, rel=1e-12)
    distance = np.abs(em.params - newton.params) / newton.standard_errors
    assert distance.max() < 1e-6


def test_the_maximum_of_iris_is_the_best_that_is_no_spike() -> None:
    """scikit-learn's best of many starts of EM, without the ones that hug a few rows."""
    datasets = pytest.importorskip("sklearn.datasets")
    rows = datasets.load_iris().data
    result = ml.fit(rows, ml.Mixture("multivariate_normal", 3))
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.log_likelihood == pytest.approx(-180.1855, abs=1e-3)
    assert result.n_parameters == 44


def test_fits_follow_the_units_of_the_columns() -> None:
    here, there = ml.fit(ROWS, NORMALS), ml.fit(ROWS * [1e6, 1e-3], NORMALS)
    assert there.params["mean_1_2"] == pytest.approx(1e6 * here.params["mean_1_2"], rel=1e-8)
    assert there.params["covariance_21_1"] == pytest.approx(
        1e3 * here.params["covariance_21_1"], rel=1e-7
    )
    shift = len(ROWS) * np.log(1e3)
    assert there.log_likelihood == pytest.approx(here.log_likelihood - shift, rel=1e-12)


def test_weights_are_repetitions_and_groups_are_fitted_as_alone() -> None:
    times = np.arange(len(ROWS)) % 4
    repeated = pd.DataFrame(np.repeat(ROWS, times, axis=0), columns=["a", "b"])
    frame = pd.DataFrame(ROWS, columns=["a", "b"])
    weighted = ml.fit(frame, NORMALS, column=["a", "b"], weights=times)
    both = pd.concat([frame, repeated]).assign(g=["u"] * len(frame) + ["v"] * len(repeated))
    groups = ml.fit(both, NORMALS, column=["a", "b"], by="g")
    assert groups["v"].log_likelihood == pytest.approx(weighted.log_likelihood, rel=1e-12)
    np.testing.assert_allclose(groups["v"].estimates, weighted.estimates, rtol=1e-6)
    alone = ml.fit(frame, NORMALS, column=["a", "b"])
    np.testing.assert_allclose(groups["u"].estimates, alone.estimates, rtol=1e-6)


def test_rows_cut_into_small_pieces_add_up_to_the_same(monkeypatch) -> None:
    whole = ml.fit(ROWS, NORMALS)
    monkeypatch.setattr("mlestim.likelihood.TERMS", 1 << 12)
    pieces = ml.fit(ROWS, NORMALS)
    np.testing.assert_allclose(pieces.estimates, whole.estimates, rtol=1e-10)


def test_means_may_be_held_as_vectors() -> None:
    result = ml.fit(ROWS, NORMALS, fixed={"mean_1": [0.0, 0.0]})
    assert result.params[["mean_1_1", "mean_2_1"]].tolist() == [0.0, 0.0]
    assert result.n_parameters == 9


def test_the_number_of_components_is_chosen() -> None:
    assert ml.choose_components(ROWS, "multivariate_normal", up_to=3).n_components == 2


# ---- where there is no maximum ---------------------------------------------------------------------


def test_a_line_of_equal_values_in_one_column_is_no_component() -> None:
    """Forty rows with the same first entry make the likelihood infinite."""
    rows = np.vstack([ROWS, np.c_[np.full(40, 1.5), np.random.default_rng(3).normal(2, 2, 40)]])
    result = ml.fit(rows, NORMALS)
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.params[["covariance_11_1", "covariance_11_2"]].min() > 0.5


@pytest.mark.parametrize(
    "rows",
    [ROWS[:8], np.ones((20, 2)), np.c_[ROWS, ROWS.sum(axis=1)]],
    ids=["few", "constant", "dependent"],
)
def test_where_components_can_only_hug_rows_the_likelihood_is_unbounded(rows) -> None:
    with pytest.raises(ml.UnboundedLikelihoodError):
        ml.fit(rows, NORMALS)


# ---- members ---------------------------------------------------------------------------------------


def test_a_member_is_made_of_vectors_and_matrices() -> None:
    assert repr(TWO) == (
        "Mixture('multivariate_normal', 2, weight_1=0.4, mean_1=[0, 0], "
        "covariance_1=[[1, 0.2], [0.2, 1]], weight_2=0.6, mean_2=[3, 4], "
        "covariance_2=[[1, -0.2], [-0.2, 2]])"
    )
    parts = [
        stats.multivariate_normal([0, 0], [[1, 0.2], [0.2, 1]]),
        stats.multivariate_normal([3, 4], [[1, -0.2], [-0.2, 2]]),
    ]
    density = 0.4 * parts[0].pdf(ROWS) + 0.6 * parts[1].pdf(ROWS)
    np.testing.assert_allclose(TWO.pdf(ROWS), density, rtol=1e-12)
    many = TWO.rvs(40_000, random_state=2)
    np.testing.assert_allclose(TWO.mean(), many.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(TWO.covariance(), np.cov(many.T), atol=0.1)


@pytest.mark.parametrize("family", [NORMALS, COMMON], ids=["own", "common"])
def test_results_are_read_back_by_the_name(family) -> None:
    result = ml.fit(ROWS, family)
    again = ml.load(result.to_json())
    assert again.distribution == result.distribution
    assert repr(again.distribution) == repr(result.distribution)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: TWO.cdf([1.0, 2.0]), "vectors have no order"),
        (TWO.entropy, "the entropy has no formula"),
        (lambda: ml.Mixture(["multivariate_normal", "normal"]), "all of vectors"),
        (lambda: ml.fit(ROWS, NORMALS, method="em", fixed={"covariance_11_1": 1.0}), "no formula"),
        (lambda: ml.fit(ROWS[:, 0], NORMALS), "holds no vectors"),
    ],
)
def test_what_vectors_do_not_have_is_refused(ask, message: str) -> None:
    with pytest.raises((ml.OptionError, ml.DataError), match=message):
        ask()
