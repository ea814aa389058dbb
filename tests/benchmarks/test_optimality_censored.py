"""A small slice of benchmarks/optimality_censored.py: rows of any kind.

The whole study takes many minutes; its table is in docs/optimality.md.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
if str(BENCHMARKS) not in sys.path:
    sys.path.append(str(BENCHMARKS))
censored = importlib.import_module("optimality_censored")
KINDS = tuple(censored.KINDS)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # far-off places of the search
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", ["weibull", "gumbel", "laplace", "poisson"])
def test_no_fit_falls_short_of_the_truth_or_of_a_search(family: str, kind: str) -> None:
    tally = censored.Tally(family)
    sample = next(censored.censored_samples(family, (30,), 1, (kind,)))
    censored.examine(sample, tally, starts=1)
    assert tally.ends.total() == 1
    assert tally.findings == []
