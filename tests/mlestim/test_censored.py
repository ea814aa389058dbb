"""Rows that are intervals or were seen through a window: fits of any mix of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

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


# ---- how rows are given ---------------------------------------------------------------------------


def test_events_are_right_censoring() -> None:
    time, observed = rows("weibull"), np.arange(60) % 3 != 0
    table = pd.DataFrame({"time": time, "status": observed.astype(int)})
    expected = fitted("weibull", time, np.where(observed, time, INF))
    for result in (
        ml.fit(table, "weibull", column="time", event="status"),
        ml.fit(time, "weibull", event=observed),
        ml.fit(ml.Observations.right_censored(time, observed), "weibull"),
        ml.fit(stats.CensoredData.right_censored(time, ~observed), "weibull"),
    ):
        require_same(result, expected)


def test_detection_limits_are_read_from_text() -> None:
    column = ["<0.5", "2.5", ">4", "1.25", "≤0.75", "3", ">=5", None]
    table = pd.DataFrame({"lead": column})
    result = ml.fit(table, "lognormal", nan_policy="omit")
    lower = [-INF, 2.5, 4.0, 1.25, -INF, 3.0, 5.0]
    upper = [0.5, 2.5, INF, 1.25, 0.75, 3.0, INF]
    require_same(result, fitted("lognormal", lower, upper))
    assert result.observations is not None
    assert result.observations.n_omitted == 1


def test_a_strict_limit_of_counts_leaves_its_own_value_out() -> None:
    below_three, at_most_two = ["<3", "5", "2", "4"], ["<=2", "5", "2", "4"]
    require_same(ml.fit(below_three, "poisson"), ml.fit(at_most_two, "poisson"))


def test_columns_of_intervals_are_read() -> None:
    x = rows("gamma")
    bins = pd.cut(pd.Series(x), [0.0, 2.0, 4.0, 6.0, 10.0, 50.0])
    counts, edges = np.histogram(x, [0.0, 2.0, 4.0, 6.0, 10.0, 50.0])
    intervals = pd.Series(pd.arrays.IntervalArray(bins.to_list()))
    require_same(ml.fit(intervals, "gamma"), ml.fit(ml.Observations.binned(edges, counts), "gamma"))


@pytest.mark.parametrize("shift", [0.0, 0.05, 273.15])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounded_values_may_lie_anywhere_in_their_cells(shift: float, dtype: type) -> None:
    """Multiples of the unit, middles of cells, and degrees Celsius in Kelvin."""
    x = (np.rint(rows("gamma") / 0.1) * 0.1 + shift).astype(dtype)
    result = ml.fit(x, "normal", resolution=0.1)
    require_same(result, fitted("normal", x.astype(float) - 0.05, x.astype(float) + 0.05))


@pytest.mark.parametrize(
    ("x", "words"),
    [
        ([1.2, 3.4, 2.25], "1 of 3 values is not whole steps of 0.1.*row 2, with value 2.25"),
        ([1.25, 3.4, 2.25, 7.65], "row 1, with value 3.4"),
        (rows("gamma"), "59 of 60 values.*resolution=….*lower=… and upper=…"),
    ],
)
def test_values_that_were_not_rounded_to_the_unit_are_refused(x: Any, words: str) -> None:
    with pytest.raises(ml.DataError, match=words):
        ml.fit(x, "normal", resolution=0.1)


def test_missing_ends_are_infinite() -> None:
    lower, upper = mixed(rows("weibull"))
    table = pd.DataFrame({"a": lower, "b": upper}).replace([INF, -INF], np.nan)
    require_same(ml.fit(table, "weibull", lower="a", upper="b"), fitted("weibull", lower, upper))


def test_every_row_may_have_its_own_window() -> None:
    rng = np.random.default_rng(2)
    age, entry = rng.weibull(3.0, 400) * 80.0, rng.uniform(0.0, 60.0, 400)
    table = pd.DataFrame({"age": age, "entry": entry})[age > entry]
    result = ml.fit(table, "weibull", column="age", truncation=("entry", None))
    ignoring = ml.fit(table, "weibull", column="age")
    truth = np.array([3.0, 80.0])
    error = np.abs(result.estimates - truth) / result.standard_errors
    assert (error < 3.0).all()
    assert (np.abs(ignoring.estimates - truth) / ignoring.standard_errors).max() > 3.0


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


@pytest.mark.parametrize("family", ["exponential", "normal", "weibull", "gamma"])
def test_a_sample_that_is_level_in_its_window_has_no_maximum(family: str) -> None:
    """Its best fit is uniform there, which these families reach only at infinity."""
    with pytest.raises(ml.ConvergenceError):
        ml.fit([0.6, 0.7, 5.3, 5.4, 3.0], family, truncation=(0.5, 5.5))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"truncation": (2.0, 2.0)}, ml.DataError, "leaves nothing"),
        ({"truncation": (2.5, None)}, ml.DataError, "outside its truncation window: rows 0 and 1"),
        ({"truncation": 3.0}, ml.OptionError, "a pair"),
        ({"resolution": 0.0}, ml.OptionError, "positive number"),
        ({"resolution": "a"}, ml.OptionError, "positive number"),
        (
            {"event": [1, 0, 2]},
            ml.DataError,
            r"takes True and False.*1 of 3.*row 2, with value 2.0\. Compare.*== 2",
        ),
        ({"event": ["dead", "alive", "dead"]}, ml.DataError, "holds 'dead' and 'alive'. Compare"),
        ({"event": pd.Categorical(["yes", "no", "no"])}, ml.DataError, "holds 'yes' and 'no'"),
        ({"event": [1, None, 1]}, ml.DataError, "event.*missing.*row 1"),
        ({"event": [1, 0]}, ml.DataError, "2 of them for 3 rows"),
        ({"event": [1, 1, 0], "resolution": 0.1}, ml.OptionError, r"event=… beside resolution=…"),
        ({"lower": [1, 2, 3]}, ml.OptionError, "upper=… is missing"),
        ({"lower": 1, "upper": [1, 2, 3]}, ml.DataError, r"lower=1 is one number.*full\(n, 1\)"),
        ({"event": True}, ml.DataError, "event=True is one number, and each row needs its own"),
    ],
)
def test_contradictions_are_refused(
    options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        ml.fit([1.0, 2.0, 3.0], "normal", **options)


@pytest.mark.parametrize(
    ("lower", "upper", "words"),
    [
        ([3.0, 1.0], [1.0, 2.0], "lower end above its upper end: row 0"),
        ([-INF, 1.0], [INF, 2.0], "no finite end"),
        ([INF, 1.0], [INF, 2.0], "infinite"),
        ([None, 1.0], [None, 2.0], "missing: row 0"),
    ],
)
def test_ends_that_make_no_sense_are_refused(lower: list, upper: list, words: str) -> None:
    with pytest.raises(ml.DataError, match=words):
        fitted("normal", lower, upper)


@pytest.mark.parametrize(
    ("columns", "name", "title"),
    [
        (("time_low", "time_high"), "time", "columns 'time_low' and 'time_high'"),
        (("left end of time", "right end of time"), "end of time", "columns 'left end"),
        (("low", "high"), "x", "columns 'low' and 'high'"),
        ((None, None), "x", "lower and upper"),
    ],
)
def test_ends_are_called_by_what_their_columns_have_in_common(
    columns: tuple[str | None, str | None], name: str, title: str
) -> None:
    low, high = (
        pd.Series(end, name=column)
        for end, column in zip(([1.0, 2.0, 3.0], [1.5, 2.0, 2.5]), columns, strict=True)
    )
    with pytest.raises(ml.DataError, match=f"^{title}.*row 2, with value .3.0, 2.5]"):
        ml.Observations.of(None, lower=low, upper=high)
    sample = ml.Observations.of(None, lower=low, upper=high + 1.0)
    assert sample.name == name
    assert sample.title.startswith(title)


def test_ends_of_a_support_need_exact_rows() -> None:
    x = np.arange(1.0, 6.0)
    with pytest.raises(ml.ParameterError, match=r"uniform: lower, upper.*5 interval-censored"):
        fitted("uniform", x, x + 0.5)
    result = fitted("pareto", x, [1.0, 2.0, 3.0, INF, INF])
    assert result.params["minimum"] == 1.0  # an end below that exact rows show


def test_intervals_outside_the_support_are_refused() -> None:
    with pytest.raises(ml.SupportError, match=r"row 0, with value ≤-2\.0"):
        fitted("weibull", [-INF, 1.0], [-2.0, 1.0])


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (["<-1", "2", "3"], {}, r"row 0, with value '<-1'"),
        (["≥-3", "<-2", "3"], {"nan_policy": "omit"}, r"row 1, with value '<-2'"),
        (["<0.5", "2", "3"], {"truncation": (1.0, None)}, r"window: row 0, with value '<0.5'"),
        (pd.Series(pd.interval_range(-1, 2, closed="left")), {}, r"with value \[-1, 0\)"),
        ([-1.0, 2.0, 3.0], {"resolution": 1.0}, r"row 0, with value -1.0"),
        ([2.0, -1.0], {"event": [True, True]}, r"row 1, with value -1.0"),
        ([2.0, 9.0, 3.0], {"event": [1, 0, 1], "truncation": (0, 9)}, r"row 1, with value >9.0"),
    ],
)
def test_messages_show_rows_as_they_were_given(data: Any, options: Any, words: str) -> None:
    with pytest.raises(ml.DataError, match=words):
        ml.fit(data, "gamma", **options)


def test_what_was_not_detected_is_asked_for_its_limit() -> None:
    with pytest.raises(
        ml.DataError, match=r"row 2, with value 'ND'.*written with its limit, '<0.5'"
    ):
        ml.fit(["<0.5", "1.2", "ND"], "gamma")
    with pytest.raises(ml.OptionError, match=r"limits such as '<0.5'.*Leave event=… out"):
        ml.fit(["<0.5", "1.2", "2"], "gamma", event=[1, 0, 1])


def test_a_limit_below_the_first_count_is_no_fraction() -> None:
    with pytest.raises(ml.SupportError, match=r"'<0'\. Correct these values or choose a family"):
        ml.fit(["1", "<0", "3"], "poisson")


def test_counts_have_no_interval_without_a_whole_number() -> None:
    with pytest.raises(ml.SupportError, match="row 0"):
        fitted("poisson", [0.2, 1.0, 2.0], [0.7, 3.0, 2.0])


@pytest.mark.parametrize("edges", [[0, 1, np.nan, 3], [0, 1, 1, 3], [3, 1, 2, 4]])
def test_edges_of_bins_increase(edges: list[float]) -> None:
    with pytest.raises(ml.DataError, match="edges: they have to increase"):
        ml.Observations.binned(edges, [5, 3, 2])


def test_bins_of_pandas_cut_are_read() -> None:
    cut = pd.Series(pd.cut(rows("gamma"), [0.0, 2.0, 4.0, 6.0, 10.0, 50.0]))
    counts, edges = np.histogram(rows("gamma"), [0.0, 2.0, 4.0, 6.0, 10.0, 50.0])
    require_same(ml.fit(cut, "gamma"), ml.fit(ml.Observations.binned(edges, counts), "gamma"))


def test_intervals_of_durations_are_refused() -> None:
    hours = pd.Series(pd.interval_range(pd.Timedelta("1h"), periods=4, freq="1h"))
    with pytest.raises(ml.DataError, match="timedelta64"):
        ml.fit(hours, "gamma")


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
