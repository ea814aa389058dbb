r"""Covariances from the rows' scores: outer products, and the sandwich.

With :math:`A` the information and :math:`B = \sum_c s_c s_c^T` the sum over independent units c of
the outer products of their scores,

.. math:: \mathrm{opg}: B^{-1}, \qquad \mathrm{sandwich}: A^{-1} B A^{-1}

A unit is a row, or a cluster of rows, whose weighted scores add up.

References
----------
White (1982), Maximum likelihood estimation of misspecified models, Econometrica 50, 1-25.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.intervals.between import interval_terms
from mlestim.distributions.intervals.rows import row_terms
from mlestim.errors import OptionError
from mlestim.estimation import linear_algebra
from mlestim.estimation.information.expected import expected_information, without_infinite
from mlestim.estimation.solution import Solution
from mlestim.problem import Problem
from mlestim.sample.censoring.intervals import ROW, WHOLE_LINE, WINDOW
from mlestim.sample.design import Design

Array = NDArray[np.float64]
Integers = NDArray[np.intp]
Covariance = Literal["observed", "expected", "opg", "sandwich"]
COVARIANCES = ("observed", "expected", "opg", "sandwich")


def covariance_asked(kind: str | None, design: Design) -> str:
    """Which covariance is meant: by default the usual one, or for clusters and design weights theirs.

    Raises
    ------
    OptionError
        If it does not exist, or forgets the clusters.
    """
    if kind is not None and kind not in COVARIANCES:
        raise OptionError(
            f"covariance={kind!r} is unknown. Use one of {', '.join(map(repr, COVARIANCES))}."
        )
    if design.clusters is None and design.weight_type != "sampling":
        return kind or "observed"
    if design.clusters is not None and len(np.unique(design.clusters)) < 2:
        raise OptionError("cluster: there is but one, which shows no variation between clusters.")
    if kind not in (None, "sandwich"):
        raise OptionError(
            f"covariance={kind!r} takes rows as independent observations of the same weight; "
            "clusters and sampling weights need 'sandwich'."
        )
    return "sandwich"


def put_covariance(problem: Problem, solution: Solution, kind: str) -> None:
    """Replace the inverse of the observed information by another covariance.

    Parameters
    ----------
    problem : Problem
        What was fitted; each group of its observations is a column of the solution.
    solution : Solution
        Its fits, whose covariance is changed in place where there is one.
    kind : {"observed", "expected", "opg", "sandwich"}
        Which.

    Raises
    ------
    OptionError
        If the expected information is asked for of rows that are not alike.
    """
    if kind == "observed":
        return
    free = np.isfinite(np.einsum("iik->ik", solution.covariance))
    defined = free[:, None] & free[None, :]
    if kind == "sandwich":
        bread = np.where(defined, solution.covariance, 0.0)
        meat = np.where(defined, _meat(problem, solution), 0.0)
        found = np.einsum("ijk,jlk,lmk->imk", bread, meat, bread)
    else:
        make = _expected if kind == "expected" else _meat
        information = np.where(defined, make(problem, solution), 0.0)
        found = _inverse(problem, solution, information, free)
    solution.covariance[:] = np.where(defined, found, np.nan)


def _inverse(
    problem: Problem, solution: Solution, information: Array, free: NDArray[np.bool_]
) -> Array:
    """Invert the information in the directions in which parameters can move.

    Those that are held take no part, and those that are tied to one another move together: with T
    the derivatives in the link values, T(TᵀIT)⁻¹Tᵀ.
    """
    if problem.model.n_dependent(problem.fixed):
        moves = problem.model.link.jacobian(list(solution.theta))
        moves = np.where(free[:, None], moves, 0.0)  # what is known row by row is NaN
    else:
        moves = np.eye(len(free))[:, :, None] * free
    inner = np.einsum("ijb,ikb,klb->jlb", moves, information, moves)
    idle = ~np.any(moves != 0.0, axis=0)  # ones on the diagonal keep the matrix invertible
    inner += np.eye(len(inner))[:, :, None] * idle
    inverse, _ = linear_algebra.invert(inner)
    return np.einsum("ijb,jkb,lkb->ilb", moves, inverse, moves)


def _expected(problem: Problem, solution: Solution) -> Array:
    """Expected information of the rows of each problem, (p, p, problems)."""
    sample = problem.observations
    if problem.model.kind == "multivariate":
        raise OptionError(
            "covariance='expected' is for rows that are single values; take 'observed', which is the "
            "same for every family of vectors but multivariate_t"
        )
    if not sample.intervals.plain or problem.known_by_row:
        raise OptionError(
            "covariance='expected' needs exact rows that all have the same distribution; take "
            "'observed', 'opg' or 'sandwich'"
        )
    weights = np.ones(len(sample)) if problem.weights is None else problem.weights
    groups = np.zeros(len(sample), dtype=np.intp) if sample.groups is None else sample.groups.codes
    total = np.bincount(groups, weights, solution.theta.shape[1])
    information = expected_information(problem.model, list(solution.theta))
    free = np.array([name not in problem.fixed for name in problem.model.parameter_names])
    information, unusual = without_infinite(information, free)
    return np.where(unusual, np.nan, total * information)


def _meat(problem: Problem, solution: Solution) -> Array:
    """Sum over units of the outer products of their scores, (p, p, problems).

    A weight of frequency makes so many units of a row. Of design weights and of clusters there are
    few: the sum is multiplied by units/(units − 1).
    """
    sample = problem.observations
    clusters = sample.design.clusters
    groups = np.zeros(len(sample), dtype=np.intp)
    if sample.groups is not None:
        groups = sample.groups.codes
    scores = row_scores(problem, solution.theta, groups)
    weights = np.ones(len(sample)) if problem.weights is None else problem.weights
    n_problems = solution.theta.shape[1]
    if clusters is None and sample.design.weight_type != "sampling":
        return _outer(scores, scores * weights, groups, n_problems)
    scores = scores * weights
    if clusters is not None:
        scores, groups = _summed_by_cluster(scores, groups, clusters)
    units = np.bincount(groups, minlength=n_problems)
    return _outer(scores, scores, groups, n_problems) * np.where(
        units > 1, units / np.maximum(units - 1.0, 1.0), np.nan
    )


def _outer(left: Array, right: Array, groups: Integers, n_problems: int) -> Array:
    """Sums of products of all pairs of lines, group by group."""
    return np.array(
        [[np.bincount(groups, a * b, n_problems) for b in right] for a in left], dtype=float
    )


def _summed_by_cluster(
    scores: Array, groups: Integers, clusters: Integers
) -> tuple[Array, Integers]:
    """Add the scores of each cluster up; clusters of different groups are different."""
    pairs, place = np.unique(np.stack([groups, clusters]), axis=1, return_inverse=True)
    summed = np.array([np.bincount(np.ravel(place), row, pairs.shape[1]) for row in scores])
    return summed, pairs[0]


def _pair(ends: Mapping[str, Array], names: tuple[str, str]) -> tuple[Array, Array] | None:
    return (ends[names[0]], ends[names[1]]) if names[0] in ends else None


def row_scores(problem: Problem, theta: Array, groups: Integers) -> Array:
    """Score of each row in the natural parameters of its group, shape (p, n)."""
    known = problem.known_by_row
    names = problem.model.parameter_names
    each = [known.get(name, theta[k][groups]) for k, name in enumerate(names)]
    ends, window = (_pair(problem.ends, pair) for pair in (ROW, WINDOW))
    p = len(names)
    with np.errstate(all="ignore"):
        terms = row_terms(problem.model, problem.rows, ends, window, each, 1)[1 : 1 + p]
        if problem.window != WHOLE_LINE:
            low, high = (np.full(theta.shape[1], end) for end in problem.window)
            shared = interval_terms(problem.model, low, high, list(theta), 1)[1 : 1 + p]
            terms = terms - shared[:, groups]
    return np.asarray(terms)
