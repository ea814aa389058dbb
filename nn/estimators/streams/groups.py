"""Features, targets and weights of Parquet files, by the names of their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import DataError
from mlestim.sample.columns import label_list
from mlestim.sample.rows import RowLabels
from nn.estimators.streams.files import ParquetFiles
from nn.estimators.targets.censored import censored_ends

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.arrays import FloatArray
    from nn.estimators.streams.files import Piece

# A portion: so many rows, and not more numbers. Enough that a shuffle among them mixes what lies
# apart in the file.
ROWS, NUMBERS = 1 << 17, 1 << 24
# Numbers in memory at once while a file is read from end to end.
BLOCK = 1 << 22


def portion_of(width: int) -> int:
    """Say how many rows of so many columns are in memory at once."""
    return max(1, min(ROWS, NUMBERS // width))


@dataclass(frozen=True)
class Targets:
    """Targets of rows: one each; or, of text, the different ones, and which of them each row has."""

    values: NDArray[Any]
    codes: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.values if self.codes is None else self.codes)

    def each(self, function: Callable[[NDArray[Any]], NDArray[Any]] = np.asarray) -> NDArray[Any]:
        """Give what a function of targets gives for each row."""
        found = function(self.values)
        return found if self.codes is None else found[self.codes]

    def take(self, rows: NDArray[np.bool_]) -> Targets:
        """Give those of some rows."""
        if self.codes is None:
            return Targets(self.values[rows])
        codes = self.codes[rows]
        used = np.bincount(codes, minlength=len(self.values)) > 0
        places = (np.cumsum(used) - 1).astype(np.int32)
        return Targets(self.values[used], places[codes])

    def totals(self, weights: FloatArray) -> tuple[NDArray[Any], FloatArray]:
        """Give targets and weights, of text each different target once with all of its weight."""
        if self.codes is None:
            return self.values, weights
        totals = np.bincount(self.codes, weights, minlength=len(self.values))
        return self.values, totals.astype(np.float64)

    @classmethod
    def joined(cls, parts: list[Targets]) -> Targets:
        """Put those of several parts together."""
        if parts[0].codes is None:
            return cls(np.concatenate([part.values for part in parts]))
        values = np.unique(np.concatenate([part.values for part in parts]))
        codes = [
            part.each(lambda own: np.searchsorted(values, own).astype(np.int32)) for part in parts
        ]
        return cls(values, np.concatenate(codes))


@dataclass(frozen=True)
class Group:
    """Some rows: their numbers in the files, features if read, targets, and how they count."""

    numbers: NDArray[np.intp]
    features: Any
    targets: Targets
    weights: FloatArray

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def labels(self) -> RowLabels:
        """What the rows are called in messages."""
        return RowLabels(positions=self.numbers)

    def take(self, rows: NDArray[np.bool_]) -> Group:
        """Give some of the rows."""
        if rows.all():
            return self
        return Group(
            self.numbers[rows],
            None if self.features is None else self.features.filter(rows),
            self.targets.take(rows),
            self.weights[rows],
        )

    @classmethod
    def joined(cls, groups: list[Group]) -> Group:
        """Put several together."""
        import pyarrow as pa

        return cls(
            np.concatenate([group.numbers for group in groups]),
            None
            if groups[0].features is None
            else pa.concat_tables([group.features for group in groups]),
            Targets.joined([group.targets for group in groups]),
            np.concatenate([group.weights for group in groups]),
        )


@dataclass(frozen=True)
class RowGroups:
    """Rows of Parquet files to learn from.

    Parameters
    ----------
    files : ParquetFiles
        The file, or those of a folder.
    target : str
        Column of targets.
    weights, event : str or None
        Columns of weights, and of booleans that say which targets are exact.
    """

    files: ParquetFiles
    target: str
    weights: str | None = None
    event: str | None = None

    @property
    def roles(self) -> list[str]:
        """Columns that are no features."""
        given = (self.target, self.weights, self.event)
        return list(dict.fromkeys(role for role in given if role is not None))

    @property
    def features(self) -> list[str]:
        """Columns that are features."""
        return [name for name in self.files.names if name not in self.roles]

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.files.n_rows

    def blocks(self) -> Iterator[Group]:
        """Give all rows in the files' order, a part at a time."""
        rows = max(1, BLOCK // len(self.files.names))
        for first, table in self.files.blocks(self.files.names, rows):
            yield self._group(first, table, table.drop_columns(self.roles))

    def rows_of(self, piece: Piece, rows: int) -> Iterator[Group]:
        """Give the rows of a piece, so many at a time."""
        for first, table in self.files.rows_of(piece, self.files.names, rows):
            yield self._group(first, table, table.drop_columns(self.roles))

    @property
    def too_large(self) -> bool:
        """Whether the rows are more than are in memory at once."""
        return self.n_rows > portion_of(len(self.files.names))

    def read_table(self) -> tuple[Any, NDArray[Any], FloatArray | None]:
        """Read all rows at once: features, targets, and weights if there are any."""
        rows = Group.joined(list(self.blocks()))
        return rows.features, rows.targets.each(), None if self.weights is None else rows.weights

    def read_targets(self) -> Group:
        """Read targets and weights of all rows, and nothing else."""
        blocks = self.files.blocks(self.roles, BLOCK // len(self.files.names))
        return Group.joined([self._group(first, table, None) for first, table in blocks])

    def _group(self, first: int, table: Any, features: Any) -> Group:
        return Group(
            np.arange(first, first + len(table)),
            features,
            self._targets(first, table),
            self._weights(first, table),
        )

    def _targets(self, first: int, table: Any) -> Targets:
        column = table[self.target]
        self._refuse(first, self.target, _odd(column), "holds no finite value")
        if self.event is not None:
            event = table[self.event]
            self._refuse(first, self.event, _odd(event), "holds no value")
            ends = censored_ends(column.to_pandas().to_numpy(), event.to_pandas().to_numpy())
            return Targets(np.asarray(ends))
        kind = str(column.type)
        if kind != "large_string" and not kind.startswith("dictionary"):
            return Targets(column.to_pandas().to_numpy())
        encoded = column.combine_chunks()
        encoded = encoded if kind.startswith("dictionary") else encoded.dictionary_encode()
        codes = encoded.indices.to_numpy().astype(np.int32)
        values = Targets(np.array(encoded.dictionary.to_pylist()), codes)
        return values.take(np.ones(len(codes), bool))

    def _weights(self, first: int, table: Any) -> FloatArray:
        if self.weights is None:
            return np.ones(len(table))
        values = table[self.weights].to_pandas().to_numpy()
        if values.dtype.kind not in "biuf":
            raise DataError(f"column {self.weights!r} holds no numbers; weights are numbers")
        weights = values.astype(np.float64)
        wrong = ~(np.isfinite(weights) & (weights >= 0))
        self._refuse(first, self.weights, wrong, "is negative, missing or infinite")
        return weights

    def _refuse(self, first: int, name: str, odd: NDArray[np.bool_], what: str) -> None:
        if odd.any():
            rows = RowLabels(positions=np.arange(first, first + len(odd)))
            raise DataError(
                f"column {name!r} of {self.files.path} {what} in {rows.describe(odd)}, counted "
                "from 0. Correct these rows, or leave them out."
            )


def _odd(column: Any) -> NDArray[np.bool_]:
    """Say where a column holds no value, or none that is finite."""
    odd = np.array(column.is_null(nan_is_null=True))
    if column.type in {"float", "double"}:
        odd |= np.isinf(column.to_numpy())
    return odd


def open_groups(path: Any, target: Any, weights: Any = None, event: Any = None) -> RowGroups:
    """Open a Parquet file, or a folder of them, by the names of its columns.

    Raises
    ------
    DataError
        If something else is given than names, a column is not there, or there are no rows.
    """
    names = [target, *(name for name in (weights, event) if name is not None)]
    if not all(isinstance(name, str) for name in names):
        raise DataError("of a Parquet file, y, sample_weight and event are names of its columns")
    files = ParquetFiles.of(path)
    unknown = [name for name in names if name not in files.names]
    if unknown:
        raise DataError(
            f"there is no column {unknown[0]!r} in {files.path}. The columns are "
            f"{label_list(files.names)}."
        )
    if not files.n_rows:
        raise DataError(f"{files.path} has no rows.")
    groups = RowGroups(files, target, weights, event)
    if not groups.features:
        raise DataError(f"{files.path} has no column but {label_list(names)}: there is no feature")
    return groups


def blocks_of(
    path: str | PathLike[str], columns: list[str], rows: int
) -> Iterator[tuple[int, Any]]:
    """Give some columns of a file in tables of so many rows, each with its first row's number.

    Columns that are not there are left out.
    """
    files = ParquetFiles.of(path)
    return files.blocks([name for name in columns if name in files.names], rows)
