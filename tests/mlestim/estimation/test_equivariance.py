"""Fits follow the units of the data: kilometres or microns, Celsius or Kelvin, same conclusion.

With y = b + c·x the parameters in data units follow (location ↦ b + c·location, scale ↦ c·scale,
meanlog ↦ meanlog + log c), so do their standard errors, the log-likelihood falls by n·log c, and
shapes, verdict and evidence stay. Tolerances: 1e-8, of which 1e6 scales of shift use up 1e-9 by
rounding the data alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

import mlestim as ml

SCALES = [1e-100, 1e-6, 1e6, 1e100]
SHIFTS = [-1e6, -3.0, 1e3, 1e6]
TOLERANCE = 1e-8

rng = np.random.default_rng(20261124)
SKEWED = rng.gamma(2.5, 2.0, 300)
SYMMETRIC = rng.standard_t(4, 300)
MAXIMA = rng.gumbel(size=300)
LIGHT = rng.uniform(-1.0, 1.0, 200)  # lighter tails than any student_t


class Case(NamedTuple):
    family: str
    data: np.ndarray
    verdict: str = "interior"
    free: tuple[str, ...] = ()


OF_SCALE = {
    "exponential": Case("exponential", SKEWED),
    "gamma": Case("gamma", SKEWED),
    "weibull": Case("weibull", SKEWED),
    "lognormal": Case("lognormal", SKEWED),
}
OF_LOCATION_AND_SCALE = {
    "normal": Case("normal", SYMMETRIC),
    "student_t": Case("student_t", SYMMETRIC),
    "student_t, light tails": Case("student_t", LIGHT, "at_infinity"),
    "gumbel": Case("gumbel", MAXIMA),
    "gumbel_min": Case("gumbel_min", -MAXIMA),
    "gev": Case("generalized_extreme_value", MAXIMA),
    "gev, heavy tail": Case("generalized_extreme_value", SKEWED),
    "gamma, free location": Case("gamma", SKEWED, free=("location",)),
    "weibull, free location": Case("weibull", SKEWED, free=("location",)),
    "lognormal, free location": Case("lognormal", SKEWED, free=("location",)),
}
ALL = OF_SCALE | OF_LOCATION_AND_SCALE


def fit(case: Case, data: np.ndarray, **options) -> ml.FitResult:
    return ml.fit(data, case.family, free=case.free, **options)


def transformed(name: str, value: float, shift: float, scale: float) -> float:
    """A parameter of the data when these become ``shift + scale · data``."""
    if name in ("location", "mean"):
        return shift + scale * value
    if name in ("scale", "sd"):
        return scale * value
    return value + np.log(scale) if name == "meanlog" else value


def require_equivariance(case: Case, shift: float, scale: float) -> None:
    plain = fit(case, case.data)
    moved = fit(case, shift + scale * case.data)
    assert plain.verdict == moved.verdict == case.verdict
    unit = np.std(case.data) * scale
    for name, value in plain.params.items():
        expected = transformed(name, value, shift, scale)
        in_units = name in ("location", "mean", "scale", "sd")
        atol = TOLERANCE * (unit if in_units else 1.0)
        assert moved.params[name] == pytest.approx(expected, rel=TOLERANCE, abs=atol), name
        error = plain.standard_errors[name] * (scale if in_units else 1.0)
        assert moved.standard_errors[name] == pytest.approx(
            error, rel=10 * TOLERANCE, nan_ok=True
        ), name
    fallen = plain.log_likelihood - len(case.data) * np.log(scale)
    assert moved.log_likelihood == pytest.approx(fallen, rel=TOLERANCE, abs=TOLERANCE)


@pytest.fixture
def expect_limit(request: pytest.FixtureRequest):
    """Take the warning of fits at infinity, and only theirs."""
    case = ALL[request.getfixturevalue("name")]
    if case.verdict == "at_infinity":
        with pytest.warns(ml.LimitWarning):
            yield
    else:
        yield


@pytest.mark.usefixtures("expect_limit")
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", ALL)
def test_a_change_of_scale_changes_nothing_else(name: str, scale: float) -> None:
    require_equivariance(ALL[name], 0.0, scale)


@pytest.mark.usefixtures("expect_limit")
@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("name", OF_LOCATION_AND_SCALE)
def test_a_change_of_origin_changes_nothing_else(name: str, shift: float) -> None:
    case = ALL[name]
    require_equivariance(case, shift * np.std(case.data), 1.0)


@pytest.mark.usefixtures("expect_limit")
@pytest.mark.parametrize("name", OF_LOCATION_AND_SCALE)
def test_origin_and_scale_may_change_together(name: str) -> None:
    require_equivariance(ALL[name], 273.15, 1.8)


@pytest.mark.parametrize("family", ["normal", "student_t", "gumbel"])
def test_bounds_and_fixed_values_are_in_units_of_the_data(family: str) -> None:
    scale = {"normal": "sd"}.get(family, "scale")
    for unit in (1.0, 1e-100, 1e100):
        result = ml.fit(SYMMETRIC * unit, family, bounds={scale: (0.2 * unit, 0.5 * unit)})
        assert result.verdict == "boundary"
        assert result.params[scale] == pytest.approx(0.5 * unit, rel=1e-15)
        held = ml.fit(SYMMETRIC * unit, family, fixed={scale: 0.5 * unit})
        assert held.log_likelihood == pytest.approx(result.log_likelihood, rel=1e-13)


@pytest.mark.parametrize("scale", [1e-150, 1e150])
@pytest.mark.parametrize("family", ["normal", "exponential", "gamma", "weibull", "student_t"])
def test_units_may_be_as_extreme_as_variances_allow(family: str, scale: float) -> None:
    plain, far = ml.fit(SKEWED, family), ml.fit(SKEWED * scale, family)
    assert far.verdict == "interior"
    for name, value in plain.params.items():
        expected = transformed(name, value, 0.0, scale)
        assert far.params[name] == pytest.approx(expected, rel=TOLERANCE)
        error = transformed(name, plain.standard_errors[name], 0.0, scale)
        assert far.standard_errors[name] == pytest.approx(error, rel=TOLERANCE)


def test_negated_maxima_are_minima() -> None:
    maxima, minima = ml.fit(MAXIMA, "gumbel"), ml.fit(-MAXIMA, "gumbel_min")
    assert minima.params["location"] == pytest.approx(-maxima.params["location"], rel=1e-12)
    assert minima.params["scale"] == pytest.approx(maxima.params["scale"], rel=1e-12)
    assert minima.log_likelihood == pytest.approx(maxima.log_likelihood, rel=1e-14)


def test_lognormal_is_normal_of_the_logs() -> None:
    lognormal, normal = ml.fit(SKEWED, "lognormal"), ml.fit(np.log(SKEWED), "normal")
    np.testing.assert_allclose(lognormal.estimates, normal.estimates, rtol=1e-13)
    np.testing.assert_allclose(lognormal.standard_errors, normal.standard_errors, rtol=1e-13)
    jacobian = np.log(SKEWED).sum()
    assert lognormal.log_likelihood == pytest.approx(normal.log_likelihood - jacobian, rel=1e-13)


@pytest.mark.parametrize("lowest", [1e-150, 1e-200, 1e-300])
@pytest.mark.parametrize(
    ("family", "inverse"), [("gamma", "inverse_gamma"), ("weibull", "frechet")]
)
def test_rows_of_any_two_sizes_have_a_common_unit(family: str, inverse: str, lowest: float) -> None:
    # lowest/x has the same rows: the fits differ by the Jacobian of 1/x, which is that of a unit
    x = [lowest, 1.0]
    result, mirrored = ml.fit(x, family), ml.fit(x, inverse)
    assert (result.verdict, mirrored.verdict) == (ml.Verdict.INTERIOR, ml.Verdict.INTERIOR)
    assert mirrored.params["shape"] == pytest.approx(result.params["shape"], rel=1e-8)
    assert mirrored.log_likelihood == pytest.approx(result.log_likelihood, rel=1e-12)


def test_inverse_gaussian_of_two_sizes_has_a_finite_log_likelihood() -> None:
    x = np.array([1e-300, 1.0])
    result = ml.fit(x, "inverse_gaussian")
    shape = 2e-300  # 1 over the mean of 1/x less 1 over the mean of x
    expected = np.log(shape / (2.0 * np.pi)) - 1.5 * np.log(x).sum() - 1.0
    assert result.log_likelihood == pytest.approx(expected, rel=1e-12)
