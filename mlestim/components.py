"""`choose_components`: how many components a mixture has."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal, Unpack

import numpy as np

from mlestim.comparing import compare_observations
from mlestim.distributions.base import Family
from mlestim.distributions.built.mixing.mixture import Mixture
from mlestim.distributions.registry import FamilyLike, resolve
from mlestim.errors import EstimationError, OptionError
from mlestim.inference.criteria import CRITERIA
from mlestim.inference.likelihood_ratio import LikelihoodRatioTest
from mlestim.results.comparison import Comparison
from mlestim.results.components import ComponentChoice
from mlestim.results.result import FitResult
from mlestim.sample.observations import Observations
from mlestim.sample.reading.options import SampleOptions, passes_options_to, refuse_unknown

By = Literal["bic", "aicc", "aic", "bootstrap"]
# Numbers of components in a row that do not lower the criterion, after which no more are tried.
PATIENCE = 4


@passes_options_to(Observations.of)
def choose_components(
    data: Any,
    family: FamilyLike,
    up_to: int = 5,
    *,
    by: By = "bic",
    shared: Sequence[str] = (),
    level: float = 0.05,
    n_bootstrap: int = 99,
    random_state: int | np.random.Generator | None = None,
    **sample: Unpack[SampleOptions],
) -> ComponentChoice:
    """Choose the number of components of a mixture.

    Parameters
    ----------
    data : array, list, Series, DataFrame, polars or pyarrow table, or Observations
        The sample.
    family : family
        Of the components.
    up_to : int
        Largest number that is tried. No more are tried once four numbers in a row have not lowered
        the criterion; by ``"bootstrap"`` that is the BIC.
    by : {"bic", "aicc", "aic", "bootstrap"}
        The smallest criterion; or as many as are needed for one more to be refused by a
        likelihood-ratio test by simulation.
    shared : sequence of str
        Parameters that components share, ``("sd",)``.
    level : float
        Of the tests.
    n_bootstrap : int
        Samples of a test.
    random_state : int or numpy.random.Generator, optional
        Seed or generator of the tests.
    column, weights, weight_type, cluster, lower, upper, event, truncation, resolution, nan_policy
        As for `fit`. Simulated samples are censored and truncated as the rows are: times of stopping
        and detection limits are drawn from their product limits, as if they had nothing to do with
        the values, intervals are kept (`mlestim.inference.redrawn` says how).

    Returns
    -------
    ComponentChoice
        With the chosen fit as ``best``, and a table of all.

    References
    ----------
    Keribin, C. (2000). Consistent estimation of the order of mixture models. Sankhya A 62, 49-66.

    McLachlan, G. J. (1987). On bootstrapping the likelihood ratio test statistic for the number of
    components in a normal mixture. Journal of the Royal Statistical Society C 36, 318-324.

    Raises
    ------
    OptionError
        If an option is out of range, or there are groups.
    DataError
        If the sample cannot be read.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> waits = [*rng.normal(54, 6, 90), *rng.normal(80, 6, 170)]
    >>> choose_components(waits, "normal", 3).n_components
    2
    """
    refuse_unknown(choose_components, sample)
    if by not in (*CRITERIA, "bootstrap"):
        raise OptionError(f"by={by!r} is unknown. Use one of {', '.join(CRITERIA)}, bootstrap.")
    one = resolve(family)
    if up_to < 2:
        raise OptionError(f"up_to={up_to!r} leaves no choice. Use 2 or more.")
    families = [one, *(Mixture(one, k, shared=shared) for k in range(2, up_to + 1))]
    criterion: Any = "bic" if by == "bootstrap" else by
    observations = Observations.of(data, vectors=one.kind == "multivariate", **sample)
    if observations.groups is not None:
        raise OptionError("choose_components is for one sample; call it for each group")
    comparison, names = _compared(observations, families, criterion)
    tests: tuple[LikelihoodRatioTest, ...] = ()
    if by == "bootstrap":
        rng = np.random.default_rng(random_state)
        tests = _tests(comparison, names, level, n_bootstrap, rng)
        chosen = len(tests) + (not tests or tests[-1].p_value <= level)
    else:
        chosen = 1 + names.index(comparison.best.family.name)
    return ComponentChoice(int(chosen), names, comparison, tests)


def _compared(
    observations: Observations, families: Sequence[Family], criterion: Any
) -> tuple[Comparison, tuple[str, ...]]:
    """Compare families of ever more components, until they are no better; and give their names."""
    fits: dict[str, FitResult] = {}
    refused: dict[str, str] = {}
    tried: list[str] = []
    least, best = np.inf, 0
    for place, family in enumerate(families):
        found = compare_observations(observations, [family], criterion=criterion)
        fits.update(found.fits)
        refused.update(found.refused)
        tried.append(family.name)
        value = min((getattr(fit, criterion) for fit in found.fits.values()), default=np.nan)
        if value < least:  # which no comparison with nan is: there is no maximum
            least, best = value, place
        elif place - best >= PATIENCE:
            break
    return Comparison(fits, refused, criterion), tuple(tried)


def _tests(
    comparison: Comparison,
    names: tuple[str, ...],
    level: float,
    n_bootstrap: int,
    rng: np.random.Generator,
) -> tuple[LikelihoodRatioTest, ...]:
    """Test each number of components against one more, until that is not needed."""
    tests: list[LikelihoodRatioTest] = []
    for smaller, larger in pairwise(names):
        try:
            tests.append(comparison.likelihood_ratio(smaller, larger, n_bootstrap, rng))
        except EstimationError:  # that many components have no maximum: so many there are not
            break
        if tests[-1].p_value > level:
            break
    return tuple(tests)
