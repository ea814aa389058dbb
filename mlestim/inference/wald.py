"""Wald intervals on the link scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.parameter import Interval
from mlestim.errors import OptionError

Array = NDArray[np.float64]


def normal_quantile(level: float) -> float:
    """How many standard errors an interval of this coverage reaches to each side."""
    if not 0.0 < level < 1.0:
        raise OptionError(f"level={level!r} is out of range. Use a number between 0 and 1.")
    return float(sc.ndtri(0.5 * (1.0 + level)))


def wald_intervals(
    estimates: Array, standard_errors: Array, domains: Sequence[Interval], level: float
) -> tuple[Array, Array]:
    r"""Compute intervals :math:`g^{-1}(g(\hat\theta) \pm z\,\mathrm{se}\,g'(\hat\theta))`.

    Parameters
    ----------
    estimates, standard_errors : array, shape (p, ...)
        Natural scale, one line a parameter.
    domains : sequence of Interval
        Their domains, whose links are g.
    level : float
        Coverage.

    Returns
    -------
    tuple of array
        Lower and upper ends; NaN where there is no standard error.
    """
    z = normal_quantile(level)
    lower, upper = np.full_like(estimates, np.nan), np.full_like(estimates, np.nan)
    for k, domain in enumerate(domains):
        known = np.isfinite(standard_errors[k]) & domain.contains(estimates[k])
        estimate = np.where(known, estimates[k], np.nan)
        eta = domain.to_link(estimate)
        step = z * standard_errors[k] / domain.link_derivatives(estimate)[0]
        with np.errstate(over="ignore"):  # an end beyond the largest number is infinite
            lower[k], upper[k] = domain.from_link(eta - step), domain.from_link(eta + step)
    return lower, upper
