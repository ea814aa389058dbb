"""First-order optimizers reach the maximum that Newton's method reaches, or say that they don't."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlestim as ml
from mlestim import optim
from mlestim.estimation.maximisers.first_order import MAX_STEPS

# The search ends within sqrt(2e-14) standard errors of the maximum, and these are a tenth of an
# estimate: 1e-7 leaves a factor of seven.
CLOSE = 1e-7

GAMMA = np.random.default_rng(1).gamma(2.0, 3.0, 200)
COUNTS = np.random.default_rng(2).negative_binomial(3, 0.4, 300)


@pytest.mark.parametrize(
    "optimizer",
    [
        optim.NAdam(0.1),
        optim.NAdam(0.001),
        optim.RMSProp(0.1),
        optim.RMSProp(0.01),
        optim.RMSProp(0.01, momentum=0.9),
        optim.Adam(0.001),
        optim.AdaGrad(0.5),
    ],
    ids=lambda optimizer: f"{type(optimizer).__name__} {optimizer.learning_rate}",
)
@pytest.mark.parametrize(("data", "family"), [(GAMMA, "gamma"), (COUNTS, "negative_binomial")])
def test_optimizers_that_circle_round_a_maximum_are_slowed_down(
    optimizer: optim.Optimizer, data: np.ndarray, family: str
) -> None:
    result = ml.fit(data, family, optimizer=optimizer)
    expected = ml.fit(data, family)
    assert result.verdict == "interior"
    assert result.evidence.iterations < MAX_STEPS / 2
    np.testing.assert_allclose(result.estimates, expected.estimates, rtol=CLOSE)


@pytest.mark.parametrize("rate", [10.0, 1000.0])
def test_a_rate_that_diverges_is_made_smaller_and_tried_again(rate: float) -> None:
    result = ml.fit(GAMMA, "gamma", optimizer=optim.GradientDescent(rate))
    np.testing.assert_allclose(result.estimates, ml.fit(GAMMA, "gamma").estimates, rtol=CLOSE)


def test_the_optimizer_given_is_left_as_it_was() -> None:
    optimizer = optim.RMSProp(0.1)
    ml.fit(GAMMA, "gamma", optimizer=optimizer)
    assert optimizer == optim.RMSProp(0.1)


def test_weight_decay_moves_the_optimum_and_the_error_says_so() -> None:
    with pytest.raises(ml.ConvergenceError, match=r"steps\. Give it another .*no weight_decay"):
        ml.fit(GAMMA, "gamma", optimizer=optim.Adam(0.1, weight_decay=0.01))


def test_one_group_at_infinity_does_not_keep_the_others_from_their_maximum() -> None:
    frame = pd.DataFrame({"x": COUNTS, "group": np.repeat(np.arange(3), 100)})
    frame.loc[:99, "x"] = np.arange(100) % 3 + 4  # varies less than Poisson's counts do
    result = ml.fit(frame, "negative_binomial", column="x", by="group", optimizer=optim.Adam(0.1))
    assert list(result.table["verdict"]) == ["at_infinity", "interior", "interior"]
