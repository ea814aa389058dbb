"""The examples run, and the example data are what their README says they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
PROGRAMS = sorted(EXAMPLES.rglob("*.py"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_example_runs(program: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", program],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip()


def test_seattle_weather_is_the_published_table() -> None:
    weather = pd.read_csv(EXAMPLES / "data" / "seattle_weather.csv", parse_dates=["date"])

    assert len(weather) == 1461
    assert weather["date"].diff().dropna().eq(pd.Timedelta(days=1)).all()
    # Values as published, to all the digits that pandas' describe() prints of the source file.
    summary = weather[["wind", "precipitation"]].describe().round(6)
    assert summary.loc["mean"].tolist() == [3.241136, 3.029432]
    assert summary.loc["std"].tolist() == [1.437825, 6.680194]
    assert summary.loc["max"].tolist() == [9.5, 55.9]


def test_penguins_are_the_published_table() -> None:
    penguins = pd.read_csv(EXAMPLES / "data" / "penguins.csv")

    counts = penguins["species"].value_counts()
    assert counts.to_dict() == {"Adelie": 152, "Gentoo": 124, "Chinstrap": 68}
    assert penguins["body_mass_g"].mean() == pytest.approx(4201.754386, abs=1e-6)
    assert penguins.isna().sum().to_dict() == {
        "species": 0,
        "island": 0,
        "bill_length_mm": 2,
        "bill_depth_mm": 2,
        "flipper_length_mm": 2,
        "body_mass_g": 2,
        "sex": 11,
        "year": 0,
    }
