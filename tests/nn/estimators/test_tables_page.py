"""The page on tables: its examples run."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def test_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
    page = str(ROOT / "docs" / "tables.md")
    results = doctest.testfile(page, module_relative=False, optionflags=options)
    assert results.attempted > 15
    assert results.failed == 0
