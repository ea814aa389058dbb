"""Open whatever the user passed as a table of columns, without converting any of it yet."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from mlestim.errors import DataError, did_you_mean
from mlestim.sample.rows import RowLabels

# beyond this, several integers share one float64
EXACT_INTEGERS = 2.0**53

DATAFRAME_PACKAGES = ("pandas", "polars", "pyarrow", "narwhals")


def package(data: object) -> str | None:
    """Dataframe package that the object comes from, found without importing any of them."""
    return _package_among(type(data).__mro__)


@cache
def _package_among(bases: tuple[type, ...]) -> str | None:
    roots = (base.__module__.partition(".")[0] for base in bases)
    return next((root for root in roots if root in DATAFRAME_PACKAGES), None)


@dataclass(frozen=True, eq=False)
class Column:
    """One column as the user gave it.

    ``content`` is a numpy array (masked or not), a pandas Series or a narwhals Series; ``label``
    is what the user calls it (None when it has no name); ``role``, the option that names it, stands in
    for the label, and is ``"x"`` for the observations.
    """

    content: Any
    label: Hashable | None = None
    role: str = "x"
    rows: RowLabels = field(default_factory=RowLabels)
    place: int | None = None  # position in the user's table, None for data beside it

    def __len__(self) -> int:
        return len(self.content)

    @property
    def name(self) -> str:
        """Name for tables."""
        return self.role if self.label is None else str(self.label)

    @property
    def title(self) -> str:
        """Name for messages."""
        if self.label is None and self.role != "x":
            return self.role
        return f"column {self.role if self.label is None else self.label!r}"

    def parts(self, values: np.ndarray) -> list[tuple[str, np.ndarray]]:
        """Values that may be missing, each with its name for messages."""
        return [(self.title, values)]

    @property
    def dtype_name(self) -> str:
        """Type of the column, as its own library prints it."""
        if package(self.content) == "narwhals":
            native = self.content.to_native()
            return str(native.type if package(native) == "pyarrow" else native.dtype)
        dtype = self.content.dtype
        return _printed(dtype) if isinstance(dtype, np.dtype) else str(dtype)


@cache  # NumPy takes its time to print a type
def _printed(dtype: np.dtype[Any]) -> str:
    return str(dtype)


@dataclass(frozen=True, eq=False)
class Table:
    """The user's data: labelled columns, or one column alone (``labels`` is None)."""

    source: Any
    labels: tuple[Hashable, ...] | None
    n_rows: int
    index: Any = None
    kind: str = "array"

    def __len__(self) -> int:
        return self.n_rows

    def at(self, position: int) -> Column:
        """Column at a position, so that equal labels do no harm."""
        if self.labels is None:
            column: Column = self.source
            return column
        if package(self.source) == "pandas":
            values = self.source.iloc[:, position]
        else:
            values = self.source[:, position]
        return Column(
            _unwrapped(values), self.labels[position], rows=RowLabels(self.index), place=position
        )

    def select(self, label: Hashable, option: str) -> Column:
        """Column, or level of a pandas index, with the label that the user gave in ``option``."""
        if self.labels is None:
            if self.source.label == label:
                return self.at(0)
            raise DataError(
                f"{option}={label!r} is taken as the name of a column, but the data are no table "
                f"(type {self.kind}). Pass a table that has the column, or an array in its place."
            )
        places = [place for place, known in enumerate(self.labels) if known == label]
        if len(places) == 1:
            return replace(self.at(places[0]), role="x" if option == "column" else option)
        if places:
            raise DataError(
                f"column {label!r} ({option}) is ambiguous: the table has {len(places)} columns "
                f"with this duplicate name. Rename them, or pass the column itself as data."
            )
        if label is not None and label in getattr(self.index, "names", ()):
            level = self.index.get_level_values(label).to_series(index=self.index)
            return Column(level, label, rows=RowLabels(self.index))
        raise DataError(
            f"there is no column {label!r} ({option}).{did_you_mean(label, self.labels)} "
            f"The columns are {label_list(self.labels)}."
        )


def label_list(labels: Iterable[Hashable], limit: int = 12) -> str:
    """Column labels for a message, the first ones of many."""
    words = [repr(label) for label in labels]
    more = f" and {len(words) - limit} more" if len(words) > limit else ""
    return ", ".join(words[:limit]) + more


def open_table(data: Any) -> Table:
    """Open the user's data: a table, or an array, list or Series as its single column."""
    if package(data) is not None and hasattr(type(data), "columns"):
        return _open_frame(data)
    column = read_column(data)
    return Table(column, None, len(column), column.rows.index, type(data).__name__)


def _open_frame(data: Any) -> Table:
    if package(data) == "pandas":
        return Table(data, tuple(data.columns), len(data), data.index, "DataFrame")
    import narwhals.stable.v2 as nw

    frame = nw.from_native(_arrow_table(data))
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    native = frame.to_native()
    if package(native) == "pandas":
        return _open_frame(native)
    return Table(frame, tuple(frame.columns), len(frame), None, "table")


def _arrow_table(data: Any) -> Any:
    """Table in place of a pyarrow RecordBatch, refusing equal names that narwhals would mix up."""
    if package(data) != "pyarrow":
        return data
    import pyarrow as pa

    names = data.column_names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            f"the table has duplicate column names: {label_list(twice)}. Rename them, "
            f"or pass the column itself as data."
        )
    return pa.Table.from_batches([data]) if isinstance(data, pa.RecordBatch) else data


def read_column(data: Any, role: str = "x") -> Column:
    """Take one array, list or Series as a column."""
    if package(data) is None or not hasattr(data, "__len__"):
        return Column(_flat(_as_array(data, role), role), None, role)
    values = _unwrapped(data)
    # of pandas' arrays only a Series has row labels of its own
    index = data.index if package(data) == "pandas" and hasattr(data, "index") else None
    label = None if values.name in (None, "") else values.name
    return Column(values, label, role, RowLabels(index))


def _unwrapped(data: Any) -> Any:
    """A pandas Series, or a narwhals Series of anything else."""
    if package(data) == "pandas":
        import pandas as pd

        if isinstance(data, pd.api.typing.DataFrameGroupBy | pd.api.typing.SeriesGroupBy):
            raise DataError(
                f"data: a {type(data).__name__} is split already. Pass the table, with the keys as "
                "by=…, or import mlestim.accessor and call .mle.fit of it."
            )
        return data if isinstance(data, pd.Series) else pd.Series(data)
    import narwhals.stable.v2 as nw

    native = nw.to_native(data, pass_through=True)
    if package(native) == "pandas":
        return native
    if package(native) == "pyarrow":
        import pyarrow as pa

        if isinstance(native, pa.Array):
            native = pa.chunked_array([native])
        if pa.types.is_dictionary(native.type):
            return native.to_pandas()
    return nw.from_native(native, series_only=True)


def _as_array(data: Any, role: str) -> np.ndarray:
    if isinstance(data, np.ndarray):
        return data if isinstance(data, np.ma.MaskedArray) else np.asarray(data)
    if isinstance(data, (str, bytes, Mapping, set, frozenset, Iterator)) or not _is_readable(data):
        raise DataError(f"{_place(role)}: {_refusal(data)}")
    try:
        return np.asarray(data) if _has_buffer(data) else _from_list(list(data))
    except (ValueError, TypeError, OverflowError) as error:
        raise DataError(
            f"{_place(role)}: the rows of this {type(data).__name__} hold several values, or "
            f"differ in length. Pass one value a row."
        ) from error


def _place(role: str) -> str:
    return "data" if role == "x" else role


def _from_list(data: list[Any]) -> np.ndarray:
    array = np.asarray(data)
    # numpy makes text of [1, "a"] and rounded floats of [2**53 + 1, 0.5]: look at each value then
    text = array.dtype.kind in "US"
    large = array.dtype.kind == "f" and bool(np.any(np.abs(array) >= EXACT_INTEGERS))
    return np.asarray(data, dtype=object) if text or large else array


def _is_readable(data: Any) -> bool:
    return _has_buffer(data) or isinstance(data, (Iterable, int, float))


def _has_buffer(data: Any) -> bool:
    return hasattr(data, "__array__") or isinstance(data, (memoryview, int, float))


def _refusal(data: Any) -> str:
    name = type(data).__name__
    if isinstance(data, Mapping):
        return f"a {name} is no column. Pass one of its values, or pandas.DataFrame(data)."
    if isinstance(data, Iterator):
        return f"a {name} can be read only once. Pass list(data)."
    if isinstance(data, (set, frozenset)):
        return f"a {name} has no order and no repeated values. Pass a list or an array."
    if isinstance(data, (str, bytes)):
        return (
            f"{data[:40]!r} is text, not data. Pass a list, an array, a Series or a table; read a file "
            "first, as in pandas.read_csv(…)."
        )
    return f"{name} cannot be read as data. Pass a list, an array, a Series or a table."


def _flat(array: np.ndarray, role: str) -> np.ndarray:
    """One-dimensional view of an array with one value a row."""
    if array.ndim == 1:
        return array
    if array.ndim == 0:
        return array.reshape(1)
    if array.ndim == 2 and array.shape[1] == 1:
        return array[:, 0]
    raise DataError(
        f"{_place(role)}: an array of shape {array.shape} has several values a row. "
        f"Pass one column of it, such as data[:, 0]."
    )
