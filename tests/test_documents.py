"""The worked examples of CONTRIBUTING.md run, and the documents speak of files that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlestim.cli import main

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


EXAMPLES = re.findall(
    r"^```python\n(.*?)^```", text_of("CONTRIBUTING.md"), re.DOTALL | re.MULTILINE
)


@pytest.mark.parametrize("program", EXAMPLES, ids=lambda program: program.split('"""')[1])
def test_worked_example_runs(program: str, tmp_path: Path) -> None:
    file = tmp_path / "worked_example.py"
    file.write_text(program, encoding="utf-8")
    # In a process of its own: a chart enters the page, and a family the registry, by being imported.
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "doctest", "--verbose", file],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"\d+ passed", run.stdout)


def test_there_is_an_example_of_each_kind() -> None:
    bases = ("(Family)", "(Layer)", "(Optimizer)", "@chart(")
    assert [sum(base in program for program in EXAMPLES) for base in bases] == [1, 1, 1, 1]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", text_of(name))
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paths_in_backticks_exist(name: str) -> None:
    mentioned = re.findall(
        r"`((?:mlestim|nn|reports|tests|examples|benchmarks)/[\w./-]*)`", text_of(name)
    )
    assert [path for path in mentioned if not (ROOT / path).exists()] == []


def test_the_readme_shows_what_make_report_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", [".venv/bin/mlestim"])
    monkeypatch.setattr("shutil.which", lambda _: None)
    recipe = re.findall(r"^\t@\$\(BIN\)/mlestim (.*)$", text_of("Makefile"), re.MULTILINE)
    values = dict(re.findall(r"^(REPORT\w*) := (.*)$", text_of("Makefile"), re.MULTILINE))
    values["REPORT"] = str(tmp_path / values["REPORT"])
    printed = "".join(
        CliRunner()
        .invoke(main, re.sub(r"\$\((\w+)\)", lambda m: values[m[1]], line).split())
        .stdout
        for line in recipe
    )
    shown = re.findall(
        r"^\$ make report\n(.*?)^```", text_of("README.md"), re.DOTALL | re.MULTILINE
    )
    assert len(recipe) == 2
    assert len(shown) == 1
    # three dots stand for anything; a family that is added changes weights and numbers of families
    changing = r"\.\.\.|\d+(?= more families)|\d\.\d+(?= interior)"
    parts = re.split(changing, " ".join(shown[0].split()))
    pattern = ".*".join(re.escape(part) for part in parts)
    assert re.fullmatch(pattern, " ".join(printed.split())), printed
