"""Profile intervals, functions of the parameters and likelihood-ratio tests, of fits and maxima."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mlestim as ml

X = np.random.default_rng(3).gamma(2.5, 1.7, 200)


@pytest.fixture(scope="module")
def fit() -> ml.FitResult:
    return ml.fit(X, "gamma")


@pytest.fixture(scope="module")
def maximum() -> ml.MaximumResult:
    """The same as a function that is maximised."""

    def by_hand(shape: float, scale: float) -> float:
        return float(ml.Gamma(shape, scale).logpdf(X).sum())

    domains = {"shape": "positive", "scale": "positive"}
    return ml.maximize(by_hand, {"shape": 1, "scale": 1}, domains, n_observations=200)


# ---- a fit and a maximum of the same function say the same -----------------------------------------


def test_public_names_of_a_fit_are_those_of_a_maximum(fit, maximum) -> None:
    """But for what only a family or a sample can give."""
    of_families = {"distribution", "family", "limit", "warn_limit", "of"}
    of_samples = {"observations", "problem", "asked", "sample", "facts", "report"}
    of_samples |= {"covariance_type", "covariance_words"}
    names = {name for name in dir(fit) if not name.startswith("_")}
    assert names - set(dir(maximum)) == of_families | of_samples


def test_profiles_agree(fit, maximum) -> None:
    held = {"shape": [1.5, 2.0, 4.0]}
    np.testing.assert_allclose(maximum.profile(held), fit.profile(held), rtol=1e-12)
    held = {"shape": [2.0, 3.0], "scale": [1.0, 1.5]}
    np.testing.assert_allclose(maximum.profile(held), fit.profile(held), rtol=1e-12)


def test_profile_intervals_agree(fit, maximum) -> None:
    ours, theirs = (r.confidence_intervals(0.9, "profile") for r in (fit, maximum))
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-6)


def test_functions_of_the_parameters_agree(fit, maximum) -> None:
    ours = fit.estimate(lambda d: d.mean(), domain="positive")
    theirs = maximum.estimate(lambda shape, scale: shape * scale, domain="positive")
    # standard errors of a maximum come from differences
    pd.testing.assert_series_equal(ours, theirs, rtol=1e-6)


def test_tests_agree(fit, maximum) -> None:
    ours, theirs = (r.likelihood_ratio_test({"shape": 2.0}) for r in (fit, maximum))
    assert ours.statistic == pytest.approx(theirs.statistic, abs=1e-9)
    assert ours.degrees_of_freedom == theirs.degrees_of_freedom == 1


# ---- profile intervals -----------------------------------------------------------------------------


def test_ends_are_where_the_log_likelihood_has_fallen(fit) -> None:
    ends = fit.confidence_intervals(0.9, method="profile")
    for name, (lower, upper) in ends.iterrows():
        fall = 2.0 * (fit.log_likelihood - fit.profile({name: [lower, upper]}))
        # an end within 1e-7 standard errors is a fall within 4e-7
        np.testing.assert_allclose(fall, stats.chi2(1).ppf(0.9), atol=1e-6)
        assert lower < fit.params[name] < upper


def test_of_an_exponential_they_have_a_formula() -> None:
    result = ml.fit(X, "exponential")
    lower, upper = result.confidence_intervals(method="profile").loc["scale"]
    for end in (lower, upper):
        ratio = X.mean() / end
        assert 2.0 * len(X) * (ratio - 1.0 - np.log(ratio)) == pytest.approx(3.841459, rel=1e-5)


def test_an_interval_ends_where_the_domain_does_if_the_likelihood_hardly_falls() -> None:
    result = ml.fit(np.random.default_rng(4).standard_t(15, size=60), "student_t")
    wald, profile = (result.confidence_intervals(method=m).loc["df"] for m in ("wald", "profile"))
    assert np.isfinite(wald["upper"])
    assert profile["upper"] == np.inf
    assert 0.0 < profile["lower"] < result.params["df"]


def test_fixed_parameters_have_none() -> None:
    held = ml.fit(X, "gamma", fixed={"shape": 2.0})
    interval = held.confidence_intervals(method="profile")
    assert interval.loc["shape"].isna().all()
    assert interval.loc["scale"].notna().all()


def test_parameters_that_sum_to_1_cannot_be_held_alone() -> None:
    rng = np.random.default_rng(2)
    mixture = ml.fit(np.append(rng.normal(0, 1, 60), rng.normal(8, 1, 40)), "normal_mixture")
    intervals = mixture.confidence_intervals(method="profile")
    assert intervals.loc[["weight_1", "weight_2"]].isna().all(axis=None)
    lower, upper = intervals.loc["mean_2"]
    assert lower < mixture.params["mean_2"] < upper
    with pytest.raises(ml.OptionError, match="sum to 1: they are fixed together"):
        mixture.profile({"weight_1": 0.5})


def test_bounds_hold_in_a_profile() -> None:
    bounded = ml.fit(X, "gamma", bounds={"shape": (None, 2.0)})
    assert bounded.verdict is ml.Verdict.BOUNDARY
    assert bounded.profile({"scale": [bounded.params["scale"]]})[0] <= bounded.log_likelihood + 1e-9


def test_parameters_on_an_edge_come_along_in_the_profile_of_a_maximum() -> None:
    def rises_in_p(p: float, m: float, s: float) -> float:
        return 3 * np.log(p) - (m - s) ** 2 - s**2

    result = ml.maximize(rises_in_p, {"p": 0.4, "m": 0, "s": 1}, {"p": "unit"})
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.profile({"m": [2.0]})[0] == pytest.approx(-2.0, abs=1e-9)  # at s = m/2 and p = 1
    assert result.profile({"p": [0.5]})[0] == pytest.approx(3 * np.log(0.5), abs=1e-9)


@pytest.mark.parametrize(
    ("held", "message"),
    [
        ({"rate": 1.0}, "'rate' was not estimated; the parameters are shape, scale"),
        ({"shape": -1.0}, r"shape = -1 lies outside \(0, inf\)"),
        ({}, "name one of shape, scale"),
        ({"shape": "two"}, "held: numbers are needed.*'two'"),
        ({"shape": [1, 2], "scale": [1, 2, 3]}, "held: numbers are needed, as many of each"),
    ],
)
def test_a_profile_is_of_estimated_parameters(fit, held: dict[str, Any], message: str) -> None:
    with pytest.raises(ml.ParameterError, match=message):
        fit.profile(held)


def test_where_all_is_fixed_there_is_no_profile() -> None:
    held = ml.fit(X, "gamma", fixed={"shape": 2.0, "scale": 1.0})
    with pytest.raises(ml.ParameterError, match="none was estimated; the parameters are all fixed"):
        held.profile({})


def test_pseudo_likelihoods_give_no_profile_intervals() -> None:
    for options in ({"cluster": np.arange(200) // 4}, {"weights": X, "weight_type": "sampling"}):
        result = ml.fit(X, "gamma", **options)
        with pytest.raises(ml.DataError, match="profile intervals would take rows as independent"):
            result.confidence_intervals(method="profile")
        with pytest.raises(ml.DataError, match="a likelihood-ratio test would take"):
            result.likelihood_ratio_test({"shape": 1.0})


def test_a_fit_from_a_file_asks_for_the_data(fit) -> None:
    back = ml.load(fit.to_json())
    with pytest.raises(ml.DataError, match="fit the data again"):
        back.confidence_intervals(method="profile")
    pd.testing.assert_series_equal(
        back.estimate(lambda d: d.ppf(0.9)), fit.estimate(lambda d: d.ppf(0.9))
    )


def test_kinds_of_intervals_are_two(fit) -> None:
    with pytest.raises(ml.OptionError, match="Use 'wald' or 'profile'"):
        fit.confidence_intervals(method="exact")
    with pytest.raises(ml.OptionError, match="level=95 is out of range"):
        fit.confidence_intervals(95, method="profile")


# ---- functions of the parameters -------------------------------------------------------------------


def test_a_parameter_is_a_function_of_itself(fit) -> None:
    for name in fit.names:
        found = fit.estimate(lambda d, name=name: d.params[name], domain="positive")
        assert found["estimate"] == fit.params[name]
        assert found["standard_error"] == pytest.approx(fit.standard_errors[name], rel=1e-9)
        interval = fit.confidence_intervals().loc[name]
        np.testing.assert_allclose(found[["lower", "upper"]], interval, rtol=1e-9)


def test_the_standard_error_of_the_fitted_mean_has_a_formula(fit) -> None:
    """The gamma's mean is that of the sample, with variance kθ²/n."""
    shape, scale = fit.estimates
    found = fit.estimate(lambda d: d.mean())
    assert found["standard_error"] == pytest.approx(np.sqrt(shape * scale**2 / 200), rel=1e-6)


def test_arrays_give_a_row_an_entry(fit) -> None:
    levels = np.array([0.5, 0.99])
    table = fit.estimate(lambda d: d.ppf(levels), 0.9)
    assert list(table.columns) == ["estimate", "standard_error", "lower", "upper"]
    np.testing.assert_allclose(table["estimate"], fit.distribution.ppf(levels))
    alone = fit.estimate(lambda d: d.ppf(0.99), 0.9)
    np.testing.assert_allclose(table.iloc[1], alone, rtol=1e-9)


def test_parameters_that_sum_to_1_do_so_at_every_point() -> None:
    """The share of two levels of three is one less the third, whose variance is pq/n."""
    result = ml.fit(["a"] * 50 + ["b"] * 30 + ["c"] * 20, "categorical")
    found = result.estimate(lambda d: 1.0 - d.params["probs_c"])
    assert found["estimate"] == pytest.approx(0.8)
    assert found["standard_error"] == pytest.approx(np.sqrt(0.2 * 0.8 / 100), rel=1e-6)


def test_what_is_fixed_is_known_and_what_is_on_an_edge_is_not() -> None:
    held = ml.fit(X, "gamma", fixed={"shape": 2.0}).estimate(lambda d: d.mean())
    assert held["standard_error"] == pytest.approx(X.mean() / np.sqrt(400), rel=1e-6)
    ends = ml.fit(X, "uniform").estimate(lambda d: d.mean())
    assert np.isfinite(ends["estimate"])
    assert ends[["standard_error", "lower", "upper"]].isna().all()


# ---- likelihood-ratio tests ------------------------------------------------------------------------


def test_values_and_the_smaller_fit_are_the_same_restriction(fit) -> None:
    smaller = ml.fit(X, "exponential")
    test, same = fit.likelihood_ratio_test(smaller), fit.likelihood_ratio_test({"shape": 1.0})
    assert test.statistic == pytest.approx(same.statistic, rel=1e-10)
    assert test.p_value == pytest.approx(stats.chi2(1).sf(test.statistic), rel=1e-9)
    assert (test.degrees_of_freedom, test.n_bootstrap) == (1, 0)


def test_a_restriction_has_fewer_parameters_and_the_same_rows(fit) -> None:
    with pytest.raises(ml.OptionError, match="fewer parameters than 2 and of 200 observations"):
        fit.likelihood_ratio_test(ml.fit(X, "weibull"))
    with pytest.raises(ml.OptionError, match=r"restricted: values of parameters.*not 3"):
        fit.likelihood_ratio_test(3)
    with pytest.raises(ml.OptionError, match="not one of 1 and 150"):
        fit.likelihood_ratio_test(ml.fit(X[:150], "exponential"))
