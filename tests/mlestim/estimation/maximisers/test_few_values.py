"""Samples of one value, with a parameter held: right verdicts, whatever is left to be found."""

from __future__ import annotations

import numpy as np
import pytest

import mlestim as ml
from mlestim.errors import MLEstimError

COUNTS = (
    ("beta_binomial", {"trials": 10, "alpha": 0.6}),
    ("beta_binomial", {"trials": 10, "beta": 0.8}),
    ("generalized_poisson", {"mean": 3.0}),
    ("negative_binomial", {"size": 0.3}),
    ("negative_binomial", {"mean": 2.0}),
    ("poisson_inverse_gaussian", {"mean": 2.0}),
    ("poisson_inverse_gaussian", {"dispersion": 0.5}),
    ("zero_inflated_negative_binomial", {"zero_prob": 0.3}),
    ("zero_inflated_poisson", {"zero_prob": 0.3}),
)


@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")
@pytest.mark.parametrize(("family", "fixed"), COUNTS)
def test_zeros_become_certain_on_an_edge_or_at_infinity(family: str, fixed: dict) -> None:
    result = ml.fit(np.zeros(5), family, fixed=fixed)
    assert result.verdict in (ml.Verdict.BOUNDARY, ml.Verdict.AT_INFINITY)
    assert result.log_likelihood == pytest.approx(0.0, abs=1e-6)
    assert result.distribution.pdf(0) == pytest.approx(1.0, abs=1e-6)


def test_a_hurdle_before_a_row_of_ones_leaves_no_mean() -> None:
    """A Poisson number that is not 0 is 1 for certain where its mean is 0."""
    result = ml.fit(np.ones(5), "hurdle_poisson", fixed={"zero_prob": 0.3})
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["mean"] == 0.0
    assert result.log_likelihood == pytest.approx(5.0 * np.log(0.7), abs=1e-6)


@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")
def test_the_last_count_in_a_window_is_certain_at_infinity() -> None:
    result = ml.fit(np.full(20, 5.0), "poisson", truncation=(0, 5))
    assert result.verdict is ml.Verdict.AT_INFINITY
    assert result.params["mean"] == np.inf
    assert result.distribution.pdf([4, 5]) == pytest.approx([0.0, 1.0])
    assert ml.fit([4.0, 5.0, 5.0], "poisson", truncation=(0, 5)).verdict is ml.Verdict.INTERIOR


def test_an_end_held_on_the_only_row_leaves_no_density() -> None:
    result = ml.fit([2.0], "uniform", fixed={"upper": 2.0}, on_failure="return")
    assert result.verdict is ml.Verdict.UNBOUNDED


@pytest.mark.parametrize("shape", [0.7, 1.0])
def test_a_cusp_is_found_with_its_shape_held(shape: float) -> None:
    """The best of the rows as location; the scale follows from the mean power of the distances."""
    x = np.random.default_rng(5).normal(size=25)
    result = ml.fit(x, "generalized_normal", fixed={"shape": shape})
    power = np.mean(np.abs(x[:, None] - x) ** shape, axis=1)
    scale = (shape * power.min()) ** (1.0 / shape)
    best = ml.GeneralizedNormal(location=x[power.argmin()], scale=scale, shape=shape)
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.log_likelihood == pytest.approx(best.logpdf(x).sum(), abs=1e-8)


@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")
@pytest.mark.parametrize("family", ["johnson_su", "normal_inverse_gaussian"])
def test_a_limit_is_reached_with_parameters_held_at_what_they_become(family: str) -> None:
    held = {"johnson_su": "gamma", "normal_inverse_gaussian": "skewness"}[family]
    x = [1.0, 3.0]
    result = ml.fit(x, family, fixed={held: 0.0})
    assert result.distribution.name == "normal"
    assert result.log_likelihood == pytest.approx(ml.fit(x, "normal").log_likelihood, abs=1e-9)


@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")
@pytest.mark.parametrize("value", [0.0, 1.0, 4.0])
@pytest.mark.parametrize(
    "family",
    ["poisson", "geometric", "negative_binomial", "hurdle_poisson", "zero_inflated_poisson"],
)
def test_equal_counts_have_a_verdict_with_any_parameter_held(family: str, value: float) -> None:
    for name in ml.fit([0.0, 1.0, 3.0, 9.0], family).params.index:
        for held in (0.3, 0.7):
            try:
                result = ml.fit([value] * 4, family, fixed={name: held}, on_failure="return")
            except MLEstimError:
                continue
            assert result.verdict not in (ml.Verdict.NOT_CONVERGED, ml.Verdict.UNBOUNDED)
            assert result.log_likelihood <= 1e-9


@pytest.mark.parametrize("family", ["hurdle_poisson", "zero_inflated_poisson"])
def test_counts_known_to_exceed_some_number_alone_leave_parameters_open(family: str) -> None:
    lower, upper = [1.0, 2.0, 3.0], [np.inf] * 3
    result = ml.fit(None, family, lower=lower, upper=upper, on_failure="return")
    assert result.verdict is ml.Verdict.NOT_IDENTIFIED


def test_one_interval_leaves_the_parameters_of_a_tweedie_open() -> None:
    result = ml.fit(None, "tweedie", lower=[1.0] * 5, upper=[2.0] * 5, on_failure="return")
    assert result.verdict is ml.Verdict.NOT_IDENTIFIED
