"""Pictures show the numbers of the fit."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import mlestim as ml

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from matplotlib import pyplot as plt  # noqa: E402 -- the backend comes first

from mlestim.plots import KINDS  # noqa: E402

X = np.random.default_rng(1).gamma(2.5, 1.7, 300)
COUNTS = np.random.default_rng(1).negative_binomial(3, 0.4, 200)


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def fit() -> ml.FitResult:
    return ml.fit(X, "gamma")


def line(ax, label: str):
    (found,) = (entry for entry in ax.get_lines() if entry.get_label() == label)
    return found.get_xdata(), found.get_ydata()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("x", "family"), [(X, "gamma"), (COUNTS, "negative_binomial")])
def test_every_kind_draws_measurements_and_counts(kind: str, x, family: str) -> None:
    _, given = plt.subplots()
    ax = ml.fit(x, family).plot(kind, ax=given)
    assert ax is given
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    ax.figure.canvas.draw()


def test_kinds_are_those_of_the_interface() -> None:
    assert set(KINDS) == {"density", "cdf", "qq", "pp", "log_likelihood", "contour"}


def test_density_is_the_fitted_one_over_bars_of_area_one(fit) -> None:
    ax = fit.plot()
    x, y = line(ax, "gamma")
    np.testing.assert_allclose(y, fit.distribution.pdf(x))
    assert sum(bar.get_width() * bar.get_height() for bar in ax.patches) == pytest.approx(1.0)


def test_bars_of_counts_are_their_shares() -> None:
    ax = ml.fit(COUNTS, "poisson").plot()
    heights = {round(bar.get_x() + bar.get_width() / 2): bar.get_height() for bar in ax.patches}
    assert heights == {k: pytest.approx(np.mean(k == COUNTS)) for k in set(COUNTS.tolist())}


def test_weights_count_rows() -> None:
    weights = np.arange(1, 301) % 4
    weighted = ml.fit(X, "gamma", weights=weights).plot("qq")
    repeated = ml.fit(np.repeat(X, weights), "gamma").plot("qq")
    for ours, theirs in zip(line(weighted, "sample"), line(repeated, "sample"), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_quantiles_and_probabilities_belong_to_the_same_shares(fit) -> None:
    share = (np.arange(300) + 0.5) / 300
    fitted, values = line(fit.plot("qq"), "sample")
    np.testing.assert_allclose(values, np.sort(X))
    np.testing.assert_allclose(fitted, fit.distribution.ppf(share))
    fitted, shares = line(fit.plot("pp"), "sample")
    np.testing.assert_allclose(fitted, fit.distribution.cdf(np.sort(X)))
    np.testing.assert_allclose(shares, share)


@pytest.mark.parametrize(("family", "parameter"), [("gamma", "scale"), ("student_t", "df")])
def test_the_curve_is_the_profile_of_single_fits(family: str, parameter: str) -> None:
    result = ml.fit(X, family)
    ax = result.plot("log_likelihood", parameter=parameter, points=5)
    grid, below = ax.get_lines()[0].get_data()
    for value, height in zip(grid, below, strict=True):
        alone = ml.fit(X, family, fixed={parameter: value})
        # the height is a difference of two values of size 650
        assert height == pytest.approx(alone.log_likelihood - result.log_likelihood, abs=1e-9)
    assert below[2] == pytest.approx(0.0, abs=1e-9)  # the estimate is in the middle


def test_contours_enclose_the_estimate_and_show_a_path(fit) -> None:
    path = np.array([[1.0, 4.0], [2.0, 2.0], fit.estimates])
    ax = fit.plot("contour", path=path, points=21)
    x, y = line(ax, "way of the optimizer")
    np.testing.assert_array_equal(np.column_stack([x, y]), path)
    low, high = ax.get_xlim()
    assert low < 1.0 < fit.params["shape"] < high


def test_a_free_location_and_a_fixed_parameter_are_kept() -> None:
    fit = ml.fit(X + 5, "weibull", free=["location"])
    assert fit.plot("contour", parameters=["shape", "location"], points=15).get_ylabel() == (
        "location"
    )
    held = ml.fit(X, "student_t", fixed={"df": 5.0})
    assert held.plot("contour", points=15).get_xlabel() == "location"


def test_matplotlib_is_imported_when_something_is_drawn_and_named_where_it_is_missing(
    fit, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ml.MissingExtraError, match=r"mlestim\[plot\]"):
        fit.plot()


def test_a_parameter_that_was_not_estimated_has_no_curve(fit) -> None:
    with pytest.raises(ml.ParameterError, match=r"'rate' was not estimated.*shape, scale"):
        fit.plot("log_likelihood", parameter="rate")


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("pie", {}, r"kind='pie' is unknown\. Use one of 'cdf', 'contour'"),
        ("cdf", {"bins": 3}, "takes no such option.*bins"),
        ("contour", {"parameters": ["shape"]}, "two free parameters"),
        ("contour", {"path": [1.0, 2.0]}, "one line a step and two columns"),
    ],
)
def test_what_cannot_be_drawn_is_refused(fit, kind: str, options, message: str) -> None:
    with pytest.raises(ml.OptionError, match=message):
        fit.plot(kind, **options)


def test_fits_without_what_a_picture_needs_say_so(fit) -> None:
    with pytest.raises(ml.DataError, match="fit the data again"):
        ml.load(fit.to_json()).plot()
    with pytest.raises(ml.OptionError, match="categorical fits have no plot"):
        ml.fit(["a", "b", "a"], "categorical").plot()
    with pytest.raises(ml.UnboundedLikelihoodError):
        ml.fit([2.0] * 5, "normal", on_failure="return").plot()
    with pytest.raises(ml.OptionError, match=r"no standard error \(boundary\)"):
        ml.fit([0, 0, 0], "poisson").plot("log_likelihood")


def test_rows_with_precisions_of_their_own_have_no_one_distribution() -> None:
    result = ml.fit([1.0, 2.0, 4.0], "normal", weights=[1.0, 2.0, 3.0], weight_type="precision")
    with pytest.raises(ml.OptionError, match="precision: known for each row"):
        result.plot()


def test_censored_tails_are_not_drawn() -> None:
    """The curve stops at the share of values below 4, the bars have its area."""
    placed = float(np.mean(X < 4.0))
    result = ml.fit(np.minimum(X, 6.0), "gamma", event=X < 4.0)
    x, y = line(result.plot("cdf"), "sample")
    assert y[-1] == pytest.approx(placed)
    assert x[-1] == 6.0
    bars = result.plot("density").patches
    assert sum(bar.get_width() * bar.get_height() for bar in bars) == pytest.approx(placed)
    assert max(bar.get_x() + bar.get_width() for bar in bars) <= 4.0
    for kind in ("qq", "pp"):
        assert len(line(result.plot(kind), "sample")[0]) == np.sum(X < 4.0)


def test_a_curve_begins_with_the_share_below_the_limit_of_detection() -> None:
    result = ml.fit(ml.Observations.left_censored(np.maximum(X, 3.0), X > 3.0), "gamma")
    x, y = line(result.plot("cdf"), "sample")
    # the estimate of intervals is an iteration, which ends within 1e-8
    np.testing.assert_allclose((x[0], y[0], y[-1]), (3.0, np.mean(X <= 3.0), 1.0), atol=1e-6)


def test_samples_without_a_value_have_no_picture() -> None:
    ends = ml.Observations.interval([-np.inf] * 3 + [2.0], [2.0] * 3 + [np.inf])
    result = ml.fit(ends, "exponential")
    with pytest.raises(ml.OptionError, match="tell no value"):
        result.plot()


@pytest.mark.parametrize("event", [None, np.arange(4) == 1])
def test_a_single_value_has_a_bar(event) -> None:
    x = [2.0] * 4 if event is None else [1.0, 2.0, 3.0, 4.0]
    result = ml.fit(x, "exponential", event=event)
    bars = result.plot("density").patches
    area = sum(bar.get_width() * bar.get_height() for bar in bars)
    # one event of the three rows that reach it
    assert area == pytest.approx(1.0 if event is None else 1.0 / 3.0)
    x_cdf, y = line(result.plot("cdf"), "sample")
    assert np.all(np.diff(x_cdf) >= 0.0)
    assert y[0] == 0.0


# ---- the maximum of a function -------------------------------------------------------------------


@pytest.fixture(scope="module")
def maximum() -> ml.MaximumResult:
    def by_hand(shape: float, scale: float) -> float:
        return float(ml.Gamma(shape, scale).logpdf(X).sum())

    domains = {"shape": "positive", "scale": "positive"}
    return ml.maximize(by_hand, {"shape": 1, "scale": 1}, domains)


def test_the_curve_of_a_maximum_is_that_of_the_fit(fit, maximum) -> None:
    for kind in ("log_likelihood", "contour"):
        assert maximum.plot(kind, points=5).get_xlabel() == fit.plot(kind).get_xlabel() == "shape"
    curves = [
        r.plot(points=9) if r is maximum else r.plot("log_likelihood", points=9)
        for r in (fit, maximum)
    ]
    ours, theirs = (ax.get_lines()[0].get_data() for ax in curves)
    # standard errors, by which the points are spaced, agree to 1e-7
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)


def test_the_search_of_a_maximum_is_drawn_by_the_names_of_its_parameters(maximum) -> None:
    names = ["scale", "shape"]
    ax = maximum.plot("contour", parameters=names, path=maximum.path, points=15)
    x, y = line(ax, "way of the optimizer")
    np.testing.assert_array_equal(np.column_stack([x, y]), maximum.path[names])
    np.testing.assert_allclose(maximum.path.iloc[[0, -1]], [[1.0, 1.0], maximum.estimates])


def test_a_function_has_no_observations_to_draw(maximum) -> None:
    with pytest.raises(ml.OptionError, match=r"'density' is none of a maximum.*no observations"):
        maximum.plot("density")
