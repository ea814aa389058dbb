"""Maxima that only a window leaves: on an edge of the domain, at a level density, at a limit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlestim as ml

ABOVE_ZERO = (0, np.inf)
EVEN = np.linspace(0.01, 0.99, 50)


# ---- on an edge ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("family", "value", "name", "edge"),
    [
        ("poisson", 1, "mean", 0.0),
        ("geometric", 1, "prob", 1.0),
        (ml.Binomial(trials=5), 1, "prob", 0.0),
        (ml.Binomial(trials=5), 5, "prob", 1.0),
    ],
)
def test_equal_counts_above_zero_are_certain_on_the_edge(family, value, name, edge) -> None:
    result = ml.fit(np.full(10, value), family, truncation=ABOVE_ZERO)
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params[name] == edge
    assert np.isnan(result.standard_errors[name])
    assert result.log_likelihood == pytest.approx(0.0, abs=1e-10)


def test_groups_of_ones_are_on_the_edge_beside_others() -> None:
    frame = pd.DataFrame({"x": [1] * 8 + [1, 2, 1, 3], "g": ["a"] * 8 + ["b"] * 4})
    table = ml.fit(frame, "poisson", column="x", by="g", truncation=ABOVE_ZERO).table
    assert table["verdict"].tolist() == ["boundary", "interior"]


def test_a_gamma_tail_may_belong_to_shape_zero() -> None:
    """Above 1, 1/x times an exponential is a density; its scale has a maximum of its own."""
    x = 1.0 + np.random.default_rng(2).exponential(1.0, 300) ** 2
    result = ml.fit(x, "gamma", truncation=(1, np.inf))
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["shape"] == 0.0
    near = ml.fit(x, "gamma", truncation=(1, np.inf), fixed={"shape": 1e-9})
    assert result.params["scale"] == pytest.approx(near.params["scale"], rel=1e-6)
    assert result.log_likelihood == pytest.approx(near.log_likelihood, rel=1e-7)


# ---- at infinity -----------------------------------------------------------------------------------


def limit_of(data, family: str, truncation) -> ml.FitResult:
    with pytest.warns(ml.LimitWarning):
        result = ml.fit(data, family, truncation=truncation)
    assert result.verdict is ml.Verdict.AT_INFINITY
    assert result.limit is not None
    return result


def test_a_density_that_should_rise_is_level_in_the_end() -> None:
    result = limit_of(np.sqrt(EVEN), "exponential", (0, 1))
    assert result.limit == ml.Uniform(lower=0, upper=1)
    assert result.params["scale"] == np.inf
    assert result.log_likelihood == pytest.approx(0.0, abs=1e-12)


def test_a_tail_too_heavy_for_a_normal_is_exponential() -> None:
    """Excesses over the cut point have the exponential's estimate, their mean; on either side."""
    x = 3.0 + np.random.default_rng(1).pareto(2.0, 200)
    for sign in (1.0, -1.0):
        window = (3, np.inf) if sign > 0.0 else (-np.inf, -3)
        result = limit_of(sign * x, "normal", window)
        assert result.params.to_dict() == {"mean": -np.inf * sign, "sd": np.inf}
        mean = np.mean(x - 3.0)
        assert result.log_likelihood == pytest.approx(-200 * (1.0 + np.log(mean)), rel=1e-12)


def test_the_tail_of_a_skew_normal_is_exponential_too() -> None:
    """However far out: its probabilities underflow on the way."""
    x = 1.0 + np.random.default_rng(3).pareto(2.0, 40)
    result = limit_of(x, "skew_normal", (1, np.inf))
    assert result.params.to_dict() == {"location": -np.inf, "scale": np.inf, "shape": 0.0}
    assert result.log_likelihood == pytest.approx(-40 * (1.0 + np.log(np.mean(x - 1.0))), rel=1e-12)


@pytest.mark.parametrize("family", ["lognormal", "weibull"])
def test_a_tail_too_heavy_for_a_lognormal_is_a_pareto(family: str) -> None:
    x = np.exp(np.random.default_rng(2).exponential(0.5, 300) ** 1.5)
    result, pareto = limit_of(x, family, (1, np.inf)), ml.fit(x, "pareto", fixed={"minimum": 1.0})
    assert result.limit == pareto.distribution
    assert result.log_likelihood == pytest.approx(pareto.log_likelihood, rel=1e-12)


def test_a_rayleigh_far_below_its_scale_is_a_power() -> None:
    result = limit_of(EVEN**0.2, "rayleigh", (0, 1))
    assert result.limit == ml.PowerFunction(shape=2, upper=1)


def test_counts_above_zero_without_size_are_logarithmic() -> None:
    counts = np.repeat([1, 2, 3, 8, 30], [60, 5, 2, 2, 1])
    result, logarithmic = (
        limit_of(counts, "negative_binomial", ABOVE_ZERO),
        ml.fit(counts, "logarithmic"),
    )
    assert result.params.to_dict() == {"size": 0.0, "mean": 0.0}
    assert result.log_likelihood == pytest.approx(logarithmic.log_likelihood, rel=1e-12)


def test_counts_up_to_a_bound_may_have_no_mean() -> None:
    """What is left of a negative binomial is a beta-binomial up to the bound."""
    counts = np.repeat(np.arange(11), [8, 2, 2, 1, 1, 1, 1, 1, 2, 2, 3])
    result = limit_of(counts, "negative_binomial", (None, 10))
    size = result.params["size"]
    assert result.params["mean"] == np.inf
    assert result.limit == ml.BetaBinomial(trials=10, alpha=size, beta=1)
    near = ml.fit(counts, "negative_binomial", truncation=(None, 10), fixed={"mean": 1e9})
    assert near.params["size"] == pytest.approx(size, rel=1e-5)
    assert result.log_likelihood == pytest.approx(near.log_likelihood, rel=1e-7)


def test_a_frechet_tail_may_be_that_of_pareto() -> None:
    """Far above its scale the density is a power."""
    x = ml.Frechet(0.6, 0.4).rvs(size=40, random_state=np.random.default_rng(0))
    low = np.quantile(x, 0.25)
    tail = x[x > low]
    result = limit_of(tail, "frechet", (low, None))
    shape = 1.0 / np.mean(np.log(tail / low))
    assert result.limit == ml.Pareto(shape, low)
    assert result.params["shape"] == pytest.approx(shape, rel=1e-12)
    assert result.params["scale"] == 0.0
    assert result.log_likelihood == pytest.approx(result.limit.logpdf(tail).sum(), rel=1e-12)


def test_a_scale_of_zero_that_leads_nowhere_is_no_edge() -> None:
    x = ml.GeneralizedExtremeValue(1, 2, 0.5).rvs(size=12, random_state=np.random.default_rng(9))
    low, high = np.quantile(x, [0.2, 0.8])
    inside = x[(x > low) & (x < high)]
    result = ml.fit(
        inside, "generalized_extreme_value", truncation=(low, high), on_failure="return"
    )
    assert result.params["scale"] > 0.0
    assert result.params["shape"] == pytest.approx(5.0, rel=0.01)  # where the search ends


def test_a_kinked_density_that_runs_into_its_limit_is_there_and_not_on_a_ridge() -> None:
    """An asymmetric Laplace of rows of which the largest ones are censored is an exponential."""
    x = np.random.default_rng(0).exponential(1.0, 40)
    upper = np.where(x > 1.5, np.inf, x)
    with pytest.warns(ml.LimitWarning):
        result = ml.fit(None, "asymmetric_laplace", lower=np.minimum(x, 1.5), upper=upper)
    assert result.verdict is ml.Verdict.AT_INFINITY
    assert result.params["asymmetry"] == 0.0
