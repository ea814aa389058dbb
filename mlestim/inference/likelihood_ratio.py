"""Likelihood-ratio tests of models one of which contains the other, by χ² and by simulation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.estimation.bounds import solve_within
from mlestim.inference.redrawn import Redrawing
from mlestim.problem import Problem

if TYPE_CHECKING:
    from mlestim.distributions.distribution import Distribution

Array = NDArray[np.float64]

# Rows of simulated samples that are fitted at a time.
CELLS = 1 << 20


@dataclass(frozen=True)
class LikelihoodRatioTest:
    """Outcome of a likelihood-ratio test.

    Attributes
    ----------
    statistic : float
        Twice the difference of the maximal log-likelihoods.
    p_value : float
        Probability of a statistic as large under the smaller model: by the χ² distribution, or as
        the share of samples from that model, this one included.
    n_bootstrap : int
        Number of simulated samples that both models could be fitted to; 0 where χ² was taken.
    degrees_of_freedom : int or None
        Of χ²: how many parameters fewer the smaller model has. None where samples were drawn.
    """

    statistic: float
    p_value: float
    n_bootstrap: int = 0
    degrees_of_freedom: int | None = None


def chi_squared_test(statistic: float, degrees_of_freedom: int) -> LikelihoodRatioTest:
    """Compare twice the fall of a maximal log-likelihood with χ²; NaN where there is none.

    Examples
    --------
    >>> round(chi_squared_test(3.841459, 1).p_value, 6)
    0.05
    """
    p_value = float(sc.chdtrc(degrees_of_freedom, max(statistic, 0.0)))
    return LikelihoodRatioTest(statistic, p_value, degrees_of_freedom=degrees_of_freedom)


def bootstrap_likelihood_ratio(
    statistic: float,
    problems: tuple[Problem, Problem],
    distribution: Distribution,
    n_bootstrap: int,
    rng: np.random.Generator,
) -> LikelihoodRatioTest:
    r"""Test a model against a larger one that contains it.

    Where parameters of the larger model lie on an edge, or lose their meaning, under the smaller
    one (a component of a mixture that is not there), the statistic

    .. math:: \Lambda = 2 (\ell_2 - \ell_1)

    follows no χ² distribution. Its distribution is that in samples from the fitted smaller model,
    seen as the rows are (`redrawn`).

    Parameters
    ----------
    statistic : float
        Λ of the sample.
    problems : pair of Problem
        The smaller model and the larger one, of the same observations.
    distribution : Distribution
        The fitted smaller model.
    n_bootstrap : int
        Number of samples; all of a model are fitted as one batch.
    rng : numpy.random.Generator
        The samples.

    Raises
    ------
    DataError
        If such a sample cannot be drawn: weights are fractions, or parameters known row by row.

    References
    ----------
    McLachlan, G. J. (1987). On bootstrapping the likelihood ratio test statistic for the number of
    components in a normal mixture. Journal of the Royal Statistical Society C 36, 318-324.
    """
    sample = Redrawing(problems[0].observations)
    lines = max(CELLS // sample.size, 1)
    replicates = np.concatenate(
        [
            _statistics(problems, sample, distribution, min(lines, n_bootstrap - first), rng)
            for first in range(0, n_bootstrap, lines)
        ]
    )
    fitted = replicates[np.isfinite(replicates)]
    larger = np.sum(fitted >= statistic)
    return LikelihoodRatioTest(statistic, float((1 + larger) / (1 + len(fitted))), len(fitted))


def _statistics(
    problems: tuple[Problem, Problem],
    sample: Redrawing,
    distribution: Distribution,
    n: int,
    rng: np.random.Generator,
) -> Array:
    """Twice the difference of the log-likelihoods of `n` samples; NaN where there is no maximum."""
    drawn = sample.draw(distribution, n, rng)
    heights = []
    for problem in problems:
        solution = solve_within(problem, drawn.batch(problem.location))
        heights.append(np.where(solution.holds, solution.log_likelihood, np.nan))
    smaller, larger = heights
    return 2.0 * (larger - smaller)
