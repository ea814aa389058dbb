r"""Expectation-maximisation for mixtures: which part of each row is whose, and what follows.

With :math:`r_{ik}` the probability that row i comes from component k under the current parameters,
a step maximises

.. math:: Q(\theta) = \sum_i \sum_k r_{ik} \bigl(\log w_k + \log f_k(x_i; \theta_k)\bigr)

exactly in the weights and, of families of vectors that have a formula, in their parameters; by one
Newton step on the link scale in those of other families.

References
----------
Dempster, A. P., Laird, N. M. and Rubin, D. B. (1977). Maximum likelihood from incomplete data via
the EM algorithm. Journal of the Royal Statistical Society B 39, 1-38.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Row, Theta, product_of
from mlestim.distributions.built.mixing.log_sum import pairs, supported_terms
from mlestim.distributions.links import hold
from mlestim.distributions.parameter import Parameter
from mlestim.distributions.rows.moments import Central, index_pairs, weighted_sum
from mlestim.distributions.support import REAL_LINE
from mlestim.distributions.terms import curvature_positions, packed_size
from mlestim.errors import OptionError

if TYPE_CHECKING:
    from mlestim.distributions.built.mixing.mixture import Mixture

# A component with less than this share of the rows has lost them.
SMALLEST_WEIGHT = 1e-12
# Farther, on the link scale, no step goes.
LARGEST_STEP = 1.0
# Of the largest eigenvalue: smaller ones are rounding.
SMALLEST_EIGENVALUE = 1e-10


class Expectation(Family):
    """What a step averages over the rows, in the place where a likelihood looks for row terms.

    Parameters
    ----------
    mixture : Mixture
        What is fitted.
    """

    name = "expectation"
    parameters: tuple[Parameter, ...] = ()
    support = REAL_LINE

    def __init__(self, mixture: Mixture) -> None:
        self.mixture = mixture
        self.parameters, self.support = mixture.parameters, mixture.support
        super().__init__()

    def rows_to_sum(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        return expected_rows(self.mixture, x, theta)

    def mean_terms(self, means: Sequence[Array], theta: Theta, order: int) -> Array:
        return np.array(means)

    def improved(self, means: Array, theta: Theta, free: NDArray[np.bool_]) -> list[Array]:
        """Parameters after one step in those that are free."""
        return improved(self.mixture, list(means), theta, free)


def expected_rows(mixture: Mixture, x: Array, theta: Theta) -> list[Row]:
    """Rows whose means a step needs: log density, shares, and each share times the terms.

    Where the step has a formula, that are each share times the statistics.
    """
    by_formula = has_formula(mixture)
    order = 0 if by_formula else 2
    terms = [
        supported_terms(component, x, mixture.component_theta(k, theta), order)
        for k, component in enumerate(mixture.components)
    ]
    logs = [np.log(theta[w]) + next(own) for w, own in zip(mixture.weights, terms, strict=True)]
    total = reduce(np.logaddexp, logs)
    shares = [np.exp(log - total) for log in logs]
    rows: list[Row] = [total, *shares]
    for k, (share, own) in enumerate(zip(shares, terms, strict=True)):
        if by_formula:
            component = mixture.components[k]
            prepared = component.prepared(x)
            statistics = component.statistics(prepared, mixture.component_theta(k, theta), 2)
            rows += _shared_out(share, [product_of(row) for row in statistics], component.central)
        else:
            rows += [(share, row) for row in own]
    return rows


def has_formula(mixture: Mixture) -> bool:
    """Whether a step maximises by a formula: of vectors, whose many terms take their time."""
    first, *others = mixture.components
    return (
        first.kind == "multivariate"
        and not mixture.asked
        and all(type(other) is type(first) for other in others)
        and first.sufficient
        and type(first).closed_form is not Family.closed_form
    )


def _shared_out(share: Array, statistics: Sequence[Array], central: Central) -> Iterator[Row]:
    """Yield the share of each statistic, and of the products that belong to them."""
    owned = [share * row for row in statistics]
    yield from owned
    for i, j in zip(*index_pairs(central), strict=True):
        yield owned[i], statistics[j]


def improved(
    mixture: Mixture, means: Sequence[Array], theta: Theta, free: NDArray[np.bool_] | None = None
) -> list[Array]:
    """Parameters after one step, from the means of the expected rows; one column a problem.

    `free` says which parameters are to move, by default all.
    """
    weights = mixture.weights
    shares = means[1 : 1 + len(weights)]
    if has_formula(mixture):
        moved = _by_formula(mixture, means, theta, free)
    else:
        moved = _by_newton(mixture, means, theta, free)
    if free is None or free[weights].all():
        for weight, share in zip(weights, shares, strict=True):
            moved[weight] = np.maximum(share, SMALLEST_WEIGHT)
    return moved


def _by_newton(
    mixture: Mixture, means: Sequence[Array], theta: Theta, free: NDArray[np.bool_] | None
) -> list[Array]:
    packed = _complete_terms(mixture, means, theta)
    everything = np.ones(len(mixture.parameters), dtype=bool)
    link, kept = hold(mixture.link, mixture.parameters, everything if free is None else free)
    gradient, hessian = link.chain(packed, theta)
    eta = link.to_link(theta)
    eta[kept] += _uphill(gradient[kept], -hessian[kept][:, kept])
    return link.from_link(eta)


def _by_formula(
    mixture: Mixture, means: Sequence[Array], theta: Theta, free: NDArray[np.bool_] | None
) -> list[Array]:
    moved, k = list(theta), len(mixture.weights)
    each = np.split(np.array(means[1 + k :]), k)
    for component, share, (_, *places), sums in zip(
        mixture.components, means[1 : 1 + k], mixture.places, each, strict=True
    ):
        first, second = index_pairs(component.central)
        n = len(sums) - len(first)
        t, products = sums[:n] / share, sums[n:] / share
        held = {
            name: theta[place]
            for name, place in zip(component.parameter_names, places, strict=True)
            if free is not None and not free[place]
        }
        found = component.closed_form([*t, *(products - t[first] * t[second])], held)
        if found is None:
            raise OptionError(
                f"method='em': with {', '.join(held)} of a component fixed, its step has no formula. "
                "Use method='auto'."
            )
        for place, value in zip(places, found, strict=True):
            moved[place] = value
    return moved


def _complete_terms(mixture: Mixture, means: Sequence[Array], theta: Theta) -> Array:
    """Packed terms of Q, mean over rows."""
    p, k = len(theta), len(mixture.weights)
    positions = curvature_positions(p)
    packed = np.zeros((packed_size(p, 2), *np.shape(theta[0])))
    rest = iter(means[1 + k :])
    for share, (weight, *places) in zip(means[1 : 1 + k], mixture.places, strict=True):
        packed[1 + weight] = share / theta[weight]
        packed[positions[weight, weight]] = -share / theta[weight] ** 2
        for place in places:
            packed[1 + place] += next(rest)
        for i, j in pairs(len(places)):
            packed[positions[places[i], places[j]]] += next(rest)
    return packed


def _uphill(gradient: Array, negative_hessian: Array) -> Array:
    """Newton steps with eigenvalues made positive; none where they are undefined."""
    matrices, slopes = np.moveaxis(negative_hessian, -1, 0), gradient.T
    defined = np.isfinite(matrices).all(axis=(1, 2)) & np.isfinite(slopes).all(axis=1)
    matrices = np.where(np.reshape(defined, (-1, 1, 1)), matrices, np.eye(len(gradient)))
    values, vectors = np.linalg.eigh(matrices)
    values = np.abs(values)
    values = np.maximum(values, SMALLEST_EIGENVALUE * values.max(axis=1, keepdims=True) + 1e-300)
    slopes = np.where(np.reshape(defined, (-1, 1)), slopes, 0.0)
    along = np.einsum("bij,bi->bj", vectors, slopes) / values
    steps = np.einsum("bij,bj->bi", vectors, along)
    longest = np.abs(steps).max(axis=1, keepdims=True)
    return (steps * np.minimum(1.0, LARGEST_STEP / np.maximum(longest, 1e-300))).T


def climbed(mixture: Mixture, x: Array, theta: Theta, steps: int) -> tuple[Array, list[Array]]:
    """Take steps over rows in memory, one line a problem; return mean log density and parameters."""
    n = np.full(len(x), float(x.shape[1]))
    for _ in range(steps):
        rows = expected_rows(mixture, x, [value[:, None] for value in theta])
        means = [weighted_sum(row, None, n) / n for row in rows]
        theta = improved(mixture, means, theta)
    value = mixture.log_density(x, [value[:, None] for value in theta]).mean(axis=-1)
    return value, list(theta)
