"""Read a data file, or standard input, into a table, refusing what is damaged or ambiguous."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import sys
import warnings
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlestim.errors import DataError, MissingExtraError
from mlestim.sample.columns import label_list
from mlestim.sample.rows import LINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

STANDARD_INPUT = "-"
SEPARATORS = {".csv": ",", ".tsv": "\t"}
PARQUET = ".parquet"
SEPARATOR_NAMES = {";": "semicolons", "\t": "tabs", "|": "bars"}


def read_table(source: str | Path, *, separator: str | None = None) -> pd.DataFrame:
    """Read a CSV, TSV or Parquet file into a pandas DataFrame.

    A blank line is a missing value where there is one column, and nothing where there are several
    or where no line follows.

    Parameters
    ----------
    source
        Path ending in .csv, .tsv, .csv.gz, .tsv.gz or .parquet; ``"-"`` reads CSV from standard
        input. Text is UTF-8 and its first line names the columns.
    separator
        Character between fields, for text files that do not follow their suffix.

    Returns
    -------
    pandas.DataFrame
        Its index, for messages, names the line of the text on which each row begins, or counts
        the rows of a Parquet file from 1. Its ``attrs`` hold ``source`` and ``sha256``, the
        fingerprint of the bytes that were read.

    Raises
    ------
    DataError
        If the file is missing, empty, damaged, of an unknown kind, or its lines differ in length.
    MissingExtraError
        If a Parquet file is read without pyarrow.
    """
    name = source_name(source)
    suffix, compressed = _kind(source, separator)
    payload = _payload(source, name)
    sha256 = hashlib.sha256(payload).hexdigest()
    if not payload:
        raise DataError(f"{name} is empty. Pass a file with a line of column names and data.")
    if suffix == PARQUET:
        frame = _read_parquet(payload, name)
    else:
        text = _decompressed(payload, name) if compressed else payload
        frame = _read_text(text, name, separator, SEPARATORS.get(suffix, ","))
    if frame.empty:
        raise DataError(f"{name} names columns but has no rows. Pass a file with data.")
    frame.attrs.update(source=name, sha256=sha256)
    return frame


def source_name(source: str | Path) -> str:
    """Name of a file, or of standard input."""
    return "standard input" if str(source) == STANDARD_INPUT else str(source)


def fingerprint(path: str | Path) -> str:
    """SHA-256 of a file's bytes, the same that ``sha256sum`` prints."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _kind(source: str | Path, separator: str | None) -> tuple[str, bool]:
    """Suffix that tells the format, and whether the file is compressed."""
    if str(source) == STANDARD_INPUT:
        return ".csv", False
    suffixes = [suffix.lower() for suffix in Path(source).suffixes]
    compressed = suffixes[-1:] == [".gz"]
    suffix = (suffixes[:-1] if compressed else suffixes)[-1:]
    known = {PARQUET} - ({PARQUET} if compressed else set()) | set(SEPARATORS)
    if separator is None and (not suffix or suffix[0] not in known):
        raise DataError(
            f"{source} has no suffix that tells its format. Known are .csv, .tsv, .csv.gz, "
            f".tsv.gz and .parquet; for other text files say which separator they use."
        )
    return (suffix[0] if suffix else ""), compressed


def _payload(source: str | Path, name: str) -> bytes:
    if str(source) == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except FileNotFoundError:
        raise DataError(f"there is no file {name}. Check the path.") from None
    except IsADirectoryError:
        raise DataError(f"{name} is a folder. Pass one of the files in it.") from None
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror}.") from error


def _decompressed(payload: bytes, name: str) -> bytes:
    try:
        return gzip.decompress(payload)
    except (EOFError, OSError, zlib.error) as error:
        raise DataError(
            f"{name} is no whole gzip file ({error}). It may be truncated: copy or download it again."
        ) from error


def _read_parquet(payload: bytes, name: str) -> pd.DataFrame:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError(
            f"reading {name} needs pyarrow. Install it with: pip install 'mlestim[arrow]'"
        ) from error
    try:
        table = parquet.read_table(pa.BufferReader(payload))
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{name} is no whole Parquet file ({_first_line(error)}). It may be truncated: "
            f"copy or write it again."
        ) from error
    # integers beside missing values stay exact, where the default would round them to float64
    frame: pd.DataFrame = table.to_pandas(integer_object_nulls=True)
    return frame.set_axis(range(1, len(frame) + 1))


def _read_text(payload: bytes, name: str, asked: str | None, usual: str) -> pd.DataFrame:
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name} is not UTF-8 text (byte {payload[error.start]:#04x} at {error.start}). "
            f"Save it as UTF-8, or check that it is a text file."
        ) from None
    import pandas as pd

    separator = usual if asked is None else asked
    try:
        return _parse(payload, name, separator, guess=asked is None)
    except (pd.errors.ParserError, pd.errors.ParserWarning, csv.Error) as error:
        raise DataError(
            f"{name} cannot be read as a table ({_first_line(error)}). It may be truncated, "
            f"or have an unclosed quotation mark."
        ) from error


def _parse(payload: bytes, name: str, separator: str, *, guess: bool) -> pd.DataFrame:
    import pandas as pd

    head, header = _check_header(payload, name, separator, guess=guess)
    options: dict[str, Any] = {"sep": separator, "index_col": False, "low_memory": False}
    alone = len(header) == 1
    try:
        with warnings.catch_warnings():
            # pandas warns where it would cut off fields that have no column name
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.BytesIO(payload.rstrip() if alone else payload),
                skiprows=head - 1,
                skip_blank_lines=not alone,
                **options,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning):
        _check_lengths(payload, name, separator, len(header))
        raise
    if frame.iloc[:, -1].isna().any():  # pandas pads short lines with missing values
        _check_lengths(payload, name, separator, len(header))
    return frame.set_axis(_lines(payload, separator, head, len(frame), blanks=alone))


def _records(payload: bytes, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Line on which each record begins, and its fields, of which a line of blanks has none."""
    text = io.TextIOWrapper(io.BytesIO(payload), encoding="utf-8-sig", newline="")
    reader = csv.reader(text, delimiter=separator)
    line = 1
    for fields in reader:
        yield line, fields if len(fields) > 1 or any(map(str.strip, fields)) else []
        line = reader.line_num + 1


def _lines(payload: bytes, separator: str, head: int, n_rows: int, *, blanks: bool) -> pd.Index:
    """Line on which each row begins; read once more only if some rows have several, or none."""
    import pandas as pd

    if payload.count(b"\n") + (not payload.endswith(b"\n")) == head + n_rows:
        return pd.RangeIndex(head + 1, head + n_rows + 1, name=LINE)
    records = _records(payload, separator)
    begins = [line for line, fields in records if line > head and (fields or blanks)]
    if len(begins) < n_rows:  # the two readers differ on what a record is: count rows then
        return pd.RangeIndex(1, n_rows + 1)
    return pd.Index(begins[:n_rows], name=LINE)


def _check_header(
    payload: bytes, name: str, separator: str, *, guess: bool
) -> tuple[int, list[str]]:
    """Line of the column names and these, which must be distinct and split by the separator."""
    lines = ((line, fields) for line, fields in _records(payload, separator) if fields)
    head, header = next(lines, (0, []))
    if not header:
        raise DataError(f"{name} holds only blank lines. Pass a file with column names and data.")
    found = [other for other in SEPARATOR_NAMES if other != separator and other in header[0]]
    if guess and len(header) == 1 and found:
        raise DataError(
            f"{name} seems to be separated by {SEPARATOR_NAMES[found[0]]}: its first line is "
            f"{header[0][:60]!r}. Say so with the separator {found[0]!r}."
        )
    twice = sorted({label for label in header if label and header.count(label) > 1})
    if twice:
        raise DataError(
            f"{name} has duplicate column names: {label_list(twice)}. Rename them in its first line."
        )
    return head, header


def _check_lengths(payload: bytes, name: str, separator: str, width: int) -> None:
    for line, fields in _records(payload, separator):
        # blank lines, and empty fields beyond the last, do no harm
        if 0 < len(fields) < width or any(fields[width:]):
            raise DataError(
                f"{name}, line {line}: {len(fields)} field{'s' if len(fields) > 1 else ''}, where "
                f"the first line names {width} column{'s' if width > 1 else ''}. Correct that line, or quote fields that "
                f"hold the separator."
            )


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
