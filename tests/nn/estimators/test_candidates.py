"""Networks that differ in the strength of their prior, trained at once, end where each would alone."""

from __future__ import annotations

import numpy as np
import pytest

from mlestim.optim import LBFGS
from mlestim.penalties import Ridge
from nn.estimators.base import Sample
from nn.estimators.candidates import Candidates
from nn.layers.affine import Affine
from nn.losses.softmax_with_loss import SoftmaxWithLoss
from nn.sequential import Sequential
from nn.training.train import train

STRENGTHS = np.array([10.0, 1.0, 0.1])


@pytest.fixture
def sample() -> Sample:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(80, 3))
    targets = (inputs @ [1.0, -1.0, 0.5] + rng.logistic(size=80) > 0).astype(np.intp)
    return Sample(inputs, targets, rng.uniform(0.5, 2.0, 80))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_each_minimises_its_own_objective(sample: Sample, smoothing: float) -> None:
    ensemble = Sequential(Affine.initialized(3, 2, 0, np.float64, n_networks=3))
    candidates = Candidates(ensemble, SoftmaxWithLoss(), STRENGTHS)
    candidates.train(sample, LBFGS(1e-9), 1000, smoothing)
    together = ensemble.predict(sample.inputs)
    for strength, outputs in zip(STRENGTHS, together, strict=True):
        alone = Sequential(Affine.initialized(3, 2, 1, np.float64))
        train(
            alone,
            sample.inputs,
            sample.targets,
            loss=SoftmaxWithLoss(),
            optimizer=LBFGS(1e-9),
            epochs=1000,
            penalty=Ridge(strength),
            sample_weight=sample.weights,
            label_smoothing=smoothing,
        )
        # Log odds: what is added to both logits of a row is in neither objective.
        odds = np.diff(alone.predict(sample.inputs))
        # The weakest prior leaves a curvature of 0.1/100: the gradient's 1e-9 become 1e-6.
        np.testing.assert_allclose(np.diff(outputs), odds, atol=1e-6)


def test_every_training_begins_anew(sample: Sample) -> None:
    ensemble = Sequential(Affine.initialized(3, 2, 0, np.float32, n_networks=3))
    candidates = Candidates(ensemble, SoftmaxWithLoss(), STRENGTHS)
    candidates.train(sample, LBFGS(), 3, 0.0)
    first = ensemble.predict(sample.inputs)
    candidates.train(sample.take(np.arange(40)), LBFGS(), 3, 0.0)
    candidates.train(sample, LBFGS(), 3, 0.0)
    np.testing.assert_array_equal(ensemble.predict(sample.inputs), first)
