"""Links of a whole parameter vector: where the solver works, and the chain rule to get there.

Arrays carry the problems of a batch along the last axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.parameter import Parameter, Unit
from mlestim.distributions.terms import curvature_positions
from mlestim.errors import OptionError
from mlestim.special import softmax

Array = NDArray[np.float64]


class Link(Protocol):
    """A smooth one-to-one map between parameters and unconstrained link values.

    Attributes
    ----------
    size : int
        Number of link values, q.
    """

    size: int

    def to_link(self, theta: Sequence[Array]) -> Array:
        """Link values, shape (q, problems)."""

    def from_link(self, eta: Array) -> list[Array]:
        """Parameters in declared order, each of shape (problems,)."""

    def chain(self, packed: Array, theta: Sequence[Array]) -> tuple[Array, Array]:
        """Gradient (q, problems) and Hessian (q, q, problems) in the link values."""

    def jacobian(self, theta: Sequence[Array]) -> Array:
        """Derivatives of the parameters in the link values, shape (p, q, problems)."""

    @property
    def unlimited(self) -> NDArray[np.bool_]:
        """Which link values are plain locations, that may move far in one step; shape (q,)."""


def hold(
    link: Link, parameters: Sequence[Parameter], free: NDArray[np.bool_]
) -> tuple[Link, NDArray[np.bool_]]:
    """Give the link of parameters of which some are held, and say which of its values are free.

    A link of several parameters together can't hold one of them: domains then have to do.
    """
    if free.all():
        return link, np.ones(link.size, dtype=bool)
    if isinstance(link, ProductLink):
        held = [
            (places, *hold(part, [parameters[k] for k in places], free[places]))
            for places, part in link.parts
        ]
        together = ProductLink([(places, part) for places, part, _ in held])
        return together, np.concatenate([kept for _, _, kept in held])
    if isinstance(link, SoftmaxLink) and free.any():
        raise OptionError(
            f"{parameters[0].name} to {parameters[-1].name} sum to 1: they are fixed together or "
            "not at all"
        )
    return ElementwiseLink(parameters), free


class ElementwiseLink:
    """Each parameter has the link of its own domain."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self.domains = [parameter.domain for parameter in parameters]
        self.size = len(self.domains)
        self.unlimited = np.array([p.unit is Unit.LOCATION for p in parameters], dtype=bool)

    def to_link(self, theta: Sequence[Array]) -> Array:
        return np.array(
            [domain.to_link(value) for domain, value in zip(self.domains, theta, strict=True)]
        )

    def from_link(self, eta: Array) -> list[Array]:
        return [domain.from_link(value) for domain, value in zip(self.domains, eta, strict=True)]

    def chain(self, packed: Array, theta: Sequence[Array]) -> tuple[Array, Array]:
        p = len(self.domains)
        slopes, bends = zip(
            *(d.link_derivatives(value) for d, value in zip(self.domains, theta, strict=True)),
            strict=True,
        )
        first = np.array(slopes)
        score = packed[1 : 1 + p]
        hessian = packed[curvature_positions(p)] * first[:, None] * first
        for j, bend in enumerate(bends):
            hessian[j, j] += score[j] * bend
        return score * first, hessian

    def jacobian(self, theta: Sequence[Array]) -> Array:
        p = len(self.domains)
        matrix = np.zeros((p, p, *np.shape(theta[0])))
        for j, (domain, value) in enumerate(zip(self.domains, theta, strict=True)):
            matrix[j, j] = domain.link_derivatives(value)[0]
        return matrix


class JointLink:
    """What links of several parameters together share: no value of theirs is a plain location."""

    size: int

    @property
    def unlimited(self) -> NDArray[np.bool_]:
        return np.zeros(self.size, dtype=bool)


class LinearLink(JointLink):
    """Linear combinations of the link values that each parameter has by itself.

    Where a family tends to a limit, some combination stays well determined while the parameters
    run away together: a quotient of two, say. With such combinations as coordinates the data tell
    all of them apart up to the limit.

    Parameters
    ----------
    parameters : sequence of Parameter
        The parameters in declared order.
    matrix : nested sequence of float, shape (p, p)
        Each row gives one combination.
    """

    def __init__(self, parameters: Sequence[Parameter], matrix: Sequence[Sequence[float]]) -> None:
        self.inner = ElementwiseLink(parameters)
        self.size = self.inner.size
        self.matrix = np.array(matrix)
        self.inverse = np.linalg.inv(self.matrix)

    def to_link(self, theta: Sequence[Array]) -> Array:
        return np.tensordot(self.matrix, self.inner.to_link(theta), 1)

    def from_link(self, eta: Array) -> list[Array]:
        return self.inner.from_link(np.tensordot(self.inverse, eta, 1))

    def chain(self, packed: Array, theta: Sequence[Array]) -> tuple[Array, Array]:
        gradient, hessian = self.inner.chain(packed, theta)
        b = self.inverse
        return np.tensordot(b.T, gradient, 1), np.einsum("ji,jk...,kl->il...", b, hessian, b)

    def jacobian(self, theta: Sequence[Array]) -> Array:
        return np.einsum("ij...,jk->ik...", self.inner.jacobian(theta), self.inverse)


class PlaceLink(JointLink):
    """Logs of the parameters, with a place in the stead of the scale.

    In families of ``x = scale · z^(1/power)`` where z grows with a shape, scale and shape run away
    together on the way to a limit, while the place, log scale + side · log(shape)/power, stays put.

    Parameters
    ----------
    parameters : sequence of Parameter
        Three positive ones in declared order, the scale last.
    shape, power : int
        Which of the first two is which.
    side : {1, -1}
        Whether z grows (1) or falls with the shape.
    """

    size = 3

    def __init__(
        self, parameters: Sequence[Parameter], shape: int, power: int, side: float
    ) -> None:
        self.logs = ElementwiseLink(parameters)
        self.shape, self.power, self.side = shape, power, side

    def _shift(self, eta: Array) -> Array:
        """Place minus log scale."""
        return self.side * eta[self.shape] * np.exp(-eta[self.power])

    def to_link(self, theta: Sequence[Array]) -> Array:
        eta = self.logs.to_link(theta)
        return np.array([*eta[:2], eta[2] + self._shift(eta)])

    def from_link(self, eta: Array) -> list[Array]:
        return self.logs.from_link(np.array([*eta[:2], eta[2] - self._shift(eta)]))

    def chain(self, packed: Array, theta: Sequence[Array]) -> tuple[Array, Array]:
        gradient, hessian = self.logs.chain(packed, theta)
        slopes, shift = self._slopes(theta)
        bent = np.einsum("jia,jka,kla->ila", slopes, hessian, slopes)
        # log scale = place − side · log(shape) / power
        a, b = self.shape, self.power
        cross = gradient[2] * self.side / theta[b]
        bent[b, b] -= gradient[2] * shift
        bent[a, b] += cross
        bent[b, a] += cross
        return np.einsum("jia,ja->ia", slopes, gradient), bent

    def _slopes(self, theta: Sequence[Array]) -> tuple[Array, Array]:
        """Derivatives of the parameters' logs in the link values, and the place minus log scale."""
        shift = self.side * np.log(theta[self.shape]) / theta[self.power]
        slopes = np.zeros((3, 3, *np.shape(shift)))
        slopes[[0, 1, 2], [0, 1, 2]] = 1.0
        slopes[2, self.shape] = -self.side / theta[self.power]
        slopes[2, self.power] = shift
        return slopes, shift

    def jacobian(self, theta: Sequence[Array]) -> Array:
        return np.asarray(theta)[:, None] * self._slopes(theta)[0]


class SoftmaxLink(JointLink):
    """Probabilities of K levels by K−1 logits against the first level."""

    def __init__(self, n_levels: int) -> None:
        self.n_levels = n_levels
        self.size = n_levels - 1

    def to_link(self, theta: Sequence[Array]) -> Array:
        logs = np.log(np.asarray(theta))
        return logs[1:] - logs[0]

    def from_link(self, eta: Array) -> list[Array]:
        logits = np.concatenate([np.zeros((1, eta.shape[1])), eta])
        return list(softmax(logits, axis=0))

    def chain(self, packed: Array, theta: Sequence[Array]) -> tuple[Array, Array]:
        k = self.n_levels
        p = np.asarray(theta)
        identity = np.eye(k)[:, :, None]
        jacobian = self._full_jacobian(p)
        score = packed[1 : 1 + k]
        gradient = np.einsum("kb,kjb->jb", score, jacobian)
        hessian = np.einsum("kjb,klb,lmb->jmb", jacobian, packed[curvature_positions(k)], jacobian)
        weighted = score * p
        total = weighted.sum(axis=0)
        hessian += weighted[:, None] * identity - p[:, None] * weighted[None, :]
        hessian -= weighted[:, None] * p[None, :]
        hessian += total * (2.0 * p[:, None] * p[None, :] - p[:, None] * identity)
        return gradient[1:], hessian[1:, 1:]

    def jacobian(self, theta: Sequence[Array]) -> Array:
        return self._full_jacobian(np.asarray(theta))[:, 1:]

    def _full_jacobian(self, p: Array) -> Array:
        """∂p_k/∂η_j = p_k (1{k=j} − p_j), over all K logits."""
        return p[:, None] * (np.eye(self.n_levels)[:, :, None] - p[None, :])


class ProductLink:
    """Links of groups of parameters, side by side.

    Parameters
    ----------
    parts : sequence of (places, link)
        Which parameters a link maps, by their positions; together they are all, each once.
    """

    def __init__(self, parts: Sequence[tuple[Sequence[int], Link]]) -> None:
        self.parts = [(list(places), link) for places, link in parts]
        ends = np.cumsum([0, *(link.size for _, link in self.parts)])
        self.slices = [slice(int(a), int(b)) for a, b in pairwise(ends)]
        self.size = int(ends[-1])
        self.n_parameters = sum(len(places) for places, _ in self.parts)

    @property
    def unlimited(self) -> NDArray[np.bool_]:
        return np.concatenate([link.unlimited for _, link in self.parts])

    def to_link(self, theta: Sequence[Array]) -> Array:
        return np.concatenate([link.to_link(own) for link, own in self._with(theta)])

    def from_link(self, eta: Array) -> list[Array]:
        theta: list[Array] = [np.empty(0)] * self.n_parameters
        for (places, link), own in zip(self.parts, self.slices, strict=True):
            for place, value in zip(places, link.from_link(eta[own]), strict=True):
                theta[place] = value
        return theta

    def chain(self, packed: Array, theta: Sequence[Array]) -> tuple[Array, Array]:
        # part by part: NaN in the terms of one, whose parameters are held, stays there
        positions = curvature_positions(len(theta))
        gradient = np.empty((self.size, *packed.shape[1:]))
        hessian = np.empty((self.size, *gradient.shape))
        slopes = [link.jacobian(own) for link, own in self._with(theta)]
        for a, ((places, link), rows) in enumerate(zip(self.parts, self.slices, strict=True)):
            upper = positions[np.ix_(places, places)][np.triu_indices(len(places))]
            terms = packed[[0, *(1 + place for place in places), *upper]]
            gradient[rows], hessian[rows, rows] = link.chain(terms, [theta[k] for k in places])
            for b in range(a):
                mixed = packed[positions[np.ix_(places, self.parts[b][0])]]
                half = np.einsum("jib,jkb->ikb", slopes[a], mixed)
                mixed = np.einsum("ikb,klb->ilb", half, slopes[b])
                columns = self.slices[b]
                hessian[rows, columns], hessian[columns, rows] = mixed, mixed.swapaxes(0, 1)
        return gradient, hessian

    def jacobian(self, theta: Sequence[Array]) -> Array:
        matrix = np.zeros((len(theta), self.size, *np.shape(theta[0])))
        for (places, _), own, (link, values) in zip(
            self.parts, self.slices, self._with(theta), strict=True
        ):
            matrix[places, own] = link.jacobian(values)
        return matrix

    def _with(self, theta: Sequence[Array]) -> list[tuple[Link, list[Array]]]:
        """Each link with the parameters that it maps."""
        return [(link, [theta[place] for place in places]) for places, link in self.parts]
