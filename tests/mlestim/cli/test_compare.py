"""`mlestim compare` prints what `mlestim.compare` finds, for people and for programs."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest

import mlestim as ml
from mlestim.comparing import families_in

FAMILIES = ("--distribution", "gamma", "--distribution", "weibull", "--distribution", "normal")


def test_table_and_reasons_are_printed(mlestim, claims) -> None:
    run = mlestim("compare", claims, "--column", "amount", *FAMILIES, "--distribution", "poisson")

    comparison = ml.compare(pd.read_csv(claims), ["gamma", "weibull", "normal"], column="amount")
    assert run.exit_code == 0, run.stderr
    assert run.stdout.startswith("families fitted to amount, best first\n")
    ranked = [line.split()[0] for line in run.stdout.splitlines()[3:6]]
    assert ranked == list(comparison.ranking)
    assert "poisson: column 'amount': 7 of 8 values cannot come from poisson" in run.stdout


def test_json_and_csv_hold_every_digit(mlestim, claims) -> None:
    options = ("compare", claims, "--column", "amount", *FAMILIES, "--criterion", "bic")
    records = json.loads(mlestim(*options, "--json").stdout)
    table = pd.read_csv(io.StringIO(mlestim(*options, "--csv").stdout))

    expected = ml.compare(
        pd.read_csv(claims), ["gamma", "weibull", "normal"], column="amount", criterion="bic"
    ).table
    assert [record["bic"] for record in records] == expected["bic"].tolist()
    assert table["family"].tolist() == expected.index.tolist()
    assert table["weight"].tolist() == pytest.approx(expected["weight"].tolist(), rel=1e-15)


def test_what_is_missing_is_null(mlestim, claims) -> None:
    run = mlestim(
        "compare", claims, "--column", "amount", *FAMILIES, "--distribution", "poisson", "--json"
    )
    refused = json.loads(run.stdout)[-1]
    assert refused["family"] == "poisson"
    assert refused["aicc"] is refused["verdict"] is refused["n_parameters"] is None
    assert "Counts must be whole numbers" in refused["reason"]


def test_groups_show_their_best_and_write_all(mlestim, claims) -> None:
    options = ("compare", claims, "--column", "amount", *FAMILIES, "--by", "region")
    shown = mlestim(*options)
    records = json.loads(mlestim(*options, "--json").stdout)

    comparison = ml.compare(
        pd.read_csv(claims), ["gamma", "weibull", "normal"], column="amount", by="region"
    )
    best = comparison.best["family"]
    for region in ("north", "south"):
        assert any(line.split()[:2] == [region, best[region]] for line in shown.stdout.splitlines())
    assert [(r["region"], r["family"]) for r in records] == comparison.table.index.tolist()


def test_whole_times_that_are_censored_are_measurements_and_a_remark_says_so(mlestim) -> None:
    rows = "days,seen\n3,1\n5,1\n8,0\n4,1\n9,0\n2,1\n"
    run = mlestim("compare", "-", "--column", "days", "--event", "seen", "--json", input=rows)
    assert "read as measurements; for counts give --distribution" in run.stderr
    assert {"weibull", "gamma"} <= {record["family"] for record in json.loads(run.stdout)}


def test_counts_are_compared_as_counts_and_a_set_by_its_name(mlestim, claims) -> None:
    run = mlestim("compare", claims, "--column", "count", "--json")
    assert "read as counts" in run.stderr
    counts = {record["family"] for record in json.loads(run.stdout)}
    assert counts == set(families_in("counts"))

    run = mlestim("compare", claims, "--column", "count", "--distribution", "counts", "--json")
    assert {record["family"] for record in json.loads(run.stdout)} == counts


def test_no_maximum_ends_with_three(mlestim) -> None:
    run = mlestim("compare", "-", "--distribution", "normal", input="x\n2\n2\n2\n2\n2\n")
    assert run.exit_code == 3
    assert "unbounded" in run.stdout
    assert "No family has a verified maximum." in run.stderr


def test_an_unknown_family_ends_with_two(mlestim, claims) -> None:
    run = mlestim("compare", claims, "--column", "amount", "--distribution", "gama")
    assert run.exit_code == 2
    assert "did you mean gamma" in run.stderr


def test_weights_that_are_not_zero_do_not_read_as_zero(mlestim, weather) -> None:
    options = ("--column", "wind", "--distribution", "gamma", "--distribution", "exponential")
    lines = mlestim("compare", weather, *options).stdout.splitlines()
    assert [line.split()[3:-1] for line in lines[3:5]] == [[">", "0.999"], ["<", "0.001"]]


def test_reasons_name_options_of_the_command(mlestim, weather) -> None:
    run = mlestim("compare", weather, "--column", "wind", "--distribution", "triangular")
    assert "--fixed lower=VALUE" in run.stdout


def test_samples_too_small_for_a_criterion_are_told_why(mlestim) -> None:
    table = "x,g\n1,a\n2,a\n4,a\n1,b\n2,b\n5,b\n"
    run = mlestim(
        "compare", "-", "--column", "x", "--by", "g", "--distribution", "gamma", input=table
    )
    assert run.exit_code == 3
    assert "none has a place" in run.stdout
    assert "2 without a family that has a place, mostly because: too few rows" in run.stdout
    assert "take --criterion aic" in run.stderr
