"""Parquet files as one table that is read a block of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from mlestim.errors import DataError, MissingExtraError
from mlestim.sample.columns import label_list

# A reader holds a page of each column, of a million bytes as files are usually written, before
# and after it is unpacked.
PAGE, BUFFERED = 1 << 21, 1 << 16


@dataclass(frozen=True)
class Piece:
    """Rows of one row group that lie side by side.

    Attributes
    ----------
    file, group : int
        Number of the file, and of its row group.
    skipped, n_rows : int
        Rows of the group before these, and how many these are.
    first : int
        Number of the first row among those of all files.
    """

    file: int
    group: int
    skipped: int
    n_rows: int
    first: int


@dataclass(frozen=True)
class ParquetFiles:
    """A Parquet file, or all Parquet files of a folder, which have the same columns.

    Parameters
    ----------
    path : path
        The file or the folder.
    paths : sequence of path
        The files.
    metadata : sequence of pyarrow.parquet.FileMetaData
        What their ends say of them.
    stamps : sequence of tuple
        What the file system said of them; a file that changes has another one.
    schema : pyarrow.Schema
        Names and types of the columns; an index of pandas is none of them.
    """

    path: Path
    paths: Sequence[Path]
    metadata: Sequence[Any]
    stamps: Sequence[tuple[int, ...]]
    schema: Any

    @classmethod
    def of(cls, path: str | PathLike[str]) -> ParquetFiles:
        """Look at a Parquet file, or at all Parquet files of a folder.

        Raises
        ------
        DataError
            If there is no file, one cannot be read, or their columns differ.
        MissingExtraError
            If pyarrow is not installed.
        """
        try:
            from pyarrow.parquet import read_metadata
        except ImportError as error:
            raise MissingExtraError(
                "Parquet files need pyarrow. Install it with: pip install 'mlestim[arrow]'"
            ) from error
        if isinstance(path, ParquetFiles):
            return path
        path = Path(fspath(path))
        paths = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
        if not paths or not paths[0].exists():
            raise DataError(f"there is no Parquet file at {path}. Check the path.")
        stamps = [_stamp(file) for file in paths]
        metadata = []
        for file in paths:
            with _readable(file):
                metadata.append(read_metadata(file))
        schemas = [_columns(found.schema.to_arrow_schema()) for found in metadata]
        return cls(path, paths, metadata, stamps, _joined(path, schemas))

    def __fspath__(self) -> str:
        return str(self.path)

    def selected(self, names: Sequence[str]) -> ParquetFiles:
        """Leave all other columns out."""
        import pyarrow as pa

        return replace(self, schema=pa.schema([self.schema.field(name) for name in names]))

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        names: list[str] = self.schema.names
        return names

    @cached_property
    def groups(self) -> list[Piece]:
        """All row groups that have rows, in the files' order."""
        found: list[Piece] = []
        first = 0
        for file, metadata in enumerate(self.metadata):
            for group in range(metadata.num_row_groups):
                n_rows = metadata.row_group(group).num_rows
                if n_rows:
                    found.append(Piece(file, group, 0, n_rows, first))
                first += n_rows
        return found

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return sum(metadata.num_rows for metadata in self.metadata)

    def pieces(self, at_least: int) -> list[Piece]:
        """Give the row groups, cut into equal pieces where they are fewer than wanted."""
        cuts = -(-at_least // len(self.groups))
        found: list[Piece] = []
        for group in self.groups:
            ends = [group.n_rows * cut // cuts for cut in range(cuts + 1)]
            found += [
                Piece(group.file, group.group, start, end - start, group.first + start)
                for start, end in pairwise(ends)
                if end > start
            ]
        return found

    @property
    def bytes_of_reader(self) -> int:
        """What it takes to read a row group from its first row to the last, at most."""
        largest = max(
            self.metadata[group.file].row_group(group.group).total_byte_size
            for group in self.groups
        )
        return int(min(2 * largest, len(self.names) * (PAGE + BUFFERED)))

    def blocks(self, columns: Sequence[str], rows: int) -> Iterator[tuple[int, Any]]:
        """Give all rows in the files' order: the number of a block's first row, and a table."""
        first = 0
        for file in range(len(self.paths)):
            for table in self._tables(file, columns, rows):
                yield first, table
                first += len(table)

    def rows_of(self, piece: Piece, columns: Sequence[str], rows: int) -> Iterator[tuple[int, Any]]:
        """Give the rows of a piece in the same way."""
        place = -piece.skipped
        for table in self._tables(piece.file, columns, rows, [piece.group]):
            wanted = table[max(-place, 0) : max(piece.n_rows - place, 0)]
            if len(wanted):
                yield piece.first + max(place, 0), wanted
            place += len(table)
            if place >= piece.n_rows:
                return

    def _tables(
        self, file: int, columns: Sequence[str], rows: int, groups: list[int] | None = None
    ) -> Iterator[Any]:
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile

        path, columns = self.paths[file], list(columns)
        schema = pa.schema([self.schema.field(name) for name in columns])
        self._check_unchanged(file)
        with (
            _readable(path),
            ParquetFile(
                path,
                metadata=self.metadata[file],
                buffer_size=BUFFERED,
                pre_buffer=False,
                page_checksum_verification=True,
            ) as opened,
        ):
            for batch in opened.iter_batches(rows, row_groups=groups, columns=columns):
                yield pa.table(batch).select(columns).cast(schema)
        self._check_unchanged(file)

    def _check_unchanged(self, file: int) -> None:
        if _stamp(self.paths[file]) != self.stamps[file]:
            raise DataError(
                f"{self.paths[file]} was changed while it was read. Begin again when nothing "
                "writes to it any more."
            )


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path} cannot be read as Parquet: {error}") from error


def _columns(schema: Any) -> Any:
    """Leave out an index of pandas; text has one type, whether or not its values are numbered."""
    import pyarrow as pa

    told = (schema.pandas_metadata or {}).get("index_columns", [])
    index = {name for name in told if isinstance(name, str)}
    fields = []
    for field in schema:
        kind = field.type
        if pa.types.is_dictionary(kind):
            values = kind.value_type
            kind = values if _is_text(values) else pa.dictionary(pa.int32(), values)
        if _is_text(kind):
            kind = pa.large_string()
        if field.name not in index:
            fields.append(pa.field(field.name, kind))
    return pa.schema(fields)


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _joined(path: Path, schemas: list[Any]) -> Any:
    """Find the types that hold the columns of all files."""
    import pyarrow as pa

    repeated = [n for schema in schemas for n in schema.names if schema.names.count(n) > 1]
    if repeated:
        twice = label_list(sorted(set(repeated)))
        raise DataError(f"{path} has duplicate column names: {twice}. Rename them.")
    if any(set(schema.names) != set(schemas[0].names) for schema in schemas):
        raise DataError(f"the files in {path} have different columns. Make them the same.")
    try:
        return pa.unify_schemas(schemas, promote_options="permissive")
    except pa.ArrowException as error:
        raise DataError(
            f"the files in {path} have columns of different types: {error}. Make them the same."
        ) from error
