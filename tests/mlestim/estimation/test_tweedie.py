"""Fits of tweedie: zeros or none, units, weights, rows that are censored, and what has no maximum."""

from __future__ import annotations

import numpy as np
import pytest

import mlestim as ml

THETA = np.array([2.0, 1.0, 1.5])
X = ml.Tweedie(*THETA).rvs(400, random_state=1)


def test_a_fit_finds_the_power() -> None:
    result = ml.fit(X, "tweedie")
    assert result.verdict is ml.Verdict.INTERIOR
    # the score of the mean is 0 at the sample's, whatever the other parameters
    assert result.params["mean"] == pytest.approx(X.mean(), rel=1e-9)
    z = (result.params - THETA) / result.standard_errors
    assert np.all(np.abs(z) < 3.5)


@pytest.mark.parametrize("unit", [1e-100, 1e-6, 1e6, 1e100])
def test_the_dispersion_follows_the_unit_by_the_power(unit: float) -> None:
    """To 1e-6: logs of 1e100 are 230, which takes digits from the power."""
    here, there = ml.fit(X, "tweedie"), ml.fit(unit * X, "tweedie")
    mean, dispersion, power = here.params
    moved = [unit * mean, unit ** (2.0 - power) * dispersion, power]
    np.testing.assert_allclose(there.params, moved, rtol=1e-6)
    positive = np.count_nonzero(X)
    assert there.log_likelihood == pytest.approx(
        here.log_likelihood - positive * np.log(unit), abs=1e-6
    )


def test_weights_count_rows() -> None:
    weights = np.arange(len(X)) % 3
    weighted = ml.fit(X, "tweedie", weights=weights)
    repeated = ml.fit(np.repeat(X, weights), "tweedie")
    np.testing.assert_allclose(weighted.params, repeated.params, rtol=1e-9)


def test_precisions_divide_the_dispersion() -> None:
    """A row of w equal exposures is the mean of w rows of one."""
    rng = np.random.default_rng(3)
    precision = rng.integers(1, 5, 600).astype(float)
    x = ml.Tweedie(2.0, 1.0 / precision, 1.5).rvs(600, random_state=rng)
    result = ml.fit(x, "tweedie", weights=precision, weight_type="precision")
    z = (result.params - THETA) / result.standard_errors
    assert np.all(np.abs(z) < 3.5)
    assert result.params["mean"] == pytest.approx(np.average(x, weights=precision), rel=1e-8)


def test_groups_are_fitted_like_samples_of_their_own() -> None:
    groups = np.arange(len(X)) % 3
    table = ml.fit(X, "tweedie", by=groups).table
    for group in range(3):
        alone = ml.fit(X[groups == group], "tweedie").params
        np.testing.assert_allclose(table.loc[group, list(alone.index)], alone, rtol=1e-8)


def test_a_known_power_leaves_the_mean_and_the_dispersion() -> None:
    result = ml.fit(X, "tweedie", fixed={"power": 1.5})
    assert result.params["mean"] == pytest.approx(X.mean(), rel=1e-9)
    assert result.log_likelihood <= ml.fit(X, "tweedie").log_likelihood


def test_intervals_leave_the_zeros_out_that_are_not_in_them() -> None:
    """Positive values known to a tenth, zeros exactly, have nearly the fit of all exact."""
    lower = np.floor(10.0 * X[:150]) / 10.0
    upper = np.where(X[:150] == 0.0, 0.0, lower + 0.1)
    exact, binned = ml.fit(X[:150], "tweedie"), ml.fit(None, "tweedie", lower=lower, upper=upper)
    assert np.all(np.abs(binned.params - exact.params) < 0.3 * exact.standard_errors)


def test_rows_that_were_stopped_keep_the_fit() -> None:
    stopped = ml.fit(np.minimum(X[:150], 4.0), "tweedie", event=X[:150] < 4.0)
    exact = ml.fit(X[:150], "tweedie")
    assert np.all(np.abs(stopped.params - exact.params) < 2.0 * exact.standard_errors)


@pytest.mark.parametrize("known", [{}, {"power": 1.5}, {"dispersion": 1.0}, {"mean": 2.0}])
def test_zeros_alone_do_not_tell_two_parameters(known: dict[str, float]) -> None:
    """Their probability rises to 1 as the mean falls to 0, or the dispersion grows, whatever else."""
    result = ml.fit(np.zeros(10), "tweedie", fixed=known, on_failure="return")
    assert result.verdict is ml.Verdict.NOT_IDENTIFIED


@pytest.mark.parametrize("method", ["auto", "newton"])
def test_the_mean_of_zeros_alone_is_on_the_edge(method: str) -> None:
    known = {"dispersion": 1.0, "power": 1.5}
    result = ml.fit(np.zeros(10), "tweedie", fixed=known, method=method)
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["mean"] == 0.0
    assert result.log_likelihood == 0.0


def test_a_group_of_zeros_leaves_the_others_their_maximum() -> None:
    known = {"dispersion": 1.0, "power": 1.5}
    x, groups = np.concatenate([X[:30], np.zeros(10)]), np.repeat([0, 1], [30, 10])
    for precision in (None, np.repeat([1.0, 2.0], 20)):
        of_rows = (
            {"weights": precision, "weight_type": "precision"} if precision is not None else {}
        )
        table = ml.fit(x, "tweedie", by=groups, fixed=known, **of_rows).table
        assert list(table["verdict"]) == ["interior", "boundary"]
        assert table["mean"][1] == table["log_likelihood"][1] == 0.0
        first = None if precision is None else precision[:30]
        assert table["mean"][0] == pytest.approx(np.average(X[:30], weights=first), rel=1e-8)


@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")
def test_without_zeros_the_supremum_may_be_a_gamma() -> None:
    x = np.random.default_rng(0).gamma(2.0, 3.0, 100)
    result = ml.fit(x, "tweedie")
    assert result.verdict is ml.Verdict.AT_INFINITY
    assert result.log_likelihood == pytest.approx(ml.fit(x, "gamma").log_likelihood, abs=1e-9)


def test_equal_rows_have_no_maximum() -> None:
    assert ml.fit([3.2] * 5, "tweedie", on_failure="return").verdict is ml.Verdict.UNBOUNDED


@pytest.mark.parametrize("x", [[0.0, 0.0, 5.0], np.random.default_rng(0).poisson(2.0, 200)])
def test_multiples_of_one_number_take_the_least_power(x: np.ndarray) -> None:
    """As the power falls to 1, all probability gathers on the multiples of the dispersion."""
    result = ml.fit(np.asarray(x, dtype=float), "tweedie")
    assert result.verdict is ml.Verdict.BOUNDARY
    assert result.params["power"] == 1.1
    lower = {name: result.params[name] for name in ("mean", "dispersion")}
    assert np.isfinite(result.standard_errors[["mean", "dispersion"]]).all()
    assert np.isnan(result.standard_errors["power"])
    held = ml.fit(np.asarray(x, dtype=float), "tweedie", fixed={"power": 1.1})
    assert lower == pytest.approx({name: held.params[name] for name in lower}, rel=1e-6)


@pytest.mark.parametrize("mean", [1.0, 3.0, 5.0])
def test_the_power_of_zeros_alone_makes_them_likely(mean: float) -> None:
    """log P(0) = −μ^(2−p)/(φ(2−p)), whose greatest value over 1 ≤ p < 2 a grid shows."""
    result = ml.fit([0.0] * 4, "tweedie", fixed={"mean": mean, "dispersion": 2.0})
    b = np.linspace(0.001, 1.0, 100_000)
    assert result.log_likelihood == pytest.approx(np.max(-4.0 * mean**b / (2.0 * b)), rel=1e-8)
    on_edge = result.verdict is ml.Verdict.BOUNDARY
    assert on_edge == (mean < np.e) == (result.params["power"] == 1.0)


@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")
def test_rows_next_to_normal_are_best_at_an_end_of_the_powers() -> None:
    """Their likelihood hardly depends on the power: rounding must not leave them without verdict."""
    rows = 100.0 + 0.01 * np.random.default_rng(1).normal(size=(2, 200))
    found = [ml.fit(x, "tweedie", on_failure="return").verdict for x in rows]
    assert set(found) <= {ml.Verdict.BOUNDARY, ml.Verdict.AT_INFINITY}


def test_sets_to_compare_leave_out_a_density_with_an_atom() -> None:
    from mlestim.comparing import families_in

    assert "tweedie" not in families_in("positive")
    assert "tweedie" in ml.compare(X, ["tweedie"]).table.index
