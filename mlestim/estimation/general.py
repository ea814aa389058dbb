"""Maximising a function of which nothing is known but its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.numeric import LINK_STEP, differentiated_terms
from mlestim.distributions.parameter import Interval, Parameter
from mlestim.distributions.terms import curvature_positions
from mlestim.estimation import linear_algebra
from mlestim.estimation.newton import Ascent, ascend
from mlestim.estimation.verdict import Evidence, Verdict

Array = NDArray[np.float64]
Function = Callable[[Array], float]

# Differences span a twentieth of a standard error: rounding and curvature of higher order then both
# leave a standard error more than eight digits.
STEP_IN_ERRORS = 0.05
# Logs and logits bend within one unit, however large the standard error is.
LARGEST_LINK_STEP = 6e-3
MAX_ROUNDS = 8
# Below this (unit-diagonal) eigenvalue differences do not tell a ridge from a maximum.
SMALLEST_EIGENVALUE = 1e-7
# Where a search begins whose parameter is known to be at an end, on the scale of logs.
NEAR_END = 10.0
# A way of logs that is looked at for whether the function rises all along it, where, and how much.
FAR, SHARES, SMALLEST_GAIN = 30.0, (0.2, 0.4, 0.6, 0.8), 1e-2
# Values closer than this (relative) are the same.
SAME_VALUE, CLOSE_VALUE = 1e-11, 1e-6


@dataclass
class Maximum:
    """Where the search ended.

    Attributes
    ----------
    theta : array, shape (p,)
        Natural scale.
    covariance : array, shape (p, p)
        Inverse of the negative second derivatives; NaN for parameters on an edge.
    value : float
        The function there.
    verdict : Verdict
        What kind of maximum it is.
    evidence : Evidence
        The numbers behind the verdict; iterations are values of the function that were computed.
    path : array, shape (steps, p)
        Points that the search went through, each higher than the one before.
    """

    theta: Array
    covariance: Array
    value: float
    verdict: Verdict
    evidence: Evidence
    path: Array = field(default_factory=lambda: np.empty((0, 0)))


class _Counted:
    """The function on the link scale, −inf where it has no value; counts calls, keeps the way up."""

    def __init__(self, function: Function, domains: Sequence[Interval]) -> None:
        self.function, self.domains = function, domains
        self.calls = 0
        self.path: list[Array] = []
        self.highest = -np.inf

    def note(self, eta: Array, value: float) -> None:
        """Keep a point that is higher than all before."""
        if value > self.highest:
            self.highest = value
            self.path.append(self.theta(eta))

    def theta(self, eta: Array) -> Array:
        return np.array([d.from_link(e) for d, e in zip(self.domains, eta, strict=True)])

    def __call__(self, eta: Array) -> float:
        self.calls += 1
        with np.errstate(all="ignore"):  # a far step may overflow: it is refused
            theta = self.theta(eta)
            inside = zip(self.domains, theta.tolist(), strict=True)
            if not all(domain.lower < value < domain.upper for domain, value in inside):
                return -np.inf
            value = float(self.function(theta))
        return value if np.isfinite(value) or value == np.inf else -np.inf


class _Scaled:
    """The function in coordinates whose unit is that of its curvature, with derivatives."""

    def __init__(self, function: _Counted, centre: Array, unit: Array) -> None:
        self.function, self.centre, self.unit = function, centre, unit
        self.coordinates = [Parameter(f"z{j}") for j in range(len(centre))]

    def at(self, z: Sequence[Array]) -> Array:
        return np.array([self.function(self.centre + self.unit * np.ravel(z))])

    def __call__(self, z: Array, problems: NDArray[np.intp]) -> tuple[Array, Array, Array]:
        p = len(self.centre)
        terms = differentiated_terms(self.at, self.coordinates, list(z))
        with np.errstate(invalid="ignore"):  # −inf on one side: the point is refused
            packed = np.array([np.broadcast_to(term, (1,)) for term in terms])
        defined = np.isfinite(packed).all()
        value = np.where(defined, packed[0], -np.inf)
        self.function.note(self.centre + self.unit * np.ravel(z), float(value[0]))
        return value, packed[1 : 1 + p], packed[curvature_positions(p)]


def maximum_of(
    function: Function, start: Array, domains: Sequence[Interval], unit: Array | None = None
) -> Maximum:
    """Find the maximum of a function of parameters that lie in domains.

    Newton's method on the link scale with fourth-order differences, whose step follows the
    curvature; a simplex search where that fails. Ends of domains are tried in the end.

    Parameters
    ----------
    function : callable
        Takes the parameters, shape (p,); values that are not finite are refused.
    start : array, shape (p,)
        Inside the domains; the function has to be finite there.
    domains : sequence of Interval
        One a parameter.
    unit : array, shape (p,), optional
        What differences of link values are measured in, where it is known.
    """
    counted = _Counted(function, domains)
    inside = _inside(counted, start, unit)
    if inside.verdict is Verdict.UNBOUNDED:
        return inside
    return _on_edge(function, inside, domains) or inside


def _inside(function: _Counted, start: Array, unit: Array | None) -> Maximum:
    eta = np.array([d.to_link(value) for d, value in zip(function.domains, start, strict=True)])
    if not len(eta):
        value = function(eta)
        evidence = Evidence(0.0, 0.0, np.nan, function.calls)
        path = np.empty((1, 0))
        return Maximum(start, np.empty((0, 0)), value, Verdict.INTERIOR, evidence, path)
    begin = eta
    eta, unit, state = _climb(function, begin, unit)
    if not (state.converged[0] or _is_endless(function, begin, eta)):
        eta, unit, state = _climb(function, _simplex(function, eta))
    found = _judged(function, eta, unit, state)
    if not found.verdict.holds and _is_endless(function, begin, eta):
        found.verdict = Verdict.UNBOUNDED
    return found


def _is_endless(function: _Counted, begin: Array, eta: Array) -> bool:
    """Whether a log or logit has run far away while the function rose in proportion to it."""
    for j, domain in enumerate(function.domains):
        way = eta[j] - begin[j]
        if domain.link_name == "identity" or not np.abs(way) > FAR:
            continue
        heights = [function(_put(eta, j, begin[j] + share * way)) for share in SHARES]
        gains = np.diff(heights)
        if gains.min() > SMALLEST_GAIN and gains.max() < 1.1 * gains.min():
            return True
    return False


def _climb(
    function: _Counted, eta: Array, unit: Array | None = None
) -> tuple[Array, Array, Ascent]:
    """Climb by Newton steps; each round measures in the unit that the last one found."""
    linked = np.array([domain.link_name != "identity" for domain in function.domains])
    if unit is None:
        unit = np.where(linked, 1.0, 10.0 * _reach(function, eta))
    zero, begin = np.zeros((len(eta), 1)), eta
    for _ in range(MAX_ROUNDS):
        scaled = _Scaled(function, eta, unit)
        state = ascend(scaled, Ascent.at(scaled, zero), np.ones(1), linked)
        eta = eta + unit * state.eta[:, 0]
        if not state.converged[0] and _is_endless(function, begin, eta):
            break
        bend = -np.einsum("jjb->j", state.hessian)
        wanted = unit * STEP_IN_ERRORS / LINK_STEP / np.sqrt(np.where(bend > 0.0, bend, np.inf))
        wanted = _limited(np.where(wanted > 0.0, wanted, unit), linked)
        settled = np.all(np.abs(np.log(wanted / unit)) < np.log(1.5))
        if settled or not np.isfinite(state.value[0]):
            break
        unit = wanted
    return eta, scaled.unit, state


def _reach(function: _Counted, eta: Array) -> Array:
    """Lengths along each coordinate over which the function changes by a few units at most."""
    here = function(eta)
    reach = np.maximum(np.abs(eta), 1.0)
    for j in range(len(eta)):
        for _ in range(60):
            ends = [function(_moved(eta, j, sign * reach[j])) for sign in (-1.0, 1.0)]
            if np.all(np.isfinite(ends)) and np.max(np.abs(np.array(ends) - here)) < 20.0:
                break
            reach[j] *= 0.25
    return reach


def _limited(unit: Array, linked: NDArray[np.bool_]) -> Array:
    """Keep differences of logs and logits within the unit in which these bend."""
    return np.where(linked, np.minimum(unit, LARGEST_LINK_STEP / LINK_STEP), unit)


def _moved(eta: Array, j: int, step: float) -> Array:
    moved = eta.copy()
    moved[j] += step
    return moved


def _simplex(function: _Counted, eta: Array) -> Array:
    """Improve a point by a search that needs no derivatives."""
    from scipy.optimize import minimize

    unit = _reach(function, eta)

    def negative(z: Array) -> float:
        return -float(np.clip(function(eta + unit * z), -1e300, 1e300))

    found = minimize(
        negative,
        np.zeros(len(eta)),
        method="Nelder-Mead",
        options={"maxfev": 400 * len(eta), "xatol": 1e-3, "fatol": 1e-6},
    )
    return np.asarray(eta + unit * found.x)


def _judged(function: _Counted, eta: Array, unit: Array, state: Ascent) -> Maximum:
    domains = function.domains
    theta = function.theta(eta)
    information = -state.hessian
    slope = np.array(
        [d.link_derivatives(value)[0] for d, value in zip(domains, theta, strict=True)]
    )
    inverse, smallest = linear_algebra.invert(information)
    covariance = inverse[:, :, 0] * np.outer(slope * unit, slope * unit)
    eigenvalue = float(smallest[0])
    slopes = np.abs(state.gradient[:, 0])
    spread = np.sqrt(np.maximum(np.einsum("jjb->j", information), 0.0))
    flat = np.where(slopes < 1e-9, 0.0, np.inf)  # no curvature: a slope is all there is to see
    scaled = float(
        np.max(np.where(spread > 0.0, slopes / np.where(spread > 0.0, spread, 1.0), flat))
    )
    if state.value[0] == np.inf:
        verdict = Verdict.UNBOUNDED
    elif scaled < 1e-3 and eigenvalue < SMALLEST_EIGENVALUE:
        verdict = Verdict.NOT_IDENTIFIED
    else:
        verdict = Verdict.INTERIOR if state.converged[0] else Verdict.NOT_CONVERGED
    if verdict is not Verdict.INTERIOR:
        covariance = np.full_like(covariance, np.nan)
    evidence = Evidence(scaled, 0.5 * float(state.decrement[0]), eigenvalue, function.calls)
    path = np.reshape([*function.path, theta], (-1, len(theta)))
    return Maximum(theta, covariance, float(state.value[0]), verdict, evidence, path)


def _on_edge(function: Function, found: Maximum, domains: Sequence[Interval]) -> Maximum | None:
    """Hold a parameter at an end of its domain that the search was running towards.

    There the function is no lower, and by little higher: a leap is no limit of the search.
    """
    if not np.isfinite(found.value):
        return None
    size = 1.0 + abs(found.value)
    for j, domain in enumerate(domains):
        for end in (domain.lower, domain.upper):
            if not np.isfinite(end):
                continue
            with np.errstate(all="ignore"):
                there = function(_put(found.theta, j, end))
            if not -SAME_VALUE * size <= there - found.value <= CLOSE_VALUE * size:
                continue
            rest = maximum_of(
                partial(_with_end, function, j, end),
                np.delete(found.theta, j),
                [other for k, other in enumerate(domains) if k != j],
            )
            return _with_held(rest, j, end, found)
    return None


def _with_end(function: Function, j: int, end: float, others: Array) -> float:
    return function(np.insert(others, j, end))


def _put(theta: Array, j: int, value: float) -> Array:
    moved = theta.copy()
    moved[j] = value
    return moved


def _with_held(rest: Maximum, j: int, end: float, earlier: Maximum) -> Maximum:
    covariance = np.insert(np.insert(rest.covariance, j, np.nan, axis=0), j, np.nan, axis=1)
    verdict = Verdict.BOUNDARY if rest.verdict.holds else rest.verdict
    theta = np.insert(rest.theta, j, end)
    iterations = rest.evidence.iterations + earlier.evidence.iterations
    evidence = replace(rest.evidence, iterations=iterations)
    path = np.vstack([earlier.path, np.insert(rest.path, j, end, axis=1)])
    return Maximum(theta, covariance, rest.value, verdict, evidence, path)


# ---- where some parameters are held --------------------------------------------------------------


def heights_of(
    function: Function,
    maximum: Array,
    covariance: Array,
    domains: Sequence[Interval],
    held: Mapping[int, Array],
) -> Array:
    """Maximise a function over the parameters that are not held, at each of many points.

    Parameters
    ----------
    function : callable
        As for `maximum_of`.
    maximum, covariance : array, shapes (p,) and (p, p)
        Where its maximum is, and its covariance there: each search begins where the others are
        expected to be.
    domains : sequence of Interval
        One a parameter.
    held : mapping of int to array, shape (points,)
        Values of some of the parameters, by their place.

    Returns
    -------
    array, shape (points,)
        NaN where no maximum was found.
    """
    places = np.array(list(held))
    others = np.setdiff1d(np.arange(len(maximum)), places)
    inner = [domains[k] for k in others]
    begin, unit = _expected(maximum, covariance, domains, places, others)
    heights = []
    for values in np.array(list(held.values())).T:
        rest = partial(_with_values, function, places, others, values)
        start = [d.from_link(e) for d, e in zip(inner, begin(values), strict=True)]
        found = maximum_of(rest, np.array(start), inner, unit)
        heights.append(found.value if found.verdict.holds else np.nan)
    return np.where(np.isfinite(heights), heights, np.nan)


def _with_values(
    function: Function,
    places: NDArray[np.intp],
    others: NDArray[np.intp],
    values: Array,
    theta: Array,
) -> float:
    whole = np.empty(len(places) + len(others))
    whole[places], whole[others] = values, theta
    return function(whole)


def _expected(
    maximum: Array,
    covariance: Array,
    domains: Sequence[Interval],
    places: NDArray[np.intp],
    others: NDArray[np.intp],
) -> tuple[Callable[[Array], Array], Array | None]:
    """Say where the others are expected, on the link scale, and in which unit they are climbed."""
    with np.errstate(divide="ignore"):  # some are on an edge, at an infinite link value
        eta = np.array([d.to_link(value) for d, value in zip(domains, maximum, strict=True)])
    if not np.isfinite(covariance).all():
        return lambda _: np.clip(eta[others], -NEAR_END, NEAR_END), None
    slope = [d.link_derivatives(value)[0] for d, value in zip(domains, maximum, strict=True)]
    information = np.linalg.inv(covariance / np.outer(slope, slope))
    follow = np.linalg.solve(
        information[np.ix_(others, others)], -information[np.ix_(others, places)]
    )
    linked = np.array([domains[k].link_name != "identity" for k in others], dtype=bool)
    errors = 1.0 / np.sqrt(np.diag(information)[others])

    def begin(values: Array) -> Array:
        there = [domains[k].to_link(value) for k, value in zip(places, values, strict=True)]
        return eta[others] + follow @ (np.array(there) - eta[places])

    return begin, _limited(errors * STEP_IN_ERRORS / LINK_STEP, linked)
