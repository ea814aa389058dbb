"""Real data sets of R: estimates, standard errors and criteria agree with R's, digit for digit.

Where R writes a distribution in other parameters, the table says how each of ours follows from
R's, and its standard error follows by the delta rule, |derivative| × R's standard error.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

import mlestim as ml
from mlestim import optim

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DATA = Path(__file__).parent / "data"

# What double precision reaches: Newton stops at 1e-9 standard errors from the maximum.
NEWTON = {"estimates": 1e-9, "errors": 1e-9, "log_likelihood": 1e-12}
# Derivatives of tails in shapes are differences, whose curvature has nine digits.
DIFFERENCES = {"estimates": 1e-9, "errors": 1e-8, "log_likelihood": 1e-12}
# A first-order search stops at 1.5e-7 standard errors from it, where ℓ is flat to 1e-14.
FIRST_ORDER = {"estimates": 1e-6, "errors": 1e-6, "log_likelihood": 1e-12}


class FromR(NamedTuple):
    """One of our parameters from one of R's: its value and the derivative of that."""

    name: str
    value: Callable[[float], float] = lambda theta: theta
    slope: Callable[[float], float] = lambda _: 1.0


class Case(NamedTuple):
    family: str
    column: str | list[str] | None
    parameters: Mapping[str, FromR] = MappingProxyType(
        {}
    )  # ours by name; those left out are called the same in R
    options: Mapping[str, Any] = MappingProxyType({})


TRIANGLE = [f"{i}{j}" for i in range(1, 5) for j in range(1, i + 1)]

MU = {"mean": FromR("mu")}
SCALE_OF_RATE = {"scale": FromR("rate", lambda r: 1.0 / r, lambda r: -1.0 / r**2)}

CASES = {
    "01_weibull_groundbeef": Case("weibull", "serving"),
    "02_gamma_groundbeef": Case("gamma", "serving", SCALE_OF_RATE),
    "03_lognormal_groundbeef": Case("lognormal", "serving"),
    "04_normal_morley": Case("normal", "Speed"),
    "06_loglogistic_endosulfan": Case("loglogistic", "ATV"),
    "10_student_t_dax": Case("student_t", "ret"),
    "11_gumbel_portpirie": Case("gumbel", "level"),
    "12_gev_portpirie": Case("generalized_extreme_value", "level"),
    "16_pareto1_danish_over10": Case("pareto", "Loss", options={"fixed": {"minimum": 10.0}}),
    "17_burr12_fincome": Case("burr12", "fincome", {"c": FromR("shape2"), "k": FromR("shape1")}),
    "18_invgauss_rivers": Case("inverse_gaussian", "length"),
    "20_beta_gasoline": Case("beta", "yield", {"alpha": FromR("shape1"), "beta": FromR("shape2")}),
    "22_rayleigh_wind": Case("rayleigh", "Wind"),
    "25_skewt_ais_bmi": Case("skew_t", "BMI"),
    "26_gengamma_ozone": Case(
        "generalized_gamma", "Ozone", {"shape": FromR("k"), "power": FromR("d")}
    ),
    "27_kumaraswamy_gasoline": Case("kumaraswamy", "yield"),
    "29_vonmises_islay": Case(
        "von_mises", "theta", {"mean_direction": FromR("mu"), "concentration": FromR("kappa")}
    ),
    "31_frechet_lisbon": Case("frechet", "wind"),
    "33_poisson_prussian": Case("poisson", "y", {"mean": FromR("lambda")}),
    "35_nbinom_toxocara": Case("negative_binomial", "number", MU),
    "38_binomial_lirat": Case("binomial", "R", options={"fixed": {"trials": "N"}}),
    "40_logseries_corbet": Case("logarithmic", "ofreq", options={"weights": "species"}),
    "44_nbinom_toxocara_weighted": Case("negative_binomial", "number", MU, {"weights": "count"}),
    "98_mvnormal_setosa": Case(
        "multivariate_normal",
        ["SL", "SW", "PL", "PW"],
        {
            **{name: FromR(name) for name in (f"mean_{j}" for j in range(1, 5))},
            **{f"covariance_{entry}": FromR(f"cov_{entry}") for entry in TRIANGLE},
        },
    ),
}

ENDS = {"lower": "left", "upper": "right"}
# Rows that are intervals, tails, or seen through a window.
CENSORED = {
    "37_ztpoisson_biochemists": Case(
        "poisson", "art", {"mean": FromR("lambda")}, {"truncation": (0, None)}
    ),
    "46_lognormal_fluazinam_cens": Case("lognormal", None, options=ENDS),
    "48_loglogistic_salinity_interval": Case("loglogistic", None, options=ENDS),
    "52_weibull_lung_rightcens": Case("weibull", "time", options={"event": "event"}),
    "55_weibull_channing_ltrc": Case(
        "weibull", "exit", options={"event": "death", "truncation": ("entry", None)}
    ),
    "57_truncnorm_quakes": Case("normal", "mag", options={"truncation": (3.95, None)}),
    "59_grouped_gdental": Case(
        "weibull", None, options={"lower": "lower", "upper": "upper", "weights": "count"}
    ),
}

# Estimates that are observations themselves; R gives no standard errors.
EXACT = {
    "09_laplace_abbey": Case("laplace", "x"),
    "21_uniform_precip": Case("uniform", "precip", {"lower": FromR("min"), "upper": FromR("max")}),
}

ALL = {**CASES, **CENSORED, **EXACT}
TWO_GROUPS = "53_exponential_gehan"
# Tested in test_r_mixtures.py.
MIXTURES = {
    "42_poisson_mixture_ltimes",
    "64_normmix2_faithful",
    "66_normmix4_eqvar_galaxies",
    "69_mvnmix2_faithful",
}

HAS_FORMULA = {
    "binomial",
    "inverse_gaussian",
    "pareto",
    "rayleigh",
    "lognormal",
    "multivariate_normal",
    "normal",
    "poisson",
    "von_mises",
}

# Learning rates, where it is not 0.1: the curvature in the log of frechet's scale is shape² = 54, for
# which longer steps of a method with momentum overshoot.
RATES = {"31_frechet_lisbon": 0.02}
OPTIMIZERS = {
    "adam": lambda rate: optim.Adam(optim.CosineDecay(rate, 2_000)),
    "amsgrad": lambda rate: optim.AMSGrad(optim.CosineDecay(rate, 2_000)),
    "nadam": lambda rate: optim.NAdam(optim.CosineDecay(rate, 2_000)),
    "momentum": optim.Momentum,
    "nesterov": optim.Nesterov,
}


class Known(NamedTuple):
    """The expected values of a case in our parameters."""

    data: pd.DataFrame
    estimates: dict[str, float]
    standard_errors: dict[str, float]
    criteria: dict[str, float]
    n_observations: int


def known(name: str) -> Known:
    folder, case = DATA / name, ALL[name]
    theirs = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    names = ml.families().loc[case.family]["parameters"].split(", ")
    if isinstance(case.column, list):  # vectors: the table names each entry
        names = list(case.parameters)
    conversions = {
        ours: case.parameters.get(ours, FromR(ours))
        for ours in names
        if ours not in case.options.get("fixed", {})
    }
    errors = theirs["std_errors"] or {}
    held = {n: v for n, v in case.options.get("fixed", {}).items() if not isinstance(v, str)}
    return Known(
        pd.read_csv(folder / "data.csv"),
        {ours: r.value(theirs["estimates"][r.name]) for ours, r in conversions.items()} | held,
        {
            ours: abs(r.slope(theirs["estimates"][r.name])) * errors.get(r.name, np.nan)
            for ours, r in conversions.items()
        }
        | dict.fromkeys(held, np.nan),
        {
            ours: theirs[r]
            for ours, r in {
                "log_likelihood": "loglik",
                "aic": "aic",
                "aicc": "aicc",
                "bic": "bic",
            }.items()
        },
        theirs["n"],
    )


def require_equal(result: ml.FitResult, expected: Known, tolerance: dict[str, float]) -> None:
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.standard_errors.to_dict() == pytest.approx(
        expected.standard_errors, rel=tolerance["errors"], nan_ok=True
    )
    require_equal_estimates(result, expected, tolerance)


def require_equal_estimates(
    result: ml.FitResult, expected: Known, tolerance: dict[str, float]
) -> None:
    assert result.n_observations == expected.n_observations
    assert result.params.to_dict() == pytest.approx(expected.estimates, rel=tolerance["estimates"])
    for criterion, value in expected.criteria.items():
        # the criteria may cancel to near 0: what counts is their size before that
        size = max(abs(value), abs(2.0 * expected.criteria["log_likelihood"]))
        assert getattr(result, criterion) == pytest.approx(
            value, abs=tolerance["log_likelihood"] * size
        ), criterion


WITH_FORMULA = [name for name, case in CASES.items() if case.family in HAS_FORMULA]


@pytest.mark.parametrize(
    ("name", "method"),
    [
        *((name, method) for name in CASES for method in ("auto", "newton")),
        *((name, "closed_form") for name in WITH_FORMULA),
    ],
)
def test_fits_agree_with_r(name: str, method: str) -> None:
    case, expected = CASES[name], known(name)
    result = ml.fit(expected.data, case.family, column=case.column, method=method, **case.options)
    require_equal(result, expected, NEWTON)


@pytest.mark.parametrize("method", ["auto", "newton"])
@pytest.mark.parametrize("name", CENSORED)
def test_fits_to_censored_and_truncated_rows_agree_with_r(name: str, method: str) -> None:
    case, expected = CENSORED[name], known(name)
    result = ml.fit(expected.data, case.family, column=case.column, method=method, **case.options)
    require_equal(result, expected, DIFFERENCES)


def test_censored_groups_agree_with_a_regression_on_their_indicator() -> None:
    folder = DATA / TWO_GROUPS
    theirs = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    data = pd.read_csv(folder / "data.csv")
    table = ml.fit(data, "exponential", column="time", event="event", by="treat6MP").table
    intercept, treatment = theirs["estimates"].values()
    means = np.exp([intercept, intercept + treatment])
    np.testing.assert_allclose(table["scale"], means, rtol=1e-9)
    assert table["log_likelihood"].sum() == pytest.approx(theirs["loglik"], rel=1e-12)


@pytest.mark.parametrize("name", EXACT)
def test_estimates_that_are_observations_agree_with_r(name: str) -> None:
    case, expected = EXACT[name], known(name)
    result = ml.fit(expected.data, case.family, column=case.column)
    require_equal_estimates(result, expected, NEWTON)


def test_the_ends_of_a_uniform_sample_have_no_standard_error() -> None:
    result = ml.fit(known("21_uniform_precip").data, "uniform", column="precip")
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.standard_errors.isna().all()


def test_laplace_has_the_standard_errors_of_the_expected_information() -> None:
    result = ml.fit(known("09_laplace_abbey").data, "laplace", column="x")
    assert result.verdict is ml.Verdict.INTERIOR
    # both are scale/√n
    np.testing.assert_allclose(result.standard_errors, 8.2 / np.sqrt(31), rtol=1e-12)


@pytest.mark.parametrize("options", [{"method": "newton"}, {"optimizer": optim.Adam()}])
def test_no_slope_is_followed_to_a_kink(options: dict[str, Any]) -> None:
    with pytest.raises(ml.OptionError, match="laplace: the likelihood has a kink at its maximum"):
        ml.fit(known("09_laplace_abbey").data, "laplace", column="x", **options)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", CASES)
def test_first_order_optimizers_agree_with_r(name: str, optimizer: str) -> None:
    case, expected = CASES[name], known(name)
    result = ml.fit(
        expected.data,
        case.family,
        column=case.column,
        optimizer=OPTIMIZERS[optimizer](RATES.get(name, 0.1)),
        **case.options,
    )
    assert result.method == "first_order"
    require_equal(result, expected, FIRST_ORDER)


@pytest.mark.parametrize("name", sorted(CASES.keys() - set(WITH_FORMULA)))
def test_families_without_a_formula_say_so(name: str) -> None:
    case, expected = CASES[name], known(name)
    with pytest.raises(ml.OptionError, match=f"{case.family} has no closed form.*'newton'"):
        ml.fit(expected.data, case.family, column=case.column, method="closed_form", **case.options)


def test_counts_and_their_table_give_the_same_fit() -> None:
    rows = known("35_nbinom_toxocara").data
    table = known("44_nbinom_toxocara_weighted").data
    from_rows = ml.fit(rows, "negative_binomial")
    from_table = ml.fit(table, "negative_binomial", column="number", weights="count")
    np.testing.assert_allclose(from_table.estimates, from_rows.estimates, rtol=1e-12)
    np.testing.assert_allclose(
        from_table.covariance_matrix, from_rows.covariance_matrix, rtol=1e-10, atol=1e-12
    )
    assert from_table.log_likelihood == pytest.approx(from_rows.log_likelihood, rel=1e-13)


def test_every_data_set_names_its_source_and_licence() -> None:
    for folder in filter(Path.is_dir, DATA.iterdir()):
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        assert expected["source"], folder
        assert expected["license"], folder
        assert folder.name in ALL.keys() | {TWO_GROUPS} | MIXTURES
