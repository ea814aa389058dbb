"""Binomial distribution with known numbers of trials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.parameter import POSITIVE, UNIT, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import COUNTS

TRIALS = Parameter("trials", POSITIVE, meaning="number of trials", known=True, counts=True)


class Trials:
    """What distributions of successes among known numbers of trials share."""

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        trials = theta[0]
        return COUNTS.outside(x) | (x > trials) | (np.floor(trials) != trials)

    def ends(self, theta: Theta) -> tuple[ArrayLike, ArrayLike]:
        return 0.0, theta[0]

    def inner_point(self, theta: Theta) -> float:
        return 0.0


def trial_terms(successes: Array, failures: Array, prob: Array, constant: Array) -> Iterator[Array]:
    """Yield the terms in trials, which are never estimated, and the probability of a success."""
    nothing = np.zeros_like(successes)
    yield constant + sc.xlogy(successes, prob) + sc.xlog1py(failures, -prob)
    yield nothing
    yield successes / prob - failures / (1.0 - prob)
    yield nothing
    yield nothing
    yield -successes / prob**2 - failures / (1.0 - prob) ** 2


class Binomial(Trials, Family):
    r"""Binomial distribution: successes among n trials, n known.

    .. math:: P(x) = \binom{n}{x} p^x (1-p)^{n-x}, \quad x = 0, \dots, n

    Parameters
    ----------
    trials : float
        n, a whole number; known, for all rows or for each.
    prob : float
        p in [0, 1], of a success; without any success, or any failure, the maximum lies on the
        edge.

    Examples
    --------
    >>> Binomial(trials=2, prob=0.5).pdf([0, 1, 2]).round(15).tolist()
    [0.25, 0.5, 0.25]
    """

    name = "binomial"
    parameters = (TRIALS, Parameter("prob", UNIT, meaning="probability of a success"))
    support = COUNTS
    kind = "discrete"
    how = "closed"
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        trials = theta[0]
        return x, trials, log_choices(trials, x)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        x, trials, choices = t
        return trial_terms(x, trials - x, theta[1], choices)

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array]:
        unknown = np.full_like(t[0], np.nan)  # has a value for each row
        return [fixed.get("trials", unknown), fixed.get("prob", t[0] / t[1])]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        half = np.full(len(sketch.rows), 0.5)
        return [(half, half)]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        trials, prob = theta
        return np.where(x < trials, sc.betaincc(x + 1.0, np.maximum(trials - x, 0.5), prob), 1.0)

    def _sf(self, x: Array, theta: Theta) -> Array:
        trials, prob = theta
        return np.where(x < trials, sc.betainc(x + 1.0, np.maximum(trials - x, 0.5), prob), 0.0)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return rng.binomial(theta[0].astype(np.int64), theta[1], size).astype(float)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] * theta[1]

    def _variance(self, theta: Theta) -> Array:
        return theta[0] * theta[1] * (1.0 - theta[1])

    def _mode(self, theta: Theta) -> Array:
        trials, prob = theta
        return np.minimum(np.floor((trials + 1.0) * prob), trials)


def log_choices(trials: Array, x: Array) -> Array:
    """Log of the binomial coefficient."""
    return np.asarray(-np.log1p(trials) - sc.betaln(x + 1.0, trials - x + 1.0))
