"""The row groups of Parquet files, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import DataError, MissingExtraError
from mlestim.sample.columns import label_list
from nn.estimators.targets.censored import censored_ends

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.arrays import FloatArray


@dataclass(frozen=True)
class Group:
    """The rows of one row group: a table of features, targets and weights."""

    features: Any
    targets: NDArray[Any]
    weights: FloatArray


@dataclass(frozen=True)
class RowGroups:
    """Row groups of a Parquet file, or of all Parquet files of a folder.

    Parameters
    ----------
    path : path
        The file or the folder.
    target : str
        Column of targets.
    weights, event : str or None
        Columns of weights, and of booleans that say which targets are exact.
    """

    path: str | PathLike[str]
    target: str
    weights: str | None = None
    event: str | None = None

    @cached_property
    def places(self) -> list[tuple[Any, int]]:
        """Each row group: an open file, and its number there.

        Raises
        ------
        DataError
            If there is no file, one cannot be read, or their columns differ.
        MissingExtraError
            If pyarrow is not installed.
        """
        opened = open_files(self.path)
        names = opened[0].schema_arrow.names
        for role in self.roles:
            if role not in names:
                raise DataError(
                    f"there is no column {role!r} in {self.path}. The columns are "
                    f"{label_list(names)}."
                )
        return [(file, group) for file in opened for group in range(file.num_row_groups)]

    @property
    def roles(self) -> list[str]:
        """Columns that are no features."""
        return [role for role in (self.target, self.weights, self.event) if role is not None]

    @property
    def n_rows(self) -> int:
        """Number of rows of all groups."""
        return sum(file.metadata.row_group(group).num_rows for file, group in self.places)

    def read_all(self) -> Group:
        """Read all row groups at once."""
        import pyarrow as pa

        groups = [self.read(place) for place in range(len(self.places))]
        return Group(
            pa.concat_tables([group.features for group in groups]),
            np.concatenate([group.targets for group in groups]),
            np.concatenate([group.weights for group in groups]),
        )

    def read_targets(self) -> tuple[NDArray[Any], FloatArray]:
        """Read targets and weights of all rows, and nothing else."""
        parts = [
            self._targets(file.read_row_group(number, self.roles), number)
            for file, number in self.places
        ]
        if not parts:
            raise DataError(f"{self.path} has no rows.")
        targets, weights = zip(*parts, strict=True)
        return np.concatenate(targets), np.concatenate(weights)

    def read(self, place: int) -> Group:
        """Read one row group.

        Raises
        ------
        DataError
            If a target is missing.
        """
        file, number = self.places[place]
        table = file.read_row_group(number)
        return Group(table.drop_columns(self.roles), *self._targets(table, number))

    def _targets(self, table: Any, number: int) -> tuple[NDArray[Any], FloatArray]:
        column = table[self.target]
        if column.null_count:
            raise DataError(
                f"column {self.target!r} is missing in {column.null_count} rows of row group "
                f"{number}; a target is known in every row. Leave these rows out."
            )
        weights = (
            np.ones(len(table))
            if self.weights is None
            else table[self.weights].to_numpy().astype(np.float64)
        )
        targets = column.to_pandas().to_numpy()
        if self.event is not None:
            targets = censored_ends(targets, table[self.event].to_pandas().to_numpy())
        return targets, weights


def open_groups(path: Any, target: Any, weights: Any = None, event: Any = None) -> RowGroups:
    """Open a Parquet file, or a folder of them, by the names of its columns.

    Raises
    ------
    DataError
        If something else is given than names.
    """
    names = [target, *(name for name in (weights, event) if name is not None)]
    if not all(isinstance(name, str) for name in names):
        raise DataError("of a Parquet file, y, sample_weight and event are names of its columns")
    return RowGroups(path, target, weights, event)


def open_files(path: str | PathLike[str]) -> list[Any]:
    """Open a Parquet file, or all Parquet files of a folder.

    Raises
    ------
    DataError
        If there is no file, one cannot be read, or their columns differ.
    MissingExtraError
        If pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise MissingExtraError(
            "Parquet files need pyarrow. Install it with: pip install 'mlestim[arrow]'"
        ) from error
    path = Path(fspath(path))
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not files or not files[0].exists():
        raise DataError(f"there is no Parquet file at {path}. Check the path.")
    try:
        opened = [ParquetFile(file) for file in files]
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path} cannot be read as Parquet: {error}") from error
    names = opened[0].schema_arrow.names
    if any(file.schema_arrow.names != names for file in opened):
        raise DataError(f"the files in {path} have different columns. Make them the same.")
    return opened


def blocks(path: str | PathLike[str], columns: list[str], rows: int) -> Iterator[Any]:
    """Give some columns of a file in tables of so many rows, in the file's order.

    Columns that are not there are left out.
    """
    import pyarrow as pa

    for file in open_files(path):
        names = [name for name in columns if name in file.schema_arrow.names]
        for batch in file.iter_batches(rows, columns=names):
            yield pa.table(batch).select(names)
