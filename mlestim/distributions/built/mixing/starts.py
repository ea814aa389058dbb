"""Starting values of mixtures: many ways to divide a sample, improved together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Array
from mlestim.distributions.built.mixing.ascent import climbed
from mlestim.distributions.rows.sketch import Sketch

if TYPE_CHECKING:
    from mlestim.distributions.built.mixing.mixture import Mixture

Integers = NDArray[np.intp]

# Rows of a problem that starts are improved on, and the steps of that: few of all, more of some.
ROWS, FIRST_STEPS, STEPS = 512, 8, 24
# Ways to divide the rows, and starts to keep of them, for each component.
STARTS, KEPT = 16, 3
# Rows of a stretch that a component begins with.
STRETCH = 24
# Cells that are worked on at a time: few enough for their temporaries to stay in cache.
CELLS = 1 << 16
# Means of the log density that differ by less belong to the same maximum, most likely.
SAME_VALUE = 1e-4


def mixture_starts(mixture: Mixture, sketch: Sketch) -> list[list[Array]]:
    """Give the best of many starts of each problem, the best first."""
    rows = sketch.rows
    m = rows.shape[-1]
    if m > ROWS:
        rows = rows[:, ((np.arange(ROWS) + 0.5) * m / ROWS).astype(np.intp)]
    times = STARTS * len(mixture.components)
    chunk = max(CELLS // (times * rows.shape[-1]), 1)
    parts = [
        _of_chunk(mixture, rows[first : first + chunk], times)
        for first in range(0, len(rows), chunk)
    ]
    whole = np.concatenate(parts, axis=-1)  # (kept, p, problems)
    return [list(start) for start in whole]


def _of_chunk(mixture: Mixture, rows: Array, times: int) -> Array:
    """Improve all starts a little, the better ones among them more."""
    theta = np.array(_divided(mixture, np.repeat(rows, times, axis=0), times))
    kept = KEPT * len(mixture.components)
    for steps, keep in ((FIRST_STEPS, 2 * kept), (STEPS, kept)):
        value, theta = _improved(mixture, rows, theta, steps)
        order = _best_first(value)[:, :keep]
        table = theta.reshape(len(theta), len(rows), -1)
        chosen: Array = np.take_along_axis(table, order[None], axis=-1)
        theta = chosen.reshape(len(theta), -1)
    return np.moveaxis(chosen, -1, 0)


def _improved(mixture: Mixture, rows: Array, theta: Array, steps: int) -> tuple[Array, Array]:
    """Mean log density of the starts, (problems, starts), and parameters after some steps."""
    each = np.repeat(rows, theta.shape[1] // len(rows), axis=0)
    if mixture.has_known:  # of which a sketch says nothing
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
    """Begin each component with a stretch of the sorted rows, in as many ways a problem."""
    first, last = _stretches(rows, len(mixture.components), times)
    p = len(mixture.parameters)
    totals, counts = np.zeros((p, len(rows))), np.zeros((p, 1))
    share = (np.arange(STRETCH) + 0.5) / STRETCH
    for j, (component, (weight, *places)) in enumerate(
        zip(mixture.components, mixture.places, strict=True)
    ):
        width = last[:, j] - first[:, j]
        position = first[:, j, None] + share * width[:, None]
        chosen: Integers = (position * rows.shape[1]).astype(np.intp)
        part: Array = np.take_along_axis(rows, chosen, axis=1)
        totals[weight], counts[weight] = width, 1.0
        for place, value in zip(places, component.start(_sketch_of(part))[0], strict=True):
            domain = mixture.parameters[place].domain
            totals[place] += domain.to_link(value)
            counts[place] += 1.0
    weights = mixture.weights
    totals[weights] /= totals[weights].sum(axis=0)
    # a shared parameter begins between those of the components
    return [
        total / n if place in weights else mixture.parameters[place].domain.from_link(total / n)
        for place, (total, n) in enumerate(zip(totals, counts, strict=True))
    ]


def _sketch_of(rows: Array) -> Sketch:
    def moments() -> tuple[Array, Array]:
        return rows.mean(axis=-1), rows.var(axis=-1)

    return Sketch(rows, rows[:, 0], rows[:, -1], moments)


def _stretches(rows: Array, k: int, times: int) -> tuple[Array, Array]:
    """Shares of the rows at which the stretches of each line's components begin and end.

    By turns the rows are cut at random places, cut half-way between rows that are far from one
    another, and covered by stretches of random length that may overlap.
    """
    lines, m = rows.shape
    rng = np.random.default_rng(0)

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
