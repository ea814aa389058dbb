"""A small slice of benchmarks/optimality.py: no fit falls short of what others find.

The whole study takes many minutes; its table is in docs/optimality.md.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
if str(BENCHMARKS) not in sys.path:
    sys.path.append(str(BENCHMARKS))
optimality = importlib.import_module("optimality")

# Fewer random starts than the study has.
STARTS = 2


@pytest.mark.parametrize("family", optimality.covered())
def test_no_fit_falls_short_of_the_truth_of_scipy_or_of_a_restarted_search(family: str) -> None:
    line = optimality.Line()
    samples = list(optimality.samples(family, sizes=(50,), seeds=1))
    for sample in samples[:: len(samples) // 2 + 1]:
        optimality.examine(sample, line, STARTS)
    assert line.samples == 2
    assert line.findings == []
