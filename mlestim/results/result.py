"""`FitResult`: what a fit knows."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.built.reflected import limit_distribution
from mlestim.distributions.registry import resolve
from mlestim.errors import (
    ConvergenceError,
    EstimationError,
    IdentifiabilityError,
    OptionError,
    UnboundedLikelihoodError,
)
from mlestim.estimation.solution import Solution
from mlestim.estimation.verdict import Evidence, Verdict
from mlestim.inference.wald import wald_intervals
from mlestim.problem import Problem

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from mlestim.distributions.distribution import Distribution
    from mlestim.sample.observations import Observations

Array = NDArray[np.float64]

_ERRORS: dict[Verdict, type[EstimationError]] = {
    Verdict.UNBOUNDED: UnboundedLikelihoodError,
    Verdict.NOT_IDENTIFIED: IdentifiabilityError,
    Verdict.NOT_CONVERGED: ConvergenceError,
}


@dataclass(frozen=True, eq=False)
class FitResult:
    """A fitted distribution with its uncertainty, verdict and evidence.

    Attributes
    ----------
    family : Family
        The fitted family.
    names : tuple of str
        Parameters shown, in declared order: free and fixed ones, a location only where it was set.
    estimates : array, shape (p,)
        Their values.
    covariance_matrix : array, shape (p, p)
        Covariance of the estimates; NaN for fixed parameters and those on an edge.
    fixed : tuple of str
        Parameters that were not estimated.
    log_likelihood : float
        Maximum, or supremum, of the log-likelihood.
    n_observations : float
        Number of observations: the sum of frequency weights.
    verdict : Verdict
        What kind of maximum this is.
    evidence : Evidence
        The numbers behind the verdict.
    method : str
        ``"closed_form"``, ``"newton"`` or ``"first_order"``.
    limit : Distribution or None
        The fitted limit family, where the maximum is at infinity.
    observations : Observations or None
        The sample; None for a result loaded from a file.
    """

    family: Family
    names: tuple[str, ...]
    estimates: Array
    covariance_matrix: Array
    fixed: tuple[str, ...]
    log_likelihood: float
    n_observations: float
    verdict: Verdict
    evidence: Evidence
    method: str
    limit: Distribution | None = None
    observations: Observations | None = field(default=None, repr=False)

    @classmethod
    def of(cls, problem: Problem, solution: Solution, index: int) -> FitResult:
        """Pick one problem out of a solution, and name its parts."""
        shown = [
            k
            for k, name in enumerate(problem.model.parameter_names)
            if name not in problem.observations.known
        ]
        names = [problem.model.parameter_names[k] for k in shown]
        estimates = solution.theta[shown, index].tolist()
        covariance = solution.covariance[np.ix_(shown, shown)][:, :, index]
        fixed = list(problem.fixed)
        if problem.location != 0.0:
            names.append("location")
            estimates.append(problem.location)
            fixed.append("location")
            covariance = np.pad(covariance, (0, 1), constant_values=np.nan)
        limit = None
        if solution.limit[index] is not None:
            values = _moved(solution.limit_theta[index], problem.location)
            reached = solution.limit[index]
            limit = limit_distribution(resolve(reached.family), values, reflected=reached.reflected)
        weights = problem.observations.weights
        return cls(
            family=problem.family,
            names=tuple(names),
            estimates=np.array(estimates),
            covariance_matrix=covariance,
            fixed=tuple(fixed),
            log_likelihood=float(solution.log_likelihood[index]),
            n_observations=_count(len(problem.observations) if weights is None else weights.sum()),
            verdict=solution.verdict_of(index),
            evidence=solution.evidence(index),
            method=solution.method,
            limit=limit,
            observations=problem.observations,
        )

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
        """Confidence intervals of the parameters.

        Wald intervals are formed on the link scale (log for positive parameters, logit for
        probabilities) and mapped back, so that they stay inside the parameter's domain.

        Parameters
        ----------
        level : float
            Coverage, strictly between 0 and 1.
        method : {"wald"}
            Kind of interval.

        Returns
        -------
        pandas.DataFrame
            Columns ``lower`` and ``upper``, one row a parameter.
        """
        import pandas as pd

        if method != "wald":
            raise OptionError(f"method={method!r} is unknown. Use 'wald'.")
        domains = [self._domain(name) for name in self.names]
        spread = np.sqrt(np.diag(self.covariance_matrix))
        lower, upper = wald_intervals(self.estimates, spread, domains, level)
        return pd.DataFrame({"lower": lower, "upper": upper}, index=self._index)

    @property
    def distribution(self) -> Distribution:
        """The fitted distribution: that of the limit, where the maximum is at infinity."""
        if self.limit is not None:
            return self.limit
        if not self.verdict.holds:
            raise _ERRORS[self.verdict](self._failure(), self)
        known = {} if self.observations is None else self.observations.known
        values = {**known, **dict(zip(self.names, self.estimates, strict=True))}
        return self.family.with_values(values)

    # ---- fit statistics --------------------------------------------------------------------------

    @property
    def n_parameters(self) -> int:
        """Number of parameters that were estimated."""
        free = len(self.names) - len(self.fixed)
        return free - 1 if self.family.kind == "categorical" else free

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2p − 2ℓ."""
        return 2.0 * self.n_parameters - 2.0 * self.log_likelihood

    @property
    def aicc(self) -> float:
        """AIC corrected for small samples; inf where n ≤ p + 1."""
        p, n = self.n_parameters, self.n_observations
        return self.aic + 2.0 * p * (p + 1.0) / (n - p - 1.0) if n > p + 1 else math.inf

    @property
    def bic(self) -> float:
        """Schwarz's criterion, p log n − 2ℓ."""
        return self.n_parameters * math.log(self.n_observations) - 2.0 * self.log_likelihood

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
                "family": [self.family.name],
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

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    # ---- files and pages -----------------------------------------------------------------------------

    def to_json(self) -> str:
        """Write the result as JSON text, which `mlestim.load` reads back."""
        from mlestim.results.files import to_json

        return to_json(self)

    def report(self, path: str | Path, *, force: bool = False) -> Path:
        """Write an estimation report; the suffix of `path` chooses its form."""
        import reports

        return reports.write(reports.build(self), path, force=force)

    # ---- helpers -------------------------------------------------------------------------------------

    def require_maximum(self) -> FitResult:
        """Return the result, or raise the error that belongs to its verdict.

        Raises
        ------
        UnboundedLikelihoodError, IdentifiabilityError, ConvergenceError
            If there is no verified maximum.
        """
        if self.verdict.holds:
            return self
        raise _ERRORS[self.verdict](self._failure(), self)

    def warn_limit(self) -> None:
        """Warn whoever called `fit` if the result describes a limit family."""
        if self.limit is None:
            return
        import warnings

        from mlestim.errors import LimitWarning

        warnings.warn(
            f"{self._subject()}: the likelihood of {self.family.name} rises towards its limit "
            f"{self.limit!r}; the result describes that limit. Fit '{self.limit.name}' instead "
            f"to get standard errors.",
            LimitWarning,
            stacklevel=3,
        )

    def _failure(self) -> str:
        advice = {
            Verdict.UNBOUNDED: "Check for constant or tied values, fix a parameter (fixed=…), "
            "or choose a simpler family",
            Verdict.NOT_IDENTIFIED: "Fix one of the parameters (fixed=…) or choose a simpler "
            "family",
            Verdict.NOT_CONVERGED: "Give start=…, fix a parameter, or choose another family",
        }[self.verdict]
        return (
            f"{self._subject()}: {self.family.name}: {self.verdict.sentence} "
            f"({_count(self.n_observations)} observations, last values "
            f"{', '.join(f'{n} = {v:.6g}' for n, v in zip(self.names, self.estimates, strict=True))}"
            f"). {advice}; on_failure='return' gives the result as it is."
        )

    def _subject(self) -> str:
        return "data" if self.observations is None else f"column {self.observations.name!r}"

    def _domain(self, name: str) -> Any:
        from mlestim.problem import parameter_domain

        return parameter_domain(self.family, name)

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


if TYPE_CHECKING:
    from mlestim.results.summary import Summary


def _count(n: float) -> float:
    """Show whole counts as integers."""
    return int(n) if float(n).is_integer() else float(n)


def _moved(values: dict[str, float], location: float) -> dict[str, float]:
    """Move a limit's parameters by the location that was subtracted from the rows."""
    if location == 0.0:
        return values
    return {n: v + location if n in ("mean", "location") else v for n, v in values.items()}
