"""Starting values of mixtures: many ways to divide a sample, improved together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Array
from mlestim.distributions.built.mixing.ascent import climbed, has_formula
from mlestim.distributions.parameter import REAL, Interval, Parameter, Shape
from mlestim.distributions.rows.sketch import Sketch

if TYPE_CHECKING:
    from mlestim.distributions.built.mixing.mixture import Mixture

Integers = NDArray[np.intp]

# Rows of a problem that starts are improved on, and the steps of that: few of all, more of some.
ROWS, FIRST_STEPS, STEPS = 512, 8, 24
# Ways to divide the rows, and starts to keep of them, for each component.
STARTS, KEPT = 16, 3
# Where a step has a formula it costs far less than one of Newton's: then only so many starts are
# kept, after so many steps more, and of these none whose log density is lower by so much on average.
FINALISTS, LAST_STEPS, HOPELESS = 3, 150, 0.02
# Rows of a stretch that a component begins with.
STRETCH = 24
# Cells that are worked on at a time: few enough for their temporaries to stay in cache.
CELLS = 1 << 16
# Means of the log density that differ by less belong to the same maximum, most likely.
SAME_VALUE = 1e-4


def mixture_starts(mixture: Mixture, sketch: Sketch) -> list[list[Array]]:
    """Give the best of many starts of each problem, the best first."""
    rows = sketch.rows
    m = rows.shape[1]
    if m > ROWS:
        rows = rows[:, ((np.arange(ROWS) + 0.5) * m / ROWS).astype(np.intp)]
    times = STARTS * len(mixture.components)
    chunk = max(CELLS // (times * rows.shape[1]), 1)
    parts = [
        _of_chunk(mixture, rows[first : first + chunk], times)
        for first in range(0, len(rows), chunk)
    ]
    kept = max(len(part) for part in parts)
    parts = [part[np.minimum(np.arange(kept), len(part) - 1)] for part in parts]
    whole = np.concatenate(parts, axis=-1)  # (kept, p, problems)
    return [list(start) for start in whole]


def _of_chunk(mixture: Mixture, rows: Array, times: int) -> Array:
    """Improve all starts a little, the better ones among them more."""
    theta = np.array(_divided(mixture, np.repeat(rows, times, axis=0), times))
    kept = KEPT * len(mixture.components)
    rounds = [(FIRST_STEPS, 2 * kept), (STEPS, kept)]
    if has_formula(mixture):
        rounds.append((LAST_STEPS, FINALISTS))
    for steps, keep in rounds:
        value, theta = _improved(mixture, rows, theta, steps)
        order = _best_first(value)[:, :keep]
        if steps == LAST_STEPS:
            order = _hopeful(value, order)
        table = theta.reshape(len(theta), len(rows), -1)
        chosen: Array = np.take_along_axis(table, order[None], axis=-1)
        theta = chosen.reshape(len(theta), -1)
    return np.moveaxis(chosen, -1, 0)


def _hopeful(value: Array, order: Integers) -> Integers:
    """Keep as many starts as come near the best one of some problem, each at another value."""
    ranked: Array = np.take_along_axis(value, order, axis=-1)
    with np.errstate(invalid="ignore"):  # −inf − (−inf)
        other = np.diff(ranked, axis=-1, prepend=np.inf) < -SAME_VALUE
    near = other & (ranked > ranked[:, :1] - HOPELESS)
    return order[:, : max(int(near.sum(axis=-1).max()), 1)]


def _improved(mixture: Mixture, rows: Array, theta: Array, steps: int) -> tuple[Array, Array]:
    """Mean log density of the starts, (problems, starts), and parameters after some steps."""
    each = np.repeat(rows, theta.shape[1] // len(rows), axis=0)
    if mixture.has_known and rows.ndim == 2:  # of which a sketch says nothing
        return np.zeros((len(rows), theta.shape[1] // len(rows))), theta
    with np.errstate(all="ignore"):  # a start that leads nowhere comes last
        value, moved = climbed(mixture, each, list(theta), steps)
        lost = mixture.degenerate(moved, _sketch_of(each), np.full(len(each), rows.shape[1]))
    value = value if lost is None else np.where(lost, -np.inf, value)
    return value.reshape(len(rows), -1), np.array(moved)


def _best_first(value: Array) -> Integers:
    """Order of the starts of each problem: distinct values first, each from the highest down."""
    value = np.where(np.isfinite(value), value, -np.inf)
    order = np.argsort(-value, axis=-1, kind="stable")
    ranked: Array = np.take_along_axis(value, order, axis=-1)
    with np.errstate(invalid="ignore"):  # −inf − (−inf)
        again = np.diff(ranked, axis=-1, prepend=np.inf) > -SAME_VALUE
    again |= np.isneginf(ranked)
    first: Integers = np.argsort(again, axis=-1, kind="stable")
    return np.take_along_axis(order, first, axis=-1)


def _divided(mixture: Mixture, rows: Array, times: int) -> list[Array]:
    """Begin each component with some of the rows, in as many ways a problem."""
    parts = _near_rows if rows.ndim == 3 else _stretches
    rng = np.random.default_rng(mixture.seed)
    p = len(mixture.parameters)
    totals, counts = np.zeros((p, len(rows))), np.zeros((p, 1))
    for (share, part), component, (weight, *places) in zip(
        parts(rows, len(mixture.components), times, rng),
        mixture.components,
        mixture.places,
        strict=True,
    ):
        totals[weight], counts[weight] = share, 1.0
        for place, value in zip(places, component.start(_sketch_of(part))[0], strict=True):
            totals[place] += _averaged_as(mixture.parameters[place]).to_link(value)
            counts[place] += 1.0
    weights = mixture.weights
    totals[weights] /= totals[weights].sum(axis=0)
    # a shared parameter begins between those of the components
    return [
        total / n
        if place in weights
        else _averaged_as(mixture.parameters[place]).from_link(total / n)
        for place, (total, n) in enumerate(zip(totals, counts, strict=True))
    ]


def _averaged_as(parameter: Parameter) -> Interval:
    """Domain on whose link scale a parameter is averaged: a matrix entry by entry as it is."""
    return REAL if parameter.shape is Shape.MATRIX else parameter.domain


def _sketch_of(rows: Array) -> Sketch:
    if rows.ndim == 2:
        return Sketch(rows, rows[:, 0], rows[:, -1], lambda: (rows.mean(axis=1), rows.var(axis=1)))

    def moments() -> tuple[Array, Array]:
        mean = rows.mean(axis=1)
        gap = rows - mean[:, None]
        return mean, gap.swapaxes(1, 2) @ gap / rows.shape[1]

    return Sketch(rows, rows.min(axis=1), rows.max(axis=1), moments)


def _near_rows(
    rows: Array, k: int, times: int, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    """Yield for each component a share of the rows of each line, and some of the rows in it.

    Components begin with the rows that are nearest to a centre each; the centres are rows far from
    one another. By turns these are as many as are nearer to no other centre, and a number at
    random; and distances are those of the columns, or allow for their correlations.
    """
    lines, m, d = rows.shape
    draws = np.tile(rng.random((times, k)), (lines // times, 1))
    widths = np.tile(np.exp(rng.uniform(np.log(0.05), 0.0, (times, k))), (lines // times, 1))
    kind = np.arange(lines) % times % 4
    seen = np.where((kind < 2)[:, None, None], rows, _uncorrelated(rows))
    distance = _distances(seen, draws)
    nearest: Integers = np.argmin(distance, axis=1)
    own = (nearest[:, None] == np.arange(k)[:, None]).sum(axis=-1)
    number = np.where((kind % 2 == 0)[:, None], own, np.ceil(widths * m))
    number = np.minimum(np.maximum(number, 2 * d + 1), m)
    size = max(STRETCH, 4 * d)
    places = (np.arange(size) + 0.5) / size
    for j in range(k):
        order: Integers = np.argsort(distance[:, j], axis=-1)
        chosen = (places * number[:, j, None]).astype(np.intp)
        inner: Integers = np.take_along_axis(order, chosen, axis=-1)
        yield number[:, j] / m, np.take_along_axis(rows, inner[..., None], axis=1)


def _uncorrelated(rows: Array) -> Array:
    """Rows turned and scaled so that their covariance is the identity."""
    gap = rows - rows.mean(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(gap.swapaxes(1, 2) @ gap / rows.shape[1])
    scale = np.sqrt(np.maximum(values, 1e-12 * values[:, -1:] + 1e-300))
    return np.asarray(gap @ (vectors / scale[:, None]))


def _distances(rows: Array, draws: Array) -> Array:
    """Squared distances to centres far from one another, shape (lines, centres, rows).

    Each is a row chosen with probability proportional to the squared distance to those before.
    """
    lines, m, _ = rows.shape
    at = np.arange(lines)
    found: list[Array] = []
    total = np.broadcast_to(np.arange(1.0, m + 1.0), (lines, m))
    for draw in draws.T:
        place = (total < (draw * total[:, -1])[:, None]).sum(axis=1)
        gap = rows - rows[at, np.minimum(place, m - 1)][:, None]
        found.append(np.vecdot(gap, gap))
        total = np.cumsum(np.min(found, axis=0), axis=1)
    return np.array(found).swapaxes(0, 1)


def _stretches(
    rows: Array, k: int, times: int, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    """Yield for each component its share of the sorted rows of each line, and some rows of it."""
    first, last = _ends_of_stretches(rows, k, times, rng)
    share = (np.arange(STRETCH) + 0.5) / STRETCH
    # components of other families are to be tried in either order
    turned = np.arange(len(rows)) % times // 3 % 2 == 1
    first, last = (np.where(turned[:, None], ends[:, ::-1], ends) for ends in (first, last))
    for j in range(k):
        width = last[:, j] - first[:, j]
        position = first[:, j, None] + share * width[:, None]
        chosen: Integers = (position * rows.shape[1]).astype(np.intp)
        yield width, np.take_along_axis(rows, chosen, axis=1)


def _ends_of_stretches(
    rows: Array, k: int, times: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Shares of the rows at which the stretches of each line's components begin and end.

    By turns the rows are cut at random places, cut half-way between rows that are far from one
    another, and covered by stretches of random length that may overlap.
    """
    lines, m = rows.shape

    def repeated(draw: Array) -> Array:
        """Divide all problems alike: a group is divided as it is alone."""
        return np.tile(draw, (lines // times, 1))

    cuts = np.sort(rng.random((times, k - 1)), axis=1)
    cuts[0] = np.arange(1, k) / k
    cuts = repeated(cuts)
    far = _far_cuts(rows, repeated(rng.random((times, k))))
    kind = np.arange(lines) % times % 3
    cuts = np.where((kind == 1)[:, None], far, cuts)
    ends = np.hstack([np.zeros((lines, 1)), cuts, np.ones((lines, 1))])
    first, last = ends[:, :-1], ends[:, 1:]
    centre = repeated(np.sort(rng.random((times, k)), axis=1))
    half = repeated(np.exp(rng.uniform(np.log(0.03), np.log(0.6), (times, k))))
    overlapping = (kind == 2)[:, None]
    first = np.where(overlapping, np.maximum(centre - half, 0.0), first)
    last = np.where(overlapping, np.minimum(centre + half, 1.0), last)
    last = np.minimum(np.maximum(last, first + 1.0 / m), 1.0)
    return np.minimum(first, last - 1.0 / m), last


def _far_cuts(rows: Array, draws: Array) -> Array:
    """Cut between rows chosen with probability proportional to the squared distance to the others.

    `draws` are uniform, one line a line of rows and one number for each row that is chosen.
    """
    lines, m = rows.shape
    at = np.arange(lines)
    chosen = [rows[at, (draws[:, 0] * m).astype(np.intp)]]
    distance = np.full(rows.shape, np.inf)
    for draw in draws.T[1:]:
        distance = np.minimum(distance, (rows - chosen[-1][:, None]) ** 2)
        total = np.cumsum(distance, axis=1)
        place = (total < (draw * total[:, -1])[:, None]).sum(axis=1)
        chosen.append(rows[at, np.minimum(place, m - 1)])
    centres = np.sort(np.array(chosen).T, axis=1)
    middles = 0.5 * (centres[:, 1:] + centres[:, :-1])
    return (rows[:, None, :] < middles[:, :, None]).mean(axis=-1)
