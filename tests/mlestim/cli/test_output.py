"""Tables that fit, text that steers nothing, and progress for people who wait."""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd
import pytest

from mlestim.cli.output import Column, plain, print_table, printable, progress, to_csv


class Terminal:
    def __init__(self, is_terminal: bool) -> None:
        self.is_terminal = is_terminal
        self.text = ""

    def isatty(self) -> bool:
        return self.is_terminal

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None: ...


@pytest.mark.parametrize(
    ("is_terminal", "seconds_per_item", "told"),
    [(True, 0.7, True), (True, 0.01, False), (False, 0.7, False)],
)
def test_progress_is_told_on_a_terminal_when_work_is_long(
    monkeypatch, is_terminal, seconds_per_item, told
) -> None:
    terminal, clock = Terminal(is_terminal), iter(np.arange(100) * seconds_per_item)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))

    assert list(progress(["a", "b", "c", "d"], "fitting")) == ["a", "b", "c", "d"]

    assert ("fitting [###" in terminal.text) == told
    assert terminal.text == "" or terminal.text.endswith("\r\x1b[K")  # the line is cleared


def test_columns_leave_a_narrow_terminal_by_rank(monkeypatch, capsys) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    columns = [
        Column("key", ["north"]),
        Column("mean", ["1.2345678"], right=True, spare=1),
        Column("error", ["0.1234"], right=True, spare=2),
        Column("sd", ["2.3456789"], right=True, spare=1),
    ]

    left_out = print_table(columns)

    assert left_out == ["error", "sd"]
    assert capsys.readouterr().out == "key         mean\nnorth  1.2345678\n"


def test_long_cells_are_cut_on_a_terminal_alone(capsys, monkeypatch) -> None:
    columns = [Column("key", ["x" * 100]), Column("spare", ["y" * 100], spare=1)]

    monkeypatch.delenv("COLUMNS", raising=False)
    assert print_table(columns) == []
    assert "x" * 100 + "  " + "y" * 100 + "\n" in capsys.readouterr().out

    monkeypatch.setenv("COLUMNS", "40")
    assert print_table(columns) == ["spare"]
    assert "x" * 31 + "…\n" in capsys.readouterr().out


def test_printable_keeps_letters_of_all_languages() -> None:
    assert printable("größe 風 \x1b[1m\u202e\n") == "größe 風 \\x1b[1m\\u202e\n"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64("nan"), None),
        (pd.NaT, None),
        (np.inf, "Infinity"),
        (-np.inf, "-Infinity"),
        (np.int64(3), 3),
        (np.True_, True),
        (pd.Timestamp("2024-02-03"), "2024-02-03 00:00:00"),
        ("text", "text"),
    ],
)
def test_plain_values_are_those_of_json(value, expected) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)


def test_csv_keeps_every_digit_and_leaves_missing_cells_empty() -> None:
    table = pd.DataFrame({"key": ["a", None], "x": [0.1 + 0.2, np.nan]})

    assert to_csv(table) == "key,x\na,0.30000000000000004\n,\n"
