"""A slow and independent search for the best maximum: many random starts, scipy's Nelder–Mead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from peers import Peer, Theta
from scipy.optimize import minimize

from mlestim.distributions.base import Family
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.likelihood import Likelihood
from mlestim.sample.batch import Batch

Array = NDArray[np.float64]
Objective = Callable[[Array], float]

STARTS = 20
POLISHED = 4
# Link values of a search stay within this box, in units of the data; ends at its walls are no
# maxima but ways to infinity.
WALL = 35.0
NOWHERE = 1e300
# A scale this small beside the spread of the rows is on its way to a spike.
VANISHING = 1e-7


@dataclass(frozen=True)
class Reference:
    """The best that others found.

    Attributes
    ----------
    restarted : float
        Log-likelihood of the best interior maximum of the restarted search, −inf if none.
    theta : tuple of float
        Where it lies.
    peer : float
        Log-likelihood of scipy's own fit, −inf if it gave up or left the regular region.
    truth : float
        Log-likelihood of the parameters that the sample was drawn from, −inf if none.
    noise : float
        Rounding error of the best log-likelihood.
    """

    restarted: float
    theta: tuple[float, ...]
    peer: float
    truth: float
    noise: float

    @property
    def best(self) -> float:
        return max(self.restarted, self.truth)


def reference(
    family: Family, peer: Peer, x: Array, truth: Theta | None, seed: int, starts: int = STARTS
) -> Reference:
    """Search from random starts, from scipy's fit and from the truth."""
    return best_of(Search(family, peer, x), peer.own_fit(x), truth, seed, starts)


def best_of(
    search: Search, own: Theta | None, truth: Theta | None, seed: int, starts: int
) -> Reference:
    """Search from random starts, from another program's fit and from the truth."""
    rng = np.random.default_rng(seed)
    given = [theta for theta in (own, truth) if theta is not None and search.inside(theta)]
    begun = [search.to_link(theta) for theta in given]
    begun += [eta for eta in (search.random_start(rng) for _ in range(starts)) if eta is not None]
    coarse = [climb(search, eta, 50 * len(eta), 1e-3) for eta in begun]
    chosen = sorted(coarse, key=search)[:POLISHED] + coarse[: len(given)]
    ends = [climb(search, climb(search, eta, 1000, 1e-6), 1000, 1e-8) for eta in chosen]
    maxima = sorted(
        (
            (search.sure_value(eta), *search.from_link(eta))
            for eta in ends
            if search.is_interior(eta)
        ),
        reverse=True,
    )
    best, *theta = maxima[0] if maxima else (-np.inf,)
    # an end of the support is no interior maximum, but scipy may know it
    if not search.family.regular and np.ptp(search.x) > 0.0:
        best = max(best, _value(search, own))
    noise = search.noise(theta or truth)
    return Reference(best, tuple(theta), _value(search, own), _value(search, truth), noise)


def climb(search: Objective, eta: Array, evaluations: int, tolerance: float) -> Array:
    # the likelihood is flat to second order at a maximum, and its sum rounds at about 1e-10
    fine = max(0.1 * tolerance, 1e-10)
    options = {"maxfev": evaluations, "xatol": tolerance, "fatol": fine}
    found = minimize(search, eta, method="Nelder-Mead", options=options)
    return np.asarray(found.x, dtype=float)


def _value(search: Search, theta: Theta | None) -> float:
    if theta is None or not search.inside(theta):
        return -np.inf
    return search.sure_value(search.to_link(theta))


class Search:
    """Minus the log-likelihood by link values, in scipy's words, within the regular region."""

    def __init__(self, family: Family, peer: Peer, x: Array) -> None:
        self.family, self.peer, self.x = family, peer, x
        bounds = family.regular_region(Likelihood(family, Batch.single(x)).sketch)
        self.region = {name: (low[0], high[0]) for name, (low, high) in bounds.items()}
        spread = np.subtract(*np.quantile(x, [0.75, 0.25]))
        self.spread = float(spread if spread > 0.0 else np.ptp(x) or np.abs(x).max() or 1.0)
        self.free = [p for p in family.parameters if p.name not in peer.fixed]
        units = [parameter.unit for parameter in self.free]
        self._scale = units.index(Unit.SCALE) if Unit.SCALE in units else 0
        self.typical = float(np.mean(np.abs(x))) or 1.0
        self.narrowness = float(np.log1p(self.typical / (np.std(x) or self.typical)))

    def __call__(self, eta: Array) -> float:
        theta = self.from_link(eta)
        if np.any(np.abs(self._walls(eta)) > WALL) or not self.inside(theta):
            return NOWHERE
        value = self.value(theta)
        return -value if np.isfinite(value) else NOWHERE

    def value(self, theta: Theta) -> float:
        """Log-likelihood by scipy."""
        return self.peer.log_likelihood(self.x, theta)

    def sure_value(self, eta: Array) -> float:
        """Lower of scipy's log-likelihood and ours.

        Both are right but for rounding: scipy's differences of large log gamma values lose up to
        1e-4 in sums where a family is close to its limit.
        """
        theta = self.from_link(eta)
        with np.errstate(all="ignore"):
            own = float(self.family.log_density(self.x, theta).sum())
        return min(self.value(theta), own)

    def noise(self, theta: Theta | None) -> float:
        """Rounding error of scipy's log-likelihood, seen in how it jumps between close parameters.

        Log gamma values of 1e9 round to 1e-7, alike in every row.
        """
        if theta is None:
            return 0.0
        factors = 1.0 + 1e-13 * np.arange(-10, 11)
        return float(np.ptp([self.value(np.multiply(theta, factor)) for factor in factors]))

    def from_link(self, eta: Array) -> list[float]:
        """Parameters in declared order, the known ones among them."""
        pairs = zip(self.free, eta, strict=True)
        values = {p.name: float(p.domain.from_link(value)) for p, value in pairs}
        known = self.peer.fixed
        return [
            known[p.name] if p.name in known else values[p.name] for p in self.family.parameters
        ]

    def to_link(self, theta: Theta) -> Array:
        """Link values of the parameters that are not known."""
        named = dict(zip(self.family.parameter_names, theta, strict=True))
        with np.errstate(all="ignore"):  # an estimate on an edge is infinite here
            return np.array([float(p.domain.to_link(named[p.name])) for p in self.free])

    def inside(self, theta: Theta) -> bool:
        """Whether parameters are in their domains and in the regular region."""
        named = dict(zip(self.family.parameter_names, theta, strict=True))
        ordinary = all(
            bool(parameter.domain.contains(named[parameter.name])) for parameter in self.free
        ) and all(low < named[name] < high for name, (low, high) in self.region.items())
        return ordinary and bool(self.family.valid([np.array([value]) for value in theta])[0])

    def is_interior(self, eta: Array) -> bool:
        """Whether a search ended away from the walls and from the ends of the regular region."""
        if self(eta) >= NOWHERE or np.any(np.abs(self._walls(eta)) > 0.8 * WALL):
            return False
        if self.peer.free:  # at kinks there are no slopes to judge by
            return bool(np.ptp(self.x) > 0.0)
        if self.family.standardization == "location-scale":
            named_eta = dict(zip([p.name for p in self.free], eta, strict=True))
            scales = [p for p in self.free if p.unit is Unit.SCALE]
            if any(named_eta[p.name] < np.log(VANISHING * self.spread) for p in scales):
                return False
        if not self._is_maximum(eta):
            return False
        named = dict(zip(self.family.parameter_names, self.from_link(eta), strict=True))
        return all(
            abs(named[name] - end) > 1e-3 * max(abs(end), 1e-3)
            for name, ends in self.region.items()
            for end in ends
            if np.isfinite(end)
        )

    def _is_maximum(self, eta: Array) -> bool:
        """Whether finite differences show a peak, not a place where the search gave up climbing."""
        steps = np.diag([self._width(eta, k) for k in range(len(eta))])
        expected = self.family.expected_information([np.array([v]) for v in self.from_link(eta)])
        if expected is not None and np.isfinite(expected).all():  # a kink has no slope
            return all(min(self(eta + e), self(eta - e)) >= self(eta) for e in steps)
        gradient = np.array([self(eta + e) - self(eta - e) for e in steps]) / 2.0
        hessian = (
            np.array(
                [
                    [
                        self(eta + e + f)
                        - self(eta + e - f)
                        - self(eta - e + f)
                        + self(eta - e - f)
                        for f in steps
                    ]
                    for e in steps
                ]
            )
            / 4.0
        )
        diagonal = np.diag(hessian)
        if not np.all((diagonal > 0.0) & (diagonal < NOWHERE)):
            return False
        unit = np.sqrt(diagonal)
        if np.linalg.eigvalsh(hessian / unit / unit[:, None])[0] < 1e-6:
            return False
        return bool(0.5 * gradient @ np.linalg.solve(hessian, gradient) < 1e-5)

    def _width(self, eta: Array, k: int) -> float:
        """A step along one link value that changes the log-likelihood by little, but visibly."""
        parameter, here = self.free[k], self(eta)
        step = np.zeros_like(eta)
        step[k] = 1e-2 * (
            float(self.free[self._scale].domain.from_link(eta[self._scale]))
            if parameter.unit is Unit.LOCATION
            else 1
        )
        while max(self(eta + step), self(eta - step)) > here + 1e-2 and abs(step[k]) > 1e-12:
            step /= 4.0
        return float(step[k])

    def _walls(self, eta: Array) -> Array:
        """Link values in units of the data; a location has no wall."""
        return np.array(
            [
                0.0
                if parameter.unit in (Unit.LOCATION, Unit.LOG_SCALE)
                else value - np.log(self._unit(parameter))
                for parameter, value in zip(self.free, eta, strict=True)
            ]
        )

    def _unit(self, parameter: Parameter) -> float:
        if parameter.unit is not Unit.SCALE:
            return 1.0
        return self.spread if self.family.standardization == "location-scale" else self.typical

    def random_start(self, rng: np.random.Generator) -> Array | None:
        """Draw starts until one is possible; None if none of many is."""
        for _ in range(200):
            eta = np.array([self._draw(parameter, rng) for parameter in self.free])
            if self(eta) < NOWHERE:
                return eta
        return None

    def _draw(self, parameter: Parameter, rng: np.random.Generator) -> float:
        if parameter.unit is Unit.LOCATION:
            return float(rng.choice(self.x) + self.spread * rng.normal())
        if parameter.unit is Unit.LOG_SCALE:
            return float(np.log(rng.choice(self.x)))
        if parameter.unit is Unit.SCALE:
            width = rng.choice([2.0, np.exp(-self.narrowness)])
            return float(np.log(self._unit(parameter)) + rng.normal(0.0, width))
        if parameter.domain == POSITIVE:  # shapes grow like a power of mean/sd
            return float(rng.integers(3) * self.narrowness + rng.normal(0.0, 2.0))
        return float(rng.uniform(-0.9, 1.5))


__all__: Sequence[str] = ("Reference", "reference")
