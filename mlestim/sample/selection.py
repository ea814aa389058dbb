"""Which columns the user means: the observations, the weights beside them, the group keys.

Several columns of observations are read as one of vectors.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from itertools import takewhile
from numbers import Number
from typing import Any

import numpy as np

from mlestim.errors import DataError, OptionError
from mlestim.sample.columns import (
    Column,
    Table,
    label_list,
    open_table,
    package,
    read_column,
)
from mlestim.sample.readers import is_numeric, numbers
from mlestim.sample.rows import listing

SEPARATORS = " _.:-"


def only_column(table: Table, beside: Collection[int | None], labels: bool) -> Column:
    """The one column that can be meant, those at the places ``beside`` it having other roles."""
    if table.labels is None:
        return table.at(0)
    columns = [table.at(place) for place in range(len(table.labels)) if place not in beside]
    if len(columns) > 1 and not labels:
        columns = [column for column in columns if is_numeric(column)]
    if len(columns) == 1:
        return columns[0]
    if not table.labels:
        raise DataError("the table has no columns. Pass a table with a column of observations.")
    kind = "" if labels else "numeric "
    if columns:
        names = [column.label for column in columns]
        rename = "Rename the duplicate ones, then say" if len(set(names)) < len(names) else "Say"
        raise DataError(
            f"the table has {len(columns)} {kind}columns: {label_list(names)}. "
            f"{rename} which one with column=..."
        )
    raise DataError(
        f"the table has no {kind}column to fit among {label_list(table.labels)}. "
        f"Say which one with column=..., or convert it to numbers first."
    )


def one_column(table: Table, label: Any, beside: Collection[int | None], *, labels: bool) -> Column:
    """The column with the label; without one, the only one that can be meant."""
    if isinstance(label, list):
        raise DataError(
            f"column={label!r}: name one column; several are for multivariate families."
        )
    return only_column(table, beside, labels) if label is None else table.select(label, "column")


def side_column(data: Any, table: Table, option: str) -> Column:
    """A column of the table by its name, or an array or Series of the table's length."""
    if is_name(data, table):
        refuse_number(data, option, table.labels or ())
        return table.select(data, option)
    column = read_column(data, option)
    title = column.title if column.label is None else f"{column.title} ({option})"
    if len(column) != len(table):
        raise DataError(
            f"{title}: {len(column)} of them for {len(table)} rows of data. Pass one for each row."
        )
    index = column.rows.index
    if index is not None and table.index is not None and not index.equals(table.index):
        raise DataError(
            f"{title} has another index than the data, so that its rows may "
            f"belong to others. Align it with .reindex(data.index), or pass .to_numpy() if the "
            f"rows are in the data's order already."
        )
    return column


def refuse_number(data: Any, option: str, labels: Collection[Hashable] = ()) -> None:
    """Refuse one number for all rows, unless a column is called so."""
    if isinstance(data, (Number, np.bool_)) and data not in labels:
        raise DataError(
            f"{option}={data!r} is one number, and each row needs its own. Pass the name of a "
            f"column, or an array with one for each row, as in numpy.full(n, {data!r})."
        )


def key_columns(by: Any, table: Table) -> list[Column]:
    """Columns whose values together define the groups."""
    if package(by) is not None and hasattr(type(by), "columns"):
        raise DataError("by: pass column names, an array, a Series or a list of these, no table.")
    if is_name(by, table) or not isinstance(by, (list, tuple)):
        return [side_column(by, table, "by")]
    if not by:
        raise DataError("by: the list is empty. Name at least one column, or leave by out.")
    if all(is_name(key, table) for key in by) and _are_values(by, table):
        return [side_column(list(by), table, "by")]
    return [side_column(key, table, "by") for key in by]


def is_name(key: Any, table: Table) -> bool:
    """Whether ``key`` names a column: a scalar, or a tuple that labels one."""
    if isinstance(key, tuple):
        return table.labels is not None and key in table.labels
    return isinstance(key, str) or (isinstance(key, Hashable) and not hasattr(key, "__len__"))


def _are_values(by: Collection[Any], table: Table) -> bool:
    """Whether a list of scalars holds one key a row, instead of names of columns."""
    if table.labels is None:
        return True
    return len(by) == len(table) and any(key not in table.labels for key in by)


def key_names(columns: Collection[Column]) -> list[Hashable]:
    """Names of the keys; those without one are called group, or group_1, group_2, ..."""
    return [
        column.label
        if column.label is not None
        else ("group" if len(columns) == 1 else f"group_{place}")
        for place, column in enumerate(columns, start=1)
    ]


@dataclass(frozen=True, eq=False)
class VectorColumn(Column):
    """Columns side by side; ``content`` is an array (n, d)."""

    columns: tuple[Column, ...] = ()

    @property
    def name(self) -> str:
        return ", ".join(self.components)

    @property
    def components(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def title(self) -> str:
        return title_of(self.components)

    @property
    def dtype_name(self) -> str:
        return ", ".join(dict.fromkeys(column.dtype_name for column in self.columns))

    def parts(self, values: np.ndarray) -> list[tuple[str, np.ndarray]]:
        return [(column.title, values[:, j]) for j, column in enumerate(self.columns)]


@dataclass(frozen=True, eq=False)
class EndsColumn(Column):
    """Columns of lower and upper ends in the place of one of values."""

    ends: tuple[str, ...] = ()

    @classmethod
    def of(cls, lower: Column, upper: Column) -> EndsColumn:
        """Take what the names of the columns have in common, word by word, as the name of both."""
        named = [column.label for column in (lower, upper) if column.label is not None]
        texts = [str(label) for label in named]
        return cls(
            lower.content,
            _common_words(*texts) if len(texts) == 2 else None,
            rows=lower.rows,
            ends=tuple(texts),
        )

    @property
    def title(self) -> str:
        return title_of(dict.fromkeys(self.ends)) if self.ends else "lower and upper"


def _common_words(one: str, other: str) -> str | None:
    """Words that two names begin with, or else end with: ``time`` of time_low and time_high."""
    words, others = (re.split(f"([{SEPARATORS}]+)", name) for name in (one, other))

    def shared(pairs: Iterable[tuple[str, str]]) -> list[str]:
        return [word for word, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)]

    begin = shared(zip(words, others, strict=False))
    end = shared(zip(reversed(words), reversed(others), strict=False))[::-1]
    return "".join(begin).strip(SEPARATORS) or "".join(end).strip(SEPARATORS) or None


def title_of(components: Collection[str]) -> str:
    """Name of the columns for messages."""
    names = [repr(name) for name in components]
    return f"column{'' if len(names) == 1 else 's'} {listing(names)}"


def open_vectors(data: Any, *, exact: bool = True) -> Table:
    """Open a table, or an array of shape (n, d) as one, its columns called x_1, x_2, …

    Raises
    ------
    DataError
        If the rows differ in length.
    OptionError
        If rows are said not to be exact.
    """
    if not exact:
        raise OptionError("vectors are exact rows: none can be an interval or truncated.")
    if package(data) is not None:
        return open_table(data)
    import pandas as pd

    try:
        array = np.asarray(data)
    except ValueError as error:
        raise DataError("data: the rows differ in length. Pass vectors of one length.") from error
    if array.ndim != 2:
        raise DataError(
            f"data: an array of shape {array.shape} holds no vectors. Pass one of shape (n, d), or "
            f"a table and column=[...]."
        )
    return open_table(pd.DataFrame(array, columns=[f"x_{j + 1}" for j in range(array.shape[1])]))


def vector_column(table: Table, labels: Any, beside: Collection[int | None]) -> Column:
    """The columns with these labels; where none are given, all of numbers with no other role."""
    if labels is None:
        columns = [table.at(place) for place in range(len(table.labels or "x"))]
        columns = [c for c in columns if c.place not in beside and is_numeric(c)]
        if not columns:
            raise DataError(
                f"the table has no numeric column to fit among {label_list(table.labels or ())}. "
                f"Say which with column=[...]."
            )
    else:
        wanted = [labels] if is_name(labels, table) else list(labels)
        twice = [label for label in wanted if wanted.count(label) > 1]
        if twice or not wanted:
            problem = f"{twice[0]!r} is named twice" if twice else "the list is empty"
            raise DataError(f"column: {problem}. Name each component of the vectors once.")
        columns = [table.select(label, "column") for label in wanted]
    content = np.stack([numbers(column) for column in columns], axis=1)
    return VectorColumn(content, rows=columns[0].rows, columns=tuple(columns))
