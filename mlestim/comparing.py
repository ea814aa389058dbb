"""`compare`: several families on the same observations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal, TypeVar, Unpack, overload

import numpy as np

from mlestim.distributions.base import Family
from mlestim.distributions.built.precise import Precise
from mlestim.distributions.registry import FamilyLike, registered, resolve
from mlestim.errors import (
    DataError,
    EstimationError,
    OptionError,
    ParameterError,
    SupportError,
    did_you_mean,
)
from mlestim.estimation.bounds import solve_within
from mlestim.estimation.information.covariances import covariance_asked, put_covariance
from mlestim.inference.criteria import CRITERIA
from mlestim.problem import freed_names, laid_out, split_fixed, state_problem
from mlestim.results.comparison import Comparison, GroupedComparison
from mlestim.results.grouped import GroupedFit, fit_groups
from mlestim.results.result import FitResult
from mlestim.sample.batch import Batch
from mlestim.sample.groups import Groups
from mlestim.sample.observations import Observations
from mlestim.sample.reading.options import SampleOptions, passes_options_to, refuse_unknown

Criterion = Literal["aicc", "aic", "bic"]
Families = str | Iterable[FamilyLike]
Fit = TypeVar("Fit", FitResult, GroupedFit)

SETS: Mapping[str, Callable[[type[Family]], bool]] = MappingProxyType(
    {
        "continuous": lambda cls: cls.kind == "continuous",
        "positive": lambda cls: cls.kind == "continuous" and _ends(cls) == (0.0, np.inf),
        "unit": lambda cls: cls.kind == "continuous" and _ends(cls) == (0.0, 1.0),
        "counts": lambda cls: cls.kind == "discrete",
        "multivariate": lambda cls: cls.kind == "multivariate",
        "all": lambda cls: cls.kind in ("continuous", "discrete"),
    }
)
# What can be wrong with a family for given data; anything else is a defect and must be seen.
_REASONS = (DataError, EstimationError, ParameterError)


class CompareOptions(SampleOptions, total=False):
    """Options of `compare` that do not change what it returns."""

    criterion: Criterion
    fixed: Mapping[str, Any] | None
    free: Iterable[str] | None


@overload
def compare(  # observations may have groups of their own
    data: Observations,
    families: Families = ...,
    *,
    by: None = ...,
    **options: Unpack[CompareOptions],
) -> Comparison | GroupedComparison: ...


@overload
def compare(
    data: Any = ..., families: Families = ..., *, by: None = ..., **options: Unpack[CompareOptions]
) -> Comparison: ...


@overload
def compare(
    data: Any = ..., families: Families = ..., *, by: Any, **options: Unpack[CompareOptions]
) -> GroupedComparison: ...


@passes_options_to(Observations.of)
def compare(
    data: Any = None,
    families: Families = "all",
    *,
    criterion: Criterion = "aicc",
    by: Any = None,
    fixed: Mapping[str, Any] | None = None,
    free: Iterable[str] | None = None,
    **sample: Unpack[SampleOptions],
) -> Comparison | GroupedComparison:
    r"""Fit several families to the same observations and rank them.

    Ranks by :math:`\mathrm{AICc} = 2p - 2\ell + 2p(p+1)/(n-p-1)`, or by another criterion. The
    data are read once. A family that cannot hold them is listed with the reason.

    Parameters
    ----------
    data : array, list, Series, DataFrame, polars or pyarrow table, or Observations
        The sample; it may be left out where `lower` and `upper` are arrays.
    families : str or list
        ``"continuous"``, ``"positive"`` (x > 0), ``"unit"`` (0 < x < 1), ``"counts"``, ``"all"`` of
        these, ``"multivariate"``, or a list of families as `fit` takes them.
    criterion : {"aicc", "aic", "bic"}
        What to rank by; the smallest is best.
    column, by, weights, weight_type, cluster, lower, upper, event, truncation, resolution
        As for `fit`.
    fixed
        As for `fit`, of the families that have a parameter of that name.
    free, nan_policy
        As for `fit`. Families without a parameter that is to be free, or without the dispersion
        that precisions divide, are listed with that reason.

    Returns
    -------
    Comparison or GroupedComparison
        The second with `by`, each family fitted to all groups at once.

    Raises
    ------
    DataError
        If the sample cannot be read.
    OptionError
        If a family, a set or a criterion does not exist.
    ParameterError
        If none of the families has a parameter that is fixed.

    References
    ----------
    Burnham, K. P. and Anderson, D. R. (2002). Model Selection and Multimodel Inference, ch. 2.

    Examples
    --------
    >>> winds = compare([3.1, 4.0, 5.2, 2.2, 6.1, 3.6], ["gamma", "weibull", "exponential"])
    >>> winds.table[["aicc", "delta", "weight", "verdict"]].round(3)
                   aicc  delta  weight   verdict
    family
    gamma        27.860  0.000   0.479  interior
    weibull      27.979  0.120   0.452  interior
    exponential  31.735  3.875   0.069  interior
    >>> winds.best.family.name
    'gamma'
    """
    refuse_unknown(compare, sample)
    if criterion not in CRITERIA:
        raise OptionError(
            f"criterion={criterion!r} is unknown. Use one of {', '.join(map(repr, CRITERIA))}."
        )
    vectors = False
    if not isinstance(data, Observations):  # which say themselves what they are
        families = _resolved(families)
        vectors = any(family.kind == "multivariate" for family in families)
    held, known = split_fixed(fixed)
    observations = Observations.of(data, by=by, known=known, vectors=vectors, **sample)
    if observations.groups is not None:
        return _compare_groups(families, observations, observations.groups, held, free, criterion)
    return compare_observations(observations, families, held, free, criterion)


def compare_observations(
    observations: Observations,
    families: Families,
    fixed: Mapping[str, Any] | None = None,
    free: Iterable[str] | None = None,
    criterion: Criterion = "aicc",
) -> Comparison:
    """Compare families on one sample, in whose batch of rows they share what they can."""
    batches: dict[tuple[float, bool, frozenset[str]], Batch] = {}
    covariance = covariance_asked(None, observations.design)

    def fitted(family: Family, sample: Observations, own: Mapping[str, Any]) -> FitResult:
        problem = state_problem(family, sample, own, free)
        known = frozenset(problem.observations.known)
        alike = (problem.location, problem.tabulates, known)
        batch = batches[alike] if alike in batches else problem.batch()
        batches[alike] = batch
        solution = solve_within(problem, batch)
        put_covariance(problem, solution, covariance)
        return FitResult.of(problem, solution, 0, covariance)

    fits, refused = _each(families, observations, fixed, free, fitted)
    return Comparison(fits, refused, criterion)


def _compare_groups(
    families: Families,
    observations: Observations,
    groups: Groups,
    fixed: Mapping[str, Any],
    free: Iterable[str] | None,
    criterion: Criterion,
) -> GroupedComparison:
    """Compare families in all groups; one that cannot hold some is fitted to the others."""
    without_some: dict[str, str] = {}
    covariance = covariance_asked(None, observations.design)

    def fitted(family: Family, sample: Observations, own: Mapping[str, Any]) -> GroupedFit:
        try:
            problem = state_problem(family, sample, own, free)
        except SupportError as error:
            rest = _groups_without(sample, groups, error)
            if rest is None:
                raise
            problem = state_problem(family, rest, own, free)
            without_some[family.name] = str(error)
        return fit_groups(problem, {}, covariance)

    fits, refused = _each(families, observations, fixed, free, fitted)
    return GroupedComparison(fits, {**without_some, **refused}, criterion, observations)


def _each(
    families: Families,
    observations: Observations,
    fixed: Mapping[str, Any] | None,
    free: Iterable[str] | None,
    fitted: Callable[[Family, Observations, Mapping[str, Any]], Fit],
) -> tuple[dict[str, Fit], dict[str, str]]:
    """Fit each family to the sample; or give the reason why it cannot hold it.

    An iterator is taken one family at a time, so that it can tell how far the work has come.
    """
    fits: dict[str, Fit] = {}
    refused: dict[str, str] = {}
    taken: list[Family] = []
    if not isinstance(families, Iterator):
        families = _resolved(families)
        _check_named(families, observations, fixed, free)
    for family in map(resolve, families):
        taken.append(family)
        try:
            _check_turn(family, observations)
            _check_weights(family, observations)
            fits[family.name] = fitted(family, *_applying(family, observations, fixed))
        except _REASONS as error:
            refused[family.name] = str(error)
    _check_named(taken, observations, fixed, free)
    return fits, refused


def families_in(name: str) -> tuple[str, ...]:
    """Names of the registered families of a set whose log densities can be compared.

    Raises
    ------
    OptionError
        If there is no such set.

    Examples
    --------
    >>> "poisson" in families_in("counts")
    True
    """
    if name not in SETS:
        raise OptionError(
            f"families={name!r} is no set of families.{did_you_mean(name, SETS)} Use one of "
            f"{', '.join(map(repr, SETS))}, or a list of families, as in ['gamma', 'weibull']."
        )
    return tuple(
        family
        for family, cls in registered().items()
        if SETS[name](cls) and not cls.starts_with_atom
    )


def families_of(kind: str) -> tuple[str, ...]:
    """Names of the registered families of a kind whose log densities can be compared."""
    return tuple(
        name for name, cls in registered().items() if cls.kind == kind and not cls.starts_with_atom
    )


def _resolved(families: Families) -> tuple[Family, ...]:
    """Turn what is asked for into families."""
    if isinstance(families, str):
        families = families_in(families)
    if not isinstance(families, Iterable):
        raise OptionError(f"families={families!r} is no list of families")
    resolved = tuple(map(resolve, families))
    if not resolved:
        raise OptionError("families: the list is empty; name those to compare")
    names = [family.name for family in resolved]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise OptionError(f"families: {twice[0]} is named twice")
    return resolved


def _check_named(
    families: Iterable[Family],
    observations: Observations,
    fixed: Mapping[str, Any] | None,
    free: Iterable[str] | None,
) -> None:
    """Refuse fixed values, and freedom, of parameters that no family has."""
    asked = {"fixed": {*(fixed or {}), *observations.known}, "free": freed_names(free)}
    every = set().union(*asked.values())
    had = set().union(*(_names(family, observations, every) for family in families))
    for option, names in asked.items():
        if names - had:
            strange = min(names - had, key=str)
            raise ParameterError(
                f"{option}: none of the families has a parameter {strange!r}."
                f"{did_you_mean(strange, had)}"
            )


def _applying(
    family: Family, observations: Observations, fixed: Mapping[str, Any] | None
) -> tuple[Observations, dict[str, Any]]:
    """Give the sample with what is known by row, and the fixed values, that a family has."""
    names = _names(family, observations, fixed or ())
    known = {name: values for name, values in observations.known.items() if name in names}
    if len(known) < len(observations.known):
        observations = replace(observations, known=known)
    return observations, {name: v for name, v in (fixed or {}).items() if name in names}


def _names(family: Family, observations: Observations, asked: Collection[str]) -> set[str]:
    """Names that a family takes fixed values of; of vectors, those of each component."""
    family = family.as_asked((), asked)  # some have a parameter only where it is asked for
    try:
        family, _ = laid_out(family, observations)
    except DataError:  # the reason why it is refused
        return set(family.parameter_names)
    return {*family.parameter_names, *(("location",) if family.half_line else ())}


def _check_turn(family: Family, observations: Observations) -> None:
    """Refuse to rank a density on a circle beside those of the line where values go round it."""
    if family.period is None:
        return
    if np.max(np.abs(observations.extent)) > 0.5 * family.period:
        raise SupportError(
            f"column {observations.name!r}: values beyond ±{0.5 * family.period:.6g} go round the "
            f"circle of {family.name}, whose density has no common unit with those of the line then"
        )


def _check_weights(family: Family, observations: Observations) -> None:
    """Give families without a dispersion no place where weights are precisions."""
    if observations.design.weight_type == "precision":
        try:
            Precise(family)
        except OptionError as error:
            raise ParameterError(str(error)) from None


def _ends(cls: type[Family]) -> tuple[float, float]:
    return cls.support.lower, cls.support.upper


def _groups_without(
    observations: Observations, groups: Groups, error: SupportError
) -> Observations | None:
    """Observations of the groups in which no row lies outside the support; None if all have one."""
    if error.outside is None:
        return None
    keep = np.bincount(groups.codes, error.outside) == 0.0
    return observations.take(keep[groups.codes]) if keep.any() else None
