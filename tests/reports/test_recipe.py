"""The program and the command on a report repeat the fit, whatever the names are."""

import json
import re
import shlex
from types import SimpleNamespace

import pandas as pd
import pytest
from scipy import stats

import mlestim
import reports
from reports.recipe import Recipe

NAMES = [
    "amount",
    "it's",
    'say "so"',
    "back\\slash",
    "a\nb",
    "名前",
    "\u202e",
    "${x}",
    "`id`",
    "{y}",
]


def run(code):
    """Run a report's program, without its prints and its page."""
    kept = [line for line in code.splitlines() if not line.startswith(("print", "result.report"))]
    names = {}
    exec("\n".join(kept), names)  # noqa: S102  the code is what is tested
    return names["result"]


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".tsv", ".parquet"])
@pytest.mark.parametrize("column", ["amount", "it's", "名前"])
def test_the_program_repeats_the_fit(tmp_path, suffix, column):
    data = pd.DataFrame({column: stats.gamma(2).rvs(50, random_state=1), "other": 1.0})
    path = tmp_path / f"claims of '26{suffix}"
    if suffix == ".parquet":
        data.to_parquet(path)
    else:
        data.to_csv(path, index=False, sep="\t" if suffix == ".tsv" else ",")
    result = mlestim.fit(data, "weibull", column=column, fixed={"shape": 1.5})
    code = reports.build(result, (), data_name=str(path)).provenance.python_code
    # Text files may keep 17 digits or 15; the estimates follow to 12.
    pd.testing.assert_series_equal(run(code).params, result.params, rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_names_survive_in_the_program(name):
    recipe = Recipe("gamma", column=name, source=f"{name}.csv", by=(name, "b"))
    asked = {}

    class Recorder:
        @staticmethod
        def read_csv(path):
            asked["path"] = path

        @staticmethod
        def fit(_, family, **options):
            asked.update(options, family=family)
            return SimpleNamespace(table="", report=str)

    lines = [line for line in recipe.python_code().splitlines() if not line.startswith("import")]
    exec("\n".join(lines), {"pd": Recorder, "ml": Recorder, "print": str})  # noqa: S102  as above
    assert asked == {"path": f"{name}.csv", "family": "gamma", "column": name, "by": [name, "b"]}


@pytest.mark.parametrize("name", ["amount", "it's", "a b", "$(id)", "a;b", "名前"])
def test_names_survive_in_the_shell(name):
    words = shlex.split(Recipe("gamma", column=name, source="claims.csv").command_line())
    assert words == [
        *("mlestim", "report", "claims.csv", "--distribution", "gamma"),
        *("--column", name, "-o", "report.html"),
    ]


def test_invisible_characters_are_seen_in_the_shell():
    command = Recipe("gamma", column="a\u202e'b", source="claims.csv").command_line()
    assert "$'a\\u202e\\'b'" in command


def test_options_stand_in_the_program():
    recipe = Recipe(
        "weibull",
        source="claims.csv",
        options={"weights": ..., "event": "dead", "truncation": ("entry", None)},
        fixed=(("shape", 2.0),),
        free=("location",),
        omitted=True,
        method="first_order",
        failed=True,
    )
    code = recipe.python_code()
    for part in (
        'fixed={"shape": 2.0}',
        'free=["location"]',
        'method="first_order"',
        'nan_policy="omit"',
        'on_failure="return"',
        "weights = ...  # as an array",
        "weights=weights",
        'event="dead"',
        "truncation=('entry', None)",
    ):
        assert part in code


@pytest.mark.parametrize(
    "unsaid",
    [
        {"options": {"weights": ...}},
        {"options": {"truncation": (0.5, ...)}},
        {"method": "first_order"},
        {"failed": True},
    ],
)
def test_a_command_that_could_not_say_everything_is_not_given(unsaid):
    assert Recipe("gamma", source="claims.csv", **unsaid).command_line() == ""


@pytest.mark.parametrize(
    "options",
    [
        {"column": "time", "event": "dead", "truncation": ("entry", None)},
        {"lower": "low", "upper": "time", "weights": "w", "cluster": "entry"},
        {"column": "lead", "weights": "w", "weight_type": "sampling", "truncation": (None, 99)},
        {"column": "entry", "resolution": 0.5},
    ],
)
def test_the_program_and_the_command_read_the_same_rows(tmp_path, monkeypatch, options):
    monkeypatch.chdir(tmp_path)
    data = pd.DataFrame(
        {
            "time": [3.5, 2.0, 7.25, 5.0, 4.0],
            "dead": [True, False, True, True, False],
            "entry": [0.5, 1.0, 1.5, 2.0, 1.0],
            "low": [0.5, 1.0, 6.5, 4.0, 3.5],
            "w": [1.0, 2.0, 1.5, 1.0, 3.0],
            "lead": ["<2.5", "3", "4.5", ">6", "2.75"],
        }
    )
    data.to_csv("lives.csv", index=False)
    result = mlestim.fit(data, "weibull", **options)
    provenance = reports.build(result, (), data_name="lives.csv").provenance
    pd.testing.assert_series_equal(run(provenance.python_code).params, result.params, rtol=1e-12)
    words = shlex.split(provenance.command_line)
    assert words[:3] == ["mlestim", "report", "lives.csv"]

    from click.testing import CliRunner

    from mlestim.cli import main

    fitted = ["fit", *words[2:-2], "--json"]
    outcome = CliRunner().invoke(main, fitted, catch_exceptions=False)
    assert json.loads(outcome.stdout)["params"] == pytest.approx(result.params.to_dict(), rel=1e-9)


@pytest.mark.parametrize("by", [None, "region"])
def test_the_command_writes_the_same_report(tmp_path, monkeypatch, by):
    from click.testing import CliRunner

    from mlestim.cli import main

    monkeypatch.chdir(tmp_path)
    x = 1.5 + stats.weibull_min(1.4).rvs(80, random_state=1)
    x[3] = float("nan")
    pd.DataFrame({"amount": x, "region": ["n", "s"] * 40}).to_csv("claims.csv", index=False)
    data = pd.read_csv("claims.csv")  # pandas 2 changes last digits of what it reads
    fixed, policy = {"location": 1.25}, "omit"
    result = mlestim.fit(data, "weibull", column="amount", by=by, fixed=fixed, nan_policy=policy)
    report = reports.build(result, data_name="claims.csv")
    command = shlex.split(report.provenance.command_line.replace("report.html", "report.json"))
    outcome = CliRunner().invoke(main, command[1:], catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    written = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    ours = json.loads(report.to_json())
    for line in (*written["ranking"], *ours["ranking"]):
        line["reason"] = re.sub(r"(rows|lines) .* more\)", "rows", line["reason"])  # of the file
    for part in ("title", "data", "fit", "verdict", "ranking", "charts", "groups"):
        assert written[part] == ours[part]
    for part in ("fingerprint", "python_code", "command_line"):
        assert written["provenance"][part] == ours["provenance"][part]


def test_data_without_a_file_leave_a_place_for_them():
    recipe = Recipe("gamma")
    assert "data = ...  # the observations" in recipe.python_code()
    assert recipe.command_line() == ""
