"""`MaximumResult`: what is known of the maximum of a user's own log-likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.parameter import Interval
from mlestim.estimation.verdict import Evidence, Verdict
from mlestim.results.estimates import Estimates

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class MaximumResult(Estimates):
    """The maximum of a log-likelihood, with its uncertainty, verdict and evidence.

    Attributes
    ----------
    name : str
        Name of the function.
    names : tuple of str
        Its parameters, in the order of the start; fixed ones last.
    estimates : array, shape (p,)
        Their values.
    covariance_matrix : array, shape (p, p)
        Inverse of the observed information; NaN for fixed parameters and those on an edge.
    fixed : tuple of str
        Parameters that were not estimated.
    log_likelihood : float
        The maximum.
    n_observations : float
        As the user gave it, for AICc and BIC; NaN where not given.
    verdict : Verdict
        What kind of maximum this is.
    evidence : Evidence
        The numbers behind the verdict; its iterations count values of the function.
    method : str
        ``"newton"``.
    domains : dict of str to Interval
        Where the parameters may lie.
    """

    name: str
    names: tuple[str, ...]
    estimates: Array
    covariance_matrix: Array
    fixed: tuple[str, ...]
    log_likelihood: float
    n_observations: float
    verdict: Verdict
    evidence: Evidence
    method: str = "newton"
    domains: Mapping[str, Interval] = field(default_factory=dict)

    @property
    def model_name(self) -> str:
        """Name of the function."""
        return self.name

    @property
    def subject(self) -> str:
        """The function."""
        return "maximize"

    @property
    def title(self) -> str:
        """Heading of the summary."""
        return f"maximum of {self.name}"

    @property
    def way_out(self) -> str:
        """What to do where there is no maximum."""
        return {
            Verdict.UNBOUNDED: "Narrow a domain (domains=…) or fix a parameter (fixed=…)",
            Verdict.NOT_IDENTIFIED: "Fix one of the parameters (fixed=…), or drop it",
            Verdict.NOT_CONVERGED: "Give another start, narrow a domain (domains=…), or fix a "
            "parameter (fixed=…)",
        }[self.verdict]

    def domain(self, name: str) -> Interval:
        """Domain of a parameter."""
        return self.domains[name]
