"""All trials succeed or none does: the beta-binomial distribution whose shapes are 0."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.discrete.binomial import TRIALS, Trials, trial_terms
from mlestim.distributions.parameter import UNIT, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import COUNTS


class AllOrNone(Trials, Family):
    r"""All of n trials succeed, or none does.

    .. math:: P(n) = p, \quad P(0) = 1 - p

    Parameters
    ----------
    trials : float
        n, a whole number; known, for all rows or for each.
    prob : float
        p in [0, 1], that all succeed.

    Examples
    --------
    >>> AllOrNone(trials=3, prob=0.25).pdf([0, 1, 3]).tolist()
    [0.75, 0.0, 0.25]
    """

    name = "all_or_none"
    parameters = (TRIALS, Parameter("prob", UNIT, meaning="probability that all succeed"))
    support = COUNTS
    kind = "discrete"
    how = "closed"
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        trials = theta[0]
        some = trials > 0.0  # rows without a trial say nothing
        share = x / np.where(some, trials, 1.0)
        return some.astype(float), share, np.where((x == 0.0) | (x == trials), 0.0, -np.inf)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        some, share, possible = t
        return trial_terms(share, some - share, theta[1], possible)

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array]:
        unknown = np.full_like(t[0], np.nan)  # has a value for each row
        return [fixed.get("trials", unknown), fixed.get("prob", t[1] / t[0])]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        half = np.full(len(sketch.rows), 0.5)
        return [(half, half)]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        trials, prob = theta
        return np.where(x < trials, 1.0 - prob, 1.0)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return np.where(rng.random(size) < theta[1], theta[0], 0.0)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] * theta[1]

    def _variance(self, theta: Theta) -> Array:
        return theta[0] ** 2 * theta[1] * (1.0 - theta[1])

    def _mode(self, theta: Theta) -> Array:
        return np.where(theta[1] > 0.5, theta[0], 0.0)
