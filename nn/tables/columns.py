"""One feature of a table, as training saw it: how its values become columns of a matrix."""

from __future__ import annotations

import math
import warnings
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import DataError, UnseenValueWarning
from mlestim.sample.columns import Column, label_list
from mlestim.sample.readers import label_codes
from nn.tables.summary import LabelSummary, NumberSummary, finite_numbers, is_category

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.arrays import FloatArray

# A level is pooled with others if fewer rows than these have it; in small tables no level is.
RARE_ROWS, RARE_SHARE = 10, 0.01
# Levels that have a place of their own: columns cost more than codes.
MOST_COLUMNS, MOST_CODES = 255, 10_000
# Standard deviations from the mean beyond which distances count by their logarithm, if limited.
LIMIT = 3.0
# Beside this, which single precision holds, any number is 0: of a column without values in training.
EMPTY_SD = 1e38
# A smaller standard deviation has a square that is no number in full precision.
LEAST_SD = 1e-150


def standardised(values: FloatArray, mean: Any, sd: Any, limited: bool) -> FloatArray:
    r"""Give multiples of the standard deviation around the mean.

    .. math:: z = (x - m)/s, \qquad
              |z| > 3 \text{ becomes } 3 + \log(|z| - 2) \text{ if limited}

    Outliers then keep their order and side, and no row is far away from all others.
    """
    dtype = np.float32 if values.dtype == np.float32 else np.float64
    z: FloatArray = np.subtract(values, np.asarray(mean, dtype), dtype=dtype)
    z /= np.asarray(sd, dtype)
    if limited:
        far = np.flatnonzero(np.abs(z) > LIMIT)
        outliers = z.flat[far]
        z.flat[far] = np.copysign(LIMIT + np.log(np.abs(outliers) - (LIMIT - 1.0)), outliers)
    return z


def _reads_as_number(level: Hashable) -> bool:
    try:
        float(str(level))
    except ValueError:
        return False
    return True


def known_numbers(column: Column) -> FloatArray:
    """Read a column that held numbers in training.

    Raises
    ------
    DataError
        If it holds anything else, or infinite values.
    """
    try:
        return finite_numbers(column)
    except DataError as error:
        if not is_category(column):
            raise
        codes, levels = label_codes(column)
        text = [place for place, level in enumerate(levels) if not _reads_as_number(level)]
        # Text may be written numbers alone.
        strange = np.isin(codes, text) if text else codes >= 0
        example = levels[codes[strange][0]]
        raise DataError(
            f"{column.title} holds text, such as {example!r}, in {column.rows.describe(strange)}; training had numbers there. Make these "
            "values numbers, or missing."
        ) from error


@dataclass(frozen=True)
class NumberColumn:
    """Numbers, which become multiples of their standard deviation around their mean.

    A missing value is put at the mean, and a column of its own says so if training saw any. Where
    training saw no value, all rows are 0. The summary is that of the rows seen so far, to which those
    of `renewed` come.
    """

    name: str
    mean: float
    sd: float
    missing: bool
    limited: bool = False
    summary: NumberSummary = field(default_factory=NumberSummary, compare=False, repr=False)

    @classmethod
    def learned(cls, name: str, summary: NumberSummary, *, limited: bool) -> NumberColumn:
        """Take mean and standard deviation from a summary."""
        if summary.weight == 0.0:
            return cls(name, 0.0, EMPTY_SD, False, limited, summary)
        sd = math.sqrt(summary.deviations / summary.weight)
        if not (math.isfinite(summary.mean) and math.isfinite(sd)):
            raise DataError(f"column {name!r} holds values too large to average. Rescale it.")
        if summary.varies and sd < LEAST_SD:
            raise DataError(
                f"column {name!r} holds values so close together that their squares vanish. "
                "Rescale it."
            )
        # A constant that was computed may differ from its mean by its last digit.
        constant = sd <= 2.0 * np.spacing(abs(summary.mean))
        unit = 1.0 if constant else sd
        return cls(name, summary.mean, unit, summary.any_missing, limited, summary)

    def renewed(self, column: Column, weights: FloatArray) -> NumberColumn:
        """Let mean and standard deviation be those of some more rows as well."""
        seen = self.summary.merge(NumberSummary.of(known_numbers(column), weights))
        renewed = NumberColumn.learned(self.name, seen, limited=self.limited)
        # The matrix keeps its columns.
        return replace(renewed, missing=self.missing)

    @property
    def is_empty(self) -> bool:
        """Whether training saw no value."""
        return self.sd == EMPTY_SD

    @property
    def width(self) -> int:
        """Number of columns of the matrix."""
        return 1 + self.missing

    def names_out(self) -> list[str]:
        """Names of these columns."""
        return [self.name, f"{self.name} missing"][: self.width]

    def units(self) -> list[tuple[float, float]]:
        """Centre and scale of these columns."""
        return [(self.mean, self.sd), (0.0, 1.0)][: self.width]

    def encode(self, column: Column, out: FloatArray) -> NDArray[np.bool_]:
        """Fill the columns `out`; say which rows hold what training did not show."""
        if self.is_empty:  # whatever it would have held
            out[:, 0] = 0.0
            return label_codes(column)[0] >= 0
        values = known_numbers(column)
        absent = np.isnan(values)
        z = standardised(values, self.mean, self.sd, self.limited)
        out[:, 0] = np.where(absent, 0.0, z)
        if self.missing:
            out[:, 1] = absent
            return np.zeros_like(absent)
        return absent

    def state(self) -> dict[str, Any]:
        """All of it as plain JSON values."""
        return {
            "name": self.name,
            "kind": "number",
            "mean": self.mean,
            "sd": self.sd,
            "missing": self.missing,
            "limited": self.limited,
            "weight": self.summary.weight,
            "deviations": self.summary.deviations,
        }


@dataclass(frozen=True)
class CategoryColumn:
    """Categories, each of which has a column that is 1 in its rows and 0 elsewhere.

    Rare categories share the column ``other``, and those that training did not show join them.
    Where there is no such column, and where a value is missing and training saw none that was, the
    row is 0 in all of them. If it is ``embedded``, one column holds the place of the 1 instead, a
    code for `nn.Embedding`; rows without a place have the last code.
    """

    name: str
    levels: tuple[Hashable, ...]
    other: bool
    missing: bool
    embedded: bool = False

    @classmethod
    def learned(
        cls, name: str, summary: LabelSummary, *, embed_from: int | None = None
    ) -> CategoryColumn:
        """Choose the levels that have a place of their own; so many or more are embedded."""
        rare = min(RARE_ROWS, RARE_SHARE * summary.counts.total())
        frequent = [level for level, rows in summary.counts.items() if rows >= rare]
        frequent.sort(key=lambda level: (-summary.counts[level], type(level).__name__, level))
        embedded = embed_from is not None and len(frequent) >= embed_from
        most = MOST_CODES if embedded else MOST_COLUMNS
        levels = sorted(frequent[:most], key=lambda level: (type(level).__name__, level))
        other = len(levels) < len(summary.counts)
        return cls(name, tuple(levels), other, summary.any_missing, embedded)

    @property
    def is_empty(self) -> bool:
        """Whether training saw no value."""
        return not self.levels and not self.other

    @property
    def n_places(self) -> int:
        """Number of different values that training showed, rare ones being one."""
        return len(self.levels) + self.other + self.missing

    @property
    def width(self) -> int:
        """Number of columns of the matrix."""
        return 1 if self.embedded else self.n_places

    def names_out(self) -> list[str]:
        """Names of these columns."""
        if self.embedded:
            return [self.name]
        names = [f"{self.name}={level}" for level in self.levels]
        return names + [f"{self.name} other"] * self.other + [f"{self.name} missing"] * self.missing

    def units(self) -> list[tuple[float, float]]:
        """Centre and scale of these columns."""
        return [(0.0, 1.0)] * self.width

    def encode(self, column: Column, out: FloatArray) -> NDArray[np.bool_]:
        """Fill the columns `out`; say which rows hold what training did not show."""
        codes, levels = label_codes(column)
        places = [self._place_of(level) for level in levels]
        # The last place stands for the code −1 of missing values.
        place_of_row = np.array([*places, self.place_of_missing])[codes]
        if self.embedded:
            out[:, 0] = place_of_row
        else:
            rows = np.flatnonzero(place_of_row < self.n_places)
            out[...] = 0.0
            out[rows, place_of_row[rows]] = 1.0
        return place_of_row == self.n_places

    def _place_of(self, level: Hashable) -> int:
        """Give a value's place; where training had text, a number may be known by its digits.

        So it is with codes in files: a file of those without letters is read as numbers.
        """
        if level not in self._places and isinstance(level, int | float):
            whole = not isinstance(level, bool) and float(level).is_integer()
            level = str(int(level)) if whole else str(level)
        return self._places.get(level, self.place_of_unseen)

    @property
    def place_of_unseen(self) -> int:
        """Place of categories that training did not show; beyond the last if there is none."""
        return len(self.levels) if self.other else self.n_places

    @property
    def place_of_missing(self) -> int:
        """Place of missing values; beyond the last if there is none."""
        return self.n_places - 1 if self.missing else self.n_places

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {level: place for place, level in enumerate(self.levels)}

    def renewed(self, column: Column, weights: FloatArray) -> CategoryColumn:
        """Keep the categories, and say so where some more rows hold others."""
        known = self.other or all(level in self._places for level in label_codes(column)[1])
        if not known:
            warnings.warn(
                f"column {self.name!r} holds categories that the first call of partial_fit did not: "
                "they have no place of their own, and count as average there",
                UnseenValueWarning,
                stacklevel=6,
            )
        return self

    def state(self) -> dict[str, Any]:
        """All of it as plain JSON values."""
        return {
            "name": self.name,
            "kind": "category",
            "levels": list(self.levels),
            "other": self.other,
            "missing": self.missing,
            "embedded": self.embedded,
        }


FeatureColumn = NumberColumn | CategoryColumn


def warn_of_empty(features: Iterable[FeatureColumn]) -> None:
    """Say which columns nothing is learned from, because training sees no value there."""
    names = [feature.name for feature in features if feature.is_empty]
    if names:
        warnings.warn(
            f"no row holds a value of {label_list(names)}: nothing is learned there",
            UnseenValueWarning,
            stacklevel=6,
        )


def learned(
    name: str,
    summary: NumberSummary | LabelSummary,
    *,
    limited: bool,
    embed_from: int | None = None,
) -> FeatureColumn:
    """Give the feature that a summary describes."""
    if isinstance(summary, NumberSummary):
        return NumberColumn.learned(name, summary, limited=limited)
    return CategoryColumn.learned(name, summary, embed_from=embed_from)


def from_state(state: dict[str, Any]) -> FeatureColumn:
    """Read what ``state`` gave, every claim checked.

    Raises
    ------
    ValueError
        If a claim does not hold.
    """
    match state:
        case {
            "name": str(name),
            "kind": "number",
            "mean": int() | float() as mean,
            "sd": int() | float() as sd,
            "missing": bool(missing),
            "limited": bool(limited),
            "weight": int() | float() as weight,
            "deviations": int() | float() as deviations,
        } if math.isfinite(mean) and 0 < sd < math.inf and 0 <= weight < math.inf > deviations >= 0:
            numbers = float(weight), float(mean), float(deviations)
            summary = NumberSummary(*numbers, missing, varies=deviations > 0)
            return NumberColumn(name, float(mean), float(sd), missing, limited, summary)
        case {
            "name": str(name),
            "kind": "category",
            "levels": list(levels),
            "other": bool(other),
            "missing": bool(missing),
            "embedded": bool(embedded),
        } if _are_levels(levels):
            return CategoryColumn(name, tuple(levels), other, missing, embedded)
    raise ValueError(f"{str(state)[:80]} describes no feature")


def _are_levels(levels: list[Any]) -> bool:
    """Whether these are the names of categories, each there once."""
    labels = all(isinstance(level, str | int | float) for level in levels)
    return labels and len(set(levels)) == len(levels)
