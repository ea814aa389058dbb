"""`choose_components`: how many components a mixture has."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal, Unpack

import numpy as np

from mlestim.comparing import compare
from mlestim.distributions.built.mixing.mixture import Mixture
from mlestim.distributions.registry import FamilyLike, resolve
from mlestim.errors import EstimationError, OptionError
from mlestim.inference.criteria import CRITERIA
from mlestim.inference.likelihood_ratio import LikelihoodRatioTest
from mlestim.results.comparison import Comparison
from mlestim.results.components import ComponentChoice
from mlestim.sample.observations import Observations
from mlestim.sample.reading.options import SampleOptions, passes_options_to

By = Literal["bic", "aicc", "aic", "bootstrap"]


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
        Largest number that is tried.
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

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> waits = [*rng.normal(54, 6, 90), *rng.normal(80, 6, 170)]
    >>> choose_components(waits, "normal", 3).n_components
    2
    """
    if by not in (*CRITERIA, "bootstrap"):
        raise OptionError(f"by={by!r} is unknown. Use one of {', '.join(CRITERIA)}, bootstrap.")
    one = resolve(family)
    if up_to < 2:
        raise OptionError(f"up_to={up_to!r} leaves no choice. Use 2 or more.")
    families = [one, *(Mixture(one, k, shared=shared) for k in range(2, up_to + 1))]
    criterion: Any = "bic" if by == "bootstrap" else by
    comparison = compare(data, families, criterion=criterion, **sample)
    if not isinstance(comparison, Comparison):
        raise OptionError("choose_components is for one sample; call it for each group")
    names = tuple(family.name for family in families)
    tests: tuple[LikelihoodRatioTest, ...] = ()
    if by == "bootstrap":
        rng = np.random.default_rng(random_state)
        tests = _tests(comparison, names, level, n_bootstrap, rng)
        chosen = len(tests) + (not tests or tests[-1].p_value <= level)
    else:
        chosen = 1 + names.index(comparison.best.family.name)
    return ComponentChoice(int(chosen), names, comparison, tests)


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
