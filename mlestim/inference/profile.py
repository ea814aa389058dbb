"""Profile likelihood: the maximum over all other parameters, where some are held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.parameter import Interval
from mlestim.estimation.bounds import solve_within
from mlestim.inference.wald import normal_quantile
from mlestim.problem import Problem

Array = NDArray[np.float64]

# Ends of intervals are this close to the place that is sought, in standard errors.
CLOSE = 1e-7
# A distance is doubled so often, and reaches so far on a scale of logs or logits, before the
# log-likelihood counts as never falling to the height that is sought.
DOUBLINGS, FAR = 12, 50.0
# Where the excess leaps over 0 by more than this, there is no profile beyond.
ABRUPT = 1e-3
SIDES = np.array([-1.0, 1.0])


def profile_of(
    problem: Problem, held: Mapping[str, Array], estimates: Mapping[str, float]
) -> Array:
    """Maximise the log-likelihood over the parameters that are not held, at each of many points.

    A point is a problem of its own over the same rows, and all are one batch.

    Parameters
    ----------
    problem : Problem
        What was fitted.
    held : mapping of str to array, shape (points,)
        Values of some of its parameters.
    estimates : mapping of str to float
        The others start there.

    Returns
    -------
    array, shape (points,)
        NaN where no maximum was found.
    """
    points = len(next(iter(held.values())))
    known = {name: np.full(points, value) for name, value in problem.fixed.items()}
    start = {
        name: estimates[name]
        for name in problem.model.parameter_names
        if name in estimates and name not in held and name not in known
    }
    bounds = {name: ends for name, ends in problem.bounds.items() if name not in held}
    asked = replace(problem, fixed={**known, **held}, start=start, bounds=bounds)
    solution = solve_within(asked, problem.batch().repeated(points))
    return np.where(solution.holds, solution.log_likelihood, np.nan)


def profile_interval(
    height: Callable[[Array], Array],
    maximum: float,
    estimate: float,
    standard_error: float,
    domain: Interval,
    level: float,
) -> tuple[float, float]:
    r"""Find where a profile log-likelihood has fallen by half the quantile of χ² from its maximum.

    These are the values :math:`\psi` with
    :math:`2 (\hat\ell - \ell_p(\psi)) = \chi^2_{1, \mathrm{level}}`, sought on the link scale by
    the signed root of the left side, which is nearly linear.

    Parameters
    ----------
    height : callable
        Profile log-likelihood at some values of the parameter, shape (points,); NaN where there
        is none.
    maximum, estimate, standard_error : float
        Of the fit.
    domain : Interval
        Of the parameter.
    level : float
        Coverage.

    Returns
    -------
    tuple of float
        An end of the domain where the log-likelihood does not fall so far; NaN where the profile
        does not exist.
    """
    target = normal_quantile(level)
    centre, step = domain.to_link(estimate), standard_error / domain.link_derivatives(estimate)[0]
    reach = np.inf if domain.link_name == "identity" else FAR / step

    def at(side: Array, distance: Array) -> Array:
        with np.errstate(over="ignore"):  # beyond the largest number is as good as infinite
            return domain.from_link(centre + side * distance * step)

    def excess(distance: Array, side: Array) -> Array:
        """Root of twice the fall, less the target; inf where there is no profile."""
        value = at(side, distance)
        fall = np.zeros(len(value))
        seen = (distance <= reach) & domain.contains(value)
        if np.any(seen):
            fall[seen] = maximum - height(value[seen])
        return np.where(np.isnan(fall), np.inf, np.sqrt(2.0 * np.maximum(fall, 0.0)) - target)

    low, high = at(SIDES, _crossings(excess, target))
    return float(low), float(high)


def _crossings(excess: Callable[[Array, Array], Array], target: float) -> Array:
    """Distances on both sides where the excess is 0; inf where it never is, NaN where not defined."""
    from scipy.optimize import elementwise

    near, far = np.zeros(2), np.full(2, target)
    above = excess(far, SIDES)
    for _ in range(DOUBLINGS):
        short = np.flatnonzero(above < 0.0)
        if not len(short):
            break
        near[short], far[short] = far[short], 2.0 * far[short]
        above[short] = excess(far[short], SIDES[short])
    crossed = above >= 0.0
    distance = np.full(2, np.inf)
    found = elementwise.find_root(
        excess,
        (near[crossed], far[crossed]),
        args=(SIDES[crossed],),
        tolerances={"xatol": CLOSE, "xrtol": 0.0, "fatol": CLOSE, "frtol": 0.0},
    )
    distance[crossed] = np.where(np.abs(found.f_x) < ABRUPT, found.x, np.nan)
    return distance
