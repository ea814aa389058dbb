"""A small slice of benchmarks/study/vectors.py; its table is in docs/optimality.md."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
if str(BENCHMARKS) not in sys.path:
    sys.path.append(str(BENCHMARKS))
vectors = importlib.import_module("study.vectors")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # far-off places of the search
@pytest.mark.parametrize("case", vectors.CASES, ids=[case.family for case in vectors.CASES])
def test_no_fit_falls_short_of_the_truth_or_of_a_search(case, capsys) -> None:
    vectors.study(case, (30,), seeds=1, starts=0)
    line, *findings = capsys.readouterr().out.splitlines()
    assert line.startswith(f"| {case.family} | {len(case.truths)} |")
    assert findings == []
