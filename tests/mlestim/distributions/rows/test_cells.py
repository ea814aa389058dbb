"""Estimates from the sorted rows of some cells are those from all sorted rows."""

from __future__ import annotations

import numpy as np
import pytest

import mlestim as ml
from mlestim import likelihood
from mlestim.distributions.rows.cells import Cells, sorted_where_needed

RNG = np.random.default_rng(0)
N = likelihood.LONG + 1
SAMPLES = {
    "laplace": RNG.laplace(size=N),
    "far from zero": 1e9 + RNG.laplace(size=N),
    "skewed": RNG.exponential(3.0, size=N) - RNG.exponential(1.0, size=N),
    "exponential": RNG.exponential(size=N),
    "rounded": np.round(RNG.laplace(size=N), 1),
    "outliers": RNG.standard_cauchy(size=N) ** 3,
    "two far clusters": np.concatenate([RNG.normal(size=N // 2), 1e6 + RNG.normal(size=N // 2)]),
    "even split": np.concatenate([np.full(N // 2 + 1, -1.0), np.full(N // 2 + 1, 3.0)]),
}
# Sums of 32,769 rows in another order.
SAME = 1e-11


@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")
@pytest.mark.parametrize("family", ["laplace", "asymmetric_laplace"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_long_samples_have_the_estimate_of_all_sorted_rows(family, sample, monkeypatch) -> None:
    quick = ml.fit(SAMPLES[sample], family)
    monkeypatch.setattr(likelihood, "LONG", np.inf)
    slow = ml.fit(SAMPLES[sample], family)
    assert quick.params.array == pytest.approx(slow.params.array, rel=SAME, abs=SAME)
    assert quick.log_likelihood == pytest.approx(slow.log_likelihood, rel=SAME)


def test_cells_that_are_not_asked_for_keep_their_number_and_mean() -> None:
    x = RNG.normal(size=1000)

    def positive(cells: Cells) -> np.ndarray:
        return cells.edges[:-1] >= 2.0  # from −2, where the bulk begins

    rows, weights = sorted_where_needed(x, (-2.0, 2.0), positive)
    assert np.all(np.diff(rows) >= 0.0)
    assert np.array_equal(rows[rows > 0.0], np.sort(x[x > 0.0]))
    assert weights.sum() == len(x)
    assert weights @ rows == pytest.approx(x.sum(), abs=1e-10)
