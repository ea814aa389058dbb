"""Stable forms of softmax and the logistic function."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from mlestim import special

# A handful of roundings per value: the error of log p is relative to the spread of the logits.
TOLERANCE = {np.float64: 1e-15, np.float32: 5e-7}

LOGITS = np.array([[0.3, 2.9, 4.0], [-30.0, 0.0, 30.0], [1e-3, -1e-3, 0.0], [650.0, 700.0, -700.0]])


def exact_log_softmax(row: np.ndarray) -> list[float]:
    """Log-probabilities of one row of logits at 40 digits."""
    with mpmath.workdps(40):
        logits = [mpmath.mpf(float(z)) for z in row]
        log_total = mpmath.log(mpmath.fsum(mpmath.exp(z) for z in logits))
        return [float(z - log_total) for z in logits]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_log_softmax_agrees_with_forty_digits(dtype: type) -> None:
    z = LOGITS.astype(dtype)
    exact = np.array([exact_log_softmax(row) for row in z])
    spread = np.ptp(z, axis=-1, keepdims=True) + 1
    assert np.all(np.abs(special.log_softmax(z) - exact) <= TOLERANCE[dtype] * spread)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("axis", [0, -1])
def test_the_three_softmax_functions_are_one(dtype: type, axis: int) -> None:
    z = LOGITS.astype(dtype)
    log_p, p = special.log_softmax_and_softmax(z, axis)
    np.testing.assert_array_equal(log_p, special.log_softmax(z, axis))
    np.testing.assert_array_equal(p, special.softmax(z, axis))
    assert log_p.dtype == p.dtype == dtype
    np.testing.assert_allclose(p.sum(axis=axis), 1, rtol=1e-6 if dtype is np.float32 else 1e-15)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_logits_of_a_thousand_stay_finite(dtype: type) -> None:
    z = np.array([1000.0, 0.0, -1000.0], dtype=dtype)
    np.testing.assert_array_equal(special.log_softmax(z), [0, -1000, -2000])
    np.testing.assert_array_equal(special.softmax(z), [1, 0, 0])
    np.testing.assert_array_equal(special.sigmoid(z), [1, 0.5, 0])


def test_a_logit_of_minus_infinity_is_a_class_that_cannot_occur() -> None:
    log_p, p = special.log_softmax_and_softmax(np.array([0.0, -np.inf, 0.0]))
    np.testing.assert_allclose(log_p, [-np.log(2), -np.inf, -np.log(2)], rtol=1e-15)
    np.testing.assert_array_equal(p, [0.5, 0, 0.5])


def test_the_callers_logits_are_left_as_they_were() -> None:
    z = LOGITS.copy()
    special.log_softmax_and_softmax(z)
    special.sigmoid(z)
    np.testing.assert_array_equal(z, LOGITS)


def test_sigmoid_agrees_with_its_formula_and_keeps_its_dtype() -> None:
    z = np.linspace(-30, 30, 61)
    np.testing.assert_allclose(special.sigmoid(z), 1 / (1 + np.exp(-z)), rtol=1e-14)
    assert special.sigmoid(z.astype(np.float32)).dtype == np.float32
