"""Families with a location of their own, as members and in fits."""

from __future__ import annotations

import numpy as np
import pytest

import mlestim as ml

MOVED = ml.Shifted("weibull", shape=2, scale=3, location=10)
SAME = ml.Weibull(shape=2, scale=3, location=10)
ROWS = SAME.rvs(150, random_state=1)


def test_a_shifted_member_is_the_inner_one_at_its_location() -> None:
    x, p = np.array([9.0, 10.5, 12.0, 20.0]), np.array([0.0, 0.3, 1.0])
    for name in ("pdf", "cdf", "sf", "logpdf", "logcdf", "logsf"):
        np.testing.assert_allclose(getattr(MOVED, name)(x), getattr(SAME, name)(x), rtol=1e-14)
    for name in ("ppf", "isf"):
        np.testing.assert_allclose(getattr(MOVED, name)(p), getattr(SAME, name)(p), rtol=1e-14)
    for name in ("mean", "var", "std", "median", "mode", "entropy"):
        assert getattr(MOVED, name)() == pytest.approx(getattr(SAME, name)(), rel=1e-14)
    np.testing.assert_array_equal(MOVED.rvs(5, random_state=2), SAME.rvs(5, random_state=2))
    assert repr(MOVED) == "Shifted('weibull', shape=2, scale=3, location=10)"
    assert ml.Shifted(SAME) == MOVED
    assert ml.Shifted("gamma", shape=2, scale=3, location=10) != MOVED


@pytest.mark.parametrize("family", [ml.Shifted("weibull"), "shifted_weibull", MOVED], ids=str)
def test_to_fit_a_shifted_family_is_to_free_the_location(family) -> None:
    result, expected = ml.fit(ROWS, family), ml.fit(ROWS, "weibull", free=["location"])
    np.testing.assert_allclose(result.estimates, expected.estimates, rtol=1e-8)
    assert result.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-13)
    assert ml.load(result.to_json()).distribution == result.distribution


def test_shifted_families_are_compared_with_others() -> None:
    table = ml.compare(ROWS, [ml.Shifted("weibull"), "weibull", "normal"]).table
    assert table.index[0] == "shifted_weibull"
    assert table.loc["shifted_weibull", "n_parameters"] == 3


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: ml.Shifted("normal"), "takes a half-line family, .* normal is none"),
        (lambda: ml.Shifted(ml.Shifted("gamma")), "shifted_gamma is none"),
        (lambda: ml.Hurdle(ml.Shifted("gamma")), "not shifted_gamma"),
        (lambda: ml.Mixture(ml.Shifted("gamma")), "takes two plain families"),
        (lambda: ml.fit(ROWS, "gamma_mixture", free=["location"]), "the location of a mixture"),
        (lambda: ml.fit(ROWS, MOVED, fixed={"location": 9.0}), "both free and fixed"),
    ],
)
def test_what_has_no_location_to_free_is_refused(ask, message: str) -> None:
    with pytest.raises(ml.OptionError, match=message):
        ask()
