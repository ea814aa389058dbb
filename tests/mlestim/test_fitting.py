"""The main door: methods that agree, parameters held, freed, bounded or started, and weights."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlestim as ml
from mlestim import optim

rng = np.random.default_rng(20261124)
SPEED = rng.normal(5.0, 2.0, 100)
AMOUNT = rng.gamma(3.0, 2.0, 200)
COUNT = rng.poisson(2.0, 150)
MAXIMA = rng.gumbel(size=200)

METHODS = ["closed_form", "newton", "first_order"]


# ---- the worked case: a normal with known sd -----------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_the_mean_of_a_normal_with_known_sd_is_the_sample_mean(method: str) -> None:
    """(1/σ²) Σ(x_i − μ) = 0, so μ̂ is the sample mean, with standard error σ/√n."""
    result = ml.fit(SPEED, "normal", fixed={"sd": 2.0}, method=method)
    assert result.method == method
    assert result.verdict == "interior"
    assert result.params["mean"] == pytest.approx(SPEED.mean(), rel=1e-12)
    assert result.params["sd"] == 2.0
    assert result.standard_errors["mean"] == pytest.approx(2.0 / np.sqrt(100), rel=1e-12)
    assert np.isnan(result.standard_errors["sd"])
    assert result.fixed == ("sd",)
    assert result.n_parameters == 1
    expected = -50 * np.log(2 * np.pi * 4.0) - np.sum((SPEED - SPEED.mean()) ** 2) / 8.0
    assert result.log_likelihood == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("method", METHODS)
def test_the_sd_of_a_normal_with_known_mean(method: str) -> None:
    result = ml.fit(SPEED, "normal", fixed={"mean": 5.0}, method=method)
    sd = np.sqrt(np.mean((SPEED - 5.0) ** 2))
    assert result.params["sd"] == pytest.approx(sd, rel=1e-7)
    assert result.standard_errors["sd"] == pytest.approx(sd / np.sqrt(200), rel=1e-6)


FORMULAS = {
    "normal": (SPEED, lambda x: [x.mean(), x.std()]),
    "lognormal": (AMOUNT, lambda x: [np.log(x).mean(), np.log(x).std()]),
    "exponential": (AMOUNT, lambda x: [x.mean()]),
    "poisson": (COUNT, lambda x: [x.mean()]),
}


@pytest.mark.parametrize("method", ["auto", *METHODS])
@pytest.mark.parametrize("family", FORMULAS)
def test_formula_and_search_agree(family: str, method: str) -> None:
    data, formula = FORMULAS[family]
    result = ml.fit(data, family, method=method)
    # a first-order search ends 1.5e-7 standard errors from the maximum
    rel = 1e-7 if method == "first_order" else 1e-11
    np.testing.assert_allclose(result.estimates, formula(data), rtol=rel)
    assert result.method == {"auto": "closed_form"}.get(method, method)


@pytest.mark.parametrize("family", ["gamma", "weibull", "student_t", "gumbel", "lognormal"])
def test_score_is_zero_and_information_is_the_curvature(family: str) -> None:
    """By central differences of the public log density, with no formula of the package's own."""
    data = AMOUNT
    result = ml.fit(data, family)

    def log_likelihood(theta: np.ndarray) -> float:
        values = dict(zip(result.names, theta, strict=True))
        return result.family.with_values(values).logpdf(data).sum()

    theta, errors = result.estimates, result.standard_errors.to_numpy()
    step = np.diag(1e-3 * errors)
    for k, e in enumerate(step):
        slope = (log_likelihood(theta + e) - log_likelihood(theta - e)) / 2e-3
        assert abs(slope) < 1e-5, result.names[k]  # log-likelihood a standard error
    information = np.array(
        [
            [
                log_likelihood(theta + a + b)
                - log_likelihood(theta + a - b)
                - log_likelihood(theta - a + b)
                + log_likelihood(theta - a - b)
                for b in 10 * step
            ]
            for a in 10 * step
        ]
    ) / -(4e-4)
    covariance = np.linalg.inv(information) * np.outer(errors, errors)
    # of parameters that do not depend on each other, differences give 0 but for their own rounding
    rounding = 1e-6 * np.outer(errors, errors).max()
    np.testing.assert_allclose(result.covariance_matrix, covariance, rtol=2e-3, atol=rounding)


# ---- fixed ---------------------------------------------------------------------------------------


def test_a_fixed_parameter_profiles_the_likelihood() -> None:
    """The highest profile log-likelihood over a grid is at the estimate."""
    best = ml.fit(AMOUNT, "gamma")
    shapes = best.params["shape"] * np.array([0.8, 0.9, 1.0, 1.1, 1.2])
    profile = [ml.fit(AMOUNT, "gamma", fixed={"shape": s}).log_likelihood for s in shapes]
    assert np.argmax(profile) == 2
    assert profile[2] == pytest.approx(best.log_likelihood, rel=1e-14)


def test_everything_may_be_fixed() -> None:
    result = ml.fit(SPEED, "normal", fixed={"mean": 5.0, "sd": 2.0})
    assert result.log_likelihood == pytest.approx(
        ml.Normal(mean=5.0, sd=2.0).logpdf(SPEED).sum(), rel=1e-13
    )
    assert result.n_parameters == 0
    assert result.aic == -2.0 * result.log_likelihood
    assert result.verdict == "interior"
    assert np.isnan(result.standard_errors).all()


def test_a_location_may_be_known() -> None:
    result = ml.fit(AMOUNT + 10.0, "gamma", fixed={"location": 10.0})
    plain = ml.fit(AMOUNT, "gamma")
    assert result.names == ("shape", "scale", "location")
    np.testing.assert_allclose(result.params[["shape", "scale"]], plain.params, rtol=1e-11)
    assert result.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)
    assert result.distribution.support.lower + result.distribution.location == 10.0
    assert result.n_parameters == 2


# ---- free ----------------------------------------------------------------------------------------


def test_a_location_moves_only_when_it_is_freed() -> None:
    held, freed = ml.fit(AMOUNT, "gamma"), ml.fit(AMOUNT, "gamma", free=["location"])
    assert held.names == ("shape", "scale")
    assert freed.names == ("shape", "scale", "location")
    assert freed.n_parameters == 3
    assert freed.log_likelihood >= held.log_likelihood
    assert freed.params["location"] < AMOUNT.min()
    np.testing.assert_array_equal(
        ml.fit(AMOUNT, "gamma", free="location").estimates, freed.estimates
    )


def test_the_location_of_an_exponential_is_the_smallest_observation() -> None:
    result = ml.fit(AMOUNT, "exponential", free=["location"])
    assert result.verdict == "boundary"
    assert result.params["location"] == AMOUNT.min()
    assert result.params["scale"] == pytest.approx(AMOUNT.mean() - AMOUNT.min(), rel=1e-12)
    assert np.isnan(result.standard_errors["location"])


@pytest.mark.parametrize("family", ["weibull", "gamma"])
def test_the_spike_at_the_smallest_observation_is_no_estimate(family: str) -> None:
    """Where only the spike is left (shape below 1), the likelihood is called unbounded."""
    spiked = 1.0 + np.random.default_rng(5).gamma(0.3, 2.0, 200)
    with pytest.raises(ml.UnboundedLikelihoodError):
        ml.fit(spiked, family, free=["location"])


# ---- bounds --------------------------------------------------------------------------------------


def test_bounds_that_do_not_bind_change_nothing() -> None:
    free = ml.fit(AMOUNT, "gamma")
    bounded = ml.fit(AMOUNT, "gamma", bounds={"shape": (1.0, 9.0), "scale": (0.1, 99.0)})
    assert bounded.verdict == "interior"
    np.testing.assert_array_equal(bounded.estimates, free.estimates)
    np.testing.assert_array_equal(bounded.covariance_matrix, free.covariance_matrix)


@pytest.mark.parametrize(("low", "high", "end"), [(4.5, 10.0, 4.5), (0.5, 2.0, 2.0)])
def test_bounds_that_bind_hold_the_estimate_on_their_end(
    low: float, high: float, end: float
) -> None:
    bounded = ml.fit(AMOUNT, "gamma", bounds={"shape": (low, high)})
    held = ml.fit(AMOUNT, "gamma", fixed={"shape": end})
    assert bounded.verdict == "boundary"
    assert bounded.params["shape"] == pytest.approx(end, rel=1e-15)
    assert bounded.params["scale"] == pytest.approx(held.params["scale"], rel=1e-12)
    assert np.isnan(bounded.standard_errors["shape"])
    assert bounded.standard_errors["scale"] == pytest.approx(
        held.standard_errors["scale"], rel=1e-10
    )
    assert bounded.log_likelihood == pytest.approx(held.log_likelihood, rel=1e-14)
    assert bounded.n_parameters == 2


def test_a_bound_may_be_open() -> None:
    bounded = ml.fit(AMOUNT, "gamma", bounds={"shape": (None, 1.0), "scale": (0.1, None)})
    assert bounded.params["shape"] == 1.0
    assert bounded.verdict == "boundary"


def test_two_bounds_may_bind_in_the_right_corner() -> None:
    """A small scale pushes the shape up: the maximum is at the shape's other end."""
    bounded = ml.fit(AMOUNT, "gamma", bounds={"shape": (4.0, 10.0), "scale": (0.1, 0.3)})
    assert bounded.params.to_dict() == pytest.approx({"shape": 10.0, "scale": 0.3}, rel=1e-14)
    assert bounded.verdict == "boundary"
    corners = [
        ml.fit(AMOUNT, "gamma", fixed={"shape": shape, "scale": scale}).log_likelihood
        for shape in np.linspace(4.0, 10.0, 5)
        for scale in np.linspace(0.1, 0.3, 5)
    ]
    assert bounded.log_likelihood == pytest.approx(max(corners), rel=1e-13)


def test_bounds_make_estimates_where_there_were_none() -> None:
    zeros = ml.fit([0, 0, 0], "poisson", bounds={"mean": (0.5, 3.0)})
    assert (zeros.verdict, zeros.params["mean"]) == ("boundary", pytest.approx(0.5))
    constant = ml.fit([3.0] * 10, "normal", bounds={"sd": (0.5, 2.0)})
    assert (constant.verdict, constant.params["sd"]) == ("boundary", pytest.approx(0.5))
    light = ml.fit(rng.uniform(size=100), "student_t", bounds={"df": (2.0, 30.0)})
    assert (light.verdict, light.params["df"]) == ("boundary", pytest.approx(30.0))
    far = ml.fit(AMOUNT + 5.0, "gamma", free=["location"], bounds={"location": (0.0, 1.0)})
    assert far.params["location"] == pytest.approx(1.0)


# ---- start ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["gamma", "weibull", "student_t", "generalized_extreme_value"])
def test_a_start_competes_but_does_not_decide(family: str) -> None:
    data = MAXIMA if family.startswith("gen") or family == "student_t" else AMOUNT
    own = ml.fit(data, family)
    absurd = dict.fromkeys(own.names, 1e-3)
    started = ml.fit(data, family, start=absurd)
    assert started.verdict == own.verdict
    np.testing.assert_allclose(started.estimates, own.estimates, rtol=1e-7)


def test_an_instance_gives_its_values_as_starts() -> None:
    expected = ml.fit(AMOUNT, "gamma")
    for family in (ml.Gamma, ml.Gamma(shape=20.0, scale=0.2), "gamma"):
        np.testing.assert_allclose(ml.fit(AMOUNT, family).estimates, expected.estimates, rtol=1e-9)
    shifted = ml.fit(AMOUNT, ml.Gamma(shape=2.0, scale=3.0, location=-1.0))
    assert shifted.params["location"] == -1.0
    assert shifted.fixed == ("location",)


def test_a_fixed_value_wins_over_a_start() -> None:
    result = ml.fit(AMOUNT, ml.Gamma(shape=2.0, scale=3.0), fixed={"shape": 4.0})
    assert result.params["shape"] == 4.0


# ---- optimizers ----------------------------------------------------------------------------------


def test_an_optimizer_implies_first_order() -> None:
    result = ml.fit(AMOUNT, "weibull", optimizer=optim.Momentum(0.1))
    assert result.method == "first_order"
    np.testing.assert_allclose(result.estimates, ml.fit(AMOUNT, "weibull").estimates, rtol=1e-6)


def test_an_optimizer_may_serve_twice() -> None:
    adam = optim.Adam(optim.CosineDecay(0.1, 2_000))
    once = ml.fit(AMOUNT, "weibull", optimizer=adam)
    twice = ml.fit(AMOUNT, "weibull", optimizer=adam)
    np.testing.assert_allclose(twice.estimates, once.estimates, rtol=1e-6)


# ---- weights -------------------------------------------------------------------------------------

WEIGHTED = ["normal", "exponential", "gamma", "weibull", "gumbel", "lognormal", "poisson"]


@settings(max_examples=60, deadline=None)
@given(
    family=st.sampled_from(WEIGHTED),
    weights=st.lists(st.integers(0, 6), min_size=4, max_size=40).filter(lambda w: sum(w) > 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_weight_is_a_number_of_repetitions(family, weights, seed) -> None:
    draw = np.random.default_rng(seed)
    n = len(weights)
    x = draw.poisson(4.0, n).astype(float) if family == "poisson" else draw.gamma(2.0, 1.0, n)
    weighted = ml.fit(x, family, weights=weights, on_failure="return")
    repeated = ml.fit(np.repeat(x, weights), family, on_failure="return")
    require_same(weighted, repeated)


@settings(max_examples=40, deadline=None)
@given(
    family=st.sampled_from([*WEIGHTED, "negative_binomial"]),
    n=st.integers(3, 60),
    seed=st.integers(0, 2**32 - 1),
    weighted=st.booleans(),
)
def test_the_order_of_rows_does_not_matter(family, n, seed, weighted) -> None:
    draw = np.random.default_rng(seed)
    counts = family in ("poisson", "negative_binomial")
    x = draw.negative_binomial(1, 0.2, n).astype(float) if counts else draw.gamma(2.0, 1.0, n)
    w = draw.uniform(0.1, 3.0, n) if weighted else None
    order = draw.permutation(n)
    if family == "negative_binomial" and not _is_overdispersed(x, w):
        family = "poisson"
    plain = ml.fit(x, family, weights=w, on_failure="return")
    shuffled = ml.fit(
        x[order], family, weights=None if w is None else w[order], on_failure="return"
    )
    require_same(plain, shuffled)


def require_same(one: ml.FitResult, other: ml.FitResult) -> None:
    """Equal to 1e-9 standard errors: what is left is the order in which sums are added."""
    assert one.verdict == other.verdict
    assert one.n_observations == pytest.approx(other.n_observations, rel=1e-14)
    if one.verdict.holds:
        spread = other.standard_errors.to_numpy()
        slack = 1e-9 * np.nan_to_num(spread)
        close = np.isclose(one.estimates, other.estimates, rtol=1e-9, atol=slack)
        assert close.all(), (one.estimates, other.estimates)
        np.testing.assert_allclose(
            one.covariance_matrix / np.outer(spread, spread),
            other.covariance_matrix / np.outer(spread, spread),
            rtol=1e-8,
            atol=1e-8,
        )
        assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-11, abs=1e-11)


def _is_overdispersed(x: np.ndarray, w: np.ndarray | None) -> bool:
    mean = np.average(x, weights=w)
    return np.average((x - mean) ** 2, weights=w) > mean * 1.001


def test_weights_scale_information_and_nothing_else() -> None:
    """A quarter of the weight everywhere: same estimates, twice the standard errors."""
    full, quarter = ml.fit(AMOUNT, "gamma"), ml.fit(AMOUNT, "gamma", weights=np.full(200, 0.25))
    np.testing.assert_allclose(quarter.estimates, full.estimates, rtol=1e-10)
    np.testing.assert_allclose(quarter.standard_errors, 2.0 * full.standard_errors, rtol=1e-9)
    assert quarter.log_likelihood == pytest.approx(full.log_likelihood / 4.0, rel=1e-13)
    assert quarter.n_observations == 50


def test_a_row_of_weight_0_is_not_in_the_sample() -> None:
    outlier = pd.DataFrame({"x": [*AMOUNT, -1e6], "w": [*np.ones(200), 0.0]})
    result = ml.fit(outlier, "gamma", column="x", weights="w")
    np.testing.assert_allclose(result.estimates, ml.fit(AMOUNT, "gamma").estimates, rtol=1e-12)
    assert result.n_observations == 200


# ---- the door itself -----------------------------------------------------------------------------


def test_the_same_call_gives_the_same_bits() -> None:
    data = np.random.default_rng(0).standard_t(5, 100_000)
    first, second = ml.fit(data, "student_t"), ml.fit(data, "student_t")
    np.testing.assert_array_equal(first.estimates, second.estimates)
    np.testing.assert_array_equal(first.covariance_matrix, second.covariance_matrix)
    assert first.log_likelihood == second.log_likelihood


def test_the_users_data_are_left_alone() -> None:
    table = pd.DataFrame({"x": AMOUNT, "w": 1.0, "g": "a"})
    before = table.copy(deep=True)
    ml.fit(table, "gamma", column="x", weights="w")
    ml.fit(table, "gamma", column="x", by="g", free=["location"])
    pd.testing.assert_frame_equal(table, before)


def test_a_sample_read_once_may_be_fitted_many_times() -> None:
    sample = ml.Observations.of(pd.DataFrame({"x": AMOUNT}))
    for family in ("gamma", "weibull"):
        from_sample, from_data = ml.fit(sample, family), ml.fit(AMOUNT, family)
        np.testing.assert_array_equal(from_sample.estimates, from_data.estimates)


def test_missing_values_are_left_out_only_when_asked() -> None:
    holed = [*AMOUNT, None, float("nan")]
    result = ml.fit(holed, "gamma", nan_policy="omit")
    assert result.observations.n_omitted == 2
    np.testing.assert_array_equal(result.estimates, ml.fit(AMOUNT, "gamma").estimates)


def test_options_are_keywords_with_documented_defaults() -> None:
    parameters = inspect.signature(ml.fit).parameters
    assert list(parameters)[:2] == ["data", "family"]
    for name, parameter in list(parameters.items())[2:]:
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert f"    {name} : " in inspect.getdoc(ml.fit).replace("\n", "\n    ")
