"""`fit`: the main door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

import numpy as np

from mlestim.distributions.base import Family
from mlestim.distributions.built.mixing.mixture import Mixture
from mlestim.distributions.built.truncated import Truncated
from mlestim.distributions.registry import FamilyLike, resolve
from mlestim.errors import OptionError
from mlestim.estimation.bounds import solve_within
from mlestim.estimation.information.covariances import Covariance, covariance_asked, put_covariance
from mlestim.estimation.maximisers.expectation import expectation_maximisation
from mlestim.estimation.maximisers.first_order import first_order
from mlestim.estimation.solve import Maximiser
from mlestim.problem import check_rowwise, named, split_fixed, state_problem
from mlestim.results.result import FitResult
from mlestim.sample.observations import Observations
from mlestim.sample.reading.options import SampleOptions, passes_options_to, refuse_unknown

if TYPE_CHECKING:
    from mlestim.optim.optimizer import Optimizer
    from mlestim.results.grouped import GroupedFit

Method = Literal["auto", "closed_form", "newton", "first_order", "em"]
METHODS = ("auto", "closed_form", "newton", "first_order", "em")


class FitOptions(SampleOptions, total=False):
    """Options of `fit` that do not change what it returns."""

    fixed: Mapping[str, Any] | None
    free: Iterable[str] | None
    bounds: Mapping[str, tuple[float | None, float | None]] | None
    start: Mapping[str, Any] | None
    method: Method
    optimizer: Optimizer | None
    covariance: Covariance | None
    on_failure: Literal["raise", "return"]
    random_state: int | np.random.Generator | None


@overload
def fit(  # observations may have groups of their own
    data: Observations, family: FamilyLike, *, by: None = ..., **options: Unpack[FitOptions]
) -> FitResult | GroupedFit: ...


@overload
def fit(
    data: Any, family: FamilyLike, *, by: None = ..., **options: Unpack[FitOptions]
) -> FitResult: ...


@overload
def fit(data: Any, family: FamilyLike, *, by: Any, **options: Unpack[FitOptions]) -> GroupedFit: ...


@overload
def fit(  # of rows of which the ends are given
    *, family: FamilyLike, by: None = ..., **options: Unpack[FitOptions]
) -> FitResult: ...


@overload
def fit(*, family: FamilyLike, by: Any, **options: Unpack[FitOptions]) -> GroupedFit: ...


@passes_options_to(Observations.of)
def fit(
    data: Any = None,
    family: FamilyLike = None,
    *,
    by: Any = None,
    fixed: Mapping[str, Any] | None = None,
    free: Iterable[str] | None = None,
    bounds: Mapping[str, tuple[float | None, float | None]] | None = None,
    start: Mapping[str, Any] | None = None,
    method: Method = "auto",
    optimizer: Optimizer | None = None,
    covariance: Covariance | None = None,
    on_failure: Literal["raise", "return"] = "raise",
    random_state: int | np.random.Generator | None = None,
    **sample: Unpack[SampleOptions],
) -> FitResult | GroupedFit:
    r"""Fit a distribution by maximum likelihood.

    Finds the parameters θ that maximise

    .. math:: \ell(\theta) = \sum_i w_i \log p(x_i; \theta)

    and says what kind of maximum that is.

    Parameters
    ----------
    data : array, list, Series, DataFrame, polars or pyarrow table, or Observations
        The sample.
    family : str, Family class or instance, or a distribution of scipy.stats
        What to fit; values of an instance are starting values. `mlestim.families` lists them,
        `mlestim.family` makes one of a log density.
    column : hashable or list, optional
        Column of a table to read; a list of them for a multivariate family.
    by : column name, array, or list of these, optional
        Fit every group on its own, all at once.
    weights : column name or array, optional
        How often each row was seen; fractions are allowed.
    weight_type : {"frequency", "sampling", "precision"}
        What weights mean: how often a row was seen; how many of a population it stands for (the
        covariance is a sandwich, rows are counted, and weights are scaled to add up to their number);
        by what its variance is divided (of normal, lognormal, gamma and inverse_gaussian).
    lower : column name or array, optional
        Lower ends of rows that are only known to lie in (lower, upper]; equal ends are exact,
        missing or infinite ones leave a tail. They take the place of a column; without a table, leave `data` out.
    upper : column name or array, optional
        Upper ends of these rows.
    event : column name or array, optional
        True where a value was observed, False where it is right-censored: known to be larger.
    truncation : pair of numbers, column names or arrays, optional
        Interval outside which values could not be seen; None for an open end.
    resolution : float, optional
        Unit to which the values were rounded: they are whole multiples of it apart, and each stands
        for the interval half a unit below and above.
    fixed : mapping, optional
        Known parameters, ``{"sd": 2}``. Those that are never estimated (the trials of a binomial)
        may differ from row to row: a column name or an array.
    free : list of str, optional
        Parameters to estimate that are held by default: ``["location"]`` of half-line families.
    bounds : mapping, optional
        Limits of parameters, ``{"shape": (0.5, 3)}``; None leaves an end open.
    start : mapping, optional
        Starting values, which compete with the family's own.
    method : {"auto", "closed_form", "newton", "first_order", "em"}
        ``"auto"`` takes the formula where there is one and Newton elsewhere; ``"em"`` is for
        mixtures.
    optimizer : mlestim.optim optimizer, optional
        Implies ``method="first_order"``.
    covariance : {"observed", "expected", "opg", "sandwich"}, optional
        Inverse of the observed or expected information, or of the sum of outer products of scores;
        or the sandwich of the last between the first, which holds where the family is wrong. By
        default the first, or the sandwich where there are clusters or sampling weights.
    cluster : column name or array, optional
        Clusters of rows that depend on each other; the covariance is their sandwich, times
        clusters/(clusters − 1).
    nan_policy : {"raise", "omit"}
        What to do with missing values; the result says how many were left out.
    on_failure : {"raise", "return"}
        Whether fits without a maximum raise. Grouped fits always return.
    random_state : int or numpy.random.Generator, optional
        Seed, or generator, of the divisions of the sample that the search for a mixture starts from;
        0 when not given. All other searches draw nothing, and give the same bits each time.

    Returns
    -------
    FitResult or GroupedFit
        The second with `by`.

    Raises
    ------
    DataError, SupportError
        If the sample cannot be read, or not as values of this family.
    ParameterError, OptionError
        If parameters or options do not exist or do not go together.
    UnboundedLikelihoodError, IdentifiabilityError, ConvergenceError
        If there is no maximum (with ``on_failure="raise"``).

    Examples
    --------
    >>> result = fit([1.2, 0.4, 2.2, 3.1, 0.9], "exponential")
    >>> result.params["scale"].round(3)
    np.float64(1.56)
    >>> result.verdict.value
    'interior'
    """
    refuse_unknown(fit, sample)
    if isinstance(family, Truncated):
        if sample.get("truncation") is not None:
            raise OptionError("Truncated has cut points of its own: leave truncation out")
        sample["truncation"], family = (family.lower, family.upper), family.of
    chosen = _seeded(resolve(family), random_state)
    held, known = split_fixed(chosen.entry_by_entry(named(fixed, "fixed")))
    check_rowwise(chosen, known)
    observations = Observations.of(
        data,
        by=by,
        known=known,
        labels=chosen.kind == "categorical",
        vectors=chosen.kind == "multivariate",
        **sample,
    )
    _check_options(method, optimizer, on_failure)
    kind = covariance_asked(covariance, observations.design)
    begun = chosen.entry_by_entry(named(start, "start"))
    problem = state_problem(chosen, observations, held, free, begun, bounds)
    search: dict[str, Any] = {
        "method": method,
        "maximiser": _maximiser(chosen, method, optimizer),
    }
    if observations.groups is not None:
        from mlestim.results.grouped import fit_groups

        return fit_groups(problem, search, kind)
    solution = solve_within(problem, problem.batch(), **search)
    put_covariance(problem, solution, kind)
    result = FitResult.of(problem, solution, 0, kind)
    if on_failure == "raise":
        result.require_maximum()
    result.warn_limit()
    return result


def _seeded(family: Family, random_state: int | np.random.Generator | None) -> Family:
    """Let the starts of a mixture be drawn by a generator."""
    if random_state is None:
        return family
    try:
        seed = int(np.random.default_rng(random_state).integers(2**63))
    except (TypeError, ValueError) as error:
        raise OptionError(
            f"random_state={random_state!r} is no seed: a whole number from 0 up is needed, or a "
            f"generator of NumPy."
        ) from error
    if isinstance(family, Mixture):
        family = copy(family)
        family.seed = seed
    return family


def _maximiser(family: Family, method: str, optimizer: Optimizer | None) -> Maximiser | None:
    """What climbs in the place of the search, where that is asked for."""
    if method == "em":
        return expectation_maximisation(family)
    return first_order(optimizer) if optimizer or method == "first_order" else None


def _check_options(method: str, optimizer: object, on_failure: str) -> None:
    if method not in METHODS:
        raise OptionError(f"method={method!r} is unknown. Use one of {', '.join(METHODS)}.")
    if on_failure not in ("raise", "return"):
        raise OptionError(f"on_failure={on_failure!r} is unknown. Use 'raise' or 'return'.")
    if optimizer is not None and (isinstance(optimizer, type) or not hasattr(optimizer, "step")):
        raise OptionError(
            f"optimizer={optimizer!r} is none of mlestim.optim. Use for instance optim.Adam()."
        )
    if optimizer is not None and method not in ("auto", "first_order"):
        raise OptionError(f"method={method!r} takes no optimizer. Use method='first_order'.")
