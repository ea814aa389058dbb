"""Estimates with their uncertainty: what every result of maximum likelihood can show."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.parameter import Interval
from mlestim.errors import (
    ConvergenceError,
    EstimationError,
    IdentifiabilityError,
    UnboundedLikelihoodError,
)
from mlestim.estimation.verdict import Evidence, Verdict
from mlestim.inference.criteria import aic, aicc, bic

if TYPE_CHECKING:
    import pandas as pd

    from mlestim.results.summary import Summary

Array = NDArray[np.float64]

ERRORS: dict[Verdict, type[EstimationError]] = {
    Verdict.UNBOUNDED: UnboundedLikelihoodError,
    Verdict.NOT_IDENTIFIED: IdentifiabilityError,
    Verdict.NOT_CONVERGED: ConvergenceError,
}


# Of many parameters, a line names the first ones.
MOST_SHOWN = 8


class Estimates:
    """Named estimates, their covariance, and the maximum they belong to.

    A dataclass that derives from it has the fields below, and says what its parts are called.
    """

    names: tuple[str, ...]
    estimates: Array
    covariance_matrix: Array
    fixed: tuple[str, ...]
    log_likelihood: float
    n_observations: float
    verdict: Verdict
    evidence: Evidence
    method: str

    # ---- what it is of -------------------------------------------------------------------------

    @property
    def model_name(self) -> str:
        """What was fitted."""
        raise NotImplementedError

    @property
    def subject(self) -> str:
        """What it was fitted to."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """Heading of the summary."""
        return self.model_name

    @property
    def size(self) -> str:
        """Number of observations, as the summary says it."""
        return "–" if np.isnan(self.n_observations) else f"{self.n_observations:.12g}"

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences below the summary."""
        return ()

    @property
    def way_out(self) -> str:
        """What to do where there is no maximum."""
        raise NotImplementedError

    def domain(self, name: str) -> Interval:
        """Domain of a parameter."""
        raise NotImplementedError

    # ---- estimates -----------------------------------------------------------------------------

    @cached_property
    def params(self) -> pd.Series:
        """Estimates and fixed values by name."""
        return self._series(self.estimates, "estimate")

    @cached_property
    def standard_errors(self) -> pd.Series:
        """Standard errors by name; NaN for fixed parameters and those on an edge."""
        return self._series(np.sqrt(np.diag(self.covariance_matrix)), "standard_error")

    @cached_property
    def covariance(self) -> pd.DataFrame:
        """Covariance matrix of the estimates, from the observed information."""
        return self._frame(self.covariance_matrix)

    @cached_property
    def correlation(self) -> pd.DataFrame:
        """Correlation matrix of the estimates."""
        spread = np.sqrt(np.diag(self.covariance_matrix))
        return self._frame(self.covariance_matrix / np.outer(spread, spread))

    def confidence_intervals(self, level: float = 0.95, method: str = "wald") -> pd.DataFrame:
        """Confidence intervals of the parameters."""
        raise NotImplementedError

    # ---- fit statistics --------------------------------------------------------------------------

    @property
    def estimated(self) -> tuple[str, ...]:
        """Names of the parameters that were estimated."""
        return tuple(name for name in self.names if name not in self.fixed)

    @property
    def n_parameters(self) -> int:
        """Number of parameters that were estimated."""
        return len(self.estimated)

    def _criterion(self, criterion: Callable[..., Array]) -> float:
        """Value of a criterion; NaN where there is no maximum to speak of."""
        if not self.verdict.holds:
            return math.nan
        return float(criterion(self.log_likelihood, self.n_parameters, self.n_observations))

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2p − 2ℓ."""
        return self._criterion(aic)

    @property
    def aicc(self) -> float:
        """AIC corrected for small samples; inf where n ≤ p + 1."""
        return self._criterion(aicc)

    @property
    def bic(self) -> float:
        """Schwarz's criterion, p log n − 2ℓ."""
        return self._criterion(bic)

    # ---- tables ------------------------------------------------------------------------------------

    def tidy(self, level: float = 0.95) -> pd.DataFrame:
        """One row a parameter: estimate, standard error, interval."""
        table = self.confidence_intervals(level)
        table.insert(0, "estimate", self.params)
        table.insert(1, "standard_error", self.standard_errors)
        return table.rename_axis("parameter").reset_index()

    def glance(self) -> pd.DataFrame:
        """One row: family, verdict, log-likelihood, criteria, size."""
        import pandas as pd

        return pd.DataFrame(
            {
                "family": [self.model_name],
                "verdict": [str(self.verdict)],
                "log_likelihood": [self.log_likelihood],
                "aic": [self.aic],
                "aicc": [self.aicc],
                "bic": [self.bic],
                "n_observations": [self.n_observations],
                "n_parameters": [self.n_parameters],
                "method": [self.method],
            }
        )

    def summary(self, level: float = 0.95) -> Summary:
        """Text table of the fit; rich HTML in notebooks."""
        from mlestim.results.summary import summarize

        return summarize(self, level)

    def __repr__(self) -> str:
        from mlestim.results.summary import number, printable

        values = zip(self.names, self.estimates, strict=True)
        parts = [f"{printable(name)} = {number(value)}" for name, value in values]
        shown = ", ".join(parts if len(parts) <= MOST_SHOWN else [*parts[:MOST_SHOWN], "…"])
        found = f"{shown}; " if self.verdict.holds else ""
        return f"{type(self).__name__}({printable(self.model_name)}: {found}{self.verdict})"

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    # ---- verdict -------------------------------------------------------------------------------------

    def require_maximum(self) -> Self:
        """Return the result, or raise the error that belongs to its verdict.

        Raises
        ------
        UnboundedLikelihoodError, IdentifiabilityError, ConvergenceError
            If there is no verified maximum.
        """
        if self.verdict.holds:
            return self
        raise self.failure

    @property
    def failure(self) -> EstimationError:
        """The error that belongs to a verdict without a maximum."""
        values = zip(self.names, self.estimates, strict=True)
        last = ", ".join(f"{n} = {v:.6g}" for n, v in values if not np.isnan(v))
        n = self.n_observations
        size = "" if np.isnan(n) else f"{n:.12g} observation{'' if n == 1 else 's'}"
        reached = ", ".join(filter(None, (size, last and f"last values {last}")))
        return ERRORS[self.verdict](
            f"{self.subject}: {self.model_name}: {self.verdict.sentence} "
            f"({reached}). {self.way_out}; on_failure='return' gives the result "
            "as it is.",
            self,
        )

    # ---- helpers -------------------------------------------------------------------------------------

    @cached_property
    def _index(self) -> pd.Index:
        import pandas as pd

        return pd.Index(self.names)

    def _series(self, values: Array, name: str) -> pd.Series:
        import pandas as pd

        return pd.Series(values, index=self._index, name=name)

    def _frame(self, matrix: Array) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(matrix, index=self._index, columns=self._index)
