"""Normal inverse Gaussian distribution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Size, Theta
from mlestim.distributions.built.location_scale import (
    LOCATION_AND_SCALE,
    LocationScale,
    sketched_skewness,
)
from mlestim.distributions.continuous.cauchy import VANISHING_SCALE
from mlestim.distributions.limit import Limit, Target
from mlestim.distributions.links import ElementwiseLink
from mlestim.distributions.parameter import POSITIVE, REAL, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE
from mlestim.distributions.tails.quadrature import QuadratureTails
from mlestim.distributions.terms import curvature_positions

# From this u on, the second derivative of log K₁(u) is summed by its asymptotic series.
LARGE_U = 25.0
# Outliers this far out, in units of half of the shortest half of the rows, have starts of their own.
FAR_OUT = 1e4


def _ratio_coefficients(n: int) -> list[float]:
    """Coefficients of r = K₀(u)/K₁(u) in 1/u, from its equation r' = r² + r/u − 1."""
    c = [1.0]
    for m in range(1, n):
        c.append(-0.5 * (m * c[m - 1] + sum(c[i] * c[m - i] for i in range(1, m))))
    return c


_RATIO = _ratio_coefficients(33)


class NormalInverseGaussian(QuadratureTails, LocationScale):
    r"""Normal inverse Gaussian distribution.

    .. math:: f(x) = \frac{a K_1(aq)}{\pi\sigma q} e^{\gamma + bz}, \quad z = \frac{x-\mu}{\sigma},
        \quad q = \sqrt{1+z^2}, \quad \gamma = \sqrt{a^2-b^2}, \quad |b| < a

    A normal variable with mean μ + σbV and variance σ²V, where V is inverse Gaussian. As a and σ
    run to infinity it becomes the normal; as b → ±a → ±∞ and σ → 0 an inverse Gaussian with a
    location, for −∞ reflected; as a → 0 the Cauchy. Outliers a million times as far out as the rest
    bring b so close to ±a that no number tells them apart: a normal with a Lévy mixing variable.
    Where a third of the rows are tied at one end, as one of three rows is, all of it may shrink to
    that end at a finite likelihood.

    Parameters
    ----------
    location : float
        μ, in the unit of the data (not the mean).
    scale : float
        σ > 0, in the unit of the data (not the standard deviation).
    tail : float
        a > 0; small for heavy tails.
    skewness : float
        b, between −a and a.

    References
    ----------
    Barndorff-Nielsen, O. E. (1997), Normal inverse Gaussian distributions and stochastic volatility
    modelling, Scandinavian Journal of Statistics 24, 1-13.

    Examples
    --------
    >>> NormalInverseGaussian(location=0, scale=1, tail=2, skewness=1).mean().round(4)
    np.float64(0.5774)
    """

    name = "normal_inverse_gaussian"
    parameters = (
        *LOCATION_AND_SCALE,
        Parameter("tail", POSITIVE, Unit.NONE, "steepness; small for heavy tails"),
        Parameter("skewness", REAL, Unit.NONE, "asymmetry, less than the tail in size"),
    )
    support = REAL_LINE

    @property
    def link(self) -> ElementwiseLink:
        """The link that keeps |skewness| below the tail."""
        return ConeLink(self.parameters)

    def valid(self, theta: Theta) -> NDArray[np.bool_]:
        return np.abs(theta[3]) < theta[2]

    def standard_terms(self, z: Array, shapes: Theta) -> Iterator[Array]:
        a, b = shapes
        gamma = np.sqrt((a - b) * (a + b))
        q = np.hypot(1.0, z)
        u = a * q
        scaled = sc.k1e(u)
        tilt = a * z - b * q
        # γ + bz − aq without the cancellation of large a
        exponent = -tilt * (tilt / (u - b * z + gamma))
        yield np.log(a / np.pi) + exponent + np.log(scaled) - np.log(q)
        slope, bend = log_k1_slopes(u, sc.k0e(u) / scaled)
        direction = z / q
        yield b + (a * slope - 1.0 / q) * direction
        yield 1.0 / a + a / gamma + slope * q
        yield z - b / gamma
        in_q = 1.0 / q
        yield (
            a * a * bend * direction * direction
            + (a * slope - in_q) * in_q**3
            + (direction * in_q) ** 2
        )
        yield (slope + u * bend) * direction
        yield np.ones_like(z)
        cube = gamma * gamma * gamma
        yield q * q * bend - 1.0 / a**2 - b * (b / cube)
        yield a * (b / cube) + 0.0 * z
        yield -a * (a / cube) + 0.0 * z

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        centre, half_length = sketch.shortest_half
        zero = np.zeros_like(centre)
        # an outlier far out is where one tail is next to without end
        reach = np.maximum(sketch.maximum - centre, centre - sketch.minimum)
        far = reach > FAR_OUT * half_length
        starts = []
        for tail in (1.0, 0.2, 5.0):
            for share in (0.0, np.where(far, 1.0 - 1e-9, 0.5), np.where(far, 1e-9 - 1.0, -0.5)):
                scale = np.where(tail > 1.0, np.sqrt(tail) * sketch.sd, half_length)
                starts.append((centre, scale, zero + tail, zero + share * tail))
        lean = np.clip(sketched_skewness(sketch) / 3.0, -0.9, 0.9)
        starts.insert(0, _by_moments(sketch, 1.5 + zero, lean))
        starts.append(_by_moments(sketch, 20.0 + zero, np.copysign(0.95, lean)))
        return starts

    def degenerate(self, theta: Theta, sketch: Sketch, weight: Array) -> NDArray[np.bool_]:
        # as for its limit, the Cauchy distribution, half of the rows tied leave no maximum
        return (sketch.largest_tie >= 0.5) & (theta[1] < VANISHING_SCALE)

    def limits(self) -> tuple[Limit, ...]:
        right: dict[str, Target] = {
            "location": "location",
            "scale": 0.0,
            "tail": np.inf,
            "skewness": np.inf,
        }
        normal: dict[str, Target] = {"location": "mean", "scale": np.inf, "tail": np.inf}
        cauchy: dict[str, Target] = {"location": "location", "scale": "scale", "tail": 0.0}
        skewed: dict[str, Target] = {"location": "location", "scale": "scale", "tail": "tail"}
        return (
            Limit("inverse_gaussian", right, shifted=True),
            Limit("inverse_gaussian", {**right, "skewness": -np.inf}, shifted=True, reflected=True),
            Limit("cauchy", {**cauchy, "skewness": 0.0}),
            Limit("normal", {**normal, "skewness": 0.0}),
            Limit("normal_levy", {**skewed, "skewness": "tail"}, underflow=True),
            Limit(
                "normal_levy",
                {**skewed, "skewness": _minus_tail},
                reflected=True,
                underflow=True,
            ),
            Limit("levy_spike", right, underflow=True),
            Limit("levy_spike", {**right, "skewness": -np.inf}, reflected=True, underflow=True),
        )

    def _reach(self, x: Array, theta: Theta, mode: Array) -> Array:
        terms = self.terms(x, theta, 2)
        bend = np.sqrt(np.maximum(-terms.curvature[0, 0], 0.0))
        return 1.0 / (np.abs(terms.score[0]) + bend + 1.0 / self._bulk(theta)[1])

    def _bulk(self, theta: Theta) -> tuple[Array, Array]:
        # near the mean at the mode of the mixing variable; a large tail leaves little of the scale
        location, scale, tail, skewness = theta
        mixing = 1.0 / (np.sqrt((tail - skewness) * (tail + skewness) + 2.25) + 1.5)
        width = np.minimum(scale, np.sqrt(self._variance(theta)))
        return location + scale * skewness * mixing, width

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        location, scale, tail, skewness = theta
        mixing = rng.wald(1.0 / np.sqrt(tail**2 - skewness**2), 1.0, size)
        return location + scale * (skewness * mixing + np.sqrt(mixing) * rng.standard_normal(size))

    def _mean(self, theta: Theta) -> Array:
        location, scale, tail, skewness = theta
        return location + scale * skewness / np.sqrt(tail**2 - skewness**2)

    def _variance(self, theta: Theta) -> Array:
        _, scale, tail, skewness = theta
        return scale**2 * tail**2 / (tail**2 - skewness**2) ** 1.5

    def _mode(self, theta: Theta) -> Array:
        location, scale, tail, skewness = np.broadcast_arrays(*theta)
        mean = skewness / np.sqrt(tail**2 - skewness**2)
        return location + scale * standard_mode(tail, skewness, mean)


class ConeLink(ElementwiseLink):
    """Location and log scale, and (log γ, artanh(b/a)) for a cone |b| < a, the last two."""

    def to_link(self, theta: Sequence[Array]) -> Array:
        *others, a, b = theta
        eta = [d.to_link(value) for d, value in zip(self.domains, others, strict=False)]
        return np.array([*eta, 0.5 * np.log((a - b) * (a + b)), np.arctanh(b / a)])

    def from_link(self, eta: Array) -> list[Array]:
        others = [d.from_link(value) for d, value in zip(self.domains, eta[:-2], strict=False)]
        gamma = np.exp(eta[-2])
        return [*others, gamma * np.cosh(eta[-1]), gamma * np.sinh(eta[-1])]

    def jacobian(self, theta: Sequence[Array]) -> Array:
        *others, a, b = theta
        p = len(theta)
        matrix = np.zeros((p, p, *np.shape(a)))
        for j, value in enumerate(others):
            matrix[j, j] = self.domains[j].link_derivatives(value)[0]
        matrix[-2:, -2:] = [[a, b], [b, a]]
        return matrix

    def chain(self, packed: Array, theta: Sequence[Array]) -> tuple[Array, Array]:
        p = len(theta)
        jacobian = self.jacobian(theta)
        score = packed[1 : 1 + p]
        gradient = np.einsum("kb,kjb->jb", score, jacobian)
        curvature = packed[curvature_positions(p)]
        hessian = np.einsum("kjb,klb,lmb->jmb", jacobian, curvature, jacobian)
        for j, value in enumerate(theta[:-2]):
            hessian[j, j] += score[j] * self.domains[j].link_derivatives(value)[1]
        # a and b have second derivatives a, b on the diagonal and b, a beside it
        hessian[-2, -2] += gradient[-2]
        hessian[-1, -1] += gradient[-2]
        hessian[-2, -1] += gradient[-1]
        hessian[-1, -2] += gradient[-1]
        return gradient, hessian


def log_k1_slopes(u: Array, ratio: Array) -> tuple[Array, Array]:
    """First and second derivative of log K₁(u), given K₀(u)/K₁(u)."""
    inverse = 1.0 / u
    bend = 1.0 - ratio * (ratio + inverse) + inverse * inverse
    far = u > LARGE_U
    if np.any(far):
        small = np.where(far, inverse, 0.0)
        series = np.zeros_like(small)
        for k in range(len(_RATIO) - 1, 0, -1):
            series = series * small + k * _RATIO[k]
        bend = np.where(far, (1.0 + series) * small * small, bend)
    return -ratio - inverse, bend


def lack_of_ratio(u: Array, ratio: Array) -> Array:
    """Compute 1 − K₀(u)/K₁(u), given the ratio; for large u by its series."""
    far = u > LARGE_U
    small = np.where(far, 1.0 / u, 0.0)
    series = np.zeros_like(small)
    for coefficient in _RATIO[:0:-1]:
        series = (series - coefficient) * small
    return np.where(far, series, 1.0 - ratio)


def _minus_tail(limit: Mapping[str, Array]) -> Array:
    return -limit["tail"]


def standard_mode(tail: Array, skewness: Array, beyond: Array) -> Array:
    """Mode in standard units: the slope falls through 0 between 0 and a place beyond it."""
    low, high = np.zeros(tail.shape), beyond
    for _ in range(60):
        z = 0.5 * (low + high)
        q = np.hypot(1.0, z)
        u = tail * q
        slope = skewness - (tail * sc.k0e(u) / sc.k1e(u) + 2.0 / q) * z / q
        before = np.sign(skewness) * slope > 0.0
        low, high = np.where(before, z, low), np.where(before, high, z)
    return 0.5 * (low + high)


def _by_moments(sketch: Sketch, gamma: Array, lean: Array) -> tuple[Array, Array, Array, Array]:
    """The member of the sketch's mean and standard deviation with γ and b/a given."""
    a = gamma / np.sqrt(1.0 - lean**2)
    b = a * lean
    scale = sketch.sd * gamma**1.5 / a
    return sketch.mean - scale * b / gamma, scale, a, b
