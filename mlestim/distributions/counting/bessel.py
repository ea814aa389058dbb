r"""Modified Bessel functions of any order as distributions of counts need them: in logs.

For large order or argument, Debye's uniform expansion in 1/S with S = √(v² + z²):

.. math:: \log I_v(z) = S + v \log\frac{z}{v+S} - \tfrac12 \log(2\pi S)
    + \sum_k d_k(v^2/S^2) S^{-k}

and the same with other signs for K (NIST Digital Library of Mathematical Functions, 10.41).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import scipy.special as sc
from numpy.polynomial import polynomial
from numpy.typing import NDArray

Array = NDArray[np.float64]

# From S = 64 on eight terms give all digits; for half-integer orders from v = 31.5 on.
_TERMS, _FAR, _FAR_COUNT = 8, 64.0, 32
# Up to here three terms of the power series of I do.
_SMALL = 1e-2


@cache
def _debye() -> tuple[Array, ...]:
    """Coefficients of d_k in v²/S², k = 1, 2, …: the log of DLMF 10.41.9 to 10.41.11."""
    u: list[Array] = [np.ones(1)]
    for _ in range(_TERMS):
        slope, square = polynomial.polyder(u[-1]), np.array([0.0, 0.0, 1.0])
        first = polynomial.polymul(polynomial.polymul(slope, square), [0.5, 0.0, -0.5])
        second = polynomial.polyint(polynomial.polymul(u[-1], [0.125, 0.0, -0.625]))
        u.append(np.asarray(polynomial.polyadd(first, second), dtype=np.float64))
    logs: list[Array] = []
    for k in range(1, _TERMS + 1):
        total: Array = k * u[k]
        for j in range(1, k):
            product = j * polynomial.polymul(logs[j - 1], u[k - j])
            total = np.asarray(polynomial.polysub(total, product), dtype=np.float64)
        logs.append(total / k)
    return tuple(logs[k - 1][k : 3 * k + 1 : 2] for k in range(1, _TERMS + 1))


def _rest(share: Array, inverse: Array, sign: float) -> tuple[Array, Array]:
    """Sum d_k(τ) (±1/S)^k, and its derivative in log S at fixed v times −1 (τ = v²/S²)."""
    total = slope = np.zeros_like(inverse)
    power = np.ones_like(inverse)
    for k, coefficients in enumerate(_debye(), start=1):
        power = power * (sign * inverse)
        value = polynomial.polyval(share, coefficients)
        bend = polynomial.polyval(share, polynomial.polyder(coefficients))
        total = total + value * power
        slope = slope + (k * value + 2.0 * share * bend) * power
    return total, slope


def scaled_bessel_i(order: Array, z: Array) -> tuple[Array, Array, Array, Array]:
    r"""Compute logs and ratios of :math:`I_v(z)`, for v ≥ 0 and z > 0.

    Returns
    -------
    value : array
        :math:`\log I_v(z) - z`.
    ratio : array
        :math:`r_v = I_{v+1}(z) / I_v(z)`.
    lack : array
        :math:`1 - r_v`, which is small for large z.
    drop : array
        :math:`r_v (r_{v+1} - r_v)`, from which second derivatives follow; about −1/z for large z.
    """
    v, z = np.broadcast_arrays(np.asarray(order, dtype=float), z)
    s = np.maximum(np.hypot(v, z), _FAR)
    rest, slope = _rest((v / s) ** 2, 1.0 / s, 1.0)
    far = v * v / (s + z) + v * np.log(z / (v + s)) - 0.5 * np.log(2.0 * np.pi * s) + rest
    half = (0.5 + slope) / (s * s)
    far_lack = (v + v * v / (s + z)) / (v + s) + z * half
    far_drop = -z * z / (s * (v + s) ** 2) + 2.0 * (slope / s + half) - (z * half) ** 2
    small = np.minimum(z, _SMALL)
    quarter = 0.25 * small * small
    series = sc.xlogy(v, 0.5 * small) - sc.gammaln(v + 1.0) - small
    series = series + np.log1p(_growth(v, quarter))
    near, usual = np.minimum(v, _FAR), np.clip(z, _SMALL, _FAR)
    scaled = sc.ive(near, usual)
    is_far, is_small = np.hypot(v, z) > _FAR, z < _SMALL
    value = np.where(is_far, far, np.where(is_small, series, np.log(scaled)))
    # the ratio from the next one, which keeps the digits of their difference where it is not small
    after = _ratio(v + 1.0, z)
    ratio = 1.0 / (2.0 * (v + 1.0) / z + after)
    large = is_far & (z > v)
    lack = np.where(large, far_lack, 1.0 - ratio)
    drop = np.where(large, far_drop, ratio * (after - ratio))
    return value, np.where(large, 1.0 - lack, ratio), lack, drop


def _ratio(v: Array, z: Array) -> Array:
    """Compute the ratio of I_{v+1}(z) to I_v(z)."""
    s = np.maximum(np.hypot(v, z), _FAR)
    _, slope = _rest((v / s) ** 2, 1.0 / s, 1.0)
    far = z / (v + s) - z / (s * s) * (0.5 + slope)
    small = np.minimum(z, _SMALL)
    quarter = 0.25 * small * small
    grown = (1.0 + _growth(v + 1.0, quarter)) / (1.0 + _growth(v, quarter))
    series = 0.5 * small / (v + 1.0) * grown
    near, usual = np.minimum(v, _FAR), np.clip(z, _SMALL, _FAR)
    direct = sc.ive(near + 1.0, usual) / sc.ive(near, usual)
    return np.where(np.hypot(v, z) > _FAR, far, np.where(z < _SMALL, series, direct))


def _growth(v: Array, quarter: Array) -> Array:
    """Compute I_v(z) over the first term of its power series, less 1, for small z²/4."""
    return quarter / (v + 1.0) * (1.0 + 0.5 * quarter / (v + 2.0))


def half_integer_bessel_k(count: Array, step: Array) -> tuple[Array, Array]:
    r"""Compute :math:`\log K_{y-1/2}(1/\delta) - \log K_{1/2}(1/\delta)` for y = 0, 1, 2, …

    Returns
    -------
    value : array
        It is 0 for δ → 0, where it is about y(y−1)δ/2.
    excess : array
        :math:`K_{y+1/2}/K_{y-1/2} - 1 - y\delta`, about y(y−1)δ²/2 for δ → 0; δ⁻² times it is the
        derivative of the value in δ.
    """
    y, delta = np.broadcast_arrays(np.asarray(count, dtype=float), step)
    value, excess = np.zeros(y.shape), np.zeros(y.shape)
    near = y < _FAR_COUNT
    for n in range(int(np.max(y, where=near, initial=0.0))):
        open_ = near & (y > n)
        beyond = n * delta + excess  # the ratio of neighbouring orders, less 1
        value = np.where(open_, value + np.log1p(beyond), value)
        excess = np.where(open_, beyond * beyond / (1.0 + beyond) - excess, excess)
    if np.all(near):
        return value, excess
    v, z = np.maximum(y, _FAR_COUNT) - 0.5, 1.0 / delta
    s = np.hypot(v, z)
    rest, slope = _rest((v / s) ** 2, 1.0 / s, -1.0)
    square = v * v
    far = 0.5 * np.log(z / s) - square / (s + z) + v * np.arcsinh(v / z) + rest
    far_excess = square / (z * (s + z)) - 0.5 * square / (z * s * s) + z / (s * s) * slope
    return np.where(near, value, far), np.where(near, excess, far_excess)
