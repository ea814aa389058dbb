"""Triangular fits whose ends are known, one of them, or none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

import mlestim as ml
from mlestim.distributions.rows.triangle import MANY, Triangle

ENDS = ["lower", "upper"]


def height(x: np.ndarray, lower: float, mode: float, upper: float) -> float:
    """Log-likelihood, written without the family."""
    sides = [(x[x < mode] - lower) / (mode - lower), (upper - x[x > mode]) / (upper - mode)]
    with np.errstate(all="ignore"):
        logs = sum(np.log(side).sum() for side in sides if len(side))
    return len(x) * np.log(2.0 / (upper - lower)) + logs


def best_by_force(x: np.ndarray) -> float:
    """Highest likelihood over every row as the mode and many starts of the ends."""
    best, reach = -np.inf, np.log(np.ptp(x))
    for mode in np.unique(x):

        def negative(logs: np.ndarray, mode: float = mode) -> float:
            lower = mode if mode == x.min() else x.min() - np.exp(logs[0])
            upper = mode if mode == x.max() else x.max() + np.exp(logs[1])
            return -height(x, lower, mode, upper)

        for start in ((-1.0, -1.0), (-4.0, -4.0), (0.5, -3.0), (-3.0, 0.5)):
            found = optimize.minimize(
                negative, reach + np.array(start), method="Nelder-Mead", options={"fatol": 1e-9}
            )
            best = max(best, -float(found.fun))
    return best


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.triangular(0.0, 0.3, 1.0, 12),
        lambda rng: rng.normal(size=9),
        lambda rng: rng.exponential(size=8),
        lambda rng: np.round(rng.normal(size=14), 1),
        lambda rng: rng.uniform(size=3),
    ],
)
def test_no_mode_and_no_start_of_the_ends_leads_higher(draw) -> None:
    x = draw(np.random.default_rng(4))
    result = ml.fit(x, "triangular", free=ENDS)
    assert result.log_likelihood == pytest.approx(height(x, *result.params), abs=1e-9)
    assert result.log_likelihood >= best_by_force(x) - 1e-8


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.triangular(0.0, 0.3, 1.0, MANY + 20),
        lambda rng: rng.uniform(size=MANY + 20),
        lambda rng: rng.normal(np.repeat([-2.0, 2.0], MANY // 2 + 10), 0.7),
        lambda rng: np.round(rng.beta(0.5, 0.5, 3 * MANY), 3),
    ],
)
def test_screening_the_modes_loses_nothing(draw) -> None:
    """Of more rows than are all climbed from, the best is the one that all would give."""
    x, counts = np.unique(draw(np.random.default_rng(5)), return_counts=True)
    assert len(x) > MANY
    triangle = Triangle(x, counts.astype(float), np.nan, np.nan)
    lower, mode, upper = (np.array([value]) for value in triangle.best(None))
    found = triangle.climb(mode, lower, upper).value[0]
    everywhere = triangle.climb(x, *triangle.outward(x)).value.max()
    assert found >= everywhere - 1e-9


@pytest.mark.parametrize("n", [40, 800, 3000])
def test_it_is_above_the_fit_of_scipy(n: int) -> None:
    x = stats.triang.rvs(0.3, size=n, random_state=n)
    share, lower, width = stats.triang.fit(x)
    theirs = stats.triang.logpdf(x, share, lower, width).sum()
    assert ml.fit(x, "triangular", free=ENDS).log_likelihood >= theirs - 1e-9


def test_long_samples_end_at_a_mode_that_no_other_row_beats() -> None:
    x = np.sort(stats.triang.rvs(0.3, size=20_000, random_state=0))
    result = ml.fit(x, "triangular", free=ENDS)
    lower, _, upper = result.params
    others = [height(x, lower, mode, upper) for mode in x[5000:7000:7]]
    assert result.log_likelihood >= max(others)
    for step in (1e-5, -1e-5):
        assert result.log_likelihood > height(x, lower + step, result.params["mode"], upper)
        assert result.log_likelihood > height(x, lower, result.params["mode"], upper + step)


def test_free_ends_leave_no_standard_errors() -> None:
    """Their information is infinite: even that of the mode is too small in small samples."""
    x = stats.triang.rvs(0.3, size=100, random_state=1)
    result = ml.fit(x, "triangular", free=ENDS)
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.standard_errors.isna().all()
    assert result.n_parameters == 3
    known = ml.fit(x, "triangular", fixed={"lower": 0.0, "upper": 1.0})
    mode = known.params["mode"]
    assert known.standard_errors["mode"] == pytest.approx(np.sqrt(mode * (1.0 - mode) / 100.0))


def test_one_end_may_be_known() -> None:
    x = stats.triang.rvs(0.3, size=100, random_state=1)
    both = ml.fit(x, "triangular", free=ENDS).log_likelihood
    for end, value in (("lower", 0.0), ("upper", 1.0)):
        other = "upper" if end == "lower" else "lower"
        result = ml.fit(x, "triangular", free=[other], fixed={end: value})
        assert result.params[end] == value
        assert result.log_likelihood == pytest.approx(height(x, *result.params), abs=1e-9)
        assert result.log_likelihood < both


def test_a_known_mode_leaves_the_ends() -> None:
    x = stats.triang.rvs(0.3, size=100, random_state=1)
    result = ml.fit(x, "triangular", free=ENDS, fixed={"mode": 0.35})
    for step in ((1e-4, 0.0), (-1e-4, 0.0), (0.0, 1e-4), (0.0, -1e-4)):
        lower, mode, upper = result.params
        assert result.log_likelihood > height(x, lower + step[0], mode, upper + step[1])


def test_a_mode_at_the_smallest_row_is_the_lower_end() -> None:
    x = np.random.default_rng(0).exponential(size=50)
    result = ml.fit(x, "triangular", free=ENDS)
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["lower"] == result.params["mode"] == x.min()


def test_weights_count_rows_and_groups_are_samples() -> None:
    x = stats.triang.rvs(0.3, size=90, random_state=2)
    weights = np.arange(90) % 3
    weighted = ml.fit(x, "triangular", free=ENDS, weights=weights).params
    repeated = ml.fit(np.repeat(x, weights), "triangular", free=ENDS).params
    np.testing.assert_allclose(weighted, repeated, rtol=1e-9)
    table = ml.fit(x, "triangular", free=ENDS, by=weights).table
    alone = ml.fit(x[weights == 1], "triangular", free=ENDS).params
    np.testing.assert_allclose(table.loc[1, list(alone.index)], alone, rtol=1e-12)


def test_estimates_follow_the_unit() -> None:
    x = stats.triang.rvs(0.3, size=60, random_state=3)
    here = ml.fit(x, "triangular", free=ENDS).params
    np.testing.assert_allclose(ml.fit(1e-6 * x, "triangular", free=ENDS).params, 1e-6 * here)
    np.testing.assert_allclose(ml.fit(x + 1e6, "triangular", free=ENDS).params, here + 1e6)


@pytest.mark.parametrize("x", [[2.0], [2.0, 2.0, 2.0]])
def test_one_value_has_no_best_ends(x: list[float]) -> None:
    result = ml.fit(x, "triangular", free=ENDS, on_failure="return")
    assert result.verdict is ml.Verdict.UNBOUNDED


def test_ends_that_are_neither_given_nor_freed_are_asked_for() -> None:
    with pytest.raises(ml.errors.ParameterError, match=r"needs its upper.*free=\['upper'\]"):
        ml.fit([0.2, 0.5], "triangular", fixed={"lower": 0.0})
