"""Real fits to report on."""

from dataclasses import replace

import pandas as pd
import pytest
from scipy import stats

import mlestim


@pytest.fixture
def make_result():
    """Fit a family to gamma data or given values; `changes` alter what the result says."""

    def make(n=200, family="gamma", values=None, name="amount", changes=None, **options):
        if values is None:
            values = stats.gamma(2, scale=1.5).rvs(n, random_state=1)
        data = pd.Series(values, name=name)
        result = mlestim.fit(data, family, on_failure="return", **options)
        return replace(result, **(changes or {}))

    return make
