"""The fits of a batch of problems, as arrays in the units of the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlestim.estimation.verdict import Evidence, Verdict

Array = NDArray[np.float64]
Integers = NDArray[np.intp]

_ARRAYS = (
    "theta",
    "covariance",
    "log_likelihood",
    "verdict",
    "scaled_gradient",
    "newton_decrement",
    "smallest_eigenvalue",
    "iterations",
    "limit",
    "limit_theta",
)


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
        The `Limit` at infinity, or None.
    limit_theta : object array, shape (problems,)
        Its parameters by name, or None.
    method : str
        How they were found.
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

    @property
    def holds(self) -> NDArray[np.bool_]:
        """Which problems have a verdict that stands on a maximum or supremum."""
        return np.logical_or.reduce([self.verdict == kind for kind in Verdict if kind.holds])

    def settled(self) -> Solution:
        """Say that an unbounded likelihood has the supremum +inf; the last step of a search."""
        self.log_likelihood[self.verdict == Verdict.UNBOUNDED] = np.inf
        return self

    def select(self, problems: Integers) -> Solution:
        """Keep some of the problems, in the given order."""
        chosen = {name: getattr(self, name)[..., problems] for name in _ARRAYS}
        return Solution(**chosen, method=self.method)

    def put(self, problems: Integers, other: Solution) -> None:
        """Replace some of the problems."""
        for name in _ARRAYS:
            getattr(self, name)[..., problems] = getattr(other, name)

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
