"""The mean log-likelihood on the link scale, with some parameters held."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mlestim.likelihood import Likelihood

Array = NDArray[np.float64]
Integers = NDArray[np.intp]


class LinkObjective:
    """What the maximisers climb: free link values in, value and derivatives out.

    Parameters
    ----------
    likelihood : Likelihood
        Mean terms in standard units.
    fixed : mapping of str to array, shape (problems,)
        Held parameters in standard units.
    region : mapping of str to pair of arrays, optional
        Bounds of the region where the estimate is sought, by default the family's own.
    on_edge : set of str
        Held parameters that are estimates on an edge of the parameter space.
    """

    def __init__(
        self,
        likelihood: Likelihood,
        fixed: Mapping[str, Array] | None = None,
        region: Mapping[str, tuple[Array, Array]] | None = None,
        on_edge: frozenset[str] = frozenset(),
    ) -> None:
        self.on_edge = on_edge
        self.likelihood = likelihood
        self.family = likelihood.family
        self.link = self.family.link
        self.fixed = dict(fixed or {})
        if region is None:
            region = self.family.regular_region(likelihood.sketch)
        self.region = {name: b for name, b in region.items() if name not in self.fixed}
        names = self.family.parameter_names
        self.free = np.array([name not in self.fixed for name in names])
        self._held = {
            k: self.family.parameters[k].domain.to_link(self.fixed[name])
            for k, name in enumerate(names)
            if name in self.fixed
        }

    @property
    def weight(self) -> Array:
        """Total weight of each problem."""
        return self.likelihood.batch.total_weight

    def with_likelihood(self, likelihood: Likelihood) -> LinkObjective:
        """Return the same objective over other rows of the same problems."""
        return LinkObjective(likelihood, self.fixed, self.region, self.on_edge)

    def select(self, problems: Integers) -> LinkObjective:
        """Return the objective of some of the problems, in any order, repeats allowed."""
        return LinkObjective(
            self.likelihood.select(problems),
            {name: value[problems] for name, value in self.fixed.items()},
            {name: (low[problems], high[problems]) for name, (low, high) in self.region.items()},
            self.on_edge,
        )

    def inside(self, theta: list[Array], problems: Integers) -> NDArray[np.bool_]:
        """Say which parameters lie in the region."""
        result = np.ones(len(problems), dtype=bool)
        for name, (low, high) in self.region.items():
            value = theta[self.family.parameter_index(name)]
            result &= (value > low[problems]) & (value < high[problems])
        return result

    def free_eta(self, theta: list[Array]) -> Array:
        """Link values of the free parameters."""
        eta = self.link.to_link(theta)
        return eta[self.free] if self._held else eta

    def full_eta(self, eta: Array, problems: Integers) -> Array:
        """Link values of all parameters, the held ones filled in."""
        if not self._held:
            return eta
        full = np.empty((len(self.free), eta.shape[1]))
        full[self.free] = eta
        for k, values in self._held.items():
            full[k] = values[problems]
        return full

    def theta(self, eta: Array, problems: Integers) -> list[Array]:
        """All parameters, in standard units; held ones exactly as given."""
        theta = self.link.from_link(self.full_eta(eta, problems))
        for k, name in enumerate(self.family.parameter_names):
            if name in self.fixed:
                theta[k] = self.fixed[name][problems]
        return theta

    def __call__(self, eta: Array, problems: Integers) -> tuple[Array, Array, Array]:
        """Value, gradient and Hessian of some problems; −inf where undefined."""
        # A long trial step may overflow: its value is −inf and the step is refused.
        with np.errstate(all="ignore"):
            theta = self.theta(eta, problems)
            packed = self.likelihood.mean_terms(theta, 2, problems)
            gradient, hessian = self.link.chain(packed, theta)
        if self._held:
            gradient, hessian = gradient[self.free], hessian[self.free][:, self.free]
        defined = np.isfinite(gradient).all(axis=0) & np.isfinite(hessian).all(axis=(0, 1))
        allowed = self.inside(theta, problems) & np.isfinite(packed[0]) & defined
        return np.where(allowed, packed[0], -np.inf), gradient, hessian

    def jacobian(self, theta: list[Array]) -> Array:
        """Derivatives of all parameters in the free link values, (p, q, problems)."""
        matrix = self.link.jacobian(theta)
        return matrix[:, self.free] if self._held else matrix
