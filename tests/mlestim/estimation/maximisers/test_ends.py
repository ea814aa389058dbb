"""Ends of the support among censored and truncated rows, beside likelihoods written out."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import mlestim as ml

Array = NDArray[np.float64]
INF = np.inf

# Distribution functions and densities of the two parameters.
CDF: dict[str, Callable[[Array, float, float], Array]] = {
    "uniform": lambda x, a, b: np.clip((x - a) / (b - a), 0.0, 1.0),
    "discrete_uniform": lambda x, a, b: np.clip((np.floor(x) - a + 1) / (b - a + 1), 0.0, 1.0),
    "power_function": lambda x, k, u: np.clip(x / u, 0.0, 1.0) ** k,
    "pareto": lambda x, k, m: 1.0 - (m / np.maximum(x, m)) ** k,
    "exponential": lambda x, s, m: -np.expm1(-np.maximum(x - m, 0.0) / s),
}
PDF: dict[str, Callable[[Array, float, float], Array]] = {
    "uniform": lambda x, a, b: ((a <= x) & (x <= b)) / (b - a),
    "discrete_uniform": lambda x, a, b: ((a <= x) & (x <= b)) / (b - a + 1),
    "power_function": lambda x, k, u: np.where(x <= u, k * (x / u) ** k / x, 0.0),
    "pareto": lambda x, k, m: np.where(x >= m, k * (m / x) ** k / x, 0.0),
    "exponential": lambda x, s, m: np.where(x >= m, np.exp(-(x - m) / s) / s, 0.0),
}
DRAW: dict[str, Callable[[np.random.Generator, int], Array]] = {
    "uniform": lambda rng, n: rng.uniform(2.0, 6.0, n),
    "discrete_uniform": lambda rng, n: rng.integers(3, 12, n).astype(float),
    "power_function": lambda rng, n: 5.0 * np.sqrt(rng.random(n)),
    "pareto": lambda rng, n: 3.0 / np.sqrt(rng.random(n)),
    "exponential": lambda rng, n: 4.0 + 3.0 * rng.standard_exponential(n),
}
# Every place of a grid is compared with the fit: as many in each parameter.
GRID = 60


def log_likelihood(family: str, theta: tuple[float, float], rows: tuple[Array, Array]) -> float:
    lower, upper = rows
    cdf, pdf = CDF[family], PDF[family]
    exact, tail = lower == upper, np.isneginf(lower)
    with np.errstate(all="ignore"):
        share = np.where(np.isposinf(upper), 1.0, cdf(upper, *theta))
        share -= np.where(tail, 0.0, cdf(np.where(tail, upper, lower), *theta))
        density = pdf(np.where(exact, upper, 1.0), *theta)
        return float(np.sum(np.log(np.where(exact, density, share))))


def censored(kind: str, x: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    lower, upper = x.copy(), x.copy()
    whole = np.all(x == np.floor(x))
    if "right" in kind:
        stop = rng.uniform(*np.quantile(x, [0.3, 0.9]), size=len(x))
        stop = np.floor(stop) if whole else stop
        lower, upper = np.minimum(x, stop), np.where(x > stop, INF, upper)
    if "left" in kind:
        limit = np.quantile(x, 0.4)
        below = x <= limit
        lower, upper = np.where(below, -INF, lower), np.where(below, limit, upper)
    if "interval" in kind:
        inside = np.isfinite(lower) & np.isfinite(upper) & (rng.random(len(x)) < 0.6)
        lower = np.where(inside, np.floor(x) - 1.0, lower)
        upper = np.where(inside, np.floor(x) + 1.0, upper)
    return lower, upper


@pytest.mark.parametrize("kind", ["right", "left", "interval", "interval, right", "right, left"])
@pytest.mark.parametrize("family", sorted(CDF))
def test_nothing_on_a_grid_is_higher(family: str, kind: str) -> None:
    rng = np.random.default_rng(len(kind))
    x = DRAW[family](rng, 25)
    rows = censored(kind, x, rng)
    free = ["location"] if family == "exponential" else None
    result = ml.fit(None, family, lower=rows[0], upper=rows[1], free=free)
    first, second = result.params
    reached = log_likelihood(family, (first, second), rows)
    assert reached == pytest.approx(result.log_likelihood, rel=1e-10)
    ends = np.unique([*rows[0], *rows[1], *np.linspace(x.min() - 2.0, x.max() + 2.0, GRID)])
    ends = ends[np.isfinite(ends)]
    if family == "discrete_uniform":
        ends = np.arange(x.min() - 20.0, x.max() + 30.0)
    others = ends if family.endswith("uniform") else np.geomspace(0.3, 8.0, GRID)
    pairs = [(a, b) for a in others for b in ends if not family.endswith("uniform") or a < b]
    pairs = [pair for pair in pairs if min(pair) > 0.0 or family.endswith("uniform")]
    best = max(log_likelihood(family, pair, rows) for pair in pairs)
    assert best <= result.log_likelihood + 1e-9  # rounding


def test_a_rate_of_failures_gives_the_end_of_a_uniform_lifetime() -> None:
    """Of n lifetimes r end before c: the end is cn/r, inside the space, with a standard error."""
    time = np.array([0.4, 1.1, 1.9, 2.0, 2.0, 2.0, 2.0, 2.0])
    result = ml.fit(time, "uniform", event=time < 2.0, fixed={"lower": 0.0})
    n, r, c = 8, 3, 2.0
    end = c * n / r
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.params["upper"] == pytest.approx(end, rel=1e-9)
    information = (n - r) / (end - c) ** 2 - n / end**2
    assert result.standard_errors["upper"] == pytest.approx(information**-0.5, rel=1e-7)


def test_bins_give_both_ends_of_a_uniform_density() -> None:
    """10, 100 and 30 in three bins of width 1: the outer ones are filled to a tenth and to 3/10."""
    sample = ml.Observations.binned([0.0, 1.0, 2.0, 3.0], [10, 100, 30])
    result = ml.fit(sample, "uniform")
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.params.to_list() == pytest.approx([0.9, 2.3], rel=1e-9)
    assert np.all(result.standard_errors > 0.0)


def test_an_end_that_a_row_shows_has_no_standard_error_and_the_other_has() -> None:
    x = np.array([1.0, 2.0, 3.0, 3.5])
    result = ml.fit([*x, *[2.5] * 8], "uniform", event=[True] * 4 + [False] * 8)
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["lower"] == 1.0
    assert np.isnan(result.standard_errors["lower"])
    assert result.params["upper"] > 3.5
    assert result.standard_errors["upper"] > 0.0


def test_large_counts_have_an_end_although_neighbours_are_as_likely() -> None:
    """As of continuous lifetimes: of n from 1 of which r end by c, the end is about cn/r."""
    time = np.array([400_000.0, 1_100_000.0, 1_900_000.0, *[2_000_000.0] * 5])
    event = np.arange(8) < 3
    result = ml.fit(time, "discrete_uniform", event=event, fixed={"lower": 1})
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["upper"] == pytest.approx(2_000_000 * 8 / 3, abs=1.0)


def test_exact_rows_show_ends_in_a_window_wider_than_they() -> None:
    x = [2.5, 3.1, 4.4]
    result = ml.fit(x, "uniform", truncation=(2.0, 5.0))
    assert result.params.to_list() == [2.5, 4.4]
    assert result.verdict is ml.Verdict.BOUNDARY


def test_ends_behind_a_window_are_open() -> None:
    with pytest.raises(ml.IdentifiabilityError, match="lower and upper may lie anywhere beyond"):
        ml.fit([3, 4, 6, 5, 5, 4], "discrete_uniform", truncation=(2, 6))


def test_intervals_that_share_values_leave_ends_open() -> None:
    with pytest.raises(ml.IdentifiabilityError, match=r"all hold \(2, 3\]"):
        ml.fit(None, "uniform", lower=[1.0, 2.0, 0.0], upper=[3.0, 4.0, 5.0])


def test_left_censored_rows_pull_the_location_below_the_smallest_exact_one() -> None:
    rng = np.random.default_rng(3)
    x = 4.0 + rng.standard_exponential(40)
    lower, upper = np.where(x < 4.6, -INF, x), np.maximum(x, 4.6)
    result = ml.fit(None, "exponential", lower=lower, upper=upper, free=["location"])
    assert result.params["location"] < 4.5
    assert result.verdict is ml.Verdict.INTERIOR


def test_a_limit_with_an_end_is_as_high_as_its_own_fit() -> None:
    lower = np.floor(np.random.default_rng(0).gamma(1.9, 1.4, size=12))
    rows = {"lower": lower, "upper": lower + 1.0}
    own = ml.fit(None, "exponential", **rows, free=["location"])
    with pytest.warns(ml.errors.LimitWarning):
        result = ml.fit(None, "asymmetric_laplace", **rows)
    assert result.log_likelihood == pytest.approx(own.log_likelihood, rel=1e-10)


def test_groups_have_ends_of_their_own() -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.uniform(0, 3, 30), rng.uniform(5, 9, 30)])
    group = np.repeat(["a", "b"], 30)
    lower = np.floor(x)
    fits = ml.fit(None, "uniform", lower=lower, upper=lower + 1.0, by=group)
    for name in ("a", "b"):
        alone = ml.fit(None, "uniform", lower=lower[group == name], upper=lower[group == name] + 1)
        assert fits[name].params.to_list() == pytest.approx(alone.params.to_list(), rel=1e-9)


def test_an_optimizer_does_not_lead_to_an_end() -> None:
    with pytest.raises(ml.OptionError, match="first_order does not lead to an end"):
        ml.fit([1.0, 2.0, 2.0], "uniform", event=[True, True, False], method="first_order")


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_triangular_mode_at_an_end_of_bins(sign: float) -> None:
    """Counts that fall in proportion to 7 : 5 : 3 : 1 are those of a mode at the lower end."""
    edges = np.arange(5.0)
    sample = ml.Observations.binned(edges, [71, 52, 29, 10])
    ends = sample.intervals.ends
    lower, upper = ends["lower end"], ends["upper end"]
    low, high = (lower, upper) if sign > 0.0 else (-upper, -lower)
    result = ml.fit(
        None,
        "triangular",
        lower=low,
        upper=high,
        weights=sample.weights,
        free=["lower", "upper"],
    )
    first, last = ("lower", "upper") if sign > 0.0 else ("upper", "lower")
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["mode"] == result.params[first]
    assert result.params[last] == pytest.approx(4.0 * sign, abs=0.1)  # ten in the last bin
    for mode in np.linspace(0.01, 2.0, 30):
        member = ml.Triangular(lower=0.0, mode=mode, upper=4.0)
        height = sample.weights @ np.log(np.diff(member.cdf(edges)))
        assert height <= result.log_likelihood + 1e-9


def test_several_modes_compete_for_bins() -> None:
    """The likelihood in the mode has a peak on either side of the middle: 6 rows, then 8."""
    lower = np.array([2.0] * 6 + [4.0] + [7.0] * 8)
    known = {"lower": 0.0, "upper": 10.0}
    result = ml.fit(None, "triangular", lower=lower, upper=lower + 1.0, fixed=known)
    heights = [
        np.log(member.cdf(lower + 1.0) - member.cdf(lower)).sum()
        for member in (ml.Triangular(lower=0, mode=m, upper=10) for m in np.linspace(0, 10, 401))
    ]
    assert max(heights) <= result.log_likelihood + 1e-9
