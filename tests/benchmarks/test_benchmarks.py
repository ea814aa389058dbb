"""Every benchmark runs, at tiny sizes; how fast things are is for `make bench` to say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
# The program that runs the others and the module that they share; the study of optimality has a test
# of its own.
OTHERS = {"run", "timing"}
PROGRAMS = sorted(
    path.stem
    for path in BENCHMARKS.glob("*.py")
    if path.stem not in OTHERS and not path.stem.startswith("optimality")
)


@pytest.mark.parametrize("program", PROGRAMS)
def test_benchmark_prints_rows_of_the_table(program: str) -> None:
    run = subprocess.run(
        [sys.executable, BENCHMARKS / f"{program}.py", "--scale", "0.001"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert lines
    for line in lines:
        job, peer, seconds, peer_seconds, ratio, target, met = line.strip("| ").split(" | ")
        assert job, line
        assert peer, line
        assert seconds.endswith((" s", "ms"))
        assert peer_seconds.endswith((" s", "ms"))
        assert float(ratio) > 0.0
        assert "≤" in target or target == "–"
        assert met in {"yes", "no"}


def test_make_bench_runs_every_program() -> None:
    listed = (BENCHMARKS / "run.py").read_text(encoding="utf-8")
    assert [program for program in PROGRAMS if f'"{program}"' not in listed] == []
