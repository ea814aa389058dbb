"""Zero-inflated families and hurdles: fits, verdicts at the edges, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

import mlestim as ml

BIOCHEMISTS = Path(__file__).parents[2] / "reference" / "data" / "37_ztpoisson_biochemists"


def filled(n: int, zero_prob: float, mean: float, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(n) < zero_prob, 0.0, rng.poisson(mean, n))


FILLED = filled(500, 0.4, 3.0)
# Fewer zeros than any Poisson distribution of that mean has.
DEFLATED = np.repeat([0.0, 2.0, 3.0, 4.0], [2, 60, 80, 50])


# ---- fits ------------------------------------------------------------------------------------------


def test_a_hurdle_is_a_share_of_zeros_and_a_truncated_family() -> None:
    """R's pscl::hurdle fits the positive counts as VGAM's pospoisson does; 275 of 915 are zeros."""
    positive = pd.read_csv(BIOCHEMISTS / "data.csv")["art"]
    result = ml.fit(np.concatenate([positive, np.zeros(275)]), "hurdle_poisson")
    assert result.params["mean"] == pytest.approx(2.1337719776600133, rel=1e-9)
    assert result.standard_errors["mean"] == pytest.approx(0.06418560552673161, rel=1e-9)
    share = 275 / 915
    assert result.params["zero_prob"] == pytest.approx(share, rel=1e-12)
    error = np.sqrt(share * (1.0 - share) / 915)
    assert result.standard_errors["zero_prob"] == pytest.approx(error, rel=1e-9)
    binary = 275 * np.log(share) + 640 * np.log(1.0 - share)
    assert result.log_likelihood == pytest.approx(binary - 1120.0272492119655, rel=1e-12)


@pytest.mark.parametrize(
    "family",
    ["zero_inflated_poisson", "zero_inflated_negative_binomial", "zero_inflated_geometric"],
)
def test_no_other_parameters_make_a_filled_sample_likelier(family: str) -> None:
    result = ml.fit(FILLED, family)

    def negative(theta: np.ndarray) -> float:
        member = result.family.with_values(dict(zip(result.names, theta, strict=True)))
        return -float(member.logpdf(FILLED).sum())

    bounds = [
        (1e-3, 1.0 - 1e-3 if name in ("prob", "zero_prob") else 100.0) for name in result.names
    ]
    for first in np.random.default_rng(2).uniform(0.1, 0.9, (5, len(bounds))):
        found = optimize.minimize(negative, first, bounds=bounds)
        assert -found.fun <= result.log_likelihood + 1e-6


def test_where_zeros_abound_inflation_and_hurdle_are_the_same_distribution() -> None:
    inflated, hurdle = (ml.fit(FILLED, f"{name}_poisson") for name in ("zero_inflated", "hurdle"))
    assert inflated.log_likelihood == pytest.approx(hurdle.log_likelihood, rel=1e-13)
    assert inflated.params["mean"] == pytest.approx(hurdle.params["mean"], rel=1e-9)
    assert hurdle.params["zero_prob"] == pytest.approx(np.mean(FILLED == 0.0), rel=1e-12)


def test_amounts_of_rain_have_a_hurdle_too() -> None:
    rng = np.random.default_rng(5)
    rain = np.where(rng.random(300) < 0.3, 0.0, rng.gamma(2.0, 3.0, 300))
    result, wet = ml.fit(rain, ml.Hurdle("gamma")), ml.fit(rain[rain > 0.0], "gamma")
    for name in ("shape", "scale"):
        assert result.params[name] == pytest.approx(wet.params[name], rel=1e-9)
        assert result.standard_errors[name] == pytest.approx(wet.standard_errors[name], rel=1e-9)
    assert result.distribution.cdf(0.0) == pytest.approx(np.mean(rain == 0.0), rel=1e-12)
    assert result.distribution.ppf(0.9) == pytest.approx(
        wet.distribution.ppf(1.0 - 0.1 / np.mean(rain > 0.0)), rel=1e-9
    )


@pytest.mark.parametrize("inner", ["zeta", "yule_simon", "logarithmic"])
def test_above_zero_a_hurdle_is_what_counts_from_one_on_are(inner: str) -> None:
    counts = np.repeat([0.0, 1.0, 2.0, 3.0, 7.0], [30, 40, 12, 5, 2])
    result, above = ml.fit(counts, ml.Hurdle(inner)), ml.fit(counts[counts > 0.0], inner)
    for name in above.names:
        assert result.params[name] == pytest.approx(above.params[name], rel=1e-9)
        assert result.standard_errors[name] == pytest.approx(above.standard_errors[name], rel=1e-8)


@pytest.mark.parametrize("limit", [0.0, 1e-12])
def test_zeros_that_were_below_a_limit_are_zeros(limit: float) -> None:
    """The density of the amounts has nothing to add between 0 and such a limit."""
    rain = np.r_[np.zeros(20), np.random.default_rng(6).gamma(2.0, 3.0, 50)]
    dry = rain == 0.0
    exact = ml.fit(rain, ml.Hurdle("gamma"))
    result = ml.fit(
        None,
        ml.Hurdle("gamma"),
        lower=np.where(dry, -np.inf, rain),
        upper=np.where(dry, limit, rain),
    )
    assert result.log_likelihood == pytest.approx(exact.log_likelihood, rel=1e-12)
    np.testing.assert_allclose(result.estimates, exact.estimates, rtol=1e-8)


def test_amounts_between_zero_and_a_limit_are_no_zeros() -> None:
    """Rows of (0, 5] leave out the probability of 0 itself."""
    result = ml.fit(
        None,
        ml.Hurdle("exponential"),
        lower=[-1.0, *np.zeros(30), *np.full(20, 5.0)],
        upper=[0.0, *np.full(30, 5.0), *np.full(20, np.inf)],
    )
    assert result.params["zero_prob"] == pytest.approx(1 / 51, rel=1e-9)
    assert result.params["scale"] == pytest.approx(5.0 / np.log(50 / 20), rel=1e-9)


def test_groups_are_fitted_as_each_is_alone() -> None:
    frame = pd.DataFrame({"x": np.r_[FILLED, DEFLATED], "g": ["a"] * 500 + ["b"] * len(DEFLATED)})
    for family in ("zero_inflated_poisson", "hurdle_poisson"):
        groups = ml.fit(frame, family, column="x", by="g")
        for key, rows in frame.groupby("g"):
            alone = ml.fit(rows["x"].to_numpy(), family)
            assert groups[key].verdict is alone.verdict
            np.testing.assert_allclose(groups[key].estimates, alone.estimates, rtol=1e-8)


def test_censored_and_weighted_counts_are_fitted_as_they_are() -> None:
    """Counts above 4 are only known to be that; weights are repetitions."""
    shown, seen = np.minimum(FILLED, 5.0), FILLED < 5.0
    lower = np.where(seen, shown, 4.0)
    upper = np.where(seen, shown, np.inf)
    result = ml.fit(None, "zero_inflated_poisson", lower=lower, upper=upper)
    member = result.distribution
    total = member.logpdf(shown[seen]).sum() + np.sum(~seen) * member.logsf(4.0)
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.log_likelihood == pytest.approx(total, rel=1e-12)
    assert result.params["mean"] == pytest.approx(3.0, abs=0.3)
    counts, times = np.unique(FILLED, return_counts=True)
    table = ml.fit(counts, "zero_inflated_poisson", weights=times)
    np.testing.assert_allclose(
        table.estimates, ml.fit(FILLED, "zero_inflated_poisson").estimates, rtol=1e-9
    )


# ---- verdicts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", [DEFLATED, DEFLATED[DEFLATED > 0.0]], ids=["few", "no"])
def test_without_zeros_in_excess_none_are_additional(sample: np.ndarray) -> None:
    result, plain = ml.fit(sample, "zero_inflated_poisson"), ml.fit(sample, "poisson")
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["zero_prob"] == 0.0
    assert np.isnan(result.standard_errors["zero_prob"])
    assert result.params["mean"] == pytest.approx(plain.params["mean"], rel=1e-12)
    assert result.standard_errors["mean"] == pytest.approx(plain.standard_errors["mean"], rel=1e-9)
    assert result.distribution.pdf(0.0) == pytest.approx(plain.distribution.pdf(0.0), rel=1e-12)


def test_the_edge_is_where_the_share_of_zeros_is_that_of_the_poisson() -> None:
    """With the sample mean m the maximum leaves the edge as the share of zeros exceeds exp(−m)."""
    ones = np.arange(1.0, 4.0)
    for zeros in range(1, 12):
        sample = np.concatenate([np.zeros(zeros), ones])
        excess = np.mean(sample == 0.0) > np.exp(-sample.mean())
        verdict = ml.fit(sample, "zero_inflated_poisson").verdict
        assert verdict is (ml.Verdict.INTERIOR if excess else ml.Verdict.BOUNDARY), zeros


def test_a_hurdle_without_zeros_has_probability_zero() -> None:
    result = ml.fit(DEFLATED[DEFLATED > 0.0], "hurdle_poisson")
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["zero_prob"] == 0.0
    assert np.isnan(result.standard_errors["zero_prob"])
    assert np.isfinite(result.standard_errors["mean"])
    assert result.distribution.pdf(0.0) == 0.0


@pytest.mark.parametrize(
    "family", ["zero_inflated_poisson", "zero_inflated_negative_binomial", "hurdle_poisson"]
)
def test_zeros_alone_identify_nothing(family: str) -> None:
    with pytest.raises(ml.IdentifiabilityError):
        ml.fit(np.zeros(20), family)
    result = ml.fit(np.zeros(20), family, on_failure="return")
    assert result.log_likelihood == pytest.approx(0.0, abs=1e-14)  # 20 roundings of 0
    assert result.params["zero_prob"] == 1.0


@pytest.mark.parametrize("family", ["zero_inflated_poisson", "hurdle_poisson"])
def test_zeros_alone_are_certain_where_the_rest_is_known(family: str) -> None:
    x, groups = [0, 0, 0, 0, 2, 3], [1, 1, 1, 2, 2, 2]
    fits = ml.fit(x, family, by=groups, fixed={"mean": 2})
    assert fits[1].verdict is ml.Verdict.BOUNDARY
    assert fits[1].params["zero_prob"] == 1.0
    assert fits[1].log_likelihood == pytest.approx(0.0, abs=1e-14)
    assert fits[2].log_likelihood == ml.fit(x[3:], family, fixed={"mean": 2}).log_likelihood


def test_ones_alone_above_zero_are_the_limit_of_small_means() -> None:
    with pytest.warns(ml.LimitWarning):
        result = ml.fit([0, 0, 1, 1, 1], "hurdle_poisson")
    assert result.verdict is ml.Verdict.AT_INFINITY
    assert result.distribution == ml.Bernoulli(prob=0.6)
    assert result.params.to_dict() == {"mean": 0.0, "zero_prob": pytest.approx(0.4)}


def test_counts_above_zero_may_tend_to_another_family_than_with_zeros() -> None:
    counts = np.repeat([0, 1, 2, 3, 8, 30], [100, 60, 5, 2, 2, 1])
    with pytest.warns(ml.LimitWarning):
        result = ml.fit(counts, ml.Hurdle("negative_binomial"))
    limit = ml.fit(counts, ml.Hurdle("logarithmic"))
    assert result.limit == limit.distribution
    assert result.log_likelihood == pytest.approx(limit.log_likelihood, rel=1e-12)


def test_a_limit_of_zeros_and_ones_is_none_of_other_counts() -> None:
    """Whose mean, below 1, would pass for the probability of a one."""
    counts = np.repeat([0, 1, 2, 3, 4], [60, 12, 14, 9, 5])
    assert ml.fit(counts, "hurdle_poisson").verdict is ml.Verdict.INTERIOR


def test_limits_of_the_inner_family_are_limits_with_zeros_too() -> None:
    with pytest.warns(ml.LimitWarning):
        result = ml.fit(DEFLATED, "zero_inflated_negative_binomial")
    assert result.verdict is ml.Verdict.AT_INFINITY
    assert result.limit is not None
    assert result.limit.name == "zero_inflated_poisson"
    assert result.params["size"] == np.inf


def test_an_upper_end_is_the_largest_amount_and_a_lower_one_is_asked_for() -> None:
    """Zeros hide which amount is the least."""
    amounts = [0.0, 0.0, 1.0, 2.0, 3.0]
    result = ml.fit(amounts, ml.Hurdle("power_function"))
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["upper"] == 3.0
    with pytest.raises(ml.ParameterError, match=r"minimum is an end .* fixed={'minimum': …}"):
        ml.fit(amounts, ml.Hurdle("pareto"))
    given = ml.fit(amounts, ml.Hurdle("pareto"), fixed={"minimum": 1.0})
    alone = ml.fit(amounts[2:], "pareto", fixed={"minimum": 1.0})
    assert given.params["shape"] == pytest.approx(alone.params["shape"], rel=1e-9)
    with pytest.raises(ml.SupportError, match="row 2, with value 1"):
        ml.fit(amounts, ml.Hurdle("pareto"), fixed={"minimum": 1.5})


# ---- making and refusing ---------------------------------------------------------------------------


def test_values_of_the_inner_family_are_kept() -> None:
    made = ml.ZeroInflated(ml.Poisson(mean=2.0), zero_prob=0.25)
    assert made == ml.ZeroInflatedPoisson(mean=2.0, zero_prob=0.25)
    assert repr(made) == "ZeroInflated('poisson', mean=2, zero_prob=0.25)"
    assert made.parameter_names == ("mean", "zero_prob")


def test_results_are_read_back_by_the_name() -> None:
    for family in (ml.ZeroInflated("geometric"), ml.Hurdle("negative_binomial")):
        result = ml.fit(FILLED, family)
        again = ml.load(result.to_json())
        assert again.family == family
        assert again.distribution == result.distribution


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ml.ZeroInflated("normal"), "a family of counts or of positive values, not normal"),
        (lambda: ml.ZeroInflated("logarithmic"), r"use Hurdle\('logarithmic'\)"),
        (lambda: ml.ZeroInflated("exponential"), r"use Hurdle\('exponential'\)"),
        (lambda: ml.ZeroInflated("bernoulli"), "bernoulli has nothing above 1"),
        (lambda: ml.Hurdle("tweedie"), "tweedie has a probability of 0 of its own"),
        (lambda: ml.Hurdle("hurdle_poisson"), "not hurdle_poisson"),
        (lambda: ml.fit([1.0], "hurdle_poissn"), "no family is named 'hurdle_poissn'"),
    ],
)
def test_what_has_no_zeros_to_add_is_refused(make, message: str) -> None:
    with pytest.raises(ml.OptionError, match=message):
        make()


@pytest.mark.filterwarnings("ignore::mlestim.LimitWarning")
@pytest.mark.parametrize(
    "family", ["zero_inflated_poisson", "hurdle_poisson", "zero_inflated_negative_binomial"]
)
def test_exact_zeros_beside_rows_known_to_lie_above_them_are_not_zeros_alone(family: str) -> None:
    """Fifteen zeros, five counts of which it is known that they exceed 0: a share of 3/4."""
    rows = {"lower": np.zeros(20), "upper": np.repeat([0.0, np.inf], [15, 5])}
    result = ml.fit(None, family, **rows, on_failure="return")
    share = 15 * np.log(0.75) + 5 * np.log(0.25)
    assert result.log_likelihood == pytest.approx(share, rel=1e-9)
    assert result.verdict is not ml.Verdict.UNBOUNDED
