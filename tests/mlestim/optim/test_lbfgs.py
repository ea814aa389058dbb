"""L-BFGS: it finds a valley's bottom, can be stopped, and checks its settings."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from mlestim.errors import OptionError
from mlestim.optim import LBFGS

START = np.array([-1.2, 1.0, 0.5])


def valley(w: np.ndarray) -> tuple[float, np.ndarray]:
    return float(rosen(w)), rosen_der(w)


def test_it_ends_where_the_gradient_is_small() -> None:
    result = LBFGS(tolerance=1e-8).minimize(valley, START)
    assert result.success
    assert np.abs(result.jac).max() <= 1e-8
    # The valley's smallest curvature is 0.2: the distance is a few times the gradient.
    np.testing.assert_allclose(result.x, 1, atol=1e-7)


def test_a_callback_sees_values_fall_and_can_stop() -> None:
    values: list[float] = []

    def third(value: float) -> bool:
        values.append(value)
        return len(values) == 3

    result = LBFGS().minimize(valley, START, callback=third)
    assert result.nit == 3
    assert sorted(values, reverse=True) == values


def test_steps_are_counted() -> None:
    result = LBFGS().minimize(valley, START, max_steps=2)
    assert (result.nit, result.success) == (2, False)


def test_the_start_is_left_alone() -> None:
    start = START.astype(np.float32)
    LBFGS().minimize(valley, start)
    np.testing.assert_array_equal(start, START.astype(np.float32))


def test_settings_are_checked() -> None:
    with pytest.raises(OptionError, match=r"LBFGS: tolerance=0 .*\(0, inf\)"):
        LBFGS(tolerance=0)
    with pytest.raises(OptionError, match=r"LBFGS: memory=0"):
        LBFGS(memory=0)


def valleys(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, gradients = zip(*map(valley, points), strict=True)
    return np.array(values), np.array(gradients)


def test_several_functions_are_minimised_at_once_each_as_if_it_were_alone() -> None:
    starts = np.array([START, [3.0, -2.0, 1.0], [1.0, 1.0, 1.0]])
    points, values = LBFGS(tolerance=1e-8).minimize_each(valleys, starts)
    np.testing.assert_allclose(points, 1, atol=1e-7)  # as above
    alone, _ = LBFGS(tolerance=1e-8).minimize_each(valleys, starts[:1])
    # What the other functions do changes which steps are remembered, not where they lead.
    np.testing.assert_allclose(points[:1], alone, atol=1e-7)
    assert values.max() < 1e-14
    np.testing.assert_array_equal(starts[0], START)


def test_steps_are_counted_for_each_function() -> None:
    starts = np.array([START, START + 1.0])
    points, values = LBFGS().minimize_each(valleys, starts, max_steps=1)
    assert (points != starts).any(axis=1).all()
    assert (values < valleys(starts)[0]).all()
    assert (values > 1e-3).all()


def test_a_function_that_is_infinite_ahead_takes_shorter_steps() -> None:
    def barrier(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with np.errstate(invalid="ignore"):
            return (w - np.log(w)).sum(axis=1), 1 - 1 / w

    points, _ = LBFGS(1e-9).minimize_each(barrier, np.array([[0.01], [30.0], [1.0]]))
    np.testing.assert_allclose(points, 1, atol=1e-8)


def test_a_function_without_a_value_at_its_start_is_left_there() -> None:
    def one_is_none(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.array([np.nan, float(w[1, 0] ** 2)]), np.array([[np.nan], [2 * w[1, 0]]])

    points, values = LBFGS().minimize_each(one_is_none, np.array([[2.0], [2.0]]))
    assert points[0, 0] == 2.0
    assert np.isnan(values[0])
    assert abs(points[1, 0]) < 1e-6
