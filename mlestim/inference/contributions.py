"""What each row contributes to the log-likelihood of a distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlestim.sample.censoring.intervals import AFTER, BEFORE, LOWER, UPPER, WHOLE_LINE

if TYPE_CHECKING:
    from mlestim.distributions.distribution import Distribution
    from mlestim.sample.observations import Observations

Array = NDArray[np.float64]


def contributions(distribution: Distribution, sample: Observations) -> Array:
    """Log density of each exact row, log probability of each interval, given its window.

    Examples
    --------
    >>> from mlestim import Exponential, Observations
    >>> sample = Observations.right_censored([1.0, 2.0], [True, False])
    >>> contributions(Exponential(scale=1.0), sample)
    array([-1., -2.])
    """
    rows = np.array(distribution.logpdf(sample.values), dtype=float)
    ends = sample.intervals.ends
    if LOWER in ends:
        lower, upper = ends[LOWER], ends[UPPER]
        wide = lower < upper
        rows[wide] = _log_probability(distribution, lower[wide], upper[wide])
    if AFTER in ends:
        rows -= _log_probability(distribution, ends[AFTER], ends[BEFORE])
    elif sample.intervals.window != WHOLE_LINE:
        rows -= _log_probability(distribution, *map(np.asarray, sample.intervals.window))
    return rows


def _log_probability(distribution: Distribution, lower: Array, upper: Array) -> Array:
    """Log P(lower < X ≤ upper), from the tails on the side of the smaller ones."""
    above = distribution.logsf(lower), distribution.logsf(upper)
    below = distribution.logcdf(upper), distribution.logcdf(lower)
    right = np.less(above[0], below[0])
    larger, smaller = (np.where(right, a, b) for a, b in zip(above, below, strict=True))
    with np.errstate(invalid="ignore", divide="ignore"):  # −inf − (−inf) where nothing is left
        share = np.where(np.isneginf(smaller), 0.0, np.exp(smaller - larger))
        return np.asarray(larger + np.log1p(-share))
