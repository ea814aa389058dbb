"""Losses of families: PyTorch's values, slopes, and the estimates of mlestim.fit at their minima."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import stats

import mlestim as ml
import nn
from mlestim.errors import DataError, OptionError, ParameterError, SupportError

# A few roundings against 15 digits given.
CLOSE = {"rtol": 1e-13, "atol": 1e-15}
RNG = np.random.default_rng(30)

# Targets that the family can produce.
N = 40
FAMILIES = {
    "normal": RNG.normal(3, 2, N),
    "poisson": RNG.poisson(4, N),
    "negative_binomial": RNG.negative_binomial(3, 0.4, N),
    "gamma": RNG.gamma(2, 3, N),
    "weibull": 2 * RNG.weibull(1.5, N),
    "lognormal": RNG.lognormal(0.5, 0.7, N),
    "beta": RNG.beta(2, 3, N),
    "student_t": RNG.standard_t(2, N),
    "logistic": RNG.logistic(1, 2, N),
    "inverse_gaussian": RNG.wald(2, 3, N),
    "geometric": RNG.geometric(0.3, N),
    "bernoulli": RNG.integers(0, 2, N),
    "categorical": RNG.integers(0, 3, N),
}
every_family = pytest.mark.parametrize("name", FAMILIES)


def outputs_for(loss: nn.NegativeLogLikelihood) -> np.ndarray:
    return np.random.default_rng(31).normal(0.3, 0.4, size=(N, loss.n_outputs or 3))


# ---- binary cross-entropy ----------------------------------------------------------------------


def test_sigmoid_loss_agrees_with_pytorch(torch: Any) -> None:
    reference = torch["bce_with_logits"]
    loss = nn.SigmoidWithLoss()
    value = loss.forward(reference["logits"], reference["target"])
    np.testing.assert_allclose(value, reference["mean"]["loss"], **CLOSE)
    np.testing.assert_allclose(loss.backward(), reference["mean"]["dlogits"], **CLOSE)
    for x, t, expected in zip(
        reference["logits"], reference["target"], reference["none"], strict=True
    ):
        np.testing.assert_allclose(loss.forward([x], [t]), expected, rtol=2e-13)


def test_sigmoid_loss_agrees_with_forty_digits() -> None:
    for x in (-800.0, -40.0, -1e-9, 0.0, 3.0, 40.0, 800.0):
        for t in (0.0, 0.25, 1.0):
            with mpmath.workdps(400):
                y = 1 / (1 + mpmath.exp(-mpmath.mpf(x)))
                exact = float(-(t * mpmath.log(y) + (1 - t) * mpmath.log(1 - y)))
            assert nn.SigmoidWithLoss().forward([x], [t]) == pytest.approx(exact, rel=1e-14)


def test_sigmoid_loss_is_the_softmax_loss_of_two_classes() -> None:
    x, t = np.linspace(-4, 4, 9), np.arange(9) % 2
    one, two = nn.SigmoidWithLoss(), nn.SoftmaxWithLoss()
    logits = np.column_stack([np.zeros(9), x])
    np.testing.assert_allclose(one.forward(x, t), two.forward(logits, t), rtol=1e-14)
    np.testing.assert_allclose(one.backward(), two.backward()[:, 1], rtol=1e-13)


def test_the_gradient_has_the_logits_shape_and_precision() -> None:
    loss = nn.SigmoidWithLoss()
    for x in (np.zeros(3, np.float32), np.zeros((3, 1), np.float32)):
        loss.forward(x, np.array([[0], [1], [1]]))
        assert loss.backward().shape == x.shape
        assert loss.backward().dtype == np.float32


@pytest.mark.parametrize(
    ("t", "message"),
    [([0, 2, 1], "row 1 holds 2"), ([0, np.nan, 1], "missing.*row 1"), ([0, 1], r"shape \(2,\)")],
)
def test_binary_targets_that_do_not_fit_are_refused(t: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        nn.SigmoidWithLoss().forward(np.zeros(3), t)


# ---- weights -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["class_weight", "sample_weight"])
def test_weighted_means_agree_with_pytorch(torch: Any, kind: str) -> None:
    reference = torch["softmax_ce"]
    weights = reference[kind].array("weight")
    if kind == "class_weight":
        weights = weights[reference["target"]]
    loss = nn.SoftmaxWithLoss()
    value = loss.forward(reference.array("logits"), reference["target"], weights)
    expected = reference[kind].get("loss", reference[kind].get("loss_weighted_mean"))
    np.testing.assert_allclose(value, expected, **CLOSE)
    np.testing.assert_allclose(loss.backward(), reference[kind]["dlogits"], **CLOSE)


@every_family
def test_a_weight_of_two_is_a_row_twice(name: str) -> None:
    loss, t = nn.NegativeLogLikelihood(name), FAMILIES[name]
    x, weights = outputs_for(loss), np.resize([1, 2, 1, 0], N)
    repeated = np.repeat(np.arange(N), weights)
    value = loss.forward(x[repeated], t[repeated])
    assert loss.forward(x, t, weights) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("weights", "message"),
    [([1, -1], "row 1 holds -1"), ([0, 0], "all of them are 0"), ([1], r"shape \(1,\)")],
)
def test_weights_that_do_not_fit_are_refused(weights: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        nn.SigmoidWithLoss().forward(np.zeros(2), [0, 1], weights)


# ---- families ----------------------------------------------------------------------------------


@every_family
def test_gradient_in_the_outputs_is_the_slope_of_the_loss(name: str) -> None:
    loss, t = nn.NegativeLogLikelihood(name), FAMILIES[name]
    x = outputs_for(loss)
    loss.forward(x, t)
    gradient = loss.backward()
    # Central differences: h² and rounding/h are both near 1e-10 of losses of order 10.
    step, slopes = 1e-5, np.empty_like(x)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += step
        below[index] -= step
        slopes[index] = (loss.forward(above, t) - loss.forward(below, t)) / (2 * step)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-6, atol=1e-8)


@every_family
def test_the_gradient_vanishes_at_the_estimates_of_fit(name: str) -> None:
    loss, t = nn.NegativeLogLikelihood(name), FAMILIES[name]
    weights = np.random.default_rng(32).uniform(0.5, 2, N)
    targets = loss.rows.read(t, (N, 3))
    start = loss.rows.constant(targets, weights, 3)
    assert start is not None
    loss.forward(np.tile(start, (N, 1)), t, weights)
    # Fits end where the slope per row is below 1e-8 of its sd.
    np.testing.assert_allclose(loss.backward().sum(axis=0), 0, atol=1e-7)


def test_the_squared_error_is_the_normal_loss_with_its_constant() -> None:
    x, t = RNG.normal(size=(5, 1)), RNG.normal(size=5)
    loss = nn.NegativeLogLikelihood("normal", fixed={"sd": 1})
    squared = 0.5 * np.mean((x[:, 0] - t) ** 2)
    assert loss.forward(x, t) == pytest.approx(squared + 0.5 * np.log(2 * np.pi), rel=1e-14)
    np.testing.assert_allclose(loss.backward()[:, 0], (x[:, 0] - t) / 5, rtol=1e-13)


def test_two_outputs_give_each_row_its_own_mean_and_sd() -> None:
    x, t = RNG.normal(size=(5, 2)), RNG.normal(size=5)
    value = nn.NegativeLogLikelihood("normal").forward(x, t)
    expected = -stats.norm(x[:, 0], np.exp(x[:, 1])).logpdf(t).mean()
    assert value == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    ("name", "simple"),
    [("categorical", nn.SoftmaxWithLoss()), ("bernoulli", nn.SigmoidWithLoss())],
)
def test_classes_have_the_classifiers_losses(name: str, simple: nn.Loss) -> None:
    loss, t = nn.NegativeLogLikelihood(name), FAMILIES[name]
    x = outputs_for(loss)
    assert loss.forward(x, t) == simple.forward(x, t)
    np.testing.assert_array_equal(loss.backward(), simple.backward())


@every_family
def test_outputs_give_a_distribution_a_row(name: str) -> None:
    loss, t = nn.NegativeLogLikelihood(name), FAMILIES[name]
    x = outputs_for(loss)
    parameters = loss.parameters(x)
    if name == "categorical":
        value = np.log(parameters["probs"][np.arange(N), t]).mean()
    else:
        value = type(loss.family)(**parameters).logpdf(t).mean()
    assert loss.forward(x, t) == pytest.approx(-value, rel=1e-12)


@every_family
def test_float32_stays_float32(name: str) -> None:
    loss, t = nn.NegativeLogLikelihood(name), FAMILIES[name]
    x = outputs_for(loss).astype(np.float32)
    value = loss.forward(x, t)
    assert loss.backward().dtype == np.float32
    assert value == pytest.approx(loss.forward(x.astype(float), t), rel=1e-6)


def censored(name: str) -> np.ndarray:
    """The family's targets: some exact, some known to be larger, smaller, or in between."""
    exact = FAMILIES[name].astype(float)
    ends = np.column_stack([exact, exact])
    ends[1::4, 1] = np.inf
    ends[2::4, 0] = -np.inf
    ends[3::4] += [-0.5, 0.5]
    return ends


CENSORED = ("weibull", "gamma", "normal", "lognormal", "poisson")


@pytest.mark.parametrize("name", CENSORED)
def test_targets_may_be_known_by_their_ends(name: str) -> None:
    loss, ends = nn.NegativeLogLikelihood(name), censored(name)
    x = outputs_for(loss)
    value = loss.forward(x, ends)
    gradient = loss.backward()
    rows = type(loss.family)(**loss.parameters(x))
    lower, upper = ends.T
    in_lower = rows.cdf(upper) < 0.5  # the difference of the smaller tails has more digits
    probability = np.where(
        in_lower, rows.cdf(upper) - rows.cdf(lower), rows.sf(lower) - rows.sf(upper)
    )
    exact = ends[:, 0] == ends[:, 1]
    expected = np.where(exact, rows.logpdf(ends[:, 0]), np.log(np.where(exact, 1, probability)))
    # The difference of two probabilities may have lost a few digits.
    assert value == pytest.approx(-expected.mean(), rel=1e-10)
    step, slopes = 1e-5, np.empty_like(x)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += step
        below[index] -= step
        slopes[index] = (loss.forward(above, ends) - loss.forward(below, ends)) / (2 * step)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-6, atol=1e-8)


def test_exact_ends_are_numbers_and_observations_are_ends() -> None:
    loss, t = nn.NegativeLogLikelihood("weibull"), FAMILIES["weibull"]
    x, event = outputs_for(loss), np.arange(N) % 3 > 0
    assert loss.forward(x, np.column_stack([t, t])) == pytest.approx(loss.forward(x, t), rel=1e-14)
    ends = np.column_stack([t, np.where(event, t, np.inf)])
    seen = ml.Observations.right_censored(t, event)
    assert loss.forward(x, seen) == loss.forward(x, ends)


def test_ends_that_make_no_interval_are_refused() -> None:
    loss, ends = nn.NegativeLogLikelihood("weibull"), censored("weibull")
    x = outputs_for(loss)
    with pytest.raises(DataError):
        loss.forward(x, ends[:, ::-1])
    with pytest.raises(DataError, match=r"t has 40 rows; there are 39"):
        loss.forward(x[1:], ends)
    with pytest.raises(SupportError, match=r"row 0 holds -1"):
        loss.forward(x, np.vstack([[-1.0, -1.0], ends[1:]]))
    with pytest.raises(OptionError, match=r"sample_weight"):
        loss.forward(x, ml.Observations.of(FAMILIES["weibull"], weights=np.arange(N) + 1))


def test_what_is_fixed_is_checked() -> None:
    with pytest.raises(ParameterError, match=r"no parameter 'sigma'.*mean, sd"):
        nn.NegativeLogLikelihood("normal", fixed={"sigma": 1})
    with pytest.raises(ParameterError, match="sd=-1"):
        nn.NegativeLogLikelihood("normal", fixed={"sd": -1})
    with pytest.raises(OptionError, match="none is left"):
        nn.NegativeLogLikelihood("normal", fixed={"mean": 0, "sd": 1})
    with pytest.raises(OptionError, match=r"binomial: trials is never estimated; give it as fixed"):
        nn.NegativeLogLikelihood("binomial")
    assert nn.NegativeLogLikelihood("binomial", fixed={"trials": 5}).n_outputs == 1


@pytest.mark.parametrize("family", ["multivariate_normal", "multivariate_t", "dirichlet"])
def test_families_of_vectors_are_refused(family: str) -> None:
    with pytest.raises(OptionError, match=r"its rows are vectors"):
        nn.NegativeLogLikelihood(family)
    with pytest.raises(OptionError, match=r"its rows are vectors"):
        nn.Regressor(family, hidden=()).fit(np.eye(3), [0.0, 1.0, 2.0])


@pytest.mark.parametrize("family", ["normal_mixture", "gamma_mixture_3"])
def test_parameters_that_depend_on_one_another_are_refused(family: str) -> None:
    with pytest.raises(OptionError, match=r"weights that sum to 1"):
        nn.NegativeLogLikelihood(family)


def test_mixtures_of_known_weights_are_losses() -> None:
    loss = nn.NegativeLogLikelihood("normal_mixture", fixed={"weight_1": 0.25, "weight_2": 0.75})
    x, t = np.tile([0.0, 0.0, 1.0, 0.5], (2, 1)), [1.0, -2.0]
    members = ml.Normal(0, 1).pdf(t), ml.Normal(1, np.exp(0.5)).pdf(t)
    expected = -np.log(0.25 * members[0] + 0.75 * members[1]).mean()
    assert loss.forward(x, t) == pytest.approx(expected, rel=1e-14)
    with pytest.raises(ParameterError, match="do not go together"):
        nn.NegativeLogLikelihood("normal_mixture", fixed={"weight_1": 0.9, "weight_2": 0.9})


def test_impossible_rows_cost_infinity_and_have_no_slope() -> None:
    loss = nn.NegativeLogLikelihood("generalized_extreme_value")
    x = np.tile([0.0, 0.0, 0.5], (2, 1))  # the support begins at −2
    assert loss.forward(x, [-5.0, 1.0]) == np.inf
    gradient = loss.backward()
    assert loss.forward(x[1:], [1.0]) < np.inf
    np.testing.assert_array_equal(gradient, [[0, 0, 0], loss.backward()[0] / 2])


@pytest.mark.parametrize("x", [(800, 0), (-800, 0), (0, 800), (0, -800), (800, 800), (-800, -800)])
def test_parameters_that_overflow_cost_infinity(x: tuple[float, float]) -> None:
    loss = nn.NegativeLogLikelihood("gamma")
    assert loss.forward([x], [1.0]) == np.inf
    assert np.isfinite(loss.backward()).all()


def test_targets_and_outputs_are_checked() -> None:
    loss = nn.NegativeLogLikelihood("gamma")
    with pytest.raises(SupportError, match=r"gamma are x > 0; row 1 holds -2") as caught:
        loss.forward(np.zeros((2, 2)), [1, -2])
    np.testing.assert_array_equal(caught.value.outside, [False, True])
    with pytest.raises(DataError, match=r"x has shape \(2, 3\); it needs n rows and 2 columns"):
        loss.forward(np.zeros((2, 3)), [1, 2])


def test_repr_says_the_family_and_what_is_fixed() -> None:
    assert repr(nn.NegativeLogLikelihood("gamma")) == "NegativeLogLikelihood(family='gamma')"
    fixed = nn.NegativeLogLikelihood("normal", fixed={"sd": 1})
    assert repr(fixed) == "NegativeLogLikelihood(family='normal', fixed={'sd': 1.0})"
