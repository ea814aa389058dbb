"""The verdict: every fit says what kind of maximum it is, and none returns a bare wrong number."""

from __future__ import annotations

import warnings
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

import mlestim as ml
from mlestim.estimation.maximisers.first_order import first_order

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTINUOUS = [
    "normal",
    "lognormal",
    "exponential",
    "gamma",
    "weibull",
    "student_t",
    "gumbel",
    "gumbel_min",
    "generalized_extreme_value",
]
DISCRETE = ["poisson", "negative_binomial"]
HALF_LINE = ["exponential", "gamma", "weibull", "lognormal"]

rng = np.random.default_rng(20261124)
LIGHT_TAILS = rng.uniform(-1.0, 1.0, 200)
UNDERDISPERSED = rng.binomial(10, 0.5, 100)
LEFT_SKEWED = -rng.gamma(3.0, 2.0, 200)
EMPTY_LEVEL = pd.Categorical(["a", "b", "a", "a"], categories=["a", "b", "c"])


def require_sound(result: ml.FitResult) -> None:
    """What holds of every result, failed or not."""
    assert result.verdict in set(ml.Verdict)
    assert not np.isnan(result.log_likelihood)
    assert result.log_likelihood > -np.inf
    errors = result.standard_errors.to_numpy()
    if not result.verdict.holds or result.verdict == "at_infinity":
        assert np.isnan(errors).all()
    else:
        assert np.isfinite(result.log_likelihood)
        assert (errors[~np.isnan(errors)] > 0.0).all()
    if result.verdict == "interior":
        free = [name not in result.fixed for name in result.names]
        assert np.isfinite(errors[free]).all()
        assert result.evidence.scaled_gradient < 1e-6
        assert result.evidence.newton_decrement < 1e-9
        assert result.evidence.smallest_eigenvalue > 0.0
    if result.verdict.holds:
        sample = result.observations
        values = sample.values if sample.weights is None else sample.values[sample.weights > 0]
        density = result.distribution.logpdf(values)
        weights = 1.0 if sample.weights is None else sample.weights
        # the log-likelihood is that of the distribution which the result hands out
        assert np.sum(weights * density) == pytest.approx(result.log_likelihood, rel=1e-9, abs=1e-9)


class Case(NamedTuple):
    data: Any
    family: str
    verdict: str
    params: Mapping[str, float] = MappingProxyType({})
    options: Mapping[str, Any] = MappingProxyType({})


CASES = {
    "ordinary": Case(-LEFT_SKEWED, "gamma", "interior"),
    "light tails": Case(
        LIGHT_TAILS,
        "student_t",
        "at_infinity",
        {"df": np.inf, "location": LIGHT_TAILS.mean(), "scale": LIGHT_TAILS.std()},
    ),
    "variance below mean": Case(
        UNDERDISPERSED,
        "negative_binomial",
        "at_infinity",
        {"size": np.inf, "mean": UNDERDISPERSED.mean()},
    ),
    "variance equal to mean": Case(
        [0, 1, 2, 1, 3, -1 + 1], "negative_binomial", "at_infinity", {"size": np.inf}
    ),
    "one count": Case([5], "negative_binomial", "at_infinity", {"size": np.inf, "mean": 5.0}),
    "zeros, dispersed": Case(
        np.zeros(10), "negative_binomial", "at_infinity", {"size": np.inf, "mean": 0.0}
    ),
    "zeros": Case(np.zeros(10), "poisson", "boundary", {"mean": 0.0}),
    "one zero": Case([0], "poisson", "boundary", {"mean": 0.0}),
    "never seen": Case(
        EMPTY_LEVEL,
        "categorical",
        "boundary",
        {"probs_a": 0.75, "probs_b": 0.25, "probs_c": 0.0},
    ),
    "one level": Case(["a"] * 5, "categorical", "boundary", {"probs_a": 1.0}),
    "one level of two": Case(
        pd.Categorical(["a"] * 5, categories=["a", "b"]),
        "categorical",
        "boundary",
        {"probs_a": 1.0, "probs_b": 0.0},
    ),
    "near gumbel": Case(rng.gumbel(size=400), "generalized_extreme_value", "interior"),
    "heavy maxima": Case(rng.pareto(1.2, 300), "generalized_extreme_value", "interior"),
    "end in sight": Case(-rng.weibull(2.5, 300), "generalized_extreme_value", "interior"),
    "beyond shape -1": Case(rng.beta(5.0, 0.3, 50), "generalized_extreme_value", "unbounded"),
    "most rows tied": Case(np.r_[np.zeros(150), rng.normal(size=50)], "student_t", "unbounded"),
    "some rows tied": Case(np.r_[np.zeros(50), rng.normal(size=150)], "student_t", "interior"),
    "tied positive": Case(np.r_[np.ones(150), rng.gamma(2.0, size=50)], "gamma", "interior"),
    "no scale": Case([0.0] * 5, "exponential", "unbounded"),
    "zeros among times": Case([0.0, 1.0, 2.0], "exponential", "interior", {"scale": 1.0}),
}


@pytest.mark.parametrize("name", CASES)
def test_each_sample_gets_its_verdict(name: str) -> None:
    case = CASES[name]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = ml.fit(case.data, case.family, on_failure="return", **case.options)
    assert result.verdict == case.verdict
    for parameter, value in case.params.items():
        assert result.params[parameter] == pytest.approx(value, rel=1e-12), parameter
    require_sound(result)
    limits = [w for w in caught if issubclass(w.category, ml.LimitWarning)]
    assert len(limits) == (case.verdict == "at_infinity")
    assert caught == limits


def test_a_limit_is_announced_once_where_fit_was_called() -> None:
    with pytest.warns(ml.LimitWarning) as caught:
        ml.fit(pd.Series(LIGHT_TAILS, name="speed"), "student_t")
    (warning,) = caught
    assert warning.filename == __file__
    for word in ("'speed'", "student_t", "Normal(mean=", "Fit 'normal' instead"):
        assert word in str(warning.message)


LIMITS = {
    "student_t": (LIGHT_TAILS, {}, "normal"),
    "student_t, scale known": (LIGHT_TAILS, {"fixed": {"scale": 3.0}}, "normal"),
    "student_t, location known": (LIGHT_TAILS, {"fixed": {"location": 0.1}}, "normal"),
    "negative_binomial": (UNDERDISPERSED, {}, "poisson"),
    "negative_binomial, zeros": (np.zeros(7), {}, "poisson"),
    "gamma, free location": (LEFT_SKEWED, {"free": ["location"]}, "normal"),
    "lognormal, free location": (LEFT_SKEWED, {"free": ["location"]}, "normal"),
    "weibull, free location": (LEFT_SKEWED, {"free": ["location"]}, "gumbel_min"),
}
LIMIT_NAME = {"location": "mean", "scale": "sd"}


@pytest.mark.parametrize("name", LIMITS)
def test_the_supremum_is_the_limit_familys_own_maximum(name: str) -> None:
    data, options, limit_family = LIMITS[name]
    with pytest.warns(ml.LimitWarning):
        result = ml.fit(data, name.partition(",")[0], **options)
    fixed = {LIMIT_NAME[n]: v for n, v in options.get("fixed", {}).items()}
    own = ml.fit(data, limit_family, fixed=fixed)
    assert result.verdict == "at_infinity"
    assert result.log_likelihood == pytest.approx(own.log_likelihood, rel=1e-13, abs=1e-13)
    assert result.limit.name == limit_family
    assert result.limit.params == pytest.approx(own.distribution.params, rel=1e-8)
    assert result.distribution == result.limit
    require_sound(result)


def test_the_limit_is_approached_from_below() -> None:
    """Held at ever larger df, the log-likelihood rises towards the supremum and stays below."""
    with pytest.warns(ml.LimitWarning):
        supremum = ml.fit(LIGHT_TAILS, "student_t").log_likelihood
    held = [
        ml.fit(LIGHT_TAILS, "student_t", fixed={"df": df}).log_likelihood
        for df in (2.0, 10.0, 100.0, 1e4, 1e6)
    ]
    assert held == sorted(held)
    assert held[-1] < supremum
    assert held[-1] == pytest.approx(supremum, abs=1e-3)


# ---- degenerate samples --------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 10])
@pytest.mark.parametrize(
    ("family", "value"),
    [(f, v) for f in CONTINUOUS for v in (3.0, 1e-100, 7e100) if f != "lognormal" or v == 3.0],
)
def test_constant_data_fix_a_scale_and_nothing_else(family: str, n: int, value: float) -> None:
    data = np.full(n, value)
    if family == "exponential":
        result = ml.fit(data, family)
        assert result.params["scale"] == pytest.approx(value, rel=1e-15)
        assert result.standard_errors["scale"] == pytest.approx(value / np.sqrt(n), rel=1e-12)
        return
    with pytest.raises(
        ml.UnboundedLikelihoodError, match=r"'x'.*constant or tied.*fixed="
    ) as error:
        ml.fit(data, family)
    result = error.value.result
    assert result.verdict == "unbounded"
    assert result.log_likelihood == np.inf
    assert np.isnan(result.standard_errors).all()
    with pytest.raises(ml.UnboundedLikelihoodError):
        _ = result.distribution


@pytest.mark.parametrize("family", ["weibull", "normal", "gumbel"])
def test_one_row_of_any_value_is_unbounded(family: str) -> None:
    """Thirty values, each a group of its own: rounding must not decide for any of them."""
    x = np.random.default_rng(7).gamma(2.0, 3.0, 30)
    fits = ml.fit(x, family, by=np.arange(30))
    assert (fits.table["verdict"] == "unbounded").all()


def test_a_row_whose_curvature_is_singular_to_the_last_digit_gets_a_verdict() -> None:
    x = np.random.default_rng(7).gamma(2.0, 3.0, 1)
    assert not ml.fit(x, "gamma", on_failure="return").verdict.holds


@pytest.mark.parametrize("family", HALF_LINE)
@pytest.mark.parametrize("n", [1, 2, 10])
def test_constant_data_with_a_free_location_are_unbounded(family: str, n: int) -> None:
    result = ml.fit(np.full(n, 3.0), family, free=["location"], on_failure="return")
    assert result.verdict == "unbounded"
    require_sound(result)


@pytest.mark.parametrize("family", ["pareto", "power_function", "uniform"])
@pytest.mark.parametrize("n", [1, 2, 11])
@pytest.mark.parametrize("value", [1.0, 3.7, 1.1e5])
def test_constant_data_between_estimated_ends_are_unbounded(
    family: str, n: int, value: float
) -> None:
    """Whether the mean of the rows' logs is the log of their end, or rounds to next to it."""
    result = ml.fit(np.full(n, value), family, on_failure="return")
    assert result.verdict == "unbounded"
    assert result.log_likelihood == np.inf
    require_sound(result)


@pytest.mark.parametrize("n", [3, 7, 101])
@pytest.mark.parametrize("value", [0.3, 3.7, 17.77, 1.1e5])
@pytest.mark.parametrize(
    ("family", "parameter"),
    [("pareto", "minimum"), ("power_function", "upper"), ("inverse_gaussian", "mean")],
)
def test_rows_that_are_all_at_a_known_value_are_unbounded(
    family: str, parameter: str, n: int, value: float
) -> None:
    """A group of claims that all are at the reporting threshold, say; rounding must not decide."""
    result = ml.fit(np.full(n, value), family, fixed={parameter: value}, on_failure="return")
    assert result.verdict == "unbounded"
    require_sound(result)


KNOWN = {
    "pareto, shape known": ({"shape": 2.0}, "boundary", {"minimum": 3.0}),
    "pareto, minimum known": ({"minimum": 1.0}, "interior", {"shape": 1.0 / np.log(3.0)}),
    "pareto, minimum known to be all": ({"minimum": 3.0}, "unbounded", {}),
    "uniform, upper known": ({"upper": 5.0}, "boundary", {"lower": 3.0}),
    "normal, sd known": ({"sd": 1.0}, "interior", {"mean": 3.0}),
    "normal, mean known": ({"mean": 1.0}, "interior", {"sd": 2.0}),
    "normal, mean known to be all": ({"mean": 3.0}, "unbounded", {}),
    "gamma, shape known": ({"shape": 1.0}, "interior", {"scale": 3.0}),
    "gamma, scale known": ({"scale": 1.0}, "interior", {"shape": 3.4862748}),
    "weibull, shape known": ({"shape": 1.0}, "interior", {"scale": 3.0}),
    "weibull, scale known": ({"scale": 2.0}, "interior", {"shape": 1.98899}),
    "weibull, scale known to be all": ({"scale": 3.0}, "unbounded", {}),
    "gumbel, scale known": ({"scale": 1.0}, "interior", {"location": 3.0}),
    "gumbel, location known": ({"location": 1.0}, "interior", {"scale": 1.481507}),
    "gumbel, location known to be all": ({"location": 3.0}, "unbounded", {}),
    "student_t, df known": ({"df": 4.0}, "unbounded", {}),
    "student_t, df and scale known": ({"df": 3.0, "scale": 1.0}, "interior", {"location": 3.0}),
    "generalized_extreme_value, shape known": ({"shape": 0.1}, "unbounded", {}),
    "generalized_extreme_value, only location free": (
        {"shape": 0.0, "scale": 1.0},
        "interior",
        {"location": 3.0},
    ),
}


@pytest.mark.parametrize("name", KNOWN)
def test_constant_data_may_do_when_something_is_known(name: str) -> None:
    fixed, verdict, params = KNOWN[name]
    result = ml.fit([3.0] * 10, name.partition(",")[0], fixed=fixed, on_failure="return")
    assert result.verdict == verdict
    for parameter, value in params.items():
        assert result.params[parameter] == pytest.approx(value, rel=1e-4), parameter
    require_sound(result)


@pytest.mark.filterwarnings("ignore::mlestim.LimitWarning")  # two rows have no tails
@pytest.mark.parametrize("data", [[3.0, 4.0], [3.0, 4.0, 7.0], [1.0, 1.0, 2.0]], ids=str)
@pytest.mark.parametrize("family", CONTINUOUS)
def test_two_or_three_rows_get_an_honest_answer(family: str, data: list[float]) -> None:
    result = ml.fit(data, family, on_failure="return")
    require_sound(result)
    expected = {"generalized_extreme_value": "unbounded", "student_t": "at_infinity"}
    if data != [1.0, 1.0, 2.0]:
        assert result.verdict == expected.get(family, "interior")


@pytest.mark.parametrize("family", DISCRETE)
def test_one_count_is_enough_for_a_mean(family: str) -> None:
    fixed = {"size": 2.0} if family == "negative_binomial" else {}
    assert ml.fit([5], family, fixed=fixed).params["mean"] == pytest.approx(5.0, rel=1e-12)


# ---- edges ---------------------------------------------------------------------------------------


def test_a_level_never_seen_has_probability_0_and_no_standard_error() -> None:
    result = ml.fit(EMPTY_LEVEL, "categorical")
    seen = ml.fit(["a", "b", "a", "a"], "categorical")
    assert result.verdict == "boundary"
    assert np.isnan(result.standard_errors["probs_c"])
    for name in ("probs_a", "probs_b"):
        assert result.standard_errors[name] == pytest.approx(np.sqrt(0.75 * 0.25 / 4), rel=1e-12)
        assert result.standard_errors[name] == pytest.approx(seen.standard_errors[name], rel=1e-12)
    assert result.covariance.loc["probs_a", "probs_b"] == pytest.approx(-0.75 * 0.25 / 4, rel=1e-12)
    assert result.log_likelihood == pytest.approx(seen.log_likelihood, rel=1e-14)
    assert result.distribution.pdf([0, 1, 2]).tolist() == [0.75, 0.25, 0.0]


@pytest.mark.parametrize("method", ["auto", "newton", "first_order"])
@pytest.mark.parametrize(
    ("data", "family"),
    [(np.zeros(3), "poisson"), (EMPTY_LEVEL, "categorical")],
    ids=["poisson", "categorical"],
)
def test_numerical_methods_find_the_same_edge(data: Any, family: str, method: str) -> None:
    formula = ml.fit(data, family)
    result = ml.fit(data, family, method=method)
    assert result.verdict == "boundary"
    np.testing.assert_allclose(result.estimates, formula.estimates, atol=1e-8)
    np.testing.assert_allclose(result.covariance_matrix, formula.covariance_matrix, rtol=1e-6)
    require_sound(result)


# ---- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["auto", "newton", "first_order"])
def test_failures_raise_and_carry_what_was_found(method: str) -> None:
    data = pd.Series([4.0, 4.0, 4.0], name="weight of bag")
    with pytest.raises(ml.UnboundedLikelihoodError) as caught:
        ml.fit(data, "normal", method=method)
    message = str(caught.value)
    for word in (
        "'weight of bag'",
        "normal",
        "without bound",
        "3 observations",
        "fixed=…",
        "on_failure='return'",
    ):
        assert word in message
    returned = ml.fit(data, "normal", method=method, on_failure="return")
    assert caught.value.result.verdict == returned.verdict == "unbounded"
    np.testing.assert_array_equal(caught.value.result.estimates, returned.estimates)
    assert issubclass(ml.UnboundedLikelihoodError, ml.EstimationError)
    assert issubclass(ml.EstimationError, ml.MLEstimError)


def test_a_search_that_was_cut_short_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlestim.fitting.first_order", partial(first_order, max_steps=5))
    data = -LEFT_SKEWED
    with pytest.raises(
        ml.ConvergenceError, match=r"'x'.*gamma.*no maximum could be.*learning rate"
    ):
        ml.fit(data, "gamma", method="first_order")
    result = ml.fit(data, "gamma", method="first_order", on_failure="return")
    assert result.verdict == "not_converged"
    require_sound(result)
