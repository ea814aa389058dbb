"""What each row contributes: the sum is the log-likelihood of the fit, whatever the rows are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlestim as ml
from mlestim.inference.contributions import contributions

X = np.random.default_rng(8).gamma(3.0, 2.0, 80)
ENTRY = np.linspace(0.0, 3.0, 80)
SEEN = X > ENTRY
COUNTS = np.floor(X) + 1.0
SAMPLES: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "exact": ("gamma", X, {}),
    "right-censored": ("weibull", np.minimum(X, 6.0), {"event": X < 6.0}),
    "limits": ("lognormal", ["<4" if x < 4.0 else f"{x}" for x in X], {}),
    "intervals": ("normal", None, {"lower": np.floor(X), "upper": np.floor(X) + 2.0}),
    "rounded": ("gamma", np.round(X, 1), {"resolution": 0.1}),
    "window": ("gamma", X[X > 2.0], {"truncation": (2.0, None)}),
    "windows": ("weibull", X[SEEN], {"truncation": (ENTRY[SEEN], None)}),
    "counts": (
        "poisson",
        np.minimum(COUNTS, 7.0),
        {"event": COUNTS < 7.0, "truncation": (0, None)},
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_contributions_add_up_to_the_log_likelihood(name: str) -> None:
    """Two ways to one sum; differences of tails lose a few digits in narrow intervals."""
    family, data, options = SAMPLES[name]
    result = ml.fit(data, family, **options)
    assert result.observations is not None
    rows = contributions(result.distribution, result.observations)
    assert rows.sum() == pytest.approx(result.log_likelihood, rel=1e-11)


def test_nothing_is_lost_far_out_in_a_tail() -> None:
    sample = ml.Observations.interval([40.0, -41.0], [41.0, -40.0])
    rows = contributions(ml.Normal(mean=0.0, sd=1.0), sample)
    assert rows[0] == rows[1] == pytest.approx(-804.608442, abs=1e-6)  # log of the tail beyond 40
