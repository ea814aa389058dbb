"""From a family and observations to the batch that the solver takes, and what to call the parts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.built.precise import PRECISION, Precise
from mlestim.distributions.built.shifted import Shifted
from mlestim.distributions.parameter import REAL, Interval, Parameter
from mlestim.distributions.registry import resolve
from mlestim.distributions.rows.tables import TABULATED_ROWS, tabulated_with, without_ties
from mlestim.distributions.vectors.family import Multivariate, VectorFamily
from mlestim.errors import DataError, OptionError, ParameterError, SupportError
from mlestim.problem.checks import check_ends, check_magnitude, check_support
from mlestim.sample.batch import Batch
from mlestim.sample.observations import Observations
from mlestim.sample.rows import shown, shown_values

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Problem:
    """What is estimated: the family as the user means it, and the model that is fitted.

    Attributes
    ----------
    family : Family
        The user's family; of vectors and labels, with as many parameters as the sample shows.
    model : Family
        What the solver fits: the family itself, or the same with its location set free.
    location : float
        A known location, already subtracted from the rows.
    fixed : dict
        Known parameters, location left out; an array where each problem of a batch has its own.
    start : dict
        Starting values.
    observations : Observations
        The sample.
    bounds : dict
        Limits that the user sets on parameters.
    """

    family: Family
    model: Family
    location: float
    fixed: dict[str, Any]
    start: dict[str, float]
    observations: Observations
    bounds: dict[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> Array:
        """Values, a known location subtracted."""
        values = self.observations.values
        if self.location == 0.0:
            return np.ascontiguousarray(values, dtype=float)
        return np.asarray(values - self.location, dtype=float)

    @property
    def weights(self) -> Array | None:
        """Weights of the rows; precisions are none, and design weights add up to the number of rows."""
        sample = self.observations
        if isinstance(self.model, Precise):
            return None
        if sample.weights is None or sample.design.weight_type != "sampling":
            return sample.weights
        codes = np.zeros(len(sample), np.intp) if sample.groups is None else sample.groups.codes
        unit = np.bincount(codes, sample.weights) / np.maximum(np.bincount(codes), 1)
        return sample.weights / unit[codes]

    @property
    def known_by_row(self) -> dict[str, Array]:
        """Parameters that are known for each row."""
        known = dict(self.observations.known)
        if isinstance(self.model, Precise) and self.observations.weights is not None:
            known[PRECISION] = self.observations.weights
        return known

    @property
    def tabulates(self) -> bool:
        """Whether rows of the same value may be put together."""
        ends = self.observations.intervals.ends
        return self.model.kind == "discrete" and not self.known_by_row and not ends

    @property
    def ends(self) -> dict[str, Array]:
        """Ends of the rows that are intervals, and their windows, a known location subtracted."""
        ends = self.observations.intervals.ends
        if self.location == 0.0:
            return dict(ends)
        return {name: end - self.location for name, end in ends.items()}

    @property
    def window(self) -> tuple[float, float]:
        """Window of all rows, a known location subtracted."""
        low, high = self.observations.intervals.window
        return low - self.location, high - self.location

    def batch(self) -> Batch:
        """One problem; counts and repeated intervals as a table of values and weights."""
        rows, weights = self.rows, self.weights
        known, ends = self.known_by_row, self.ends
        if ends and not known:
            rows, weights, ends = without_ties(rows, weights, ends)
        elif self.model.kind == "discrete" and len(rows) > TABULATED_ROWS and not ends:
            rows, weights, known = tabulated_with(rows, weights, known)
        if rows.ndim == 2:
            return Batch.single(rows, weights, known=known)
        low, high = (end - self.location for end in self.observations.extent)
        return Batch.single(rows, weights, (low, high), {**known, **ends}, self.window)


def split_fixed(fixed: Mapping[str, Any] | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Tell parameters fixed at one number from those known for each row (column or array)."""
    given = named(fixed, "fixed")
    rowwise = {n: v for n, v in given.items() if isinstance(v, str) or np.ndim(v) > 0}
    return {n: v for n, v in given.items() if n not in rowwise}, rowwise


def named(values: Mapping[str, Any] | None, option: str) -> dict[str, Any]:
    """Take an option that gives something for each of some parameters; a Series has names too."""
    if values is None:
        return {}
    if not hasattr(values, "items"):
        raise OptionError(
            f"{option}: a mapping of parameters is needed, as in {option}={{'shape': …}}, not "
            f"{shown(values)}"
        )
    return dict(values.items())


def state_problem(
    family: str | type[Family] | Family,
    observations: Observations,
    fixed: Mapping[str, float] | None,
    free: Iterable[str] | None,
    start: Mapping[str, float] | None = None,
    bounds: Mapping[str, Any] | None = None,
) -> Problem:
    """Check what is asked against family and sample.

    Raises
    ------
    ParameterError
        If a name is not one of the family's parameters or a value lies outside its domain.
    OptionError
        If the options contradict each other.
    DataError
        If values are too large or too small to be squared.
    SupportError
        If observations lie outside the family's support.
    """
    chosen = resolve(family)
    if chosen.kind == "categorical" and (fixed or free or start):
        raise OptionError("categorical takes no fixed, free or start: its fit is a formula")
    if isinstance(chosen, Shifted):
        chosen, free = chosen.as_inner(), {*_freed(chosen, free), "location"}
    free = freed_names(free)
    chosen = chosen.as_asked(free, {*named(fixed, "fixed"), *named(start, "start")})
    chosen, observations = laid_out(chosen, observations)
    held = {name: _number(chosen, name, value) for name, value in named(fixed, "fixed").items()}
    given = named(start, "start")
    begun = {name: _number(chosen, name, value) for name, value in given.items()}
    own = {n: _number(chosen, n, v) for n, v in chosen.values.items() if n not in held}
    freed = _freed(chosen, free)
    never = {n for n in chosen.parameter_names if _is_known(chosen, n)}
    never |= set(chosen.known_unless_freed) - freed
    held = {**{n: v for n, v in own.items() if n in never}, **held}
    if isinstance(chosen, Multivariate):
        told, observations = _told_by_rows(chosen, held, observations)
        held |= told
    begun = {n: v for n, v in {**own, **begun}.items() if n not in never}
    _check_known(chosen, held, observations, never)
    if freed & held.keys():
        raise OptionError(f"{', '.join(sorted(freed & held.keys()))}: both free and fixed")
    shifts = "location" in freed and chosen.half_line
    location = held.pop("location", float(chosen.location)) if chosen.half_line else 0.0
    if shifts:
        begun.setdefault("location", location) if location else None
        location = 0.0
    elif begun.pop("location", None) is not None and chosen.half_line:
        raise OptionError(
            f"{chosen.name}: a start for location needs free=['location']; it is fixed otherwise"
        )
    model = Shifted(chosen) if shifts else chosen
    if observations.design.weight_type == "precision":
        model = Precise(model)
    problem = Problem(chosen, model, location, held, begun, observations, named(bounds, "bounds"))
    check_magnitude(problem)
    check_support(problem)
    check_ends(problem)
    return problem


def laid_out(family: Family, observations: Observations) -> tuple[Family, Observations]:
    """Give a family of vectors, or of labels, one parameter a component, or a level.

    Raises
    ------
    DataError
        If the family is of vectors and the observations are numbers, or the other way round.
    """
    if family.kind == "categorical" and isinstance(family, VectorFamily):
        return with_levels(family, observations)
    values = observations.values
    if isinstance(family, Multivariate):
        if values.ndim == 1:
            raise DataError(
                f"{observations.title}: {family.name} is a family of vectors, and these are numbers. "
                f"Name several columns, as in column=['a', 'b'], or pass an array of shape (n, d)."
            )
        d = values.shape[1]
        if d < family.fewest:
            raise DataError(f"{observations.title}: {family.name} needs {family.fewest} columns")
        return family.shaped(range(1, d + 1)), observations
    if values.ndim == 2:
        raise DataError(
            f"{observations.title}: {family.name} is a family of numbers, and these are vectors. "
            f"Name one column."
        )
    return family, observations


def _told_by_rows(
    family: Multivariate, held: Mapping[str, float], sample: Observations
) -> tuple[dict[str, float], Observations]:
    """Known parameters that the rows tell and nobody gave, as numbers where all rows agree."""
    told = {
        name: values
        for name, values in family.first_known(sample.values).items()
        if name not in held and name not in sample.known
    }
    same = {name: float(v[0]) for name, v in told.items() if v[0] > 0.0 and np.all(v == v[0])}
    rest = {name: values for name, values in told.items() if name not in same}
    return same, replace(sample, known={**sample.known, **rest}) if rest else sample


def with_levels(family: VectorFamily, observations: Observations) -> tuple[Family, Observations]:
    """Give a categorical family the sample's levels, or the sample those that the family declares.

    Raises
    ------
    SupportError
        If observations have other levels than the family declares.
    """
    if observations.levels is None:
        raise OptionError("categorical observations need labels; pass the labels themselves")
    if family.labels is not None and family.values:
        raise OptionError("categorical takes no starting values; pass the class or the name")
    if family.labels is None:
        return family.shaped(observations.levels), observations
    places = {level: place for place, level in enumerate(family.labels)}
    codes = np.array([places.get(level, -1) for level in observations.levels])
    codes = codes[observations.values]
    if np.any(codes < 0):
        where = observations.first_rows(codes < 0)
        raise SupportError(
            f"column {observations.name!r}: {np.sum(codes < 0)} of {len(codes)} labels are none "
            f"of the declared levels {family.labels}: {where}. Correct them or declare their level."
        )
    return family, replace(observations, values=codes, levels=family.labels)


def parameter_domain(family: Family, name: str) -> Interval:
    """Domain of a parameter, the location of a half-line family included."""
    return _parameter(family, name).domain


def _parameter(family: Family, name: str) -> Parameter:
    if name == "location" and family.half_line:
        return Parameter(name, REAL)
    if name not in family.parameter_names:
        known = (*family.parameter_names, *(("location",) if family.half_line else ()))
        raise ParameterError(f"{family.name} has no parameter '{name}'; it has {', '.join(known)}")
    return family.parameters[family.parameter_index(name)]


def _number(family: Family, name: str, value: object) -> float:
    parameter = _parameter(family, name)
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ParameterError(f"{family.name}: {name} = {value!r} is not a number") from None
    if not parameter.accepts(number):
        raise ParameterError(f"{family.name}: {name} = {number:g} lies outside {parameter.values}")
    return number


def _is_known(family: Family, name: str) -> bool:
    return any(parameter.known and parameter.name == name for parameter in family.parameters)


def _freed(family: Family, free: Iterable[str] | None) -> set[str]:
    names = freed_names(free)
    for name in names:
        parameter_domain(family, name)
    return names


def freed_names(free: Iterable[str] | None) -> set[str]:
    """Take the names of parameters that are to be free."""
    if isinstance(free, str):
        return {free}
    if free is not None and not isinstance(free, Iterable):
        raise OptionError(f"free: a list of parameters is needed, not {shown(free)}")
    return set(free or ())


def check_rowwise(family: Family, names: Iterable[str]) -> None:
    """Refuse a column or an array for a parameter that is one number."""
    for name in names:
        parameter_domain(family, name)
        if name == "location" and family.half_line:
            raise ParameterError(
                f"{family.name}: location takes one number; subtract it from the data"
            )
        if not _is_known(family, name):
            raise ParameterError(
                f"{family.name}: {name} takes one number, not a column or an array with one for each "
                "row"
            )


def _check_known(
    family: Family, held: Mapping[str, float], sample: Observations, never: Collection[str]
) -> None:
    """Check the parameters that are known for each row, and that none is missing.

    `never` names those that are not estimated.
    """
    check_rowwise(family, sample.known)
    for name, values in sample.known.items():
        parameter = _parameter(family, name)
        outside = ~parameter.accepts(values)
        if np.any(outside):
            raise ParameterError(
                f"{family.name}: {name} lies outside {parameter.values} in "
                f"{sample.first_rows(outside)}{shown_values(values[outside][:3])}"
            )
    for name in family.parameter_names:
        if name not in never or name in (*held, *sample.known, *family.values):
            continue
        ways = "a number, a column or an array" if _is_known(family, name) else "a number"
        freed = f", or estimate it by free=[{name!r}]" if name in family.known_unless_freed else ""
        raise ParameterError(
            f"{family.name} needs its {name}: give {ways}, as in fixed={{{name!r}: …}}{freed}"
        )
