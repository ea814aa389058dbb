"""Training: its steps, and where it ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import nn
from mlestim.errors import DataError, DivergenceError, OptionError
from mlestim.optim import LBFGS, Adam, AdamW, GradientDescent, StepDecay, clip_by_global_norm
from mlestim.penalties import Lasso, Ridge

RNG = np.random.default_rng(40)
X = RNG.normal(size=(60, 3))
LABELS = (X[:, 0] + 0.5 * RNG.normal(size=60) > 0).astype(int) + (X[:, 1] > 1)
SOFTMAX = nn.SoftmaxWithLoss()


def linear(n_in: int = 3, n_out: int = 3) -> nn.Sequential:
    return nn.Sequential(nn.Affine(np.zeros((n_in, n_out)), np.zeros(n_out)))


def deep(dtype: Any = np.float64, dropout: float = 0.0, n_out: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Affine.initialized(3, 8, rng=1, dtype=dtype),
        nn.BatchNorm.initialized(8, dtype=dtype),
        nn.ReLU(),
        *([nn.Dropout(dropout, rng=2)] if dropout else []),
        nn.Affine.initialized(8, n_out, rng=3, dtype=dtype),
    )


# ---- the steps ---------------------------------------------------------------------------------


def test_steps_agree_with_pytorch_batch_normalization_included(torch: Any) -> None:
    reference = torch["network_with_batch_norm"]
    w1, w2, b2 = reference["init_W1_W2_b2"]
    network = nn.Sequential(
        nn.Affine(w1, np.zeros(3)),
        nn.BatchNorm(np.ones(3), np.zeros(3)),
        nn.ReLU(),
        nn.Affine(w2, b2),
    )
    result = nn.train(
        network,
        reference["X"],
        np.array(reference["target"]),
        loss=SOFTMAX,
        optimizer=AdamW(reference["lr"], weight_decay=reference["weight_decay_on_all"]),
        penalize="all",
        epochs=5,
        batch_size=None,
        start_at_fit=False,
    )
    np.testing.assert_allclose(
        result.history["loss"], reference["losses_before_each_step"], rtol=1e-10
    )
    final = reference["final"]
    state = network.state()
    names = {"0.W": "W1", "1.gamma": "gamma", "1.beta": "beta", "3.W": "W2", "3.b": "b2"}
    for ours, theirs in names.items():
        np.testing.assert_allclose(state[ours], final[theirs], rtol=1e-9)
    np.testing.assert_allclose(network.predict(reference["X"]), reference["eval_logits"], rtol=1e-8)


def test_weight_decay_spares_biases_scales_and_shifts() -> None:
    network, bare = deep(), deep()
    before = network.parameters.copy()
    options = {"loss": SOFTMAX, "batch_size": None, "epochs": 1}
    nn.train(network, X, LABELS, optimizer=GradientDescent(0.1, weight_decay=0.5), **options)
    nn.train(bare, X, LABELS, optimizer=GradientDescent(0.1), **options)
    shrunk = np.where(network.is_weight(), 0.5 * before, 0)
    np.testing.assert_allclose(bare.parameters - network.parameters, 0.1 * shrunk, atol=1e-14)


def test_gradients_are_cut_by_their_global_norm() -> None:
    network, other = linear(), linear()
    options = {"loss": SOFTMAX, "batch_size": None, "epochs": 1, "start_at_fit": False}
    nn.train(other, X, LABELS, optimizer=GradientDescent(1.0), **options)
    nn.train(network, X, LABELS, optimizer=GradientDescent(1.0), max_gradient_norm=0.01, **options)
    gradient = -other.parameters
    clip_by_global_norm(gradient, 0.01)
    np.testing.assert_allclose(network.parameters, -gradient, atol=1e-15)


def test_schedules_count_steps() -> None:
    result = nn.train(
        linear(),
        X,
        LABELS,
        loss=SOFTMAX,
        optimizer=GradientDescent(StepDecay(0.5, period=4, factor=0.5)),
        epochs=3,
        batch_size=30,
    )
    assert result.history["learning_rate"].tolist() == [0.5, 0.5, 0.25]
    assert result.n_steps == 6


def test_the_optimizer_given_is_left_alone_and_that_of_the_result_goes_on() -> None:
    optimizer = Adam(0.01)
    whole, halves = deep(), deep()
    options = {"loss": SOFTMAX, "batch_size": None, "start_at_fit": False}
    nn.train(whole, X, LABELS, optimizer=optimizer, epochs=6, **options)
    first = nn.train(halves, X, LABELS, optimizer=optimizer, epochs=3, **options)
    nn.train(halves, X, LABELS, optimizer=first.optimizer, epochs=3, **options)
    np.testing.assert_array_equal(whole.parameters, halves.parameters)


def test_a_seed_repeats_the_training_and_another_shuffles_anew() -> None:
    networks = [deep(np.float32, dropout=0.2) for _ in range(3)]
    for network, seed in zip(networks, [5, 5, 6], strict=True):
        nn.train(network, X, LABELS, loss=SOFTMAX, epochs=3, random_state=seed)
    first, same, other = (network.parameters for network in networks)
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_an_ensemble_learns_what_its_networks_do_alone() -> None:
    weights = np.random.default_rng(7).normal(size=(3, 3, 8))
    outer = np.random.default_rng(8).normal(size=(3, 8, 3))

    def network(*which: Any) -> nn.Sequential:
        bias = (3, 1) if which == (slice(None),) else ()
        return nn.Sequential(
            nn.Affine(weights[which], np.zeros((*bias, 8))),
            nn.Tanh(),
            nn.Affine(outer[which], np.zeros((*bias, 3))),
        )

    together, alone = network(slice(None)), [network(i) for i in range(3)]
    options = {"loss": SOFTMAX, "epochs": 4, "penalty": Ridge(1.0), "early_stopping": True}
    result = nn.train(together, X, LABELS, **options)
    losses = [nn.train(single, X, LABELS, **options).history for single in alone]
    # The same sums in blocks of other sizes, over some forty steps of Adam.
    close = {"rtol": 1e-9, "atol": 1e-11}
    np.testing.assert_allclose(together.predict(X), [one.predict(X) for one in alone], **close)
    for name in ("loss", "penalty", "validation_loss"):
        mean = np.mean([history[name] for history in losses], axis=0)
        np.testing.assert_allclose(result.history[name], mean, **close)


def test_an_ensemble_learns_by_lbfgs_too() -> None:
    weights = np.random.default_rng(9).normal(size=(2, 3, 3))
    together = nn.Sequential(nn.Affine(weights, np.zeros((2, 1, 3))))
    options = {"loss": SOFTMAX, "optimizer": LBFGS(1e-9), "penalty": Ridge(1.0)}
    result = nn.train(together, X, LABELS, **options)
    alone = linear()
    nn.train(alone, X, LABELS, **options)
    assert result.stopped == "converged"
    # The objective has one minimum, wherever a network starts; its curvature is about 0.1.
    for probabilities in nn.softmax(together.predict(X)):
        np.testing.assert_allclose(probabilities, nn.softmax(alone.predict(X)), atol=1e-7)


# ---- when it ends ------------------------------------------------------------------------------


def test_early_stopping_restores_the_best_weights() -> None:
    noise = RNG.integers(0, 3, 60)  # nothing to be learned: the loss of new rows soon rises
    network = deep()
    stopping = nn.EarlyStopping(patience=5, fraction=0.3)
    result = nn.train(
        network, X, noise, loss=SOFTMAX, optimizer=Adam(0.02), early_stopping=stopping
    )
    assert result.stopped == "early_stopping"
    assert result.best_epoch is not None
    assert result.n_epochs == result.best_epoch + 5
    losses = result.history["validation_loss"]
    assert losses.idxmin() == result.best_epoch - 1
    held_out = SOFTMAX.forward(network.predict(X[result.held_out]), noise[result.held_out])
    assert held_out == pytest.approx(losses.min(), rel=1e-12)


def test_held_out_rows_are_no_part_of_the_training() -> None:
    spoiled = X.copy()
    stopping = nn.EarlyStopping(fraction=0.2)
    options = {"loss": SOFTMAX, "epochs": 3, "early_stopping": stopping}
    one, other = linear(), linear()
    held_out = nn.train(one, X, LABELS, **options).held_out
    spoiled[held_out] += 100
    nn.train(other, spoiled, LABELS, loss=SOFTMAX, epochs=3, early_stopping=stopping)
    final = [network.parameters for network in (one, other)]
    # The best epoch may be another one; the last losses are those of the same weights.
    assert len(held_out) == 12
    assert all(np.isfinite(parameters).all() for parameters in final)


def test_validation_rows_may_be_given() -> None:
    result = nn.train(
        linear(), X[:40], LABELS[:40], loss=SOFTMAX, epochs=2, validation=(X[40:], LABELS[40:])
    )
    assert result.held_out.size == 0
    expected = SOFTMAX.forward(result.network.predict(X[40:]), LABELS[40:])
    assert result.history["validation_loss"].iloc[-1] == pytest.approx(expected, rel=1e-12)


def test_the_mean_of_the_last_epochs_weights_may_be_kept() -> None:
    seen: list[np.ndarray] = []

    class Remember(nn.Callback):
        def on_epoch_end(self, run: Any) -> None:
            seen.append(run.network.parameters.copy())

    network = deep()
    nn.train(
        network,
        X,
        LABELS,
        loss=SOFTMAX,
        epochs=8,
        averaging=nn.WeightAveraging(0.5),
        callbacks=[Remember()],
        batch_size=20,
    )
    np.testing.assert_allclose(network.parameters, np.mean(seen[4:], axis=0), rtol=1e-12)
    first, norm = network.layers[:2]
    inputs = first.forward(X)
    np.testing.assert_allclose(norm.running_mean, inputs.mean(axis=0), rtol=1e-12)
    batches = [inputs[i : i + 20].var(axis=0, ddof=1) for i in (0, 20, 40)]
    np.testing.assert_allclose(norm.running_variance, np.mean(batches, axis=0), rtol=1e-12)
    assert norm.momentum == 0.1


@pytest.mark.parametrize("limit", [None, 1e300])
def test_a_training_that_runs_away_is_stopped_and_says_where(limit: float | None) -> None:
    with pytest.raises(
        DivergenceError, match=r"at step \d+, in epoch \d+.*learning rate"
    ) as caught:
        nn.train(
            deep(n_out=2),
            X,
            RNG.normal(3, 2, 60),
            loss=nn.NegativeLogLikelihood("normal"),
            optimizer=GradientDescent(1e4),
            max_gradient_norm=limit,
        )
    assert caught.value.step >= 1
    assert caught.value.epoch >= 1


@pytest.mark.parametrize("options", [{}, {"batch_size": 7}, {"optimizer": LBFGS()}])
def test_a_row_that_costs_too_much_is_named(options: dict[str, Any]) -> None:
    targets = RNG.normal(3, 2, 60)
    targets[31] = 1e200
    with pytest.raises(DivergenceError, match=r"look at row 31, whose target is 1e\+200") as e:
        nn.train(
            deep(n_out=2),
            X,
            targets,
            loss=nn.NegativeLogLikelihood("normal"),
            start_at_fit=False,
            **options,
        )
    assert e.value.result.column == np.abs(X[31]).argmax()


def test_an_estimator_names_the_target_and_the_column() -> None:
    features = pd.DataFrame({"age": RNG.normal(size=60), "income": RNG.normal(size=60)})
    targets = RNG.normal(size=60)
    regressor = nn.Regressor(hidden=(), penalty=1.0).partial_fit(features, targets)
    targets[31] = 1e30  # its square overflows in single precision
    told = r"a row, whose target is 1e\+30 .*, in column '(age|income)', scaled"
    with pytest.raises(DivergenceError, match=told):
        regressor.partial_fit(features, targets)


def test_a_last_step_that_goes_too_far_is_noticed() -> None:
    with pytest.raises(DivergenceError, match="largest parameter is inf"):
        nn.train(
            deep(np.float32),
            X,
            LABELS,
            loss=SOFTMAX,
            optimizer=GradientDescent(1e39),
            epochs=1,
            batch_size=None,
        )


def test_a_last_batch_of_one_row_joins_the_one_before() -> None:
    # By itself, batch normalization would refuse it.
    result = nn.train(deep(), X[:41], LABELS[:41], loss=SOFTMAX, epochs=2, batch_size=20)
    assert result.n_steps == 4


def test_lbfgs_comes_back_from_where_nothing_is_finite() -> None:
    # The first step, of length 1, leads to a mean of exp(1000); the best one is log(3)/1000.
    rows, counts = np.array([[0.0], [1000.0]] * 20), np.array([1, 3] * 20)
    network = linear(1, 1)
    result = nn.train(
        network,
        rows,
        counts,
        loss=nn.NegativeLogLikelihood("poisson"),
        optimizer=LBFGS(1e-6),
        start_at_fit=False,
    )
    assert str(result.stopped) == "converged"
    # Means of 1 and 3: a gradient of 1e-6 in units of 1000 leaves a millionth.
    np.testing.assert_allclose(np.exp(network.predict(rows[:2])).ravel(), [1.0, 3.0], rtol=1e-5)


def test_lbfgs_says_whether_it_converged() -> None:
    options = {"loss": SOFTMAX, "penalty": Ridge(1.0)}
    done = nn.train(linear(), X, LABELS, optimizer=LBFGS(1e-6), **options)
    cut = nn.train(linear(), X, LABELS, optimizer=LBFGS(1e-6), epochs=2, **options)
    assert (str(done.stopped), str(cut.stopped), cut.n_epochs) == ("converged", "epochs", 2)
    assert (done.history["loss"] + done.history["penalty"]).is_monotonic_decreasing
    assert done.history["learning_rate"].isna().all()


# ---- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, r"epochs=0"),
        ({"epochs": 1.5}, r"epochs=1.5 .* integer"),
        ({"batch_size": 2.5}, r"batch_size=2.5 .* integer"),
        ({"callbacks": None}, r"callbacks=None is no sequence of nn.Callback"),
        ({"random_state": "a"}, r"random_state='a' is no seed"),
        ({"threads": 0}, r"threads=0"),
        ({"batch_size": 0}, r"batch_size=0"),
        ({"label_smoothing": 1.0}, r"label_smoothing=1.0.*\[0, 1\)"),
        ({"mixup": -1.0}, r"mixup=-1"),
        ({"max_gradient_norm": 0.0}, r"max_gradient_norm=0"),
        ({"penalize": "biases"}, r"penalize='biases'"),
        ({"optimizer": "adam"}, r"optimizer='adam' is no optimizer of mlestim.optim"),
        ({"validation": (X,)}, r"validation takes \(X, t\)"),
        ({"penalty": 0.5}, r"penalty=0.5 is no penalty of mlestim.penalties"),
        ({"early_stopping": 10}, r"early_stopping=10 is no nn.EarlyStopping"),
        ({"callbacks": [print]}, r"callbacks=<built-in function print> is no nn.Callback"),
        ({"loss": "cross-entropy"}, r"loss='cross-entropy' is no loss of nn"),
        ({"early_stopping": True, "averaging": nn.WeightAveraging()}, r"choose one"),
        ({"optimizer": LBFGS(), "mixup": 0.2}, r"LBFGS does not go with mixup"),
        ({"optimizer": LBFGS(), "penalty": Lasso(1.0)}, r"Lasso.*whose gradient jumps"),
        ({"optimizer": LBFGS(), "checkpoint": "a file"}, r"checkpoint"),
        ({"class_weight": "even"}, r"class_weight='even'"),
        ({"class_weight": 5.0}, r"class_weight=5.0: .* each of 3 classes"),
        ({"class_weight": {0: -1.0}}, r"class_weight=\[-1.0, 1.0, 1.0\]"),
        ({"class_weight": {7: 1.0}}, r"class_weight names 7; classes are 0 to 2"),
        ({"early_stopping": nn.EarlyStopping(fraction=0.001)}, r"leaves too few"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        nn.train(linear(), X, LABELS, **({"loss": SOFTMAX} | options))


def test_random_layers_do_not_go_with_lbfgs() -> None:
    with pytest.raises(OptionError, match="draw at random"):
        nn.train(deep(dropout=0.1), X, LABELS, loss=SOFTMAX, optimizer=LBFGS())


def test_classes_are_needed_where_options_are_about_them() -> None:
    t, loss = RNG.normal(3, 2, 60), nn.NegativeLogLikelihood("normal")
    for options in ({"class_weight": "balanced"}, {"label_smoothing": 0.1}):
        with pytest.raises(OptionError, match="is for classes"):
            nn.train(linear(3, 2), X, t, loss=loss, **options)


def test_rows_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DataError, match="t has 59 rows and X has 60"):
        nn.train(linear(), X, LABELS[:59], loss=SOFTMAX)
    holes = X.copy()
    holes[[4, 7], 1] = np.nan
    with pytest.raises(
        DataError, match="missing or infinite values in 2 rows, the first of them 4, 7"
    ):
        nn.train(linear(), holes, LABELS, loss=SOFTMAX)
    with pytest.raises(DataError, match=r"takes x of shape \(rows, 2\), got \(\d\d+, 3\)"):
        nn.train(linear(2), X, LABELS, loss=SOFTMAX)
    with pytest.raises(DataError, match=r"needs 2 outputs a row; .* gives 3"):
        nn.train(linear(), X, np.ones(60), loss=nn.NegativeLogLikelihood("gamma"))
