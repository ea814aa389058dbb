"""Beta-binomial distribution with known numbers of trials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.counting.summation import SummedCounts
from mlestim.distributions.discrete.binomial import TRIALS, Trials, log_choices
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import COUNTS
from mlestim.special import log_rising


class BetaBinomial(SummedCounts, Trials, Family):
    r"""Beta-binomial distribution: a binomial whose probability follows a beta distribution.

    .. math:: P(x) = \binom{n}{x} \frac{B(x + \alpha, n - x + \beta)}{B(\alpha, \beta)},
        \quad x = 0, \dots, n

    As α and β grow together it becomes the binomial, where samples that vary no more than binomial
    counts have their supremum; as they fall to 0 together all trials succeed or none does.

    Parameters
    ----------
    trials : float
        n, a whole number; known, for all rows or for each.
    alpha, beta : float
        α, β > 0, shapes of the beta distribution.

    References
    ----------
    Skellam, J. G. (1948), Journal of the Royal Statistical Society B 10, 257-261.

    Examples
    --------
    >>> BetaBinomial(trials=2, alpha=1, beta=1).pdf([0, 1, 2]).round(4).tolist()
    [0.3333, 0.3333, 0.3333]
    """

    name = "beta_binomial"
    parameters = (
        TRIALS,
        Parameter("alpha", POSITIVE, meaning="first shape of the beta distribution"),
        Parameter("beta", POSITIVE, meaning="second shape of the beta distribution"),
    )
    support = COUNTS
    kind = "discrete"

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        # Sums of log((α+j)/(α+β)), log((β+j)/(α+β)) and log((α+β+j)/(α+β)), and their derivatives
        trials, alpha, beta = theta
        none = np.zeros(())
        successes = log_rising(alpha, beta, x, order)
        failures = log_rising(beta, alpha, trials - x, order)
        both = log_rising(alpha + beta, none, trials, order)
        value = log_choices(trials, x) + successes[0] + failures[0] - both[0]
        parts = zip(successes[1:], failures[1:], both[1:], strict=True)
        return value, x, trials, *(row for part in parts for row in part)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        value, x, trials, *rows = t
        _, alpha, beta = theta
        total, nothing = alpha + beta, np.zeros_like(value)  # trials are never estimated
        yield value
        yield nothing
        # a sum's last part, −x log(α+β), cancels between the three but for one parameter's share
        yield rows[0] - rows[2] - (trials - x) / total
        yield rows[1] - rows[2] - x / total
        yield nothing
        yield nothing
        yield nothing
        yield rows[3] - rows[5] + (trials - x) / total**2
        yield trials / total**2 - rows[5]
        yield rows[4] - rows[5] + x / total**2

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean, variance = sketch.exact_moments()
        most = np.maximum(sketch.maximum, 1.0)
        share = np.clip(mean / (most + 1.0), 0.02, 0.98)
        unknown = np.full_like(mean, 1.0)
        # as if the largest count were the number of trials: var = n p q (1 + (n−1)/(α+β+1))
        excess = variance / (most * share * (1.0 - share)) - 1.0
        total = np.clip((most - 1.0) / np.maximum(excess, 1e-3) - 1.0, 0.1, 1e3)
        return [
            (unknown, share * size, (1.0 - share) * size) for size in (total, 0.0 * total + 2.0)
        ]

    def limits(self) -> tuple[Limit, ...]:
        return (
            Limit("all_or_none", {"trials": "trials", "alpha": 0.0, "beta": 0.0}),
            Limit("binomial", {"trials": "trials", "alpha": np.inf, "beta": np.inf}),
        )

    def table_centre(self, theta: Theta) -> Array:
        return np.floor(self._mean(theta))

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        trials, alpha, beta = theta
        prob = rng.beta(alpha, beta, size)
        return np.asarray(rng.binomial(trials.astype(np.int64), prob), dtype=float)

    def _mean(self, theta: Theta) -> Array:
        trials, alpha, beta = theta
        return trials * (alpha / (alpha + beta))

    def _variance(self, theta: Theta) -> Array:
        trials, alpha, beta = theta
        total = alpha + beta
        share = alpha / total * (beta / total)
        return trials * share * (total + trials) / (total + 1.0)

    def _mode(self, theta: Theta) -> Array:
        trials, alpha, beta = theta
        # the quotient of neighbours is above 1 below this point, where the shapes have a mode
        inner = np.clip(
            np.ceil(((trials + 1.0) * (alpha - 1.0)) / _above(alpha + beta - 2.0)) - 1.0,
            0.0,
            trials,
        )
        ends = np.stack(
            np.broadcast_arrays(
                0.0 * inner, inner, np.minimum(inner + 1.0, trials), trials + 0.0 * inner
            )
        )
        heights = np.stack([self.terms(x, theta, 0).value.reshape(x.shape) for x in ends])
        return np.take_along_axis(ends, np.argmax(heights, axis=0)[None], axis=0)[0]


def _above(value: Array) -> Array:
    return np.where(value > 0.0, value, 1.0)
