"""Sequential: one vector for all parameters, and a training that PyTorch ran too."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import nn
from mlestim.errors import OptionError
from mlestim.optim import Adam


def small_network(dtype: Any = np.float64) -> nn.Sequential:
    return nn.Sequential(
        nn.Affine.initialized(4, 5, rng=1, dtype=dtype),
        nn.BatchNorm(np.ones(5, dtype), np.zeros(5, dtype)),
        nn.ReLU(),
        nn.Dropout(0.3, rng=2),
        nn.Affine.initialized(5, 3, rng=3, dtype=dtype),
    )


def test_five_steps_of_adam_agree_with_pytorch(torch: Any) -> None:
    reference = torch["network"]
    w1, b1, w2, b2 = reference["init_W1_b1_W2_b2"]
    network = nn.Sequential(nn.Affine(w1, b1), nn.ReLU(), nn.Affine(w2, b2))
    loss, optimizer = nn.SoftmaxWithLoss(), Adam(learning_rate=reference["lr"])

    losses, gradients = [], []
    for _ in range(5):
        losses.append(
            loss.forward(network.forward(reference["X"], training=True), reference["target"])
        )
        network.backward(loss.backward())
        gradients.append(network.gradient.copy())
        optimizer.step(network.parameters, network.gradient)

    # Some hundred roundings, against 15 digits given; Adam divides small numbers by small ones.
    flat = [
        np.concatenate([np.ravel(part) for part in reference[name]])
        for name in ("grads_step1", "final_W1_b1_W2_b2")
    ]
    np.testing.assert_allclose(losses, reference["losses_before_each_step"], rtol=1e-12)
    np.testing.assert_allclose(gradients[0], flat[0], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(network.parameters, flat[1], rtol=1e-11)


def test_layers_keep_views_of_the_two_vectors() -> None:
    network = small_network()
    first, norm, *_, last = network.layers
    assert network.parameters.shape == network.gradient.shape == (20 + 5 + 5 + 5 + 15 + 3,)
    before = last.W.copy()
    network.parameters += 1
    np.testing.assert_array_equal(last.W, before + 1)
    np.testing.assert_array_equal(norm.gamma, np.full(5, 2))

    y = network.forward(np.random.default_rng(4).normal(size=(6, 4)), training=True)
    network.backward(np.ones_like(y))
    parts = (first.dW, first.db, norm.dgamma, norm.dbeta, last.dW, last.db)
    np.testing.assert_array_equal(network.gradient, np.concatenate([p.ravel() for p in parts]))


@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))],  # noqa: S301
    ids=["deepcopy", "pickle"],
)
def test_a_copy_is_a_network_of_its_own(duplicate: Any) -> None:
    network = small_network()
    twin = duplicate(network)
    np.testing.assert_array_equal(twin.parameters, network.parameters)
    before = network.parameters.copy()
    twin.parameters += 1
    np.testing.assert_array_equal(twin.layers[0].W, network.layers[0].W + 1)
    np.testing.assert_array_equal(network.parameters, before)


def test_a_layer_of_another_network_is_refused_and_its_copy_taken() -> None:
    network = small_network()
    head = network.layers[-1]
    with pytest.raises(OptionError, match=r"in another network.*deepcopy"):
        nn.Sequential(head)
    np.testing.assert_array_equal(nn.Sequential(copy.deepcopy(head)).layers[0].W, head.W)


def test_training_is_handed_to_the_layers() -> None:
    network = small_network()
    x = np.random.default_rng(4).normal(size=(6, 4))
    np.testing.assert_array_equal(network.forward(x), network.forward(x))
    assert not np.array_equal(network.forward(x, training=True), network.forward(x, training=True))


def test_float32_layers_give_float32_vectors() -> None:
    network = small_network(np.float32)
    assert network.parameters.dtype == network.gradient.dtype == np.float32
    y = network.forward(np.ones((6, 4), np.float32), training=True)
    assert y.dtype == network.backward(np.ones_like(y)).dtype == np.float32


def test_layers_without_parameters_give_empty_vectors() -> None:
    assert nn.Sequential(nn.ReLU()).parameters.shape == (0,)


def test_repr_lists_the_layers() -> None:
    network = nn.Sequential(nn.Affine([[1]], [0]), nn.ReLU())
    assert repr(network) == "Sequential(Affine(n_in=1, n_out=1), ReLU())"


def test_what_does_not_make_a_chain_is_refused() -> None:
    relu = nn.ReLU()
    with pytest.raises(OptionError, match="at least one layer"):
        nn.Sequential()
    with pytest.raises(OptionError, match=r"Add\(\) is no layer with one input"):
        nn.Sequential(nn.Add())
    with pytest.raises(OptionError, match="once"):
        nn.Sequential(relu, relu)
