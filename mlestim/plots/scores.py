r"""Rows that have distributions of their own, on one scale.

Where precisions, known parameters or windows differ from row to row, there is not one distribution to
draw. But with the distribution function of each row,

.. math:: z_i = \Phi^{-1}\!\left(F_i(x_i)\right)

are normal scores: standard normal if the fit is right. A censored row is an interval of them, and so
is a count, of which the scores from :math:`F_i(x_i - 1)` to :math:`F_i(x_i)` are possible.

References
----------
Dunn, P. K. and Smyth, G. K. (1996). Randomized quantile residuals. J. Comput. Graph. Statist. 5, 236-244.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.vectors.family import Multivariate
from mlestim.sample.censoring.intervals import AFTER, BEFORE, LOWER, UPPER
from mlestim.sample.observations import Observations

if TYPE_CHECKING:
    from mlestim.problem import Problem
    from mlestim.results.result import FitResult

Array = NDArray[np.float64]

# Scores of probabilities that round to 0 or 1 in double precision.
FARTHEST = 38.0


def own_distributions(problem: Problem) -> bool:
    """Whether rows have precisions, known parameters or windows of their own."""
    if isinstance(problem.family, Multivariate):
        return False
    return bool(problem.known_by_row) or AFTER in problem.ends


def normal_scores(result: FitResult) -> Observations | None:
    """Observations of normal scores; None where a limit has no parameters to compute them with."""
    problem = result.asked
    if result.limit is not None:
        return None
    rows, ends = problem.rows, problem.ends
    lower, upper = ends.get(LOWER, rows), ends.get(UPPER, rows)
    if problem.family.support.integers:
        lower = np.where(lower == upper, lower - 1.0, lower)
    values = {**dict(zip(result.names, result.estimates, strict=True)), **problem.known_by_row}
    theta = [np.asarray(values[name], dtype=float) for name in problem.model.parameter_names]
    low, high = problem.window
    window = (
        np.broadcast_to(ends.get(AFTER, low), rows.shape),
        np.broadcast_to(ends.get(BEFORE, high), rows.shape),
    )
    low_score, high_score = (_scores(problem, end, window, theta) for end in (lower, upper))
    # no row is without a place, however little probability there is
    exact = lower == upper
    low_score = np.clip(low_score, np.where(exact, -FARTHEST, -np.inf), FARTHEST)
    high_score = np.clip(high_score, -FARTHEST, np.where(exact, FARTHEST, np.inf))
    weighted = problem.observations.design.weight_type != "precision"
    weights = problem.observations.weights if weighted else None
    return Observations.of(None, lower=low_score, upper=high_score, weights=weights)


def _scores(
    problem: Problem, x: Array, window: tuple[Array, Array], theta: Sequence[Array]
) -> Array:
    """Normal scores of places, given that values lie in the windows."""
    after, before = window

    def tail(place: Array, *, upper: bool) -> Array:
        inside = np.isfinite(place)
        logs = problem.model.log_tail(np.where(inside, place, 0.0), theta, upper=upper)
        return np.where(inside, np.exp(logs), np.where((place > 0.0) == upper, 0.0, 1.0))

    with np.errstate(divide="ignore", invalid="ignore"):  # of no probability: farthest out
        start, end = tail(after, upper=False), tail(before, upper=False)
        below = (tail(x, upper=False) - start) / (end - start)
        start, end = tail(after, upper=True), tail(before, upper=True)
        above = (tail(x, upper=True) - end) / (start - end)
        scores = np.where(below < above, sc.ndtri(below), -sc.ndtri(above))
    scores = np.where(np.isfinite(x), scores, x)
    # where a window ends, a row says nothing more
    return np.where(x <= after, -np.inf, np.where(x >= before, np.inf, scores))
