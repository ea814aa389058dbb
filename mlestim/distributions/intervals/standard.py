r"""Terms of tails that depend on the parameters through one number w alone.

With L(w) the log probability of the tail, the chain rule gives the terms in the parameters from L,
L′ and L″, for w = (x−μ)/σ and for w = k log(x/s).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.tails.normal import normal_tail
from mlestim.special import LOG_ROOT_TWO_PI, log1mexp

Array = NDArray[np.float64]
ROOT_TWO_PI = float(np.sqrt(2.0 * np.pi))
LARGEST_LOG = 700.0
# Beyond this, Mills' ratio keeps the digits that the probability and the density lose.
NORMAL_FAR = 6.0
# Of the logistic, logs of odds whose product is a number.
FARTHEST_LOG = 300.0
# A difference of two tails keeps eleven digits if it is at least this share of the larger one, and
# that has digits itself, as its density has.
NARROWEST, FARTHEST = 1e-5, float(sc.ndtr(-NORMAL_FAR))


# ---- the chain rule ------------------------------------------------------------------------------


def in_location_and_scale(tail: Iterator[Array], z: Array, scale: Array) -> Iterator[Array]:
    """Yield the terms in (location, scale) from L, L′, L″ at z = (x − location)/scale."""
    yield next(tail)
    slope = next(tail) / -scale
    yield slope
    yield slope * z
    bend = next(tail) / scale**2
    slope = slope / scale
    yield bend
    bend = z * bend
    yield bend - slope
    yield z * (bend - 2.0 * slope)


def in_shape_and_scale(
    tail: Iterator[Array], u: Array, shape: Array, scale: Array
) -> Iterator[Array]:
    """Yield the terms in (shape, scale) from L, L′, L″ at w = shape · u, u = log(x/scale)."""
    yield next(tail)
    slope = next(tail)
    yield slope * u
    yield slope * (-shape / scale)
    bend = next(tail)
    bend_u = bend * u
    yield bend_u * u
    yield (slope + shape * bend_u) / -scale
    yield (slope + shape * bend) * (shape / scale**2)


def in_scale(tail: Iterator[Array], power: float, scale: Array) -> Iterator[Array]:
    """Yield the terms in the scale from L, L′, L″ at w = power · log(x/scale)."""
    yield next(tail)
    slope = next(tail)
    yield slope * (-power / scale)
    yield (slope + power * next(tail)) * (power / scale**2)


def through(
    tail: Iterator[Array], first: Sequence[Array], second: Mapping[tuple[int, int], Array]
) -> Iterator[Array]:
    """Yield the terms in all parameters from L, L′, L″ at a number w of any formula.

    `first` and `second` are the derivatives of w; second ones that are 0 are left out.
    """
    yield next(tail)
    slope = next(tail)
    yield from (slope * change for change in first)
    bend = next(tail)
    for i, change in enumerate(first):
        for j in range(i, len(first)):
            whole = bend * change * first[j]
            yield whole + slope * second[i, j] if (i, j) in second else whole


def mirrored(tail: Iterator[Array]) -> Iterator[Array]:
    """Yield L, L′, L″ in −w from those in w."""
    yield next(tail)
    yield -next(tail)
    yield from tail


def to_a_power(terms: Iterator[Array], power: Array, place: int, p: int) -> Iterator[Array]:
    """Yield the terms of power · L, the power a parameter itself, from those of L in p others.

    `place` is the power's position among the parameters.
    """
    value = next(terms)
    yield power * value
    score = list(islice(terms, p))
    yield from (power * slope for slope in score[:place])
    yield value
    yield from (power * slope for slope in score[place:])
    score.insert(place, np.zeros(()))
    for i in range(p + 1):
        for j in range(i, p + 1):
            # the mixed derivative with the power is the other one's slope, and its own is 0
            yield score[i + j - place] if place in (i, j) else power * next(terms)


def between_in_location_and_scale(
    interval: Iterator[Array], ends: tuple[Array, Array], scale: Array
) -> Iterator[Array]:
    """Yield the terms in (location, scale) of an interval whose ends are (x − location)/scale.

    `interval` yields its log probability, then for each end the density over the probability, then
    for each end the slope of that.
    """
    a, b = ends
    yield next(interval)
    below, above = next(interval), next(interval)
    shrink = 1.0 / scale
    first = (below - above) * shrink
    yield first
    moved_below, moved_above = a * below, b * above
    second = (moved_below - moved_above) * shrink
    yield second
    bend_below, bend_above = next(interval), next(interval)
    shrink = shrink * shrink
    yield (bend_above - bend_below) * shrink - first * first
    bend_below, bend_above = a * bend_below, b * bend_above
    yield (bend_above - bend_below + above - below) * shrink - first * second
    bend = b * (bend_above + 2.0 * above) - a * (bend_below + 2.0 * below)
    yield bend * shrink - second * second


# ---- standard tails ------------------------------------------------------------------------------


def exponential_tail(y: Array, *, own: bool) -> Iterator[Array]:
    r"""Yield L and its derivatives in log y, of the tail with probability e^−y or of the other.

    .. math:: L = -y \quad\text{or}\quad L = \log(1 - e^{-y})
    """
    if own:
        for _ in range(3):
            yield -y
        return
    yield log1mexp(-y)
    y = np.minimum(y, LARGEST_LOG)  # beyond, the derivatives are 0 to all digits
    slope = y / np.expm1(y)
    yield slope
    yield slope * (1.0 - y - slope)


def logistic_tail(z: Array, *, upper: bool) -> Iterator[Array]:
    """Yield L = −log(1 + e^z) and its derivatives; of −z for the lower tail."""
    s = z if upper else -z
    e = np.exp(-np.abs(s))
    yield -np.maximum(s, 0.0) - np.log1p(e)
    larger = 1.0 / (1.0 + e)
    smaller = e * larger
    other = np.where(s > 0.0, larger, smaller)  # probability of the other tail
    yield -other if upper else other
    yield -smaller * larger


def normal_between(a: Array, b: Array) -> Iterator[Array]:
    r"""Yield what `between_in_location_and_scale` takes of the normal distribution.

    The probability is the difference of the two tails on the side of the interval's middle. It is
    NaN where that loses digits.
    """
    side = np.copysign(1.0, -(a + b))  # 1 for lower tails, -1 for upper ones
    first, last = sc.ndtr(side * a), sc.ndtr(side * b)
    probability = side * (last - first)
    largest = np.maximum(first, last)
    lost = (probability < NARROWEST * largest) | (largest < FARTHEST)
    probability[lost] = np.nan
    yield np.log(probability)
    share = (1.0 / ROOT_TWO_PI) / probability
    below, above = share * np.exp(-0.5 * a * a), share * np.exp(-0.5 * b * b)
    yield below
    yield above
    yield -a * below
    yield -b * above


def logistic_between(a: Array, b: Array) -> Iterator[Array]:
    r"""Yield what `between_in_location_and_scale` takes of the logistic distribution.

    .. math:: P = F(b) (1 - F(a)) (1 - e^{a-b})

    It is NaN where the ends hardly differ, or are beyond all numbers' logs.
    """
    rise, fall = np.exp(a), np.exp(-b)
    kept = -np.expm1(a - b)
    kept[(kept < NARROWEST) | (a > FARTHEST_LOG) | (b < -FARTHEST_LOG)] = np.nan
    above, below = 1.0 + rise, 1.0 + fall  # 1/(1 − F(a)) and 1/F(b)
    yield np.log(kept) - np.log(above * below)
    first, last = rise / above * (below / kept), fall / below * (above / kept)
    yield first
    yield last
    yield first * ((1.0 - rise) / above)
    yield last * ((fall - 1.0) / below)


def normal_tail_terms(z: Array, *, upper: bool) -> Iterator[Array]:
    r"""Yield L = log Q(z) and its derivatives for the normal distribution; of −z if lower.

    With the hazard h = φ/Q, L′ = −h and L″ = −h(h − z).
    """
    s = z if upper else -z
    smaller = sc.ndtr(-np.abs(s))
    log_density = -0.5 * s * s - LOG_ROOT_TWO_PI
    far = s > NORMAL_FAR
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # replaced far out
        value = np.where(s > 0.0, np.log(smaller), np.log1p(-smaller))
        hazard = np.exp(log_density - value)
        excess = hazard - s
    if np.any(far):
        tail = normal_tail(s[far])
        value[far] = tail.log_ratio + log_density[far]
        hazard[far], excess[far] = tail.hazard, tail.e
    yield value
    yield -hazard if upper else hazard
    yield -hazard * excess
