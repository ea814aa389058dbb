"""Multivariate normal distribution."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from mlestim.distributions.base import Array, Size, Theta
from mlestim.distributions.continuous.chi_squared import ChiSquared
from mlestim.distributions.parameter import REAL, Parameter, Shape, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.vectors.elliptical import Elliptical
from mlestim.distributions.vectors.entries import symmetric
from mlestim.special import LOG_ROOT_TWO_PI


class MultivariateNormal(Elliptical):
    r"""Multivariate normal distribution of vectors of d components.

    .. math:: f(x) = (2\pi)^{-d/2} |\Sigma|^{-1/2}
        \exp\left(-\tfrac12 (x-\mu)^T \Sigma^{-1} (x-\mu)\right)

    The estimates are the means and the covariances with divisor n. Without d + 1 rows, or where
    columns depend linearly on one another, the likelihood has no bound.

    Parameters
    ----------
    mean : array, shape (d,)
        μ, in the units of the data.
    covariance : array, shape (d, d)
        Σ, positive definite. A fit shows its lower triangle: ``covariance_11, covariance_21, …``.

    Examples
    --------
    >>> plane = MultivariateNormal(mean=[0, 0], covariance=[[2, 1], [1, 2]])
    >>> plane.logpdf([[0, 0], [1, 1]]).round(4).tolist()
    [-2.3872, -2.7205]
    >>> plane.params["covariance_21"]
    1.0
    """

    name = "multivariate_normal"
    parameters: tuple[Parameter, ...] = (
        Parameter("mean", REAL, Unit.LOCATION, "expected vector", shape=Shape.VECTOR),
        Parameter("covariance", REAL, Unit.SQUARE, "covariance matrix", shape=Shape.MATRIX),
    )
    how = "closed"
    sufficient = True

    def _lay_out(self, labels: Sequence[Hashable]) -> None:
        super()._lay_out(labels)
        self.central = tuple(self.pairs)

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return [x[..., j] for j in range(x.shape[-1])]

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        ellipse = self.ellipse(theta)
        d, precision = ellipse.dimension, ellipse.precision
        leant, distance = ellipse.distances(np.stack(np.broadcast_arrays(*t[:d]), axis=-1))
        spread = symmetric(t[d:])
        within = np.einsum("...ij,...ij->...", precision, spread)
        yield -d * LOG_ROOT_TWO_PI - ellipse.log_root - 0.5 * (distance + within)
        for i in range(d):
            yield leant[..., i]
        seen = precision @ spread @ precision + leant[..., :, None] * leant[..., None, :]
        yield from ellipse.slopes(0.5 * (seen - precision))
        for i in range(d):
            for j in range(i, d):
                yield -precision[..., i, j]
            for moved in ellipse.moved(leant, i):
                yield -moved
        excess = 0.5 * precision - seen
        for a in range(len(ellipse.pairs)):
            yield from ellipse.traces(excess, a)

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array] | None:
        if fixed:
            return self._with_known_mean(t, fixed)
        return list(t)

    def _with_known_mean(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array] | None:
        """Covariances about a mean that is wholly known; None where other parameters are."""
        d = len(self.labels or ())
        if fixed.keys() != set(self.parameter_names[:d]):
            return None
        mean = [fixed[name] for name in self.parameter_names[:d]]
        gap = [found - known for found, known in zip(t[:d], mean, strict=True)]
        products = [gap[i] * gap[j] for i, j in self.pairs]
        return [*mean, *(s + product for s, product in zip(t[d:], products, strict=True))]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [self.laid_flat(*sketch.exact_moments())]

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return self.ellipse(theta).middle + self.normal_vectors(theta, rng, size)

    def _mean(self, theta: Theta) -> Array:
        return self.ellipse(theta).middle

    def _covariance(self, theta: Theta) -> Array:
        return self.ellipse(theta).matrix

    def _distribution_of_distances(self) -> ChiSquared:
        return ChiSquared(df=len(self.labels or ()))

    def _entropy(self, theta: Theta) -> Array:
        ellipse = self.ellipse(theta)
        return ellipse.dimension * (LOG_ROOT_TWO_PI + 0.5) + ellipse.log_root
