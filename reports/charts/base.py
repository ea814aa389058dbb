"""What every chart shares: the sample and the fitted distribution, ready to be drawn.

A chart is one function in one file of this package, marked with :func:`chart`. It takes a
:class:`ChartInput` and returns a :class:`reports.model.Chart`, whose specification carries its
own data. Marks have colours that can be read on white and on black; everything else is coloured
by the page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.formatting import exponent_text, number
from reports.model import Cell, Chart, Table

Floats = NDArray[np.float64]

MAX_POINTS = 400
TABLE_ROWS = 25

# Both have a contrast of at least 3 to 1 with white and with the page's dark background.
COLOURS = {"data": "#6f86a8", "fitted": "#d9601a"}

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


@dataclass(frozen=True)
class ChartInput:
    """A sample and the distribution fitted to it, in units that an axis can show.

    Parameters
    ----------
    values
        Observations, shape (n,), finite.
    weights
        Their weights, shape (n,), or None for ones.
    distribution
        A frozen distribution with ``pdf`` (or ``pmf``), ``cdf`` and ``ppf`` over arrays.
    kind
        ``"continuous"`` or ``"discrete"``.
    variable
        What the observations are called.
    family
        What the fitted family is called.
    tails
        Shares of the sample that lie somewhere below, and above, all that is known of it.
    ends
        Where the sample begins and ends to be known; by default its smallest and largest value.
    """

    values: Floats
    weights: Floats | None
    distribution: Any
    kind: str
    variable: str
    family: str
    tails: tuple[float, float] = (0.0, 0.0)
    ends: tuple[float, float] | None = None

    @property
    def is_discrete(self) -> bool:
        """Tell counts from measurements."""
        return self.kind == "discrete"

    @cached_property
    def exponent(self) -> int:
        """The power of ten that brings values of unusual size into the range of plain numbers."""
        return 0 if self.is_discrete else unit_exponent(np.array(self.ends or self.values))

    @cached_property
    def unit(self) -> float:
        """The size of one unit of the axis."""
        return float(10.0**self.exponent)

    @property
    def axis_title(self) -> str:
        """The variable, with the power of ten its axis is in."""
        return with_unit(self.variable, self.exponent)

    @cached_property
    def points(self) -> Floats:
        """The distinct values in ascending order, in axis units."""
        return self._distinct[0]

    @cached_property
    def shares(self) -> Floats:
        """The share of the sample at each distinct value."""
        return self._distinct[1]

    @cached_property
    def _distinct(self) -> tuple[Floats, Floats]:
        points, where = np.unique(self.values / self.unit, return_inverse=True)
        weights = np.ones(self.values.shape) if self.weights is None else self.weights
        sums = np.bincount(where, weights=weights, minlength=points.size)
        return points, sums / sums.sum() * self.placed

    @property
    def placed(self) -> float:
        """The share of the sample that has values."""
        return 1.0 - sum(self.tails)

    @property
    def known(self) -> tuple[float, float]:
        """Where the sample begins and ends to be known, in axis units."""
        low, high = self.ends or (float(self.values.min()), float(self.values.max()))
        return low / self.unit, high / self.unit

    @property
    def note(self) -> str:
        """What a chart does not show of the sample, as a sentence; empty if it shows all."""
        return "".join(
            f" An estimated {100 * share:.3g} % of the values lie {where} "
            f"{number(end * self.unit, 3)}; censored rows do not tell where, and these are not drawn."
            for share, where, end in zip(
                self.tails, ("at or below", "above"), self.known, strict=True
            )
            if share > 0.0
        )

    @cached_property
    def cumulative_shares(self) -> Floats:
        """The empirical distribution function at each distinct value."""
        return np.minimum(self.tails[0] + np.cumsum(self.shares), 1.0)

    @cached_property
    def middle_shares(self) -> Floats:
        """The middle of the empirical distribution function's jump at each distinct value."""
        return self.cumulative_shares - self.shares / 2

    @cached_property
    def spans_decades(self) -> bool:
        """Whether a linear axis would press most of the values into one corner."""
        if self.is_discrete or self.known[0] <= 0:
            return False
        low, middle, high = self.quantile(np.array([0.05, 0.5, 0.95]))
        return bool(high > 100 * low or self.known[1] > 50 * middle)

    def quantile(self, share: Floats) -> Floats:
        """Return quantiles of what has values, in axis units: the first that reaches the share."""
        where = np.searchsorted(self.cumulative_shares, self.tails[0] + self.placed * share)
        return self.points[np.minimum(where, self.points.size - 1)]

    def density(self, points: Floats) -> Floats:
        """Return the fitted density per axis unit, or the probability of a count."""
        return np.asarray(self.distribution.pdf(points * self.unit), dtype=float) * self.unit

    def cdf(self, points: Floats) -> Floats:
        """Return the fitted distribution function at points in axis units."""
        return np.asarray(self.distribution.cdf(points * self.unit), dtype=float)

    def ppf(self, share: Floats) -> Floats:
        """Return fitted quantiles in axis units."""
        return np.asarray(self.distribution.ppf(share), dtype=float) / self.unit

    def grid(self, n_points: int = MAX_POINTS) -> Floats:
        """Return points that cover what is known of the sample, spaced as its axis is."""
        low, high = self.known
        if low == high:
            margin = abs(low) / 10 or 1.0
            return np.linspace(low - margin, high + margin, n_points)
        if self.spans_decades:
            return np.geomspace(low, high, n_points)
        return np.linspace(low, high, n_points)

    @property
    def scale(self) -> dict[str, Any]:
        """The Vega-Lite scale of an axis that shows the variable."""
        return {"type": "log", "nice": False} if self.spans_decades else {"zero": False}


Drawing = Callable[[ChartInput], Chart | None]

REGISTRY: list[tuple[int, Drawing]] = []


def chart(order: int) -> Callable[[Drawing], Drawing]:
    """Enter a function among the report's charts; lower orders come first on the page."""

    def register(drawing: Drawing) -> Drawing:
        REGISTRY.append((order, drawing))
        return drawing

    return register


def specification(
    title: str, description: str, layers: Sequence[dict[str, Any]], height: int = 280
) -> dict[str, Any]:
    """Return a Vega-Lite specification that is as wide as the place it is drawn in."""
    return {
        "$schema": _SCHEMA,
        "title": title,
        "description": description,
        "width": "container",
        "height": height,
        "layer": list(layers),
    }


def unit_exponent(values: Floats) -> int:
    """Return the power of ten by which numbers of unusual size are divided to be read easily."""
    largest = float(np.max(np.abs(values)))
    if largest == 0 or 1e-3 <= largest < 1e7:
        return 0
    return 3 * math.floor(math.log10(largest) / 3)


def with_unit(name: str, exponent: int) -> str:
    """Return an axis title that says the power of ten its numbers are in."""
    return f"{name} (× {exponent_text(exponent)})" if exponent else name


def quantitative(field: str, title: str, scale: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the encoding of a position by a number."""
    encoding: dict[str, Any] = {"field": field, "type": "quantitative", "title": title}
    return encoding if scale is None else {**encoding, "scale": scale}


def colour(what: str) -> dict[str, Any]:
    """Return the encoding that colours a layer and names it in the legend."""
    scale = {"domain": list(COLOURS), "range": list(COLOURS.values())}
    return {"datum": what, "type": "nominal", "scale": scale, "title": None}


def records(**columns: Floats) -> list[dict[str, float]]:
    """Return columns as rows of inline data, without rows that hold no finite number.

    Numbers are rounded to what a screen can show: some 10⁵ steps over a column's range.
    """
    arrays = [np.asarray(column, dtype=float) for column in columns.values()]
    finite = np.logical_and.reduce([np.isfinite(array) for array in arrays])
    rounded = [_rounded(array[finite]) for array in arrays]
    return [dict(zip(columns, row, strict=True)) for row in zip(*rounded, strict=True)]


def _rounded(column: Floats) -> list[float]:
    if column.size == 0:
        return []
    span, size = float(np.ptp(column)), float(np.max(np.abs(column)))
    extra_digits = math.ceil(math.log10(size / span)) if span > 0 else 0
    digits = min(6 + max(extra_digits, 0), 17)
    return [float(f"{value:.{digits}g}") for value in column.tolist()]


def thin(n_rows: int, n_kept: int = MAX_POINTS) -> NDArray[np.intp]:
    """Return row numbers spread evenly over ordered rows, both ends among them."""
    if n_rows <= n_kept:
        return np.arange(n_rows)
    return np.unique(np.linspace(0, n_rows - 1, n_kept).round().astype(np.intp))


def table(columns: Sequence[str], *arrays: Floats) -> Table:
    """Return a chart's numbers as a table that a person can read to the end."""
    n_rows = arrays[0].size
    kept = thin(n_rows, TABLE_ROWS)
    rows: list[tuple[Cell, ...]] = [tuple(float(array[row]) for array in arrays) for row in kept]
    note = f"{kept.size} of {n_rows:,} rows, evenly spaced." if kept.size < n_rows else ""
    return Table(tuple(columns), tuple(rows), note)
