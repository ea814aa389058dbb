"""`mlestim report` writes a page, and chooses a family where none is named."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pandas as pd
import pytest

import mlestim as ml


def test_best_family_by_aicc_is_reported(mlestim, weather, tmp_path) -> None:
    page = tmp_path / "wind.html"

    run = mlestim("report", weather, "--column", "wind", "-o", page)

    assert run.exit_code == 0, run.stderr
    assert len(run.stdout.splitlines()) < 20
    chosen = [line for line in run.stdout.splitlines() if line.startswith("*  ")]
    best = ml.compare(pd.read_csv(weather), "continuous", column="wind").ranking[0]
    assert chosen[0].split()[1] == best
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_last_line_says_where_the_page_is_and_what_next(mlestim, claims, tmp_path) -> None:
    page = tmp_path / "claims.html"

    run = mlestim("report", claims, "--column", "amount", "--distribution", "gamma", "-o", page)

    last = run.stdout.splitlines()[-1]
    assert f"Open {page} in a browser" in last
    assert "fit" in last.split()
    assert last.endswith("--column amount --distribution gamma --json")


def test_what_to_run_next_runs_and_gives_the_numbers_of_the_page(
    mlestim, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("sys.argv", ["mlestim"])
    file, page = tmp_path / "a b.txt", tmp_path / "page.json"
    file.write_text("x;w;g\n2.5;2;a\n;1;a\n4;1;a\n1.5;3;a\n7;1;a\n")
    options = ("--weights", "w", "--nan-policy", "omit", "--separator", ";", "--start", "shape=2")
    data = ("--column", "x", "--fixed", "location=0.25", "--distribution", "gamma")

    run = mlestim("report", file, *data, *options, "-o", page)

    assert run.exit_code == 0, run.stderr
    again = shlex.split(run.stdout.splitlines()[-1].partition("the numbers alone: ")[2])
    assert again[0] == "mlestim"
    found = json.loads(mlestim(*again[1:]).stdout)["log_likelihood"]
    assert found == json.loads(page.read_text(encoding="utf-8"))["fit"]["log_likelihood"]


@pytest.mark.parametrize(("column", "family"), [("region", "categorical"), ("count", None)])
def test_kind_of_data_decides_what_is_ranked(mlestim, claims, tmp_path, column, family) -> None:
    page = tmp_path / "page.json"

    run = mlestim("report", claims, "--column", column, "-o", page)

    assert run.exit_code == 0, run.stderr
    family = family or ml.compare(pd.read_csv(claims), "counts", column="count").ranking[0]
    assert json.loads(page.read_text(encoding="utf-8"))["fit"]["family"] == family
    assert ("read as counts" in run.stderr) == (column == "count")


def test_the_only_column_need_not_be_named(mlestim, tmp_path) -> None:
    page = tmp_path / "page.json"
    assert mlestim("report", "-", "-o", page, input="kind\na\nb\na\n").exit_code == 0
    assert json.loads(page.read_text(encoding="utf-8"))["fit"]["family"] == "categorical"


def test_grouped_report(mlestim, claims, tmp_path) -> None:
    page = tmp_path / "page.html"

    run = mlestim(
        *("report", claims, "--column", "amount", "--by", "region"),
        *("--distribution", "gamma", "-o", page),
    )

    assert run.exit_code == 0, run.stderr
    assert "south" in page.read_text(encoding="utf-8")


def test_existing_file_is_kept_unless_forced(mlestim, claims, tmp_path) -> None:
    page = tmp_path / "page.html"
    page.write_text("mine")
    options = ("report", claims, "--column", "amount", "--distribution", "gamma", "-o", page)

    kept = mlestim(*options)
    assert kept.exit_code == 1
    assert "--force" in kept.stderr
    assert page.read_text() == "mine"

    assert mlestim(*options, "--force").exit_code == 0
    assert page.read_text(encoding="utf-8") != "mine"


def test_page_on_standard_output(mlestim, claims) -> None:
    run = mlestim("report", claims, "--column", "amount", "--distribution", "gamma", "-o", "-")

    assert run.stdout.startswith("<!doctype html>")
    assert run.stdout.rstrip().endswith("</html>")


def test_page_of_standard_input(mlestim, claims, tmp_path) -> None:
    page = tmp_path / "page.html"

    run = mlestim("report", "-", "--column", "amount", "-o", page, input=claims.read_text())

    assert run.exit_code == 0, run.stderr
    assert "standard input" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "exit_code", "words"),
    [
        (["-o", "page.docx"], 2, ".html"),
        (["-o", "nowhere/page.html"], 1, "no folder nowhere"),
        (["--by", "region"], 2, "need --distribution"),
    ],
)
def test_wrong_use(mlestim, claims, tmp_path, monkeypatch, options, exit_code, words) -> None:
    monkeypatch.chdir(tmp_path)

    run = mlestim("report", claims, "--column", "amount", *options)

    assert run.exit_code == exit_code
    assert words in run.stderr
    assert sorted(path.name for path in Path().iterdir()) == ["claims.csv"]


def test_no_family_fits(mlestim, tmp_path) -> None:
    run = mlestim("report", "-", "-o", tmp_path / "page.html", input="x\n-1.5\n-1.5\n-1.5\n")

    assert run.exit_code == 3
    assert "no family fits" in run.stderr


def test_a_column_with_a_faulty_cell_is_not_taken_for_labels(mlestim) -> None:
    run = mlestim("report", "-", "--column", "x", "-o", "-", input="x,y\n1.5,1\n2,1\nn/m,1\n")

    assert run.exit_code == 1
    assert "line 4, with value 'n/m'" in run.stderr
    assert "--distribution categorical" in run.stderr
