"""The digits example learns: most new digits are read right."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "examples" / "digits.py"


def test_digits_are_read_right_more_than_97_times_in_100(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("sklearn", reason="the example reads scikit-learn's digits")
    runpy.run_path(str(PROGRAM), run_name="__main__")
    printed = capsys.readouterr().out
    accuracy = re.search(r"450 new digits: accuracy (\d+\.\d+)%", printed)
    assert accuracy, printed
    # Six seeds gave 97.8 to 98.7; the seed is fixed, rounding may move a digit or two of the 450.
    assert float(accuracy[1]) > 97
