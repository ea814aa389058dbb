"""Likelihoods that are no sum over the rows of one family, beside R and by themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

import mlestim as ml
from mlestim.distributions.parameter import Interval

CUSTOM = Path(__file__).parent / "reference" / "custom"


def case(name: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    folder = CUSTOM / name
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return pd.read_csv(folder / "data.csv"), expected


def puromycin(result_of: Any) -> tuple[ml.MaximumResult, dict[str, Any]]:
    """Michaelis-Menten regression with normal errors."""
    data, expected = case("96_nls_puromycin")
    conc, rate, treated = (data[name].to_numpy() for name in ("conc", "rate", "treated"))

    def michaelis_menten(Vm: float, delV: float, K: float, sigma: float) -> float:
        z = (rate - (Vm + delV * treated) * conc / (K + conc)) / sigma
        return float(np.sum(-0.5 * np.log(2 * np.pi) - np.log(sigma) - 0.5 * z**2))

    return result_of(michaelis_menten), expected


def puromycin_result(**options: Any) -> tuple[ml.MaximumResult, dict[str, Any]]:
    return puromycin(
        lambda log_likelihood: ml.maximize(
            log_likelihood,
            {"Vm": 100, "delV": 0, "K": 0.1, "sigma": 20},
            {"K": "positive", "sigma": "positive"},
            n_observations=23,
            **options,
        )
    )


def garch_result() -> tuple[ml.MaximumResult, dict[str, Any]]:
    data, expected = case("97_garch_dem2gbp")
    r = data["r"].to_numpy()

    def garch(mu: float, omega: float, alpha: float, beta: float) -> float:
        squares = (r - mu) ** 2
        first = squares.mean()
        drive = omega + alpha * np.concatenate([[first], squares[:-1]])
        variance = lfilter([1.0], [1.0, -beta], drive, zi=[beta * first])[0]
        return -0.5 * float(np.sum(np.log(2 * np.pi * variance) + squares / variance))

    result = ml.maximize(
        garch,
        {"mu": 0, "omega": 0.1, "alpha": 0.1, "beta": 0.5},
        {"omega": "positive", "alpha": "positive", "beta": "unit"},
        n_observations=len(r),
    )
    return result, expected


@pytest.mark.parametrize("result_of", [puromycin_result, garch_result])
def test_agrees_with_r(result_of: Any) -> None:
    result, expected = result_of()
    assert result.verdict is ml.Verdict.INTERIOR
    # differences span a twentieth of a standard error: their rounding and truncation are below these
    assert result.params.to_dict() == pytest.approx(expected["estimates"], rel=1e-8)
    assert result.standard_errors.to_dict() == pytest.approx(expected["std_errors"], rel=1e-7)
    assert result.log_likelihood == pytest.approx(expected["loglik"], rel=1e-13)
    for name in ("aic", "aicc", "bic"):
        assert getattr(result, name) == pytest.approx(expected[name], rel=1e-12)


@pytest.mark.parametrize("folder", sorted(CUSTOM.glob("*_*")), ids=lambda folder: folder.name)
def test_every_data_set_names_its_source_and_licence(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    assert expected["source"]
    assert expected["license"]


def test_a_sum_over_rows_gives_what_fit_gives() -> None:
    x = np.random.default_rng(3).gamma(2.5, 1.7, 200)
    ours = ml.fit(x, "gamma")

    def by_hand(shape: float, scale: float) -> float:
        return float(ml.Gamma(shape, scale).logpdf(x).sum())

    result = ml.maximize(
        by_hand, {"shape": 1, "scale": 1}, {"shape": "positive", "scale": "positive"}
    )
    np.testing.assert_allclose(result.estimates, ours.estimates, rtol=1e-9)
    np.testing.assert_allclose(result.covariance_matrix, ours.covariance_matrix, rtol=1e-7)
    pd.testing.assert_frame_equal(
        result.confidence_intervals(0.9), ours.confidence_intervals(0.9), rtol=1e-7
    )


def test_units_of_the_parameters_do_not_matter() -> None:
    result = ml.maximize(
        lambda a, b: -(((a - 1e-6) / 1e-7) ** 2) - ((b - 1e7) / 1e4) ** 2, {"a": 0, "b": 0}
    )
    # d²ℓ = −2/scale²: the standard error is scale/√2
    np.testing.assert_allclose(result.standard_errors, [1e-7 / 2**0.5, 1e4 / 2**0.5], rtol=1e-8)


def test_a_curved_valley_is_followed_to_its_end() -> None:
    """Rosenbrock's function from its usual start."""
    result = ml.maximize(lambda a, b: -100 * (b - a * a) ** 2 - (1 - a) ** 2, {"a": -1.2, "b": 1.0})
    np.testing.assert_allclose(result.estimates, [1.0, 1.0], rtol=1e-9)


def test_fixed_parameters_are_held_and_shown() -> None:
    result, _ = puromycin_result(fixed={"delV": 0.0})
    assert result.fixed == ("delV",)
    assert result.n_parameters == 3
    assert np.isnan(result.standard_errors["delV"])
    assert result.params["delV"] == 0.0
    assert "michaelis_menten" in str(result.summary())


# ---- where there is no maximum inside --------------------------------------------------------------


def test_a_maximum_on_an_end_of_a_domain_is_a_boundary() -> None:
    result = ml.maximize(
        lambda p, m: 3 * np.log(p) - (m - 2) ** 2, {"p": 0.4, "m": 0}, {"p": "unit"}
    )
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["p"] == 1.0
    assert result.params["m"] == pytest.approx(2.0, rel=1e-9)
    assert np.isnan(result.standard_errors["p"])
    assert result.standard_errors["m"] == pytest.approx(0.5**0.5, rel=1e-8)


@pytest.mark.parametrize(
    "log_likelihood",
    [lambda a, b: -((a + b - 1) ** 2), lambda a, b: -((a - 1) ** 2) + 0 * b],
    ids=["a ridge", "a parameter without effect"],
)
def test_a_ridge_is_said(log_likelihood: Any) -> None:
    with pytest.raises(ml.IdentifiabilityError, match=r"maximize: lambda: .*Fix one"):
        ml.maximize(log_likelihood, {"a": 0, "b": 0})


def test_a_scale_that_vanishes_is_said_soon() -> None:
    calls = []

    def of_equal_rows(mean: float, sd: float) -> float:
        calls.append(mean)
        return -3.0 * np.log(sd) - 1.5 * ((mean - 5.0) / sd) ** 2

    with pytest.raises(ml.UnboundedLikelihoodError):
        ml.maximize(of_equal_rows, {"mean": 1.0, "sd": 1.0}, {"sd": "positive"})
    assert len(calls) < 10_000


@pytest.mark.parametrize("domain", ["real", "positive"])
@pytest.mark.parametrize(
    "log_likelihood",
    [
        lambda a: a,
        lambda a: np.sum(a * np.array([0.3, 2.0])),
        lambda a: a**3,
        lambda a: np.exp(2 * a),
    ],
    ids=["a line", "a sum", "a cube", "an exponential"],
)
def test_a_likelihood_without_end_is_unbounded(log_likelihood: Any, domain: Any) -> None:
    with pytest.raises(ml.UnboundedLikelihoodError):
        ml.maximize(log_likelihood, {"a": 1}, {"a": domain})
    result = ml.maximize(log_likelihood, {"a": 1}, {"a": domain}, on_failure="return")
    assert result.verdict is ml.Verdict.UNBOUNDED
    assert np.isnan(result.standard_errors["a"])


def test_one_parameter_without_end_is_enough() -> None:
    for start in (0, 1):
        with pytest.raises(ml.UnboundedLikelihoodError):
            ml.maximize(lambda a, b: 2 * a - b**2, {"a": start, "b": start})
    with pytest.raises(ml.EstimationError):
        ml.maximize(lambda a: -np.log(a), {"a": 1}, {"a": "positive"})


def test_a_limit_that_is_approached_is_not_called_unbounded() -> None:
    result = ml.maximize(lambda a: -np.exp(-a), {"a": 1}, on_failure="return")
    assert result.verdict is not ml.Verdict.UNBOUNDED


# ---- where there is no curvature -------------------------------------------------------------------


def test_a_kink_has_no_standard_error() -> None:
    x = np.random.default_rng(0).exponential(2, 101)

    def laplace(median: float, scale: float) -> float:
        return float(np.sum(-np.abs(x - median) / scale - np.log(2 * scale)))

    result = ml.maximize(laplace, {"median": 1.0, "scale": 1.0}, {"scale": "positive"})
    assert result.verdict is ml.Verdict.INTERIOR
    # a search by differences ends within their step of the kink
    assert result.params["median"] == pytest.approx(np.median(x), abs=1e-6)
    assert np.isnan(result.standard_errors["median"])
    # d²ℓ/ds² = −n/s² at the mean absolute deviation
    assert result.standard_errors["scale"] == pytest.approx(
        result.params["scale"] / 101**0.5, rel=1e-6
    )
    assert "median: no standard error" in str(result.summary())


def test_a_maximum_of_fourth_order_has_no_standard_error() -> None:
    result = ml.maximize(lambda a, b: -((a - 1) ** 4) - (b - 2) ** 2, {"a": 0, "b": 0})
    # the function is flat to the last digit within the fourth root of its rounding
    assert result.params["a"] == pytest.approx(1.0, abs=1e-4)
    assert np.isnan(result.standard_errors["a"])
    assert result.standard_errors["b"] == pytest.approx(0.5**0.5, rel=1e-7)
    assert "a: no standard error" in str(result.summary())


# ---- what is asked ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"start": {"a": -1}, "domains": {"a": "positive"}}, ml.ParameterError, "a = -1 lies"),
        ({"start": {"a": "x"}}, ml.ParameterError, "a = 'x' is not a number"),
        ({"start": {"a": 1}, "domains": {"b": "unit"}}, ml.ParameterError, "b has no start"),
        ({"start": {"a": 1}, "domains": {"a": "half"}}, ml.OptionError, "of a: one of 'real'"),
        ({"start": {"a": 1}, "domains": {"a": (2, 1)}}, ml.OptionError, r"a pair \(lower, upper\)"),
        ({"start": {"a": 1}, "on_failure": "no"}, ml.OptionError, "on_failure='no'"),
        ({"start": [1]}, ml.OptionError, r"start: a mapping.*not \[1\]"),
        ({"start": {}}, ml.ParameterError, "give nothing; the log-likelihood takes a: missing"),
        ({"start": {"a": 1, "b": 2}}, ml.ParameterError, "give a, b; the log-likelihood takes a"),
        ({"start": {"a": 1}, "domains": "unit"}, ml.OptionError, "domains: a mapping"),
        (
            {"start": {}, "fixed": {"a": -2}, "domains": {"a": "positive"}},
            ml.ParameterError,
            "fixed: a = -2 lies outside",
        ),
        ({"start": {"a": 1}, "n_observations": -3}, ml.OptionError, "n_observations=-3 is no"),
    ],
)
def test_wrong_options_are_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ml.maximize(lambda a: -(a**2), **options)


def test_a_log_likelihood_is_one_finite_number_at_the_start() -> None:
    with pytest.raises(ml.OptionError, match=r"ndarray of shape \(3,\): sum it"):
        ml.maximize(lambda a: -a * np.ones(3), {"a": 1})
    with pytest.raises(ml.ParameterError, match="the log-likelihood is nan there"):
        ml.maximize(lambda a: a * np.nan, {"a": 1})


def test_a_number_may_come_as_an_array_without_a_dimension() -> None:
    assert ml.maximize(lambda a: np.array(-a * a), {"a": 1}).params["a"] == pytest.approx(
        0, abs=1e-9
    )
    with pytest.raises(ml.OptionError, match="has to be a function, not 3"):
        ml.maximize(3, {"a": 1})


def test_a_function_takes_the_parameters_that_it_names() -> None:
    result = ml.maximize(lambda a, b: -((a - 1) ** 2) - (b - 2) ** 2, {"a": 0, "b": 0})
    assert result.estimate(lambda b: b**2)["estimate"] == pytest.approx(4.0)
    assert result.estimate(lambda **all_of_them: sum(all_of_them.values()))["estimate"] == (
        pytest.approx(3.0)
    )
    with pytest.raises(ml.ParameterError, match=r"takes 'c', which is no parameter.*they are a, b"):
        result.estimate(lambda a, c: a + c)
    for wrong, message in (("a", "a function .* not 'a'"), (lambda a: None, "not None")):
        with pytest.raises(ml.OptionError, match=message):
            result.estimate(wrong)
    with pytest.raises(ml.OptionError, match=r"value 1 lies outside \(2, inf\)"):
        result.estimate(lambda a: a, domain=(2, None))


def test_domains_are_words_pairs_or_intervals() -> None:
    for domain in ((-1, 1), Interval(-1.0, 1.0)):
        result = ml.maximize(lambda r: -((r - 0.5) ** 2), {"r": 0}, {"r": domain})
        assert result.params["r"] == pytest.approx(0.5, rel=1e-9)
        interval = result.confidence_intervals(0.999).loc["r"]
        assert -1 < interval["lower"] < interval["upper"] < 1
