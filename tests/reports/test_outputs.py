"""Files: the suffix chooses the form; a file is complete or absent, and kept unless forced."""

import errno
import json
import stat

import numpy as np
import pytest

import reports
from mlestim.errors import OptionError


@pytest.fixture
def report(make_result):
    return reports.build(make_result(), comparison=())


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        (".html", "<!doctype html>"),
        (".HTML", "<!doctype html>"),
        (".md", "# Gamma"),
        (".json", "{"),
    ],
)
def test_the_suffix_chooses_the_form(report, tmp_path, suffix, start):
    path = reports.write(report, tmp_path / f"report{suffix}")
    assert path.read_text(encoding="utf-8").lstrip().startswith(start)


@pytest.mark.parametrize("name", ["report.docx", "report", "report.html.exe", ".html"])
def test_an_unknown_suffix_lists_the_known_ones(report, tmp_path, name):
    with pytest.raises(OptionError, match=r"use one of \.html, \.md, \.json"):
        reports.write(report, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_kept(report, tmp_path):
    path = tmp_path / "report.md"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(OptionError, match="exists and was kept"):
        reports.write(report, path)
    assert path.read_text(encoding="utf-8") == "mine"
    reports.write(report, path, force=True)
    assert path.read_text(encoding="utf-8").startswith("# Gamma")


def test_a_folder_that_does_not_exist_is_named(report, tmp_path):
    with pytest.raises(OptionError, match=r"there is no folder .*missing"):
        reports.write(report, tmp_path / "missing" / "report.html")


def test_a_failed_write_leaves_nothing_behind(report, tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        reports.write(report, tmp_path / "report.json")
    assert list(tmp_path.iterdir()) == []


def test_the_file_can_be_read_by_whom_the_system_lets_read(report, tmp_path):
    plain = tmp_path / "plain"
    plain.touch()
    path = reports.write(report, tmp_path / "report.md")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_json_holds_every_number_in_full(make_result):
    result = make_result(family="normal", fixed={"sd": 2}, changes={"log_likelihood": np.inf})
    content = json.loads(reports.build(result, comparison=()).to_json())
    assert content["format"] == "mlestim-report"
    mean, sd = content["fit"]["estimates"]
    assert mean["estimate"] == result.params["mean"]
    assert sd["standard_error"] is None  # NaN
    assert content["fit"]["log_likelihood"] == "Infinity"


def test_markdown_escapes_what_has_a_meaning(make_result):
    text = reports.build(
        make_result(name="a|b <img src=x> *c* [d](e) `f`"), comparison=()
    ).to_markdown()
    headline = text.splitlines()[0]
    assert headline == r"# Gamma distribution of a\|b \<img src=x\> \*c\* \[d\]\(e\) \`f\`"
    assert "\n```\nimport mlestim as ml" in text


def test_errors_of_the_disk_name_the_file_asked_for(report, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / ".report.md.x"))

    monkeypatch.setattr("tempfile.mkstemp", full)
    with pytest.raises(OSError, match="No space left") as caught:
        reports.write(report, tmp_path / "report.md")
    assert caught.value.filename == str(tmp_path / "report.md")
