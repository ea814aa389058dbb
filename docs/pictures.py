"""One picture of each family: densities or probabilities of a few of its members.

The members follow from the parameters that a family declares: a typical value of each, and others
of its shapes (of its scales, where it has no shape), one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from io import StringIO

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.parameter import REAL, Interval, Parameter, Unit

Array = NDArray[np.float64]
Member = dict[str, float]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7f7f7f")  # told apart by the colour-blind
GREY = "#808080"  # seen on white and on black
SIZE = (5.2, 2.6)  # inches
TRIALS, APART, ENDS = 12.0, 3.0, ("lower", "upper")
POINTS = 300
# Densities are drawn where one of them is above this share of its peak, and up to this multiple of
# the lowest peak.
VISIBLE, HIGHEST = 0.03, 7.0
# The picture is at most so many times as wide as the narrowest of its densities.
WIDEST = 3.0
# No density is drawn farther from its median than this many times the way from there to the 10 % or
# the 90 % quantile, whichever is nearer: it is that of the shorter tail, however heavy the other.
FARTHEST = 5.0
# More counts than this are a sample of those in sight.
MOST_COUNTS = 60
ROWS = 600

# No date and no random names: the same picture is the same file.
STYLE = {
    "svg.hashsalt": "mlestim",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9.0,
    "text.color": GREY,
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "legend.frameon": False,
}


def picture(family: Family) -> str:
    """Draw a family as SVG."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        _drawing_of(family)(family, axes)
        text = StringIO()
        # the page's own background shows through
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    return text.getvalue()


def _drawing_of(family: Family) -> Callable[[Family, Axes], None]:
    kinds = {"categorical": _levels, "multivariate": _cloud, "discrete": _probabilities}
    return kinds.get(family.kind, _densities)


# ---- members -------------------------------------------------------------------------------------


def members(family: Family) -> Iterator[Member]:
    """Yield a typical member, and others with another value of one parameter."""
    values = {p.name: _values(family, k) for k, p in enumerate(family.parameters)}
    typical = {name: choices[0] for name, choices in values.items()}
    if _are_bound(family):
        middle = family.link.from_link(np.zeros((family.link.size, 1)))
        pairs = zip(family.parameters, middle, strict=True)
        typical |= {p.name: float(value[0]) for p, value in pairs if not _is_place(p)}
    yield typical
    varied = _varied(family)
    others = 1 if len(varied) > 2 else 2  # no more curves than can be told apart
    for name in varied[:4]:
        for value in values[name][1 : 1 + others]:
            yield {**typical, name: value}


def _varied(family: Family) -> list[str]:
    """Name the shapes, or where there are none the scales."""
    free = [p for p in family.parameters if not (p.known or _is_place(p))]
    free = [p for p in free if not (_are_bound(family) and p.unit is Unit.NONE)]
    shapes = [p.name for p in free if p.unit is Unit.NONE and p.domain != REAL]
    shapes += [p.name for p in free if p.unit is Unit.NONE and p.domain == REAL]
    return shapes or [p.name for p in free if p.unit in (Unit.SCALE, Unit.SQUARE)]


def _are_bound(family: Family) -> bool:
    """Whether some parameters follow from others, as shares that sum to 1 do."""
    return family.link.size < len(family.parameters)


def _values(family: Family, place: int) -> Sequence[float]:
    """Give typical values of a parameter, the first for all members but some."""
    parameter = family.parameters[place]
    if _is_place(parameter):  # in their order
        return (APART * sum(_is_place(p) for p in family.parameters[:place]),)
    if parameter.known:
        return (TRIALS,)
    return _typical(parameter.domain)


def _is_place(parameter: Parameter) -> bool:
    """Whether a parameter is a location, or one of the two ends of a range of counts."""
    return parameter.unit in (Unit.LOCATION, Unit.LOG_SCALE) or (
        parameter.domain == REAL and parameter.name in ENDS
    )


def _typical(domain: Interval) -> Sequence[float]:
    low, high = domain.lower, domain.upper
    if domain == REAL:
        return 0.0, 0.8, -0.5
    if np.isfinite(low) and np.isfinite(high):
        return tuple(low + share * (high - low) for share in (0.3, 0.6, 0.1))
    return tuple(low + value for value in (2.0, 5.0, 0.8))


def _label(family: Family, member: Member) -> str:
    names = _varied(family) or list(member)
    return ", ".join(f"{name} = {member[name]:g}" for name in names)


# ---- drawings ------------------------------------------------------------------------------------


def _with_values(family: Family) -> Iterator[tuple[str, str, Family]]:
    for colour, member in zip(COLOURS, members(family), strict=False):
        yield colour, _label(family, member), family.with_values(member)


def _densities(family: Family, axes: Axes) -> None:
    """Curves of the density, cut where it has poles and long tails."""
    shown = list(_with_values(family))
    ends = [_in_sight(member) for _, _, member in shown]
    grid = np.linspace(*_window(np.array(ends)), POINTS)
    curves = [member.pdf(grid) for _, _, member in shown]
    for (colour, label, _), curve in zip(shown, curves, strict=True):
        axes.plot(grid, np.where(curve > 0.0, curve, np.nan), color=colour, label=label, lw=1.5)
    peaks = [float(np.max(curve[np.isfinite(curve)])) for curve in curves]
    axes.set_ylim(0.0, 1.05 * min(max(peaks), HIGHEST * min(peaks)))
    axes.set(xlabel="x", ylabel="density")
    axes.legend()


def _in_sight(member: Family) -> tuple[float, float]:
    """Where a density is not too small beside its values in the middle half of the probability."""
    body = member.pdf(member.ppf(np.linspace(0.25, 0.75, 21)))
    low, median, high = member.ppf([0.1, 0.5, 0.9])
    ways = [way for way in (median - low, high - median) if way > 0.0]  # 0: a value has many rows
    reach = FARTHEST * min(ways)
    first, last = np.clip(member.ppf([1e-3, 0.999]), median - reach, median + reach)
    x = np.linspace(first, last, POINTS)
    seen = x[member.pdf(x) > VISIBLE * body.max()]
    return min(seen.min(), max(low, first)), max(seen.max(), min(high, last))


def _window(ends: Array) -> tuple[float, float]:
    """Give an interval around all of the ends, unless the longest ones dwarf the shortest."""
    low, high = ends.T
    reach = WIDEST * np.min(high - low)
    return max(low.min(), low.max() - reach), min(high.max(), high.min() + reach)


def _probabilities(family: Family, axes: Axes) -> None:
    """Dots at the probabilities of counts."""
    shown = list(_with_values(family))
    ends = np.array([member.ppf([0.005, 0.98]) for _, _, member in shown])
    last = min(ends[:, 1].max(), ends[:, 0].min() + MOST_COUNTS)
    counts = np.arange(ends[:, 0].min(), last + 1.0)
    for colour, label, member in shown:
        axes.plot(counts, member.pdf(counts), "o-", ms=3.0, lw=0.6, color=colour, label=label)
    axes.set_ylim(bottom=0.0)
    axes.set(xlabel="x", ylabel="probability")
    axes.legend()


def _levels(family: Family, axes: Axes) -> None:
    """Bars of the probabilities of levels."""
    levels = ("a", "b", "c")
    shaped = family.shaped(levels)
    shares = dict(zip(shaped.parameter_names, (0.2, 0.3, 0.5), strict=True))
    heights = shaped.with_values(shares).pdf(range(len(levels)))
    axes.bar(levels, heights, width=0.5, color=COLOURS[0])
    axes.set(xlabel="level", ylabel="probability")


def _cloud(family: Family, axes: Axes) -> None:
    """A sample of vectors by two of their components; equal ones as one larger dot."""
    shaped = family.shaped(range(1, 1 + max(2, family.fewest + (family.fewest > 1))))
    member = shaped.with_values(
        {p.name: _entry(shaped, k) for k, p in enumerate(shaped.parameters)}
    )
    rows, times = np.unique(member.rvs(ROWS, 1)[:, :2], axis=0, return_counts=True)
    axes.scatter(*rows.T, s=3.0 * times, color=COLOURS[0], lw=0.0, alpha=0.7)
    axes.set(xlabel="x₁", ylabel="x₂")


def _entry(family: Family, place: int) -> float:
    """Give means 0, correlated unit variances, equal shares."""
    parameter = family.parameters[place]
    if parameter.unit in (Unit.SQUARE, Unit.PRODUCT):
        row, column = parameter.name.rpartition("_")[2]
        return 1.0 if row == column else 0.7
    if parameter.domain.upper == 1.0:
        return 1.0 / sum(p.domain.upper == 1.0 for p in family.parameters)
    return TRIALS if parameter.known else 0.0 if _is_place(parameter) else 3.0
