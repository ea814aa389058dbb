"""Log probabilities of intervals and their derivatives from integrals of the density's terms.

The score of an interval's probability is the mean score of the values in it, and its curvature the
mean curvature plus the variance of the score. No formula of a tail takes part, but to say where
to cut the line into pieces.
"""

from __future__ import annotations

import numpy as np

from mlestim.distributions import Family
from mlestim.distributions.parameter import Unit

# Tanh-sinh nodes and weights on (0, 1): a density may be infinite at either end. Nodes are given by
# their distance to the nearer end, which keeps its digits.
_T = np.linspace(-3.2, 3.2, 97)
_GAP = 1.0 / (1.0 + np.exp(np.pi * np.sinh(np.abs(_T))))
_WEIGHT = (_T[1] - _T[0]) * np.pi * np.cosh(_T) * _GAP * (1.0 - _GAP)
_FROM_START = _T < 0.0
# Levels of the quantiles at which the line is cut; beyond lies nothing that could be seen.
_LEVELS = np.concatenate([[1e-300], 10.0 ** -np.arange(22.0, 0.0, -1.0), [0.3]])
MOST_COUNTS = 1 << 20


def interval_integrals(distribution: Family, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Packed terms of the log probability of each interval (lower, upper], one column each."""
    summed = _counted if distribution.support.integers else _integrated
    return _assembled(summed(distribution, lower, upper), len(distribution.parameters))


def _moments(distribution: Family, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Density, and 1, scores and second derivatives over the density, of each value."""
    p, theta = len(distribution.parameters), distribution.theta
    first, second = np.triu_indices(p)
    outside = distribution.outside(x, theta)
    terms = distribution.terms(np.where(outside, distribution.inner_point(theta), x), theta).packed
    density = np.nan_to_num(np.where(outside, 0.0, np.exp(terms[0])))  # an end may round to NaN
    squares = terms[1 + p :] + terms[1 + first] * terms[1 + second]
    entries = np.concatenate([np.ones_like(terms[:1]), terms[1 : 1 + p], squares])
    return density, np.where(density > 0.0, entries, 0.0)


def _integrated(distribution: Family, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Integrals over pieces between quantiles, on the scale of logs on a half-line."""
    low, high = (float(np.asarray(end)) for end in distribution.ends(distribution.theta))
    places = [
        value
        for parameter, value in zip(distribution.parameters, distribution.theta, strict=True)
        if parameter.unit is Unit.LOCATION  # where a density may have a kink
    ]
    cuts = np.concatenate(
        [distribution.ppf(_LEVELS), distribution.isf(_LEVELS), places, lower, upper]
    )
    cuts = np.unique(np.clip(cuts, low, high))
    on_logs = low == 0.0  # where the density may be infinite
    cuts = np.log(cuts[cuts > 0.0]) if on_logs else cuts
    cuts = cuts[np.abs(cuts) < 1e100]  # squares of larger numbers overflow
    start, width = cuts[:-1, None], np.diff(cuts)[:, None]
    end = cuts[1:, None]
    u = np.where(_FROM_START, start + width * _GAP, end - width * _GAP)
    density, entries = _moments(distribution, np.exp(u) if on_logs else u)
    density = density * width * _WEIGHT * (np.exp(u) if on_logs else 1.0)
    pieces = np.sum(entries * density, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        begin, finish = (np.log(np.maximum(v, 0.0)) if on_logs else v for v in (lower, upper))
    inside = (cuts[:-1, None] >= begin) & (cuts[1:, None] <= finish)
    return pieces @ inside


def _counted(distribution: Family, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Sums; those over an upper tail are the rest of the sum over all, which is 1, 0, …, 0."""
    first = max(distribution.support.lower, float(distribution.ppf(1e-30)))
    finite = upper[np.isfinite(upper)]
    last = max(np.max(finite, initial=first), np.max(lower))
    last = min(max(last, float(distribution.isf(1e-25))), last + MOST_COUNTS)
    x = np.arange(first, last + 1.0)
    density, entries = _moments(distribution, x)
    weighted = entries * density
    inside = (x[:, None] > lower) & (x[:, None] <= upper)
    totals = weighted @ inside
    if distribution.sf(last) > 1e-18:
        before = weighted @ (x[:, None] <= lower)
        rest = np.eye(len(weighted), 1) - before
        totals = np.where(np.isfinite(upper), totals, rest)
    return totals


def _assembled(totals: np.ndarray, p: int) -> np.ndarray:
    """Terms of the log of an integral from the integrals of value, score and second derivative."""
    first, second = np.triu_indices(p)
    mean = totals[1:] / totals[0]
    curvature = mean[p:] - mean[first] * mean[second]
    return np.concatenate([np.log(totals[:1]), mean[:p], curvature])
