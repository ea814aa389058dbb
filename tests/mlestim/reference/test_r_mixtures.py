"""Mixtures and hurdles fitted to real data sets of R agree with R, digit for digit.

The sources and licences of the data are beside them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlestim as ml

DATA = Path(__file__).parent / "data"

# What double precision reaches: Newton stops at 1e-9 standard errors from the maximum.
ESTIMATES, ERRORS, LOG_LIKELIHOOD = 1e-9, 1e-9, 1e-12


def case(name: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    folder = DATA / name
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return pd.read_csv(folder / "data.csv"), expected


def require_equal(result: ml.FitResult, expected: dict[str, Any], ours: dict[str, str]) -> None:
    """Compare estimates, standard errors and criteria; `ours` gives our names by R's."""
    assert result.verdict is ml.Verdict.INTERIOR
    for theirs, name in ours.items():
        estimate, error = expected["estimates"][theirs], expected["std_errors"][theirs]
        assert result.params[name] == pytest.approx(estimate, rel=ESTIMATES), name
        assert result.standard_errors[name] == pytest.approx(error, rel=ERRORS), name
    assert result.n_parameters == expected["npar"]
    for criterion in ("loglik", "aic", "bic", "aicc"):
        name = "log_likelihood" if criterion == "loglik" else criterion
        assert getattr(result, name) == pytest.approx(expected[criterion], rel=LOG_LIKELIHOOD), name


def test_two_poisson_components_of_a_frequency_table() -> None:
    deaths, expected = case("42_poisson_mixture_ltimes")
    result = ml.fit(deaths, ml.Mixture("poisson", 2), column="deaths", weights="days")
    ours = {"phi": "weight_1", "lambda1": "mean_1", "lambda2": "mean_2"}
    require_equal(result, expected, ours)
    assert result.params["weight_2"] == pytest.approx(1.0 - result.params["weight_1"], rel=1e-14)
    # R's covariance, of the parameters in R's order
    names = list(ours.values())
    np.testing.assert_allclose(result.covariance.loc[names, names], expected["vcov"], rtol=1e-8)


def test_two_normal_components() -> None:
    faithful, expected = case("64_normmix2_faithful")
    result = ml.fit(faithful, "normal_mixture", column="waiting")
    ours = {"weight1": "weight_1", "mean1": "mean_1", "mean2": "mean_2"}
    require_equal(result, expected, {**ours, "sd1": "sd_1", "sd2": "sd_2"})


def test_two_components_of_vectors() -> None:
    """R's means and covariances have the component first: its mean2_1 is our mean_1_2."""
    faithful, expected = case("69_mvnmix2_faithful")
    two = ml.Mixture("multivariate_normal", 2)
    result = ml.fit(faithful, two, column=["eruptions", "waiting"])
    ours = {"weight1": "weight_1"}
    for k in (1, 2):
        ours |= {f"mean{k}_{i}": f"mean_{i}_{k}" for i in (1, 2)}
        ours |= {f"cov{k}_{ij}": f"covariance_{ij}_{k}" for ij in (11, 21, 22)}
    require_equal(result, expected, ours)


def test_four_normal_components_with_a_common_sd() -> None:
    galaxies, expected = case("66_normmix4_eqvar_galaxies")
    four = ml.Mixture("normal", 4, shared=("sd",))
    result = ml.fit(galaxies, four, column="velocity")
    ours = {f"{name}{k}": f"{name}_{k}" for name in ("weight", "mean") for k in (1, 2, 3)}
    require_equal(result, expected, {**ours, "mean4": "mean_4", "sd": "sd"})
    last = 1.0 - sum(result.params[f"weight_{k}"] for k in (1, 2, 3))
    assert result.params["weight_4"] == pytest.approx(last, rel=1e-13)


@pytest.mark.parametrize(
    ("n", "log_likelihood"), [(2, -220.05797297), (3, -203.17922797), (4, -197.45376376)]
)
def test_the_best_of_many_maxima_is_found(n: int, log_likelihood: float) -> None:
    """Values of 400 random starts of EM, maxima at which a component hugs one or two rows left out.

    R's Mclust ends 8.9 below with three components.
    """
    galaxies, _ = case("66_normmix4_eqvar_galaxies")
    result = ml.fit(galaxies, ml.Mixture("normal", n), column="velocity")
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.log_likelihood == pytest.approx(log_likelihood, abs=1e-8)
    means = result.params[[f"mean_{k}" for k in range(1, n + 1)]]
    assert means.is_monotonic_increasing
