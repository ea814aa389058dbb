"""A table of numbers and categories as a matrix of floats, the same at prediction as in training."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import DataError, UnseenValueWarning
from mlestim.sample.columns import Column, Table, label_list, open_table, package
from mlestim.sample.rows import RowLabels
from nn.tables.columns import (
    CategoryColumn,
    FeatureColumn,
    NumberColumn,
    from_state,
    learned,
    standardised,
    warn_of_empty,
)
from nn.tables.summary import ColumnSummary, summarise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.arrays import FloatArray


@dataclass(frozen=True)
class TableEncoder:
    """Turns the features of a table into a matrix, by what training saw of them.

    Numbers become multiples of their standard deviation around their mean, categories columns of
    0 and 1; a missing value is put at the mean, or in no category, and marked in a column of its
    own. At prediction, a category that training did not show counts as one of the rare ones, and
    where training pooled none, or saw no value missing, the row is warned about.

    Parameters
    ----------
    features : sequence of NumberColumn or CategoryColumn
        The features, in the table's order.
    named : bool
        Whether the names are those of a table; the columns of an array are numbered.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"age": [20.0, None, 40.0], "port": ["Cork", "Riga", "Cork"]})
    >>> encoder = TableEncoder.fit(table)
    >>> encoder.names_out
    ['age', 'age missing', 'port=Cork', 'port=Riga']
    >>> encoder.transform(table)
    array([[-1.,  0.,  1.,  0.],
           [ 0.,  1.,  0.,  1.],
           [ 1.,  0.,  1.,  0.]])
    """

    features: Sequence[FeatureColumn]
    named: bool = True

    @classmethod
    def fit(
        cls,
        table: Any,
        weights: FloatArray | None = None,
        *,
        limited: bool = False,
        embed_from: int | None = None,
    ) -> TableEncoder:
        """Learn means, standard deviations and categories.

        Parameters
        ----------
        table : data frame of pandas, polars or pyarrow, or array of numbers, shape (n, d)
            The features.
        weights : array, shape (n,), optional
            How much each row counts; a row of weight 0 is not there.
        limited : bool
            Whether distances beyond 3 standard deviations count by their logarithm.
        embed_from : int, optional
            So many categories, or more, are one column of codes for `nn.Embedding`.

        Raises
        ------
        DataError
            If a column holds infinite values, or neither numbers nor categories.
        """
        summaries = summarise_table(table, weights)
        return cls.of_summaries(
            summaries, named=is_frame(table), limited=limited, embed_from=embed_from
        )

    @classmethod
    def of_summaries(
        cls,
        summaries: dict[str, ColumnSummary],
        *,
        named: bool,
        limited: bool = False,
        embed_from: int | None = None,
    ) -> TableEncoder:
        """Learn the same from summaries, which may be merged over the parts of a table."""
        features = tuple(
            learned(name, found, limited=limited, embed_from=embed_from)
            for name, found in summaries.items()
        )
        warn_of_empty(features)
        return cls(features, named)

    def renewed(
        self, table: Any, weights: FloatArray, rows: RowLabels | None = None
    ) -> TableEncoder:
        """Let means and standard deviations be those of some more rows as well.

        Categories stay as they are, and so do the matrix's columns.

        Parameters
        ----------
        table : data frame of pandas, polars or pyarrow, or array of numbers
            More rows of the same features.
        weights : array, shape (n,)
            How much each row counts.
        rows : RowLabels, optional
            What the rows are called, for messages about one block of many.

        Examples
        --------
        >>> encoder = TableEncoder.fit(np.array([[1.0], [3.0]]))
        >>> encoder.renewed(np.array([[5.0], [7.0]]), np.ones(2)).features[0].mean
        4.0
        """
        if is_frame(table):
            self._check_names(open_features(table))
        columns = feature_columns(table, rows).values()
        return replace(
            self,
            features=tuple(
                feature.renewed(column, weights)
                for feature, column in zip(self.features, columns, strict=True)
            ),
        )

    def transform(
        self, table: Any, dtype: Any = np.float64, rows: RowLabels | None = None
    ) -> FloatArray:
        """Give the matrix, shape (n, n_columns).

        Parameters
        ----------
        table : data frame of pandas, polars or pyarrow, or array of numbers
            The same features in the same order.
        dtype : dtype
            Of the matrix.
        rows : RowLabels, optional
            What the rows are called, for messages about one block of many.

        Raises
        ------
        DataError
            If names, their order or their number differ from training's, or values cannot be read.

        Warns
        -----
        UnseenValueWarning
            If rows hold a category, or lack a value, and training did not show that.
        """
        if isinstance(table, np.ndarray):
            return self._transform_array(table, dtype, rows)
        opened = open_features(table)
        self._check_names(opened)
        matrix: FloatArray = np.empty((len(opened), self.width), dtype)
        self._fill(matrix, map(opened.at, range(len(self.features))), rows)
        return matrix

    def _transform_array(
        self, table: NDArray[Any], dtype: Any, rows: RowLabels | None
    ) -> FloatArray:
        if table.ndim != 2 or table.shape[1] != len(self.features):
            raise DataError(
                f"X has shape {table.shape}; training had {len(self.features)} features"
            )
        columns = map(Column, table.T, self.names_in)
        if not self._all_plain or table.dtype.kind == "O":
            matrix: FloatArray = np.empty((len(table), self.width), dtype)
            self._fill(matrix, columns, rows)
            return matrix
        mean, sd, limited = self._moments
        matrix = standardised(table, mean, sd, limited).astype(dtype, order="C", copy=False)
        if not np.isfinite(matrix.sum()):  # training saw no gaps, and here there are some
            self._fill(matrix, columns, rows)
        return matrix

    def _fill(self, matrix: FloatArray, columns: Iterable[Column], rows: RowLabels | None) -> None:
        """Encode column after column, and warn of what training did not show."""
        for feature, places, column in zip(self.features, self.slices, columns, strict=True):
            called = _called(column, rows)
            _warn_of(feature, feature.encode(called, matrix[:, places]), called.rows)

    @property
    def names_in(self) -> list[str]:
        """Names of the features."""
        return [feature.name for feature in self.features]

    @property
    def names_out(self) -> list[str]:
        """Names of the matrix's columns."""
        return [name for feature in self.features for name in feature.names_out()]

    @property
    def units(self) -> tuple[FloatArray, FloatArray]:
        """Centre and scale of each of the matrix's columns."""
        units = [unit for feature in self.features for unit in feature.units()]
        centre, scale = np.array(units).reshape(-1, 2).T
        return centre, scale

    @cached_property
    def width(self) -> int:
        """Number of the matrix's columns."""
        return sum(feature.width for feature in self.features)

    @property
    def codes(self) -> dict[int, CategoryColumn]:
        """The features that are codes for `nn.Embedding`, by their column of the matrix."""
        return {
            columns.start: feature
            for feature, columns in zip(self.features, self.slices, strict=True)
            if isinstance(feature, CategoryColumn) and feature.embedded
        }

    @cached_property
    def slices(self) -> list[slice]:
        """The matrix's columns of each feature."""
        ends = np.cumsum([feature.width for feature in self.features]).tolist()
        return [
            slice(end - feature.width, end)
            for feature, end in zip(self.features, ends, strict=True)
        ]

    @cached_property
    def _all_plain(self) -> bool:
        plain = [f for f in self.features if isinstance(f, NumberColumn) and not f.missing]
        return len(plain) == len(self.features) and len({f.limited for f in plain}) == 1

    @cached_property
    def _moments(self) -> tuple[FloatArray, FloatArray, bool]:
        plain = [f for f in self.features if isinstance(f, NumberColumn)]
        limited = any(f.limited for f in plain)
        return np.array([f.mean for f in plain]), np.array([f.sd for f in plain]), limited

    def _check_names(self, table: Table) -> None:
        names, expected = [str(label) for label in table.labels or ()], self.names_in
        if not self.named and len(names) == len(expected):
            return
        missing = [name for name in expected if name not in names]
        extra = [name for name in names if name not in expected]
        if missing or extra:
            told = [f"{label_list(missing)} missing"] * bool(missing)
            told += [f"{label_list(extra)} unknown"] * bool(extra)
            raise DataError(
                f"the features differ from training's: {'; '.join(told)}. "
                f"Training had {label_list(expected)}."
            )
        if names != expected:
            raise DataError(
                f"the features are in another order than in training: {label_list(expected)}. "
                "Select them in that order."
            )

    def state(self) -> dict[str, Any]:
        """All that was learned as plain JSON values."""
        return {"named": self.named, "features": [feature.state() for feature in self.features]}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> TableEncoder:
        """Read what `state` gave.

        Raises
        ------
        ValueError
            If a claim in it does not hold.
        """
        match state:
            case {"named": bool(named), "features": list(features)}:
                encoder = cls(tuple(from_state(feature) for feature in features), named)
                refuse_repeated(encoder.names_in)
                return encoder
        raise ValueError(f"{str(state)[:80]} describes no table")


def is_frame(table: Any) -> bool:
    """Whether `table` is a data frame, whose columns have names and types."""
    return package(table) is not None and hasattr(type(table), "columns")


def open_features(table: Any) -> Table:
    """Open a data frame.

    Raises
    ------
    DataError
        If it is none, or two columns have the same name.
    """
    if not is_frame(table):
        raise DataError(
            f"{type(table).__name__} is no table: pass a data frame, or an array of numbers of "
            "shape (rows, features)"
        )
    opened = open_table(table)
    refuse_repeated([str(label) for label in opened.labels or ()])
    return opened


def refuse_repeated(names: Sequence[str]) -> None:
    """See that all columns have names of their own.

    Raises
    ------
    DataError
        If two have the same.
    """
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        raise DataError(f"the table has duplicate column names: {label_list(twice)}. Rename them.")


def summarise_table(
    table: Any, weights: FloatArray | None = None, rows: RowLabels | None = None
) -> dict[str, ColumnSummary]:
    """Summarise each feature, in the table's order."""
    columns = feature_columns(table, rows)
    n = len(next(iter(columns.values())))
    weights = np.ones(n) if weights is None else weights
    return {name: summarise(column, weights) for name, column in columns.items()}


def feature_columns(table: Any, rows: RowLabels | None = None) -> dict[str, Column]:
    """Give the features by name; the columns of an array are called x0, x1, ...

    What the rows are called is for messages about one block of many.

    Raises
    ------
    DataError
        If there is none.
    """
    if isinstance(table, np.ndarray):
        columns = {
            f"x{place}": Column(np.ascontiguousarray(values), f"x{place}")
            for place, values in enumerate(table.T)
        }
    else:
        opened = open_features(table)
        columns = {str(label): opened.at(k) for k, label in enumerate(opened.labels or ())}
    if not columns:
        raise DataError("the table has no feature. Pass a table with at least one column.")
    return {name: _called(column, rows) for name, column in columns.items()}


def _called(column: Column, rows: RowLabels | None) -> Column:
    """Let a column's rows be called so in messages."""
    return column if rows is None else replace(column, rows=rows)


def merged(
    first: dict[str, ColumnSummary], second: dict[str, ColumnSummary]
) -> dict[str, ColumnSummary]:
    """Merge the summaries of two parts of a table.

    Raises
    ------
    DataError
        If a column holds numbers in one part and text in the other.
    """
    both: dict[str, ColumnSummary] = {}
    for name, summary in first.items():
        if type(second[name]) is not type(summary):
            raise DataError(
                f"column {name!r} holds numbers in one part of the data and text in another"
            )
        both[name] = summary.merge(second[name])  # type: ignore[arg-type]
    return both


def _warn_of(feature: FeatureColumn, strange: NDArray[np.bool_], rows: RowLabels) -> None:
    if strange.any():
        missing = "no value" if isinstance(feature, NumberColumn) else "no known category"
        what = "a value" if feature.is_empty else missing
        warnings.warn(
            f"column {feature.name!r} holds {what} in {rows.describe(strange)}; training showed no "
            "such row, so that they count as average there",
            UnseenValueWarning,
            stacklevel=4,
        )
