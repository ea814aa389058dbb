"""Expected information of one row, by quadrature over probabilities or by summation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family

Array = NDArray[np.float64]

# Nodes of the double-exponential rule on (0, 1): probabilities of the nearer end, and weights.
_STEP, _REACH = 0.05, 4.0
_T = np.arange(-_REACH, _REACH + 0.5 * _STEP, _STEP)
_NEAR = 1.0 / (1.0 + np.exp(np.pi * np.sinh(np.abs(_T))))
_WEIGHTS = _STEP * np.pi * np.cosh(_T) * _NEAR * (1.0 - _NEAR)
# Probability beyond the counts that are summed, and how many are, at most.
_BEYOND, _MOST_COUNTS = 1e-18, 1 << 20


def expected_information(family: Family, theta: Sequence[Array]) -> Array:
    r"""Variance of the score of one row, :math:`E[s s^T]`, shape (p, p, problems).

    A kinked density has an expression of its own. Others are integrated over probabilities,
    :math:`\int_0^1 s(Q(u)) s(Q(u))^T du`, with the nodes of the double-exponential rule, which
    bears with scores that are infinite at an end; counts are summed.
    """
    own = family.expected_information(theta)
    if own is not None:
        return own
    columns = [np.asarray(value, dtype=float)[:, None] for value in theta]
    with np.errstate(all="ignore"):
        x, weights = (_counts if family.support.integers else _quantiles)(family, columns)
        score = family.terms(x, columns, 1).score
        products = score[:, None] * score[None, :] * weights
        return np.asarray(np.where(weights > 0.0, products, 0.0).sum(axis=-1))


def without_infinite(
    information: Array, free: NDArray[np.bool_]
) -> tuple[Array, NDArray[np.bool_]]:
    """Put ones in the place of infinite information, and say where a free parameter had it.

    Returns
    -------
    tuple of arrays, shapes (p, p, problems) and (problems,)
    """
    infinite = np.isinf(np.einsum("iib->ib", information))
    touched = infinite[:, None] | infinite[None, :]
    ones = np.eye(len(information))[:, :, None]
    unusual: NDArray[np.bool_] = infinite[free].any(axis=0)
    return np.where(touched, ones, information), unusual


def _quantiles(family: Family, theta: list[Array]) -> tuple[Array, Array]:
    lower = family.with_values(dict(zip(family.parameter_names, theta, strict=True)))
    x = np.where(_T < 0.0, lower.ppf(_NEAR), lower.isf(_NEAR))
    return x, np.broadcast_to(_WEIGHTS, x.shape)


def _counts(family: Family, theta: list[Array]) -> tuple[Array, Array]:
    member = family.with_values(dict(zip(family.parameter_names, theta, strict=True)))
    first = float(np.min(member.ppf(_BEYOND)))
    last = min(float(np.max(member.isf(_BEYOND))), first + _MOST_COUNTS)
    x = np.arange(first, last + 1.0)[None, :]
    outside = family.outside(x, theta)
    p = np.where(outside, 0.0, np.exp(member.logpdf(x)))
    return np.where(outside, family.inner_point(theta), x), p
