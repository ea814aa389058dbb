"""What training has to know of a table, column by column, in a form that merges over its parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import DataError
from mlestim.sample.columns import Column, package
from mlestim.sample.readers import label_codes, numbers

if TYPE_CHECKING:
    from nn.arrays import FloatArray


@dataclass
class NumberSummary:
    """Weight, mean and squared deviations of a column of numbers.

    Two summaries merge by Chan's rule, which loses no digits to a large mean. Squares may vanish
    where values differ, and so it is noted whether they do.
    """

    weight: float = 0.0
    mean: float = 0.0
    deviations: float = 0.0
    any_missing: bool = False
    varies: bool = False

    @classmethod
    def of(cls, values: FloatArray, weights: FloatArray) -> NumberSummary:
        """Summarise the values (NaN: missing) of rows with positive weight."""
        counted = weights > 0
        present = counted & ~np.isnan(values)
        x, w = (values, weights) if present.all() else (values[present], weights[present])
        total = float(w.sum())
        if total == 0.0:
            return cls(any_missing=bool(counted.any()))
        low, high = float(x.min()), float(x.max())
        # The mean of equal values is their value, to the last digit.
        # Sums, and no products of BLAS: those are another number with another number of threads.
        mean = min(max(float((w * (x / total)).sum()), low), high)
        deviations = float((w * (x - mean) ** 2).sum())
        missing = bool((counted != present).any())
        return cls(total, mean, deviations, missing, low < high)

    def merge(self, other: NumberSummary) -> NumberSummary:
        """Summarise the rows of both."""
        weight = self.weight + other.weight
        share = other.weight / weight if weight else 0.0
        step = other.mean - self.mean
        return NumberSummary(
            weight,
            self.mean + share * step,
            self.deviations + other.deviations + self.weight * share * step**2,
            self.any_missing or other.any_missing,
            self.varies or other.varies or (0.0 < share < 1.0 and step != 0.0),
        )


@dataclass
class LabelSummary:
    """How many rows have each label of a column of categories."""

    counts: Counter[Hashable] = field(default_factory=Counter)
    any_missing: bool = False

    @classmethod
    def of(cls, column: Column, weights: FloatArray) -> LabelSummary:
        """Count the labels of rows with positive weight."""
        codes, levels = label_codes(column)
        strangers = [level for level in levels if not isinstance(level, str | int | float)]
        if strangers:
            raise DataError(
                f"{column.title} holds categories of type {type(strangers[0]).__name__}, such as "
                f"{strangers[0]!r}; a category is text or a number. Turn them into text first."
            )
        counted = codes[weights > 0]
        rows = np.bincount(counted[counted >= 0], minlength=len(levels)).tolist()
        counts = Counter({level: n for level, n in zip(levels, rows, strict=True) if n})
        return cls(counts, bool((counted < 0).any()))

    def merge(self, other: LabelSummary) -> LabelSummary:
        """Count the rows of both."""
        return LabelSummary(self.counts + other.counts, self.any_missing or other.any_missing)


ColumnSummary = NumberSummary | LabelSummary


def summarise(column: Column, weights: FloatArray) -> ColumnSummary:
    """Summarise a column as categories if it holds text or declares them, else as numbers.

    Raises
    ------
    DataError
        If it holds neither, or infinite numbers.
    """
    if is_category(column):
        return LabelSummary.of(column, weights)
    return NumberSummary.of(finite_numbers(column), weights)


def finite_numbers(column: Column) -> FloatArray:
    """Read a column as float64, NaN where it is missing.

    Raises
    ------
    DataError
        If it holds infinite values, or no numbers.
    """
    values = numbers(column)
    infinite = np.isinf(values)
    if infinite.any():
        raise DataError(
            f"{column.title} holds infinity (inf): {column.rows.describe(infinite)}. "
            "Make these values missing, or correct them."
        )
    return values


def is_category(column: Column) -> bool:
    """Whether a column holds text or declared categories."""
    content: Any = column.content
    if package(content) == "narwhals":
        return type(content.dtype).__name__ in {"String", "Categorical", "Enum"}
    from pandas.api.types import infer_dtype

    if hasattr(content, "cat"):
        return True
    return infer_dtype(content, skipna=True) in {"string", "mixed", "mixed-integer"}
