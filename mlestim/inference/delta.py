"""The delta method: standard errors of functions of the estimates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.numeric import slope
from mlestim.distributions.parameter import Interval

Array = NDArray[np.float64]

# Differences span this part of a standard error: fourth-order ones are then off by 1e-7 of it, and
# functions that are known to 8 digits still give a few.
STEP = 0.05
# A step is at most this share of the way to an end of a domain: two of them are taken.
SHARE_OF_ROOM = 0.4
# Of correlations: smaller variances are rounding.
SMALLEST_VARIANCE = 1e-12


def delta_method(
    function: Callable[[Array], Array],
    estimates: Array,
    covariance: Array,
    domains: Sequence[Interval],
) -> Array:
    r"""Standard errors of a function g of the estimates, :math:`\sqrt{\nabla g' \Sigma \nabla g}`.

    With :math:`\Sigma = \sum_k s_k s_k'` this is the root of the sum of the squared derivatives of g
    along each :math:`s_k`: parameters that sum to 1 then do so at every point.

    Parameters
    ----------
    function : callable
        Takes the parameters, shape (p,), returns values, shape (m,).
    estimates : array, shape (p,)
        Where to differentiate, by fourth-order differences.
    covariance : array, shape (p, p)
        Σ; 0 for known parameters.
    domains : sequence of Interval
        Of the parameters; differences stay inside.

    Returns
    -------
    array, shape (m,)
        One standard error a value.
    """
    spread = np.sqrt(np.diag(covariance))
    unit = np.where(spread > 0.0, spread, 1.0)
    variances, axes = np.linalg.eigh(covariance / np.outer(unit, unit))
    ends = np.array([(domain.lower, domain.upper) for domain in domains])
    room = np.min(np.abs(ends.T - estimates), axis=0)
    squares = np.zeros(())
    for variance, axis in zip(variances, axes.T, strict=True):
        if variance > SMALLEST_VARIANCE:
            way = np.sqrt(variance) * axis * unit
            moves = way != 0.0
            width = min(STEP, SHARE_OF_ROOM * np.min(room[moves] / np.abs(way[moves])))
            line = partial(_moved, function, estimates, width * way)
            squares = squares + (slope(line) / width) ** 2
    return np.sqrt(squares)


def _moved(function: Callable[[Array], Array], start: Array, step: Array, steps: int) -> Array:
    return function(start + steps * step)
