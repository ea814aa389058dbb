"""Simulated samples are seen as the rows of a sample were."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlestim as ml
from mlestim.inference.redrawn import Drawn, Redrawing

INF = np.inf
LAW = ml.Exponential(scale=2.0)
X = LAW.rvs(400, np.random.default_rng(0))
# Four standard errors of a share of 400 · 50 rows, times two for that of the 400 themselves.
SHARE = 0.03


def drawn(data: Any, law: Any = LAW, n: int = 50, **options: Any) -> tuple[Drawn, Any, Any]:
    sample = Redrawing(ml.Observations.of(data, **options)).draw(law, n, np.random.default_rng(1))
    rows = sample.rows
    return sample, sample.ends.get("lower end", rows), sample.ends.get("upper end", rows)


def test_exact_rows_are_drawn_anew_as_many_as_weights_say() -> None:
    sample, _, _ = drawn([1.0, 2.0, 3.0], weights=[2, 0, 5])
    assert sample.rows.shape == (50 * 7,)
    assert not sample.ends


def test_one_time_of_stopping_is_that_of_all() -> None:
    _, lower, upper = drawn(np.minimum(X, 3.0), event=X < 3.0)
    stopped = np.isposinf(upper)
    assert set(lower[stopped]) == {3.0}
    assert lower[~stopped].max() < 3.0


def test_random_times_of_stopping_are_drawn_from_their_product_limit() -> None:
    """As many rows are stopped, and as early, as exponential values by uniform times."""
    stop = np.random.default_rng(2).uniform(0.0, 6.0, len(X))
    _, lower, upper = drawn(np.minimum(X, stop), event=stop >= X)
    stopped = np.isposinf(upper)
    assert stopped.mean() == pytest.approx((1.0 - np.exp(-3.0)) / 3.0, abs=SHARE)
    early = np.mean(lower[stopped] < 2.0)
    expected = (1.0 - np.exp(-1.0)) / (1.0 - np.exp(-3.0))
    assert early == pytest.approx(expected, abs=3 * SHARE)  # of fewer rows


def test_a_detection_limit_hides_what_is_below() -> None:
    detected = X > 0.5
    sample = ml.Observations.left_censored(np.maximum(X, 0.5), detected)
    _, lower, upper = drawn(sample)
    hidden = np.isneginf(lower)
    assert set(upper[hidden]) == {0.5}
    assert lower[~hidden].min() > 0.5


def test_values_fall_into_bins_and_beyond_them() -> None:
    _, lower, upper = drawn(ml.Observations.binned([0.0, 1.0, 2.0, 4.0], [150, 90, 100]))
    assert set(np.unique(np.stack([lower, upper]), axis=1).T.ravel()) == {0.0, 1.0, 2.0, 4.0, INF}
    assert np.mean(lower == 4.0) == pytest.approx(LAW.sf(4.0), abs=SHARE)


def test_rounded_values_are_rounded_to_the_same_unit() -> None:
    _, lower, upper = drawn(np.round(X, 1), resolution=0.1)
    assert upper - lower == pytest.approx(0.1, abs=1e-12)
    middle = 10.0 * (lower + upper) / 2.0
    assert middle == pytest.approx(np.rint(middle), abs=1e-9)


def test_as_many_rows_are_exact_as_there_were() -> None:
    coarse = np.arange(len(X)) % 4 == 0
    lower, upper = np.where(coarse, np.floor(X), X), np.where(coarse, np.floor(X) + 1.0, X)
    _, low, high = drawn(None, lower=lower, upper=upper)
    assert np.mean(low < high) == pytest.approx(0.25, abs=SHARE)


def test_places_of_rows_that_are_on_one_side_of_them_are_kept() -> None:
    place = np.random.default_rng(3).uniform(0.0, 4.0, len(X))
    lower, upper = np.where(place < X, place, -INF), np.where(place < X, INF, place)
    _, low, high = drawn(None, lower=lower, upper=upper, n=1)
    assert np.array_equal(np.where(np.isposinf(high), low, high), place)


@pytest.mark.parametrize("law", [LAW, ml.Geometric(prob=0.3)])
def test_values_lie_in_the_windows_of_their_rows(law: Any) -> None:
    after = np.array([0.0, 1.0, 2.5, 6.0])
    sample, _, _ = drawn([1.0, 2.0, 5.0, 9.0], law, truncation=(after, 12.0))
    values = sample.rows.reshape(-1, 4)
    assert np.all((values > after) & (values <= 12.0))
    tail = np.exp(-(np.array([1.0, 2.0]) - 0.0) / 2.0)
    if law is LAW:
        expected = (tail[0] - tail[1]) / (1.0 - np.exp(-6.0))
        assert np.mean((values[:, 0] > 1) & (values[:, 0] <= 2)) == pytest.approx(expected, abs=0.2)


def test_late_entry_and_stopping_go_together() -> None:
    entry = np.random.default_rng(4).uniform(0.0, 1.0, len(X))
    kept = entry < X
    x, entry = X[kept], entry[kept]
    _, lower, upper = drawn(np.minimum(x, 3.0), event=x < 3.0, truncation=(entry, None))
    stopped = np.isposinf(upper)
    assert set(lower[stopped]) == {3.0}
    assert np.all(lower.reshape(50, -1) >= entry)


def test_what_cannot_be_drawn_again_is_refused() -> None:
    with pytest.raises(ml.DataError, match="fractionally weighted rows"):
        Redrawing(ml.Observations.of([1.0, 2.0], weights=[0.5, 1.0]))


@pytest.mark.parametrize(("apart", "n"), [(0.0, 1), (8.0, 2)])
@pytest.mark.parametrize("by", ["bic", "bootstrap"])
def test_components_of_right_censored_rows_are_chosen(apart: float, n: int, by: Any) -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=60) + np.repeat([0.0, apart], 30)
    stop = rng.uniform(0.0, 12.0, 60)
    choice = ml.choose_components(
        np.minimum(x, stop),
        "normal",
        2,
        by=by,
        shared=("sd",),
        event=x <= stop,
        n_bootstrap=19,
        random_state=1,
    )
    assert choice.n_components == n


def test_components_behind_a_window_are_tested() -> None:
    x = np.random.default_rng(7).normal(size=80)
    inside = x[(x > -1.0) & (x < 2.0)]
    both = ml.compare(inside, ["normal", "normal_mixture"], truncation=(-1.0, 2.0))
    test = both.likelihood_ratio("normal", "normal_mixture", 9, 1)
    assert test.p_value > 0.05
