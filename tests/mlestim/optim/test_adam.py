"""Adam against its formula, written as in textbooks, one number at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mlestim.optim import Adam, AdamW


def textbook_adam(w, gradients, rate, rho1, rho2, delta):
    """Where one weight gets to: bias correction by the step t, delta after it."""
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        m = rho1 * m + (1 - rho1) * g
        v = rho2 * v + (1 - rho2) * g * g
        m_hat = m / (1 - rho1**t)
        v_hat = v / (1 - rho2**t)
        w -= rate * m_hat / (math.sqrt(v_hat) + delta)
    return w


# A delta of 0.1 is large enough to tell whether it is added before or after the correction.
@pytest.mark.parametrize("delta", [1e-8, 0.1])
@pytest.mark.parametrize(("rho1", "rho2"), [(0.9, 0.999), (0.5, 0.6), (0.0, 0.9)])
def test_follows_the_textbook_for_two_hundred_steps(rho1, rho2, delta):
    start = np.array([0.3, -2.0, 10.0])
    gradients = np.random.default_rng(5).normal(scale=[1e-3, 1.0, 1e3], size=(200, 3))
    parameters = start.copy()
    optimizer = Adam(0.01, beta1=rho1, beta2=rho2, epsilon=delta)
    for gradient in gradients:
        optimizer.step(parameters, gradient)
    expected = [
        textbook_adam(w, column, 0.01, rho1, rho2, delta)
        for w, column in zip(start, gradients.T, strict=True)
    ]
    # The fused form rounds in another order: 200 steps of a few units in the last place.
    np.testing.assert_allclose(parameters, expected, rtol=1e-12)


def test_first_step_has_the_length_of_the_learning_rate_whatever_the_gradient():
    parameters = np.zeros(3)
    Adam(0.25, epsilon=0).step(parameters, np.array([1e-6, -1.0, 1e6]))
    np.testing.assert_allclose(parameters, [-0.25, 0.25, -0.25], rtol=1e-14)


def test_adamw_without_decay_is_adam():
    gradients = np.random.default_rng(6).normal(size=(5, 4))
    first, second = np.ones(4), np.ones(4)
    adam, adamw = Adam(0.1), AdamW(0.1, weight_decay=0)
    for gradient in gradients:
        adam.step(first, gradient)
        adamw.step(second, gradient)
    np.testing.assert_array_equal(first, second)
