"""Rows that are intervals or were seen through a window: fits of any mix of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import integrate

import mlestim as ml

INF = np.inf
FAMILIES = ["normal", "weibull", "gamma", "lognormal", "logistic", "poisson", "negative_binomial"]
COUNTS = ("poisson", "negative_binomial")
# Two ways to one likelihood differ by rounding; its maximum lies where differences of tails, good
# to 1e-12, put it.
SAME_LIKELIHOOD, SAME_ESTIMATE = 1e-11, 1e-7


def rows(family: str, n: int = 60, seed: int = 5) -> np.ndarray:
    """A sample that the family could have made."""
    rng = np.random.default_rng(seed)
    if family in COUNTS:
        return rng.negative_binomial(4, 0.4, n).astype(float)
    return rng.gamma(3.0, 2.0, n)


def mixed(x: np.ndarray, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Ends of rows of all four kinds."""
    rng = np.random.default_rng(seed)
    lower, upper = x.copy(), x.copy()
    kind = rng.integers(0, 4, len(x))
    lower[kind == 1], upper[kind == 1] = np.floor(0.8 * x[kind == 1]), INF
    lower[kind == 2], upper[kind == 2] = -INF, np.ceil(1.2 * x[kind == 2]) + 1.0
    lower[kind == 3], upper[kind == 3] = np.floor(x[kind == 3]) - 1.0, np.floor(x[kind == 3]) + 2.0
    return lower, upper


def fitted(family: str, lower: Any, upper: Any, **options: Any) -> ml.FitResult:
    return ml.fit(None, family, lower=lower, upper=upper, **options)


def require_same(a: ml.FitResult, b: ml.FitResult) -> None:
    assert a.verdict is b.verdict is ml.Verdict.INTERIOR
    assert a.log_likelihood == pytest.approx(b.log_likelihood, rel=SAME_LIKELIHOOD)
    np.testing.assert_allclose(a.estimates, b.estimates, rtol=SAME_ESTIMATE)
    np.testing.assert_allclose(a.standard_errors, b.standard_errors, rtol=1e-5)


# ---- what the likelihood is ----------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_the_likelihood_is_made_of_densities_and_integrals_of_them(family: str) -> None:
    """Integrated by brute force, from the frozen distribution's density alone."""
    lower, upper = mixed(rows(family))
    window = (0.5, 40.0) if family not in COUNTS else (0.0, 60.0)
    inside = (lower < window[1]) & (upper > window[0]) & ~((lower == upper) & (lower <= window[0]))
    lower, upper = lower[inside], upper[inside]
    result = fitted(family, lower, upper, truncation=window)
    distribution = result.distribution

    def probability(low: float, high: float) -> float:
        low, high = max(low, window[0]), min(high, window[1])
        if family in COUNTS:
            return float(distribution.pdf(np.arange(np.floor(low) + 1.0, high + 1.0)).sum())
        return integrate.quad(distribution.pdf, low, high, epsabs=0.0, epsrel=1e-11, limit=200)[0]

    terms = [
        float(distribution.logpdf(low)) if low == high else np.log(probability(low, high))
        for low, high in zip(lower, upper, strict=True)
    ]
    whole = np.sum(terms) - len(terms) * np.log(probability(*window))
    assert result.log_likelihood == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
def test_ends_that_are_equal_are_exact(family: str) -> None:
    x = rows(family)
    require_same(fitted(family, x, x), ml.fit(x, family))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_window_that_holds_everything_truncates_nothing(family: str) -> None:
    x = rows(family)
    exact = ml.fit(x, family)
    require_same(ml.fit(x, family, truncation=(-INF, None)), exact)
    require_same(ml.fit(x, family, truncation=(np.full(len(x), -1e300), None)), exact)


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_are_repetitions(family: str) -> None:
    lower, upper = mixed(rows(family))
    counts = np.random.default_rng(3).integers(1, 4, len(lower))
    repeated = fitted(family, np.repeat(lower, counts), np.repeat(upper, counts))
    weighted = fitted(family, lower, upper, weights=counts)
    require_same(weighted, repeated)
    assert weighted.n_observations == repeated.n_observations == counts.sum()


@pytest.mark.parametrize("family", FAMILIES)
def test_groups_are_fits_of_their_own(family: str) -> None:
    parts = [mixed(rows(family, n, seed=n)) for n in (40, 80, 55)]
    lower, upper = (np.concatenate(ends) for ends in zip(*parts, strict=True))
    key = np.repeat(["a", "b", "c"], [40, 80, 55])
    order = np.random.default_rng(1).permutation(len(key))
    grouped = fitted(family, lower[order], upper[order], by=key[order])
    for name, ends in zip("abc", parts, strict=True):
        require_same(grouped[name], fitted(family, *ends))


@pytest.mark.parametrize("family", ["normal", "weibull", "gamma", "logistic"])
def test_fine_rounding_tends_to_the_exact_fit(family: str) -> None:
    """A row rounded to r contributes density times r, up to the square of r.

    Ends are rounded to 16 digits themselves, and with them the width of a narrow interval.
    """
    for resolution, tolerance in ((1e-2, 1e-4), (1e-4, 1e-7), (1e-7, 1e-7)):
        x = np.rint(rows(family) / resolution) * resolution
        exact, near = ml.fit(x, family), ml.fit(x, family, resolution=resolution)
        np.testing.assert_allclose(near.estimates, exact.estimates, rtol=tolerance)
        densities = near.log_likelihood - len(x) * np.log(resolution)
        assert densities == pytest.approx(exact.log_likelihood, abs=10.0 * tolerance)


@pytest.mark.parametrize("factor", [1e-100, 1e-6, 1e6, 1e100])
@pytest.mark.parametrize("family", ["weibull", "lognormal", "gamma"])
def test_the_unit_of_the_data_does_not_matter(family: str, factor: float) -> None:
    lower, upper = mixed(rows(family))
    plain = fitted(family, lower, upper, truncation=(None, 50.0))
    scaled = fitted(family, factor * lower, factor * upper, truncation=(None, factor * 50.0))
    with np.errstate(over="ignore"):
        expected = {
            "shape": plain.params.get("shape"),
            "sdlog": plain.params.get("sdlog"),
            "scale": plain.params.get("scale", np.nan) * factor,
            "meanlog": plain.params.get("meanlog", np.nan) + np.log(factor),
        }
    for name, value in scaled.params.items():
        assert value == pytest.approx(expected[name], rel=1e-8)


# ---- what cannot be fitted -----------------------------------------------------------------------


@pytest.mark.parametrize("family", ["weibull", "normal", "gamma", "exponential", "poisson"])
@pytest.mark.parametrize("side", ["right", "left"])
def test_rows_that_are_all_tails_of_one_side_say_nothing(family: str, side: str) -> None:
    x = np.arange(1.0, 6.0)
    ends = (x, np.full(5, INF)) if side == "right" else (np.full(5, -INF), x)
    with pytest.raises(ml.IdentifiabilityError, match="different parameters give the same"):
        fitted(family, *ends)


@pytest.mark.parametrize("family", ["weibull", "normal", "gamma", "lognormal"])
def test_rows_that_share_a_point_say_nothing(family: str) -> None:
    x = np.arange(1.0, 6.0)
    with pytest.raises(ml.IdentifiabilityError):
        fitted(family, x, x + 5.0)
    with pytest.raises(ml.UnboundedLikelihoodError):
        fitted(family, [2.0, 2.0, 1.0], [2.0, 2.0, INF])


def test_one_parameter_is_found_in_one_interval() -> None:
    """P(1 < X ≤ 3) of an exponential is largest where its derivative in the scale is 0."""
    result = fitted("exponential", np.full(5, 1.0), np.full(5, 3.0))
    assert result.params["scale"] == pytest.approx(2.0 / np.log(3.0), rel=1e-9)


@pytest.mark.filterwarnings("ignore::mlestim.LimitWarning")
@pytest.mark.parametrize("family", ["exponential", "normal", "weibull", "gamma"])
def test_a_sample_that_is_level_in_its_window_has_no_maximum(family: str) -> None:
    """Its best fit is uniform there or rises a little, which these reach only at an end."""
    result = ml.fit([0.6, 0.7, 5.3, 5.4, 3.0], family, truncation=(0.5, 5.5), on_failure="return")
    assert result.verdict in (ml.Verdict.AT_INFINITY, ml.Verdict.BOUNDARY)
    assert result.log_likelihood >= -5 * np.log(5.0) - 1e-7


def test_exact_rows_show_the_end_below_right_censored_ones() -> None:
    x = np.arange(1.0, 6.0)
    result = fitted("pareto", x, [1.0, 2.0, 3.0, INF, INF])
    assert result.params["minimum"] == 1.0


def test_zeros_that_could_not_be_seen_have_no_probability() -> None:
    with pytest.raises(ml.OptionError, match="zero_prob cannot be told"):
        ml.fit([1, 2, 3, 1], ml.ZeroInflated("poisson"), truncation=(0, None))


def test_bins_that_touch_tell_one_share_alone() -> None:
    with pytest.raises(ml.IdentifiabilityError, match="end or begin at 1"):
        ml.fit(ml.Observations.binned([0, 1, 2], [30, 70]), "gamma")


@pytest.mark.parametrize("cut", [4.5, 5.0, 6.0])
def test_components_do_not_hug_the_rows_that_were_stopped(cut: float) -> None:
    """Times that were all stopped at the same point pile up there, and are no narrow component."""
    rng = np.random.default_rng(2)
    y = np.concatenate([rng.normal(0.0, 1.0, 100), rng.normal(5.0, 1.0, 100)])
    result = ml.fit(np.minimum(y, cut), ml.Mixture("normal", 2), event=y < cut)
    assert result.verdict is ml.Verdict.INTERIOR
    np.testing.assert_allclose(result.params[["mean_1", "mean_2"]], [0.0, 5.0], atol=0.4)


def test_intervals_may_reach_beyond_the_support() -> None:
    """An interval from −1 to 1 tells of a count from 1 on that it is 1, though its middle is 0."""
    x = np.repeat([1.0, 2.0, 3.0, 4.0], [40, 7, 2, 1])
    whole = ml.fit(x, "zeta")
    result = fitted("zeta", np.where(x == 1.0, -1.0, x), x)
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.log_likelihood == pytest.approx(whole.log_likelihood, abs=1e-9)


def test_rows_of_which_the_ends_are_given_need_no_data() -> None:
    x = rows("gamma")
    ends = {"lower": x - 0.05, "upper": x + 0.05}
    expected = ml.fit(None, "gamma", **ends).log_likelihood
    assert ml.fit(family="gamma", **ends).log_likelihood == expected
    assert ml.compare(families=["gamma"], **ends).best.log_likelihood == expected


def test_without_data_or_a_family_there_is_nothing_to_fit() -> None:
    with pytest.raises(ml.DataError, match="NoneType cannot be read as data"):
        ml.fit(family="gamma")
    with pytest.raises(ml.DataError, match="NoneType cannot be read as data"):
        ml.compare()
    with pytest.raises(ml.OptionError, match="a family is a name"):
        ml.fit(rows("gamma"))
