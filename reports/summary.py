"""How the observations are spread, in numbers that hold at every scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.formatting import plain_text
from reports.model import DataSummary, Statistic, Table

_QUANTILES = {
    "smallest": 0.0,
    "5 % quantile": 0.05,
    "lower quartile": 0.25,
    "median": 0.5,
    "upper quartile": 0.75,
    "95 % quantile": 0.95,
    "largest": 1.0,
}

_MOST_CATEGORIES = 100


def summarise(
    name: str,
    kind: str,
    values: Any,
    weights: Any = None,
    n_omitted: int = 0,
    intervals: str = "",
    components: Sequence[str] = (),
) -> DataSummary:
    """Return the summary of observations: quantiles and moments, or a count of categories.

    Rows that are ``intervals``, in words, or truncated ones have neither. Of vectors, each of the
    ``components`` has a line.
    """
    column, table = np.asarray(values), None
    weight = None if weights is None else np.asarray(weights, dtype=float)
    if column.ndim == 2:
        header = ("component", *_QUANTILES, "mean", "standard deviation")
        rows = [
            (plain_text(word), *(item.value for item in _statistics(part, weight)))
            for word, part in zip(components, column.astype(float).T, strict=True)
        ]
        table = Table(header, tuple(rows), "")
    numeric = kind != "categorical" and column.ndim == 1
    if kind == "categorical":
        table = _categories(column, weight)
    return DataSummary(
        name=name,
        kind=kind,
        n_rows=len(column),
        n_omitted=n_omitted,
        total_weight=None if weight is None else float(weight.sum()),
        statistics=_statistics(column.astype(float), weight) if numeric and not intervals else (),
        categories=table,
        intervals=intervals,
    )


def _statistics(
    values: NDArray[np.float64], weights: NDArray[np.float64] | None
) -> tuple[Statistic, ...]:
    shares = list(_QUANTILES.values())
    if weights is None:
        quantiles = np.quantile(values, shares)
    else:
        quantiles = np.quantile(values, shares, weights=weights, method="inverted_cdf")
    mean, sd = _moments(values, weights)
    return (
        *(
            Statistic(label, float(quantile))
            for label, quantile in zip(_QUANTILES, quantiles, strict=True)
        ),
        Statistic("mean", mean),
        Statistic("standard deviation", sd),
    )


def _moments(
    values: NDArray[np.float64], weights: NDArray[np.float64] | None
) -> tuple[float, float]:
    """Return mean and standard deviation, in units of the largest value so as not to overflow."""
    unit = float(np.max(np.abs(values))) or 1.0
    scaled = values / unit
    weight = np.ones(values.shape) if weights is None else weights
    total = weight.sum()
    mean = (weight @ scaled) / total
    freedom = total - 1
    variance = weight @ (scaled - mean) ** 2 / freedom if freedom > 0 else np.nan
    return float(mean * unit), float(np.sqrt(variance) * unit)


def _categories(labels: NDArray[Any], weights: NDArray[np.float64] | None) -> Table:
    names, where = np.unique(labels.astype(str), return_inverse=True)
    sums = np.bincount(where, weights=weights, minlength=names.size).astype(float)
    order = np.argsort(-sums, kind="stable")[:_MOST_CATEGORIES]
    total = float(sums.sum())
    rows = tuple(
        (plain_text(names[i]), float(sums[i]), float(sums[i]) / total) for i in order.tolist()
    )
    note = f"The {len(rows)} largest of {names.size:,}." if len(rows) < names.size else ""
    return Table(("category", "rows", "share"), rows, note)
