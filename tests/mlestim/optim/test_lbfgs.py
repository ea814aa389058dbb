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
