"""Where a family's region ends: along the wall, away from it again, or on it."""

from __future__ import annotations

import numpy as np
import pytest

import mlestim as ml
from mlestim.distributions.registry import resolve
from mlestim.estimation.maximisers.walls import climb_on, walls
from mlestim.estimation.newton import Ascent
from mlestim.estimation.objective import LinkObjective
from mlestim.likelihood import Likelihood
from mlestim.problem import state_problem
from mlestim.sample.batch import Batch
from mlestim.sample.observations import Observations


def objective_of(
    family: str, samples: np.ndarray, start: list[float]
) -> tuple[LinkObjective, Ascent]:
    """The likelihoods of several samples, and a point of each that is started from."""
    n, rows = samples.shape
    batch = Batch(samples.ravel(), None, rows * np.arange(n), np.full(n, rows))
    objective = LinkObjective(Likelihood(resolve(family), batch))
    return objective, Ascent.at(objective, objective.free_eta([np.full(n, v) for v in start]))


def test_an_ascent_next_to_a_wall_is_let_go_where_the_slope_points_inside() -> None:
    law = ml.Tweedie(mean=3.0, dispersion=1.5, power=1.6)
    samples = np.array([law.rvs(80, np.random.default_rng(seed)) for seed in range(3)])
    objective, ends = objective_of("tweedie", samples, [2.0, 1.0, 1.101])
    climb_on(objective, ends, np.arange(3))
    assert ends.converged.all()
    fits = [ml.fit(x, "tweedie").log_likelihood for x in samples]
    assert ends.value * 80 == pytest.approx(fits, rel=1e-10)
    assert np.all(objective.theta(ends.eta, np.arange(3))[2] > 1.3)


def test_an_ascent_ends_on_the_wall_where_the_slope_points_outside() -> None:
    samples = np.random.default_rng(0).normal(10.0, 1.0, size=(3, 60))
    objective, ends = objective_of("tweedie", samples, [10.0, 0.06, 1.101])
    climb_on(objective, ends, np.arange(3))
    assert not ends.converged.any()
    assert objective.theta(ends.eta, np.arange(3))[2] == pytest.approx(1.1, rel=1e-14)
    held = [ml.fit(x, "tweedie", fixed={"power": 1.1}).log_likelihood for x in samples]
    assert ends.value * 60 == pytest.approx(held, rel=1e-12)


def test_a_maximum_next_to_a_wall_is_found() -> None:
    """Its ridge runs along the wall: steps across it are refused long before its top."""
    x = np.random.default_rng(261).beta(0.2, 3.0, size=60)
    result = ml.fit(x, "generalized_extreme_value")
    assert result.verdict is ml.Verdict.INTERIOR
    assert 4.9 < result.params["shape"] < 5.0
    assert result.log_likelihood == pytest.approx(142.473981, abs=1e-6)


@pytest.mark.parametrize(
    "family",
    ["generalized_pareto", "generalized_extreme_value", "generalized_logistic", "pearson3"],
)
def test_rows_in_intervals_have_no_walls(family: str) -> None:
    """Walls keep off spikes, and a probability does not pass 1."""
    edges = np.array([0.0, 1.0, 2.0, 4.0, 8.0])
    rows = Observations.binned(edges, [13, 20, 30, 5])
    batch = state_problem(resolve(family), rows, {}, None, {}).batch()
    with np.errstate(divide="ignore"):  # as in `solve`
        objective = LinkObjective(Likelihood(resolve(family), batch))
    assert np.isinf([wall.end for wall in walls(objective)]).all()
    assert ml.fit(rows, family, on_failure="return").verdict is not ml.Verdict.UNBOUNDED
