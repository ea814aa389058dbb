"""The restarted search on the likelihood of rows of any kind."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from peers import Peer, Theta

from mlestim.distributions.base import Family
from mlestim.likelihood import Likelihood
from mlestim.sample.batch import Batch
from mlestim.sample.censoring.intervals import AFTER, BEFORE, LOWER, UPPER
from study.kinds import Rows
from study.search import Search, climb


class KindsSearch(Search):
    """Minus the log-likelihood of rows of any kind by link values, without its derivatives.

    Few families have tails in scipy that bear with a search: the likelihood is the one that is
    fitted. How far scipy's is from it is told by `disagreement`.
    """

    def __init__(self, family: Family, peer: Peer, rows: Rows) -> None:
        super().__init__(family, peer, rows.values)
        self.rows = rows

    @cached_property
    def likelihood(self) -> Likelihood:
        """The likelihood in the units of the data."""
        rows = self.rows
        known = {LOWER: rows.lower, UPPER: rows.upper}
        if rows.truncated:
            known |= {AFTER: rows.after, BEFORE: rows.before}
        return Likelihood(self.family, Batch.single(rows.values, known=known))

    def value(self, theta: Theta) -> float:
        """Log-likelihood, −inf where an exact row is outside the support."""
        exact = self.rows.lower[self.rows.lower == self.rows.upper]
        if np.any(self.family.outside(exact, [np.asarray(value) for value in theta])):
            return -np.inf
        columns = [np.array([value], dtype=float) for value in theta]
        mean = self.likelihood.mean_terms(columns, 0, np.zeros(1, dtype=np.intp))[0, 0]
        return float(mean) * len(self.rows.lower)

    def from_link(self, eta: np.ndarray) -> list[float]:
        """Parameters in declared order; ends of counts are counts."""
        theta = super().from_link(eta)
        if not self.family.support.integers:
            return theta
        ends = self.family.edge_estimate(np.zeros(1), np.ones(1))
        named = zip(self.family.parameter_names, theta, strict=True)
        return [float(np.rint(value)) if name in ends else value for name, value in named]

    def sure_value(self, eta: np.ndarray) -> float:
        """Log-likelihood; there is but one."""
        return self.value(self.from_link(eta))

    def height(self, theta: Theta | None) -> float:
        """Log-likelihood of parameters in the regular region, else −inf."""
        return self.value(theta) if theta is not None and self.inside(theta) else -np.inf

    def disagreement(self, theta: Theta) -> float:
        """How far scipy's log-likelihood is from ours, relative to its size; 0 without one."""
        if not hasattr(self.peer.distribution, "logsf") or self.family.period is not None:
            return 0.0  # on a circle, scipy counts probabilities from elsewhere
        with np.errstate(all="ignore"):
            theirs = scipy_value(self.peer, theta, self.rows)
        own = self.value(theta)
        return abs(theirs - own) / (1.0 + abs(own))


def searched(
    search: KindsSearch, given: Sequence[Theta | None], seed: int, starts: int
) -> tuple[float, Theta | None]:
    """Log-likelihood of the best interior maximum found, −inf if none, and where it lies."""
    rng = np.random.default_rng(seed)
    known = [theta for theta in given if theta is not None and search.inside(theta)]
    begun = [search.to_link(theta) for theta in known]
    begun += [eta for eta in (search.random_start(rng) for _ in range(starts)) if eta is not None]
    coarse = [climb(search, eta, 50 * len(eta), 1e-3) for eta in begun]
    best = climb(search, min(coarse, key=search), 400, 1e-8) if coarse else None
    if best is None or not (search.is_interior(best) or not search.family.regular):
        return -np.inf, None
    return search.sure_value(best), search.from_link(best)


def scipy_value(peer: Peer, theta: Theta, rows: Rows) -> float:
    """Log-likelihood from scipy's densities and probabilities."""
    exact = rows.lower == rows.upper
    total = float(np.sum(peer.log_density(rows.lower[exact], theta)))
    total += float(np.sum(_log_between(peer, theta, rows.lower[~exact], rows.upper[~exact])))
    if rows.truncated:
        total -= float(np.sum(_log_between(peer, theta, rows.after, rows.before)))
    return total


def _log_between(peer: Peer, theta: Theta, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Log of a difference of the two smaller tails."""
    arguments = peer.arguments(*theta)
    distribution = peer.distribution
    below = distribution.cdf(upper, *arguments) - distribution.cdf(lower, *arguments)
    above = distribution.sf(lower, *arguments) - distribution.sf(upper, *arguments)
    in_upper = distribution.sf(lower, *arguments) < 0.5
    return np.asarray(np.log(np.where(in_upper, above, below)))
