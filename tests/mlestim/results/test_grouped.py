"""Fits by group: each is the fit of its own rows, whatever the other groups are like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mlestim as ml

SIZES = {"alpha": 40, "beta": 3, "gamma": 75, "delta": 12}  # ragged, and not in order of size
# In standard errors: a batch and a single fit add up in another order. Formulas agree to 1e-12.
AGREE = 1e-9


def claims(seed: int = 7) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    region = np.repeat(list(SIZES), list(SIZES.values()))
    table = pd.DataFrame(
        {
            "region": region,
            "year": rng.integers(2024, 2026, len(region)),
            "amount": rng.gamma(2.0, 3.0, len(region)),
            "count": rng.negative_binomial(2, 0.3, len(region)),
            "weight": rng.integers(1, 4, len(region)).astype(float),
            "kind": rng.choice(["fire", "theft", "water"], len(region)),
        }
    )
    return table.sample(frac=1.0, random_state=seed, ignore_index=True)


def require_same(one: ml.FitResult, other: ml.FitResult) -> None:
    assert one.verdict == other.verdict
    assert one.names == other.names
    assert one.n_observations == other.n_observations
    assert one.n_parameters == other.n_parameters
    exact = one.method == "closed_form"
    spread = np.sqrt(np.diag(other.covariance_matrix))
    close = np.isclose(
        one.estimates,
        other.estimates,
        rtol=1e-12 if exact else 1e-9,
        atol=0.0 if exact else AGREE * np.nan_to_num(spread),
    )
    assert close.all(), (one.estimates, other.estimates)
    np.testing.assert_allclose(
        one.covariance_matrix / np.outer(spread, spread),
        other.covariance_matrix / np.outer(spread, spread),
        rtol=10 * AGREE,
        atol=10 * AGREE,
    )
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-10, abs=1e-10)
    if one.limit is not None:
        assert one.limit.params == pytest.approx(other.limit.params, rel=1e-9, abs=1e-9)


COLUMNS = {
    "normal": "amount",
    "lognormal": "amount",
    "exponential": "amount",
    "gamma": "amount",
    "weibull": "amount",
    "gumbel": "amount",
    "student_t": "amount",
    "poisson": "count",
    "negative_binomial": "count",
    "categorical": "kind",
}
OPTIONS = {
    "plain": {},
    "weighted": {"weights": "weight"},
}


@pytest.mark.filterwarnings("ignore::mlestim.LimitWarning")  # a table shows limits, fits warn
@pytest.mark.parametrize("options", ["plain", "weighted"])
@pytest.mark.parametrize("family", COLUMNS)
def test_a_group_is_fitted_as_if_it_were_alone(family: str, options: str) -> None:
    table, column = claims(), COLUMNS[family]
    fits = ml.fit(table, family, column=column, by="region", **OPTIONS[options])
    for region in SIZES:
        own = table[table["region"] == region]
        if family == "categorical":  # every group knows all levels
            own = own.assign(kind=pd.Categorical(own["kind"], categories=sorted({*table["kind"]})))
        alone = ml.fit(own, family, column=column, on_failure="return", **OPTIONS[options])
        require_same(fits[region], alone)


@pytest.mark.parametrize(
    "options",
    [
        {"fixed": {"shape": 2.0}},
        {"fixed": {"location": -1.0}},
        {"bounds": {"shape": (1.9, 2.1)}},
        {"start": {"shape": 9.0, "scale": 0.1}},
        {"free": ["location"]},
    ],
    ids=lambda options: next(iter(options)) + " " + str(next(iter(options.values()))),
)
def test_options_mean_the_same_for_groups(options: dict) -> None:
    table = claims()
    fits = ml.fit(table, "gamma", column="amount", by="region", **options)
    for region in SIZES:
        own = table.loc[table["region"] == region, "amount"]
        require_same(fits[region], ml.fit(own, "gamma", on_failure="return", **options))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=12),
    seed=st.integers(0, 2**32 - 1),
    family=st.sampled_from(["normal", "exponential", "gamma", "weibull", "lognormal", "poisson"]),
    weighted=st.booleans(),
)
def test_any_partition_gives_the_fits_of_its_parts(sizes, seed, family, weighted) -> None:
    rng = np.random.default_rng(seed)
    key = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    draw = rng.poisson(3.0, len(key)) if family == "poisson" else rng.gamma(3.0, 1.0, len(key))
    x = draw.astype(float)
    w = rng.integers(1, 5, len(key)) * 0.5 if weighted else None
    fits = ml.fit(x, family, by=key, weights=w)
    for group in range(len(sizes)):
        own = key == group
        alone = ml.fit(x[own], family, weights=None if w is None else w[own], on_failure="return")
        together = fits[group]
        assert together.verdict == alone.verdict
        if alone.verdict.holds:
            require_same(together, alone)


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(2, 300), min_size=1, max_size=6),
    seed=st.integers(0, 2**32 - 1),
    top=st.sampled_from([3, 40, 1000]),
    weighted=st.booleans(),
)
def test_counts_are_the_same_tabulated_or_not(sizes, seed, top, weighted) -> None:
    """Long samples of counts are fitted from their table of values, short ones row by row."""
    rng = np.random.default_rng(seed)
    key = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    x = rng.integers(0, top, len(key))
    w = rng.integers(1, 4, len(key)) if weighted else None
    fits = ml.fit(x, "negative_binomial", by=key, weights=w)
    for group in range(len(sizes)):
        own = key == group
        own_weights = None if w is None else w[own]
        if _is_overdispersed(x[own], own_weights):
            require_same(fits[group], ml.fit(x[own], "negative_binomial", weights=own_weights))
        else:
            assert fits[group].verdict == "at_infinity"
            assert fits[group].limit.name == "poisson"


def _is_overdispersed(x: np.ndarray, w: np.ndarray | None) -> bool:
    mean = np.average(x, weights=w)
    return np.average((x - mean) ** 2, weights=w) > mean


def test_groups_that_fail_leave_the_others_alone() -> None:
    table = claims()
    table.loc[table["region"] == "beta", "amount"] = 5.0
    fits = ml.fit(table, "gamma", column="amount", by="region", on_failure="raise")
    assert fits.table["verdict"].to_dict() == {
        "alpha": "interior",
        "beta": "unbounded",
        "delta": "interior",
        "gamma": "interior",
    }
    failed = fits.table.loc["beta"]
    assert np.isnan(failed[["shape_standard_error", "scale_standard_error"]].astype(float)).all()
    assert repr(fits) == "GroupedFit(gamma, 4 groups: 3 interior, 1 unbounded)"
    assert fits["beta"].verdict == "unbounded"
    with pytest.raises(ml.UnboundedLikelihoodError, match="'amount'"):
        fits["beta"].require_maximum()
    rest = ml.fit(table[table["region"] != "beta"], "gamma", column="amount", by="region")
    for region in ("alpha", "delta", "gamma"):
        require_same(fits[region], rest[region])


def test_limits_and_edges_are_found_group_by_group() -> None:
    rng = np.random.default_rng(3)
    table = pd.DataFrame(
        {
            "shop": np.repeat(["empty", "regular", "wild"], [50, 200, 100]),
            "sold": np.concatenate(
                [np.zeros(50), rng.binomial(8, 0.5, 200), rng.negative_binomial(1, 0.2, 100)]
            ).astype(int),
        }
    )
    wild = ml.fit(table, "negative_binomial", by="shop")
    assert wild.table["verdict"].tolist() == ["at_infinity", "at_infinity", "interior"]
    assert wild["empty"].distribution == ml.Poisson(mean=0.0)
    assert wild["regular"].limit.params["mean"] == pytest.approx(
        table.loc[table["shop"] == "regular", "sold"].mean(), rel=1e-14
    )
    plain = ml.fit(table, "poisson", by="shop")
    assert plain.table["verdict"].tolist() == ["boundary", "interior", "interior"]
    assert plain.table.loc["empty", ["mean", "log_likelihood"]].tolist() == [0.0, 0.0]


# ---- tables --------------------------------------------------------------------------------------


def test_the_table_has_one_row_a_group() -> None:
    fits = ml.fit(claims(), "gamma", column="amount", by="region")
    assert len(fits) == 4
    assert fits.table.index.name == "region"
    assert fits.table.index.tolist() == sorted(SIZES)
    assert fits.table.columns.tolist() == [
        "shape",
        "scale",
        "shape_standard_error",
        "scale_standard_error",
        "verdict",
        "log_likelihood",
        "aic",
        "n_observations",
    ]
    assert fits.table["n_observations"].to_dict() == SIZES
    assert fits.table["n_observations"].dtype.kind == "i"
    for region, row in fits.table.iterrows():
        assert row["aic"] == pytest.approx(fits[region].aic, rel=1e-14)
        assert row["shape_standard_error"] == fits[region].standard_errors["shape"]


def test_a_known_location_is_shown_as_in_single_fits() -> None:
    fits = ml.fit(claims(), "gamma", column="amount", by="region", fixed={"location": -1.0})
    assert fits.names == fits["alpha"].names == ("shape", "scale", "location")
    assert (fits.table["location"] == -1.0).all()
    assert fits.table["location_standard_error"].isna().all()
    assert fits.table.loc["alpha", "aic"] == pytest.approx(fits["alpha"].aic, rel=1e-14)
    assert len(fits.tidy()) == 12


def test_tidy_has_one_row_a_group_and_parameter() -> None:
    fits = ml.fit(claims(), "gamma", column="amount", by=["region", "year"])
    tidy = fits.tidy(level=0.9)
    assert tidy.columns.tolist() == [
        "region",
        "year",
        "parameter",
        "estimate",
        "standard_error",
        "lower",
        "upper",
        "verdict",
    ]
    assert len(tidy) == 2 * len(fits)
    one = tidy[(tidy["region"] == "alpha") & (tidy["year"] == 2025)]
    expected = fits["alpha", 2025].tidy(level=0.9)
    pd.testing.assert_frame_equal(
        one[expected.columns].reset_index(drop=True), expected, rtol=1e-12
    )


def test_one_group_is_a_result_with_its_own_rows() -> None:
    table = claims()
    fit = ml.fit(table, "gamma", column="amount", by="region")["beta"]
    own = table.loc[table["region"] == "beta", "amount"]
    assert fit.n_observations == 3
    assert sorted(fit.observations.values) == sorted(own)
    assert fit.observations.name == "amount"
    assert "gamma fitted to amount" in str(fit.summary())


def test_weights_make_the_number_of_observations() -> None:
    table = claims()
    fits = ml.fit(table, "gamma", column="amount", by="region", weights="weight")
    expected = table.groupby("region")["weight"].sum()
    assert fits.table["n_observations"].to_dict() == expected.to_dict()
    table["weight"] /= 8.0
    halves = ml.fit(table, "gamma", column="amount", by="region", weights="weight")
    assert halves.table["n_observations"].to_dict() == (expected / 8.0).to_dict()


# ---- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["west", 3, ("alpha",), None, ["alpha"], slice(None)], ids=repr)
def test_unknown_keys_are_key_errors(key: object) -> None:
    fits = ml.fit(claims(), "normal", column="amount", by="region")
    with pytest.raises(KeyError):
        fits[key]


@pytest.mark.parametrize(
    "key", ["alpha", ("alpha",), ("alpha", 1999), ("alpha", 2025, 1)], ids=repr
)
def test_several_keys_are_given_whole(key: object) -> None:
    fits = ml.fit(claims(), "normal", column="amount", by=["region", "year"])
    with pytest.raises(KeyError):
        fits[key]


def test_categories_keep_their_order_and_unused_ones_vanish() -> None:
    table = claims()
    order = ["gamma", "nowhere", "beta", "alpha", "delta"]
    table["region"] = pd.Categorical(table["region"], categories=order)
    fits = ml.fit(table, "normal", column="amount", by="region")
    assert fits.table.index.tolist() == ["gamma", "beta", "alpha", "delta"]
    assert fits["beta"].n_observations == 3


def test_keys_may_be_arrays_dates_or_several() -> None:
    x = [1.0, 2.0, 4.0, 8.0]
    by_array = ml.fit(x, "normal", by=[True, False, True, False])
    assert by_array[True].params["mean"] == 2.5
    assert by_array.table.index.name == "group"
    months = np.array(["2026-01", "2026-02", "2026-01", "2026-02"], dtype="M8[M]")
    by_month = ml.fit(x, "normal", by=months)
    assert by_month[pd.Timestamp("2026-02-01")].params["mean"] == 5.0
    both = ml.fit(x, "normal", by=[np.array(list("abab")), np.array([1, 1, 1, 1])])
    assert both.table.index.names == ["group_1", "group_2"]
    assert both["b", 1].params["mean"] == 5.0


def test_other_tables_give_the_same() -> None:
    table = claims()
    expected = ml.fit(table, "weibull", column="amount", by="region").table
    for other in (pl.from_pandas(table), pl.from_pandas(table).to_arrow()):
        found = ml.fit(other, "weibull", column="amount", by="region").table
        pd.testing.assert_frame_equal(found, expected, check_index_type=False)


def test_missing_keys_are_refused_or_left_out() -> None:
    table = claims()
    table.loc[[0, 5], "region"] = None
    with pytest.raises(ml.DataError, match=r"'region'.*2 of 130 .*rows 0 and 5.*omit"):
        ml.fit(table, "normal", column="amount", by="region")
    fits = ml.fit(table, "normal", column="amount", by="region", nan_policy="omit")
    assert fits.table["n_observations"].sum() == 128


def test_support_is_checked_before_any_group_is_fitted() -> None:
    table = claims()
    row = table.index[table["region"] == "beta"][0]
    table.loc[row, "amount"] = -4.0
    with pytest.raises(ml.SupportError, match=rf"'amount'.*1 of 130.*row {row}, with value -4"):
        ml.fit(table, "gamma", column="amount", by="region")


def test_ten_thousand_groups_are_one_batch() -> None:
    rng = np.random.default_rng(1)
    key = np.repeat(np.arange(10_000), 20)
    fits = ml.fit(rng.weibull(1.5, key.size), "weibull", by=key)
    assert (fits.table["verdict"] == "interior").all()
    # at a maximum in the scale, the mean of (x/scale)^shape is 1 in every group
    x = fits.problem.rows.reshape(10_000, 20)
    shape, scale = fits.table[["shape", "scale"]].to_numpy().T[:, :, None]
    np.testing.assert_allclose(((x / scale) ** shape).mean(axis=1), 1.0, rtol=1e-8)


def test_a_huge_count_in_one_group_leaves_the_others_alone() -> None:
    """A group and a count are put in one number only where that is exact."""
    counts = np.random.default_rng(1).integers(0, 3, 300 * 70).astype(float)
    counts[0] = 1e15
    frame = pd.DataFrame({"count": counts, "group": np.repeat(np.arange(300), 70)})
    table = ml.fit(frame, "poisson", column="count", by="group").table
    means = frame.groupby("group")["count"].mean()
    assert len(table) == 300
    np.testing.assert_allclose(table["mean"], means, rtol=1e-14)


def test_a_grouped_fit_is_a_mapping_of_keys_to_fits() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, 5.0], "group": ["a", "a", "b", "b"]})
    fits = ml.fit(frame, "exponential", column="x", by="group")
    assert list(fits) == ["a", "b"]
    assert "a" in fits
    assert "c" not in fits
    assert {key: fit.params["scale"] for key, fit in fits.items()} == {"a": 1.5, "b": 4.0}


def test_a_key_called_like_a_column_of_the_table_is_renamed() -> None:
    frame = claims().rename(columns={"region": "scale"})
    table = ml.fit(frame, "gamma", column="amount", by=["scale", "year"]).table
    assert table.index.names == ["by_scale", "year"]
    assert table.reset_index()["by_scale"].isin(SIZES).all()


def test_kinds_of_rows_and_weights_are_told_beside_the_verdicts() -> None:
    time, stopped = np.arange(1.0, 13.0), np.arange(12) % 4 == 3
    fits = ml.fit(
        np.append(time, np.nan),
        "exponential",
        event=np.append(~stopped, True),
        by=np.arange(13) % 2,
        cluster=np.arange(13) // 2,
        nan_policy="omit",
    )
    assert repr(fits) == (
        "GroupedFit(exponential, 2 groups: 2 interior; 9 exact, 3 right-censored; 6 clusters; "
        "1 row is omitted as missing)"
    )
