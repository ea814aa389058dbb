"""Rows that are intervals: what was seen of a value, and what could have been seen at all.

A row says that its value lies in (lower, upper]; equal ends say what the value is. Its window, also
an interval, says which values the sample can hold: the others are truncated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mlestim.errors import DataError
from mlestim.sample.rows import RowLabels, shown, with_values

Array = NDArray[np.float64]

# Names of the ends among what is known of each row; no parameter is called so.
LOWER, UPPER = "lower end", "upper end"
AFTER, BEFORE = "window's lower end", "window's upper end"
ROW, WINDOW = (LOWER, UPPER), (AFTER, BEFORE)
ENDS = frozenset((*ROW, *WINDOW))
WHOLE_LINE = (-np.inf, np.inf)

KINDS = ("exact", "right-censored", "left-censored", "interval-censored")
# A window of all rows, or each row has its own; None where all values could be seen.
Truncation: TypeAlias = tuple[float, float] | str | None
ROW_BY_ROW = "row by row"


def reflected_ends(known: Mapping[str, Array], *, integers: bool) -> dict[str, Array]:
    """Give what is known of each row, with the ends of the intervals in which −x lies.

    An integer in (a, b] is at least a + 1 and at most b: −x is in (−b − 1, −a − 1].

    Examples
    --------
    >>> ends = {LOWER: np.array([1.0, 2.0]), UPPER: np.array([3.0, 2.0])}
    >>> list(reflected_ends(ends, integers=True).values())
    [array([-4., -2.]), array([-2., -2.])]
    """
    turned = dict(known)
    for low, high in (ROW, WINDOW):
        if low in known:
            step = np.where(known[low] < known[high], 1.0, 0.0) if integers else 0.0
            lower, upper = (np.floor(known[end]) if integers else known[end] for end in (low, high))
            turned[low], turned[high] = -upper - step, -lower - step
    return turned


class KindsOfRows:
    """Which kinds of rows there are, told from what is known beside their values, and a window.

    Attributes
    ----------
    window : pair of float
        Interval outside which values of any row could not be seen.
    """

    window: tuple[float, float]

    @property
    def beside(self) -> Mapping[str, Array]:
        """What is known of each row beside its value; ends of intervals and windows by their names."""
        raise NotImplementedError

    @property
    def row_ends(self) -> bool:
        """Whether rows have ends of their own, or windows."""
        return not ENDS.isdisjoint(self.beside)

    @property
    def plain(self) -> bool:
        """Whether all rows are exact and none is truncated."""
        return self.window == WHOLE_LINE and not self.row_ends

    @property
    def censored(self) -> bool:
        """Whether some rows are intervals."""
        return LOWER in self.beside

    @property
    def truncated(self) -> bool:
        """Whether some values could not have been seen."""
        return self.window != WHOLE_LINE or AFTER in self.beside

    @property
    def whole_window(self) -> tuple[float, float]:
        """Interval that holds the windows of all rows."""
        if AFTER not in self.beside:
            return self.window
        return float(self.beside[AFTER].min()), float(self.beside[BEFORE].max())


@dataclass(frozen=True, eq=False)
class Intervals(KindsOfRows):
    """Ends of the rows of a sample, and the windows in which they could be seen.

    Parameters
    ----------
    ends : mapping of str to array, shape (n,)
        `LOWER` and `UPPER` where some rows are intervals, `AFTER` and `BEFORE` where each row has a
        window of its own.
    window : pair of float
        The window of all rows.
    """

    ends: Mapping[str, Array] = field(default_factory=dict)
    window: tuple[float, float] = WHOLE_LINE

    @property
    def beside(self) -> Mapping[str, Array]:
        return self.ends

    def take(self, keep: NDArray[Any]) -> Intervals:
        """Ends of some of the rows."""
        return Intervals({name: end[keep] for name, end in self.ends.items()}, self.window)

    def counts(self, n: int) -> dict[str, int]:
        """How many rows of each kind there are."""
        if not self.censored:
            return {KINDS[0]: n}
        lower, upper = self.ends[LOWER], self.ends[UPPER]
        kinds = {
            KINDS[0]: lower == upper,
            KINDS[1]: upper == np.inf,
            KINDS[2]: lower == -np.inf,
        }
        found = {kind: int(np.count_nonzero(mask)) for kind, mask in kinds.items()}
        found[KINDS[3]] = n - sum(found.values())
        return {kind: count for kind, count in found.items() if count}

    @property
    def unsaid(self) -> str:
        """Why rows without any exact one may fail to tell a distribution; empty if they may not."""
        if not self.censored or np.any(self.ends[LOWER] == self.ends[UPPER]):
            return ""
        lower, upper = float(np.max(self.ends[LOWER])), float(np.min(self.ends[UPPER]))
        if not lower <= upper:
            return ""
        if lower == upper:
            return f"All rows end or begin at {lower:g}, so that only the share up to it is told"
        side = "right-censored" if np.isposinf(upper) else "left-censored"
        if not (np.isposinf(upper) or np.isneginf(lower)):
            side = f"intervals that all hold ({lower:g}, {upper:g}]"
        return (
            f"All rows are {side}, so that any distribution on what they share fits them equally "
            "well: there have to be rows that contradict each other, or exact ones"
        )

    @property
    def truncation(self) -> Truncation:
        """The window of all rows, or that they have their own; None where there is none."""
        if AFTER in self.ends:
            return ROW_BY_ROW
        return self.window if self.truncated else None

    def describe(self, n: int) -> str:
        """Say in words what kinds of rows there are."""
        return describe_rows(self.counts(n), self.truncation)


def describe_rows(kinds: Mapping[str, int], truncation: Truncation) -> str:
    """Say in words what kinds of rows there are; nothing where all are as usual."""
    words = [] if list(kinds) == ["exact"] else [f"{n} {kind}" for kind, n in kinds.items()]
    if isinstance(truncation, str):
        words.append(f"truncated {truncation}")
    elif truncation is not None:
        words.append("truncated to ({:g}, {:g}]".format(*truncation))
    return ", ".join(words)


def representatives(lower: Array, upper: Array) -> Array:
    """One finite number a row, for starting values and units: the middle, or the finite end."""
    with np.errstate(invalid="ignore"):
        middle = lower + 0.5 * (upper - lower)
    middle = np.where(np.isposinf(upper), lower, np.where(np.isneginf(lower), upper, middle))
    return np.where(lower == upper, lower, middle)


def likely_values(x: Array, lower: Array, upper: Array) -> Array:
    r"""Sorted values that rows may have, for starting values: quantiles of the product limit.

    With n rows of which d_j are known to be the j-th value and r_j are not below it,

    .. math:: \hat S(t) = \prod_{t_j \le t} \left(1 - \frac{d_j}{r_j}\right)

    Rows of which a lower tail is known are taken so where there are no upper ones. Where the
    estimate does not fall by a tenth, it tells no more than the rows themselves do. Rows lie along
    the last axis; lines before it are samples of their own.

    References
    ----------
    Kaplan and Meier (1958), J. Amer. Statist. Assoc. 53, 457-481.

    Examples
    --------
    >>> likely_values(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2, 3]), np.array([np.inf, 2, 3]))
    array([2., 2., 3.])
    """
    hidden, left = np.isposinf(upper), np.isneginf(lower)
    left &= ~hidden.any(axis=-1, keepdims=True)
    if left.any():
        lines = left.any(axis=-1)
        values = np.empty_like(x)
        values[~lines] = likely_values(x[~lines], lower[~lines], upper[~lines])
        mirrored = likely_values(*(-ends[lines][..., ::-1] for ends in (x, upper, lower)))
        values[lines] = -mirrored[..., ::-1]
        return values
    order = np.argsort(x, axis=-1)
    n, x = x.shape[-1], np.take_along_axis(x, order, axis=-1)
    hidden = np.take_along_axis(hidden, order, axis=-1)
    survival = np.cumprod(1.0 - ~hidden / np.arange(n, 0, -1), axis=-1)
    told = hidden.any(axis=-1) & (survival[..., -1] <= 0.9)
    reached = np.where(told[..., None], np.rint(n * (1.0 - survival)), np.arange(1.0, n + 1.0))
    reached[..., -1] = n  # what nothing is known of lies at the end
    counts = np.diff(reached, prepend=0.0, axis=-1).astype(np.intp)
    return np.repeat(x.ravel(), counts.ravel()).reshape(x.shape)


def seen(values: Array, observed: Array) -> tuple[Array, Array]:
    """Ends of rows that are exact where they were observed, and lie above their value elsewhere."""
    with np.errstate(divide="ignore"):
        upper = 1.0 / observed
    upper -= 1.0
    upper += values  # to which 0 is added where observed, else infinity
    return values, upper


def below(values: Array, detected: Array) -> tuple[Array, Array]:
    """Ends of rows that are exact where they were detected, and at most their value elsewhere."""
    lower = np.where(detected != 0.0, values, -np.inf)
    missing = np.isnan(detected) | np.isnan(values)
    return np.where(missing, np.nan, lower), np.where(missing, np.nan, values)


def within(
    lower: Array, upper: Array, after: Array, before: Array, title: str, rows: RowLabels
) -> tuple[Array, Array]:
    """Cut intervals down to their windows.

    Raises
    ------
    DataError
        If an interval is empty, or lies outside its window, naming rows.
    """
    _check(lower > upper, title, "its lower end above its upper end", (lower, upper), rows)
    if np.max(lower) == np.inf or np.min(upper) == -np.inf:
        infinite = np.isposinf(lower) | np.isneginf(upper)
        _check(infinite, title, "an infinite value", (lower, upper), rows)
    if np.min(lower) == -np.inf and np.max(upper) == np.inf:
        both = np.isneginf(lower) & np.isposinf(upper)
        _check(both, title, "no finite end, which says nothing", (lower, upper), rows)
    if np.all(np.isneginf(after) & np.isposinf(before)):
        return lower, upper
    empty, unnamed = after >= before, replace(rows, entries=None)
    _check(empty, "truncation", "a window that leaves nothing", (after, before), unnamed)
    exact = lower == upper
    outside = np.where(
        exact, (lower <= after) | (lower > before), (upper <= after) | (lower >= before)
    )
    _check(outside, title, "a value outside its truncation window", (lower, upper), rows)
    lower = np.where(exact, lower, np.maximum(lower, after))
    return lower, np.where(exact, upper, np.minimum(upper, before))


def told(lower: Array, upper: Array, rows: RowLabels, chosen: NDArray[np.intp]) -> str:
    """``, with values 2.0, >4.0 and (1.0, 2.0]`` of the chosen rows, or as the user wrote them."""
    if rows.entries is not None:
        return with_values(rows.written(chosen))
    return with_values([_word(*ends) for ends in zip(lower[chosen], upper[chosen], strict=True)])


def _word(lower: np.float64, upper: np.float64) -> str:
    if lower == upper:
        return shown(lower)
    if np.isposinf(upper) and np.isfinite(lower):
        return f">{shown(lower)}"
    if np.isneginf(lower) and np.isfinite(upper):
        return f"≤{shown(upper)}"
    return f"({shown(lower)}, {shown(upper)}]"


def _check(
    wrong: NDArray[np.bool_], title: str, what: str, ends: tuple[Array, Array], rows: RowLabels
) -> None:
    if wrong.any():
        count = int(wrong.sum())
        lower, upper = (np.broadcast_to(end, wrong.shape) for end in ends)
        found = told(lower, upper, rows, np.flatnonzero(wrong)[:3])
        verb = "has" if count == 1 else "have"
        raise DataError(
            f"{title}: {count} of {len(wrong)} rows {verb} {what}: {rows.describe(wrong)}{found}. "
            "Correct or remove them."
        )
