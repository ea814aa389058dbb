"""Which columns the user means: the observations, the weights beside them, the group keys."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any

from mlestim.errors import DataError
from mlestim.sample.columns import Column, Table, label_list, package, read_column
from mlestim.sample.readers import is_numeric


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


def side_column(data: Any, table: Table, option: str) -> Column:
    """A column of the table by its name, or an array or Series of the table's length."""
    if is_name(data, table):
        return table.select(data, option)
    column = read_column(data, option)
    if len(column) != len(table):
        title = column.title if column.label is None else f"{column.title} ({option})"
        raise DataError(
            f"{title}: {len(column)} of them for {len(table)} rows of data. Pass one for each row."
        )
    index = column.rows.index
    if index is not None and table.index is not None and not index.equals(table.index):
        raise DataError(
            f"{column.title} ({option}) has another index than the data, so that its rows may "
            f"belong to others. Align it with .reindex(data.index), or pass .to_numpy() if the "
            f"rows are in the data's order already."
        )
    return column


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
