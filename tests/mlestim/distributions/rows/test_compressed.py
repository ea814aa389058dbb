"""Short samples that stand for long ones."""

from __future__ import annotations

import numpy as np
import pytest

from mlestim.distributions.rows.compressed import compressed

RNG = np.random.default_rng(0)
SAMPLES = {
    "normal": RNG.normal(size=50_000),
    "heavy tails": RNG.standard_cauchy(size=50_000) ** 3,
    "on one side": RNG.exponential(size=50_000),
    "ties": np.round(RNG.normal(size=50_000), 1),
    "nothing near": np.concatenate([RNG.normal(-9.0, 1.0, 500), RNG.normal(9.0, 1.0, 500)]),
}


@pytest.mark.parametrize("power", [0.3, 1.0, 1.7])
@pytest.mark.parametrize("sample", SAMPLES)
def test_powers_of_distances_from_near_the_centre_have_the_same_mean(sample, power) -> None:
    x, weights = np.sort(SAMPLES[sample]), RNG.uniform(size=len(SAMPLES[sample]))
    rows, kept = compressed(x, weights, 0.1, 0.02)
    assert len(rows) < max(0.2 * len(x), 2500)
    assert np.all(np.diff(rows) >= 0.0)
    for location in (0.08, 0.1, 0.113):
        whole = np.sum(weights * np.abs(x - location) ** power)
        # fifth moments of cells 2 % wide are left out
        assert np.sum(kept * np.abs(rows - location) ** power) == pytest.approx(whole, rel=1e-10)
