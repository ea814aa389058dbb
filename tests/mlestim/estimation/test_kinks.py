"""Likelihoods with a kink or a cusp at each row: laplace, asymmetric_laplace, generalized_normal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import minimize

import mlestim as ml


def height(x: np.ndarray, location: float, shape: float) -> float:
    """Log-likelihood at the best scale."""
    scale = (shape * np.mean(np.abs(x - location) ** shape)) ** (1.0 / shape)
    return float(stats.gennorm.logpdf(x, shape, location, scale).sum())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shape", [0.7, 1.0, 1.5])
def test_no_row_is_a_better_location_whatever_the_shape(shape: float, seed: int) -> None:
    """Neither location nor shape moves alone from one maximum to the next."""
    x = stats.gennorm.rvs(shape, size=40, random_state=seed)
    result = ml.fit(x, "generalized_normal", on_failure="return")
    if result.verdict is not ml.Verdict.INTERIOR:
        return  # without a maximum inside the region none was promised
    found = result.params["shape"]
    around = np.geomspace(0.8 * found, min(1.25 * found, 2.0), 40)
    best = max(height(x, location, beta) for location in x for beta in around)
    assert result.log_likelihood >= best - 1e-9


def test_a_long_sample_is_compressed_to_its_own_maximum() -> None:
    x = stats.gennorm.rvs(1.3, size=30_000, random_state=0)
    result = ml.fit(x, "generalized_normal")
    location, _, shape = result.params
    for step in (1e-5, -1e-5):
        assert result.log_likelihood > height(x, location + step, shape)
        assert result.log_likelihood > height(x, location, shape + step)


def test_a_maximum_below_the_spikes_of_other_rows_is_found() -> None:
    x = stats.gennorm.rvs(0.7, size=20, random_state=1)
    result = ml.fit(x, "generalized_normal")
    location, _, shape = result.params
    assert location in x
    assert result.log_likelihood == pytest.approx(height(x, location, shape), abs=1e-9)
    for step in (1e-4, -1e-4):
        assert result.log_likelihood > height(x, location + step, shape)
        assert result.log_likelihood > height(x, location, shape + step)


# ---- rows of several kinds -------------------------------------------------------------------------


def ends(kind: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of which about a third are censored."""
    rng = np.random.default_rng(seed)
    x, other = rng.laplace(size=n) + 0.3 * rng.exponential(size=n), rng.laplace(size=n)
    if kind == "right":
        return np.where(x > other + 1.0, other + 1.0, x), np.where(x > other + 1.0, np.inf, x)
    if kind == "left":
        return np.where(x < other - 1.0, -np.inf, x), np.where(x < other - 1.0, other - 1.0, x)
    some = rng.random(n) < 0.3
    return np.where(some, np.floor(x), x), np.where(some, np.floor(x) + 1.0, x)


def log_likelihood(
    distribution: stats.rv_continuous, lower: np.ndarray, upper: np.ndarray, *theta: float
) -> float:
    """Log-likelihood as scipy has it."""
    exact = lower == upper
    with np.errstate(all="ignore"):  # far-off values of a search
        ends = (distribution.cdf(end[~exact], *theta) for end in (upper, lower))
        logs = np.log(np.subtract(*ends))
    return float(distribution.logpdf(lower[exact], *theta).sum() + logs.sum())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["right", "left", "interval"])
def test_no_place_is_a_better_location_of_censored_laplace_rows(kind: str, seed: int) -> None:
    """All rows, ends and middles between them are tried, each with its best scale."""
    lower, upper = ends(kind, 25, seed)
    result = ml.fit(None, "laplace", lower=lower, upper=upper)
    assert result.verdict is ml.Verdict.INTERIOR
    places = np.unique(np.concatenate([lower, upper]))
    places = places[np.isfinite(places)]
    places = np.concatenate([places, 0.5 * (places[1:] + places[:-1])])
    scales = result.params["scale"] * np.geomspace(0.8, 1.25, 21)
    best = max(
        log_likelihood(stats.laplace, lower, upper, place, scale)
        for place in places
        for scale in scales
    )
    found = log_likelihood(stats.laplace, lower, upper, *result.params)
    assert result.log_likelihood == pytest.approx(found, rel=1e-12)
    assert found >= best - 1e-12 * abs(best)


@pytest.mark.parametrize("kind", ["right", "left", "interval"])
def test_no_place_is_a_better_location_of_censored_asymmetric_laplace_rows(kind: str) -> None:
    """Its likelihood has many maxima; the others are optimized anew at every place."""
    lower, upper = ends(kind, 25, 1)
    result = ml.fit(None, "asymmetric_laplace", lower=lower, upper=upper)
    assert result.verdict is ml.Verdict.INTERIOR

    def height(others: np.ndarray, place: float) -> float:
        scale, kappa = np.exp(others)
        return log_likelihood(stats.laplace_asymmetric, lower, upper, kappa, place, scale)

    begin = np.log(result.params.to_numpy()[1:])
    places = np.unique(np.concatenate([lower, upper]))[::2]
    best = max(
        -minimize(lambda others, place: -height(others, place), begin, (place,), "Nelder-Mead").fun
        for place in places[np.isfinite(places)]
    )
    assert result.log_likelihood >= best - 1e-9


def test_intervals_alone_have_a_smooth_maximum() -> None:
    x = np.random.default_rng(0).laplace(size=60)
    lower, upper = np.floor(2.0 * x) / 2.0, np.floor(2.0 * x) / 2.0 + 0.5
    result = ml.fit(None, "laplace", lower=lower, upper=upper)
    assert result.verdict is ml.Verdict.INTERIOR
    for step in (1e-4, -1e-4):
        location, scale = result.params
        moved = log_likelihood(stats.laplace, lower, upper, location + step, scale)
        assert result.log_likelihood > moved


def test_standard_errors_of_a_censored_sample_are_near_those_of_the_whole_one() -> None:
    """One row in a thousand that is an interval changes nothing to speak of.

    Squares of scores stand in for the expected ones, which agree within their sampling error, 4 % of
    the variance.
    """
    x = np.random.default_rng(1).laplace(size=1000)
    whole = ml.fit(x, "laplace").standard_errors
    lower, upper = x.copy(), x.copy()
    lower[0], upper[0] = np.floor(x[0]), np.floor(x[0]) + 1.0
    errors = ml.fit(None, "laplace", lower=lower, upper=upper).standard_errors
    np.testing.assert_allclose(errors, whole, rtol=0.02)


def test_censoring_nothing_gives_the_plain_estimate() -> None:
    x = np.random.default_rng(2).laplace(size=41)
    plain = ml.fit(x, "asymmetric_laplace")
    seen = ml.fit(x, "asymmetric_laplace", truncation=(-1e9, 1e9))
    np.testing.assert_allclose(seen.params, plain.params, rtol=1e-9)
    assert seen.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)


def test_a_location_above_all_exact_rows_is_open() -> None:
    """Right-censored rows below it say nothing of where the upper side begins."""
    lower = np.array([-2.9, -1.4, -2.5, -3.4, 0.26, -0.26, 0.24, 0.61, 0.09, 0.36])
    upper = np.where(
        [True, True, False, False, True, True, False, False, False, True], np.inf, lower
    )
    with pytest.raises(ml.IdentifiabilityError):
        ml.fit(None, "asymmetric_laplace", lower=lower, upper=upper)


@pytest.mark.parametrize("shape", [0.8, 1.4])
def test_censored_rows_of_a_cusp(shape: float) -> None:
    x = stats.gennorm.rvs(shape, size=40, random_state=3)
    stop = np.random.default_rng(3).uniform(0.5, 2.0, size=40)
    lower, upper = np.minimum(x, stop), np.where(x > stop, np.inf, x)
    result = ml.fit(None, "generalized_normal", lower=lower, upper=upper)
    location, scale, beta = result.params

    def height(place: float, other: float, power: float) -> float:
        return log_likelihood(stats.gennorm, lower, upper, power, place, other)

    around = [
        (place, scale * a, beta * b)
        for place in lower
        for a in (0.9, 1.0, 1.1)
        for b in (0.9, 1.0, 1.1)
    ]
    assert result.log_likelihood == pytest.approx(height(location, scale, beta), rel=1e-10)
    assert result.log_likelihood >= max(height(*theta) for theta in around)


def test_rows_stopped_at_one_point_are_no_tie() -> None:
    """Half of the sample tied would keep the shape above 1."""
    x = stats.gennorm.rvs(0.8, size=60, random_state=3)
    lower, upper = np.minimum(x, 1.0), np.where(x > 1.0, np.inf, x)
    result = ml.fit(None, "generalized_normal", lower=lower, upper=upper)
    assert result.params["shape"] < 0.9
    location, scale, shape = result.params
    found = log_likelihood(stats.gennorm, lower, upper, shape, location, scale)
    assert result.log_likelihood == pytest.approx(found, rel=1e-10)


def test_rows_that_are_all_certain_tell_nothing() -> None:
    result = ml.fit(None, "bernoulli", lower=[-1.0] * 9, upper=[1.0] * 9, on_failure="return")
    assert result.verdict is ml.Verdict.NOT_IDENTIFIED


# gamma values begin as an exponential limit does
@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")
@pytest.mark.parametrize(("n_exact", "n"), [(0, 120), (1, 12)])
def test_rows_known_to_the_next_integer_reach_the_maximum_of_the_symmetric_member(
    n_exact: int, n: int
) -> None:
    """Few rows have kinks; the maximum of others has slopes that lead to it."""
    x = np.random.default_rng(0).gamma(1.9, 1.4, size=n)
    lower = np.floor(x)
    upper = lower + 1.0
    lower[:n_exact] = upper[:n_exact] = x[:n_exact]
    frame = pd.DataFrame({"lower": lower, "upper": upper})
    inner = ml.fit(frame, "laplace", lower="lower", upper="upper")
    result = ml.fit(frame, "asymmetric_laplace", lower="lower", upper="upper", on_failure="return")
    assert result.log_likelihood > inner.log_likelihood
