"""Families compared on one sample: order, weights, reasons, groups, and how sure the choice is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mlestim as ml
from mlestim.comparing import SETS, families_in
from mlestim.distributions.registry import registered
from mlestim.estimation.bounds import solve_within
from mlestim.results.ranking import support

X = stats.weibull_min(1.7, scale=3).rvs(200, random_state=2)
FAMILIES = ["gamma", "weibull", "lognormal", "normal", "poisson"]


# ---- the ranking -----------------------------------------------------------------------------------


def test_weights_follow_the_differences() -> None:
    """Burnham and Anderson: w ∝ exp(−Δ/2)."""
    delta, weight = support(np.array([102.0, 100.0]), np.zeros(2, dtype=int))
    assert delta.tolist() == [2.0, 0.0]
    assert weight[0] / weight[1] == pytest.approx(np.exp(-1))
    assert weight.sum() == pytest.approx(1)


def test_hopeless_families_do_not_overflow() -> None:
    _, (best, worst) = support(np.array([-1e6, 1e6]), np.zeros(2, dtype=int))
    assert 0 < worst < best < 1  # neither is certain


def test_one_family_alone_has_all_the_weight() -> None:
    delta, weight = support(np.array([3.0, np.nan]), np.zeros(2, dtype=int))
    assert (delta[0], weight[0]) == (0.0, 1.0)
    assert np.isnan([delta[1], weight[1]]).all()


@pytest.mark.parametrize("criterion", ["aicc", "aic", "bic"])
def test_the_ranking_is_that_of_single_fits(criterion: str) -> None:
    comparison = ml.compare(X, FAMILIES, criterion=criterion)
    ranked = comparison.table.loc[list(comparison.ranking)]
    for name, line in ranked.iterrows():
        alone = ml.fit(X, name)
        assert line[criterion] == getattr(alone, criterion)
        assert line["verdict"] == alone.verdict
        assert line["log_likelihood"] == alone.log_likelihood
        assert line["n_parameters"] == alone.n_parameters
    assert ranked[criterion].is_monotonic_increasing
    assert ranked["weight"].sum() == pytest.approx(1)
    assert comparison.best.family.name == comparison.ranking[0] == "weibull"


def test_a_family_that_cannot_hold_the_data_says_why() -> None:
    comparison = ml.compare([-1.0, 2.0, 3.0, 4.5], ["gamma", "normal"])
    assert list(comparison.table.index) == ["normal", "gamma"]  # those without a place come last
    assert np.isnan(comparison.table.loc["gamma", "aicc"])
    assert "-1" in comparison.table.loc["gamma", "reason"]
    with pytest.raises(KeyError, match=r"gamma was not fitted: .*-1"):
        comparison["gamma"]


def test_a_mistake_in_the_program_is_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*_: object) -> None:
        raise ml.OptionError("no family is named 'gama'")

    monkeypatch.setattr("mlestim.comparing.solve_within", mistaken)
    with pytest.raises(ml.OptionError, match="gama"):
        ml.compare(X, ["gamma"])


def test_a_number_for_each_row_is_a_reason_where_a_family_takes_one() -> None:
    comparison = ml.compare(X, ["gamma", "normal"], fixed={"sd": np.ones_like(X)})
    assert "sd takes one number" in comparison.refused["normal"]
    assert comparison.refused.keys() == {"normal"}


def test_fixed_values_are_for_the_families_that_have_them() -> None:
    counts = pd.DataFrame({"k": [3, 5, 0, 2, 1], "n": [3, 5, 4, 4, 2], "g": [1, 1, 1, 2, 2]})
    families = ["binomial", "poisson"]
    for fixed in ({"trials": "n"}, {"trials": 9}):
        comparison = ml.compare(counts, families, column="k", fixed=fixed)
        assert not comparison.refused
        assert comparison["poisson"].params.equals(ml.fit(counts["k"], "poisson").params)
    grouped = ml.compare(counts, families, column="k", by="g", fixed={"trials": "n"})
    assert not grouped.refused
    with pytest.raises(ml.ParameterError, match="none of the families has a parameter 'tirals'"):
        ml.compare(counts, families, column="k", fixed={"tirals": "n"})
    everything = ml.compare(counts, "counts", column="k", fixed={"trials": "n"})
    assert {"geometric", "poisson", "binomial"} <= everything.fits.keys()


def test_a_fit_without_a_maximum_has_no_place() -> None:
    comparison = ml.compare([2.0] * 10, ["normal"])
    line = comparison.table.loc["normal"]
    assert line["verdict"] == "unbounded"
    assert np.isnan(line["weight"])
    assert line["reason"] == ml.Verdict.UNBOUNDED.sentence
    with pytest.raises(ml.EstimationError, match=r"no family fits these data. normal: "):
        _ = comparison.best


def test_of_many_reasons_the_first_are_told() -> None:
    with pytest.raises(ml.EstimationError, match=r"and \d+ more, see the table") as caught:
        _ = ml.compare([2.0], "continuous").best
    assert len(str(caught.value)) < 600


def test_a_sample_too_small_for_the_penalty_has_no_place() -> None:
    """AICc divides by n − p − 1."""
    assert "too few rows" in ml.compare([1.0, 2.0, 4.0], ["normal"]).table.loc["normal", "reason"]
    assert ml.compare([1.0, 2.0, 4.0], ["normal"], criterion="bic").ranking == ("normal",)


def test_densities_are_not_ranked_beside_probabilities() -> None:
    counts = stats.poisson(3).rvs(60, random_state=1)
    comparison = ml.compare(counts, ["normal", "poisson", "geometric"])
    assert set(comparison.ranking) == {"poisson", "geometric"}
    assert "no common unit" in comparison.table.loc["normal", "reason"]
    assert ml.compare(counts, ["normal"]).ranking == ("normal",)


def test_a_density_on_the_circle_is_ranked_within_one_turn_alone() -> None:
    angles = np.random.default_rng(2).vonmises(0.5, 2.0, 80)
    assert ml.compare(angles, ["normal", "von_mises"]).ranking[0] == "von_mises"
    for by in (None, np.arange(80) % 2):
        table = ml.compare(angles + 3.0, ["normal", "von_mises"], by=by).table
        assert table["reason"].str.contains("go round the circle").sum() == (1 if by is None else 2)


def test_families_with_an_end_of_the_support_as_parameter_are_marked() -> None:
    counts = [3, 4, 5, 6, 7, 3, 5]
    table = ml.compare(counts, ["poisson", "discrete_uniform"]).table
    assert table["regular"].to_dict() == {"discrete_uniform": False, "poisson": True}


# ---- what is compared ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SETS)
def test_sets_are_made_of_the_registry(name: str) -> None:
    assert set(families_in(name)) <= registered().keys()
    assert "categorical" not in families_in(name)


def test_sets_hold_what_their_name_says() -> None:
    assert {"normal", "gamma"} <= set(families_in("continuous"))
    assert "gamma" in families_in("positive")
    assert not {"normal", "poisson"} & set(families_in("positive"))
    assert {"poisson", "negative_binomial"} <= set(families_in("counts"))
    assert set(families_in("all")) == {*families_in("continuous"), *families_in("counts")}


def test_a_set_is_compared_whole() -> None:
    table = ml.compare(stats.poisson(3).rvs(60, random_state=1), "counts").table
    assert set(table.index) == set(families_in("counts"))


@pytest.mark.parametrize(
    ("families", "message"),
    [
        ("gamma", "no set of families.*'positive'.*or a list"),
        ("continous", "no set of families. Did you mean 'continuous'"),
        ([], "families: the list is empty"),
        (["gama"], "no family is named 'gama'; did you mean gamma"),
        (["gamma", ml.Gamma], "gamma is named twice"),
        (3, "no list of families"),
    ],
)
def test_what_cannot_be_compared_is_refused(families: object, message: str) -> None:
    with pytest.raises(ml.OptionError, match=message):
        ml.compare(X, families)


def test_an_iterator_can_tell_how_far_the_work_has_come(monkeypatch) -> None:
    events = []

    def fitted(problem, *arguments):
        events.append(f"fit {problem.family.name}")
        return solve_within(problem, *arguments)

    def names():
        for name in ("gamma", "normal"):
            events.append(f"take {name}")
            yield name

    monkeypatch.setattr("mlestim.comparing.solve_within", fitted)
    ml.compare(ml.Observations(X), names())
    assert events == ["take gamma", "fit gamma", "take normal", "fit normal"]
    with pytest.raises(ml.ParameterError, match="fixed: none of the families"):
        ml.compare(ml.Observations(X), names(), fixed={"Shape": 1.0})


@pytest.mark.parametrize("option", ["fixed", "free"])
def test_names_that_no_family_has_are_refused(option: str) -> None:
    value = {"Shape": 1.0} if option == "fixed" else ["Shape"]
    with pytest.raises(ml.ParameterError, match=rf"{option}: none .* Did you mean 'shape'"):
        ml.compare(X, ["gamma", "normal"], **{option: value})


def test_parameters_that_a_family_of_scipy_has_on_demand_are_taken() -> None:
    fit = ml.compare(X, [stats.beta, "gamma"], fixed={"location": 0, "scale": 99})["scipy_beta"]
    assert fit.params["scale"] == 99.0


def test_criteria_are_checked() -> None:
    with pytest.raises(ml.OptionError, match=r"criterion='dic'.*'aicc'"):
        ml.compare(X, ["gamma"], criterion="dic")


def test_options_of_the_data_and_known_parameters_reach_every_fit() -> None:
    frame = pd.DataFrame({"x": X + 10.0, "w": np.arange(200) % 3})
    comparison = ml.compare(
        frame, ["gamma", "weibull", "normal"], column="x", weights="w", fixed={"location": 10.0}
    )
    alone = ml.fit(frame, "gamma", column="x", weights="w", fixed={"location": 10.0})
    assert comparison["gamma"].params.equals(alone.params)
    plain = ml.fit(frame, "normal", column="x", weights="w")
    assert comparison["normal"].params.equals(plain.params)


# ---- groups ----------------------------------------------------------------------------------------


@pytest.fixture
def grouped() -> pd.DataFrame:
    rest = -X[:5]
    return pd.DataFrame({"x": [*X, *rest], "g": ["a"] * 90 + ["b"] * 110 + ["c"] * 5})


def test_each_group_is_ranked_as_if_alone(grouped: pd.DataFrame) -> None:
    comparison = ml.compare(grouped, FAMILIES, column="x", by="g")
    assert comparison.table.index.names == ["g", "family"]
    for key, rows in grouped.groupby("g"):
        alone = ml.compare(rows["x"], FAMILIES)
        own = comparison.table.loc[key]
        assert tuple(own.index[own["aicc"].notna()]) == alone.ranking
        pd.testing.assert_frame_equal(
            own.loc[list(alone.ranking)],
            alone.table.loc[list(alone.ranking)],
            rtol=1e-9,  # a batch ends at other last digits
        )
        assert comparison.best.loc[key, "family"] == alone.ranking[0]
        assert comparison[key].ranking == alone.ranking


def test_a_family_that_cannot_hold_one_group_is_fitted_to_the_others(grouped: pd.DataFrame) -> None:
    comparison = ml.compare(grouped, ["gamma", "normal"], column="x", by="g")
    assert comparison.best["family"].to_dict() == {"a": "gamma", "b": "gamma", "c": "normal"}
    assert "5 of 205 values" in comparison.table.loc[("c", "gamma"), "reason"]
    assert "2 gamma" in repr(comparison)


def test_groups_by_several_keys_and_by_a_key_called_family() -> None:
    frame = pd.DataFrame({"x": X, "family": ["s", "t"] * 100, "y": [1] * 100 + [2] * 100})
    comparison = ml.compare(frame, ["gamma", "weibull"], column="x", by=["family", "y"])
    assert comparison.table.index.names == ["by_family", "y", "family"]
    assert len(comparison) == 4
    assert len(comparison.best) == 4
    assert comparison[("s", 2)].best.n_observations == 50


def test_a_group_that_does_not_exist_is_a_key_error(grouped: pd.DataFrame) -> None:
    with pytest.raises(KeyError, match="'z' is not the key"):
        ml.compare(grouped, ["normal"], column="x", by="g")["z"]


# ---- how sure the choice is ------------------------------------------------------------------------


def test_vuong_is_the_textbook_statistic() -> None:
    comparison = ml.compare(X, ["gamma", "lognormal"])
    test = comparison.vuong("gamma", "lognormal")
    m = comparison["gamma"].distribution.logpdf(X) - comparison["lognormal"].distribution.logpdf(X)
    expected = m.sum() / (np.sqrt(len(X)) * m.std())
    assert test.statistic == pytest.approx(expected, rel=1e-12)  # as many parameters: no penalty
    assert test.p_value == pytest.approx(2 * stats.norm.sf(abs(expected)), rel=1e-12)
    assert test.preferred == "gamma"
    turned = comparison.vuong("lognormal", "gamma")
    assert (turned.statistic, turned.preferred) == (pytest.approx(-expected), "gamma")


def test_vuong_charges_for_parameters_and_counts_weights() -> None:
    twice = ml.compare([*X, *X], ["gamma", "exponential"]).vuong("gamma", "exponential")
    weighted = ml.compare(X, ["gamma", "exponential"], weights=np.full(200, 2))
    assert weighted.vuong("gamma", "exponential").statistic == pytest.approx(twice.statistic)
    unpenalised = np.sqrt(400) * _mean_over_sd(weighted)
    assert twice.statistic < unpenalised


def _mean_over_sd(comparison: ml.Comparison) -> float:
    first, second = (comparison[name].distribution for name in ("gamma", "exponential"))
    m = first.logpdf(X) - second.logpdf(X)
    return float(m.mean() / m.std())


def test_vuong_takes_the_contributions_of_censored_rows() -> None:
    """Stopped at the same point, exponential times differ in the tail alone."""
    stopped = np.minimum(X, 3.0)
    comparison = ml.compare(stopped, ["gamma", "exponential"], event=X < 3.0)
    first, second = (comparison[name].distribution for name in ("gamma", "exponential"))
    exact = first.logpdf(stopped) - second.logpdf(stopped)
    m = np.where(X < 3.0, exact, first.logsf(3.0) - second.logsf(3.0))
    expected = (m.sum() - 0.5 * np.log(200)) / (np.sqrt(200) * m.std())
    found = comparison.vuong("gamma", "exponential").statistic
    assert found == pytest.approx(expected, rel=1e-9)


def test_design_weights_count_rows_whatever_their_unit() -> None:
    w = np.random.default_rng(1).uniform(1.0, 3.0, 200)
    names = ["gamma", "weibull"]
    one, other = (
        ml.compare(X, names, weights=k * w, weight_type="sampling", by=[1, 2] * 100)
        for k in (1.0, 1000.0)
    )
    np.testing.assert_allclose(other.table["aicc"], one.table["aicc"], rtol=1e-9)
    alone = ml.compare(X[::2], names, weights=w[::2], weight_type="sampling")
    np.testing.assert_allclose(one.table.loc[1, "aicc"], alone.table["aicc"], rtol=1e-9)
    gamma = ml.fit(X[::2], "gamma", weights=w[::2], weight_type="sampling")
    assert alone["gamma"].covariance_type == "sandwich"
    np.testing.assert_allclose(alone["gamma"].covariance_matrix, gamma.covariance_matrix, rtol=1e-9)
    log_density = gamma.distribution.logpdf(X[::2])
    expected = 100.0 * np.average(log_density, weights=w[::2])
    assert gamma.log_likelihood == pytest.approx(expected, rel=1e-12)


def test_families_without_a_dispersion_have_no_place_beside_precisions() -> None:
    w = np.random.default_rng(1).uniform(1.0, 3.0, 200)
    table = ml.compare(X, ["gamma", "weibull"], weights=w, weight_type="precision").table
    assert table["verdict"].tolist() == ["interior", None]
    assert "weibull has no dispersion" in table.loc["weibull", "reason"]


@pytest.mark.parametrize(
    "options",
    [{"cluster": np.arange(200) // 4}, {"weights": X, "weight_type": "sampling"}],
)
def test_tests_that_take_rows_as_independent_refuse_others(options: dict[str, Any]) -> None:
    comparison = ml.compare(X, ["gamma", "exponential"], **options)
    for test in (
        lambda: comparison.vuong("gamma", "exponential"),
        lambda: comparison.selection_frequency(2),
        lambda: comparison.likelihood_ratio("exponential", "gamma", 2),
    ):
        with pytest.raises(ml.DataError, match=r"independent and alike.*(clusters|sampling)"):
            test()


def test_a_family_is_not_tested_against_itself() -> None:
    with pytest.raises(ml.DataError, match="same density"):
        ml.compare(X, ["gamma"]).vuong("gamma", "gamma")


def test_selection_frequency_is_that_of_samples_fitted_one_by_one() -> None:
    comparison = ml.compare(X[:40], ["gamma", "weibull", "lognormal"])
    shares = comparison.selection_frequency(30, random_state=5)
    rng = np.random.default_rng(5)
    chosen = [
        ml.compare(X[:40], comparison.ranking, weights=weights).ranking[0]
        for weights in rng.multinomial(40, np.full(40, 1 / 40), 30)
    ]
    expected = pd.Series(chosen).value_counts(normalize=True)
    assert shares.to_dict() == {name: expected.get(name, 0.0) for name in comparison.ranking}
    assert shares.equals(comparison.selection_frequency(30, random_state=5))


def test_selection_frequency_of_counts_with_an_edge() -> None:
    """A uniform's ends are those of each sample drawn, not of the whole sample."""
    counts = [1, 2, 2, 3, 3, 3, 4, 9]
    comparison = ml.compare(counts, ["poisson", "discrete_uniform"])
    shares = comparison.selection_frequency(40, random_state=1)
    rng = np.random.default_rng(1)
    chosen = [
        ml.compare(counts, comparison.ranking, weights=weights).ranking[0]
        for weights in rng.multinomial(8, np.full(8, 1 / 8), 40)
    ]
    assert shares["poisson"] == np.mean(np.array(chosen) == "poisson")


def test_fractions_cannot_be_drawn_again() -> None:
    comparison = ml.compare(X, ["gamma", "weibull"], weights=np.full(200, 0.3331))
    with pytest.raises(ml.DataError, match="fractions"):
        comparison.selection_frequency(9)
    with pytest.raises(ml.OptionError, match="n_bootstrap=0"):
        comparison.selection_frequency(0)


def test_average_over_families_is_weighted() -> None:
    comparison = ml.compare(X, ["gamma", "weibull"])
    expected = sum(
        comparison.table.loc[name, "weight"] * ml.fit(X, name).distribution.ppf(0.9)
        for name in comparison.ranking
    )
    assert comparison.averaged(lambda d: d.ppf(0.9)) == pytest.approx(expected, rel=1e-14)
