"""The strength of the prior on the weights, chosen by how well parts of the rows predict others."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.penalties import Ridge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from nn.estimators.base import NetworkEstimator, Sample
    from nn.estimators.plan import Plan
    from nn.sequential import Sequential

FOLDS = 10


def chosen_penalty(
    estimator: NetworkEstimator, sample: Sample, plan: Plan, rng: np.random.Generator
) -> Ridge:
    """Choose λ of Ridge(λ) by the log-likelihood of rows that were not learned from.

    Parameters
    ----------
    estimator : NetworkEstimator
        Says which network, and which loss.
    sample : Sample
        All rows.
    plan : Plan
        How to train.
    rng : numpy.random.Generator
        Divides the rows, and draws the first weights.

    Returns
    -------
    Ridge
        The one of the estimator's ``strengths`` under which every tenth of the rows is most likely, given the rest.
    """
    start = estimator.new_network(rng, plan)
    losses = np.zeros(len(estimator.strengths))
    for learned, tested in _folds(sample.targets, rng):
        losses += _losses(estimator, start, sample.take(learned), sample.take(tested), plan)
    return Ridge(estimator.strengths[int(losses.argmin())])


def _losses(
    estimator: NetworkEstimator, start: Sequential, learned: Sample, tested: Sample, plan: Plan
) -> NDArray[np.float64]:
    """Give the summed loss of the tested rows under each strength."""
    network, losses = copy.deepcopy(start), []
    # From strong to weak, so that each search starts near its end.
    for strength in estimator.strengths:
        estimator.train_network(
            network, learned, plan, penalty=Ridge(strength), epochs=plan.epochs, start_at_fit=False
        )
        mean = estimator.mean_loss(network.predict(tested.inputs), tested.targets, tested.weights)
        losses.append(mean * tested.weights.sum())
    return np.array(losses)


def _folds(
    targets: NDArray[Any], rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Divide the rows into parts with about the same targets."""
    shuffled = rng.permutation(len(targets))
    keys = targets if targets.ndim == 1 else targets[:, 0]
    in_order = shuffled[np.argsort(keys[shuffled], kind="stable")]
    for fold in range(FOLDS):
        tested = np.zeros(len(targets), dtype=bool)
        tested[in_order[fold::FOLDS]] = True
        yield np.flatnonzero(~tested), np.flatnonzero(tested)
