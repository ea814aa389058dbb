"""Parameters known for each row: limits, tables and reports of such fits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mlestim as ml
import reports

SUCCESSES, TRIALS = [4, 4, 4, 3, 4, 5], [9, 8, 9, 9, 7, 9]


def steady() -> ml.FitResult:
    with pytest.warns(ml.LimitWarning, match=r"trials=\[9\.0, 8\.0, 9\.0"):
        return ml.fit(SUCCESSES, "beta_binomial", fixed={"trials": TRIALS})


def test_a_limit_keeps_what_is_known_of_each_row() -> None:
    """Counts that vary less than binomial ones: the binomial, with the trials of each row."""
    result, prob = steady(), sum(SUCCESSES) / sum(TRIALS)
    assert result.verdict is ml.Verdict.AT_INFINITY
    expected = stats.binom.logpmf(SUCCESSES, TRIALS, prob)
    assert result.log_likelihood == pytest.approx(expected.sum(), rel=1e-12)
    assert result.distribution == ml.Binomial(trials=TRIALS, prob=prob)
    assert result.distribution.logpdf(SUCCESSES) == pytest.approx(expected, rel=1e-12)


def test_all_trials_of_a_row_or_none_is_a_limit_too() -> None:
    with pytest.warns(ml.LimitWarning):
        result = ml.fit([3, 5, 0], "beta_binomial", fixed={"trials": [3, 5, 4]})
    assert result.distribution.params["trials"].tolist() == [3.0, 5.0, 4.0]
    assert result.log_likelihood == pytest.approx(2 * np.log(2 / 3) + np.log(1 / 3), rel=1e-12)


def test_such_limits_are_saved_and_reported_without_the_rows() -> None:
    result = steady()
    again = ml.load(result.to_json())
    assert again.limit == ml.Binomial(prob=sum(SUCCESSES) / sum(TRIALS))
    assert "binomial" in reports.build(result).verdict.headline
    long = ml.Binomial(trials=np.full(1000, 9.0), prob=0.5)
    assert repr(long) == "Binomial(trials=<1000 values>, prob=0.5)"


def test_tables_of_groups_have_no_columns_of_what_rows_know() -> None:
    groups = ["a", "a", "a", "b", "b", "b"]
    fits = ml.fit(SUCCESSES, "binomial", by=groups, fixed={"trials": TRIALS})
    assert fits.names == ("prob",)
    assert not {"trials", "trials_standard_error"} & set(fits.table)
    assert not fits.table.isna().any(axis=None)
    assert fits.table["aic"].to_dict() == {key: fit.aic for key, fit in fits.items()}


def test_a_report_of_rows_that_differ_draws_their_normal_scores() -> None:
    page = reports.build(ml.fit(SUCCESSES, "binomial", fixed={"trials": TRIALS}))
    assert [chart.identifier for chart in page.charts] == ["quantiles", "probabilities"]
    assert all("normal scores" in chart.title for chart in page.charts)


def test_comparisons_keep_the_limit_too() -> None:
    frame = pd.DataFrame({"k": SUCCESSES, "n": TRIALS})
    table = ml.compare(frame, ["beta_binomial", "binomial"], column="k", fixed={"trials": "n"})
    assert table.fits["beta_binomial"].limit == table.fits["binomial"].distribution


@pytest.mark.parametrize("family", ["binomial", "beta_binomial"])
@pytest.mark.parametrize("trials", [20.5, -1, [5, 4.5, 5]])
def test_trials_are_whole_numbers(family: str, trials: float | list[float]) -> None:
    with pytest.raises(ml.ParameterError, match=r"trials .*whole numbers from 0 up"):
        ml.fit([1, 2, 3], family, fixed={"trials": trials})


@pytest.mark.parametrize(
    ("family", "successes"),
    [("binomial", [2, 0, 1]), ("beta_binomial", [3, 0, 1, 0, 5]), ("beta_binomial", [3, 0, 5])],
)
@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")  # of the last
def test_rows_without_a_trial_say_nothing(family: str, successes: list[int]) -> None:
    trials = [3, 4, 5, 6, 5][: len(successes)]
    one, other = (
        ml.fit(x, family, fixed={"trials": n}, on_failure="return")
        for x, n in ((successes, trials), ([0, *successes], [0, *trials]))
    )
    assert other.estimates == pytest.approx(one.estimates, rel=1e-9)
    assert other.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-12)


def test_no_trials_at_all_identify_nothing() -> None:
    with pytest.raises(ml.IdentifiabilityError):
        ml.fit([0, 0], "binomial", fixed={"trials": [0, 0]})
