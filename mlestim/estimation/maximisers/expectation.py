"""Maximising by expectation-maximisation, until the same test that Newton's maxima pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.built.mixing.ascent import Expectation
from mlestim.distributions.built.mixing.mixture import Mixture
from mlestim.errors import OptionError
from mlestim.estimation.maximisers.first_order import measured
from mlestim.estimation.newton import Ascent
from mlestim.estimation.objective import LinkObjective
from mlestim.estimation.solve import Maximiser
from mlestim.likelihood import Likelihood

Array = NDArray[np.float64]

MAX_LEAPS = 2_000


def expectation_maximisation(family: Family) -> Maximiser:
    """Make a maximiser of steps of expectation-maximisation.

    Raises
    ------
    OptionError
        If the family is no mixture.
    """
    if not isinstance(family, Mixture):
        raise OptionError(
            f"method='em' is for mixtures, of which {family.name} is none. Use method='auto'."
        )
    return Maximiser("em", _climb)


def _climb(objective: LinkObjective, start: Array) -> Ascent:
    """Climb by steps, two of which point to where many would lead.

    References
    ----------
    Varadhan, R. and Roland, C. (2008). Simple and globally convergent methods for accelerating the
    convergence of any EM algorithm. Scandinavian Journal of Statistics 35, 335-353.
    """
    steps = _Steps(objective)
    best = measured(objective, start)
    for leap in range(MAX_LEAPS):
        open_ones = np.flatnonzero(~best.converged)
        if not len(open_ones):
            break
        here = best.eta[:, open_ones]
        once = steps(here, open_ones)
        twice = steps(once, open_ones)
        part = objective.select(open_ones)
        plain = measured(part, twice)
        far = measured(part, steps(_leapt(here, once, twice), open_ones))
        farther = np.flatnonzero(far.value > plain.value)
        plain.put(farther, far.select(farther))
        plain.iterations[:] = 3 * (leap + 1)
        best.put(open_ones, plain)
    return best


class _Steps:
    """One step of each problem."""

    def __init__(self, objective: LinkObjective) -> None:
        likelihood = objective.likelihood
        if not (isinstance(objective.family, Mixture) and likelihood.batch.plain):
            raise OptionError(
                "method='em' is for exact rows, neither censored nor truncated. Use method='auto'."
            )
        self.objective = objective
        self.expectation = Expectation(objective.family)
        self.likelihood = Likelihood(
            self.expectation, likelihood.batch, likelihood.centre, likelihood.scale
        )

    def __call__(self, eta: Array, problems: NDArray[np.intp]) -> Array:
        theta = self.objective.theta(eta, problems)
        means = self.likelihood.mean_terms(theta, 2, problems)
        with np.errstate(all="ignore"):  # a leap may go too far: it is not taken
            return self.objective.free_eta(
                self.expectation.improved(means, theta, self.objective.free)
            )


def _leapt(here: Array, once: Array, twice: Array) -> Array:
    """Follow the steps as if each were the last one shortened by the same factor."""
    first, change = once - here, twice - 2.0 * once + here
    bent = np.sqrt((change**2).sum(axis=0))
    length = np.sqrt((first**2).sum(axis=0)) / np.where(bent > 0.0, bent, 1.0)
    length = np.maximum(length, 1.0)
    return here + 2.0 * length * first + length**2 * change
