r"""Terms of the log probability of a tail: value, score and curvature of log P(X > x), log P(X ≤ x).

With f the density, a location μ and a scale σ move the distribution function along with the data:

.. math:: \frac{\partial F}{\partial \mu} = -f, \qquad
          \frac{\partial F}{\partial \sigma} = -\frac{x-\mu}{\sigma} f

so that the derivatives in them, mixed ones included, follow from the terms of the density. In the
other parameters the log probability is differentiated by differences (see `numeric`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.numeric import differentiated_terms
from mlestim.distributions.parameter import Unit
from mlestim.distributions.terms import Terms, curvature_positions, packed_size
from mlestim.special import log1mexp

if TYPE_CHECKING:
    from mlestim.distributions.base import Family

Array = NDArray[np.float64]
Theta = Sequence[Array]

_SCALES = (Unit.SCALE, Unit.SQUARE, Unit.LOG_SCALE)


def tail_terms(family: Family, x: Array, theta: Theta, order: int, *, upper: bool) -> list[Array]:
    """Packed terms of the log probability above `x` (`upper`) or at most `x`.

    A tail that is certain, or impossible, has derivatives of 0.
    """
    if family.support.integers:
        x = np.floor(x)
    lower, end = (np.asarray(value, dtype=float) for value in family.ends(theta))
    before, after = below(family, x, lower), x >= end
    beyond = before | after
    some_beyond = bool(np.any(beyond))
    if some_beyond:
        x = np.where(beyond, family.inner_point(theta), x)
    size = packed_size(len(theta), order)
    value, *rows = islice(family.tail_terms(x, theta, upper=upper), size)
    if some_beyond:
        value = np.where(before if upper else after, 0.0, value)
        value = np.where(after if upper else before, -np.inf, value)
    fixed = beyond | np.isneginf(value) | (value == 0.0)
    if some_beyond or np.any(fixed):
        rows = [np.where(fixed, 0.0, row) for row in rows]
    return [value, *rows]


def below(family: Family, x: Array, lower: ArrayLike) -> NDArray[np.bool_]:
    """Say where every value exceeds `x`."""
    if family.support.integers:
        return (np.floor(x) < lower) | np.isneginf(x)
    if family.starts_with_atom:
        return x < np.asarray(lower, dtype=float)
    return x <= np.asarray(lower, dtype=float)


def complement_terms(terms: Iterator[Array], p: int) -> Iterator[Array]:
    """Yield the terms of log(1 − e^L) from those of L, the log of the other tail."""
    value = next(terms)
    yield log1mexp(value)
    ratio = 1.0 / np.expm1(-value)  # of the other tail to this one
    score = list(islice(terms, p))
    for slope in score:
        yield -ratio * slope
    for i in range(p):
        for j in range(i, p):
            yield -ratio * (next(terms) + (1.0 + ratio) * score[i] * score[j])


def generic_tail_terms(family: Family, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
    """Yield the terms of a tail of any family."""
    shapes = shape_positions(family)

    def log_tail(values: Sequence[Array]) -> Array:
        whole = list(theta)
        for k, value in zip(shapes, values, strict=True):
            whole[k] = value
        return family.log_tail(x, whole, upper=upper)

    density: Terms  # its bends say how far the differences may reach
    numeric = differentiated_terms(
        log_tail,
        [family.parameters[k] for k in shapes],
        [theta[k] for k in shapes],
        lambda: [step_factor(family, density, theta, k) for k in shapes],
    )
    yield (value := next(numeric))
    density = family.terms(x, theta, 2 if shapes else 1)
    yield from moved_terms(family, x, theta, (value, numeric), density, upper=upper)


def shape_positions(family: Family) -> list[int]:
    """Positions of the parameters in which a tail has to be differentiated."""
    moved = _moved(family)
    return [
        k for k, parameter in enumerate(family.parameters) if k not in moved and not parameter.known
    ]


def moved_terms(
    family: Family,
    x: Array,
    theta: Theta,
    of_shapes: tuple[Array, Iterator[Array]],
    density: Terms,
    *,
    upper: bool,
) -> Iterator[Array]:
    """Yield scores and curvatures of a tail from those in the shapes and from its density.

    Parameters
    ----------
    family : Family
        Of the distribution.
    x, theta : arrays
        Where the tail begins, and parameters.
    of_shapes : pair
        Log of the tail, and an iterator over its derivatives in the shapes.
    density : Terms
        Of the density at x, to the first order.
    upper : bool
        Which tail.
    """
    value, numeric = of_shapes
    shapes, moved, p = shape_positions(family), _moved(family), len(theta)
    score = [np.zeros(())] * p
    for k in shapes:
        score[k] = next(numeric)
    # of density to probability, in logs: both may underflow
    ratio = np.exp(density.value - value) * (1.0 if upper else -1.0)
    velocity = {k: _velocity(family, k, x, theta) for k in moved}
    for k, speed in velocity.items():
        score[k] = ratio * speed
    yield from score
    second = dict(zip(_pairs(shapes), numeric, strict=True))
    for i, j in _pairs(range(p)):
        if (i, j) in second:
            yield second[i, j]
        elif i in moved or j in moved:
            yield _mixed(family, density.score, ratio, velocity, theta, i, j) - score[i] * score[j]
        else:
            yield np.zeros(())


def step_factor(family: Family, density: Terms, theta: Theta, k: int) -> Array:
    """Shorten steps in a parameter in which the log density bends more than once a unit."""
    slope, _ = family.parameters[k].domain.link_derivatives(theta[k])
    bend = density.packed[curvature_positions(len(theta))[k, k]]
    factor = 1.0 / np.sqrt(1.0 + np.abs(bend) * slope**2)
    if family.by_member and theta[k].size == 1:
        return np.median(factor).reshape(1)  # rows that share their member go on doing so
    return factor


def _pairs(items: Sequence[int]) -> list[tuple[int, int]]:
    return [(i, j) for place, i in enumerate(items) for j in items[place:]]


def _moved(family: Family) -> list[int]:
    """Positions of the location and the scale, each where there is but one."""
    places: dict[str, list[int]] = {"location": [], "scale": []}
    for k, parameter in enumerate(family.parameters):
        if parameter.unit is Unit.LOCATION:
            places["location"].append(k)
        elif parameter.unit in _SCALES:
            places["scale"].append(k)
    known = [parameter.known for parameter in family.parameters]
    if len(places["location"]) > 1:  # two ends of a support
        return []
    return [found[0] for found in places.values() if len(found) == 1 and not known[found[0]]]


def _from_location(family: Family, x: Array, theta: Theta) -> Array:
    for parameter, value in zip(family.parameters, theta, strict=True):
        if parameter.unit is Unit.LOCATION:
            return x - value
    return x


def _velocity(family: Family, k: int, x: Array, theta: Theta) -> Array:
    """How fast the quantile at `x` moves with a parameter: −∂F/∂θ over f."""
    match family.parameters[k].unit:
        case Unit.LOCATION:
            return np.ones(())
        case Unit.SCALE:
            return _from_location(family, x, theta) / theta[k]
        case Unit.SQUARE:
            return 0.5 * _from_location(family, x, theta) / theta[k]
        case _:
            return _from_location(family, x, theta)


def _mixed(
    family: Family,
    density_score: Array,
    ratio: Array,
    velocity: dict[int, Array],
    theta: Theta,
    i: int,
    j: int,
) -> Array:
    """Second derivative of the probability over the probability, i or j a location or scale."""
    units = [parameter.unit for parameter in family.parameters]
    first, other = (i, j) if i in velocity else (j, i)
    if other in velocity and units[other] is Unit.LOCATION:
        first, other = other, first  # the location's velocity is constant
    change = np.zeros(())
    if first == other and units[first] in (Unit.SCALE, Unit.SQUARE):
        change = -velocity[first] / theta[first]
    return ratio * (density_score[other] * velocity[first] + change)
