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
# A first-order search stops at 1.5e-7 standard errors from it, where ℓ is flat to 1e-14.
FIRST_ORDER = {"estimates": 1e-6, "errors": 1e-6, "log_likelihood": 1e-12}


class FromR(NamedTuple):
    """One of our parameters from one of R's: its value and the derivative of that."""

    name: str
    value: Callable[[float], float] = lambda theta: theta
    slope: Callable[[float], float] = lambda _: 1.0


class Case(NamedTuple):
    family: str
    column: str
    parameters: Mapping[str, FromR] = MappingProxyType(
        {}
    )  # ours by name; those left out are called the same in R
    options: Mapping[str, Any] = MappingProxyType({})


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
    "17_burr12_fincome": Case("burr12", "fincome", {"c": FromR("shape2"), "k": FromR("shape1")}),
    "25_skewt_ais_bmi": Case("skew_t", "BMI"),
    "26_gengamma_ozone": Case(
        "generalized_gamma", "Ozone", {"shape": FromR("k"), "power": FromR("d")}
    ),
    "29_vonmises_islay": Case(
        "von_mises", "theta", {"mean_direction": FromR("mu"), "concentration": FromR("kappa")}
    ),
    "33_poisson_prussian": Case("poisson", "y", {"mean": FromR("lambda")}),
    "35_nbinom_toxocara": Case("negative_binomial", "number", MU),
    "38_binomial_lirat": Case("binomial", "R", options={"fixed": {"trials": "N"}}),
    "40_logseries_corbet": Case("logarithmic", "ofreq", options={"weights": "species"}),
    "44_nbinom_toxocara_weighted": Case("negative_binomial", "number", MU, {"weights": "count"}),
}

HAS_FORMULA = {"binomial", "lognormal", "normal", "poisson", "von_mises"}

OPTIMIZERS = {
    "adam": lambda: optim.Adam(optim.CosineDecay(0.1, 2_000)),
    "amsgrad": lambda: optim.AMSGrad(optim.CosineDecay(0.1, 2_000)),
    "nadam": lambda: optim.NAdam(optim.CosineDecay(0.1, 2_000)),
    "momentum": lambda: optim.Momentum(0.1),
    "nesterov": lambda: optim.Nesterov(0.1),
}


class Known(NamedTuple):
    """The expected values of a case in our parameters."""

    data: pd.DataFrame
    estimates: dict[str, float]
    standard_errors: dict[str, float]
    criteria: dict[str, float]
    n_observations: int


def known(name: str) -> Known:
    folder, case = DATA / name, CASES[name]
    theirs = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    family = ml.families().loc[case.family]
    conversions = {
        ours: case.parameters.get(ours, FromR(ours))
        for ours in family["parameters"].split(", ")
        if ours not in case.options.get("fixed", {})
    }
    return Known(
        pd.read_csv(folder / "data.csv"),
        {ours: r.value(theirs["estimates"][r.name]) for ours, r in conversions.items()},
        {
            ours: abs(r.slope(theirs["estimates"][r.name])) * theirs["std_errors"][r.name]
            for ours, r in conversions.items()
        },
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
    assert result.n_observations == expected.n_observations
    assert result.params.to_dict() == pytest.approx(expected.estimates, rel=tolerance["estimates"])
    assert result.standard_errors.to_dict() == pytest.approx(
        expected.standard_errors, rel=tolerance["errors"]
    )
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


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", CASES)
def test_first_order_optimizers_agree_with_r(name: str, optimizer: str) -> None:
    case, expected = CASES[name], known(name)
    result = ml.fit(
        expected.data,
        case.family,
        column=case.column,
        optimizer=OPTIMIZERS[optimizer](),
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
        assert folder.name in CASES
