"""From a result to the report's view model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import numpy as np

from reports.charts import ChartInput, draw_all
from reports.formatting import plain_text
from reports.grouped import describe_groups
from reports.model import Chart, Estimate, Fit, RankedFamily, Report, Statistic
from reports.provenance import provenance
from reports.ranking import rank
from reports.summary import summarise
from reports.verdicts import explain

LEVEL = 0.95

_DEFAULT_NAME = "x"

_EVIDENCE = {
    "scaled_gradient": "steepest slope of the log-likelihood, per standard error",
    "newton_decrement": "log-likelihood still to be gained",
    "smallest_eigenvalue": "smallest eigenvalue of the information, scaled to unit diagonal",
    "iterations": "likelihood evaluations",
}


def build(
    result: Any,
    comparison: Iterable[RankedFamily] | None = None,
    *,
    title: str | None = None,
    data_name: str | None = None,
    created: datetime | None = None,
) -> Report:
    """Return the complete report of a fit.

    Parameters
    ----------
    result : FitResult or GroupedFit
        What :func:`mlestim.fit` returned.
    comparison
        The families to rank beside the fitted one, as :func:`reports.rank` returns them. When not
        given, every registered family of the same kind is fitted; an empty tuple leaves the
        ranking out.
    title
        The page's title; made of the family's and the data's names when not given.
    data_name
        The file that the data came from, or what to call them.
    created
        Date and time shown on the report; now, when not given.

    Returns
    -------
    Report
        A frozen view model with ``to_html()``, ``to_markdown()`` and ``to_json()``.
    """
    if hasattr(result, "table"):
        return _grouped_report(result, title, data_name, created)
    observations = result.observations
    kind = str(result.family.kind)
    column = observations.name
    variable = plain_text(column if column is not None else _DEFAULT_NAME)
    family = str(result.family.name)
    shown = plain_text(data_name) if data_name is not None else variable
    limit = _limit_name(result)
    if comparison is None:
        comparison = () if kind == "categorical" else rank(observations, kind=kind)
    return Report(
        title=plain_text(title) if title else _title(family, variable),
        data=summarise(
            shown if shown == variable else f"{shown}, column {variable}",
            kind,
            observations.values,
            observations.weights,
            int(observations.n_omitted),
        ),
        fit=_fit(result, family, limit),
        verdict=explain(str(result.verdict), limit),
        ranking=_with_choice(comparison, family),
        charts=_charts(result, kind, variable, limit or family),
        provenance=provenance(
            observations.values,
            observations.weights,
            family=family,
            column=column,
            source=data_name,
            created=created,
        ),
    )


def _grouped_report(
    result: Any, title: str | None, data_name: str | None, created: datetime | None
) -> Report:
    observations = result.observations
    family, kind = str(result.family.name), str(result.family.kind)
    variable = plain_text(observations.name if observations.name is not None else _DEFAULT_NAME)
    shown = plain_text(data_name) if data_name is not None else variable
    by = tuple(str(name) for name in result.table.index.names)
    keys = ", ".join(plain_text(name) for name in by)
    return Report(
        title=plain_text(title) if title else f"{_title(family, variable)} by {keys}",
        data=summarise(
            shown if shown == variable else f"{shown}, column {variable}",
            kind,
            observations.values,
            observations.weights,
            int(observations.n_omitted),
        ),
        groups=describe_groups(result.table, family),
        provenance=provenance(
            observations.values,
            observations.weights,
            family=family,
            column=observations.name,
            source=data_name,
            by=by,
            created=created,
        ),
    )


def _fit(result: Any, family: str, limit: str | None) -> Fit:
    intervals = result.confidence_intervals(level=LEVEL)
    return Fit(
        family=family,
        method=str(result.method),
        limit=limit,
        n_parameters=int(result.n_parameters),
        log_likelihood=float(result.log_likelihood),
        aic=float(result.aic),
        aicc=float(result.aicc),
        bic=float(result.bic),
        level=LEVEL,
        estimates=tuple(
            Estimate(plain_text(name), *(float(number) for number in numbers))
            for name, *numbers in zip(
                result.params.index,
                result.params,
                result.standard_errors,
                intervals["lower"],
                intervals["upper"],
                strict=True,
            )
        ),
        evidence=_evidence(result.evidence),
    )


def _evidence(evidence: Any) -> tuple[Statistic, ...]:
    """Return what the verdict rests on."""
    return tuple(
        Statistic(_EVIDENCE.get(name, _readable(name)), _cell(value))
        for name, value in asdict(evidence).items()
    )


def _cell(value: Any) -> float | int | str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    return plain_text(value)


def _limit_name(result: Any) -> str | None:
    return None if result.limit is None else _readable(str(result.limit.name))


def _readable(name: str) -> str:
    """Return a registered name as words."""
    return name.replace("_", " ")


def _title(family: str, variable: str) -> str:
    words = _readable(family)
    return f"{words[0].upper()}{words[1:]} distribution of {variable}"


def _with_choice(ranking: Iterable[RankedFamily], family: str) -> tuple[RankedFamily, ...]:
    return tuple(
        replace(
            entry,
            chosen=entry.family == family,
            reason=plain_text(" ".join(entry.reason.split())),
        )
        for entry in ranking
    )


def _charts(result: Any, kind: str, variable: str, family: str) -> tuple[Chart, ...]:
    if kind == "categorical" or result.distribution is None:
        return ()
    observations = result.observations
    return draw_all(
        ChartInput(
            values=np.asarray(observations.values, dtype=float),
            weights=None
            if observations.weights is None
            else np.asarray(observations.weights, dtype=float),
            distribution=result.distribution,
            kind=kind,
            variable=variable,
            family=_readable(family),
        )
    )
