"""What kind of maximum was found: one word for every fit, and the evidence behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The six things that can be true of a fit."""

    INTERIOR = "interior"
    BOUNDARY = "boundary"
    AT_INFINITY = "at_infinity"
    UNBOUNDED = "unbounded"
    NOT_IDENTIFIED = "not_identified"
    NOT_CONVERGED = "not_converged"

    @property
    def holds(self) -> bool:
        """Whether the estimate may be used (the others raise by default)."""
        return self in (Verdict.INTERIOR, Verdict.BOUNDARY, Verdict.AT_INFINITY)

    @property
    def sentence(self) -> str:
        """What it means, in plain words."""
        return _SENTENCES[self]


_SENTENCES = {
    Verdict.INTERIOR: "a verified maximum inside the parameter space, the best found",
    Verdict.BOUNDARY: "the maximum lies on the edge of the parameter space; "
    "parameters on the edge have no standard error",
    Verdict.AT_INFINITY: "the likelihood keeps rising towards a simpler limit family; "
    "the values are those of the limit",
    Verdict.UNBOUNDED: "the likelihood grows without bound; there is no maximum",
    Verdict.NOT_IDENTIFIED: "different parameters give the same likelihood",
    Verdict.NOT_CONVERGED: "no maximum could be verified",
}


@dataclass(frozen=True)
class Evidence:
    """Numbers behind a verdict, none of which depends on units.

    Attributes
    ----------
    scaled_gradient : float
        Largest slope of the log-likelihood per standard error of one parameter.
    newton_decrement : float
        Half the squared distance to the maximum in standard errors: the log-likelihood still to
        be gained.
    smallest_eigenvalue : float
        Of the information matrix scaled to unit diagonal; positive at a maximum, 0 on a ridge.
    iterations : int
        Likelihood evaluations spent, over all starts.
    """

    scaled_gradient: float
    newton_decrement: float
    smallest_eigenvalue: float
    iterations: int
