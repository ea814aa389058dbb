"""What training minimises: likelihoods, penalties and weights, by where the minimum is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlestim as ml
import nn
from mlestim.optim import LBFGS, Adam, GradientDescent
from mlestim.penalties import ElasticNet, Ridge

RNG = np.random.default_rng(40)
X = RNG.normal(size=(60, 3))
LABELS = (X[:, 0] + 0.5 * RNG.normal(size=60) > 0).astype(int) + (X[:, 1] > 1)
SOFTMAX = nn.SoftmaxWithLoss()


def linear(n_in: int = 3, n_out: int = 3) -> nn.Sequential:
    return nn.Sequential(nn.Affine(np.zeros((n_in, n_out)), np.zeros(n_out)))


SAMPLES = {
    "normal": RNG.normal(3, 2, 200),
    "poisson": RNG.poisson(4, 200),
    "negative_binomial": RNG.negative_binomial(3, 0.4, 200),
    "gamma": RNG.gamma(2, 3, 200),
    "weibull": 2 * RNG.weibull(1.5, 200),
    "bernoulli": RNG.integers(0, 2, 200),
    "categorical": RNG.integers(0, 3, 200),
}


@pytest.mark.parametrize("family", SAMPLES)
@pytest.mark.parametrize("start_at_fit", [True, False])
def test_a_network_of_biases_learns_the_estimates_of_fit(family: str, start_at_fit: bool) -> None:
    t, loss = SAMPLES[family], nn.NegativeLogLikelihood(family)
    network = linear(1, loss.n_outputs or 3)
    nothing = np.zeros((200, 1))
    result = nn.train(
        network, nothing, t, loss=loss, optimizer=LBFGS(1e-8), start_at_fit=start_at_fit
    )
    learned = loss.parameters(network.predict(nothing[:1]))
    np.testing.assert_allclose(
        np.concatenate([np.ravel(value) for value in learned.values()]),
        ml.fit(t, family).params.to_numpy(),
        rtol=1e-6,
    )
    if start_at_fit:
        assert result.n_epochs == 1


@pytest.mark.parametrize("start_at_fit", [True, False])
def test_censored_targets_are_learned_too(start_at_fit: bool) -> None:
    t, loss = SAMPLES["weibull"], nn.NegativeLogLikelihood("weibull")
    event = np.random.default_rng(41).random(200) < 0.6
    network, nothing = linear(1, 2), np.zeros((200, 1))
    observations = ml.Observations.right_censored(t, event)
    nn.train(
        network,
        nothing,
        observations,
        loss=loss,
        optimizer=LBFGS(1e-8),
        start_at_fit=start_at_fit,
    )
    expected = ml.fit(t, "weibull", event=event).params.to_numpy()
    np.testing.assert_allclose(np.exp(network.predict(nothing[:1])[0]), expected, rtol=1e-6)
    stopped = nn.train(linear(1, 2), nothing, observations, loss=loss, early_stopping=True)
    assert len(stopped.held_out) == 20


def test_the_last_bias_starts_at_the_estimates_unless_it_has_a_value() -> None:
    t, loss = SAMPLES["gamma"], nn.NegativeLogLikelihood("gamma")
    options = {"loss": loss, "optimizer": GradientDescent(1e-12), "epochs": 1}
    network, own = linear(1, 2), nn.Sequential(nn.Affine(np.zeros((1, 2)), [0.1, 0.2]))
    nn.train(network, np.zeros((200, 1)), t, **options)
    nn.train(own, np.zeros((200, 1)), t, **options)
    estimates = ml.fit(t, "gamma").params.to_numpy()
    np.testing.assert_allclose(np.exp(network.parameters[2:]), estimates, rtol=1e-7)
    np.testing.assert_allclose(own.parameters[2:], [0.1, 0.2], rtol=1e-7)


def test_a_penalty_belongs_to_the_sum_whatever_the_batches() -> None:
    # Σ L_i + ½λΣw² is smallest where both slopes cancel.
    network = linear()
    nn.train(network, X, LABELS, loss=SOFTMAX, optimizer=LBFGS(1e-9), penalty=Ridge(2.5))
    SOFTMAX.forward(network.forward(X), LABELS)
    network.backward(60 * SOFTMAX.backward())
    is_weight = network.is_weight()
    np.testing.assert_allclose(
        network.gradient[is_weight], -2.5 * network.parameters[is_weight], atol=1e-6
    )
    np.testing.assert_allclose(network.gradient[~is_weight], 0, atol=1e-6)


def test_biases_are_penalized_where_asked() -> None:
    network = linear()
    nn.train(
        network, X, LABELS, loss=SOFTMAX, optimizer=LBFGS(1e-9), penalty=Ridge(2.5), penalize="all"
    )
    SOFTMAX.forward(network.forward(X), LABELS)
    network.backward(60 * SOFTMAX.backward())
    np.testing.assert_allclose(network.gradient, -2.5 * network.parameters, atol=1e-6)


def test_the_penalty_of_a_step_is_that_of_a_row() -> None:
    network, bare = (
        nn.Sequential(nn.Affine.initialized(3, 3, rng=1, dtype=float)) for _ in range(2)
    )
    before = network.parameters.copy()
    options = {"loss": SOFTMAX, "optimizer": GradientDescent(0.5), "batch_size": None, "epochs": 1}
    nn.train(network, X, LABELS, **options, penalty=ElasticNet(3.0, ratio=0.5))
    nn.train(bare, X, LABELS, **options)
    shrunk = np.where(network.is_weight(), ElasticNet(3.0, ratio=0.5).gradient(before) / 60, 0)
    np.testing.assert_allclose(bare.parameters - network.parameters, 0.5 * shrunk, atol=1e-14)


def test_weights_count_rows() -> None:
    counts = RNG.integers(0, 4, 60)
    one, other = linear(), linear()
    options = {"loss": SOFTMAX, "optimizer": LBFGS(1e-9), "penalty": Ridge(1.0)}
    nn.train(one, X, LABELS, sample_weight=counts, **options)
    nn.train(other, np.repeat(X, counts, axis=0), np.repeat(LABELS, counts), **options)
    np.testing.assert_allclose(one.parameters, other.parameters, atol=1e-6)


@pytest.mark.parametrize("as_mapping", [True, False])
def test_class_weights_count_the_rows_of_a_class(as_mapping: bool) -> None:
    weights = {1: 2.0, 2: 3.0} if as_mapping else [1.0, 2.0, 3.0]
    one, other = linear(), linear()
    options = {"loss": SOFTMAX, "optimizer": LBFGS(1e-9), "penalty": Ridge(1.0)}
    nn.train(one, X, LABELS, class_weight=weights, **options)
    nn.train(other, X, LABELS, sample_weight=np.array([1.0, 2.0, 3.0])[LABELS], **options)
    np.testing.assert_array_equal(one.parameters, other.parameters)


def test_balanced_classes_start_alike() -> None:
    network = linear()
    nn.train(
        network,
        np.zeros((60, 3)),
        LABELS,
        loss=SOFTMAX,
        optimizer=LBFGS(1e-9),
        class_weight="balanced",
        start_at_fit=False,
    )
    np.testing.assert_allclose(network.predict(np.zeros((1, 3))), 0, atol=1e-8)


def test_label_smoothing_agrees_with_pytorch(torch: Any) -> None:
    reference = torch["softmax_ce"]
    logits = reference.array("logits")
    # Rows that are told apart by a unit vector each: the weights are the logits.
    network = nn.Sequential(nn.Affine(logits, np.zeros(4)))
    result = nn.train(
        network,
        np.eye(5),
        np.array(reference["target"]),
        loss=SOFTMAX,
        optimizer=GradientDescent(1.0),
        epochs=1,
        batch_size=None,
        label_smoothing=0.1,
        start_at_fit=False,
    )
    expected = reference["label_smoothing_0.1"]
    np.testing.assert_allclose(result.history["loss"], [expected["loss"]], rtol=1e-13)
    moved = logits - network.layers[0].W
    np.testing.assert_allclose(moved, expected["dlogits"], rtol=1e-12, atol=1e-15)


def test_mixup_mixes_rows_and_targets_alike() -> None:
    # With one-hot features, a network that has learned gives each row its own target.
    network = linear(4, 4)
    options = {"loss": SOFTMAX, "optimizer": Adam(0.05), "epochs": 300, "batch_size": None}
    nn.train(network, np.eye(4), np.arange(4), mixup=1.0, **options)
    shares = nn.softmax(network.predict(np.eye(4)[:2].mean(axis=0, keepdims=True)))[0]
    assert shares[:2].min() > 3 * shares[2:].max()
    np.testing.assert_array_equal(network.predict(np.eye(4)).argmax(axis=1), np.arange(4))
