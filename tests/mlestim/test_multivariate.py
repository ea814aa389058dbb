"""Fits of vectors: estimates, verdicts, groups, weights, units, and what is said when there is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlestim as ml
from mlestim.distributions.registry import registered
from mlestim.likelihood import Likelihood
from mlestim.sample import block as blocks
from mlestim.sample.batch import Batch

RNG = np.random.default_rng(8)
N = 60
TRUTH = {
    "dirichlet": ml.Dirichlet(alpha=[2.0, 3.0, 0.7]),
    "multinomial": ml.Multinomial(trials=9, probs=[0.2, 0.3, 0.5]),
    "multivariate_normal": ml.MultivariateNormal(mean=[1, -2], covariance=[[2, 0.9], [0.9, 1]]),
    "multivariate_t": ml.MultivariateT(df=3, location=[1, -2], scatter=[[2, 0.9], [0.9, 1]]),
}
NAMES = list(TRUTH)
WITH_UNITS = ["multivariate_normal", "multivariate_t"]


def frame(name: str, n: int = N, seed: int = 1) -> pd.DataFrame:
    x = TRUTH[name].rvs(n, random_state=seed)
    return pd.DataFrame(x, columns=list("abc")[: x.shape[1]])


def log_likelihood(distribution, x, w=1.0) -> float:
    return float(np.sum(w * distribution.logpdf(x)))


def test_every_family_of_vectors_is_fitted_here():
    kinds = {name for name, cls in registered().items() if cls.kind == "multivariate"}
    assert kinds == set(NAMES)


# ---- estimates -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_maximum_is_one(name):
    """No parameter moved by a tenth of a standard error gains anything, alone or with another."""
    x = frame(name)
    result = ml.fit(x, name)
    assert result.verdict is ml.Verdict.INTERIOR
    best = log_likelihood(result.distribution, x)
    assert result.log_likelihood == pytest.approx(best, rel=1e-12)
    assert best >= log_likelihood(TRUTH[name], x)
    free = [name for name in result.params.index if name not in result.fixed]
    values = result.params.to_dict()
    steps = 0.1 * result.standard_errors
    for first in free[1:] if name == "multinomial" else free:
        for sign in (-1.0, 1.0):
            moved = {**values, first: values[first] + sign * steps[first]}
            if name == "multinomial":  # what one share gains the first one loses
                moved["probs_1"] -= sign * steps[first]
            assert log_likelihood(result.family.with_values(moved), x) < best


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", [{"method": "newton"}, {"method": "first_order"}], ids=str)
def test_every_way_leads_to_the_same_maximum(name, options):
    """Newton to 1e-9 standard errors, first-order optimizers to 1.5e-7."""
    x = frame(name)
    expected, result = ml.fit(x, name), ml.fit(x, name, **options)
    tolerance = 1e-6 if options["method"] == "first_order" else 1e-9
    error = np.abs(result.params - expected.params) / expected.standard_errors
    assert np.nanmax(error) < tolerance
    np.testing.assert_allclose(
        result.standard_errors, expected.standard_errors, rtol=10 * tolerance, equal_nan=True
    )


@pytest.mark.parametrize("name", NAMES)
def test_samples_that_grow_come_near_the_truth(name):
    """Within 5 standard errors of 20,000 rows."""
    x = TRUTH[name].rvs(20_000, random_state=3)
    result = ml.fit(x, name)
    truth = np.array([TRUTH[name].params[key] for key in result.params.index])
    error = np.abs(result.params - truth) / result.standard_errors
    assert np.nanmax(error) < 5.0


def test_multivariate_normal_estimates_are_means_and_covariances():
    x = frame("multivariate_normal")
    result = ml.fit(x, "multivariate_normal")
    assert result.method == "closed_form"
    np.testing.assert_allclose(result.params[["mean_1", "mean_2"]], x.mean(), rtol=1e-14)
    covariance = np.cov(x.T, bias=True)
    np.testing.assert_allclose(result.distribution.covariance(), covariance, rtol=1e-13)


def test_multinomial_estimates_are_shares_of_all_trials():
    counts = [[3, 1, 0], [2, 2, 2]]
    result = ml.fit(counts, "multinomial")
    np.testing.assert_allclose(result.params, [0.5, 0.3, 0.2], rtol=1e-15)
    # of 10 trials: p(1 − p)/10
    np.testing.assert_allclose(result.standard_errors**2, [0.025, 0.021, 0.016], rtol=1e-12)
    assert result.n_parameters == 2


def test_trials_are_the_sums_of_rows_or_given():
    same = ml.fit([[3, 1], [2, 2]], "multinomial")
    assert same.params["trials"] == 4.0
    assert same.fixed == ("trials",)
    given = ml.fit([[3, 1], [2, 2]], "multinomial", fixed={"trials": 4})
    pd.testing.assert_series_equal(given.params, same.params)
    with pytest.raises(ml.SupportError, match="2 of 2 rows cannot come from multinomial"):
        ml.fit([[3, 1], [2, 2]], "multinomial", fixed={"trials": 5})


# ---- what is known -----------------------------------------------------------------------------------


def test_vectors_and_matrices_are_held_whole_or_entry_by_entry():
    x = frame("multivariate_normal")
    whole = ml.fit(x, "multivariate_normal", fixed={"mean": [1, -2]})
    entries = ml.fit(x, "multivariate_normal", fixed={"mean_1": 1, "mean_2": -2})
    pd.testing.assert_series_equal(whole.params, entries.params)
    about = x - [1, -2]
    np.testing.assert_allclose(whole.distribution.covariance(), about.T @ about / N, rtol=1e-12)
    assert whole.method == "closed_form"


@pytest.mark.parametrize("name", WITH_UNITS)
@pytest.mark.parametrize("held", [{1: 0.9}, {2: 0.0}, {0: 1.0}], ids=str)
def test_single_entries_are_held_too(name, held):
    x = frame(name)
    matrix = "covariance" if name == "multivariate_normal" else "scatter"
    mean = "mean" if name == "multivariate_normal" else "location"
    place, value = next(iter(held.items()))
    key = (f"{mean}_1", f"{matrix}_11", f"{matrix}_21")[place]
    result = ml.fit(x, name, fixed={key: value})
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.params[key] == value
    best = result.log_likelihood
    assert best < ml.fit(x, name).log_likelihood
    for other in set(result.params.index) - {key}:
        for sign in (-1.0, 1.0):
            moved = result.params.to_dict()
            moved[other] += 0.1 * sign * result.standard_errors[other]
            assert log_likelihood(result.family.with_values(moved), x) < best


def test_probabilities_are_not_held_one_by_one():
    with pytest.raises(ml.OptionError, match="probs_1 to probs_3 sum to 1: they are fixed togeth"):
        ml.fit(frame("multinomial"), "multinomial", fixed={"probs_1": 0.2})


# ---- samples -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_repeated_rows(name):
    x = frame(name).assign(w=np.arange(N) % 4)
    weighted = ml.fit(x, name, weights="w")
    repeated = ml.fit(x.loc[x.index.repeat(x["w"])].drop(columns="w"), name)
    np.testing.assert_allclose(weighted.params, repeated.params, rtol=1e-8)
    np.testing.assert_allclose(weighted.standard_errors, repeated.standard_errors, rtol=1e-7)
    assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood, rel=1e-12)
    assert weighted.n_observations == repeated.n_observations


@pytest.mark.parametrize("name", NAMES)
def test_groups_are_single_fits(name):
    x = frame(name, 150).assign(g=np.repeat([0, 1, 2], [30, 45, 75]))
    together = ml.fit(x, name, by="g")
    for key, group in x.groupby("g"):
        alone = ml.fit(group.drop(columns="g"), name)
        assert together[key].verdict is alone.verdict
        np.testing.assert_allclose(together[key].params, alone.params, rtol=1e-8)
        np.testing.assert_allclose(
            together[key].standard_errors, alone.standard_errors, rtol=1e-7, equal_nan=True
        )
    assert together.table["n_observations"].tolist() == [30, 45, 75]


@pytest.mark.parametrize("name", WITH_UNITS)
@pytest.mark.parametrize("scale", [(1e-6, 1e6), (1e60, 1e-60), (3.0, -2.0)], ids=str)
def test_fits_follow_the_units_of_every_column(name, scale):
    x, scale = frame(name), np.array(scale)
    plain, moved = ml.fit(x, name), ml.fit(x * scale, name)
    place = plain.names.index("df") + 1 if "df" in plain.names else 0
    factors = np.array([1.0] * place + [*scale, scale[0] ** 2, scale.prod(), scale[1] ** 2])
    np.testing.assert_allclose(moved.params, plain.params * factors, rtol=1e-9)
    np.testing.assert_allclose(
        moved.standard_errors, plain.standard_errors * np.abs(factors), rtol=1e-8
    )
    units = N * np.log(np.abs(scale)).sum()
    assert moved.log_likelihood == pytest.approx(plain.log_likelihood - units, abs=1e-9 * N)


@pytest.mark.parametrize("name", NAMES)
def test_long_samples_are_cut_into_blocks_that_add_up(name, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_ROWS", 64)
    family, truth = ml.fit(frame(name), name).family, TRUTH[name]
    x = truth.rvs(1000, random_state=2)
    w = 0.5 + RNG.random(1000)
    theta = [np.full(3, float(value)) for value in truth.theta]
    known = {"trials": np.full(1000, 9.0)} if name == "multinomial" else None
    cut = Batch(x, w, np.array([600, 0, 250]), np.array([400, 250, 350]), known)
    found = Likelihood(family, cut).mean_terms(theta, 2, np.arange(3))
    for place, rows in enumerate((slice(600, 1000), slice(0, 250), slice(250, 600))):
        packed = family.terms(x[rows], [value[0] for value in theta]).packed
        expected = packed @ w[rows] / w[rows].sum()
        np.testing.assert_allclose(found[:, place], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_scores_of_rows_make_the_other_covariances(name):
    """Of the true family all estimate the same: within a third at 2,000 rows."""
    x = TRUTH[name].rvs(2000, random_state=4)
    expected = ml.fit(x, name).standard_errors
    for options in (
        {"covariance": "opg"},
        {"covariance": "sandwich"},
        {"cluster": np.arange(2000)},
    ):
        found = ml.fit(x, name, **options).standard_errors
        np.testing.assert_allclose(found, expected, rtol=0.33, equal_nan=True)
    with pytest.raises(ml.OptionError, match="is for rows that are single values"):
        ml.fit(x, name, covariance="expected")


# ---- verdicts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WITH_UNITS)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x.assign(c=x.a - 2.0 * x.b), "Columns 'a', 'b' and 'c' depend linearly"),
        (lambda x: x.assign(c=0.1), "Column 'c' is constant: leave it out"),
        (lambda x: x[:2], "2 columns need 3 different rows at least, and there are 2"),
    ],
)
def test_rows_in_a_plane_leave_the_likelihood_unbounded(name, change, words):
    x = change(frame(name))
    with pytest.raises(ml.UnboundedLikelihoodError, match=words):
        ml.fit(x, name)
    result = ml.fit(x, name, on_failure="return")
    assert result.verdict is ml.Verdict.UNBOUNDED
    assert result.log_likelihood == np.inf
    assert result.standard_errors.isna().all()


def test_a_group_in_a_plane_fails_alone():
    x = frame("multivariate_normal").assign(g=np.repeat(["one", "two"], [2, N - 2]))
    table = ml.fit(x, "multivariate_normal", by="g").table
    assert table["verdict"].tolist() == ["unbounded", "interior"]


def test_light_tails_take_multivariate_t_to_the_normal():
    x = RNG.uniform(-1, 1, size=(200, 2))
    with pytest.warns(ml.LimitWarning, match="rises towards its limit MultivariateNormal"):
        result = ml.fit(x, "multivariate_t")
    normal = ml.fit(x, "multivariate_normal")
    assert result.verdict is ml.Verdict.AT_INFINITY
    assert result.params["df"] == np.inf
    assert result.log_likelihood == pytest.approx(normal.log_likelihood, rel=1e-12)
    assert result.distribution == normal.distribution
    again = ml.load(result.to_json())
    assert again.distribution == result.distribution


def test_equal_rows_leave_dirichlet_unbounded():
    with pytest.raises(ml.UnboundedLikelihoodError, match="All rows are the same"):
        ml.fit([[0.25, 0.75]] * 4, "dirichlet")


def test_rows_off_the_simplex_are_named():
    x = frame("dirichlet")
    x.loc[4] *= 1.01
    x.loc[7] = [0.5, 0.5, 0.0]
    with pytest.raises(
        ml.SupportError, match=r"2 of 60 rows .* dirichlet.*: rows 4 and 7, with values .*its sum"
    ):
        ml.fit(x, "dirichlet")
    single = frame("dirichlet").astype("float32")  # sums to 1 but for the roundings of its type
    assert ml.fit(single, "dirichlet").verdict is ml.Verdict.INTERIOR


def test_an_outcome_never_seen_lies_on_the_edge():
    result = ml.fit([[3, 0, 1], [2, 0, 2]], "multinomial")
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["probs_2"] == 0.0
    assert np.isnan(result.standard_errors["probs_2"])
    # the others are those of the binomial: 5/8 and its standard error
    assert result.params["probs_1"] == 0.625
    assert result.standard_errors["probs_1"] == pytest.approx(np.sqrt(0.625 * 0.375 / 8))


@pytest.mark.parametrize("row", [[1.5, 2.5], [-1, 3]])
def test_multinomial_rows_are_counts(row):
    with pytest.raises(ml.SupportError, match=r"1 of 2 rows cannot come from multinomial.* row 1"):
        ml.fit([[1, 2], row], "multinomial")


# ---- refusals ------------------------------------------------------------------------------------


def test_families_of_numbers_and_of_vectors_are_told_apart():
    x = frame("multivariate_normal")
    with pytest.raises(ml.DataError, match="name one column; several are for multivariate"):
        ml.fit(x, "normal", column=["a", "b"])
    with pytest.raises(ml.DataError, match="family of vectors, and these are numbers"):
        ml.fit(ml.Observations([1.0, 2.0]), "multivariate_normal")
    vectors = ml.Observations.of(x, vectors=True)
    with pytest.raises(ml.DataError, match="family of numbers, and these are vectors"):
        ml.fit(vectors, "normal")
    with pytest.raises(ml.DataError, match="column 'a': dirichlet needs 2 columns"):
        ml.fit(x, "dirichlet", column=["a"])


def test_a_member_says_where_to_start_and_how_many_components_there_are():
    x = frame("multivariate_t")
    begun = ml.fit(x, TRUTH["multivariate_t"])
    np.testing.assert_allclose(begun.params, ml.fit(x, "multivariate_t").params, rtol=1e-8)
    with pytest.raises(ml.OptionError, match="sample has 3 components, the family was given 2"):
        ml.fit(x.assign(c=1.0), TRUTH["multivariate_t"])


# ---- results ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_results_are_saved_and_read_back(name):
    result = ml.fit(frame(name), name)
    again = ml.load(result.to_json())
    pd.testing.assert_series_equal(again.params, result.params)
    pd.testing.assert_frame_equal(again.covariance, result.covariance)
    assert again.distribution == result.distribution
    assert f"{name} fitted to a, b" in str(result.summary())


def test_scores_of_rows_with_different_trials_make_a_covariance():
    """At 400 rows that of the model to a third."""
    x = np.concatenate([TRUTH["multinomial"].rvs(400, random_state=1), [[3, 1, 0]]])
    expected = ml.fit(x, "multinomial").standard_errors
    found = ml.fit(x, "multinomial", covariance="opg").standard_errors
    np.testing.assert_allclose(found, expected, rtol=0.33)


def test_results_with_trials_of_each_row_are_read_back():
    result = ml.fit([[3, 1, 0], [2, 2, 2]], "multinomial")
    assert "trials" not in result.params
    pd.testing.assert_series_equal(ml.load(result.to_json()).params, result.params)


def test_families_of_vectors_are_ranked():
    x = frame("multivariate_t", 300)
    ranking = ml.compare(x, "multivariate")
    assert ranking.best.model_name == "multivariate_t"
    assert ranking.table["verdict"].notna().sum() == 2
    assert "shares, Σ = 1" in ranking.table.loc["dirichlet", "reason"]
