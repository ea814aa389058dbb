"""The strength of the prior on the weights, chosen by how well parts of the rows predict others."""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.penalties import Ridge
from nn.estimators.candidates import Candidates
from nn.training.threads import ThreadLimit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from nn.estimators.base import NetworkEstimator
    from nn.estimators.plan import Plan
    from nn.estimators.reading import Sample

# Rows are tested in fifths, until so many have been that more would change little.
FOLDS, ENOUGH = 5, 500
# Steps of L-BFGS after which it can be seen: coefficients of more columns than rows take thousands.
MOST_STEPS = 500


def chosen_penalty(
    estimator: NetworkEstimator, sample: Sample, plan: Plan, rng: np.random.Generator
) -> Ridge:
    r"""Choose λ of Ridge(λ) by the log-likelihood of rows that were not learned from.

    .. math:: \hat\lambda = \arg\max_\lambda \sum_i w_i \log p(t_i \mid \text{the four other fifths})
              - \tfrac12 (\log \lambda - \log \lambda_0)^2

    The prior on log λ, normal around the estimator's usual strength λ₀, keeps a few rows from
    saying much.

    Parameters
    ----------
    estimator : NetworkEstimator
        Says which network, which loss, and which ``strengths`` there are to choose from.
    sample : Sample
        All rows.
    plan : Plan
        How to train.
    rng : numpy.random.Generator
        Divides the rows, and draws the first weights.
    """
    strengths = np.array(estimator.strengths)
    losses = np.log(strengths / estimator.usual_strength) ** 2 / 2
    # One network for each strength, and the same first weights for all.
    several = copy.copy(estimator)
    several.n_networks = len(strengths)
    # Single precision says as well which is best.
    network = several.new_network(rng, np.float32 if estimator.hidden else np.float64)
    candidates = Candidates(network, estimator.loss(), strengths)
    smoothing = estimator.training_options().get("label_smoothing", 0.0)
    steps = min(plan.epochs, MOST_STEPS)
    with ThreadLimit(1 if estimator.threads is None else estimator.threads):
        for learned, tested in _folds(sample.targets, rng):
            candidates.train(sample.take(learned), plan.optimizer, steps, smoothing)
            rest = sample.take(tested)
            outputs = network.predict(rest.inputs)
            losses += rest.weights.sum() * np.array(
                [estimator.mean_loss(own, rest.targets, rest.weights) for own in outputs]
            )
    # What is not a number is of no use; if none is, training will say so.
    best = int(np.where(np.isnan(losses), np.inf, losses).argmin())
    return Ridge(estimator.strengths[best])


def _folds(
    targets: NDArray[Any], rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Divide the rows into parts with about the same targets; give what enough of them leave."""
    shuffled = rng.permutation(len(targets))
    keys = targets if targets.ndim == 1 else targets[:, 0]
    in_order = shuffled[np.argsort(keys[shuffled], kind="stable")]
    for fold in range(min(FOLDS, math.ceil(ENOUGH * FOLDS / len(targets)))):
        tested = np.zeros(len(targets), dtype=bool)
        tested[in_order[fold::FOLDS]] = True
        yield np.flatnonzero(~tested), np.flatnonzero(tested)
