"""From a result to the report's view model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import numpy as np

from mlestim.comparing import compare_observations, families_of
from mlestim.distributions.built.shifted import Shifted
from mlestim.distributions.continuous.normal import Normal
from mlestim.distributions.distribution import Distribution
from mlestim.distributions.vectors.family import Multivariate
from mlestim.errors import DataError
from mlestim.estimation.verdict import Evidence
from mlestim.inference.nonparametric import sample_distribution, seen_through_window
from mlestim.plots.scores import normal_scores, own_distributions
from mlestim.results.comparison import Comparison
from mlestim.results.grouped import GroupedFit
from mlestim.results.result import FitResult
from mlestim.sample.observations import Observations
from reports.charts import ChartInput, draw_all
from reports.formatting import family_words, plain_text
from reports.grouped import describe_groups, draw_groups
from reports.model import (
    Chart,
    DataSummary,
    Estimate,
    Fit,
    Limit,
    Provenance,
    RankedFamily,
    Report,
    Statistic,
)
from reports.provenance import provenance
from reports.ranking import lines_of
from reports.recipe import Recipe
from reports.summary import summarise
from reports.verdicts import explain

LEVEL = 0.95

_DEFAULT_NAME = "x"

# Charts that show whether scores are as they should be, and what scores are.
AGREEMENT = ("quantiles", "probabilities")
SCORES = (
    " Rows have precisions, known parameters or windows of their own, so that there is not one fitted "
    "distribution. The normal score of a row is the standard normal value with the probability that the "
    "row's own fitted distribution gives to values up to the row's: scores are standard normal if the "
    "fit is right."
)

_EVIDENCE = {
    "scaled_gradient": "steepest slope of the log-likelihood, per standard error",
    "newton_decrement": "log-likelihood still to be gained",
    "smallest_eigenvalue": "smallest eigenvalue of the information, scaled to unit diagonal",
    "iterations": "likelihood evaluations",
}


def build(
    result: FitResult | GroupedFit,
    comparison: Comparison | Iterable[RankedFamily] | None = None,
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
        The families to rank beside the fitted one, as :func:`mlestim.compare` returns them by AICc,
        or lines of a ranking. When not given, every registered family of the same kind is fitted;
        an empty tuple leaves the ranking out.
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
    if isinstance(result, GroupedFit):
        return _grouped_report(result, title, data_name, created)
    observations = _observed(result.observations)
    kind, family = str(result.family.kind), str(result.family.name)
    variable = plain_text(observations.name)
    if comparison is None and kind != "categorical":
        comparison = compare_observations(observations, families_of(kind))
    if isinstance(comparison, Comparison):
        comparison = lines_of(comparison.including(result))
    data, origin = _data(
        observations, kind, data_name, _recipe(result, observations, data_name), created
    )
    return Report(
        title=plain_text(title) if title else _title(family, variable),
        data=data,
        fit=_fit(result, family),
        verdict=explain(str(result.verdict), _limit_name(result)),
        ranking=_with_choice(comparison or (), family),
        charts=_charts(result, observations, variable),
        provenance=origin,
    )


def _grouped_report(
    result: GroupedFit, title: str | None, data_name: str | None, created: datetime | None
) -> Report:
    problem = result.problem
    observations = problem.observations
    family, kind = str(problem.family.name), str(problem.family.kind)
    by = tuple(str(name) for name in result.groups.names if name is not None)
    location = {"location": problem.location} if problem.location else {}
    recipe = Recipe(
        family=family,
        column=_column(observations, data_name),
        source=data_name,
        by=by,
        options=observations.said,
        fixed=tuple({**problem.fixed, **location}.items()),
        known=tuple(observations.known),
        free=("location",) if isinstance(problem.model, Shifted) else (),
        omitted=observations.n_omitted > 0,
    )
    data, origin = _data(observations, kind, data_name, recipe, created)
    keys = ", ".join(plain_text(name) for name in by) or "group"
    own_title = f"{_title(family, plain_text(observations.name))} by {keys}"
    return Report(
        title=plain_text(title) if title else own_title,
        data=data,
        groups=describe_groups(result.table, family, result.omissions),
        charts=draw_groups(result, LEVEL),
        provenance=origin,
    )


def _observed(observations: Observations | None) -> Observations:
    if observations is None:
        raise DataError(
            "this result was read from a file, which keeps no observations, and a report needs "
            "them; fit the data again with mlestim.fit and report that result"
        )
    return observations


def _data(
    observations: Observations,
    kind: str,
    data_name: str | None,
    recipe: Recipe,
    created: datetime | None,
) -> tuple[DataSummary, Provenance]:
    values, weights = observations.values, observations.weights
    if observations.levels is not None:
        values = np.array(observations.levels, dtype=object)[values]
    column = plain_text(observations.name)
    word = "columns" if observations.components else "column"
    name = column if data_name is None else f"{plain_text(data_name)}, {word} {column}"
    intervals = observations.intervals
    summary = summarise(
        name,
        kind,
        values,
        weights,
        int(observations.n_omitted),
        intervals.describe(len(observations)),
        observations.components,
    )
    summary = replace(summary, design=observations.design.words)
    ends = () if intervals.plain else (*intervals.ends.values(), np.array(intervals.window))
    return summary, provenance((values, weights, *ends), recipe, created)


def _recipe(result: FitResult, observations: Observations, data_name: str | None) -> Recipe:
    known = [(name, float(result.params[name])) for name in result.fixed]
    freed = [
        name for name in result.params.index if name == "location" and name not in result.fixed
    ]
    return Recipe(
        family=str(result.family.name),
        column=_column(observations, data_name),
        source=data_name,
        options=observations.said,
        fixed=tuple(known),
        known=tuple(observations.known),
        free=tuple(freed) if result.family.half_line else (),
        omitted=observations.n_omitted > 0,
        method=result.method if result.method == "first_order" else None,
        failed=not result.verdict.holds,
    )


def _column(observations: Observations, data_name: str | None) -> str | list[str] | None:
    """Return the column's name, or the columns'; values without a table, or by ends, have none."""
    if observations.ends_title:
        return None
    components = observations.components
    default = _DEFAULT_NAME
    if components:
        default = ", ".join(f"{_DEFAULT_NAME}_{j}" for j in range(1, len(components) + 1))
    named = data_name is not None or observations.name != default
    if named and components:
        return list(components)
    return str(observations.name) if named else None


def _fit(result: FitResult, family: str) -> Fit:
    intervals = result.confidence_intervals(level=LEVEL)
    return Fit(
        family=family,
        method=str(result.method),
        limit=_limit(result.limit),
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
        covariance=result.covariance_words,
    )


def _evidence(evidence: Evidence) -> tuple[Statistic, ...]:
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


def _limit(limit: Distribution | None) -> Limit | None:
    if limit is None:
        return None
    values = tuple(
        Statistic(plain_text(n), float(value))
        for n, value in limit.params.items()
        if not np.ndim(value)  # known for each row
    )
    return Limit(str(limit.name), values)


def _limit_name(result: FitResult) -> str | None:
    return None if result.limit is None else family_words(str(result.limit.name))


def _readable(name: str) -> str:
    """Return a registered name as words."""
    return name.replace("_", " ")


def _title(family: str, variable: str) -> str:
    words = family_words(family)
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


def _scores(result: FitResult, variable: str) -> tuple[Chart, ...]:
    """Charts of rows of which each has a distribution of its own: there is not one to compare with."""
    scores = normal_scores(result)
    if scores is None:
        return ()
    found = sample_distribution(scores)
    if not found.values.size:
        return ()
    drawn = ChartInput(
        values=found.values,
        weights=None if scores.intervals.plain and scores.weights is None else found.shares,
        tails=(found.below, found.beyond),
        ends=(found.first, found.last),
        distribution=Normal(mean=0.0, sd=1.0),
        kind="continuous",
        variable=f"normal scores of {variable}",
        family="standard normal",
    )
    charts = (chart for chart in draw_all(drawn) if chart.identifier in AGREEMENT)
    return tuple(replace(chart, description=chart.description + SCORES) for chart in charts)


def _charts(result: FitResult, observations: Observations, variable: str) -> tuple[Chart, ...]:
    kind = str(result.family.kind)
    if kind == "categorical" or not result.verdict.holds:
        return ()
    if own_distributions(result.asked):
        return _scores(result, variable)
    values, distribution = np.asarray(observations.values, dtype=float), result.distribution
    weights, tails, ends = observations.weights, (0.0, 0.0), None
    if not observations.intervals.plain:
        found = sample_distribution(observations, counts=kind == "discrete")
        if not found.values.size:
            return ()
        values, weights = found.values, found.shares * observations.size
        tails, ends = (found.below, found.beyond), (found.first, found.last)
        distribution = seen_through_window(distribution, observations)
    if isinstance(distribution, Multivariate):
        distances = distribution.distances(values)
        if distances is None:
            return ()
        (values, distribution), kind = distances, "continuous"
        variable = f"squared distance from the centre of {variable}"
    return draw_all(
        ChartInput(
            values=values,
            weights=weights,
            tails=tails,
            ends=ends,
            distribution=distribution,
            kind=kind,
            variable=variable,
            family=_limit_name(result) or family_words(str(result.family.name)),
        )
    )
