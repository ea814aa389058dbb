"""Generic numerical answers for families that have no formula."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.parameter import Parameter

Array = NDArray[np.float64]


# ---- derivatives ---------------------------------------------------------------------------------

# Step on the link scale. Fourth-order differences are then off by h⁴ from truncation and by ε/h or
# ε/h² from rounding: about 1e-12 for scores and 1e-9 for curvatures of values of order 1.
LINK_STEP = 2e-3
# Offsets and coefficients of the fourth-order first and second differences.
_FIRST = ((-2, 1 / 12), (-1, -2 / 3), (1, 2 / 3), (2, -1 / 12))
_SECOND = ((-2, -1 / 12), (-1, 4 / 3), (0, -5 / 2), (1, 4 / 3), (2, -1 / 12))


def differentiated_terms(
    log_density: Callable[[Sequence[Array]], Array],
    parameters: Sequence[Parameter],
    theta: Sequence[Array],
    shrink: Callable[[], Sequence[Array]] | None = None,
) -> Iterator[Array]:
    """Yield value, scores and curvatures of a log density by differences on the link scale.

    For families whose derivatives have no readable formula. Scores and curvatures are converted to
    the natural scale by the chain rule.

    Parameters
    ----------
    log_density : callable
        Takes parameters, gives the log density of each row.
    parameters : sequence of Parameter
        Supply the links.
    theta : sequence of array
        Where to differentiate.
    shrink : callable, optional
        Gives factors of the steps, one a parameter, where the log density changes fast.
    """
    value = log_density(theta)
    yield value
    domains = [parameter.domain for parameter in parameters]
    eta = [domain.to_link(value) for domain, value in zip(domains, theta, strict=True)]
    factors = shrink() if shrink else [np.ones(())] * len(domains)
    steps = [LINK_STEP * factor for factor in factors]

    def at(moves: dict[int, int]) -> Array:
        moved = [
            domain.from_link(value + moves.get(k, 0) * steps[k]) if k in moves else theta[k]
            for k, (domain, value) in enumerate(zip(domains, eta, strict=True))
        ]
        return log_density(moved)

    slopes = [domain.link_derivatives(t) for domain, t in zip(domains, theta, strict=True)]
    lines = []
    for k, (first, _) in enumerate(slopes):
        line = {offset: at({k: offset}) for offset in (-2, -1, 1, 2)} | {0: value}
        lines.append(line)
        yield sum_of(_FIRST, line) / steps[k] / first
    for j, (first_j, second_j) in enumerate(slopes):
        score_eta = sum_of(_FIRST, lines[j]) / steps[j]
        straight = sum_of(_SECOND, lines[j]) / steps[j] ** 2
        # d²/dθ² = (d²/dη² − θ''/θ' d/dη) / θ'²
        yield (straight - second_j / first_j * score_eta) / first_j**2
        for k in range(j + 1, len(slopes)):
            yield _mixed(at, j, k) / (steps[j] * steps[k] * first_j * slopes[k][0])


def slope(at: Callable[[int], Array]) -> Array:
    """Fourth-order derivative, in steps, of values at whole numbers of them from a point."""
    return sum_of(_FIRST, {offset: at(offset) for offset, _ in _FIRST})


def sum_of(coefficients: Sequence[tuple[int, float]], line: dict[int, Array]) -> Array:
    """Combine the values along a line of offsets."""
    total = np.zeros(())
    for offset, coefficient in coefficients:
        total = total + coefficient * line[offset]
    return total


def _mixed(at: Callable[[dict[int, int]], Array], j: int, k: int) -> Array:
    """Fourth-order mixed difference over the steps: Richardson's combination of two crosses."""

    def cross(width: int) -> Array:
        corners = at({j: width, k: width}) + at({j: -width, k: -width})
        corners = corners - at({j: width, k: -width}) - at({j: -width, k: width})
        return corners / (2.0 * width) ** 2

    return (4.0 * cross(1) - cross(2)) / 3.0


# ---- quantiles -----------------------------------------------------------------------------------


LARGEST_INTEGER = 2.0**1000


def smallest_integer(reached: Callable[[Array], NDArray[np.bool_]], lower: Array) -> Array:
    """Find elementwise the smallest integer ≥ `lower` at which a monotone condition holds.

    Doubling steps bracket it, halving finds it; all elements move at once. Beyond all numbers it is
    infinite.
    """
    below = lower - 1.0
    step = np.ones_like(below)
    pending = ~reached(below + step)
    while np.any(pending):
        below = np.where(pending, below + step, below)
        step = np.where(pending, 2.0 * step, step)
        pending &= ~reached(below + step) & (step < LARGEST_INTEGER)
    never = ~reached(below + step)
    # beyond 2^53 not every integer is a floating-point number
    while np.any(wide := step > np.maximum(1.0, np.spacing(below))):
        half = np.where(wide, np.ceil(0.5 * step), step)
        early = reached(below + half)
        below = np.where(early, below, below + half)
        step = np.where(early, half, np.where(wide, step - half, step))
    return np.where(never, np.inf, below + step)


def solve_increasing(
    function: Callable[[Array], Array], start: Array, lower: float, upper: float
) -> Array:
    """Find elementwise the root of an increasing function on an interval, to the last digits.

    Steps that double bracket the root from `start`; halving in the spacing of floating-point
    numbers then finds it wherever it lies, near 0 or far away.
    """
    low, high = np.array(start, dtype=float), np.array(start, dtype=float)
    width = np.maximum(np.abs(start), 1.0) * 0.25
    for _ in range(2100):
        too_high = (function(low) > 0.0) & (low > lower)
        too_low = (function(high) < 0.0) & (high < upper)
        if not np.any(too_high | too_low):
            break
        toward = np.where(np.isfinite(lower), 0.5 * (low + lower), low - width)
        low = np.where(too_high, toward, low)
        high = np.where(too_low, np.minimum(high + width, upper), high)
        width = np.where(too_high | too_low, np.minimum(2.0 * width, 1e300), width)
    for _ in range(200):
        middle = _between(low, high)
        positive = function(middle) > 0.0
        high, low = np.where(positive, middle, high), np.where(positive, low, middle)
        if np.all((high - low) <= 4e-16 * np.maximum(np.abs(low), np.abs(high))):
            break
    return 0.5 * (low + high)


def _between(low: Array, high: Array) -> Array:
    """Halve on the scale of exponents where both ends have the same sign, else plainly."""
    same = (low > 0.0) | (high < 0.0)
    sign = np.where(high < 0.0, -1.0, 1.0)
    far = np.abs(low) > 4.0 * np.abs(high)
    far |= np.abs(high) > 4.0 * np.abs(low)
    geometric = sign * np.sqrt(np.abs(low)) * np.sqrt(np.abs(high))
    return np.where(same & far & (low * high != 0.0), geometric, 0.5 * (low + high))


# ---- expectations ---------------------------------------------------------------------------------


def expectation(
    function: Callable[[Array], Array],
    log_density: Callable[[Array], Array],
    ends: tuple[float, float],
    middle: float,
    width: float,
) -> float:
    """Integrate a function against a density by tanh-sinh quadrature on both sides of `middle`.

    `width` is the size of the region that holds most of the probability. Returns inf or NaN where
    the integral does not exist or was not found.
    """
    from scipy.integrate import tanhsinh

    def integrand(u: Array) -> Array:
        with np.errstate(all="ignore"):  # far out the density underflows: 0 · inf is 0 there
            x = middle + width * u
            density = np.exp(log_density(x)) * width
            return np.where(density > 0.0, function(x) * density, 0.0)

    first, last = ((end - middle) / width for end in ends)
    low = tanhsinh(integrand, first, 0.0, atol=1e-300, rtol=1e-12)
    high = tanhsinh(integrand, 0.0, last, atol=1e-300, rtol=1e-12)
    return float(low.integral + high.integral)
