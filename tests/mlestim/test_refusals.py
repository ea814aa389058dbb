"""What the main door refuses: each message names the column, the rows and the way out."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlestim as ml
from mlestim import optim

if TYPE_CHECKING:
    from collections.abc import Mapping

NAN, INF = float("nan"), float("inf")
TWO = [1.0, 2.0]
CLAIMS = pd.DataFrame(
    {"claim": [120.0, -3.0, 4.5], "count": [1, 0, 2], "city": ["Bonn", "Lyon", "Bonn"]},
    index=["p", "q", "r"],
)
TWICE = pd.DataFrame([[1.0, 2.0], [3.0, 4.0]], columns=["x", "x"])


class Refusal(NamedTuple):
    data: Any
    family: Any
    says: list[str]
    options: Mapping[str, Any] = MappingProxyType({})
    error: type[Exception] = ml.DataError


DATA = {
    "empty": Refusal([], "gamma", ["'x'", "no rows", "at least one"]),
    "empty table": Refusal(CLAIMS[:0], "normal", ["'claim'", "no rows"], {"column": "claim"}),
    "missing": Refusal([1.0, NAN, None], "gamma", ["2 of 3", "rows 1 and 2", "nan_policy='omit'"]),
    "all missing": Refusal([NAN], "gamma", ["no rows left"], {"nan_policy": "omit"}),
    "infinite": Refusal([1.0, INF], "normal", ["infinite", "row 1", "inf", "Correct or remove"]),
    "text": Refusal(["1", "2"], "normal", ["'x'", "text", "rows 0 and 1", "to_numeric"]),
    "text column": Refusal(
        CLAIMS, "gamma", ["'city'", "'Bonn'", "categorical"], {"column": "city"}
    ),
    "nullable, missing": Refusal(pd.Series([1, None], dtype="Int64"), "poisson", ["row 1"]),
    "huge integers": Refusal([1, 2**63 + 1], "normal", ["beyond 2**53", "row 1", str(2**63 + 1)]),
    "huge counts": Refusal([1e300, 2.0], "poisson", ["1e+300", "overflows", "another unit"]),
    "huge values": Refusal([1e200, 2e200], "normal", ["2e+200", "overflows", "divided by 1e200"]),
    "tiny values": Refusal([1e-200, 2e-200], "gamma", ["2e-200", "vanishes", "divided by 1e-200"]),
    "huge squares": Refusal([1e80, 2e80], "nakagami", ["2e+80", "fourth power overflows", "1e80"]),
    "tiny squares": Refusal([1e-80, 2e-80], "nakagami", ["fourth power vanishes", "1e-80"]),
    "duplicate names": Refusal(TWICE, "gamma", ["'x', 'x'", "Rename"]),
    "duplicate name": Refusal(TWICE, "gamma", ["'x'", "ambiguous", "2 columns"], {"column": "x"}),
    "several columns": Refusal(CLAIMS, "gamma", ["'claim', 'count'", "column=..."]),
    "another case": Refusal(CLAIMS, "gamma", ["Did you mean 'claim'"], {"column": "Claim"}),
    "a file's name": Refusal("claims.csv", "gamma", ["'claims.csv' is text", "pandas.read_csv"]),
    "split already": Refusal(CLAIMS.groupby("city"), "gamma", ["is split already", "by=…"]),
    "no such column": Refusal(
        CLAIMS, "gamma", ["'clam'", "Did you mean 'claim'"], {"column": "clam"}
    ),
    "rows of several": Refusal([[1, 2], [3, 4]], "gamma", ["shape (2, 2)", "data[:, 0]"]),
    "mapping": Refusal({"x": TWO}, "gamma", ["dict", "pandas.DataFrame(data)"]),
    "nothing": Refusal(None, "gamma", ["NoneType", "Pass a list"]),
    "a name": Refusal("claims.csv", "gamma", ["'claims.csv' is text"]),
    "weights, short": Refusal(TWO, "gamma", ["weights", "1 of them for 2"], {"weights": [1]}),
    "weights, negative": Refusal(
        TWO, "gamma", ["weights", "negative", "row 1"], {"weights": [1, -1]}
    ),
    "weights, none": Refusal(TWO, "gamma", ["none of the 2 weights"], {"weights": [0, 0]}),
    "key not there": Refusal(TWO, "gamma", ["by='region'", "no table"], {"by": "region"}),
}

SUPPORT = {
    "negative": Refusal(
        CLAIMS,
        "gamma",
        [
            "'claim'",
            "1 of 3",
            "gamma",
            "x > 0",
            "row 'q', with value -3",
            "'normal'",
            "fixed={'location': …}",
        ],
        {"column": "claim"},
    ),
    "zero": Refusal([0.0, 1.0], "weibull", ["row 0, with value 0", "x > 0", "free=['location']"]),
    "negative time": Refusal([-1.0, 1.0], "exponential", ["x ≥ 0", "row 0, with value -1"]),
    "no density at 0": Refusal(
        [1.0, 0.0],
        "rayleigh",
        ["1 of 2", "rayleigh, whatever its parameters", "row 1, with value 0", "-inf", "intervals"],
    ),
    "no density at the location": Refusal(
        [4.0, 3.0], "maxwell", ["row 1, with value 3", "rounded to 3"], {"fixed": {"location": 3.0}}
    ),
    "no probability up to 0": Refusal(
        None,
        "exponential",
        ["1 of 2", "row 0, with value (-1.0, 0.0]", "-inf", "intervals"],
        {"lower": [-1.0, 1.0], "upper": [0.0, 1.0]},
    ),
    "fraction": Refusal(
        [1.5, 2.0],
        "poisson",
        ["0, 1, 2, …", "row 0, with value 1.5", "whole numbers", "continuous family"],
    ),
    "negative count": Refusal([-1, 2], "negative_binomial", ["row 0, with value -1"]),
    "many": Refusal(np.full(9, -1.0), "lognormal", ["9 of 9", "rows 0, 1 and 2 (and 6 more)"]),
    "below the location": Refusal(
        [1.0, 2.0, 3.0],
        "gamma",
        ["2 of 3", "above its location 2", "rows 0 and 1"],
        {"fixed": {"location": 2.0}},
    ),
    "in one group": Refusal([1.0, -2.0], "gamma", ["row 1, with value -2"], {"by": ["a", "b"]}),
    "undeclared level": Refusal(
        ["a", "q"], ml.Categorical(levels=["a", "b"]), ["1 of 2", "('a', 'b')", "row 1", "declare"]
    ),
}

PARAMETERS = {
    "unknown, fixed": ["'rate'", "shape, scale, location", {"fixed": {"rate": 1.0}}],
    "unknown, start": ["'rate'", "shape, scale, location", {"start": {"rate": 1.0}}],
    "unknown, free": ["'rate'", "shape, scale, location", {"free": ["rate"]}],
    "unknown, bounds": ["'rate'", "shape, scale, location", {"bounds": {"rate": (1.0, 2.0)}}],
    "fixed outside": ["shape = -2", "(0, inf)", {"fixed": {"shape": -2.0}}],
    "fixed on the edge": ["scale = 0", "(0, inf)", {"fixed": {"scale": 0.0}}],
    "fixed at infinity": ["scale = inf", "(0, inf)", {"fixed": {"scale": INF}}],
    "fixed at NaN": ["scale = nan", "(0, inf)", {"fixed": {"scale": NAN}}],
    "fixed at nothing": ["scale = None", "not a number", {"fixed": {"scale": None}}],
    "start outside": ["shape = -1", "(0, inf)", {"start": {"shape": -1.0}}],
    "start of text": ["shape = 'x'", "not a number", {"start": {"shape": "x"}}],
    "fixed by a name": ["shape takes one number", {"fixed": {"shape": "size"}}],
    "start outside bounds": [
        "start of shape = 1 lies outside its bounds (2, inf)",
        {"start": {"shape": 1.0}, "bounds": {"shape": (2.0, None)}},
    ],
    "start of several": ["shape = [1, 2]", "not a number", {"start": {"shape": [1, 2]}}],
}

OPTIONS = {
    "free and fixed": [
        "location",
        "both free and fixed",
        {"free": ["location"], "fixed": {"location": 1.0}},
    ],
    "start of a held location": ["location", "free=['location']", {"start": {"location": 0.5}}],
    "bounds of a fixed one": [
        "shape is not estimated",
        {"bounds": {"shape": (1, 2)}, "fixed": {"shape": 1.0}},
    ],
    "bounds of a held location": ["location is not estimated", {"bounds": {"location": (0, 1)}}],
    "bounds reversed": ["(4, 3)", "leaves nothing", {"bounds": {"shape": (4.0, 3.0)}}],
    "bounds outside": ["(-5, -3)", "(0, inf)", {"bounds": {"shape": (-5.0, -3.0)}}],
    "bounds of NaN": ["shape", "NaN is no bound; None", {"bounds": {"shape": (NAN, 1.0)}}],
    "bounds, no pair": ["pair (lower, upper)", "4", {"bounds": {"shape": 4.0}}],
    "bounds of text": ["pair (lower, upper)", "'a'", {"bounds": {"shape": ("a", 1.0)}}],
    "free, no list": ["free", "a list of parameters", "3", {"free": 3}],
    "fixed, no mapping": ["fixed", "mapping", "['shape']", {"fixed": ["shape"]}],
    "start, no mapping": ["start", "mapping", "3", {"start": 3}],
    "bounds, no mapping": ["bounds", "mapping", "3", {"bounds": 3}],
    "method": ["'bfgs'", "auto, closed_form, newton, first_order", {"method": "bfgs"}],
    "no formula": ["gamma has no closed form", "'newton'", {"method": "closed_form"}],
    "no formula with bounds": [
        "no closed form",
        {"method": "closed_form", "bounds": {"shape": (1, 2)}},
    ],
    "optimizer by name": ["'adam'", "optim.Adam()", {"optimizer": "adam"}],
    "optimizer for Newton": [
        "'newton'",
        "first_order",
        {"optimizer": optim.Adam(), "method": "newton"},
    ],
    "on_failure": ["'ignore'", "'raise' or 'return'", {"on_failure": "ignore"}],
    "nan_policy": ["'drop'", "'raise' or 'omit'", {"nan_policy": "drop"}],
}

FAMILIES = {
    "misspelt": ("gama", ["'gama'", "did you mean gamma"]),
    "several": (["gamma", "weibull"], ["fit takes one family", "mlestim.compare"]),
    "another class": (int, ["a name, a class, an instance or"]),
    "nothing": (None, ["a name, a class, an instance or", "NoneType"]),
}


def require_refusal(refusal: Refusal) -> None:
    with pytest.raises(refusal.error) as caught:
        ml.fit(refusal.data, refusal.family, **refusal.options)
    assert isinstance(caught.value, ml.MLEstimError)
    for words in refusal.says:
        assert words in str(caught.value)


@pytest.mark.parametrize("name", DATA)
def test_data_that_cannot_be_read(name: str) -> None:
    require_refusal(DATA[name])


@pytest.mark.parametrize("name", SUPPORT)
def test_values_that_the_family_cannot_produce(name: str) -> None:
    require_refusal(SUPPORT[name]._replace(error=ml.SupportError))


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_that_do_not_exist_or_lie_outside(name: str) -> None:
    *says, options = PARAMETERS[name]
    require_refusal(Refusal(TWO, "gamma", ["gamma", *says], options, ml.ParameterError))


@pytest.mark.parametrize("name", OPTIONS)
def test_options_that_do_not_exist_or_contradict_each_other(name: str) -> None:
    *says, options = OPTIONS[name]
    require_refusal(Refusal(TWO, "gamma", says, options, ml.OptionError))


@pytest.mark.parametrize("name", FAMILIES)
def test_families_that_do_not_exist(name: str) -> None:
    family, says = FAMILIES[name]
    require_refusal(Refusal(TWO, family, says, error=ml.OptionError))


@pytest.mark.parametrize("option", ["fixed", "start", "free"])
def test_a_categorical_family_takes_no_values(option: str) -> None:
    value = ["probs_a"] if option == "free" else {"probs_a": 0.5}
    with pytest.raises(ml.OptionError, match="categorical takes no fixed, free or start"):
        ml.fit(["a", "b"], "categorical", **{option: value})
    with pytest.raises(ml.OptionError, match="no starting values"):
        ml.fit(["a", "b"], ml.Categorical(probs=[0.5, 0.5], levels=["a", "b"]))


ACCEPTED = {
    "list": [1, 2, 4],
    "tuple": (1.0, 2.0, 4.0),
    "range of numpy": np.array([1, 2, 4], dtype=np.int16),
    "float32": np.array([1, 2, 4], dtype=np.float32),
    "decimals": [Decimal("1.0"), Decimal("2.0"), Decimal("4.0")],
    "nullable": pd.Series([1, 2, 4], dtype="Int64"),
    "arrow-backed": pd.Series([1, 2, 4], dtype="float64[pyarrow]"),
    "polars decimals": pl.Series(["1.0", "2.0", "4.0"]).cast(pl.Decimal(10, 2)),
    "pyarrow": pa.array([1, 2, 4]),
    "one column": pd.DataFrame({"claim": [1.0, 2.0, 4.0]}),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_all_kinds_of_numbers_give_the_same_fit(name: str) -> None:
    result = ml.fit(ACCEPTED[name], "gamma")
    np.testing.assert_array_equal(result.estimates, ml.fit([1.0, 2.0, 4.0], "gamma").estimates)


def test_declared_levels_keep_their_order() -> None:
    result = ml.fit(["a", "b", "a"], ml.Categorical(levels=["c", "b", "a"]))
    assert result.names == ("probs_c", "probs_b", "probs_a")
    np.testing.assert_allclose(result.estimates, [0.0, 1 / 3, 2 / 3], rtol=1e-15)
    assert result.verdict == "boundary"
