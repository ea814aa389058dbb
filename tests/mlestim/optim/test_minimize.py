"""Running an optimizer on a function, and every way in which that can end."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.optimize import OptimizeResult

from mlestim.errors import OptionError
from mlestim.optim import (
    AdaGrad,
    Adam,
    AdamW,
    AMSGrad,
    GradientDescent,
    Momentum,
    NAdam,
    Nesterov,
    minimize,
)

CENTRE = np.array([1.0, -2.0])


def bowl(w):
    """A quadratic with its minimum, 3, at CENTRE."""
    difference = w - CENTRE
    return 3 + float(difference @ difference), 2 * difference


@pytest.mark.parametrize(
    "optimizer",
    [
        GradientDescent(0.5),
        Momentum(0.1),
        Nesterov(0.1),
        Adam(0.05),
        AdamW(0.05, weight_decay=0),
        NAdam(0.05),
        AMSGrad(0.05),
        AdaGrad(1.0),
    ],
    ids=repr,
)
def test_finds_the_maximum_likelihood_mean_of_a_normal_sample(optimizer):
    """With a known standard deviation the score equation gives the sample mean."""
    sample = np.array([2.1, 3.9, 5.0, 1.2, 2.8, 4.4])
    sd = 2.0

    def negative_log_likelihood(mu):
        z = (sample - mu[0]) / sd
        value = float(0.5 * z @ z) + sample.size * np.log(sd * np.sqrt(2 * np.pi))
        return value, np.array([-z.sum() / sd])

    result = minimize(negative_log_likelihood, [0.0], optimizer, tolerance=1e-9)
    assert result.success
    assert result.status == 0
    # The gradient is n/σ² = 1.5 times the error, and at most 1e-9.
    assert result.x[0] == pytest.approx(sample.mean(), abs=1e-9)
    assert result.gradient_norm <= 1e-9
    assert "Converged" in result.message


def test_result_is_scipys_and_complete():
    result = minimize(bowl, [0.0, 0.0], GradientDescent(0.25))
    assert isinstance(result, OptimizeResult)
    value, gradient = bowl(result.x)
    assert result.fun == value
    np.testing.assert_array_equal(result.jac, gradient)
    assert result.gradient_norm == np.max(np.abs(gradient))
    assert result.nfev == result.njev == result.nit + 1


def test_leaves_start_and_optimizer_as_they_were():
    start, optimizer = np.zeros(2), Adam(0.1)
    first = minimize(bowl, start, optimizer, max_steps=20)
    np.testing.assert_array_equal(start, 0)
    with pytest.raises(OptionError, match="no state yet"):
        optimizer.state_dict()
    np.testing.assert_array_equal(minimize(bowl, start, optimizer, max_steps=20).x, first.x)


@pytest.mark.parametrize(
    ("start", "dtype"),
    [(np.zeros(2, np.float32), np.float32), (np.zeros(2, int), np.float64), ([0, 0], np.float64)],
)
def test_float32_stays_and_everything_else_becomes_float64(start, dtype):
    seen = set()

    def objective(w):
        seen.add(w.dtype)
        return bowl(w)

    result = minimize(objective, start, Adam(0.1), max_steps=5)
    assert seen == {result.x.dtype} == {np.dtype(dtype)}


def test_a_start_at_the_minimum_takes_no_step():
    result = minimize(bowl, CENTRE, Adam())
    assert (result.success, result.nit, result.nfev) == (True, 0, 1)


def test_another_measure_of_the_gradient_can_decide():
    def relative(parameters, value, gradient):
        return np.max(np.abs(gradient * parameters)) / abs(value)

    result = minimize(bowl, [5.0, 5.0], GradientDescent(0.1), tolerance=0.1, gradient_norm=relative)
    assert result.success
    assert 0.01 < result.gradient_norm <= 0.1


def test_running_out_of_steps_is_said_with_what_to_do():
    result = minimize(bowl, [9.0, 9.0], GradientDescent(1e-3), max_steps=10)
    assert (result.success, result.status, result.nit) == (False, 1, 10)
    assert "Not converged after 10 steps" in result.message
    assert "GradientDescent(learning_rate=0.001" in result.message


def test_no_steps_is_an_evaluation():
    result = minimize(bowl, [0.0, 0.0], Adam(), max_steps=0)
    assert (result.nit, result.nfev, result.fun) == (0, 1, 8.0)


def test_the_best_point_seen_is_kept():
    # A learning rate of 1.05/2·2 makes the error alternate in sign and grow by a tenth a step.
    result = minimize(bowl, [2.0, -2.0], GradientDescent(1.05), max_steps=10)
    np.testing.assert_array_equal(result.x, [2.0, -2.0])
    assert result.fun == 4.0
    np.testing.assert_array_equal(result.jac, [2.0, 0.0])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("where", ["value", "gradient"])
def test_values_that_are_not_finite_end_the_run_at_the_best_point(bad, where):
    def cliff(w):
        value, gradient = bowl(w)
        if w[0] < 0.5:
            return value, gradient
        return (bad, gradient) if where == "value" else (value, np.array([bad, 0.0]))

    result = minimize(cliff, [0.0, 0.0], GradientDescent(0.1), record_path=True)
    assert (result.success, result.status) == (False, 2)
    assert "not finite" in result.message
    assert "smaller learning rate" in result.message
    np.testing.assert_array_equal(result.x, result.path[-2])
    assert np.isfinite(result.fun)


def test_a_start_of_no_use_is_said():
    result = minimize(lambda w: (np.nan, w), [1.0], Adam())
    assert (result.success, result.status, result.nit) == (False, 2, 0)
    assert "The start is of no use" in result.message


def test_coming_to_rest_above_a_point_seen_before_is_no_success():
    def hill(w):
        return (0.0, np.array([-1.0])) if w[0] < 0.5 else (5.0, np.array([0.0]))

    result = minimize(hill, [0.0], GradientDescent(1.0))
    assert (result.success, result.status) == (False, 4)
    assert (result.x[0], result.fun) == (0.0, 0.0)
    assert "a better point was seen before" in result.message


def test_callback_sees_every_evaluation_and_can_stop():
    seen = []

    def callback(step, parameters, value):
        seen.append((step, parameters.copy(), value))
        return step == 3

    result = minimize(bowl, [0.0, 0.0], GradientDescent(0.1), callback=callback)
    assert [step for step, _, _ in seen] == [0, 1, 2, 3]
    assert [value for _, _, value in seen] == [bowl(point)[0] for _, point, _ in seen]
    assert (result.success, result.status, result.nit) == (False, 3, 3)
    assert "callback" in result.message


def test_path_is_recorded_on_request():
    result = minimize(bowl, [0.0, 0.0], GradientDescent(0.1), max_steps=7, record_path=True)
    assert result.path.shape == (8, 2)
    np.testing.assert_array_equal(result.path_values, [bowl(point)[0] for point in result.path])
    np.testing.assert_array_equal(result.path[0], [0.0, 0.0])
    assert "path" not in minimize(bowl, [0.0, 0.0], GradientDescent(0.1), max_steps=7)


def test_the_objective_cannot_move_the_parameters():
    def careless(w):
        w *= 0.5
        return bowl(w)

    with pytest.raises(ValueError, match="read-only"):
        minimize(careless, [1.0, 1.0], Adam())


def test_the_gradient_may_be_the_parameters_themselves():
    def half_square(w):
        return 0.5 * float(w @ w), w

    optimizer = AdamW(0.1, weight_decay=0.5)
    by_hand = np.array([1.0, -3.0])
    result = minimize(half_square, by_hand, optimizer, max_steps=1, record_path=True)
    optimizer.step(by_hand, by_hand.copy())
    np.testing.assert_array_equal(result.path[1], by_hand)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"max_steps": -1}, "max_steps=-1"),
        ({"tolerance": -1.0}, r"tolerance=-1.0 .*\[0, inf\)"),
        ({"tolerance": np.nan}, "tolerance=nan"),
    ],
)
def test_refuses_options_out_of_range(options, named):
    with pytest.raises(OptionError, match=named):
        minimize(bowl, [0.0, 0.0], Adam(), **options)


def test_refuses_a_gradient_of_another_shape():
    with pytest.raises(OptionError, match=r"gradient has shape \(\); the parameters have \(2,\)"):
        minimize(lambda _w: (1.0, 2.0), [0.0, 0.0], Adam())


def test_refuses_a_start_that_is_no_vector():
    with pytest.raises(OptionError, match="1-D"):
        minimize(bowl, np.zeros((2, 2)), Adam())


def test_importing_the_optimizers_does_not_import_scipy_optimize():
    program = "import sys, mlestim.optim; sys.exit('scipy.optimize' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
