"""Stable forms of softmax and the logistic function."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import scipy.special as sc

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
def test_probabilities_and_their_logarithms_go_together(dtype: type, axis: int) -> None:
    z = LOGITS.astype(dtype)
    log_p, p = special.log_softmax(z, axis), special.softmax(z, axis)
    # The exponential enlarges the rounding of log p by its size, some thousand here.
    np.testing.assert_allclose(np.exp(log_p), p, rtol=2000 * np.finfo(dtype).eps)
    assert log_p.dtype == p.dtype == dtype
    np.testing.assert_allclose(p.sum(axis=axis), 1, rtol=1e-6 if dtype is np.float32 else 1e-15)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_logits_of_a_thousand_stay_finite(dtype: type) -> None:
    z = np.array([1000.0, 0.0, -1000.0], dtype=dtype)
    np.testing.assert_array_equal(special.log_softmax(z), [0, -1000, -2000])
    np.testing.assert_array_equal(special.softmax(z), [1, 0, 0])
    np.testing.assert_array_equal(special.sigmoid(z), [1, 0.5, 0])


def test_a_logit_of_minus_infinity_is_a_class_that_cannot_occur() -> None:
    z = np.array([0.0, -np.inf, 0.0])
    log_p, p = special.log_softmax(z), special.softmax(z)
    np.testing.assert_allclose(log_p, [-np.log(2), -np.inf, -np.log(2)], rtol=1e-15)
    np.testing.assert_array_equal(p, [0.5, 0, 0.5])


def test_the_callers_logits_are_left_as_they_were() -> None:
    z = LOGITS.copy()
    special.log_softmax(z)
    special.softmax(z)
    special.sigmoid(z)
    np.testing.assert_array_equal(z, LOGITS)


def test_sigmoid_agrees_with_its_formula_and_keeps_its_dtype() -> None:
    z = np.linspace(-30, 30, 61)
    np.testing.assert_allclose(special.sigmoid(z), 1 / (1 + np.exp(-z)), rtol=1e-14)
    assert special.sigmoid(z.astype(np.float32)).dtype == np.float32


# ---- functions that cancel in their textbook form ------------------------------------------------

# A few dozen roundings, of the value or of what rounding the argument does to it.
ROUNDINGS = 64 * float(np.finfo(float).eps)


def exact_derivatives(function, at: float, n: int) -> list[float]:
    """Value and n derivatives of a function of mpmath's numbers, at 120 digits."""
    with mpmath.workdps(120):
        return [float(mpmath.diff(function, mpmath.mpf(at), k)) for k in range(n + 1)]


@pytest.mark.parametrize("h", [1e-3, 0.5, 3.0, 19.9, 20.1, 1e3, 1e8, 1e15])
def test_half_a_step_of_log_gamma(h: float) -> None:
    """Up to 20 library values are subtracted: to roundings of these, of log Γ to those of 1."""
    found = special.log_gamma_half_step(np.array([h]))
    exact = exact_derivatives(
        lambda r: mpmath.loggamma(r + 0.5) - mpmath.loggamma(r) - mpmath.log(r) / 2, h, 2
    )
    library = (1.0, abs(sc.digamma(h)), sc.polygamma(1, h)) if h <= 20.0 else (0.0, 0.0, 0.0)
    for value, truth, part in zip(found, exact, library, strict=True):
        assert abs(value[0] - truth) <= ROUNDINGS * (abs(truth) + part)


def exact_log_rising(r: float, m: float, x: float) -> list[float]:
    def log_rising(r):
        return mpmath.loggamma(r + x) - mpmath.loggamma(r) - x * mpmath.log(r + mpmath.mpf(m))

    return exact_derivatives(log_rising, r, 2)


@pytest.mark.parametrize("r", [1e-3, 0.7, 15.9, 16.1, 300.0, 1e5, 1e8, 1e12])
@pytest.mark.parametrize("m", [0.3, 3.0, 50.0])
def test_log_rising_agrees_with_forty_digits(r: float, m: float) -> None:
    """Each count to a rounding of the sizes of its own and of the other counts.

    Up to r = 16 library values are subtracted that are larger than their difference: of log Γ for
    the value, of a few 1/r for the slopes.
    """
    x = np.array([0.0, 1.0, 2.0, 5.0, 40.0])
    exact = np.array([exact_log_rising(r, m, count) for count in x]).T
    parts = (100.0, 1.0 / r + 3.0, 1.0 / r**2 + 1.0) if r <= 16.0 else (0.0, 0.0, 0.0)
    for order in range(3):
        columns = [np.array([value]) for value in (r, m)]
        rows = special.log_rising(*columns, x[:, None], order)
        assert len(rows) == order + 1
        allowed = ROUNDINGS * (np.abs(exact[order]).max() + parts[order])
        np.testing.assert_allclose(rows[order][:, 0], exact[order], rtol=0, atol=allowed)


def test_log_rising_of_many_sizes_is_that_of_each() -> None:
    r, m, x = np.array([[0.5], [16.0], [1e6]]), np.array([[2.0]]), np.arange(4.0)
    together = special.log_rising(r, m, x, 2)
    for row, size in enumerate(r):
        alone = special.log_rising(size, m[0], x, 2)
        for many, one in zip(together, alone, strict=True):
            np.testing.assert_array_equal(many[row], one)


def exact_excess(q: float) -> float:
    with mpmath.workdps(700):
        return float(mpmath.log1p(mpmath.mpf(q)) - mpmath.mpf(q) / (1 + mpmath.mpf(q)))


@pytest.mark.parametrize(
    "q", [0.0, 1e-300, 1e-150, 1e-20, 1e-8, 1e-3, 0.1, 0.2499, 0.2501, 1.0, 1e9]
)
def test_the_excess_of_log1p_keeps_its_digits(q: float) -> None:
    assert special.log1p_excess(np.array([q]))[0] == pytest.approx(
        exact_excess(q), rel=ROUNDINGS, abs=0
    )
    assert special.log1p_excess(np.array(q)) == special.log1p_excess(np.array([q]))[0]


def test_the_excess_in_a_line_is_good_to_roundings_of_its_largest() -> None:
    q = np.array([[1e-6, 1e-3, 0.1], [1e-6, 0.2, 30.0], [1.0, 2.0, 3.0]])
    exact = np.vectorize(exact_excess)(q)
    error = np.abs(special.log1p_excess(q) - exact)
    assert np.all(error[0] <= ROUNDINGS * exact[0])
    assert np.all(error <= ROUNDINGS * exact.max(axis=-1, keepdims=True))
    np.testing.assert_array_equal(special.log1p_excess(q[0]), special.log1p_excess(q)[0])


@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("w", [0.0, 1e-300, 1e-12, 1e-6, 0.01, 0.0999, 0.1001, 0.5, 0.999, 50.0])
def test_log1p_over_its_argument(w: float, sign: float) -> None:
    """Beyond 0.1 the second derivative may lose the square of 10, the first 10."""
    w = sign * w if w < 1.0 else w

    def function(w):
        return mpmath.log1p(w) / w if w else mpmath.mpf(1)

    exact = exact_derivatives(function, w, 2)
    found = special.log1p_over(np.array([w]))
    # rounding w moves the distance to the pole at −1
    near_pole = 1.0 / (1.0 + w) if w < 0 else 1.0
    for value, truth, lost in zip(found, exact, (1.0, 10.0, 100.0), strict=True):
        assert abs(value[0] - truth) <= ROUNDINGS * lost * near_pole * abs(truth)


def test_log1p_over_many_arguments_is_that_of_each() -> None:
    w = np.array([[0.0, 1e-9, 0.05], [0.3, -0.5, 20.0], [1e-3, 0.2, -0.01]])
    together = special.log1p_over(w)
    for place in np.ndindex(w.shape):
        alone = special.log1p_over(np.array([w[place]]))
        for many, one in zip(together, alone, strict=True):
            assert many[place] == one[0]


@pytest.mark.parametrize("z", [0.0, 1e-9, 0.3, -2.0, 17.0, -18.0, 19.0, 400.0, -1e5])
def test_log_cosh_and_its_derivatives(z: float) -> None:
    """The slope is good to roundings of 1, beside which its smaller values do not count in sums."""
    with mpmath.workdps(40):
        exact = [mpmath.log(2 * mpmath.cosh(z)), mpmath.tanh(z), mpmath.sech(z) ** 2]
    value, slope, bend = (row[0] for row in special.log_cosh(np.array([z])))
    assert value == pytest.approx(float(exact[0]), rel=ROUNDINGS, abs=0)
    assert slope == pytest.approx(float(exact[1]), rel=0, abs=ROUNDINGS)
    # the exponential moves with the rounding of z
    assert bend == pytest.approx(float(exact[2]), rel=ROUNDINGS * max(1.0, abs(z)), abs=1e-320)
