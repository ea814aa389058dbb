"""The view model says what the result says."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import reports
from reports.provenance import command_line, fingerprint, python_code
from reports.summary import summarise

CREATED = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def statistics(summary):
    return {item.label: item.value for item in summary.statistics}


def test_a_report_is_frozen(make_result):
    report = reports.build(make_result(), comparison=())
    with pytest.raises(FrozenInstanceError):
        report.title = "other"


def test_numbers_are_the_results_own(make_result):
    result = make_result()
    fit = reports.build(result, comparison=()).fit
    assert [row.parameter for row in fit.estimates] == list(result.params.index)
    assert [row.estimate for row in fit.estimates] == list(result.params)
    assert fit.log_likelihood == result.log_likelihood
    intervals = result.confidence_intervals(level=0.95)
    assert fit.estimates[0].lower == intervals["lower"].iloc[0]
    assert fit.estimates[0].upper == intervals["upper"].iloc[0]


def test_data_summary_agrees_with_numpy(make_result):
    result = make_result()
    data = reports.build(result, comparison=()).data
    x = result.values
    shown = statistics(data)
    assert data.n_rows == x.size
    assert data.n_omitted == 3
    assert shown["mean"] == pytest.approx(x.mean(), rel=1e-14)
    assert shown["standard deviation"] == pytest.approx(x.std(ddof=1), rel=1e-13)
    assert shown["median"] == np.median(x)
    assert (shown["smallest"], shown["largest"]) == (x.min(), x.max())


@pytest.mark.parametrize("scale", [1e-300, 1e-100, 1e100, 1e300])
def test_summary_does_not_overflow(scale):
    shown = statistics(summarise("x", "continuous", scale * np.array([1.0, 2.0, 3.0])))
    assert shown["mean"] == pytest.approx(2 * scale, rel=1e-14)
    assert shown["standard deviation"] == pytest.approx(scale, rel=1e-14)


def test_weighted_summary_is_that_of_repeated_rows():
    values, weights = np.array([1.0, 5.0, 9.0]), np.array([1.0, 3.0, 2.0])
    weighted = summarise("x", "continuous", values, weights)
    repeated = statistics(summarise("x", "continuous", np.repeat(values, [1, 3, 2])))
    shown = statistics(weighted)
    assert weighted.total_weight == 6
    assert shown["mean"] == pytest.approx(repeated["mean"])
    assert shown["standard deviation"] == pytest.approx(repeated["standard deviation"])
    assert shown["median"] == 5


def test_one_row_has_no_standard_deviation():
    assert np.isnan(statistics(summarise("x", "continuous", [2.0]))["standard deviation"])


def test_categories_are_counted():
    data = summarise("colour", "categorical", np.array(["red", "blue", "red"]))
    assert data.categories.rows == (("red", 2.0, 2 / 3), ("blue", 1.0, 1 / 3))


def test_title_and_data_name(make_result):
    report = reports.build(make_result(family_name="student_t"), comparison=(), data_name="c.csv")
    assert report.title == "Student t distribution of amount"
    assert report.data.name == "c.csv, column amount"
    named = reports.build(make_result(), comparison=(), title="Claims 2026")
    assert named.title == "Claims 2026"


def test_the_date_is_taken_once_or_passed_in(make_result):
    report = reports.build(make_result(), comparison=(), created=CREATED)
    assert report.provenance.created == "2026-01-02 03:04 UTC"


def test_a_fit_at_infinity_shows_its_limit(make_result):
    result = make_result(verdict="at_infinity", limit=SimpleNamespace(name="weibull"))
    report = reports.build(result, comparison=())
    assert "weibull" in report.verdict.headline
    assert "weibull" in report.charts[0].description


def test_groups_that_need_attention_come_first():
    from reports.grouped import describe_groups

    table = pd.DataFrame(
        {
            "shape": [1.0, np.nan, 2.0],
            "shape_se": [0.1, np.nan, 0.2],
            "verdict": ["interior", "not_converged", "boundary"],
            "n": [10, 1, 12],
        },
        index=pd.Index(["north", "<b>", "west"], name="region"),
    )
    groups = describe_groups(table, "gamma")
    assert [row[0] for row in groups.table.rows] == ["<b>", "west", "north"]
    assert {item.label: item.value for item in groups.verdicts} == {
        "interior": 1,
        "boundary": 1,
        "not_converged": 1,
    }
    assert groups.table.columns == ("region", "shape", "shape se", "verdict", "n")


def test_fingerprint_depends_on_values_weights_and_order():
    prints = {
        fingerprint([1.0, 2.0]),
        fingerprint([2.0, 1.0]),
        fingerprint([1.0, 2.0], [1.0, 1.0]),
        fingerprint(["a", "bc"]),
        fingerprint(["ab", "c"]),
    }
    assert len(prints) == 5
    assert fingerprint([1, 2]) == fingerprint(np.array([1.0, 2.0], dtype=">f8"))


@pytest.mark.parametrize(
    "name", ["amount", "it's", 'say "so"', "back\\slash", "a\nb", "名前", "\u202e", "${x}", "`id`"]
)
def test_names_survive_in_the_code(name):
    source = f"{name}.csv"
    code = python_code("gamma", name, source)
    calls = {}

    class Recorder:
        @staticmethod
        def read_csv(path):
            calls["path"] = path

        @staticmethod
        def fit(_, family, column):
            calls["fit"] = (family, column)
            return SimpleNamespace(summary=str, report=str)

    lines = [line for line in code.splitlines() if not line.startswith(("import", "print"))]
    exec("\n".join(lines), {"pd": Recorder, "ml": Recorder})  # noqa: S102  our own code
    assert calls == {"path": source, "fit": ("gamma", name)}


@pytest.mark.parametrize("name", ["amount", "it's", "a b", "$(id)", "a;b", "-rf"])
def test_names_survive_in_the_shell(name):
    import shlex

    words = shlex.split(command_line("gamma", name, "claims.csv"))
    assert words[:3] == ["mlestim", "report", "claims.csv"]
    assert name in words[3:]


def test_data_without_a_file_have_no_command_line():
    assert command_line("gamma", "amount", None) == ""
    assert "data = ..." in python_code("gamma", "amount", None)
