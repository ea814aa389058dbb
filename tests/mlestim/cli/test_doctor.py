"""`mlestim doctor`, `families`, `--version` and `--help`."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest

import mlestim as ml
from mlestim.cli import doctor


def test_doctor_finds_everything_in_order(mlestim) -> None:
    run = mlestim("doctor")

    assert run.exit_code == 0, run.stdout
    assert "gamma fit" in run.stdout
    assert "BLAS" in run.stdout
    assert run.stdout.splitlines()[-1] == "Everything is in order."


def test_doctor_fails_where_a_fit_is_wrong(mlestim, monkeypatch) -> None:
    monkeypatch.setitem(doctor.GAMMA, "shape", 2.0)

    run = mlestim("doctor")

    assert run.exit_code == 1
    assert run.stdout.splitlines()[-1] == "Wrong: gamma fit."


def test_doctor_reports_what_cannot_even_be_fitted(mlestim, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise ImportError("libopenblas.so.0 is missing")

    monkeypatch.setattr(doctor, "_fitted", broken)

    run = mlestim("doctor")

    assert run.exit_code == 1
    assert "ImportError: libopenbla" in run.stdout
    assert run.stdout.splitlines()[-1] == "Wrong: self-check."


@pytest.mark.parametrize(
    ("found", "least", "words"),
    [(None, "2.0", "missing"), ("1.26.4", "2.0", "too old"), ("2.0.1", "2.0", "2.0.1")],
)
def test_doctor_says_how_to_install_what_is_missing_or_old(
    monkeypatch, found, least, words
) -> None:
    monkeypatch.setattr(doctor, "_version", lambda _: found)

    finding = doctor._required("numpy", least)

    assert words in finding.found
    assert finding.right == (found == "2.0.1")
    assert finding.right or "pip install 'numpy>=2.0'" in finding.found


def test_a_missing_extra_is_not_wrong_but_named(monkeypatch) -> None:
    monkeypatch.setattr(doctor, "_version", lambda _: None)

    finding = doctor._optional("pyarrow", "arrow")

    assert finding.right
    assert "pip install 'mlestim[arrow]'" in finding.found


def test_families_are_those_of_the_catalogue(mlestim, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    text = mlestim("families").stdout
    records = json.loads(mlestim("families", "--json").stdout)
    table = pd.read_csv(io.StringIO(mlestim("families", "--csv").stdout))

    names = list(ml.families().index)
    assert [line.split()[0] for line in text.splitlines()[1:]] == names
    assert [record["name"] for record in records] == names
    assert table["name"].tolist() == names
    assert max(len(line) for line in text.splitlines()) <= 80
    kinds = ml.families()["kind"].replace("categorical", "discrete")
    for kind in ("continuous", "discrete"):
        assert sorted(kinds.index[kinds == kind]) == list(kinds.index[kinds == kind])


def test_version(mlestim) -> None:
    assert mlestim("--version").stdout == f"mlestim {ml.__version__}\n"


@pytest.mark.parametrize(
    "command", [[], ["fit"], ["compare"], ["report"], ["families"], ["doctor"]]
)
def test_help(mlestim, command) -> None:
    run = mlestim(*command, "--help")

    assert run.exit_code == 0
    assert max(len(line) for line in run.stdout.splitlines()) <= 80


def test_help_of_fit_speaks_of_formulas(mlestim) -> None:
    assert "apostrophe" in mlestim("fit", "--help").stdout
