"""Samples drawn with replacement, as problems of one batch that share the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mlestim.errors import DataError
from mlestim.estimation.bounds import solve_within
from mlestim.inference.criteria import CRITERIA
from mlestim.problem import Problem
from mlestim.sample.batch import Batch

Array = NDArray[np.float64]

# Weights held at a time: 64 MB.
CELLS = 1 << 23


def best_shares(
    problems: Sequence[Problem],
    n_parameters: Sequence[int],
    criterion: str,
    n_bootstrap: int,
    rng: np.random.Generator,
) -> Array:
    """Share of bootstrap samples in which each of several fits has the smallest criterion.

    Parameters
    ----------
    problems : sequence of Problem
        Families with the same observations.
    n_parameters : sequence of int
        What each of them estimates.
    criterion : str
        One of `CRITERIA`.
    n_bootstrap : int
        Number of samples; fits without a maximum take no part in theirs.
    rng : numpy.random.Generator
        The samples.

    Returns
    -------
    array, shape (problems,)
        Shares; they sum to 1 unless some sample can be fitted by none.
    """
    chosen = np.zeros(len(problems))
    whole = problems[0].batch()
    size = whole.total_weight[0]
    for weights in replicates(whole, n_bootstrap, rng):
        values = []
        for problem, p in zip(problems, n_parameters, strict=True):
            solution = solve_within(problem, _drawn(problem, weights))
            value = CRITERIA[criterion](solution.log_likelihood, p, size)
            values.append(np.where(solution.holds, value, np.inf))
        best = np.argmin(values, axis=0)
        fitted = np.isfinite(np.min(values, axis=0))
        chosen += np.bincount(best[fitted], minlength=len(problems))
    return chosen / n_bootstrap


def _drawn(problem: Problem, weights: Array) -> Batch:
    """Batch of drawn samples; where rows may lie outside the support, only of the rows drawn."""
    own = problem.batch()
    if problem.model.regular:
        return own.repeated(len(weights), weights)
    sample, row = np.nonzero(weights)
    sizes = np.bincount(sample, minlength=len(weights))
    known = {name: values[row] for name, values in own.known.items()}
    starts = np.cumsum(sizes) - sizes
    return own.of_same_kind(own.x[row], weights[sample, row], starts, sizes, known)


def replicates(batch: Batch, n: int, rng: np.random.Generator) -> Iterator[Array]:
    """Yield weights (some samples, rows) of samples as large as the one problem of a batch.

    Raises
    ------
    DataError
        If weights are fractions: such a sample cannot be drawn again.
    """
    total = float(batch.total_weight[0])
    if total != np.floor(total):
        raise DataError("weights are fractions, so that the sample cannot be drawn again")
    shares = np.ones(len(batch.x)) if batch.weights is None else batch.weights
    lines = max(CELLS // len(batch.x), 1)
    for first in range(0, n, lines):
        counts = rng.multinomial(int(total), shares / shares.sum(), min(lines, n - first))
        yield counts.astype(float)
