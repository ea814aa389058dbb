"""Functions of counts whose textbook formula overflows or cancels, in forms that do not."""

from __future__ import annotations

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.special import LOG_ROOT_TWO_PI, log1p_excess, log_rising

Array = NDArray[np.float64]
Jet = tuple[Array, Array, Array]  # a function's value, first and second derivative


def log_poisson(x: Array, mean: Array) -> Array:
    r"""Compute :math:`x\log m - m - \log x!`, without the digits that large counts would cancel.

    Loader's form: the deviance of x from m is a sum of small terms of one sign, and what Stirling's
    formula leaves of the factorial is smaller still.

    References
    ----------
    Loader, C. (2000), Fast and accurate computation of binomial probabilities.
    """
    x, mean = np.broadcast_arrays(np.asarray(x, dtype=float), mean)
    count = np.maximum(x, 1.0)
    direct = sc.gammaln(count + 1.0) - (count + 0.5) * np.log(count) + count - LOG_ROOT_TWO_PI
    rest = np.where(count > 16.0, stirling_rest(np.maximum(count, 16.0))[0], direct)
    above = np.maximum(count - mean, 0.0) / mean
    below = np.maximum(mean - count, 0.0) / count
    deviance = log1p_excess(above) + below * below / (1.0 + below) - log1p_excess(below)
    value = -count * deviance - rest - 0.5 * np.log(count) - LOG_ROOT_TWO_PI
    return np.where(x > 0.0, value, -mean)


def log_beta(a: Array, b: Array) -> Array:
    """Log of the beta function; the difference of gamma functions of large arguments is small."""
    small, large = np.minimum(a, b), np.maximum(a, b)
    rising = log_rising(large, np.zeros(()), small, 0)[0]
    return np.asarray(sc.gammaln(small) - small * np.log(large) - rising)


def digamma_rise(a: Array, x: Array) -> tuple[Array, Array]:
    """Compute ψ(a+x) − ψ(a) and ψ′(a+x) − ψ′(a); for large a by differences of their series."""
    end = a + x
    near = np.minimum(a, 16.0)
    first, second = sc.digamma(near + x) - sc.digamma(near), sc.polygamma(1, near + x)
    second = second - sc.polygamma(1, near)
    if not np.any(a > 16.0):
        return first, second
    far, far_end = np.maximum(a, 16.0), np.maximum(end, 16.0)
    share = x / (far * far_end)
    _, upper, upper_slope = stirling_rest(far_end)
    _, lower, lower_slope = stirling_rest(far)
    far_first = np.log1p(x / far) + 0.5 * share + (upper - lower)
    far_second = -share - 0.5 * share * (1.0 / far + 1.0 / far_end) + (upper_slope - lower_slope)
    return np.where(a > 16.0, far_first, first), np.where(a > 16.0, far_second, second)


# Coefficients of log Γ(r) − [(r − ½) log r − r + ½ log 2π] = Σ c_j r^(1−2j)  (Abramowitz & Stegun
# 6.1.41), good to all digits from r = 16 on.
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)


def stirling_rest(r: Array) -> Jet:
    """What Stirling's formula leaves of log Γ(r), r ≥ 16, and two derivatives."""
    inverse = 1.0 / r
    square = inverse * inverse
    value = first = second = np.zeros_like(r)
    for j in range(len(_STIRLING), 0, -1):
        power = 2 * j - 1
        value = value * square + _STIRLING[j - 1]
        first = first * square - power * _STIRLING[j - 1]
        second = second * square + power * (power + 1) * _STIRLING[j - 1]
    return value * inverse, first * square, second * square * inverse


# ---- the zeta function ---------------------------------------------------------------------------

# Terms added one by one, and Bernoulli numbers over factorials of Euler and Maclaurin's rest.
_ZETA_TERMS = 16
_ZETA_REST = (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000)


def log_zeta(exponent: Array) -> Jet:
    r"""Compute :math:`\log\zeta(s)` for s > 1, and two derivatives.

    The series is summed to its sixteenth term, the rest by Euler and Maclaurin's formula, each
    with its derivatives; ζ − 1 keeps its digits for large s.
    """
    s = np.asarray(exponent, dtype=float)
    zero = np.zeros_like(s)
    total: Jet = (zero, zero, zero)
    for k in range(2, _ZETA_TERMS):
        total = _sum(total, _power(k, s))
    last = _power(_ZETA_TERMS, s)
    gap = 1.0 / (s - 1.0)
    total = _sum(
        total,
        _product(last, (_ZETA_TERMS * gap, -_ZETA_TERMS * gap**2, 2.0 * _ZETA_TERMS * gap**3)),
    )
    total = _sum(total, _product(last, (zero + 0.5, zero, zero)))
    rising: Jet = (s / _ZETA_TERMS, zero + 1.0 / _ZETA_TERMS, zero)
    for j, coefficient in enumerate(_ZETA_REST, start=1):
        value, first, second = _product(last, rising)
        total = _sum(total, (coefficient * value, coefficient * first, coefficient * second))
        for shift in (2 * j - 1, 2 * j):
            step = (s + shift) / _ZETA_TERMS
            rising = _product(rising, (step, zero + 1.0 / _ZETA_TERMS, zero))
    beyond_one, first, second = total
    slope = first / (1.0 + beyond_one)
    return np.log1p(beyond_one), slope, second / (1.0 + beyond_one) - slope**2


def _power(k: int, s: Array) -> Jet:
    """k^(−s)."""
    value, log_k = np.exp(-s * np.log(k)), np.log(k)
    return value, -log_k * value, log_k**2 * value


def _sum(a: Jet, b: Jet) -> Jet:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def _product(a: Jet, b: Jet) -> Jet:
    return a[0] * b[0], a[1] * b[0] + a[0] * b[1], a[2] * b[0] + 2.0 * a[1] * b[1] + a[0] * b[2]
