"""A result of the shape that the view model reads, built on scipy alone."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mlestim.estimation.verdict import Evidence


@dataclass
class FakeResult:
    values: np.ndarray
    distribution: object
    family_name: str = "gamma"
    kind: str = "continuous"
    params: pd.Series = field(
        default_factory=lambda: pd.Series({"shape": 2.000000012, "scale": 1.5})
    )
    standard_errors: pd.Series = field(
        default_factory=lambda: pd.Series({"shape": 0.25, "scale": float("nan")})
    )
    verdict: str = "interior"
    limit: object = None
    name: str | None = "amount"
    weights: np.ndarray | None = None
    method: str = "newton"
    log_likelihood: float = -123.45678901234567
    aic: float = 250.91
    aicc: float = 250.97
    bic: float = 256.12
    n_parameters: int = 2
    evidence: Evidence = field(default_factory=lambda: Evidence(1.2e-12, 3.4e-15, 0.25, 6))

    @property
    def family(self):
        return SimpleNamespace(name=self.family_name, kind=self.kind)

    @property
    def observations(self):
        return SimpleNamespace(
            values=self.values, weights=self.weights, name=self.name, n_omitted=3
        )

    def confidence_intervals(self, level):
        z = stats.norm.ppf((1 + level) / 2)
        return pd.DataFrame(
            {
                "lower": self.params - z * self.standard_errors,
                "upper": self.params + z * self.standard_errors,
            }
        )


@pytest.fixture
def make_result():
    """Make a result of gamma data; keywords replace what it says."""

    def make(n=200, **changes):
        values = changes.pop("values", None)
        if values is None:
            values = stats.gamma(2, scale=1.5).rvs(n, random_state=1)
        distribution = changes.pop("distribution", stats.gamma(2, scale=1.5))
        return FakeResult(values=values, distribution=distribution, **changes)

    return make
