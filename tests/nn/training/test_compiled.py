"""The compiled loop does what layers, loss, penalty and optimizer do, up to rounding."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

import nn
from mlestim.errors import DivergenceError, MissingExtraError, OptionError
from mlestim.optim import LBFGS, Adam, AdamW, CosineDecay, NAdam
from mlestim.penalties import Lasso, Ridge
from nn.training.compiled import chain, kernel

pytestmark = pytest.mark.skipif(
    find_spec("numba") is None, reason="the extra compiled is not installed"
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(101, 6))
LABELS = RNG.integers(0, 3, 101)


def network(widths: tuple[int, ...] = (6, 9, 7, 3), dtype: Any = np.float64) -> nn.Sequential:
    rng = np.random.default_rng(1)
    layers: list[nn.Layer] = []
    for n_in, n_out in pairwise(widths):
        layers += [nn.Affine.initialized(n_in, n_out, rng, dtype), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def fit(compiled: bool | None, net: nn.Sequential | None = None, **options: Any) -> Any:
    settings = {"loss": nn.SoftmaxWithLoss(), "epochs": 5, "batch_size": 16, "random_state": 3}
    net = network() if net is None else net
    return nn.train(net, X, LABELS, **(settings | options), compiled=compiled)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"batch_size": None},
        {"batch_size": 20},  # a last row joins the batch before
        {"optimizer": Adam(CosineDecay(0.02, 30), weight_decay=0.1), "penalize": "all"},
        {"optimizer": AdamW(0.01, beta1=0.5, epsilon=1e-3, weight_decay=0.3)},
        {"penalty": Ridge(2.0), "sample_weight": np.arange(101.0) % 3},
        {"class_weight": "balanced", "early_stopping": True, "penalty": Ridge(0.1)},
        {"averaging": nn.WeightAveraging(0.4)},
    ],
)
def test_it_trains_as_the_layers_do(options) -> None:
    loop, layers = fit(True, **options), fit(False, **options)
    # Some ten steps of float64 lose three digits at most.
    np.testing.assert_allclose(
        loop.network.parameters, layers.network.parameters, rtol=1e-12, atol=1e-13
    )
    np.testing.assert_allclose(
        loop.history.drop(columns="seconds").astype(float),
        layers.history.drop(columns="seconds").astype(float),
        rtol=1e-11,
    )
    assert loop.n_steps == layers.n_steps


@pytest.mark.parametrize("widths", [(6, 3), (6, 40, 3), (6, 5, 4, 3, 2, 3), (6, 100, 120, 3)])
def test_chains_may_have_any_depth_and_width(widths) -> None:
    # Of 101 rows at once, the wide layer is multiplied in panels.
    assert kernel.panel(101, 100 * 120) == 51
    loop, layers = (
        fit(way, network(widths), batch_size=101 if max(widths) > 100 else 16).network.parameters
        for way in (True, False)
    )
    np.testing.assert_allclose(loop, layers, rtol=1e-12, atol=1e-13)


def test_single_precision_stays_single() -> None:
    loop, layers = (
        fit(way, network(dtype=np.float32), penalty=Ridge(0.5)).network.parameters
        for way in (True, False)
    )
    assert loop.dtype == np.float32
    np.testing.assert_allclose(loop, layers, rtol=1e-4, atol=1e-5)  # float32 has seven digits


def test_the_optimizer_goes_on_where_it_was() -> None:
    halves = fit(True, epochs=3)
    options = {"optimizer": halves.optimizer, "start_at_fit": False}
    by_layers = fit(False, network_of(halves), **options)
    by_loop = fit(True, network_of(halves), **options)
    np.testing.assert_allclose(
        by_loop.network.parameters, by_layers.network.parameters, rtol=1e-12, atol=1e-13
    )
    np.testing.assert_allclose(
        by_loop.optimizer.state_dict()["second_moment"],
        by_layers.optimizer.state_dict()["second_moment"],
        rtol=1e-10,
    )
    assert by_loop.optimizer.state_dict()["step"] == by_layers.optimizer.state_dict()["step"]


def network_of(result: nn.TrainingResult) -> nn.Sequential:
    net = network()
    net.load_state(result.network.state())
    return net


def test_what_runs_away_is_said_with_its_step() -> None:
    for way in (True, False):
        with pytest.raises(
            DivergenceError, match=r"loss is (nan|inf) at step 2, in epoch 1"
        ) as told:
            fit(way, optimizer=Adam(1e200))
        assert told.value.step == 2


def test_it_repeats_to_the_last_bit_also_after_an_interruption(tmp_path) -> None:
    whole = fit(True, epochs=6, checkpoint=tmp_path / "whole")
    fit(True, epochs=2, checkpoint=tmp_path / "run")
    # A training that goes on keeps its way.
    resumed = fit(None, epochs=6, checkpoint=tmp_path / "run", resume=True)
    np.testing.assert_array_equal(whole.network.parameters, resumed.network.parameters)
    with pytest.raises(OptionError, match="compiled was True and is False"):
        fit(False, epochs=9, checkpoint=tmp_path / "run", resume=True)


def test_its_multiplications_keep_to_the_threads() -> None:
    from threadpoolctl import ThreadpoolController

    seen: list[set[int]] = []

    class Look(nn.Callback):
        def on_epoch_end(self, run: Any) -> None:
            libraries = ThreadpoolController().select(user_api="blas").info()
            seen.append({library["num_threads"] for library in libraries})

    fit(True, epochs=2, callbacks=[Look()])
    assert seen == [{1}, {1}]


@pytest.mark.parametrize(
    ("options", "obstacle"),
    [
        ({"optimizer": NAdam()}, "NAdam.*it takes Adam and AdamW"),
        ({"optimizer": LBFGS()}, "LBFGS does not go with compiled=True"),
        ({"penalty": Lasso(1.0)}, "it takes Ridge"),
        ({"mixup": 0.2}, "mixup"),
        ({"label_smoothing": 0.1}, "classes by their labels"),
        ({"max_gradient_norm": 1.0}, "max_gradient_norm"),
        ({"loss": nn.NegativeLogLikelihood("gamma", {"shape": 1.0})}, "this loss"),
        ({"net": nn.Sequential(nn.Affine.initialized(6, 3, 0), nn.Tanh())}, "these layers"),
        ({"net": nn.Sequential(nn.Affine.initialized(6, 3, 0, n_networks=2))}, "these layers"),
    ],
)
def test_what_it_cannot_do_is_said_or_left_to_the_layers(options, obstacle) -> None:
    if "gamma" in repr(options):
        options |= {"net": nn.Sequential(nn.Affine.initialized(6, 1, 0))}
        X, t = np.abs(RNG.normal(size=(30, 6))), RNG.gamma(1.0, size=30)
        with pytest.raises(OptionError, match=obstacle):
            nn.train(options["net"], X, t, loss=options["loss"], compiled=True)
        return
    with pytest.raises(OptionError, match=obstacle):
        fit(True, **options)


def test_only_long_trainings_take_it_by_themselves(monkeypatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(chain, "find_spec", looked.append)
    fit(None)
    assert not looked
    monkeypatch.setattr(chain, "PAYS", 0.0)
    fit(None)
    assert looked == ["numba"]  # which is not there, so that NumPy does it


def test_without_numba_the_way_out_is_named(monkeypatch) -> None:
    monkeypatch.setattr(chain, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"mlestim\[compiled\]"):
        fit(True)


def test_classifiers_take_it_from_tables_parts_and_files(tmp_path) -> None:
    table = pd.DataFrame(X, columns=list("abcdef")).assign(y=LABELS)
    table.to_parquet(tmp_path / "rows.parquet")
    settings = {"hidden": (8,), "epochs": 3, "random_state": 0, "early_stopping": False}
    fitted = []
    for way in (True, False):
        model = nn.Classifier(**settings, compiled=way, batch_size=16, optimizer=Adam())
        fitted.append(
            [
                model.fit(X, LABELS).network_.parameters.copy(),
                model.partial_fit(X, LABELS).network_.parameters.copy(),
                model.fit(tmp_path / "rows.parquet", "y").network_.parameters.copy(),
            ]
        )
    np.testing.assert_allclose(*fitted, rtol=1e-3, atol=1e-5)  # float32 has seven digits
    automatic = nn.Classifier(compiled=True, epochs=1, random_state=0).fit(X, LABELS)
    assert automatic.network_.parameters.dtype == np.float32  # L-BFGS is none of its optimizers
    nn.save(automatic, tmp_path / "model")
    assert nn.load(tmp_path / "model").compiled is True


def test_without_a_folder_to_write_to_it_is_compiled_each_time(monkeypatch) -> None:
    from numba.core.caching import CacheImpl

    monkeypatch.setattr(CacheImpl, "_locator_classes", [])
    assert kernel.compiled(kernel.n_outputs.py_func)(np.array([4, 3, 2])) == 5


def test_numba_is_not_imported_before_it_is_needed() -> None:
    program = "import sys, nn; print('numba' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
