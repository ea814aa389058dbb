"""A fit as a table to read: text for terminals, HTML for notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mlestim.results.estimates import Estimates

Row = tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """What a summary shows; ``str()`` gives text, notebooks show HTML.

    Attributes
    ----------
    title : str
        Family and column.
    facts : tuple of (name, value)
        Verdict, sizes and criteria.
    header : tuple of str
        Column heads of the table of parameters.
    rows : tuple of tuple of str
        One a parameter.
    notes : tuple of str
        Sentences below.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    header: Row
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        width = max(len(name) for name, _ in self.facts) + 2
        lines = [self.title, "=" * len(self.title)]
        for name, value in self.facts:
            head = f"{name:<{width}}"
            lines.append(fill(value, 80, initial_indent=head, subsequent_indent=" " * width))
        lines += ["", *_aligned([self.header, *self.rows])]
        return "\n".join([*lines, *([""] if self.notes else []), *self.notes])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        facts = "".join(
            f"<tr><th style='text-align:left'>{escape(n)}</th><td>{escape(v)}</td></tr>"
            for n, v in self.facts
        )
        head = "".join(f"<th>{escape(cell)}</th>" for cell in self.header)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.rows
        )
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return (
            f"<h4>{escape(self.title)}</h4><table>{facts}</table>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}"
        )


def _aligned(rows: list[Row]) -> list[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def number(value: float, digits: int = 5) -> str:
    """Show a number to some significant digits; a missing one as a dash."""
    if np.isnan(value):
        return "–"
    return f"{value:.{digits}g}"


def digits_of(estimate: float, error: float) -> int:
    """Significant digits that reach the third digit of the standard error: 5 at least."""
    if not (0.0 < error < np.inf and 0.0 < abs(estimate) < np.inf):
        return 5
    return int(np.clip(np.floor(np.log10(abs(estimate) / error)) + 4.0, 5, 15))


def printable(text: object) -> str:
    """Show text on one line, with nothing in it that a terminal would obey."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text))


def summarize(result: Estimates, level: float = 0.95) -> Summary:
    """Lay out a fit."""
    facts = (
        ("verdict", f"{result.verdict} – {result.verdict.sentence}"),
        ("observations", result.size),
        ("log-likelihood", f"{result.log_likelihood:.6f}"),
        ("AIC, AICc, BIC", ", ".join(f"{v:.3f}" for v in (result.aic, result.aicc, result.bic))),
        ("method", result.method.replace("_", " ")),
    )
    table = result.tidy(level).drop(columns="parameter").to_numpy(dtype=float)
    rows = tuple(
        _row(name, line, name in result.fixed)
        for name, line in zip(result.names, table, strict=True)
    )
    percent = f"{100 * level:.10g} %"
    header = ("parameter", "estimate", "std. error", f"{percent} lower", f"{percent} upper", "")
    return Summary(printable(result.title), facts, header, rows, result.notes)


def _row(name: str, line: NDArray[np.float64], fixed: bool) -> Row:
    estimate, error, lower, upper = line
    digits = 12 if fixed else digits_of(estimate, error)
    ends = (number(end, digits) for end in (lower, upper))
    return (
        printable(name),
        number(estimate, digits),
        number(error),
        *ends,
        "fixed" if fixed else "",
    )
