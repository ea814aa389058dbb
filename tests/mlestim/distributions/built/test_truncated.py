"""Distributions between cut points, beside scipy's and sums of their own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import mlestim as ml

P = np.array([0.0, 1e-10, 0.25, 0.5, 0.9, 1.0 - 1e-10, 1.0])


@pytest.mark.parametrize(("lower", "upper"), [(-1.0, 2.0), (-9.0, -7.5), (8.0, 8.5), (0.0, np.inf)])
def test_a_truncated_normal_is_scipys(lower: float, upper: float) -> None:
    """Far out in either tail too, where differences of the distribution function are rounded."""
    ours = ml.Truncated(ml.Normal(mean=1.0, sd=2.0), lower=1 + 2 * lower, upper=1 + 2 * upper)
    theirs = stats.truncnorm(lower, upper, loc=1.0, scale=2.0)
    x = theirs.ppf([0.01, 0.3, 0.5, 0.99])
    for function in ("pdf", "cdf", "sf", "logpdf", "logcdf", "logsf"):
        np.testing.assert_allclose(
            getattr(ours, function)(x), getattr(theirs, function)(x), rtol=1e-9, atol=1e-13
        )
    np.testing.assert_allclose(ours.ppf(P), theirs.ppf(P), rtol=1e-12)
    # scipy's upper quantiles are those of 1 − p, which has lost digits where p is small
    np.testing.assert_allclose(ours.isf(P), theirs.isf(P), rtol=1e-8)
    assert ours.mean() == pytest.approx(theirs.mean(), rel=1e-9)
    assert ours.var() == pytest.approx(theirs.var(), rel=1e-5)  # scipy's is a difference of squares
    beyond = ours.logpdf([x[0] - 40.0, np.nan])
    assert beyond[0] == -np.inf
    assert np.isnan(beyond[1])


def test_counts_above_zero_are_what_hurdles_have_there() -> None:
    positive = ml.Truncated(ml.Poisson(mean=2.0), lower=0)
    hurdle = ml.Hurdle("poisson", mean=2.0, zero_prob=0.5)
    k = np.arange(1.0, 12.0)
    np.testing.assert_allclose(positive.pdf(k), 2.0 * hurdle.pdf(k), rtol=1e-13)
    np.testing.assert_allclose(np.cumsum(positive.pdf(k)), positive.cdf(k + 0.5), rtol=1e-12)
    assert positive.pdf(0) == 0.0
    assert positive.mean() == pytest.approx(2.0 / -np.expm1(-2.0), rel=1e-12)
    assert positive.ppf([0.0, 0.5, 1.0]).tolist() == [1.0, 2.0, np.inf]
    sample = positive.rvs(2000, random_state=1)
    assert sample.min() == 1.0
    fitted = ml.fit(sample, "poisson", truncation=(0, np.inf))
    assert abs(fitted.params["mean"] - 2.0) < 3.0 * fitted.standard_errors["mean"]


def test_a_member_shows_how_to_make_it_again() -> None:
    made = ml.Truncated(ml.Gamma(shape=2, scale=3), upper=10)
    assert repr(made) == "Truncated(Gamma(shape=2, scale=3), lower=-inf, upper=10)"
    assert made == ml.Truncated(ml.Gamma(shape=2, scale=3), upper=10)
    assert made != ml.Truncated(ml.Gamma(shape=2, scale=3), upper=9)
    assert made.with_values({"shape": 1.0, "scale": 1.0}).params == {"shape": 1.0, "scale": 1.0}
    assert made.mode() == 3.0
    assert 0.0 < made.entropy() < ml.Gamma(shape=2, scale=3).entropy()


@pytest.mark.parametrize(
    ("of", "lower", "upper"),
    [
        (ml.Normal(mean=0, sd=1), 2.0, 1.0),
        (ml.Gamma(shape=1, scale=1), -2.0, -1.0),
        (ml.Poisson(mean=1), 0.2, 0.7),
    ],
)
def test_cut_points_with_nothing_between_them_are_refused(of, lower, upper) -> None:
    with pytest.raises(ml.OptionError, match="no probability in"):
        ml.Truncated(of, lower, upper)


# ---- fits ------------------------------------------------------------------------------------------


SEEN = ml.Truncated(ml.Gamma(shape=2, scale=3), lower=1, upper=8).rvs(200, random_state=4)


@pytest.mark.parametrize("of", ["gamma", ml.Gamma, ml.Gamma(shape=2, scale=3), ml.Hurdle("gamma")])
def test_to_fit_a_truncated_family_is_to_fit_what_is_inside_through_the_window(of) -> None:
    rows = SEEN if of != ml.Hurdle("gamma") else np.r_[SEEN, np.zeros(20)]
    window = (1, 8) if rows is SEEN else (-1, 8)
    result = ml.fit(rows, ml.Truncated(of, *window))
    expected = ml.fit(rows, of, truncation=window)
    assert result.log_likelihood == expected.log_likelihood
    assert result.distribution == expected.distribution


def test_cut_points_within_cut_points_are_the_inner_ones() -> None:
    twice = ml.Truncated(ml.Truncated(ml.Normal(mean=0, sd=1), -1, 3), 0, 8)
    assert repr(twice) == "Truncated(Normal(mean=0, sd=1), lower=0, upper=3)"


def test_none_is_an_open_end_as_it_is_of_a_window() -> None:
    member = ml.Normal(mean=0, sd=1)
    assert ml.Truncated(member, 0.5, None) == ml.Truncated(member, lower=0.5)
    assert ml.Truncated(member, None, 0.5) == ml.Truncated(member, upper=0.5)
    rows = SEEN[SEEN > 2.0]
    result = ml.fit(rows, ml.Truncated("gamma", 2.0, None))
    assert result.log_likelihood == ml.fit(rows, "gamma", truncation=(2.0, None)).log_likelihood


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: ml.Truncated("gamma", "1", [8]), ml.OptionError, r"\[8\] is no number"),
        (lambda: ml.Truncated("gamma", 1, 8).mean(), ml.ParameterError, "no value for shape"),
        (lambda: ml.Truncated("gama", 1, 8), ml.OptionError, "no family is named 'gama'"),
        (lambda: ml.Truncated("categorical", 1, 8), ml.OptionError, "numbers or counts"),
        (
            lambda: ml.fit(SEEN, ml.Truncated("gamma", 1, 8), truncation=(1, 8)),
            ml.OptionError,
            "cut points of its own",
        ),
        (lambda: ml.Mixture([ml.Truncated("gamma", 1, 8), "normal"]), ml.OptionError, "fit alone"),
        (lambda: ml.ZeroInflated(ml.Truncated("poisson", 0)), ml.OptionError, "fit alone"),
    ],
)
def test_what_cannot_be_asked_is_refused(ask, error, message: str) -> None:
    with pytest.raises(error, match=message):
        ask()
