"""Rows that are intervals on the command line: times with events, lower and upper ends, limits."""

from __future__ import annotations

import importlib
import io
import json
import re
import shlex
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest

import mlestim as ml
from mlestim.cli.options import DataOptions

rng = np.random.default_rng(4)
TIME, END = 10.0 * rng.weibull(1.5, 60), rng.uniform(3.0, 20.0, 60)
TIMES = pd.DataFrame({"time": np.minimum(TIME, END).round(3), "died": TIME <= END})
ENDS = pd.DataFrame(
    {
        "low": TIMES["time"],
        "high": TIMES["time"].where(TIMES["died"], np.nan),
        "site": ["a", "b"] * 30,
    }
)
WEIBULL = ("--distribution", "weibull")


def text(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False)


def test_events_and_ends_say_the_same(mlestim) -> None:
    by_event = mlestim(
        *("fit", "-", "--column", "time", "--event", "died", *WEIBULL, "--json"), input=text(TIMES)
    )
    by_ends = mlestim(
        *("fit", "-", "--lower", "low", "--upper", "high", *WEIBULL, "--json"), input=text(ENDS)
    )
    expected = ml.fit(TIMES, "weibull", column="time", event="died")
    found = json.loads(by_event.stdout)
    assert found["params"] == expected.params.to_dict()
    assert json.loads(by_ends.stdout)["params"] == found["params"]


def test_groups_of_intervals(mlestim) -> None:
    options = ("--lower", "low", "--upper", "high", "--by", "site", *WEIBULL, "--csv")
    run = mlestim("fit", "-", *options, input=text(ENDS))
    assert pd.read_csv(io.StringIO(run.stdout))["site"].tolist() == ["a", "b"]


def test_families_are_compared_on_times(mlestim) -> None:
    options = ("--column", "time", "--event", "died", *WEIBULL, "--distribution", "lognormal")
    run = mlestim("compare", "-", *options, input=text(TIMES))
    assert run.exit_code == 0, run.stderr
    names = ["weibull", "lognormal"]
    ranking = ml.compare(ml.Observations.of(TIMES, column="time", event="died"), names).ranking
    assert tuple(line.split()[0] for line in run.stdout.splitlines()[3:5]) == ranking


def test_whole_numbers_that_may_be_larger_are_no_counts() -> None:
    data = DataOptions("-", "x", (), None, "e", None, None, {}, (), "raise", None)
    with patch("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x,e\n1,1\n2,0\n"))):
        _, kind = data.read()
    assert kind == "continuous"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ["--column", "time", "--event", "fate"],
            "'alive' and 'dead'. Compare.*--event COLUMN=alive",
        ),
        (
            ["--column", "time", "--event", "code"],
            "line 3, with value 2.0. Compare.*--event COLUMN=2",
        ),
        (["--column", "time", "--event", "code=3"], "no row of code holds 3; it holds 1, 2"),
        (["--column", "time", "--event", "cod"], r"no column 'cod' \(event\). Did you mean 'code'"),
        (["--lower", "time"], "--lower and --upper go together, and --upper is missing"),
        (
            ["--lower", "time", "--upper", "code"],
            "'time' and 'code': 1 of 2.*with value .7.0, 2.0]",
        ),
        (
            ["--lower", "time", "--upper", "time", "--column", "time"],
            "--lower and --upper take the place of --column",
        ),
        (
            ["--lower", "time", "--upper", "time", "--event", "code"],
            "--lower and --upper beside --event: only one",
        ),
        (["--column", "lead", "--event", "code"], "Leave --event out"),
        (
            ["--lower", "lead", "--upper", "code"],
            "'lead': 1 of 2 values is no number.*as missing.$",
        ),
        (["--column", "time", "--resolution", "0.7"], "Correct --resolution, or give --lower and"),
        (["--column", "time", "--truncation", "2", "1"], "--truncation 2 1 leaves nothing"),
        (["--column", "time", "--resolution", "-1"], "--resolution -1.0: a positive number"),
        (["--column", "time", "--weight-type", "sampling"], "--weight-type sampling says"),
        (["--column", "time", "--truncation", "2", "inf"], "outside its truncation window: line 2"),
    ],
)
def test_the_way_out_is_an_option(mlestim, options, words) -> None:
    table = "time,code,fate,lead\n1,1,alive,<1\n7,2,dead,2\n"
    run = mlestim("fit", "-", *options, *WEIBULL, input=table)
    assert run.exit_code in (1, 2)
    assert re.search(words, run.stderr.strip()), run.stderr


def test_events_have_a_code(mlestim) -> None:
    coded = TIMES.assign(died=np.where(TIMES["died"], 2, 1), fate=np.where(TIMES["died"], "x", "y"))
    expected = ml.fit(TIMES, "weibull", column="time", event="died").params.to_dict()
    for event in ("died=2", "fate=x"):
        options = ("--column", "time", "--event", event, *WEIBULL, "--json")
        run = mlestim("fit", "-", *options, input=text(coded))
        assert json.loads(run.stdout)["params"] == expected


def test_windows_units_and_the_meaning_of_weights_are_options(mlestim) -> None:
    table = TIMES.assign(entry=TIMES["time"] / 2, plot=np.arange(60) // 3).round({"time": 1})
    options = ("--column", "time", "--truncation", "entry", "inf", "--weights", "time")
    options += ("--weight-type", "sampling", "--cluster", "plot", "--resolution", "0.1")
    run = mlestim("fit", "-", *options, *WEIBULL, "--json", input=text(table))
    expected = ml.fit(
        table,
        "weibull",
        column="time",
        truncation=("entry", None),
        weights="time",
        weight_type="sampling",
        cluster="plot",
        resolution=0.1,
    )
    found = json.loads(run.stdout)
    assert found["params"] == pytest.approx(expected.params.to_dict(), rel=1e-9)
    assert found["standard_errors"] == pytest.approx(expected.standard_errors.to_dict(), rel=1e-9)


@pytest.mark.parametrize("limit", ["<0.5", "< 0.5", ">9"])
def test_limits_of_detection_are_no_labels(mlestim, limit) -> None:
    table = f"x,y\n1.5,1\n2,1\n{limit},1\n{limit},1\n{limit},1\n"
    run = mlestim("compare", "-", "--column", "x", "--distribution", "weibull", input=table)
    assert run.exit_code == 0, run.stderr
    assert "interior" in run.stdout


def test_the_page_says_what_was_seen_and_charts_what_is_known(
    mlestim, tmp_path, monkeypatch
) -> None:
    file, page = tmp_path / "times.csv", tmp_path / "page.json"
    TIMES.to_csv(file, index=False)

    # a ranking of all families on intervals takes long
    monkeypatch.setattr(
        importlib.import_module("reports.build"), "compare_observations", lambda *_: ()
    )
    run = mlestim("report", file, "--column", "time", "--event", "died", *WEIBULL, "-o", page)

    assert run.exit_code == 0, run.stderr
    content = json.loads(page.read_text(encoding="utf-8"))
    dead = int(TIMES["died"].sum())
    assert content["data"]["intervals"] == f"{dead} exact, {60 - dead} right-censored"
    assert content["data"]["statistics"] == []
    assert len(content["charts"]) == 4
    assert 'event="died"' in content["provenance"]["python_code"]
    assert "--event died" in content["provenance"]["command_line"]
    again = shlex.split(run.stdout.splitlines()[-1].partition("the numbers alone: ")[2])
    assert again[again.index("--event") + 1] == "died"


def test_the_fingerprint_is_of_what_was_seen(mlestim, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(
        importlib.import_module("reports.build"), "compare_observations", lambda *_: ()
    )
    prints = set()
    for name, frame in (("a", TIMES), ("b", TIMES.assign(died=True))):
        path = tmp_path / f"{name}.json"
        options = ("--column", "time", "--event", "died", *WEIBULL, "-o", path)
        run = mlestim("report", "-", *options, input=text(frame))
        assert run.exit_code == 0, run.stderr
        prints.add(json.loads(path.read_text(encoding="utf-8"))["provenance"]["fingerprint"])
    assert len(prints) == 2
