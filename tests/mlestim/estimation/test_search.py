"""The search on large samples: started from few rows, whatever their order, it ends on all."""

from __future__ import annotations

import numpy as np
import pytest

import mlestim as ml
from mlestim.distributions import resolve

FAMILIES = [
    "gamma",
    "weibull",
    "student_t",
    "gumbel",
    "gumbel_min",
    "generalized_extreme_value",
]
PERIOD = 64
COPIES = 2048  # 131,072 rows: starts are found on a few of them
CYCLE = np.random.default_rng(0).gamma(2.0, 3.0, PERIOD)

ORDERS = {
    "periodic": np.tile(CYCLE, COPIES),
    "sorted": np.sort(np.repeat(CYCLE, COPIES)),
    "reversed": np.sort(np.repeat(CYCLE, COPIES))[::-1],
    "shuffled": np.random.default_rng(1).permutation(np.repeat(CYCLE, COPIES)),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("family", FAMILIES)
def test_many_copies_of_a_sample_give_its_estimates(family: str, order: str) -> None:
    """Evenly spaced rows of periodic data would all be equal: starts must not rest on them."""
    once, many = ml.fit(CYCLE, family), ml.fit(ORDERS[order], family)
    assert many.verdict == "interior"
    np.testing.assert_allclose(many.estimates, once.estimates, rtol=1e-9)
    # of many rows, standard errors keep the curvature before the last step
    np.testing.assert_allclose(
        many.standard_errors, once.standard_errors / np.sqrt(COPIES), rtol=2e-6
    )
    assert many.log_likelihood == pytest.approx(COPIES * once.log_likelihood, rel=1e-12)


@pytest.mark.parametrize("family", ["gumbel", "student_t", "generalized_extreme_value"])
def test_rare_extremes_among_many_rows_count(family: str) -> None:
    """One row in 4096 is far out; few rows see none of them, or (here) look like many."""
    rng = np.random.default_rng(2)
    x = rng.standard_t(5, 1 << 17)
    x[::4096] = 50.0
    result, shuffled = ml.fit(x, family), ml.fit(rng.permutation(x), family)
    assert result.verdict == "interior"
    slack = 1e-6 * result.standard_errors.to_numpy()
    assert (np.abs(result.estimates - shuffled.estimates) < slack).all()


def test_an_extreme_value_distribution_of_shape_0_is_a_gumbel() -> None:
    x = np.random.default_rng(3).gumbel(size=300)
    gumbel = ml.fit(x, "gumbel")
    heights = []
    for shape in (-1e-4, -1e-9, 0.0, 1e-9, 1e-4):
        held = ml.fit(x, "generalized_extreme_value", fixed={"shape": shape})
        assert held.params[["location", "scale"]].tolist() == pytest.approx(
            gumbel.params.tolist(), abs=1e-10 + abs(shape)
        )
        heights.append(held.log_likelihood)
    assert heights[2] == pytest.approx(gumbel.log_likelihood, rel=1e-13)
    np.testing.assert_allclose(heights, gumbel.log_likelihood, rtol=1e-4)
    free = ml.fit(x, "generalized_extreme_value")
    assert free.verdict == "interior"
    assert free.log_likelihood > max(heights)


@pytest.mark.parametrize(
    ("family", "shape", "value"),
    [
        ("pearson3", "skew", 1.4),
        ("log_pearson3", "skewlog", 1.9),
        ("generalized_extreme_value", "shape", 3.0),
        ("generalized_pareto", "shape", -0.9),
    ],
)
def test_a_known_shape_whose_support_the_usual_starts_miss_has_a_maximum(
    family: str, shape: str, value: float
) -> None:
    x = np.random.default_rng(1).uniform(1.0, 3.0, 40)
    result = ml.fit(x, family, fixed={shape: value})
    assert result.verdict is ml.Verdict.INTERIOR
    fitted = result.params
    scale = "sdlog" if family == "log_pearson3" else "scale"
    for factor in (0.99, 1.01):  # no other scale is likelier
        moved = resolve(family).with_values({**fitted, scale: factor * fitted[scale]})
        assert moved.logpdf(x).sum() < result.log_likelihood


def test_a_curved_ridge_is_followed_to_its_end() -> None:
    """A lognormal with a location far below the rows, nearly normal."""
    x = np.random.default_rng(5).gamma(3000.0, size=60)
    x = (x - x.mean()) / x.std()
    result = ml.fit(x, "lognormal", free=["location"])
    assert result.verdict is ml.Verdict.INTERIOR
    at = result.params["location"]
    for location in (1.05 * at, 0.95 * at):
        held = ml.fit(x, "lognormal", fixed={"location": location})
        assert held.log_likelihood < result.log_likelihood
