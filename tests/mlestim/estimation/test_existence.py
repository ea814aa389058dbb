"""Small and tied samples for which theory says whether there is a maximum, and where."""

from __future__ import annotations

import numpy as np
import pytest
from mpmath import mp

import mlestim as ml

NOT_IDENTIFIED, UNBOUNDED = ml.Verdict.NOT_IDENTIFIED, ml.Verdict.UNBOUNDED
INTERIOR = ml.Verdict.INTERIOR


@pytest.mark.parametrize(
    ("x", "weights", "verdict"),
    [
        # Copas (1975): one maximum, unless half of the weight or more is at one value
        ([1.0, 2.0], None, NOT_IDENTIFIED),
        ([1.0, 1.0, 2.0, 2.0], None, NOT_IDENTIFIED),
        ([1.0, 1.0, 1.0, 2.0], [1, 1, 1, 3], NOT_IDENTIFIED),
        ([1.0, 1.0, 2.0], None, UNBOUNDED),
        ([1.0, 1.0, 2.0, 3.0], None, UNBOUNDED),
        ([1.0, 1.0, 2.0, 3.0, 4.0], None, INTERIOR),
    ],
)
def test_cauchy_has_a_maximum_where_less_than_half_is_tied(x, weights, verdict) -> None:
    result = ml.fit(np.array(x), "cauchy", weights=weights, on_failure="return")
    assert result.verdict is verdict


def test_cauchy_with_a_known_scale_is_identified_by_two_rows() -> None:
    result = ml.fit([1.0, 9.0], "cauchy", fixed={"scale": 1.0})
    assert result.verdict is INTERIOR
    # two maxima, one beside either row: (x − 5)² = 4² − 1
    assert abs(result.params["location"] - 5.0) == pytest.approx(np.sqrt(15.0))


@pytest.mark.parametrize("width", [20.0, 1.0, 1e-2, 1e-4, 1e-6, 1e-8])
def test_inverse_gaussian_keeps_the_digits_of_narrow_and_wide_samples(width: float) -> None:
    x = 3.0 * np.exp(width * np.random.default_rng(0).normal(size=50))
    with mp.workdps(40):
        rows = [mp.mpf(float(value)) for value in x]
        mean = mp.fsum(rows) / len(rows)
        exact = len(rows) / mp.fsum((row - mean) ** 2 / row for row in rows) * mean**2
    # the rows themselves are rounded in digit 16, their distances in digits 16 + log10(width)
    digits = max(1e-12, 1e-15 / width)
    assert ml.fit(x, "inverse_gaussian").params["shape"] == pytest.approx(float(exact), rel=digits)


@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")
@pytest.mark.parametrize("count", [0, 1, 3, 1000])
def test_discrete_weibull_gathers_at_a_single_count(count: int) -> None:
    result = ml.fit([count] * 6, "discrete_weibull")
    assert result.verdict is ml.Verdict.AT_INFINITY
    assert result.log_likelihood == 0.0
    assert result.distribution.pdf(count) == 1.0


@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")
def test_skew_t_of_a_sample_that_begins_abruptly_is_half_a_t() -> None:
    x = np.random.default_rng(0).exponential(size=60)
    result = ml.fit(x, "skew_t")
    assert result.verdict is ml.Verdict.AT_INFINITY
    assert result.limit.name == "half_student_t"
    assert result.log_likelihood == pytest.approx(result.limit.logpdf(x).sum(), abs=1e-9)
    assert result.log_likelihood > ml.fit(x, "skew_normal").log_likelihood


@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")
def test_kumaraswamy_of_narrow_shares_is_weibull_beyond_the_floating_point_numbers() -> None:
    x = 0.3 + 1e-4 * np.random.default_rng(0).normal(size=60)
    result = ml.fit(x, "kumaraswamy")
    assert result.verdict is ml.Verdict.AT_INFINITY
    assert result.log_likelihood == pytest.approx(ml.fit(x, "weibull").log_likelihood, abs=1e-9)


@pytest.mark.parametrize("unit", [1.0, 1e6])
def test_normal_inverse_gaussian_has_no_maximum_where_its_limit_has_none(unit: float) -> None:
    """Half of the rows at one value: neither it nor the Cauchy distribution has one."""
    x = unit * np.concatenate([np.zeros(30), np.random.default_rng(0).normal(size=30)])
    for family in ("cauchy", "normal_inverse_gaussian"):
        assert ml.fit(x, family, on_failure="return").verdict is UNBOUNDED


@pytest.mark.parametrize(
    ("family", "seed", "shape"),
    [
        (ml.GeneralizedLogistic(location=1, scale=2, shape=0.7), 7, 1.12683),
        (ml.GeneralizedExtremeValue(location=1, scale=2, shape=-0.8), 0, -1.39496),
    ],
)
def test_rows_censored_above_keep_the_upper_end_from_exact_rows(family, seed, shape) -> None:
    """Of exact rows alone there is a spike where the shape is beyond 1; here is a maximum."""
    x = family.rvs(size=40, random_state=np.random.default_rng(seed))
    end = np.quantile(x, 0.7)
    result = ml.fit(np.minimum(x, end), family.name, event=x < end)
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.params["shape"] == pytest.approx(shape, abs=1e-4)
