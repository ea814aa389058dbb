"""What a fit knows: estimates, errors, intervals, criteria and tables."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import scipy.special
import scipy.stats

import mlestim as ml

rng = np.random.default_rng(20261124)
AMOUNT = rng.gamma(3.0, 2.0, 200)


@pytest.fixture(scope="module")
def gamma() -> ml.FitResult:
    return ml.fit(pd.Series(AMOUNT, name="amount"), "gamma")


@pytest.fixture(scope="module")
def held() -> ml.FitResult:
    return ml.fit(AMOUNT, "gamma", fixed={"shape": 3.0, "location": -0.5})


# ---- in one line ---------------------------------------------------------------------------------


def test_a_fit_is_one_line_where_it_is_printed(gamma: ml.FitResult) -> None:
    shape, scale = gamma.params
    assert repr(gamma) == f"FitResult(gamma: shape = {shape:.5g}, scale = {scale:.5g}; interior)"
    many = ml.fit(list("abcdefghijklmnop"), "categorical")
    assert repr(many).endswith("probs_h = 0.0625, …; interior)")


def test_a_fit_without_maximum_shows_no_numbers() -> None:
    assert repr(ml.fit([1, 1], "gamma", on_failure="return")) == "FitResult(gamma: unbounded)"


def test_labels_in_a_line_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in repr(ml.fit(["\x1b[2J", "b"], "categorical"))


# ---- numbers by name -----------------------------------------------------------------------------


def test_parameters_come_by_name_in_declared_order(gamma: ml.FitResult) -> None:
    assert gamma.params.index.tolist() == ["shape", "scale"]
    assert gamma.params.name == "estimate"
    assert gamma.standard_errors.name == "standard_error"
    assert gamma.params["shape"] * gamma.params["scale"] == pytest.approx(AMOUNT.mean(), rel=1e-12)


def test_covariance_correlation_and_errors_belong_together(gamma: ml.FitResult) -> None:
    covariance, correlation = gamma.covariance, gamma.correlation
    assert covariance.index.tolist() == covariance.columns.tolist() == ["shape", "scale"]
    np.testing.assert_allclose(covariance, covariance.T, rtol=1e-12)
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), gamma.standard_errors, rtol=1e-15)
    np.testing.assert_allclose(np.diag(correlation), 1.0, rtol=1e-14)
    off = covariance.loc["shape", "scale"] / gamma.standard_errors.prod()
    assert correlation.loc["scale", "shape"] == pytest.approx(off, rel=1e-12)
    assert -1.0 < off < -0.8  # shape and scale of a gamma pull against each other


def test_the_covariance_is_the_inverse_of_fishers_information(gamma: ml.FitResult) -> None:
    shape, scale = gamma.params
    information = 200 * np.array(
        [[scipy.special.polygamma(1, shape), 1 / scale], [1 / scale, shape / scale**2]]
    )
    np.testing.assert_allclose(gamma.covariance, np.linalg.inv(information), rtol=1e-9)


def test_fixed_parameters_are_shown_without_errors(held: ml.FitResult) -> None:
    assert held.names == ("shape", "scale", "location")
    assert held.params["shape"] == 3.0
    assert held.params["location"] == -0.5
    assert set(held.fixed) == {"shape", "location"}
    assert held.standard_errors.isna().tolist() == [True, False, True]
    assert held.covariance.isna().sum().sum() == 8
    assert held.n_parameters == 1


# ---- criteria ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "family", "options", "parameters"),
    [
        (AMOUNT, "gamma", {}, 2),
        (AMOUNT, "gamma", {"free": ["location"]}, 3),
        (AMOUNT, "gamma", {"fixed": {"shape": 3.0}}, 1),
        (AMOUNT, "student_t", {}, 3),
        (list("abca"), "categorical", {}, 2),
        (["a", "a"], "categorical", {}, 0),
        ([0, 0, 3], "poisson", {}, 1),
    ],
)
def test_criteria_follow_from_log_likelihood_parameters_and_size(
    data: object, family: str, options: dict, parameters: int
) -> None:
    result = ml.fit(data, family, **options)
    n, p, height = len(data), parameters, result.log_likelihood
    assert result.n_parameters == p
    assert result.n_observations == n
    assert isinstance(result.n_observations, int)
    assert result.aic == pytest.approx(2 * p - 2 * height, rel=1e-14)
    assert result.bic == pytest.approx(p * math.log(n) - 2 * height, rel=1e-14)
    corrected = math.inf if n <= p + 1 else result.aic + 2 * p * (p + 1) / (n - p - 1)
    assert result.aicc == pytest.approx(corrected, rel=1e-14)


def test_criteria_count_weights(gamma: ml.FitResult) -> None:
    doubled = ml.fit(AMOUNT, "gamma", weights=np.full(200, 2))
    assert doubled.n_observations == 400
    assert doubled.bic == pytest.approx(2 * math.log(400) - 4 * gamma.log_likelihood, rel=1e-12)
    halves = ml.fit(AMOUNT[:3], "gamma", weights=[0.5, 0.5, 0.25])
    assert halves.n_observations == 1.25


# ---- intervals -----------------------------------------------------------------------------------


def test_intervals_are_formed_on_the_link_scale(gamma: ml.FitResult) -> None:
    """exp(log θ ± 1.96 se/θ) for positive parameters; θ ± 1.96 se for real ones."""
    table = gamma.confidence_intervals()
    z = scipy.stats.norm.isf(0.025)
    step = np.exp(z * gamma.standard_errors / gamma.params)
    np.testing.assert_allclose(table["lower"], gamma.params / step, rtol=1e-13)
    np.testing.assert_allclose(table["upper"], gamma.params * step, rtol=1e-13)
    normal = ml.fit(AMOUNT, "normal")
    mean, error = normal.params["mean"], normal.standard_errors["mean"]
    assert normal.confidence_intervals(0.9).loc["mean"].tolist() == pytest.approx(
        [mean - 1.6448536 * error, mean + 1.6448536 * error], rel=1e-7
    )


def test_intervals_stay_inside_the_domain() -> None:
    few = ml.fit([0.01, 5.0, 0.02], "gamma").confidence_intervals(0.999999)
    assert (few["lower"] > 0.0).all()
    rare = ml.fit(["a"] * 99 + ["b"], "categorical").confidence_intervals(0.9999)
    assert ((rare["lower"] > 0.0) & (rare["upper"] < 1.0)).all()


def test_wider_levels_hold_narrower_ones(gamma: ml.FitResult) -> None:
    narrow, wide = gamma.confidence_intervals(0.5), gamma.confidence_intervals(0.99)
    assert (wide["lower"] < narrow["lower"]).all()
    assert (narrow["upper"] < wide["upper"]).all()
    assert ((narrow["lower"] < gamma.params) & (gamma.params < narrow["upper"])).all()


def test_no_error_no_interval(held: ml.FitResult) -> None:
    table = held.confidence_intervals()
    assert table.isna().all(axis=1).tolist() == [True, False, True]


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, -0.5, float("nan")])
def test_levels_are_between_0_and_1(gamma: ml.FitResult, level: float) -> None:
    with pytest.raises(ml.OptionError, match=r"level=.*between 0 and 1"):
        gamma.confidence_intervals(level)
    with pytest.raises(ml.OptionError, match=r"method='exact'"):
        gamma.confidence_intervals(method="exact")


# ---- the fitted distribution ---------------------------------------------------------------------


def test_the_distribution_is_frozen_at_the_estimates(gamma: ml.FitResult) -> None:
    frozen = gamma.distribution
    assert frozen == ml.Gamma(**gamma.params)
    assert frozen.logpdf(AMOUNT).sum() == pytest.approx(gamma.log_likelihood, rel=1e-13)
    assert frozen.mean() == pytest.approx(AMOUNT.mean(), rel=1e-12)
    np.testing.assert_allclose(frozen.cdf(frozen.ppf([0.1, 0.5, 0.9])), [0.1, 0.5, 0.9], rtol=1e-12)
    peer = scipy.stats.gamma(gamma.params["shape"], scale=gamma.params["scale"])
    np.testing.assert_allclose(frozen.sf([1.0, 9.0]), peer.sf([1.0, 9.0]), rtol=1e-12)


def test_a_location_is_part_of_the_distribution(held: ml.FitResult) -> None:
    assert held.distribution.params == held.params.to_dict()
    assert held.distribution.logpdf(AMOUNT).sum() == pytest.approx(held.log_likelihood, rel=1e-12)
    assert held.distribution.cdf(-0.5) == 0.0


def test_a_failed_fit_has_no_distribution() -> None:
    result = ml.fit([3.0, 3.0], "normal", on_failure="return")
    with pytest.raises(ml.UnboundedLikelihoodError, match="'x'"):
        _ = result.distribution
    assert result.require_maximum.__doc__
    with pytest.raises(ml.UnboundedLikelihoodError) as caught:
        result.require_maximum()
    assert caught.value.result is result


# ---- tables --------------------------------------------------------------------------------------


def test_tidy_has_one_row_a_parameter(gamma: ml.FitResult) -> None:
    table = gamma.tidy(0.8)
    assert table.columns.tolist() == ["parameter", "estimate", "standard_error", "lower", "upper"]
    assert table["parameter"].tolist() == ["shape", "scale"]
    np.testing.assert_array_equal(table["estimate"], gamma.params)
    np.testing.assert_array_equal(
        table[["lower", "upper"]], gamma.confidence_intervals(0.8)[["lower", "upper"]]
    )


def test_glance_has_one_row(gamma: ml.FitResult) -> None:
    (row,) = gamma.glance().to_dict("records")
    assert row == {
        "family": "gamma",
        "verdict": "interior",
        "log_likelihood": gamma.log_likelihood,
        "aic": gamma.aic,
        "aicc": gamma.aicc,
        "bic": gamma.bic,
        "n_observations": 200,
        "n_parameters": 2,
        "method": "newton",
    }


def test_results_of_several_families_stack() -> None:
    rows = [ml.fit(AMOUNT, family).glance() for family in ("gamma", "weibull", "lognormal")]
    table = pd.concat(rows, ignore_index=True).set_index("family")
    assert table.index.tolist() == ["gamma", "weibull", "lognormal"]
    assert (table["n_parameters"] == 2).all()
    assert table.loc["gamma", "aic"] < table.loc["weibull", "aic"]  # the truth is a gamma


def test_a_result_cannot_be_changed(gamma: ml.FitResult) -> None:
    with pytest.raises(AttributeError):
        gamma.log_likelihood = 0.0


def test_the_evidence_has_no_units(gamma: ml.FitResult) -> None:
    other = ml.fit(AMOUNT * 1e9, "gamma").evidence
    assert 0.0 < other.smallest_eigenvalue < 1.0
    assert other.smallest_eigenvalue == pytest.approx(gamma.evidence.smallest_eigenvalue, rel=1e-9)
    assert max(other.scaled_gradient, gamma.evidence.scaled_gradient) < 1e-8


# ---- how far intervals may be trusted ------------------------------------------------------------


@pytest.mark.parametrize(
    "family", [ml.Gamma(shape=2.5, scale=3.0), ml.Weibull(shape=1.7, scale=4.0)]
)
def test_intervals_cover_the_truth_as_often_as_they_say(family) -> None:
    """2000 samples of 200 rows in one fit: 95 % intervals hold the truth in 95 % of them.

    The number of hits is binomial: 4 standard deviations are ±1.95 points, and Wald intervals of
    n = 200 on the log scale are off by less than half a point themselves.
    """
    replicates, n = 2000, 200
    x = family.rvs(replicates * n, random_state=11)
    fits = ml.fit(x, family.name, by=np.repeat(np.arange(replicates), n))
    assert (fits.table["verdict"] == "interior").all()
    tidy = fits.tidy(0.95)
    for name, truth in family.params.items():
        own = tidy[tidy["parameter"] == name]
        coverage = ((own["lower"] <= truth) & (truth <= own["upper"])).mean()
        assert coverage == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / replicates))
        # and the standard errors are the spread of the estimates: relative error 1/√(2·2000)
        spread = own["estimate"].std() / np.sqrt((own["standard_error"] ** 2).mean())
        assert spread == pytest.approx(1.0, abs=4 / math.sqrt(2 * replicates) + 0.02)


def test_nothing_is_maximised_where_all_is_known() -> None:
    result = ml.fit(AMOUNT, "gamma", fixed={"shape": 3.0, "scale": 2.0})
    assert result.method == "fixed"
    assert ml.load(result.to_json()).method == "fixed"
