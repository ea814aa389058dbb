"""What is needed to get the same numbers again: versions, data fingerprint, code."""

from __future__ import annotations

import hashlib
import platform
import shlex
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd
import scipy

from mlestim._version import __version__
from reports.model import Provenance, Statistic

_READERS = {
    ".csv": "pd.read_csv({path})",
    ".tsv": 'pd.read_csv({path}, sep="\\t")',
    ".parquet": "pd.read_parquet({path})",
}


def provenance(
    values: Any,
    weights: Any,
    *,
    family: str,
    column: str | None,
    source: str | None,
    by: tuple[str, ...] = (),
    created: datetime | None = None,
) -> Provenance:
    """Return where a result came from and how to repeat it.

    Parameters
    ----------
    values, weights
        The observations used, shape (n,), and their weights or None.
    family
        The fitted family's registered name.
    column, source
        Column and file (or other name) of the data, where they are known.
    by
        Columns that form the groups.
    created
        The report's date and time; now, when it is not given.
    """
    moment = datetime.now(UTC) if created is None else created
    return Provenance(
        created=f"{moment:%Y-%m-%d %H:%M %Z}".strip(),
        versions=(
            Statistic("mlestim", __version__),
            Statistic("numpy", np.__version__),
            Statistic("scipy", scipy.__version__),
            Statistic("pandas", pd.__version__),
            Statistic("Python", platform.python_version()),
        ),
        fingerprint=fingerprint(values, weights),
        python_code=python_code(family, column, source, by),
        command_line=command_line(family, column, source, by),
    )


def fingerprint(values: Any, weights: Any = None) -> str:
    """Return the SHA-256 of observations and weights, the same on every machine.

    Numbers enter as little-endian doubles, labels as UTF-8 text with their lengths, in the order
    of the rows.

    Examples
    --------
    >>> fingerprint([1.0, 2.0])[:16]
    'dc91ce9a50ddc828'
    """
    digest = hashlib.sha256()
    for array in (values, weights):
        if array is None:
            continue
        column = np.asarray(array)
        if column.dtype.kind in "biuf":
            digest.update(np.ascontiguousarray(column, dtype="<f8").tobytes())
        else:
            for label in column.tolist():
                text = str(label).encode("utf-8", "surrogatepass")
                digest.update(len(text).to_bytes(8, "little") + text)
    return digest.hexdigest()


def python_code(
    family: str, column: str | None, source: str | None, by: tuple[str, ...] = ()
) -> str:
    """Return a Python program that fits the same family to the same data."""
    arguments = ["data", _quoted(family)]
    if column is not None:
        arguments.append(f"column={_quoted(column)}")
    if by:
        keys = [_quoted(key) for key in by]
        arguments.append(f"by={keys[0] if len(by) == 1 else '[' + ', '.join(keys) + ']'}")
    reader = _reader(source)
    imports = ["import mlestim as ml"]
    if reader is not None:
        imports.insert(0, "import pandas as pd\n")
    load = reader or "...  # the observations, as an array or a table with the column"
    return "\n".join(
        [
            *imports,
            "",
            f"data = {load}",
            f"result = ml.fit({', '.join(arguments)})",
            "print(result.summary())",
            'result.report("report.html")' if not by else "print(result.table)",
        ]
    )


def command_line(
    family: str, column: str | None, source: str | None, by: tuple[str, ...] = ()
) -> str:
    """Return the shell command that writes the same report; empty when there is no file."""
    if _reader(source) is None or source is None:
        return ""
    words = ["mlestim", "report", source]
    if column is not None:
        words += ["--column", column]
    words += ["--distribution", family]
    for key in by:
        words += ["--by", key]
    return " ".join(_shell_word(word) for word in [*words, "-o", "report.html"])


def _reader(source: str | None) -> str | None:
    suffix = PurePath(source).suffix.lower() if source else ""
    return _READERS[suffix].format(path=_quoted(source)) if suffix in _READERS else None


def _quoted(text: str | None) -> str:
    """Return a Python literal in double quotes, invisible and foreign characters escaped."""
    literal = ascii(str(text))
    if literal.startswith("'") and '"' not in literal and "\\'" not in literal:
        return f'"{literal[1:-1]}"'
    return literal


def _shell_word(word: str) -> str:
    """Quote one word for a POSIX shell; invisible characters take bash's escaped form."""
    if word.isprintable():
        return shlex.quote(word)
    escaped = word.encode("unicode_escape").decode("ascii").replace("'", "\\'")
    return f"$'{escaped}'"
