"""`ComponentChoice`: how many components a mixture has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mlestim.inference.likelihood_ratio import LikelihoodRatioTest
from mlestim.results.comparison import Comparison
from mlestim.results.result import FitResult

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class ComponentChoice:
    """Fits with one component, two, and so on, and how many are chosen.

    Attributes
    ----------
    n_components : int
        The choice.
    names : tuple of str
        Names of the families, by their number of components.
    comparison : Comparison
        The fits.
    tests : tuple of LikelihoodRatioTest
        Of each number of components against one more, where they were made.
    """

    n_components: int
    names: tuple[str, ...]
    comparison: Comparison
    tests: tuple[LikelihoodRatioTest, ...] = ()

    @property
    def best(self) -> FitResult:
        """The fit with the chosen number of components."""
        return self.comparison[self.names[self.n_components - 1]]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a number of components: log-likelihood, criteria, verdict, p-value of one more."""
        import pandas as pd

        fits = [self.comparison.fits.get(name) for name in self.names]
        p_values = [test.p_value for test in self.tests]
        rows = [
            {
                "family": name,
                "log_likelihood": np.nan if fit is None else fit.log_likelihood,
                "n_parameters": np.nan if fit is None else fit.n_parameters,
                "aicc": np.nan if fit is None else fit.aicc,
                "bic": np.nan if fit is None else fit.bic,
                "verdict": "refused" if fit is None else str(fit.verdict),
                "p_value": p_values[k] if k < len(p_values) else np.nan,
            }
            for k, (name, fit) in enumerate(zip(self.names, fits, strict=True))
        ]
        index = pd.RangeIndex(1, len(rows) + 1, name="n_components")
        return pd.DataFrame(rows, index=index)

    def __repr__(self) -> str:
        return f"{self.n_components} components\n{self.table}"
