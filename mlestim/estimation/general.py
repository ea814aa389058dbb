"""Maximising a function of which nothing is known but its values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
# A way of logs that is looked at for whether the function rises all along it, where, and how much.
FAR, SHARES, SMALLEST_GAIN = 30.0, (0.2, 0.4, 0.6, 0.8), 1e-2
# Other ways are followed on, to so many times their length; one so long is doubted even if it seems
# to end at a maximum.
MULTIPLES, ENORMOUS = 4.0 ** np.arange(26), 1e12
# Second differences at steps whose ratio is 4: that of a smooth maximum's is 1, a kink's 4, and 1/16
# where the first curvature is of fourth order.
STEP_RATIO, SMOOTH = 4.0, (0.5, 2.0)
# Below this many roundings of the function a second difference tells nothing.
TELLING = 100.0 * np.finfo(float).eps
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
        Inverse of the negative second derivatives; NaN for parameters on an edge, and those in
        which there is a kink or no curvature: the others' is that where these are held.
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
            try:
                value = float(self.function(theta))
            except OverflowError:  # of Python's own numbers
                return -np.inf
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
    enormous = np.abs(eta - begin) > ENORMOUS * np.maximum(np.abs(begin), 1.0)
    if (enormous.any() or not found.verdict.holds) and _is_endless(function, begin, eta):
        found.verdict, found.covariance = Verdict.UNBOUNDED, np.full_like(found.covariance, np.nan)
    return found


def _is_endless(function: _Counted, begin: Array, eta: Array) -> bool:
    """Whether the function rises without slowing down, on the way or on ways that lead on from it.

    Logs and logits soon leave the floating-point numbers: their way so far is what is looked at.
    """
    way = eta - begin
    if _rises(function, (begin + multiple * way for multiple in MULTIPLES)):
        return True
    for j, domain in enumerate(function.domains):
        if domain.link_name == "identity":
            shares = MULTIPLES
        elif np.abs(way[j]) > FAR:
            shares = np.array(SHARES)
        else:
            continue
        if _rises(function, (_put(eta, j, begin[j] + share * way[j]) for share in shares)):
            return True
    return False


def _rises(function: _Counted, points: Iterable[Array]) -> bool:
    """Whether the function rises from point to point, by no less each time, or to infinity."""
    before, gain = np.nan, SMALLEST_GAIN
    for point in points:
        value = function(point)
        if value == np.inf:
            return True
        if not np.isfinite(value) or value - before < gain:
            return False
        gain = gain if np.isnan(before) else (value - before) / 1.1
        before = value
    return True


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


def unit_of(errors: Array, linked: NDArray[np.bool_]) -> Array:
    """Unit of differences for standard errors of link values."""
    return _limited(errors * STEP_IN_ERRORS / LINK_STEP, linked)


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
    smallest = linear_algebra.invert(information)[1]
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
    covariance = np.full((len(theta), len(theta)), np.nan)
    if verdict is Verdict.INTERIOR:
        smooth = np.flatnonzero(_is_smooth(function, eta, unit / spread))
        inverse = linear_algebra.invert(information[np.ix_(smooth, smooth)])[0][:, :, 0]
        size = (slope * unit)[smooth]
        covariance[np.ix_(smooth, smooth)] = inverse * size[:, None] * size
    evidence = Evidence(scaled, 0.5 * float(state.decrement[0]), eigenvalue, function.calls)
    path = np.reshape([*function.path, theta], (-1, len(theta)))
    return Maximum(theta, covariance, float(state.value[0]), verdict, evidence, path)


def _is_smooth(function: _Counted, eta: Array, errors: Array) -> NDArray[np.bool_]:
    """In which parameters the function has a curvature, the same over two lengths."""
    linked = np.array([domain.link_name != "identity" for domain in function.domains])
    steps = LINK_STEP * unit_of(errors, linked)
    here = function(eta)
    smooth = np.ones(len(eta), dtype=bool)
    for j, step in enumerate(steps):
        near, far = (
            2.0 * here - function(_moved(eta, j, -length)) - function(_moved(eta, j, length))
            for length in (step, STEP_RATIO * step)
        )
        if np.isfinite(far) and np.abs([near, far]).min() > TELLING * (1.0 + abs(here)):
            smooth[j] = SMOOTH[0] < STEP_RATIO**2 * near / far < SMOOTH[1]
    return smooth


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
