"""The view model: everything a report says, complete and frozen before a template sees it.

Numbers stay numbers here; the outputs decide how to write them. Text that came with the data
(column names, labels, group keys) has passed :func:`reports.formatting.plain_text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Cell = float | int | str | None


@dataclass(frozen=True, slots=True)
class Statistic:
    """One labelled number."""

    label: str
    value: Cell


@dataclass(frozen=True, slots=True)
class Table:
    """A table of raw values: one tuple a row, one cell a column."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class DataSummary:
    """What was observed: rows used, rows left out, and how the values are spread.

    ``intervals`` counts the rows of each kind where some are intervals or truncated; ``design`` says
    what weights mean and how many clusters there are, where that is not as usual.
    """

    name: str
    kind: str
    n_rows: int
    n_omitted: int
    total_weight: float | None
    statistics: tuple[Statistic, ...]
    categories: Table | None = None
    intervals: str = ""
    design: str = ""


@dataclass(frozen=True, slots=True)
class VerdictText:
    """A verdict in words: what it means for the numbers, and what to try next."""

    name: str
    headline: str
    meaning: str
    advice: str
    tone: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """One parameter with its standard error and interval; NaN where there is none."""

    parameter: str
    estimate: float
    standard_error: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Limit:
    """The family that a fit at infinity approaches, with its values."""

    family: str
    values: tuple[Statistic, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """One fitted family: its estimates, how good they are, and how they were found.

    ``covariance`` says what standard errors are made of, where that is not the observed information.
    """

    family: str
    method: str
    limit: Limit | None
    n_parameters: int
    log_likelihood: float
    aic: float
    aicc: float
    bic: float
    level: float
    estimates: tuple[Estimate, ...]
    evidence: tuple[Statistic, ...]
    covariance: str = ""


@dataclass(frozen=True, slots=True)
class RankedFamily:
    """One family of the ranking; ``reason`` says why a family has no place in it.

    ``regular`` is false where a parameter is an end of the support, for which AICc is a rough guide.
    """

    family: str
    verdict: str | None
    n_parameters: int | None
    log_likelihood: float | None
    aicc: float | None
    delta: float | None
    weight: float | None
    chosen: bool = False
    reason: str = ""
    regular: bool = True


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: a Vega-Lite specification, what it shows in words, and its numbers as a table."""

    identifier: str
    title: str
    description: str
    spec: Mapping[str, Any]
    table: Table


@dataclass(frozen=True, slots=True)
class Groups:
    """A grouped fit: how many groups have which verdict, and one row a group."""

    family: str
    n_groups: int
    verdicts: tuple[Statistic, ...]
    explanations: tuple[VerdictText, ...]
    table: Table


@dataclass(frozen=True, slots=True)
class Provenance:
    """What is needed to get the same numbers again."""

    created: str
    versions: tuple[Statistic, ...]
    fingerprint: str
    python_code: str
    command_line: str


@dataclass(frozen=True, slots=True)
class Report:
    """A complete estimation report, of one fit or of a grouped one."""

    title: str
    data: DataSummary
    provenance: Provenance
    fit: Fit | None = None
    verdict: VerdictText | None = None
    ranking: tuple[RankedFamily, ...] = ()
    charts: tuple[Chart, ...] = ()
    groups: Groups | None = None

    def to_html(self) -> str:
        """Return the report as one self-contained page that needs no network."""
        from reports.outputs.html import render

        return render(self)

    def to_markdown(self) -> str:
        """Return the report as Markdown text, without its charts."""
        from reports.outputs.markdown import render

        return render(self)

    def to_json(self) -> str:
        """Return the view model as strict JSON, every number in full precision."""
        from reports.outputs.json import render

        return render(self)
