"""The program and the command that repeat a fit."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_READERS = {
    (".csv", ".csv.gz"): "pd.read_csv({path})",
    (".tsv", ".tsv.gz"): 'pd.read_csv({path}, sep="\\t")',
    (".parquet",): "pd.read_parquet({path})",
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What was asked for, as far as a result knows it.

    Parameters
    ----------
    family
        The fitted family's registered name.
    column
        Name of the column, a list of the columns of vectors, or None.
    source
        The data's file or other name, or None.
    by
        Names of the columns that form groups.
    options
        Options of `fit` by which the rows were read: names of columns and numbers, and ``...`` for
        arrays, for which the program leaves a place.
    fixed
        Known parameters and their values.
    known
        Parameters that are known for each row.
    free
        Parameters estimated although they are held by default.
    omitted
        Whether rows with missing values were left out.
    method
        The method, where it was not the default one.
    failed
        Whether the fit has no estimates, so that it would raise if it were not told otherwise.
    """

    family: str
    column: str | list[str] | None = None
    source: str | None = None
    by: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    fixed: tuple[tuple[str, float], ...] = ()
    known: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    omitted: bool = False
    method: str | None = None
    failed: bool = False

    def python_code(self) -> str:
        """Return a Python program that fits the same family to the same data."""
        reader = self._reader()
        lines = [] if reader is None else ["import pandas as pd", ""]
        lines += ["import mlestim as ml", ""]
        lines.append(f"data = {reader or '...  # the observations'}")
        lines += [
            f"{name} = ...  # as an array or the name of a column" for name in self._left_open()
        ]
        lines += [f"result = ml.fit({', '.join(self._arguments())})"]
        shown = "result.table" if self.by else "result.summary()"
        return "\n".join([*lines, f"print({shown})", 'result.report("report.html")'])

    def command_line(self) -> str:
        """Return the shell command that writes the report; empty where none can say it."""
        unsaid = self._left_open(), self.method, self.failed
        if self.source is None or self._reader() is None or any(unsaid):
            return ""
        words = ["mlestim", "report", self.source, "--distribution", self.family]
        columns = [self.column] if isinstance(self.column, str) else self.column or []
        for option, values in (
            ("--column", columns),
            ("--by", self.by),
            *((f"--{name.replace('_', '-')}", [str(value)]) for name, value in self._of_columns()),
            ("--fixed", [f"{name}={value!r}" for name, value in self.fixed]),
            ("--free", self.free),
            ("--nan-policy", ["omit"] if self.omitted else []),
        ):
            for value in values:
                words += [option, value]
        if "truncation" in self.options:
            ends = zip(self.options["truncation"], ("-inf", "inf"), strict=True)
            words += ["--truncation", *(open_ if end is None else str(end) for end, open_ in ends)]
        return " ".join(_shell_word(word) for word in [*words, "-o", "report.html"])

    def _left_open(self) -> list[str]:
        """Options that were arrays, which only their owner can give again."""
        arrays = [
            name
            for name, value in self.options.items()
            if ... in (value if isinstance(value, tuple) else (value,))
        ]
        return [*self.known, *arrays]

    def _of_columns(self) -> list[tuple[str, Any]]:
        return [(name, value) for name, value in self.options.items() if name != "truncation"]

    def _arguments(self) -> list[str]:
        arguments = ["data", _literal(self.family)]
        options: dict[str, Any] = {
            "column": self.column,
            "by": self.by[0] if len(self.by) == 1 else list(self.by),
            "free": list(self.free),
            "method": self.method,
            "nan_policy": "omit" if self.omitted else None,
            "on_failure": "return" if self.failed else None,
        }
        arguments += [f"{name}={_literal(value)}" for name, value in options.items() if value]
        left_open = self._left_open()
        held = [f"{_literal(name)}: {_literal(value)}" for name, value in self.fixed]
        held += [f"{_literal(name)}: {name}" for name in self.known]
        arguments += [f"fixed={{{', '.join(held)}}}"] if held else []
        arguments += [
            f"{name}={name if name in left_open else _literal(value)}"
            for name, value in self.options.items()
        ]
        return arguments

    def _reader(self) -> str | None:
        name = (self.source or "").lower()
        readers = (reader for endings, reader in _READERS.items() if name.endswith(endings))
        reader = next(readers, None)
        return None if reader is None else reader.format(path=_literal(self.source))


def _literal(value: Any) -> str:
    """Return a Python literal: text in double quotes, invisible and foreign characters escaped."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(k)}: {_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    text = ascii(value)
    if text.startswith("'") and '"' not in text and "\\'" not in text:
        return f'"{text[1:-1]}"'
    return text


def _shell_word(word: str) -> str:
    """Quote one word for a POSIX shell; invisible characters take bash's escaped form."""
    if word.isprintable():
        return shlex.quote(word)
    escaped = word.encode("unicode_escape").decode("ascii").replace("'", "\\'")
    return f"$'{escaped}'"
