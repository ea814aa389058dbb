"""Functions whose textbook formula overflows or cancels, in forms that do not.

Arrays in, arrays out: inputs are floating-point arrays and their dtype is kept, so that float32
stays float32. ``axis`` is the one over which the classes (levels) run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
Array = NDArray[np.float64]
LOG_HALF = float(np.log(0.5))
LOG_ROOT_TWO_PI = float(0.5 * np.log(2.0 * np.pi))
Triple = tuple[Array, Array, Array]  # a function and its first two derivatives


def log_softmax(z: FloatArray, axis: int = -1) -> FloatArray:
    r"""Logarithms of class probabilities.

    .. math:: \log p_k = (z_k - m) - \log\sum_j e^{z_j - m}, \qquad m = \max_j z_j

    The shift by the maximum changes nothing in exact arithmetic and keeps every exponential in
    [0, 1] with at least one equal to 1, so that the sum neither overflows nor vanishes.

    Parameters
    ----------
    z : array
        Logits; finite, or -inf for a class of probability 0.
    axis : int
        Axis of the classes.

    Examples
    --------
    >>> log_softmax(np.array([1000.0, 0.0, -1000.0])).tolist()
    [0.0, -1000.0, -2000.0]
    """
    shifted, _, total = _shifted_exponentials(z, axis)
    shifted -= np.log(total)
    return shifted


def softmax(z: FloatArray, axis: int = -1) -> FloatArray:
    """Class probabilities; `log_softmax` has the formula.

    Examples
    --------
    >>> softmax(np.array([0.3, 2.9, 4.0])).round(4).tolist()
    [0.0182, 0.2452, 0.7366]
    """
    _, exponentials, total = _shifted_exponentials(z, axis)
    exponentials /= total
    return exponentials


def sigmoid(z: FloatArray) -> FloatArray:
    r"""Logistic function :math:`1/(1+e^{-z})`, without overflow at either end.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    probability: FloatArray = sc.expit(z)
    return probability


def _shifted_exponentials(z: FloatArray, axis: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """``z − max z``, its exponentials, and their sum (kept as an axis of length 1)."""
    # differences of ±1e308 overflow rightly; a maximum that is not finite gives NaN
    with np.errstate(over="ignore", invalid="ignore"):
        shifted = z - _reduced(np.maximum, z, axis)
    exponentials = np.exp(shifted)
    return shifted, exponentials, _reduced(np.add, exponentials, axis)


def _reduced(operation: np.ufunc, z: FloatArray, axis: int) -> FloatArray:
    """Reduce over an axis, which is kept with length 1.

    Classes are few and rows many: NumPy is far faster along the rows than from class to class.
    """
    classes = np.ascontiguousarray(np.moveaxis(z, axis, 0))
    reduced: FloatArray = np.expand_dims(operation.reduce(classes, axis=0), axis)
    return reduced


# Coefficients of log Γ(r) − [(r − ½) log r − r + ½ log 2π] = Σ c_j r^(1−2j)  (Abramowitz & Stegun 6.1.41)
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)
# Coefficients of log Γ(h + ½) − log Γ(h) − ½ log h = Σ c_j h^(1−2j)
# (from A&S 6.1.41 by the duplication formula; the first terms are Tricomi & Erdélyi's)
_HALF_STEP = (-1 / 8, 1 / 192, -1 / 640, 17 / 14336, -31 / 18432, 691 / 180224, -5461 / 425984)


def _odd_series(coefficients: tuple[float, ...], r: Array) -> tuple[Array, Array, Array]:
    """Evaluate Σ c_j r^(1−2j), j = 1, 2, …, and its first two derivatives."""
    inverse = 1.0 / r
    square = inverse * inverse
    value = first = second = np.zeros_like(r)
    for j in range(len(coefficients), 0, -1):
        power = 2 * j - 1
        value = value * square + coefficients[j - 1]
        first = first * square - power * coefficients[j - 1]
        second = second * square + power * (power + 1) * coefficients[j - 1]
    return value * inverse, first * square, second * square * inverse


def log_gamma_half_step(h: Array) -> tuple[Array, Array, Array]:
    r"""Compute :math:`\log\Gamma(h+½) - \log\Gamma(h) - ½\log h` and two derivatives.

    The difference tends to 0 as 1/h, where the difference of two library values would lose all
    digits; beyond h = 20 it is summed as a series.
    """
    return _near_or_far(
        np.asarray(h, dtype=float), 20.0, _half_step_near, partial(_odd_series, _HALF_STEP)
    )


def _half_step_near(h: Array) -> Triple:
    return (
        sc.gammaln(h + 0.5) - sc.gammaln(h) - 0.5 * np.log(h),
        sc.digamma(h + 0.5) - sc.digamma(h) - 0.5 / h,
        sc.zeta(2.0, h + 0.5) - sc.zeta(2.0, h) + 0.5 / h**2,  # trigamma is ζ(2, ·)
    )


def log_gamma_excess(a: Array) -> tuple[Array, Array, Array]:
    r"""Compute :math:`\log\Gamma(a) - a\log a + a` and two derivatives.

    The first derivative is ψ(a) − log a. For large a the differences of library values would lose
    digits; beyond a = 16 they are summed by Stirling's series.
    """
    return _near_or_far(np.asarray(a, dtype=float), 16.0, _excess_of_small, _excess_of_large)


def _excess_of_small(a: Array) -> Triple:
    log_a = np.log(a)
    trigamma = np.asarray(sc.zeta(2.0, a))
    return sc.gammaln(a) - a * log_a + a, sc.digamma(a) - log_a, trigamma - 1.0 / a


def _excess_of_large(a: Array) -> Triple:
    value, first, second = _odd_series(_STIRLING, a)
    return value + 0.5 * np.log(2.0 * np.pi / a), first - 0.5 / a, second + 0.5 / a**2


def _near_or_far(
    a: Array, border: float, near: Callable[[Array], Triple], far: Callable[[Array], Triple]
) -> Triple:
    """Choose elementwise between two formulas, and compute both only where both are needed."""
    beyond = a > border
    if beyond.all():
        return far(a)
    if not beyond.any():
        return near(a)
    small = near(np.minimum(a, border))
    large = far(np.maximum(a, border))
    value, first, second = (np.where(beyond, b, s) for s, b in zip(small, large, strict=True))
    return value, first, second


def log_rising(r: Array, m: Array, x: Array, order: int) -> tuple[Array, ...]:
    r"""Compute :math:`\sum_{j<x} \log\frac{r+j}{r+m}` and its derivatives in r up to `order`.

    This is :math:`\log\Gamma(r+x) - \log\Gamma(r) - x\log(r+m)`. For large r it is small, and is
    summed by the difference of two Stirling series instead of the difference of library values.
    """
    r, m, x = (np.asarray(value, dtype=float) for value in (r, m, x))
    far = r > 16.0
    if np.all(far):
        return _log_rising_far(r, m, x, order)
    near = _log_rising_near(r, m, x, order)
    if not np.any(far):
        return near
    beyond = _log_rising_far(np.maximum(r, 16.0), m, x, order)
    return tuple(np.where(far, b, a) for a, b in zip(near, beyond, strict=True))


def _log_rising_near(r: Array, m: Array, x: Array, order: int) -> tuple[Array, ...]:
    end, total = r + x, r + m
    rows = [sc.gammaln(end) - sc.gammaln(r) - x * np.log(total)]
    if order > 0:
        rows.append(sc.digamma(end) - sc.digamma(r) - x / total)
    if order > 1:
        rows.append(sc.polygamma(1, end) - sc.polygamma(1, r) + x / total**2)
    return tuple(rows)


def _log_rising_far(r: Array, m: Array, x: Array, order: int) -> tuple[Array, ...]:
    end, total = r + x, r + m
    ratio, share = x / r, x / end
    upper, lower = _odd_series(_STIRLING, end), _odd_series(_STIRLING, r)
    excess = log1p_excess(ratio)
    # Each row is that of Σ log((r+j)/r), then that of −x log((r+m)/r)
    rows = [end * excess - 0.5 * np.log1p(ratio) + (upper[0] - lower[0]) - x * np.log1p(m / r)]
    if order > 0:
        rows.append(
            excess - ratio * share + 0.5 * share / r + (upper[1] - lower[1]) + ratio * (m / total)
        )
    if order > 1:
        rows.append(
            share / r * (ratio - 0.5 * (1.0 / r + 1.0 / end))
            + (upper[2] - lower[2])
            - ratio * (m / total) * (1.0 / r + 1.0 / total)
        )
    return tuple(rows)


# Below this q the excess is summed as a series; beyond, the difference of library values keeps
# all digits but one.
_EXCESS_NEAR = 0.25
_EXCESS_SERIES = tuple(2.0 / (2.0 * k + 1.0) for k in range(9, 0, -1))


def log1mexp(log_p: Array) -> Array:
    """Log of 1 − p from log p, with all digits for p near 0 and near 1.

    References
    ----------
    Mächler (2012), Accurately computing log(1 − exp(−|a|)), vignette of the R package Rmpfr.

    Examples
    --------
    >>> log1mexp(np.array([-1e-20, -100.0]))
    array([-4.60517019e+01, -3.72007598e-44])
    """
    with np.errstate(divide="ignore"):  # log 0 = −inf is the answer
        near_zero = np.log1p(-np.exp(np.minimum(log_p, LOG_HALF)))
        return np.where(log_p < LOG_HALF, near_zero, np.log(-np.expm1(log_p)))


def log1p_excess(q: Array) -> Array:
    r"""Compute :math:`\log(1+q) - q/(1+q)` for q ≥ 0, near q²/2 for small q.

    With s = q/(2+q) it is :math:`2s^2/(1+s) + 2(s^3/3 + s^5/5 + \dots)`, all of one sign. A line
    (along the last axis) that holds a large q is not summed so: beside the large one's, the
    roundings of the small ones do not count in a sum over the line.
    """
    q = np.asarray(q, dtype=float)
    near = (
        np.max(q, axis=-1, keepdims=True, initial=0.0) < _EXCESS_NEAR
        if q.ndim
        else q < _EXCESS_NEAR
    )
    if not np.any(near):
        return _excess_away(q)
    series = _excess_near(q)
    return series if np.all(near) else np.where(near, series, _excess_away(q))


def _excess_away(q: Array) -> Array:
    return np.log1p(q) - q / (1.0 + q)


def _excess_near(q: Array) -> Array:
    s = q / (2.0 + q)
    square = s * s
    odd = np.full_like(s, _EXCESS_SERIES[0])
    for coefficient in _EXCESS_SERIES[1:]:
        odd *= square
        odd += coefficient
    return square * (2.0 / (1.0 + s) + s * odd)


# Below this |w| the second derivative is summed as a series; beyond, differences of library values
# keep 13 of its digits.
_LOG1P_NEAR = 0.1
_LOG1P_SERIES = tuple((-1.0) ** k * (k - 1) * k / (k + 1.0) for k in range(17, 1, -1))


def log1p_over(w: Array) -> tuple[Array, Array, Array]:
    r"""Compute :math:`\varphi(w) = \log(1+w)/w`, with :math:`\varphi(0)=1`, and two derivatives.

    Near 0 the second derivative is summed as a series and the others follow from it by the
    recurrences φ' = −(φ'' w + (1+w)⁻²)/2 and φ = (1+w)⁻¹ − w φ', which lose nothing.
    """
    w = np.asarray(w, dtype=float)
    flat = w.ravel()
    near = np.abs(flat) < _LOG1P_NEAR
    mostly_near = 2 * np.count_nonzero(near) >= flat.size
    usual, other = (_log1p_over_near, _log1p_over_away)[:: 1 if mostly_near else -1]
    rest = np.flatnonzero(~near if mostly_near else near)
    with np.errstate(all="ignore"):  # what the usual formula gets wrong is replaced below
        functions = usual(flat)
    if len(rest):
        for function, values in zip(functions, other(flat[rest]), strict=True):
            function[rest] = values
    value, first, second = (function.reshape(w.shape) for function in functions)
    return value, first, second


def _log1p_over_away(w: Array) -> tuple[Array, Array, Array]:
    inverse = 1.0 / (1.0 + w)
    value = np.log1p(w) / w
    first = (inverse - value) / w
    return value, first, -(inverse * inverse + 2.0 * first) / w


def _log1p_over_near(w: Array) -> tuple[Array, Array, Array]:
    inverse = 1.0 / (1.0 + w)
    second = np.full_like(w, _LOG1P_SERIES[0])
    for coefficient in _LOG1P_SERIES[1:]:
        second *= w
        second += coefficient
    first = -0.5 * (inverse * inverse + second * w)
    return inverse - w * first, first, second


def log_cosh(z: Array) -> Triple:
    r"""Compute :math:`\log(2\cosh z)` and its derivatives, tanh z and sech² z.

    All come from one exponential, e^(−2|z|), which does not overflow.

    Examples
    --------
    >>> [row.round(4).tolist() for row in log_cosh(np.array([0.0, 400.0]))]
    [[0.6931, 400.0], [0.0, 1.0], [1.0, 0.0]]
    """
    size = np.abs(z)
    e = np.exp(-2.0 * size)
    inverse = 1.0 / (1.0 + e)
    slope = np.copysign((1.0 - e) * inverse, z)
    size += np.log1p(e)
    e *= 4.0 * inverse
    e *= inverse
    return size, slope, e
