"""The mean log-likelihood on the link scale, with some parameters held."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.links import hold
from mlestim.distributions.parameter import Unit
from mlestim.likelihood import Likelihood

Array = NDArray[np.float64]
Integers = NDArray[np.intp]


class LinkObjective:
    """What the maximisers climb: free link values in, value and derivatives out.

    Parameters
    ----------
    likelihood : Likelihood
        Mean terms in standard units.
    known : mapping of str to array, shape (problems,)
        Held parameters in the units of the data, exactly as given.
    region : mapping of str to pair of arrays, optional
        Bounds of the region where the estimate is sought, by default the family's own.
    on_edge : set of str
        Held parameters that are estimates on an edge of the parameter space.
    """

    def __init__(
        self,
        likelihood: Likelihood,
        known: Mapping[str, Array] | None = None,
        region: Mapping[str, tuple[Array, Array]] | None = None,
        on_edge: frozenset[str] = frozenset(),
    ) -> None:
        self.likelihood = likelihood
        self.family = family = likelihood.family
        self.known = dict(known or {})
        self.on_edge = on_edge
        names = family.parameter_names
        self.fixed = {
            name: np.asarray(
                family.parameters[names.index(name)].standardize(
                    value, likelihood.centre, likelihood.scale
                )
            )
            for name, value in self.known.items()
        }
        if region is None:
            region = self._own_region()
        self.region = {name: b for name, b in region.items() if name not in self.fixed}
        rowwise = likelihood.batch.known
        self.free = np.array([name not in self.fixed and name not in rowwise for name in names])
        self.link, self._free = hold(family.link, family.parameters, self.free)

    def _own_region(self) -> Mapping[str, tuple[Array, Array]]:
        """Give the family's region; without exact rows there are no spikes to be kept away from."""
        region = self.family.regular_region(self.likelihood.sketch)
        if not (region and self.likelihood.batch.censored) or self.family.region_is_closed:
            return region
        exact = self.likelihood.batch.exact_weight > 0.0
        return {
            name: (np.where(exact, low, -np.inf), np.where(exact, high, np.inf))
            for name, (low, high) in region.items()
        }

    @property
    def weight(self) -> Array:
        """Total weight of each problem."""
        return self.likelihood.batch.total_weight

    @cached_property
    def limited(self) -> NDArray[np.bool_]:
        """Which free link values may not move far in one step: all but plain locations."""
        return ~self.link.unlimited[self._free_links]

    @property
    def hopeless(self) -> NDArray[np.bool_]:
        """Which problems have rows all of which a density can gather around, or flee to one side."""
        batch, family = self.likelihood.batch, self.family
        decided = family.without_maximum(self.likelihood.sketch, self._free_names)
        if decided is not None:
            return decided
        spreads = {Unit.SCALE, Unit.SQUARE}
        estimated = [
            parameter
            for parameter, is_free in zip(family.parameters, self.free, strict=True)
            if is_free or parameter.name in self.on_edge
        ]
        able = len(estimated) == len(family.parameters) or any(p.unit in spreads for p in estimated)
        if family.kind != "continuous" or not (family.concentrates and able):
            return batch.endless
        return batch.endless | (batch.agree & (len(estimated) > 1))

    @property
    def not_identified(self) -> NDArray[np.bool_]:
        """Which samples leave parameters open that are not held."""
        found = self.family.not_identified(self.likelihood.sketch, self._free_names)
        return np.zeros(self.likelihood.batch.n_problems, dtype=bool) if found is None else found

    @property
    def _free_names(self) -> frozenset[str]:
        names = zip(self.family.parameter_names, self.free, strict=True)
        return frozenset(name for name, is_free in names if is_free)

    @property
    def may_kink(self) -> bool:
        """Whether a maximum may be at a kink."""
        kink = self.family.kink
        if kink is None or not self.likelihood.batch.exact_weight.any():
            return False
        return bool(self.free[self.family.parameter_index(kink)])

    @property
    def has_kinks(self) -> bool:
        """Whether neither a slope nor a formula may lead to the maximum."""
        without_formula = self.family.by_differences or not self.likelihood.batch.plain
        return without_formula and self.may_kink

    def with_likelihood(self, likelihood: Likelihood) -> LinkObjective:
        """Return the same objective over other rows of the same problems."""
        return LinkObjective(likelihood, self.known, self.region, self.on_edge)

    def select(self, problems: Integers) -> LinkObjective:
        """Return the objective of some of the problems, in any order, repeats allowed."""
        return LinkObjective(
            self.likelihood.select(problems),
            {name: value[problems] for name, value in self.known.items()},
            {name: (low[problems], high[problems]) for name, (low, high) in self.region.items()},
            self.on_edge,
        )

    def moved_inside(self, theta: list[Array]) -> list[Array]:
        """Move values that lie outside the region a little way into it."""
        for name, (low, high) in self.region.items():
            k = self.family.parameter_index(name)
            value = np.where(theta[k] > low, theta[k], low + 0.1 * (1.0 + np.abs(low)))
            theta[k] = np.where(value < high, value, high - 0.1 * (1.0 + np.abs(high)))
        return theta

    def inside(self, theta: list[Array], problems: Integers) -> NDArray[np.bool_]:
        """Say which parameters lie in the region."""
        result = self.family.valid(theta)
        for name, (low, high) in self.region.items():
            value = theta[self.family.parameter_index(name)]
            result &= (value > low[problems]) & (value < high[problems])
        return result

    def free_eta(self, theta: list[Array]) -> Array:
        """Link values of the free parameters."""
        return self.link.to_link(theta)[self._free_links]

    @cached_property
    def _free_links(self) -> NDArray[np.bool_] | slice:
        return slice(None) if self._free.all() else self._free

    def theta(self, eta: Array, problems: Integers) -> list[Array]:
        """All parameters, in standard units; those known for each row as NaN."""
        if self.free.all():
            return self.link.from_link(eta)
        full = np.zeros((self.link.size, eta.shape[1]))
        full[self._free_links] = eta
        theta = self.link.from_link(full)
        unknown = np.full(eta.shape[1], np.nan)
        for k, name in enumerate(self.family.parameter_names):
            if not self.free[k]:
                theta[k] = self.fixed[name][problems] if name in self.fixed else unknown
        return theta

    def degenerate(self, eta: Array) -> NDArray[np.bool_]:
        """Say which points, one a problem, are spikes that a few rows make."""
        found = None
        if type(self.family).degenerate is not Family.degenerate:
            theta = self.theta(eta, np.arange(eta.shape[1]))
            found = self.family.degenerate(theta, self.likelihood.sketch, self.weight)
        return np.zeros(eta.shape[1], dtype=bool) if found is None else found

    def __call__(self, eta: Array, problems: Integers) -> tuple[Array, Array, Array]:
        """Value, gradient and Hessian of some problems; −inf where undefined."""
        # A long trial step may overflow: its value is −inf and the step is refused.
        with np.errstate(all="ignore"):
            theta = self.theta(eta, problems)
            packed = self.likelihood.mean_terms(theta, 2, problems)
            gradient, hessian = self.link.chain(packed, theta)
            kept = self._free_links
            gradient, hessian = gradient[kept], hessian[kept][:, kept]
            slopes = np.add.reduce(gradient, axis=0) + np.add.reduce(hessian, axis=(0, 1))
        allowed = self.inside(theta, problems) & np.isfinite(packed[0] + slopes)
        return np.where(allowed, packed[0], -np.inf), gradient, hessian

    def edge_covariance(self, theta: Array, problem: int) -> Array:
        """Covariance (p, p) of an estimate on an edge; NaN where the family does not know it."""
        means: list[Array] = []
        if self.family.sufficient:
            means = self.likelihood.moments.select(np.array([problem])).mean_statistics
        known = self.family.edge_covariance(means, list(theta[:, None]), self.weight[[problem]])
        return np.full((len(theta), len(theta)), np.nan) if known is None else known[:, :, 0]

    def jacobian(self, theta: list[Array]) -> Array:
        """Derivatives of all parameters in the free link values, (p, q, problems)."""
        return self.link.jacobian(theta)[:, self._free_links]
