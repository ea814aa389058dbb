"""Mixtures: fits by both ways, components that are too many or too narrow, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mlestim as ml
from mlestim.distributions.built.mixing.mixture import Mixture

RNG = np.random.default_rng(7)
TWO = np.concatenate([RNG.normal(0.0, 1.0, 120), RNG.normal(6.0, 2.0, 180)])
WAITS = np.concatenate([RNG.gamma(2.0, 1.0, 150), RNG.gamma(30.0, 1.0, 150)])


# ---- fits ------------------------------------------------------------------------------------------


def test_components_are_found_and_ordered_by_their_means() -> None:
    result = ml.fit(TWO, ml.Mixture("normal", 2))
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.params["mean_1"] < result.params["mean_2"]
    for name, truth in {"weight_1": 0.4, "mean_1": 0.0, "sd_1": 1.0, "mean_2": 6.0}.items():
        assert abs(result.params[name] - truth) < 4.0 * result.standard_errors[name]


@pytest.mark.parametrize(
    ("sample", "family"),
    [
        (TWO, ml.Mixture("normal", 2)),
        (TWO, ml.Mixture("normal", 2, shared=("sd",))),
        (TWO, ml.Mixture(["normal", "logistic"])),
        (WAITS, ml.Mixture("gamma", 2)),
        (WAITS, ml.Mixture(["exponential", "lognormal"])),
        (np.floor(WAITS), ml.Mixture("poisson", 2)),
        (np.floor(WAITS), ml.Mixture(["geometric", "negative_binomial"])),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_expectation_maximisation_ends_where_newton_does(sample, family) -> None:
    """Both stop well within 1e-6 standard errors of the maximum."""
    newton, em = ml.fit(sample, family), ml.fit(sample, family, method="em")
    assert (newton.method, em.method) == ("newton", "em")
    assert newton.verdict is em.verdict is ml.Verdict.INTERIOR
    assert em.log_likelihood == pytest.approx(newton.log_likelihood, rel=1e-12)
    distance = np.abs(em.params - newton.params) / newton.standard_errors
    assert distance.max() < 1e-6


def test_the_likelihood_is_that_of_scipys_densities() -> None:
    result = ml.fit(WAITS, ml.Mixture(["gamma", "lognormal"]))
    p = result.params
    density = p["weight_1"] * stats.gamma(p["shape_1"], scale=p["scale_1"]).pdf(WAITS)
    density += p["weight_2"] * stats.lognorm(p["sdlog_2"], scale=np.exp(p["meanlog_2"])).pdf(WAITS)
    assert result.log_likelihood == pytest.approx(np.log(density).sum(), rel=1e-12)


def test_the_weights_are_one_parameter_less_than_they_are() -> None:
    result = ml.fit(TWO, ml.Mixture("normal", 3))
    assert result.n_parameters == 8
    assert result.params[["weight_1", "weight_2", "weight_3"]].sum() == pytest.approx(1.0)
    weights = result.covariance.loc["weight_1":"weight_1", ["weight_1", "weight_2", "weight_3"]]
    assert float(weights.to_numpy().sum()) == pytest.approx(0.0, abs=1e-15)


def test_outer_products_are_inverted_where_weights_sum_to_one() -> None:
    """With weight_2 = 1 − weight_1 the score in weight_1 is the difference of the two."""
    result = ml.fit(TWO, "normal_mixture", covariance="opg")
    first, m1, s1, second, m2, s2 = result.family.score(TWO, list(result.estimates))
    moves = np.array([first - second, m1, s1, m2, s2])
    errors = np.sqrt(np.diag(np.linalg.inv(moves @ moves.T)))
    names = ["weight_1", "mean_1", "sd_1", "mean_2", "sd_2"]
    np.testing.assert_allclose(result.standard_errors[names], errors, rtol=1e-8)
    assert result.standard_errors["weight_2"] == pytest.approx(errors[0], rel=1e-8)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_fits_follow_the_unit_of_the_data(unit: float) -> None:
    here, there = (ml.fit(TWO * scale, "normal_mixture") for scale in (1.0, unit))
    factor = np.array([1.0, unit, unit] * 2)
    np.testing.assert_allclose(
        there.estimates, here.estimates * factor, rtol=1e-8, atol=1e-9 * unit
    )
    shift = len(TWO) * np.log(unit)
    assert there.log_likelihood == pytest.approx(here.log_likelihood - shift, rel=1e-12)


def test_groups_are_fitted_as_each_is_alone() -> None:
    frame = pd.DataFrame({"x": np.r_[TWO, TWO[::2] + 1.0], "g": ["a"] * 300 + ["b"] * 150})
    groups = ml.fit(frame, "normal_mixture", column="x", by="g")
    for key, rows in frame.groupby("g"):
        alone = ml.fit(rows["x"].to_numpy(), "normal_mixture")
        np.testing.assert_allclose(groups[key].estimates, alone.estimates, rtol=1e-7)
        assert groups[key].aic == pytest.approx(alone.aic, rel=1e-12)
        assert groups.table.loc[key, "aic"] == pytest.approx(alone.aic, rel=1e-12)


def test_weights_are_repetitions_for_the_search_too() -> None:
    """The rows that starts are made of are repeated as often as they count."""
    rng = np.random.default_rng(3)
    rows = np.concatenate([rng.normal(0, 1, 30), rng.normal(5, 0.5, 30), rng.normal(9, 2, 30)])
    times = rng.integers(0, 9, 90)
    for n in (2, 4):
        weighted = ml.fit(rows, ml.Mixture("normal", n), weights=times)
        repeated = ml.fit(np.repeat(rows, times), ml.Mixture("normal", n))
        assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood, rel=1e-12)
        np.testing.assert_allclose(weighted.estimates, repeated.estimates, rtol=1e-6)


def test_parameters_may_be_fixed_weights_all_together() -> None:
    result = ml.fit(TWO, "normal_mixture", fixed={"sd_1": 1.0, "sd_2": 2.0})
    assert result.params[["sd_1", "sd_2"]].tolist() == [1.0, 2.0]
    assert result.n_parameters == 3
    halves = ml.fit(TWO, "normal_mixture", fixed={"weight_1": 0.5, "weight_2": 0.5})
    assert halves.n_parameters == 4
    with pytest.raises(ml.OptionError, match="fixed together or not at all"):
        ml.fit(TWO, "normal_mixture", fixed={"weight_1": 0.5})


def test_censored_rows_are_fitted_as_they_are() -> None:
    """Values above 8 are only known to be that."""
    seen = TWO < 8.0
    result = ml.fit(
        None,
        "normal_mixture",
        lower=np.minimum(TWO, 8.0),
        upper=np.where(seen, TWO, np.inf),
    )
    member = result.distribution
    total = member.logpdf(TWO[seen]).sum() + np.sum(~seen) * member.logsf(8.0)
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.log_likelihood == pytest.approx(total, rel=1e-12)
    full = ml.fit(TWO, "normal_mixture")
    assert np.all(np.abs(result.params - full.params) < 2.0 * result.standard_errors)


# ---- too many components, or too narrow ones -------------------------------------------------------


def test_a_component_too_many_has_weight_zero() -> None:
    """Less spread than a Poisson distribution has: two of them are no better than one."""
    sample = np.random.default_rng(1).binomial(5, 0.5, 300)
    one = ml.fit(sample, "poisson")
    for n in (2, 3):
        result = ml.fit(sample, ml.Mixture("poisson", n))
        assert result.verdict is ml.Verdict.BOUNDARY
        assert result.params[f"weight_{n}"] == 0.0
        assert result.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-12)
        assert result.distribution.cdf(2) == pytest.approx(one.distribution.cdf(2), rel=1e-12)


def test_a_component_may_have_its_supremum_at_infinity() -> None:
    """The counts of small mean spread no more than a Poisson distribution does."""
    small, large = (
        np.random.default_rng(0).poisson(2, 150),
        np.random.default_rng(1).poisson(12, 150),
    )
    with pytest.warns(ml.LimitWarning):
        result = ml.fit(np.r_[small, large], ml.Mixture("negative_binomial", 2))
    assert result.verdict is ml.Verdict.AT_INFINITY
    assert result.params["size_2"] == np.inf
    assert result.limit is not None
    assert result.limit.name == "negative_binomial_and_poisson_mixture"
    whole = result.limit.logpdf(np.r_[small, large]).sum()
    assert result.log_likelihood == pytest.approx(whole, rel=1e-12)


def test_a_component_of_zeros_alone_is_zeros_in_excess() -> None:
    sample = np.repeat([0.0, 3.0, 4.0, 5.0, 6.0], [30, 10, 12, 9, 4])
    result = ml.fit(sample, ml.Mixture("poisson", 2))
    inflated = ml.fit(sample, "zero_inflated_poisson")
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["mean_1"] == 0.0
    assert result.params["weight_1"] == pytest.approx(inflated.params["zero_prob"], rel=1e-9)
    assert result.params["mean_2"] == pytest.approx(inflated.params["mean"], rel=1e-9)
    assert result.log_likelihood == pytest.approx(inflated.log_likelihood, rel=1e-12)


def test_a_spike_on_tied_values_is_no_component() -> None:
    """Twelve equal values make the likelihood infinite; the maximum beside it is that without them."""
    sample = np.concatenate([TWO, np.full(12, 3.0)])
    result = ml.fit(sample, "normal_mixture")
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.params[["sd_1", "sd_2"]].min() > 0.5


@pytest.mark.parametrize("sample", [[1.0, 1.0, 1.0, 2.0, 2.0], [1.0, 2.0, 3.0], [5.0] * 20])
def test_where_components_can_only_hug_rows_the_likelihood_is_unbounded(sample) -> None:
    with pytest.raises(ml.UnboundedLikelihoodError):
        ml.fit(sample, "normal_mixture")


def test_a_component_without_weight_keeps_the_parameters_that_it_was_given() -> None:
    result = ml.fit(
        WAITS[:150], ml.Mixture(["uniform", "gamma"]), fixed={"lower_1": 0.0, "upper_1": 1e4}
    )
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params[["weight_1", "lower_1", "upper_1"]].tolist() == [0.0, 0.0, 1e4]
    alone = ml.fit(WAITS[:150], "gamma")
    assert result.params["shape_2"] == pytest.approx(alone.params["shape"], rel=1e-9)
    assert result.log_likelihood == pytest.approx(alone.log_likelihood, rel=1e-12)


def test_ends_of_components_are_asked_for() -> None:
    """No extremes of the sample show them."""
    with pytest.raises(ml.ParameterError, match="minimum_1, minimum_2 are ends of the support"):
        ml.fit(WAITS, ml.Mixture("pareto"))


# ---- members ---------------------------------------------------------------------------------------


def test_a_mixture_of_members_is_a_member() -> None:
    made = ml.Mixture(
        [ml.Gamma(shape=2, scale=1), ml.Lognormal(1, 0.5)], weight_1=0.25, weight_2=0.75
    )
    assert repr(made) == (
        "Mixture(['gamma', 'lognormal'], weight_1=0.25, shape_1=2, scale_1=1, weight_2=0.75, "
        "meanlog_2=1, sdlog_2=0.5)"
    )
    assert made.mean() == pytest.approx(0.5 + 0.75 * np.exp(1.125))
    assert made.cdf(made.ppf(0.3)) == pytest.approx(0.3, rel=1e-12)
    assert made.pdf(-1.0) == 0.0


def test_components_may_have_other_supports() -> None:
    made = Mixture(
        ["normal", "exponential"], weight_1=0.5, mean_1=0, sd_1=1, weight_2=0.5, scale_2=1
    )
    assert made.pdf(-1.0) == pytest.approx(0.5 * stats.norm.pdf(-1.0), rel=1e-14)
    assert made.cdf(-1.0) == pytest.approx(0.5 * stats.norm.cdf(-1.0), rel=1e-14)
    sample = made.rvs(400, random_state=3)
    assert ml.fit(sample, Mixture(["normal", "exponential"])).verdict is ml.Verdict.INTERIOR


@pytest.mark.parametrize(
    "name",
    [
        "normal_mixture",
        "normal_mixture_3",
        "normal_mixture_4_shared_sd",
        "gamma_and_lognormal_mixture",
        "zero_inflated_poisson_mixture",
    ],
)
def test_a_name_says_what_a_mixture_is_made_of(name: str) -> None:
    from mlestim.distributions import resolve

    family = resolve(name)
    assert family.name == name
    assert resolve(family.name) == family


def test_results_are_read_back_by_the_name() -> None:
    result = ml.fit(TWO, ml.Mixture("normal", 2, shared=("sd",)))
    again = ml.load(result.to_json())
    assert again.distribution == result.distribution
    np.testing.assert_array_equal(again.covariance_matrix, result.covariance_matrix)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ml.Mixture("normal", 1), "no whole number of 2 or more"),
        (lambda: ml.Mixture(["normal", "normal"], 3), "2 families, but n_components=3"),
        (lambda: ml.Mixture(["normal", "poisson"]), "all continuous, all of counts or all"),
        (lambda: ml.Mixture("categorical"), "all continuous, all of counts or all of vectors"),
        (lambda: ml.Mixture("normal", shared=("scale",)), "no parameter of all components"),
        (lambda: ml.fit(TWO, ml.Mixture("laplace")), "laplace has a kink at its location"),
        (lambda: ml.fit(TWO, "normal", method="em"), "is for mixtures, of which normal is none"),
        (lambda: ml.fit([[1, 2]], "normal_mixture_x"), "no family is named"),
    ],
)
def test_what_is_no_mixture_is_refused(make, message: str) -> None:
    with pytest.raises(ml.OptionError, match=message):
        make()


def test_weights_that_do_not_sum_to_one_are_refused() -> None:
    made = ml.Mixture("poisson", 2, weight_1=0.5, mean_1=1, weight_2=0.4, mean_2=2)
    with pytest.raises(ml.ParameterError, match=r"the weights sum to 0\.9, not to 1"):
        made.pdf(1)


def test_a_spike_gives_way_to_a_maximum_that_other_starts_lead_to() -> None:
    """Starts from likely values of the censored rows all end at spikes, those from the rows do not.

    So a sample fitted alone has the maximum that it has as a group.
    """
    exact = (
        "0.33 0.89 5.12 2.34 2.66 0.7 4.62 0.09 1.39 1.42 2.24 2.33 2.17 6.13 0.44 1.59 1.05 1.14 "
    )
    exact += "2.86 0.68 0.71 0.51 9.41 2.33 4.17 3.41 7.09 2.81 3.35"
    censored = "1.69 2.65 4.22 4.43 4.32 7.4 1.03 2.09 3.01 4.53 4.17"
    t = np.array((exact + " " + censored).split(), dtype=float)
    event = np.arange(len(t)) < 29
    alone = ml.fit(t, ml.Mixture("weibull", 2), event=event)
    twice = {"event": np.tile(event, 2), "by": np.repeat(["a", "b"], len(t))}
    group = ml.fit(np.tile(t, 2), ml.Mixture("weibull", 2), **twice)["a"]
    assert alone.verdict.value == group.verdict.value == "interior"
    assert alone.log_likelihood == pytest.approx(group.log_likelihood, rel=1e-9)
