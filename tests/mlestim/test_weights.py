"""What weights may mean, clusters, and covariances that are made of scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mlestim as ml

RNG = np.random.default_rng(11)
X = RNG.gamma(2.0, 3.0, 120)
W = RNG.uniform(0.5, 3.0, 120)
CLUSTER = RNG.integers(0, 15, 120)


def sandwich_of_normal(x: np.ndarray, weights: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Sandwich by hand: mean and sd, scores summed over groups, times G/(G − 1)."""
    mean = np.average(x, weights=weights)
    variance = np.average((x - mean) ** 2, weights=weights)
    sd, z = np.sqrt(variance), (x - mean) / np.sqrt(variance)
    scores = np.array([z / sd, (z**2 - 1.0) / sd]) * weights
    codes = np.unique(groups, return_inverse=True)[1]
    summed = np.array([np.bincount(codes, line) for line in scores])
    units = summed.shape[1]
    total = weights.sum()
    information = np.diag([total / variance, 2.0 * total / variance])
    meat = summed @ summed.T * units / (units - 1.0)
    inverse = np.linalg.inv(information)
    return inverse @ meat @ inverse


# ---- precision -------------------------------------------------------------------------------------


def test_precisions_divide_the_variance_of_a_normal_distribution() -> None:
    """The weighted mean, and the mean of the weighted squares, have formulas."""
    result = ml.fit(X, "normal", weights=W, weight_type="precision")
    mean = np.average(X, weights=W)
    sd = np.sqrt(np.mean(W * (X - mean) ** 2))
    np.testing.assert_allclose(result.estimates, [mean, sd], rtol=1e-9)
    assert result.n_observations == len(X)
    expected = stats.norm.logpdf(X, mean, sd / np.sqrt(W)).sum()
    assert result.log_likelihood == pytest.approx(expected, rel=1e-12)
    assert result.standard_errors["mean"] == pytest.approx(sd / np.sqrt(W.sum()), rel=1e-7)


@pytest.mark.parametrize("family", ["normal", "lognormal", "gamma", "inverse_gaussian"])
def test_equal_precisions_are_none(family: str) -> None:
    plain = ml.fit(X, family)
    precise = ml.fit(X, family, weights=np.ones(len(X)), weight_type="precision")
    np.testing.assert_allclose(precise.estimates, plain.estimates, rtol=1e-8)
    np.testing.assert_allclose(precise.standard_errors, plain.standard_errors, rtol=1e-6)
    assert precise.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)


def test_a_gamma_of_precision_w_is_the_mean_of_w_of_them() -> None:
    """Means of 4 gamma variables have precision 4."""
    draws = np.random.default_rng(3).gamma(2.0, 3.0, (4000, 4))
    means = np.concatenate([draws[:2000, 0], draws[2000:].mean(axis=1)])
    precision = np.repeat([1.0, 4.0], 2000)
    result = ml.fit(means, "gamma", weights=precision, weight_type="precision")
    error = np.abs(result.estimates - [2.0, 3.0]) / result.standard_errors
    assert (error < 4.0).all()


def test_precisions_and_groups_go_together() -> None:
    grouped = ml.fit(X, "normal", weights=W, weight_type="precision", by=CLUSTER % 2)
    part = CLUSTER % 2 == 1
    one = ml.fit(X[part], "normal", weights=W[part], weight_type="precision")
    np.testing.assert_allclose(grouped[1].estimates, one.estimates, rtol=1e-9)
    assert list(grouped.table)[:2] == ["mean", "sd"]
    assert grouped[1].n_observations == part.sum()


# ---- sampling and clusters ---------------------------------------------------------------------------


def test_design_weights_make_a_sandwich_and_count_rows() -> None:
    result = ml.fit(X, "normal", weights=W, weight_type="sampling")
    expected = sandwich_of_normal(X, W, np.arange(len(X)))
    np.testing.assert_allclose(result.covariance_matrix, expected, rtol=1e-9)
    assert result.n_observations == len(X)
    assert result.covariance_type == "sandwich"
    assert "sampling weights" in str(result.summary())


def test_the_unit_of_design_weights_does_not_matter() -> None:
    one, other = (ml.fit(X, "gamma", weights=k * W, weight_type="sampling") for k in (1.0, 1000.0))
    np.testing.assert_allclose(other.estimates, one.estimates, rtol=1e-9)
    np.testing.assert_allclose(other.covariance_matrix, one.covariance_matrix, rtol=1e-6)


def test_scores_of_clusters_add_up() -> None:
    table = pd.DataFrame({"x": X, "school": CLUSTER})
    result = ml.fit(table, "normal", column="x", cluster="school")
    expected = sandwich_of_normal(X, np.ones(len(X)), CLUSTER)
    np.testing.assert_allclose(result.covariance_matrix, expected, rtol=1e-9)
    assert "15 clusters" in str(result.summary())


def test_groups_have_sandwiches_of_their_own() -> None:
    group = CLUSTER % 3
    grouped = ml.fit(X, "gamma", weights=W, weight_type="sampling", by=group)
    for key in range(3):
        part = group == key
        one = ml.fit(X[part], "gamma", weights=W[part], weight_type="sampling")
        np.testing.assert_allclose(grouped[key].covariance_matrix, one.covariance_matrix, rtol=1e-6)
        assert grouped[key].n_observations == part.sum()


# ---- which covariance --------------------------------------------------------------------------------


def test_covariances_of_a_poisson_mean_have_formulas() -> None:
    counts = RNG.negative_binomial(3, 0.3, 200).astype(float)
    n, mean = len(counts), counts.mean()
    scores = (counts / mean - 1.0) ** 2
    expected = {
        "observed": mean / n,
        "expected": mean / n,
        "opg": 1.0 / scores.sum(),
        "sandwich": (mean / n) ** 2 * scores.sum(),
    }
    for kind, value in expected.items():
        result = ml.fit(counts, "poisson", covariance=kind)  # type: ignore[call-overload]
        assert result.covariance_matrix[0, 0] == pytest.approx(value, rel=1e-9), kind
        assert ml.load(result.to_json()).covariance_type == kind


@pytest.mark.parametrize(
    ("family", "information"),
    [
        ("normal", lambda _, sd: np.diag([1.0 / sd**2, 2.0 / sd**2])),
        ("exponential", lambda scale: np.array([[1.0 / scale**2]])),
        (
            "weibull",
            lambda k, s: np.array(
                [
                    [
                        (np.pi**2 / 6.0 + (1.0 - np.euler_gamma) ** 2) / k**2,
                        (np.euler_gamma - 1) / s,
                    ],
                    [(np.euler_gamma - 1) / s, (k / s) ** 2],
                ]
            ),
        ),
    ],
)
def test_expected_information_has_textbook_values(family: str, information: Any) -> None:
    """Quadrature is good to about 1e-10."""
    result = ml.fit(X, family, covariance="expected")
    expected = np.linalg.inv(len(X) * information(*result.estimates))
    np.testing.assert_allclose(result.covariance_matrix, expected, rtol=1e-8)


@pytest.mark.parametrize("family", ["gamma", "weibull", "lognormal", "logistic", "student_t"])
def test_all_covariances_agree_where_the_family_is_right(family: str) -> None:
    """In long samples of the family itself, to a few times the relative noise 1/√n."""
    members = {
        "gamma": ml.Gamma(2.0, 3.0),
        "weibull": ml.Weibull(1.5, 2.0),
        "lognormal": ml.Lognormal(0.5, 0.8),
        "logistic": ml.Logistic(1.0, 2.0),
        "student_t": ml.StudentT(5.0, 1.0, 2.0),
    }
    x = members[family].rvs(20_000, random_state=4)
    usual = ml.fit(x, family).standard_errors
    for kind in ("expected", "opg", "sandwich"):
        errors = ml.fit(x, family, covariance=kind).standard_errors  # type: ignore[call-overload]
        np.testing.assert_allclose(errors, usual, rtol=0.08)


def test_censored_and_truncated_rows_have_scores_too() -> None:
    """Right-censored exponential times: the scores of events and of stops, by hand."""
    time = np.random.default_rng(5).exponential(3.0, 300)
    observed = time < 4.0
    time = np.minimum(time, 4.0)
    result = ml.fit(time, "exponential", event=observed, covariance="opg")
    scale = result.params["scale"]
    scores = (time / scale - observed) / scale
    assert result.covariance_matrix[0, 0] == pytest.approx(1.0 / np.sum(scores**2), rel=1e-9)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"weight_type": "sampling"}, "there are none"),
        ({"weights": W, "weight_type": "relative"}, "'frequency', 'sampling', 'precision'"),
        ({"covariance": "robust"}, "'observed', 'expected', 'opg', 'sandwich'"),
        ({"cluster": CLUSTER, "covariance": "opg"}, "need 'sandwich'"),
        ({"cluster": CLUSTER, "covariance": "observed"}, "need 'sandwich'"),
        ({"cluster": np.zeros(120)}, "but one"),
        ({"truncation": (0.0, None), "covariance": "expected"}, "needs exact rows"),
    ],
)
def test_contradictions_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ml.OptionError, match=words):
        ml.fit(X, "gamma", **options)


def test_missing_clusters_are_told_by_the_name_of_their_column() -> None:
    table = pd.DataFrame({"x": X, "school": np.where(CLUSTER == 3, np.nan, CLUSTER)})
    with pytest.raises(ml.DataError, match=r"column 'school': .* values are missing"):
        ml.fit(table, "gamma", column="x", cluster="school")


def test_families_without_a_dispersion_say_so() -> None:
    with pytest.raises(ml.OptionError, match="weibull has no dispersion"):
        ml.fit(X, "weibull", weights=W, weight_type="precision")


def test_samples_that_say_nothing_are_told_why() -> None:
    x = np.arange(1.0, 6.0)
    with pytest.raises(ml.IdentifiabilityError, match="All rows are right-censored"):
        ml.fit(None, "weibull", lower=x, upper=np.full(5, np.inf))
    with pytest.raises(ml.IdentifiabilityError, match=r"all hold \(5, 6\]"):
        ml.fit(None, "weibull", lower=x, upper=x + 5.0)
    with pytest.raises(ml.IdentifiabilityError, match=r"all hold \(0, 1\]"):
        ml.fit(None, ml.Mixture("normal", 2), lower=np.zeros(30), upper=np.ones(30))
    with pytest.raises(ml.IdentifiabilityError, match="leaves only the value 2, "):
        ml.fit([2, 2, 2], "poisson", truncation=(1.5, 2.5))
    with pytest.raises(ml.IdentifiabilityError, match="leaves only the value 0, "):
        ml.fit([0, 0], "poisson", truncation=(None, 0.5))


def test_summaries_tell_of_how_many_rows_weights_are() -> None:
    event = np.arange(120) % 3 > 0
    result = ml.fit(X, "weibull", weights=np.full(120, 1.5), event=event)
    size = "180 (frequency weights of 120 rows, 80 exact, 40 right-censored)"
    assert result.size == size
    assert size in " ".join(str(result.summary()).split()).replace("right- ", "right-")
    assert ml.fit(X, "weibull").size == "120"
