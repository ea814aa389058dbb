"""Regressions without a prior are refused where no finite coefficients are best."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nn
from mlestim.errors import SeparationError, UnboundedLikelihoodError

RNG = np.random.default_rng(0)
N = 150
X = RNG.normal(size=(N, 1))
PLANTS = pd.DataFrame({"site": np.repeat(["bog", "dune", "heath"], N // 3), "rain": X[:, 0]})
COUNTS = RNG.poisson(3.0, N)


def regressor(family: str, **settings: object) -> nn.Regressor:
    return nn.Regressor(family, hidden=(), penalty=None, **settings)


def test_separated_zeros_and_ones_are_refused_as_separated_classes_are() -> None:
    y = (X[:, 0] > 0).astype(int)
    with pytest.raises(SeparationError, match="separated in prob, by 'x0' alone"):
        regressor("bernoulli").fit(X, y)
    with pytest.raises(SeparationError, match="separated, by 'x0' alone"):
        nn.Classifier(hidden=(), penalty=None).fit(X, y)
    assert nn.Regressor("bernoulli", hidden=(), penalty=1.0).fit(X, y).score(X, y) > 0.5
    y[X[:, 0].argmax()] = 0
    regressor("bernoulli").fit(X, y)


@pytest.mark.parametrize(
    ("family", "fixed", "parameter"),
    [("poisson", None, "mean"), ("binomial", {"trials": 20}, "prob")],
)
def test_a_category_without_any_count_is_named(family, fixed, parameter) -> None:
    absent = np.where(PLANTS["site"] == "bog", 0, COUNTS)
    with pytest.raises(SeparationError, match=f"in {parameter}, by 'site=bog' alone") as caught:
        regressor(family, fixed=fixed).fit(PLANTS, absent)
    # Of "bog" the mean falls without end, and the other sites keep theirs.
    outputs = np.column_stack([np.ones(3), np.eye(3), np.zeros(3)]) @ caught.value.result
    np.testing.assert_allclose(outputs / outputs[0], [1, 0, 0], atol=1e-9)
    absent[0] = 1
    regressor(family, fixed=fixed).fit(PLANTS, absent)


def test_a_category_in_which_nothing_has_ended_is_named() -> None:
    lifetimes, event = RNG.weibull(1.5, N), np.arange(N) % 3 > 0
    regressor("exponential").fit(PLANTS, lifetimes, event=event)
    event[PLANTS["site"] == "heath"] = False
    with pytest.raises(SeparationError, match="by 'site=heath' alone"):
        regressor("exponential").fit(PLANTS, lifetimes, event=event)


def test_targets_that_the_features_explain_exactly_are_refused() -> None:
    line = 2.0 * X[:, 0] + 1.0
    with pytest.raises(UnboundedLikelihoodError, match="features explain y exactly"):
        regressor("normal").fit(X, line)
    with pytest.raises(UnboundedLikelihoodError, match="features explain y exactly"):
        regressor("gamma").fit(X, np.exp(line))
    assert regressor("normal", fixed={"sd": 1.0}).fit(X, line).score(X, line) > 0.999
    noisy = line + 1e-6 * RNG.normal(size=N)
    sd = regressor("normal").fit(X, noisy).predict_distribution(X).std()
    np.testing.assert_allclose(sd, 1e-6, rtol=0.5)
