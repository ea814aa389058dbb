"""Parquet files that are read a part at a time, because all of it may not fit into memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlestim.cli.networks.tables import known_features
from mlestim.cli.options import read_data

if TYPE_CHECKING:
    import pandas as pd

    from nn.estimators.streams.files import ParquetFiles

# Rows in memory at once.
ROWS = 1 << 16


def large_files(file: str) -> ParquetFiles | None:
    """Open a Parquet file of many rows, or a folder of such files; None for any other data."""
    from mlestim.sample.files import PARQUET

    path = Path(file)
    if not path.is_dir() and not (path.suffix.lower() == PARQUET and path.exists()):
        return None
    from nn.estimators.streams.files import ParquetFiles

    files = ParquetFiles.of(path)
    return files if path.is_dir() or files.n_rows > ROWS else None


def without_rows(files: ParquetFiles) -> pd.DataFrame:
    """Give a table of no rows with the files' columns, in which names are looked up."""
    import pandas as pd

    return pd.DataFrame(columns=files.names)


def some_columns(files: ParquetFiles, names: Collection[str]) -> pd.DataFrame:
    """Read some columns of all rows."""
    import pandas as pd

    return pd.concat([_numbered(*block) for block in files.blocks([*names], ROWS)])


def blocks(file: str, separator: str | None, names: Collection[str]) -> Iterator[pd.DataFrame]:
    """Read the features that a model knows, of all rows or of a part at a time.

    Raises
    ------
    DataError
        If the file cannot be read, or some are not there.
    """
    files = large_files(file)
    if files is None:
        yield known_features(read_data(file, separator), names)
        return
    known_features(without_rows(files), names)
    for block in files.blocks([*names], ROWS):
        yield _numbered(*block)


def _numbered(first: int, table: Any) -> pd.DataFrame:
    """Give rows that messages count from 1, as those of files that are read at once."""
    frame: pd.DataFrame = table.to_pandas(integer_object_nulls=True)
    return frame.set_axis(range(first + 1, first + 1 + len(frame)))
