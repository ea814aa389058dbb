"""A grouped fit: its table, with the groups that need attention first, and its charts."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mlestim
import reports
from reports.grouped import MOST_GROUPS


def frame(n_groups=3, n_rows=60):
    x = stats.weibull_min(1.5, scale=2).rvs(n_groups * n_rows, random_state=1)
    regions = [f"region {i}" for i in range(n_groups)]
    return pd.DataFrame({"amount": x, "region": np.repeat(regions, n_rows)})


@pytest.fixture
def mixed():
    data = frame()
    constant = pd.DataFrame({"amount": [1.0] * 5, "region": "</script><b>"})
    return mlestim.fit(pd.concat([data, constant]), "weibull", column="amount", by="region")


def test_groups_that_need_attention_come_first(mixed):
    groups = reports.build(mixed).groups
    assert [row[0] for row in groups.table.rows] == [
        "</script><b>",
        "region 0",
        "region 1",
        "region 2",
    ]
    assert {item.label: item.value for item in groups.verdicts} == {"interior": 3, "unbounded": 1}
    assert [text.name for text in groups.explanations] == ["interior", "unbounded"]


def test_the_tables_numbers_are_the_results(mixed):
    table = reports.build(mixed).groups.table
    shown = {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    for region, row in mixed.table.iterrows():
        assert shown[region]["scale"] == row["scale"]
        assert shown[region]["log-likelihood"] == row["log_likelihood"]
        assert shown[region]["observations"] == row["n_observations"]


def test_charts_show_the_groups_with_estimates_in_ascending_order(mixed):
    shape, scale = reports.build(mixed).charts
    for name, chart in (("shape", shape), ("scale", scale)):
        rows = chart.spec["data"]["values"]
        estimates = mixed.table[name].drop("</script><b>").sort_values()
        assert [row["group"] for row in rows] == list(estimates.index)
        assert [row["estimate"] for row in rows] == pytest.approx(list(estimates), rel=1e-5)
        assert all(row["lower"] < row["estimate"] < row["upper"] for row in rows)


def test_title_keys_and_program():
    data = frame().assign(year=2026)
    result = mlestim.fit(data, "gamma", column="amount", by=["region", "year"])
    report = reports.build(result, data_name="claims.csv")
    assert report.title == "Gamma distribution of amount by region, year"
    assert report.groups.table.columns[:2] == ("region", "year")
    assert 'by=["region", "year"]' in report.provenance.python_code
    assert "--by region --by year" in report.provenance.command_line


def test_many_groups_are_cut_short_and_say_so():
    result = mlestim.fit(frame(MOST_GROUPS + 100, 5), "exponential", column="amount", by="region")
    report = reports.build(result)
    assert len(report.groups.table.rows) == MOST_GROUPS
    assert "500 of 600 groups" in report.groups.table.note
    assert len(report.to_html().encode()) < 1_200_000
    (chart,) = report.charts
    assert "rank" in chart.spec["layer"][0]["encoding"]["y"]["field"]


def test_every_output_can_be_written(mixed, tmp_path):
    for suffix in (".html", ".md", ".json"):
        assert mixed.report(tmp_path / f"groups{suffix}").exists()


def test_groups_that_were_left_out_are_named_and_inert():
    data = frame()
    data.loc[data["region"] == "region 1", "amount"] = np.nan
    data["region"] = data["region"].replace("region 1", "<b>\u202eregion 1")
    result = mlestim.fit(data, "weibull", column="amount", by="region", nan_policy="omit")
    page = reports.build(result).to_html()
    assert "1 group is without a row: &lt;b&gt;" in page
    assert "60 rows are omitted as missing." in page
    assert "\u202e" not in page
