"""Sequential: one vector for all parameters, and a training that PyTorch ran too."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import numpy as np
import pytest

import nn
from mlestim.errors import DataError, ModelFileError, OptionError
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


def test_a_copy_or_file_holds_none_of_the_rows_that_were_seen() -> None:
    network = everything()
    network.backward(np.ones_like(network.forward(mixed_rows(), training=True)))
    loss = nn.SoftmaxWithLoss()
    loss.forward(np.zeros((6, 3)), np.zeros(6, int))
    for layer in (*copy.deepcopy(network).walk(), copy.deepcopy(loss)):
        assert layer._kept is None


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


def everything() -> nn.Sequential:
    """A network with every kind of layer that learns or draws."""
    block = nn.Residual(nn.Affine.initialized(4, 4, rng=5, dtype=float), nn.Tanh())
    return nn.Sequential(
        nn.Embedding.initialized(3, 2, column=2, rng=4, dtype=float),
        block,
        nn.LayerNorm.initialized(4, dtype=float),
        nn.Affine.initialized(4, 5, rng=6, dtype=float, noise=nn.WeightNoise(0.1, rng=9)),
        nn.BatchNorm.initialized(5, dtype=float),
        nn.GELU(),
        nn.Dropout(0.2, rng=7),
        nn.Affine.initialized(5, 3, rng=8, dtype=float, scheme="glorot"),
    )


def mixed_rows(n: int = 6) -> np.ndarray:
    rng = np.random.default_rng(10)
    return np.column_stack([rng.normal(size=(n, 2)), np.arange(n) % 3])


def test_gradient_of_a_deep_network_is_the_slope_of_the_loss() -> None:
    network, x, t = everything(), mixed_rows(), np.array([0, 2, 1, 1, 0, 2])
    loss = nn.SoftmaxWithLoss()
    loss.forward(network.forward(x), t)
    network.backward_to_parameters(loss.backward())
    # Central differences of an infinitely smooth function: h² and rounding/h are both near 1e-10.
    step, slopes = 1e-5, np.empty_like(network.gradient)
    for i in range(network.parameters.size):
        network.parameters[i] += step
        above = loss.forward(network.forward(x), t)
        network.parameters[i] -= 2 * step
        below = loss.forward(network.forward(x), t)
        network.parameters[i] += step
        slopes[i] = (above - below) / (2 * step)
    np.testing.assert_allclose(network.gradient, slopes, rtol=1e-7, atol=1e-9)


def test_gradient_in_the_input_may_be_left_out() -> None:
    one, other, x = everything(), everything(), mixed_rows()
    dy = np.ones_like(one.forward(x, training=True))
    one.backward(dy)
    other.forward(x, training=True)
    other.backward_to_parameters(dy)
    np.testing.assert_array_equal(one.gradient, other.gradient)


def test_arrays_may_be_used_again_without_a_change_of_results() -> None:
    one, other, x = everything(), everything(), mixed_rows()
    other.reuse_arrays(True)
    for rows in (x, x[:4], x):
        y = one.forward(rows, training=True)
        np.testing.assert_array_equal(other.forward(rows, training=True), y)
        np.testing.assert_array_equal(one.backward(y.copy()), other.backward(y.copy()))
        np.testing.assert_array_equal(one.gradient, other.gradient)
    affine = other.layers[-1]
    assert affine.forward(np.ones((3, 5))) is affine.forward(np.zeros((3, 5)))
    other.reuse_arrays(False)
    assert affine.forward(np.ones((3, 5))) is not affine.forward(np.zeros((3, 5)))


def test_prediction_in_blocks_is_prediction_at_once() -> None:
    network, x = everything(), mixed_rows(20)
    # Blocks of other sizes may be summed in another order.
    np.testing.assert_allclose(network.predict(x, batch_size=6), network.forward(x), rtol=1e-12)
    np.testing.assert_array_equal(network.predict(x), network.forward(x))


def test_state_and_architecture_make_the_network_again() -> None:
    network, x = everything(), mixed_rows()
    network.forward(x, training=True)  # moves the running statistics
    architecture = json.loads(json.dumps(network.architecture()))
    twin = nn.build(architecture, rng=99, dtype=float)
    assert repr(twin) == repr(network)
    assert {"0.W", "1.0.b", "4.running_mean", "4.running_variance"} <= set(network.state())
    twin.load_state(network.state())
    np.testing.assert_array_equal(twin.forward(x), network.forward(x))


def test_a_state_that_does_not_fit_changes_nothing() -> None:
    network = small_network()
    before, state = network.state(), network.state()
    for name, array in state.items():
        state[name] = array + 1
    wrong = {
        "lacks .'4.b'.": {name: array for name, array in state.items() if name != "4.b"},
        "has .'5.W'.": state | {"5.W": np.ones(2)},
        r"4.b has shape \(2,\)": state | {"4.b": np.ones(2)},
        "dtype complex128": state | {"4.b": np.ones(3, complex)},
    }
    for message, arrays in wrong.items():
        with pytest.raises(DataError, match=message):
            network.load_state(arrays)
    for name, array in network.state().items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize(
    "architecture",
    [
        [],
        "Affine",
        [{"layer": "Sequential"}],
        [{"layer": "os.system"}],
        [{"layer": ["Affine"]}],
        [{"n_in": 3}],
        [{"layer": "Affine", "n_in": 3}],
        [{"layer": "Affine", "n_in": -3, "n_out": 2}],
        [{"layer": "Affine", "n_in": "3", "n_out": 2}],
        [{"layer": "Affine", "n_in": 10**9, "n_out": 10**9}],
        [{"layer": "Dropout", "rate": 2}],
        [{"layer": "ReLU", "slope": 2}],
        [{"layer": "Residual", "layers": [{"layer": "Gone"}]}],
    ],
)
def test_records_that_make_no_network_are_refused(architecture: Any) -> None:
    with pytest.raises(ModelFileError):
        nn.build(architecture)


def test_weights_are_told_from_what_is_spared() -> None:
    network = small_network()
    spared = network.parameters[~network.is_weight()]
    assert spared.size == 5 + 5 + 5 + 3  # two biases, gamma and beta
    assert network.is_weight().sum() == 20 + 15


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
