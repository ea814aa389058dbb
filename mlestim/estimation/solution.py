"""The fits of a batch of problems, as arrays in the units of the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlestim.estimation.verdict import Evidence, Verdict

Array = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass
class Solution:
    """One column a problem.

    Attributes
    ----------
    theta : array, shape (p, problems)
        Estimates in declared order, held ones included.
    covariance : array, shape (p, p, problems)
        Their covariance; NaN for held parameters and those on an edge.
    log_likelihood : array, shape (problems,)
        Maximum, or supremum, of the log-likelihood.
    verdict : object array, shape (problems,)
        A `Verdict` each.
    scaled_gradient, newton_decrement, smallest_eigenvalue, iterations : arrays
        The evidence.
    limit : object array, shape (problems,)
        Name of the limit family at infinity, or None.
    limit_theta : list of array or None
        Its parameters.
    direction : array, shape (p, problems)
        The flattest direction of the likelihood, for problems that are not identified.
    """

    theta: Array
    covariance: Array
    log_likelihood: Array
    verdict: NDArray[np.object_]
    scaled_gradient: Array
    newton_decrement: Array
    smallest_eigenvalue: Array
    iterations: Integers
    limit: NDArray[np.object_]
    limit_theta: NDArray[np.object_]
    method: str

    def evidence(self, problem: int) -> Evidence:
        """Evidence of one problem."""
        return Evidence(
            float(self.scaled_gradient[problem]),
            float(self.newton_decrement[problem]),
            float(self.smallest_eigenvalue[problem]),
            int(self.iterations[problem]),
        )

    def verdict_of(self, problem: int) -> Verdict:
        """Verdict of one problem."""
        return Verdict(self.verdict[problem])
