"""Samples whose supremum lies at an edge that has a family of its own."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import mlestim as ml
from mlestim.distributions.continuous.normal_inverse_gaussian import NormalInverseGaussian
from mlestim.distributions.edges.normal_levy import NormalLevy
from mlestim.distributions.registry import at_edges, registered, resolve

pytestmark = pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")


def test_families_at_edges_are_known_by_name_but_not_listed() -> None:
    assert not set(at_edges()) & set(registered())
    for name in at_edges():
        assert resolve(name).name == name


@pytest.mark.parametrize("trials", [5, 40])
def test_beta_binomial_of_all_or_none_gathers_at_the_ends(trials: int) -> None:
    x = trials * np.array([0, 1, 1, 0, 1])
    result = ml.fit(x, "beta_binomial", fixed={"trials": trials})
    assert (result.verdict, result.limit.name) == (ml.Verdict.AT_INFINITY, "all_or_none")
    assert result.log_likelihood == pytest.approx(3 * np.log(0.6) + 2 * np.log(0.4), abs=1e-12)
    assert result.distribution.pdf([0, 1, trials]) == pytest.approx([0.4, 0.0, 0.6])
    assert result.distribution.cdf([0, 1, trials]) == pytest.approx([0.4, 0.4, 1.0])


def test_beta_binomial_with_one_other_row_has_a_maximum() -> None:
    result = ml.fit([0, 5, 4, 0, 5], "beta_binomial", fixed={"trials": 5})
    assert result.verdict is ml.Verdict.INTERIOR


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_discrete_weibull_gathers_at_two_neighbours(count: int) -> None:
    result = ml.fit([count, count + 1, count + 1], "discrete_weibull")
    assert (result.verdict, result.limit.name) == (ml.Verdict.AT_INFINITY, "two_neighbours")
    assert result.log_likelihood == pytest.approx(2 * np.log(2 / 3) + np.log(1 / 3), abs=1e-12)
    assert result.distribution.pdf([count - 1, count, count + 1, count + 2]) == pytest.approx(
        [0.0, 1 / 3, 2 / 3, 0.0]
    )
    assert ml.load(result.to_json()).limit.name == "two_neighbours"


def test_discrete_weibull_of_large_counts_is_described_by_its_scale() -> None:
    x = np.random.default_rng(0).poisson(1e4, size=60)
    result = ml.fit(x, "discrete_weibull")
    assert (result.verdict, result.params["prob"]) == (ml.Verdict.AT_INFINITY, 1.0)
    weibull = ml.fit(None, "weibull", lower=x, upper=x + 1.0)  # what is rounded down
    assert result.log_likelihood == pytest.approx(weibull.log_likelihood, abs=1e-8)
    assert result.params["shape"] == pytest.approx(weibull.params["shape"], rel=1e-6)
    assert result.distribution.params["scale"] == pytest.approx(weibull.params["scale"], rel=1e-6)


def test_discrete_weibull_has_a_maximum_as_long_as_prob_is_a_number() -> None:
    x = np.random.default_rng(0).poisson(100.0, size=60)
    result = ml.fit(x, "discrete_weibull")
    by_scale = ml.fit(x, "discrete_weibull_by_scale")
    assert result.log_likelihood == pytest.approx(by_scale.log_likelihood, abs=1e-8)


def test_skellam_with_means_that_agree_in_six_digits() -> None:
    x = np.append(np.random.default_rng(0).poisson(4.0, size=200), 1_000_000)
    result = ml.fit(x, "skellam")
    assert result.verdict is ml.Verdict.INTERIOR
    # as good as normal: mean and variance are those of the sample
    assert result.distribution.mean() == pytest.approx(x.mean(), abs=1e-3)
    assert result.distribution.var() == pytest.approx(x.var(), rel=1e-3)


@pytest.mark.parametrize(("unit", "side", "tied"), [(1.0, 1.0, 1), (1e-6, -1.0, 1), (1e-6, 1.0, 2)])
def test_normal_inverse_gaussian_with_a_third_of_the_rows_at_one_end(unit, side, tied) -> None:
    x = np.repeat([0.0, 0.2, 2.0], tied)
    result = ml.fit(side * unit * x, "normal_inverse_gaussian")
    assert result.verdict is ml.Verdict.AT_INFINITY
    assert result.limit.name == ("levy_spike" if side > 0 else "reflected_levy_spike")
    supremum = tied * 1.5 * (np.log(1.5 / np.pi) - 1.0 - np.log(0.2 * 2.0))
    assert result.log_likelihood == pytest.approx(supremum - 3 * tied * np.log(unit), abs=1e-9)
    assert (result.params["location"], result.params["scale"]) == (0.0, 0.0)
    # the spike is approached, and not reached: 1e-6 beside it the likelihood is a little lower
    scale = 3.0 * 1e-6
    rows = ml.Levy(scale=scale).logpdf(x + 1e-6)
    assert supremum - 1e-4 < rows.sum() < supremum
    assert ml.load(result.to_json()).limit.name == result.limit.name


def test_normal_inverse_gaussian_with_more_rows_at_one_end_is_unbounded() -> None:
    with pytest.raises(ml.UnboundedLikelihoodError):
        ml.fit([0.0, 0.0, 1.0], "normal_inverse_gaussian")


@pytest.mark.parametrize("unit", [1.0, 1e-6])
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_normal_inverse_gaussian_with_outliers_a_million_times_as_far_out(side, unit) -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=60), side * np.array([1e6, 1e6, -1e6])])
    result = ml.fit(unit * x, "normal_inverse_gaussian")
    assert result.verdict.holds
    assert np.sign(result.params["skewness"]) == side
    limit = ml.fit(side * unit * x, "normal_levy")
    # the tail that seems endless ends, but so far out that ten digits do not show it
    assert result.log_likelihood == pytest.approx(limit.log_likelihood, abs=1e-8)


def test_normal_levy_is_the_most_skewed_normal_inverse_gaussian() -> None:
    x = np.array([-30.0, -1.0, 0.0, 0.5, 7.0, 1e4])
    levy = NormalLevy(location=0.3, scale=0.7, tail=0.4)
    close = NormalInverseGaussian(location=0.3, scale=0.7, tail=0.4, skewness=0.4 * (1 - 1e-15))
    # log f differs by γ = a √(2 · 10⁻¹⁵), and by its square times z
    assert levy.logpdf(x) == pytest.approx(close.logpdf(x), abs=1e-7)
    drawn = levy.rvs(4000, np.random.default_rng(0))
    for q in (0.1, 0.5, 0.9):
        assert np.mean(drawn <= levy.ppf(q)) == pytest.approx(q, abs=0.025)  # five standard errors


@pytest.mark.parametrize("z", [50.0, 1e8, 1e15])
def test_scores_of_normal_levy_keep_their_digits_far_out(z: float) -> None:
    """There z/q and the ratio of Bessel functions differ from 1 by less than a rounding."""

    def log_density(location: mpmath.mpf, scale: mpmath.mpf, a: mpmath.mpf) -> mpmath.mpf:
        y = (z - location) / scale
        q = mpmath.sqrt(1 + y * y)
        return mpmath.log(a * mpmath.besselk(1, a * q) / (mpmath.pi * scale * q)) + a * y

    member = NormalLevy(location=0.0, scale=1.0, tail=0.7)
    with mpmath.workdps(60):
        point = [mpmath.mpf(float(value)) for value in member.theta]
        orders = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
        truth = [float(mpmath.diff(log_density, point, order)) for order in orders]
    np.testing.assert_allclose(member.score([z], member.theta)[:, 0], truth, rtol=1e-14)
