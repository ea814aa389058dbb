"""What a sketch of a sample says before any fit."""

from __future__ import annotations

import numpy as np
import pytest

from mlestim.distributions.rows.sketch import Sketch


def sketch_of(rows: np.ndarray) -> Sketch:
    rows = np.sort(rows)[None]
    extremes = rows[:, 0], rows[:, -1]
    return Sketch(rows, *extremes, lambda: (rows.mean(axis=1), rows.var(axis=1)))


def quantiles_of_normal(n: int) -> np.ndarray:
    from scipy import stats

    return np.asarray(stats.norm.ppf((np.arange(n) + 0.5) / n))


def test_rows_of_one_bell_are_not_clustered() -> None:
    assert not sketch_of(quantiles_of_normal(200)).clustered[0]


BELL = quantiles_of_normal(100)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(np.concatenate([BELL, BELL + 8.0]), id="two bells"),
        pytest.param(np.concatenate([BELL, 0.1 * BELL + 3.0]), id="a dense bell aside"),
        pytest.param(np.concatenate([BELL, 1e-3 * BELL[::2]]), id="a dense core"),
        pytest.param(np.concatenate([BELL, np.full(30, 0.2)]), id="ties"),
    ],
)
def test_rows_that_gather_in_several_places_are_clustered(rows: np.ndarray) -> None:
    assert sketch_of(rows).clustered[0]
    assert sketch_of(-5.0 + 1e-6 * rows).clustered[0]  # in any units


def test_shortest_half_holds_half_of_the_rows() -> None:
    centre, half_length = sketch_of(np.array([0.0, 10.0, 10.5, 11.0, 11.5, 30.0])).shortest_half
    assert (centre[0], half_length[0]) == (10.5, 0.5)
