"""Samples of which some rows are known by their ends alone, or could not be seen outside a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from peers import PEERS, Theta, family_of

import mlestim as ml
from mlestim.distributions import resolve

Array = NDArray[np.float64]

# Share of the rows that a kind of censoring is tried on; about half of these are then censored.
TRIED = 0.6


@dataclass(frozen=True)
class Rows:
    """What is known of each value, and the window outside which none could be seen.

    Attributes
    ----------
    lower, upper : array, shape (n,)
        Ends; equal ones are exact.
    after, before : array, shape (n,)
        Windows.
    """

    lower: Array
    upper: Array
    after: Array
    before: Array

    @property
    def truncated(self) -> bool:
        """Whether any value could have been outside its window."""
        return bool(np.any(np.isfinite(self.after)) or np.any(np.isfinite(self.before)))

    @property
    def values(self) -> Array:
        """One value in each row."""
        ends = np.where(np.isfinite(self.lower), self.lower, self.upper)
        others = np.where(np.isfinite(self.upper), self.upper, ends)
        return 0.5 * ends + 0.5 * others

    @property
    def _window(self) -> tuple[object, object] | None:
        """What `fit` is told of the windows: two numbers where all are the same."""
        if not self.truncated:
            return None
        if np.all(self.after == self.after[0]) and np.all(self.before == self.before[0]):
            return float(self.after[0]), float(self.before[0])
        return self.after, self.before

    def fit(self, family: str) -> ml.FitResult:
        """Fit a family, whatever the verdict."""
        return ml.fit(
            None,
            family_of(family),
            lower=self.lower,
            upper=self.upper,
            truncation=self._window,
            fixed=PEERS[family].fixed or None,
            free=PEERS[family].free or None,
            on_failure="return",
        )


@dataclass(frozen=True)
class Draw:
    """Independent values of one member, more than the rows that are made of them."""

    family: str
    truth: Theta
    x: Array
    other: Array
    rng: np.random.Generator

    def exact(self, n: int) -> Rows:
        """The first values as they are."""
        x, none = self.x[:n], np.full(n, np.inf)
        return Rows(x, x, -none, none)

    def tried(self, n: int, share: float) -> NDArray[np.bool_]:
        """Rows that censoring is tried on, independently of their values."""
        return self.rng.random(n) < share


def right(draw: Draw, n: int, share: float = TRIED) -> Rows:
    """Values that another one stopped are known to be larger."""
    rows, stop = draw.exact(n), draw.other[:n]
    stopped = draw.tried(n, share) & (rows.lower > stop)
    return Rows(
        np.where(stopped, stop, rows.lower),
        np.where(stopped, np.inf, rows.upper),
        rows.after,
        rows.before,
    )


def heavily_right(draw: Draw, n: int) -> Rows:
    """Most rows are stopped, at the smaller of several other values."""
    smaller = np.minimum(draw.other, np.roll(draw.other, 1))
    smaller = np.minimum(smaller, np.roll(draw.other, 2))
    return right(Draw(draw.family, draw.truth, draw.x, smaller, draw.rng), n, 1.0)


def left(draw: Draw, n: int) -> Rows:
    """Values below a limit of detection of their own are known to be at most that."""
    rows, limit = draw.exact(n), draw.other[:n]
    unseen = draw.tried(n, TRIED) & (rows.lower <= limit)
    return Rows(
        np.where(unseen, -np.inf, rows.lower),
        np.where(unseen, limit, rows.upper),
        rows.after,
        rows.before,
    )


def interval(draw: Draw, n: int) -> Rows:
    """Some values are known up to a cell about as wide as the middle half of the values."""
    rows = draw.exact(n)
    lower, upper = _cells(draw, rows.lower, 1.0)
    known_up_to = draw.tried(n, 0.5)
    return Rows(
        np.where(known_up_to, lower, rows.lower),
        np.where(known_up_to, upper, rows.upper),
        rows.after,
        rows.before,
    )


def binned(draw: Draw, n: int) -> Rows:
    """All values are counted in cells."""
    rows = draw.exact(n)
    return Rows(*_cells(draw, rows.lower, 0.5), rows.after, rows.before)


def truncated(draw: Draw, n: int) -> Rows:
    """Values in the outer tenths could not be seen."""
    low, high = np.quantile(draw.other, [0.1, 0.9])
    x = draw.x[(draw.x > low) & (draw.x <= high)][:n]
    return Rows(x, x, np.full(len(x), low), np.full(len(x), high))


def entered_late(draw: Draw, n: int) -> Rows:
    """Right-censored values that had to exceed one of their own to be seen at all."""
    quarter = np.quantile(draw.other, 0.25)
    entry = np.where(draw.tried(len(draw.x), 0.5), np.minimum(draw.other, quarter), -np.inf)
    kept = np.flatnonzero(draw.x > entry)[:n]
    x, entry = draw.x[kept], entry[kept]
    stop = np.roll(draw.other, 7)[kept]
    stopped = draw.tried(len(x), TRIED) & (x > stop) & (stop > entry)
    none = np.full(len(x), np.inf)
    return Rows(np.where(stopped, stop, x), np.where(stopped, none, x), entry, none)


def mixed(draw: Draw, n: int) -> Rows:
    """A third each exact, stopped or below a limit, and in cells."""
    parts = [kind(draw, n) for kind in (right, left, interval)]
    chosen = np.arange(n) % 3
    ends = (np.choose(chosen, [getattr(part, end) for part in parts]) for end in ("lower", "upper"))
    return Rows(*ends, parts[0].after, parts[0].before)


KINDS: dict[str, Callable[[Draw, int], Rows]] = {
    "right": right,
    "heavily right": heavily_right,
    "left": left,
    "interval": interval,
    "binned": binned,
    "truncated": truncated,
    "late entry": entered_late,
    "mixed": mixed,
}


@dataclass(frozen=True)
class CensoredSample:
    """Rows to fit, and where they come from."""

    family: str
    kind: str
    truth: Theta
    seed: int
    rows: Rows

    def __str__(self) -> str:
        at = ", ".join(f"{value:g}" for value in self.truth)
        n = len(self.rows.lower)
        return f"{self.family}, {self.kind}, {n} rows of {at}, seed {self.seed}"


def censored_samples(
    family: str, sizes: tuple[int, ...], seeds: int, kinds: tuple[str, ...] = tuple(KINDS)
) -> Iterator[CensoredSample]:
    """Draw samples of all kinds; those of which nothing exact is left are of another kind."""
    peer = PEERS[family]
    for truth, n, seed in product(peer.truths, sizes, range(seeds)):
        x, other = (peer.simulate(truth, 4 * n + 100, seed + more) for more in (0, 1000))
        for kind in kinds:
            draw = Draw(family, truth, x, other, np.random.default_rng(seed))
            rows = KINDS[kind](draw, n)
            if kind == "binned" or np.any(rows.lower == rows.upper):
                yield CensoredSample(family, kind, truth, seed, rows)


def _cells(draw: Draw, x: Array, width: float) -> tuple[Array, Array]:
    """Ends of the cell that each value is in."""
    family = resolve(family_of(draw.family))
    low, high = np.quantile(draw.other, [0.25, 0.75])
    if family.support.integers:
        size = max(np.ceil(width * (high - low)), 2.0)
        first = size * np.floor(x / size) - 1.0
        return first, first + size
    size = width * (high - low)
    first = size * (np.ceil(x / size) - 1.0)
    return first, first + size
