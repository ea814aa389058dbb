"""Likelihoods with a cusp at each row: generalized_normal, whose shape is below 2."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import mlestim as ml


def height(x: np.ndarray, location: float, shape: float) -> float:
    """Log-likelihood at the best scale."""
    scale = (shape * np.mean(np.abs(x - location) ** shape)) ** (1.0 / shape)
    return float(stats.gennorm.logpdf(x, shape, location, scale).sum())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shape", [0.7, 1.0, 1.5])
def test_no_row_is_a_better_location_whatever_the_shape(shape: float, seed: int) -> None:
    """Neither location nor shape moves alone from one maximum to the next."""
    x = stats.gennorm.rvs(shape, size=40, random_state=seed)
    result = ml.fit(x, "generalized_normal", on_failure="return")
    if result.verdict is not ml.Verdict.INTERIOR:
        return  # without a maximum inside the region none was promised
    found = result.params["shape"]
    around = np.geomspace(0.8 * found, min(1.25 * found, 2.0), 40)
    best = max(height(x, location, beta) for location in x for beta in around)
    assert result.log_likelihood >= best - 1e-9


def test_a_long_sample_is_compressed_to_its_own_maximum() -> None:
    x = stats.gennorm.rvs(1.3, size=30_000, random_state=0)
    result = ml.fit(x, "generalized_normal")
    location, _, shape = result.params
    for step in (1e-5, -1e-5):
        assert result.log_likelihood > height(x, location + step, shape)
        assert result.log_likelihood > height(x, location, shape + step)


def test_a_maximum_below_the_spikes_of_other_rows_is_found() -> None:
    x = stats.gennorm.rvs(0.7, size=20, random_state=1)
    result = ml.fit(x, "generalized_normal")
    location, _, shape = result.params
    assert location in x
    assert result.log_likelihood == pytest.approx(height(x, location, shape), abs=1e-9)
    for step in (1e-4, -1e-4):
        assert result.log_likelihood > height(x, location + step, shape)
        assert result.log_likelihood > height(x, location, shape + step)
