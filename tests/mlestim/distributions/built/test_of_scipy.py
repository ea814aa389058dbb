"""Families of the distributions of scipy.stats, beside those of the registry and scipy's own fits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import mlestim as ml

X = np.random.default_rng(1).gamma(2.5, 1.7, 300)
COUNTS = np.random.default_rng(1).poisson(3, 200)
SHARES = np.random.default_rng(1).beta(2.5, 3.5, 80)


@pytest.mark.parametrize(
    ("distribution", "name"),
    [
        (stats.gamma, "gamma"),
        (stats.norm, "normal"),
        (stats.norm(3, 2), "normal"),
        (stats.weibull_min(2.0, scale=3.0), "weibull"),
        (stats.gumbel_r, "gumbel"),
        (stats.t, "student_t"),
    ],
)
def test_a_distribution_of_scipy_fits_as_the_family_of_the_same_density(
    distribution: Any, name: str
) -> None:
    own, known = ml.fit(X, distribution), ml.fit(X, name)
    assert own.verdict is known.verdict is ml.Verdict.INTERIOR
    # differences leave scores 1e-12 of error, a hundredth of that in standard errors
    np.testing.assert_allclose(own.estimates, known.estimates, rtol=1e-9)
    np.testing.assert_allclose(
        own.covariance_matrix, known.covariance_matrix, rtol=1e-7, atol=1e-12
    )
    assert own.log_likelihood == pytest.approx(known.log_likelihood, rel=1e-13)
    q = np.array([0.01, 0.5, 0.99])
    np.testing.assert_allclose(own.distribution.ppf(q), known.distribution.ppf(q), rtol=1e-8)
    assert own.distribution.mean() == pytest.approx(known.distribution.mean(), rel=1e-9)
    assert own.distribution.std() == pytest.approx(known.distribution.std(), rel=1e-9)


def test_a_location_on_a_half_line_is_held_where_it_is_unless_freed() -> None:
    assert list(ml.fit(X, stats.gamma).params.index) == ["a", "scale"]
    held = ml.fit(X + 10, stats.gamma(2, loc=10))
    np.testing.assert_allclose(held.params[["a", "scale"]], ml.fit(X, "gamma").params, rtol=1e-9)
    assert held.params["location"] == 10.0
    freed = ml.fit(X + 10, stats.gamma, free=["location"])
    expected = ml.fit(X + 10, "gamma", free=["location"])
    np.testing.assert_allclose(freed.estimates, expected.estimates, rtol=1e-6)


def test_counts_of_scipy_and_shapes_that_are_whole_numbers() -> None:
    poisson = ml.fit(COUNTS, stats.poisson)
    assert poisson.params["mu"] == pytest.approx(COUNTS.mean(), rel=1e-10)
    binomial = ml.fit(np.minimum(COUNTS, 10), stats.binom, fixed={"n": 10})
    assert binomial.params["p"] == pytest.approx(np.minimum(COUNTS, 10).mean() / 10, rel=1e-10)
    with pytest.raises(ml.ParameterError, match="scipy_binom needs its n"):
        ml.fit(COUNTS, stats.binom)


def test_a_subclass_of_rv_continuous_needs_no_domains() -> None:
    class Laplacian(stats.rv_continuous):
        def _logpdf(self, x: Any) -> Any:
            return -np.log(2.0) - np.abs(x)

    result = ml.fit(X, Laplacian(name="laplacian"), fixed={"location": np.median(X)})
    assert result.params["scale"] == pytest.approx(np.abs(X - np.median(X)).mean(), rel=1e-8)


def test_values_outside_the_support_are_refused() -> None:
    with pytest.raises(ml.SupportError, match="scipy_gamma"):
        ml.fit([-1.0, 2.0, 3.0], stats.gamma)


@pytest.mark.parametrize("name", ["anglit", "cosine", "semicircular"])
def test_bounded_distributions_without_shapes_have_a_location_and_a_scale(name: str) -> None:
    distribution = getattr(stats, name)
    x = distribution.rvs(size=50, random_state=1)
    result = ml.fit(x, distribution)
    assert list(result.params.index) == ["location", "scale"]
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.log_likelihood >= distribution.logpdf(x, *distribution.fit(x)).sum()


def test_no_maximum_is_sought_where_ends_of_infinite_density_are_free() -> None:
    x = stats.arcsine.rvs(size=50, random_state=1)
    with pytest.raises(ml.UnboundedLikelihoodError):
        ml.fit(x, stats.arcsine)
    held = ml.fit(x, stats.arcsine, fixed={"location": -0.1, "scale": 1.2})
    assert held.log_likelihood == pytest.approx(stats.arcsine.logpdf(x, -0.1, 1.2).sum())


def test_location_and_scale_of_bounded_shapes_are_set_free_or_given() -> None:
    assert list(ml.fit(SHARES, stats.beta).params.index) == ["a", "b"]
    given = ml.fit(3.0 + 5.0 * SHARES, stats.beta(2, 3, loc=3.0, scale=5.0))
    np.testing.assert_allclose(given.params[["a", "b"]], ml.fit(SHARES, stats.beta).params)
    also = ml.fit(3.0 + 5.0 * SHARES, stats.beta, fixed={"location": 3.0, "scale": 5.0})
    assert also.log_likelihood == pytest.approx(given.log_likelihood, rel=1e-12)
    free = ml.fit(3.0 + 5.0 * SHARES, stats.beta, free=["location", "scale"])
    assert free.verdict is ml.Verdict.INTERIOR
    assert free.log_likelihood > given.log_likelihood
    scaled = ml.fit(5.0 * SHARES, stats.beta, free=["scale"])
    assert list(scaled.params.index) == ["a", "b", "scale"]
    loaded = ml.load(scaled.to_json(), family=stats.beta)
    assert loaded.distribution.cdf(2.0) == scaled.distribution.cdf(2.0)


def test_sizes_that_may_be_real_are_estimated_where_freed() -> None:
    result, known = ml.fit(COUNTS, stats.nbinom, free=["n"]), ml.fit(COUNTS, "negative_binomial")
    assert result.log_likelihood == pytest.approx(known.log_likelihood, rel=1e-9)
    erlang, gamma = ml.fit(X, stats.erlang, free=["a"]), ml.fit(X, stats.gamma)
    np.testing.assert_allclose(erlang.estimates, gamma.estimates, rtol=1e-8)
    with pytest.raises(ml.ParameterError, match=r"or estimate it by free=\['n'\]"):
        ml.fit(COUNTS, stats.nbinom)


def test_shapes_that_are_arrays_are_refused() -> None:
    with pytest.raises(ml.OptionError, match="takes arrays as shapes"):
        ml.fit([1, 2, 2], stats.poisson_binom)


def test_the_best_of_several_starts_is_climbed() -> None:
    x = stats.dweibull.rvs(2.07, size=60, random_state=2)
    best = ml.fit(x, stats.dweibull).log_likelihood
    assert best >= stats.dweibull.logpdf(x, *stats.dweibull.fit(x)).sum() - 1e-6


def test_a_density_that_repeats_has_no_scale() -> None:
    angles = stats.vonmises.rvs(3.9, size=60, random_state=3)
    result = ml.fit(angles, stats.vonmises)
    assert list(result.params.index) == ["kappa", "location"]
    held = ml.fit(2.0 * angles, stats.vonmises(1.0, scale=2.0))
    assert held.params["kappa"] == pytest.approx(result.params["kappa"], rel=1e-8)


def test_a_scale_beside_shapes_that_hold_it_is_not_identified() -> None:
    x = stats.loguniform.rvs(1, 100, size=150, random_state=2)
    result = ml.fit(x, stats.loguniform, on_failure="return")
    assert result.verdict is ml.Verdict.NOT_IDENTIFIED


def test_a_distribution_whose_class_has_a_dist_is_no_frozen_one() -> None:
    x = stats.nchypergeom_fisher.rvs(140, 80, 60, 0.5, size=50, random_state=1)
    result = ml.fit(x, stats.nchypergeom_fisher, fixed={"M": 140, "n": 80, "N": 60})
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.params["odds"] == pytest.approx(0.5, rel=0.1)


def test_a_frozen_scale_that_is_held_by_default_is_held_at_its_value() -> None:
    x = stats.pareto.rvs(2.0, scale=3.0, size=100, random_state=1)
    result = ml.fit(x, stats.pareto(1.0, scale=3.0))
    assert result.params["scale"] == 3.0
    assert result.params["b"] == pytest.approx(1.0 / np.log(x / 3.0).mean(), rel=1e-8)


def test_whole_numbers_that_are_freed_are_said_to_be_no_estimates() -> None:
    with pytest.raises(ml.OptionError, match="low, high cannot be estimated"):
        ml.fit(COUNTS, stats.randint, free=["low", "high"])
