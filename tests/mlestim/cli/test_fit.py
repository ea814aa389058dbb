"""`mlestim fit` prints what `mlestim.fit` finds, for people and for programs."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

import mlestim as ml


def test_summary_of_one_fit_fits_eighty_columns(mlestim, claims) -> None:
    run = mlestim("fit", claims, "--column", "amount", "--distribution", "gamma")

    assert run.exit_code == 0
    assert "gamma fitted to amount" in run.stdout
    assert "interior" in run.stdout
    assert max(len(line) for line in run.stdout.splitlines()) <= 80
    assert not run.stderr


def test_json_holds_every_digit_and_can_be_loaded(mlestim, claims, tmp_path) -> None:
    run = mlestim("fit", claims, "--column", "amount", "--distribution", "gamma", "--json")

    expected = ml.fit(pd.read_csv(claims), "gamma", column="amount")
    found = json.loads(run.stdout)
    assert found["params"] == expected.params.to_dict()
    assert found["standard_errors"] == expected.standard_errors.to_dict()
    assert found["verdict"] == "interior"
    saved = tmp_path / "fit.json"
    saved.write_text(run.stdout)
    assert ml.load(saved).params.equals(expected.params)


def test_csv_of_one_fit_has_one_line_a_parameter(mlestim, claims) -> None:
    run = mlestim("fit", claims, "--column", "amount", "--distribution", "gamma", "--csv")

    table = pd.read_csv(io.StringIO(run.stdout))
    assert table["parameter"].tolist() == ["shape", "scale"]
    assert set(table) >= {"estimate", "standard_error", "lower", "upper", "verdict"}


def test_grouped_json_is_a_list_of_records(mlestim, claims) -> None:
    run = mlestim(
        "fit", claims, "--column", "amount", "--distribution", "gamma", "--by", "region", "--json"
    )

    records = json.loads(run.stdout)
    table = ml.fit(pd.read_csv(claims), "gamma", column="amount", by="region").table
    assert [record["region"] for record in records] == ["north", "south"]
    assert [record["shape"] for record in records] == table["shape"].tolist()
    for record in records:
        assert record["shape_lower"] < record["shape"] < record["shape_upper"]


def test_several_keys_make_several_columns(mlestim, weather) -> None:
    frame = pd.read_csv(weather)
    frame["wet"] = frame["precipitation"] > 0
    text = frame.to_csv(index=False)
    keys = ("--by", "season", "--by", "wet")

    run = mlestim("fit", "-", "--column", "wind", "--distribution", "gamma", *keys, input=text)

    assert run.exit_code == 0
    assert len(run.stdout.splitlines()) == 2 + 1 + 8 + 2  # title, head, groups, count
    assert "8 groups: 8 interior" in run.stdout


def test_weights_fixed_values_starts_and_level_reach_the_fit(mlestim, claims) -> None:
    run = mlestim(
        *("fit", claims, "--column", "amount", "--distribution", "normal", "--weights", "weight"),
        *("--fixed", "sd=2", "--start", "mean=3", "--level", "0.5", "--json"),
    )

    expected = ml.fit(
        pd.read_csv(claims), "normal", column="amount", weights="weight", fixed={"sd": 2}
    )
    found = json.loads(run.stdout)
    assert found["params"]["mean"] == expected.params["mean"]
    assert found["standard_errors"]["sd"] is None
    interval = expected.confidence_intervals(0.5).loc["mean"]
    assert found["confidence_intervals"]["mean"] == interval.to_dict()


def test_free_location_is_estimated(mlestim, weather) -> None:
    run = mlestim(
        "fit", weather, "--column", "wind", "--distribution", "weibull", "--free", "location",
        "--json",
    )  # fmt: skip

    assert json.loads(run.stdout)["params"]["location"] < 0.4  # the smallest wind


def test_missing_values_are_refused_or_left_out_and_counted(mlestim) -> None:
    text = "x,y\n1.5,a\n,b\n2.5,c\n4,d\n"

    refused = mlestim("fit", "-", "--distribution", "normal", "--column", "x", input=text)
    assert refused.exit_code == 1
    assert "line 3" in refused.stderr
    assert "--nan-policy omit" in refused.stderr

    taken = mlestim(
        "fit", "-", "--distribution", "normal", "--column", "x", "--nan-policy", "omit", input=text
    )
    assert taken.exit_code == 0
    assert "1 omitted" in taken.stdout


def test_reads_tsv_parquet_and_other_separators(mlestim, claims, tmp_path) -> None:
    frame = pd.read_csv(claims)
    frame.to_csv(tmp_path / "claims.tsv", sep="\t", index=False)
    frame.to_csv(tmp_path / "claims.txt", sep=";", index=False)
    pytest.importorskip("pyarrow")
    frame.to_parquet(tmp_path / "claims.parquet")
    options = ("--column", "amount", "--distribution", "gamma", "--csv")

    outputs = {
        mlestim("fit", claims, *options).stdout,
        mlestim("fit", tmp_path / "claims.tsv", *options).stdout,
        mlestim("fit", tmp_path / "claims.txt", "--separator", ";", *options).stdout,
        mlestim("fit", tmp_path / "claims.parquet", *options).stdout,
    }

    assert len(outputs) == 1


def test_columns_of_parquet_may_be_numbers(mlestim, tmp_path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "numbered.parquet"
    pd.DataFrame({0: [1.0, 2.0, 4.0], 1: ["a", "b", "c"]}).to_parquet(path)

    run = mlestim("fit", path, "--column", "0", "--distribution", "normal", "--csv")

    assert run.exit_code == 0, run.stderr


# ---- verdicts ----------------------------------------------------------------------------------


def test_no_maximum_is_exit_code_3_in_one_line(mlestim) -> None:
    run = mlestim("fit", "-", "--distribution", "normal", input="x\n1\n1\n1\n")

    assert run.exit_code == 3
    assert run.stdout == ""
    (line,) = run.stderr.splitlines()
    assert "grows without bound" in line
    assert "--fixed NAME=VALUE" in line


def test_programs_get_the_verdict_of_a_fit_without_maximum(mlestim, tmp_path) -> None:
    options, text = ("fit", "-", "--distribution", "normal"), "x\n1\n1\n1\n"

    run = mlestim(*options, "--json", input=text)
    assert run.exit_code == 3
    assert json.loads(run.stdout)["verdict"] == "unbounded"
    assert json.loads(run.stdout)["aic"] is None
    assert "grows without bound" in run.stderr
    saved = tmp_path / "fit.json"
    saved.write_text(run.stdout)
    assert ml.load(saved).verdict == "unbounded"

    run = mlestim(*options, "--csv", input=text)
    assert run.exit_code == 3
    assert set(pd.read_csv(io.StringIO(run.stdout))["verdict"]) == {"unbounded"}


@pytest.mark.parametrize("command", ["fit", "compare", "families"])
def test_two_forms_at_once_are_refused(mlestim, claims, command) -> None:
    data = {"fit": (claims, "--distribution", "gamma"), "compare": (claims,), "families": ()}

    run = mlestim(command, *data[command], "--json", "--csv")

    assert run.exit_code == 2
    assert "--json and --csv exclude each other" in run.stderr
    assert run.stdout == ""


def test_limit_is_a_remark_and_no_failure(mlestim) -> None:
    run = mlestim("fit", "-", "--distribution", "negative_binomial", input="n\n2\n2\n3\n2\n2\n")

    assert run.exit_code == 0
    assert "at_infinity" in run.stdout
    assert "poisson" in run.stderr
    assert "Warning" not in run.stderr


def test_groups_without_maximum_are_told_and_fail_only_together(mlestim) -> None:
    text = "g,x\n" + "a,1\n" * 3 + "b,1\nb,2\nb,4\n"
    options = ("--column", "x", "--by", "g", "--distribution", "normal")

    some = mlestim("fit", "-", *options, input=text)
    assert some.exit_code == 0
    assert "1 of 2 groups have no verified maximum" in some.stderr

    every = mlestim("fit", "-", *options, input=text.replace("b,4", "a,1").replace("b,2", "b,1"))
    assert every.exit_code == 3
    assert "unbounded" in every.stdout


def test_what_groups_leave_out_is_told(mlestim) -> None:
    text = "g,x\na,1\na,2\na,4\nb,\n,3\n"
    options = ("--column", "x", "--by", "g", "--distribution", "normal", "--nan-policy", "omit")

    run = mlestim("fit", "-", *options, input=text)

    assert run.exit_code == 0, run.stderr
    assert "1 group is without a row: b\n2 rows are omitted as missing\n" in run.stdout


# ---- many groups, wide tables, hostile text -----------------------------------------------------


def many_groups(count: int) -> str:
    rng = np.random.default_rng(1)
    lines = [f"{g},{x:.4f}" for g in range(count) for x in rng.gamma(2.0, 3.0, 5)]
    lines += [f"{count},1.0"] * 5
    return "g,x\n" + "\n".join(lines) + "\n"


def test_of_many_groups_the_first_and_the_failed_are_shown(mlestim) -> None:
    options = ("--column", "x", "--by", "g", "--distribution", "gamma")

    run = mlestim("fit", "-", *options, input=many_groups(3000))

    lines = run.stdout.splitlines()
    assert len(lines) < 50
    assert any(line.startswith("3000 ") and "unbounded" in line for line in lines)
    assert "3001 groups: 3000 interior, 1 unbounded" in run.stdout
    assert "--csv or --json gives all" in run.stdout


def test_csv_gives_all_of_many_groups(mlestim) -> None:
    options = ("--column", "x", "--by", "g", "--distribution", "gamma", "--csv")

    run = mlestim("fit", "-", *options, input=many_groups(3000))

    assert len(pd.read_csv(io.StringIO(run.stdout))) == 3001


def test_a_wide_table_leaves_columns_out_and_says_which(mlestim, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    labels = [f"level{k}" for k in range(12)]
    text = "g,x\n" + "".join(f"{g},{label}\n" for g in "ab" for label in labels)

    run = mlestim(
        "fit", "-", "--column", "x", "--by", "g", "--distribution", "categorical", input=text
    )

    assert run.exit_code == 0, run.stderr
    assert max(len(line) for line in run.stdout.splitlines()[:-1]) <= 80
    assert "Left out for width: " in run.stdout


def test_keys_named_like_parameters_keep_their_column(mlestim) -> None:
    text = "scale,x\n" + "a,1\na,2\na,4\nb,1\nb,3\nb,9\n"
    options = ("--column", "x", "--by", "scale", "--distribution", "gamma", "--json")

    records = json.loads(mlestim("fit", "-", *options, input=text).stdout)

    assert [record["by_scale"] for record in records] == ["a", "b"]
    assert all(record["scale"] > 0 for record in records)


def test_csv_holds_no_formulas(mlestim) -> None:
    hostile = ["=HYPERLINK(1)", "+1", "-1+2", "@SUM(A1)", "\tx"]
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["=cmd", "x"])
    writer.writerows([key, x] for key in hostile for x in (-1.5, -2.5, -4.0))

    run = mlestim(
        *("fit", "-", "--column", "x", "--by", "=cmd", "--distribution", "normal", "--csv"),
        input=file.getvalue(),
    )

    rows = list(csv.reader(io.StringIO(run.stdout)))
    assert rows[0][0] == "'=cmd"
    assert {row[0] for row in rows[1:]} == {f"'{key}" for key in hostile}
    assert all(float(row[1]) < 0 for row in rows[1:])  # negative numbers stay numbers


def test_text_in_the_data_cannot_steer_the_terminal(mlestim) -> None:
    text = "g,x\n" + "\x1b[2Jred,1\n\x1b[2Jred,2\n\x1b[2Jred,4\n"

    run = mlestim("fit", "-", "--column", "x", "--by", "g", "--distribution", "normal", input=text)
    assert "\x1b" not in run.stdout
    assert r"\x1b[2Jred" in run.stdout

    run = mlestim("fit", "-", "--column", "\x1b[2J", "--distribution", "normal", input=text)
    assert run.exit_code == 1
    assert "\x1b" not in run.stderr


# ---- wrong use ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "exit_code", "words"),
    [
        (["--distribution", "gama"], 2, "did you mean gamma"),
        (["--distribution", "gamma", "--column", "sum"], 1, "no column 'sum'"),
        (["--distribution", "gamma", "--by", "country"], 1, "no column 'country'"),
        (["--distribution", "gamma", "--column", "count"], 1, "lines 2 and 6"),
        (["--distribution", "gamma", "--fixed", "rate=2"], 2, "shape, scale"),
        (["--distribution", "gamma", "--fixed", "shape=-2"], 2, "outside"),
        (["--distribution", "gamma", "--fixed", "shape"], 2, "name=number"),
        (["--distribution", "gamma", "--start", "shape=two"], 2, "name=number"),
        (["--distribution", "gamma", "--fixed", "shape=size"], 2, "shape takes one number"),
        (["--distribution", "binomial", "--fixed", "trials=size"], 1, "no column 'size'"),
        (["--distribution", "gamma", "--fixed", "shape=weight"], 2, "takes one number"),
        (["--distribution", "gamma", "--level", "95"], 2, "0.0<x<1.0"),
        (["--distribution", "gamma", "--by", "region", "--by", "region"], 2, "more than once"),
        (["--column", "amount"], 2, "--distribution"),
    ],
)
def test_errors_say_what_is_wrong_without_a_traceback(
    mlestim, claims, options, exit_code, words
) -> None:
    column = [] if "--column" in options else ["--column", "amount"]

    run = mlestim("fit", claims, *column, *options)

    assert run.exit_code == exit_code
    assert words in run.stderr
    assert run.stdout == ""
    assert "Traceback" not in run.stderr


def test_missing_file_is_one_line(mlestim) -> None:
    run = mlestim("fit", "nowhere.csv", "--distribution", "gamma")

    assert run.exit_code == 1
    assert run.stderr.splitlines() == ["Error: there is no file nowhere.csv. Check the path."]


def test_several_columns_are_fitted_together(mlestim, claims):
    result = mlestim(
        "fit", claims, "--column", "amount", "--column", "count",
        "--distribution", "multivariate_normal", "--json",
    )  # fmt: skip
    assert result.exit_code == 0
    params = json.loads(result.stdout)["params"]
    assert params["mean_1"] == pytest.approx(2.675)
    assert list(params) == [
        "mean_1", "mean_2", "covariance_11", "covariance_21", "covariance_22",
    ]  # fmt: skip


def test_several_columns_are_no_column_of_numbers(mlestim, claims):
    columns = ["--column", "amount", "--column", "count"]
    result = mlestim("fit", claims, *columns, "--distribution", "gamma")
    assert result.exit_code == 1
    assert "'amount' and 'count': gamma is a family of numbers" in result.stderr
