"""The view model says what the result says."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

import mlestim
import reports
from reports.provenance import fingerprint
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
    x = result.observations.values
    shown = statistics(data)
    assert data.n_rows == x.size
    assert data.n_omitted == 0
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


def test_left_out_rows_are_counted(make_result):
    result = make_result(values=[1.0, None, 2.5, 3.5, 4.0], nan_policy="omit")
    report = reports.build(result, comparison=())
    assert (report.data.n_rows, report.data.n_omitted) == (4, 1)
    assert 'nan_policy="omit"' in report.provenance.python_code


def test_title_and_data_name(make_result):
    report = reports.build(make_result(family="student_t"), comparison=(), data_name="c.csv")
    assert report.title == "Student t distribution of amount"
    assert report.data.name == "c.csv, column amount"
    named = reports.build(make_result(), comparison=(), title="Claims 2026")
    assert named.title == "Claims 2026"


def test_the_date_is_taken_once_or_passed_in(make_result):
    report = reports.build(make_result(), comparison=(), created=CREATED)
    assert report.provenance.created == "2026-01-02 03:04 UTC"


def test_a_fit_at_infinity_shows_its_limit(make_result):
    """Uniform data have lighter tails than any Student t: the maximum is the normal limit."""
    x = np.linspace(0, 1, 100)
    with pytest.warns(mlestim.LimitWarning):
        result = make_result(values=x, family="student_t")
    report = reports.build(result)
    assert report.verdict.name == "at_infinity"
    assert "towards the normal family" in report.verdict.headline
    assert "normal" in report.charts[0].description
    limit = {item.label: item.value for item in report.fit.limit.values}
    assert report.fit.limit.family == "normal"
    assert limit["mean"] == pytest.approx(x.mean())
    assert limit["sd"] == pytest.approx(x.std())


def test_a_fit_without_estimates_has_no_charts(make_result):
    report = reports.build(make_result(values=[2.0] * 10, family="normal"))
    assert report.verdict.name == "unbounded"
    assert report.charts == ()
    assert "Where the search ended" in report.to_html()
    assert 'on_failure="return"' in report.provenance.python_code


def test_the_ranking_holds_the_fit_itself(make_result):
    """A family with a known parameter keeps it: it is the report's own line that is ranked."""
    result = make_result(family="normal", fixed={"sd": 2})
    lines = {line.family: line for line in reports.build(result).ranking}
    assert [family for family, line in lines.items() if line.chosen] == ["normal"]
    assert lines["normal"].aicc == result.aicc
    assert lines["normal"].n_parameters == 1


def test_a_result_without_observations_cannot_be_reported(make_result):
    loaded = mlestim.load(make_result().to_json())
    with pytest.raises(mlestim.DataError, match="fit the data again"):
        reports.build(loaded)


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


class TestVectors:
    @pytest.fixture
    def data(self):
        normal = mlestim.MultivariateNormal(mean=[1, 2], covariance=[[2, 1], [1, 3]])
        return pd.DataFrame(normal.rvs(80, random_state=1), columns=["length", "width"])

    def test_charts_set_the_distances_of_rows_against_their_distribution(self, data):
        page = reports.build(mlestim.fit(data, "multivariate_normal"))
        assert [chart.identifier for chart in page.charts] == [
            "density", "cumulative", "quantiles", "probabilities",
        ]  # fmt: skip
        assert "squared distance from the centre of length, width" in page.charts[0].title

    def test_the_data_have_a_line_for_each_component(self, data):
        page = reports.build(mlestim.fit(data, "multivariate_t", on_failure="return"))
        components = [row[0] for row in page.data.categories.rows]
        assert components == ["length", "width"]
        assert page.data.n_rows == 80
        assert "The components of the vectors." in page.to_html()

    def test_the_recipe_names_all_columns(self, data):
        result = mlestim.fit(data, "multivariate_normal", column=["length", "width"])
        page = reports.build(result, data_name="flowers.csv")
        assert 'column=["length", "width"]' in page.provenance.python_code
        assert "--column length --column width" in page.provenance.command_line
        array = reports.build(mlestim.fit(data.to_numpy(), "multivariate_normal"))
        assert "column=" not in array.provenance.python_code

    @pytest.mark.parametrize("family", ["dirichlet", "multinomial"])
    def test_families_without_distances_have_no_chart(self, family):
        data = [[0.2, 0.8], [0.4, 0.6]] if family == "dirichlet" else [[1, 2], [3, 1]]
        page = reports.build(mlestim.fit(data, family))
        assert page.charts == ()
        assert family in page.to_html().lower()


class TestRowsThatAreNotExact:
    def test_charts_show_what_is_known_of_the_sample(self):
        rng = np.random.default_rng(1)
        time, stop = rng.weibull(1.5, 60) * 10.0, rng.uniform(0.0, 25.0, 60)
        result = mlestim.fit(np.minimum(time, stop), "weibull", event=time <= stop)
        report = reports.build(result, comparison=())
        assert {chart.identifier for chart in report.charts} >= {"density", "cumulative"}
        assert "right-censored" in report.data.intervals

    @pytest.mark.parametrize(
        ("family", "options"),
        [
            ("weibull", {"truncation": (np.linspace(0.0, 0.9, 30), None)}),
            ("normal", {"weights": np.linspace(1.0, 2.0, 30), "weight_type": "precision"}),
            ("binomial", {"fixed": {"trials": np.arange(10, 40)}}),
        ],
    )
    def test_rows_with_distributions_of_their_own_are_drawn_by_normal_scores(self, family, options):
        x = np.arange(30) % 7 + 1.0 if family == "binomial" else np.linspace(1.0, 3.0, 30)
        report = reports.build(mlestim.fit(x, family, **options), comparison=())
        assert [chart.identifier for chart in report.charts] == ["quantiles", "probabilities"]
        assert "normal scores" in report.charts[0].title
        assert "standard normal if the fit is right" in report.charts[1].description
        known = 'fixed={"trials": trials}' in report.provenance.python_code
        assert known == (family == "binomial")


@pytest.mark.parametrize("suffix", ["html", "md"])
def test_what_weights_mean_is_told(tmp_path, suffix):
    """And what standard errors are made of, where that is not as usual."""
    x, w = mlestim.Gamma(shape=3, scale=1).rvs(30, random_state=1), np.linspace(1.0, 2.0, 30)
    options = {"weights": w, "weight_type": "sampling", "cluster": np.arange(30) // 5}
    report = reports.build(mlestim.fit(x, "gamma", **options), ())
    assert report.data.design == "sampling weights, 6 clusters"
    path = reports.write(report, tmp_path / f"page.{suffix}")
    page = path.read_text(encoding="utf-8")
    assert "sampling weights, 6 clusters" in page
    assert "the sandwich of scores" in page
    usual = reports.write(reports.build(mlestim.fit(x, "gamma"), ()), tmp_path / f"usual.{suffix}")
    assert "sandwich" not in usual.read_text(encoding="utf-8")
