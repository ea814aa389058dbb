"""Families of one's own: fits, probabilities and files, beside those of the registry."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import betaln, gammaln

import mlestim as ml
from mlestim.distributions.registry import resolve

X = np.random.default_rng(1).gamma(2.5, 1.7, 300)
COUNTS = np.random.default_rng(1).poisson(3, 200)


def logistic(x: Any, centre: Any, scale: Any) -> Any:
    z = np.abs(x - centre) / scale
    return -z - np.log(scale) - 2.0 * np.log1p(np.exp(-z))


def geometric(k: Any, p: Any) -> Any:
    return k * np.log1p(-p) + np.log(p)


DOMAINS = {"centre": "real", "scale": "positive"}
UNITS = {"centre": "location", "scale": "scale"}
Logistic = ml.family(logistic, DOMAINS, units=UNITS, name="own_logistic")
Geometric = ml.family(geometric, {"p": "unit"}, support="counts", name="own_geometric")


# ---- a log density ---------------------------------------------------------------------------------


def test_a_log_density_fits_as_scipys_own() -> None:
    result, known = ml.fit(X, Logistic), ml.fit(X, stats.logistic)
    np.testing.assert_allclose(result.estimates, known.estimates, rtol=1e-9)
    np.testing.assert_allclose(result.covariance_matrix, known.covariance_matrix, rtol=1e-7)


def test_probabilities_and_moments_are_found_by_quadrature() -> None:
    member, known = Logistic(centre=4.0, scale=1.3), stats.logistic(4.0, 1.3)
    x = np.array([-8.0, 0.0, 3.9, 4.0, 7.0, 20.0])
    np.testing.assert_allclose(member.cdf(x), known.cdf(x), rtol=1e-10)
    np.testing.assert_allclose(member.sf(x), known.sf(x), rtol=1e-10)
    q = np.array([0.001, 0.3, 0.999])
    np.testing.assert_allclose(member.ppf(q), known.ppf(q), rtol=1e-9)
    assert member.mean() == pytest.approx(4.0, rel=1e-9)
    assert member.var() == pytest.approx(known.var(), rel=1e-9)
    assert member.entropy() == pytest.approx(float(known.entropy()), rel=1e-9)


@pytest.mark.parametrize(("centre", "scale"), [(2000.0, 1e-3), (0.0, 1e-9), (-1e9, 1e6)])
def test_quadrature_finds_densities_wherever_they_are(centre: float, scale: float) -> None:
    member, known = Logistic(centre=centre, scale=scale), stats.logistic(centre, scale)
    x = centre + scale * np.array([-5.0, 0.0, 2.0])
    np.testing.assert_allclose(member.cdf(x), known.cdf(x), rtol=1e-7)


def test_censored_rows_are_integrated_from_one_to_the_next() -> None:
    def density(x: Any, shape: Any, rate: Any) -> Any:
        return shape * np.log(rate) - gammaln(shape) + (shape - 1) * np.log(x) - rate * x

    domains = {"shape": "positive", "rate": "positive"}
    own = ml.fit(X, ml.family(density, domains, support="positive"), event=X < 6.0)
    known = ml.fit(X, "gamma", event=X < 6.0)
    # derivatives are differences
    assert own.params["shape"] == pytest.approx(known.params["shape"], rel=1e-9)
    assert 1.0 / own.params["rate"] == pytest.approx(known.params["scale"], rel=1e-9)
    assert own.log_likelihood == pytest.approx(known.log_likelihood, rel=1e-12)


def test_a_density_that_is_infinite_at_its_ends_is_integrated() -> None:
    def density(x: Any, a: Any, b: Any) -> Any:
        return (a - 1.0) * np.log(x) + (b - 1.0) * np.log1p(-x) - betaln(a, b)

    own = ml.family(density, {"a": "positive", "b": "positive"}, support="unit")(a=0.2, b=3.0)
    x = np.array([1e-30, 1e-3, 0.1, 0.9])
    np.testing.assert_allclose(own.cdf(x), stats.beta.cdf(x, 0.2, 3.0), rtol=1e-9)
    np.testing.assert_allclose(own.sf(x), stats.beta.sf(x, 0.2, 3.0), rtol=1e-9)


def test_units_make_the_fit_follow_the_unit_of_the_data() -> None:
    here, there = ml.fit(X, Logistic), ml.fit(1e6 * X + 1e9, Logistic)
    np.testing.assert_allclose(there.estimates, 1e6 * here.estimates + [1e9, 0.0], rtol=1e-12)
    without = ml.fit(X, ml.family(logistic, DOMAINS, name="own_logistic"))
    np.testing.assert_allclose(without.estimates, here.estimates, rtol=1e-9)


def test_counts_by_a_log_probability() -> None:
    result, known = ml.fit(COUNTS, Geometric), ml.fit(COUNTS, "geometric")
    np.testing.assert_allclose(result.estimates, known.estimates, rtol=1e-9)
    k = np.arange(12)
    np.testing.assert_allclose(result.distribution.cdf(k), known.distribution.cdf(k), rtol=1e-9)
    assert result.distribution.ppf(0.9) == known.distribution.ppf(0.9)


@pytest.mark.parametrize(
    "start", [{"centre": 5.0, "scale": 2.0}, lambda x: {"centre": x.mean(), "scale": x.std()}]
)
def test_a_start_may_be_given(start: Any) -> None:
    result = ml.fit(X, ml.family(logistic, DOMAINS, start=start, name="own_logistic"))
    np.testing.assert_allclose(result.estimates, ml.fit(X, Logistic).estimates, rtol=1e-9)


def test_groups_tables_and_comparisons_take_them() -> None:
    frame = pd.DataFrame({"x": X, "g": np.repeat(["a", "b"], 150)})
    groups = ml.fit(frame, Logistic, column="x", by="g")
    np.testing.assert_allclose(groups["a"].estimates, ml.fit(X[:150], Logistic).estimates)
    comparison = ml.compare(X, ["gamma", Logistic, stats.norm])
    assert comparison.ranking == ("gamma", "own_logistic", "scipy_norm")
    assert "own_logistic fitted to x" in str(ml.fit(X, Logistic).summary())


def test_a_file_is_read_back_with_the_family() -> None:
    result = ml.fit(X, Logistic)
    with pytest.raises(ml.ModelFileError, match=r"family that is no part of mlestim.*family=…"):
        ml.load(result.to_json())
    loaded = ml.load(result.to_json(), family=Logistic)
    assert loaded.params.equals(result.params)
    assert loaded.distribution.cdf(4.0) == result.distribution.cdf(4.0)
    with pytest.raises(ml.ModelFileError, match="the fit is of 'own_logistic'"):
        ml.load(result.to_json(), family=Geometric)


# ---- what is refused -------------------------------------------------------------------------------


def test_a_density_that_does_not_integrate_to_one_is_said() -> None:
    wrong = ml.family(lambda x, a: -a * x, {"a": "positive"}, support="positive", name="wrong")
    with pytest.raises(ml.ParameterError, match=r"integrates to 0\.5"):
        wrong(a=2.0).cdf(1.0)


def test_a_density_that_sums_its_rows_is_refused() -> None:
    summed = ml.family(lambda x, a: np.sum(-a * x), {"a": "positive"}, support="positive")
    with pytest.raises(ml.ParameterError, match="row by row"):
        ml.fit(X, summed)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"domains": {}}, "name the parameters"),
        ({"support": "line"}, "support='line'"),
        ({"units": {"scale": "meters"}}, "scale = 'meters'"),
        ({"units": {"width": "scale"}}, "units of width"),
        ({"units": UNITS, "start": {"centre": 1.0, "scale": 1.0}}, "a function of the rows"),
        ({"name": "gamma"}, r"a family of mlestim already.*name='my_gamma'"),
        ({"domains": {"centre": "real", "scale": "half"}}, "scale: one of 'real'"),
        ({"domains": {"a": "real"}}, "has to take the rows and a: missing a required argument"),
        ({"domains": {"scale": "positive", "centre": "real"}}, "takes centre, scale"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ml.OptionError, match=message):
        ml.family(logistic, **{"domains": DOMAINS, "name": "own", **options})


def test_what_is_no_family_is_refused() -> None:
    with pytest.raises(ml.OptionError, match=r"distribution of scipy\.stats, not int"):
        resolve(3)


@pytest.mark.parametrize(
    ("density", "domains"),
    [
        (lambda x, a, b: -0.5 * (x - a - b) ** 2 - 0.919, {"a": "real", "b": "real"}),
        (lambda x, a, b: -0.5 * (x - a * b) ** 2 - 0.919, {"a": "positive", "b": "positive"}),
        (lambda x, m: 0.0 * x * m, {"m": "real"}),
    ],
)
def test_parameters_that_cannot_be_told_apart_are_not_identified(
    density: Any, domains: dict[str, str]
) -> None:
    with pytest.raises(ml.IdentifiabilityError):
        ml.fit(X[:50], ml.family(density, domains, name="ridge"))
