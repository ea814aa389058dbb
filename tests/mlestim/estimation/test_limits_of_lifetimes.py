"""Half-line families whose likelihood rises towards a limit family: which, when, and how far."""

from __future__ import annotations

import numpy as np
import pytest

import mlestim as ml

# Two log-likelihoods of a hundred rows, each summed in another order.
SAME = 1e-9


def rows(family: ml.Family, n: int = 60, seed: int = 1) -> np.ndarray:
    return family.rvs(n, random_state=seed)


# Samples that lean beyond the limit: of a family on the other side of it, or at the edge itself.
SAMPLES = {
    # upper tails lighter than the Weibull's, lower ones heavier than the Fréchet's
    ("burr12", "weibull"): rows(ml.Weibull(shape=1.0, scale=1.0)) % 1.0,
    ("dagum", "frechet"): 1.0 / (rows(ml.Weibull(shape=1.0, scale=1.0)) % 1.0),
    # log x leans to the right, which no generalized gamma does
    ("generalized_gamma", "lognormal"): np.exp(rows(ml.Gumbel(location=0.0, scale=1.0))),
    ("burr12", "pareto"): 1.0 + rows(ml.Exponential(scale=0.01)) ** 2,
    ("lomax", "exponential"): rows(ml.Weibull(shape=2.0, scale=1.0)),
    ("gompertz", "exponential"): rows(ml.Weibull(shape=0.6, scale=1.0)),
    ("dagum", "power_function"): rows(ml.Weibull(shape=1.0, scale=1.0)) % 1.0,
    ("generalized_gamma", "power_function"): rows(ml.Weibull(shape=1.0, scale=1.0)) % 1.0,
    ("exponentiated_weibull", "power_function"): rows(ml.Weibull(shape=1.0, scale=1.0)) % 1.0,
}


@pytest.mark.parametrize(("family", "limit"), SAMPLES)
@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")
def test_a_supremum_at_a_limit_is_that_of_the_limit_family(family: str, limit: str) -> None:
    x = SAMPLES[family, limit]
    result, simpler = ml.fit(x, family), ml.fit(x, limit)
    assert result.verdict is ml.Verdict.AT_INFINITY
    assert result.distribution.name == limit
    assert result.log_likelihood == pytest.approx(simpler.log_likelihood, abs=SAME)
    assert result.distribution.params == pytest.approx(simpler.distribution.params)


@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")
@pytest.mark.parametrize("seed", range(8))
def test_gompertz_has_a_maximum_exactly_where_rows_vary_less_than_exponential_ones(seed) -> None:
    x = rows(ml.Exponential(scale=3.0), n=15, seed=seed)
    less = x.var() < x.mean() ** 2
    expected = ml.Verdict.INTERIOR if less else ml.Verdict.AT_INFINITY
    assert ml.fit(x, "gompertz").verdict is expected


def test_lomax_may_have_a_maximum_where_rows_vary_less_than_exponential_ones() -> None:
    """Most rows at 0 but for rounding, the others alike: the exponential is a local maximum only."""
    x = np.concatenate([np.geomspace(1e-9, 1e-6, 10), np.linspace(0.9, 1.1, 12)])
    assert x.var() < x.mean() ** 2
    result = ml.fit(x, "lomax")
    assert result.verdict is ml.Verdict.INTERIOR
    assert result.log_likelihood > ml.fit(x, "exponential").log_likelihood


@pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")
def test_gompertz_rows_far_from_0_are_those_of_a_gumbel_distribution() -> None:
    """The shape would be exp(−1000): less than any number."""
    x = rows(ml.GumbelMin(location=1000.0, scale=1.0))
    result = ml.fit(x, "gompertz")
    assert result.verdict is ml.Verdict.AT_INFINITY
    assert result.distribution.name == "gumbel_min"
    assert result.params["shape"] == 0.0


def test_a_generalized_pareto_sample_without_a_maximum_is_unbounded() -> None:
    """Rows that crowd at the upper end: the likelihood rises up to shape −1, and beyond."""
    x = 1.0 - rows(ml.Exponential(scale=0.1), n=30) % 1.0
    with pytest.raises(ml.UnboundedLikelihoodError):
        ml.fit(x, "generalized_pareto")
