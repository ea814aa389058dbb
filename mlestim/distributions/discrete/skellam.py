"""Skellam distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.counting.bessel import scaled_bessel_i
from mlestim.distributions.counting.summation import SummedCounts
from mlestim.distributions.limit import Limit
from mlestim.distributions.links import LinearLink
from mlestim.distributions.numeric import smallest_integer
from mlestim.distributions.parameter import POSITIVE, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import Support


class Skellam(SummedCounts, Family):
    r"""Skellam distribution: the difference of two independent Poisson counts.

    .. math:: P(x) = e^{-(\mu_1 + \mu_2)} \left(\frac{\mu_1}{\mu_2}\right)^{x/2}
        I_{|x|}(2 \sqrt{\mu_1 \mu_2}), \quad x = \dots, -1, 0, 1, \dots

    Where one of the means is best at 0 the maximum lies on that edge: a Poisson count, or minus
    one.

    Parameters
    ----------
    mean1, mean2 : float
        μ₁, μ₂ > 0, the means of the two counts.

    References
    ----------
    Skellam, J. G. (1946), Journal of the Royal Statistical Society 109, 296.

    Examples
    --------
    >>> Skellam(mean1=3, mean2=1).mean()
    np.float64(2.0)
    """

    name = "skellam"
    parameters = (
        Parameter("mean1", POSITIVE, meaning="mean of the count that is added"),
        Parameter("mean2", POSITIVE, meaning="mean of the count that is subtracted"),
    )
    support = Support(integers=True)
    kind = "discrete"

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        # Derivatives in a mean are differences of neighbouring probabilities. Of the two means, a
        # belongs to the sign of x: with one less of its counts, x is nearer to 0.
        (x,), (mean1, mean2) = t, theta
        v, positive = np.abs(x), x >= 0.0
        a, b = np.where(positive, mean1, mean2), np.where(positive, mean2, mean1)
        z = 2.0 * np.sqrt(a * b)
        gap = (a - b) / (np.sqrt(a) + np.sqrt(b))
        value, ratio, lack, drop = scaled_bessel_i(v, z)
        yield 0.5 * v * np.log(a / b) - gap * gap + value
        # with root · (ratio + 2v/z), root · I of order v − 1 over v, and ratio / root go less 1
        root, share = np.sqrt(b / a), gap / np.sqrt(a)
        of_a = 2.0 * v * root / z - root * lack - share
        of_b = np.where(lack < 0.5, (share - lack) / root, ratio / root - 1.0)
        yield np.where(positive, of_a, of_b)
        yield np.where(positive, of_b, of_a)
        of_aa, of_bb = (b / a) * (drop - 4.0 * v / (z * z)), (a / b) * drop
        yield np.where(positive, of_aa, of_bb)
        yield drop + 2.0 * ratio / z
        yield np.where(positive, of_bb, of_aa)

    @property
    def link(self) -> LinearLink:
        """Logs of the geometric mean and of the quotient, which differences tell apart."""
        return LinearLink(self.parameters, [[0.5, 0.5], [0.5, -0.5]])

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean, variance = sketch.exact_moments()
        total = np.maximum(variance, 1.01 * np.abs(mean) + 1e-3)
        return [(0.5 * (total + mean), 0.5 * (total - mean))]

    def limits(self) -> tuple[Limit, ...]:
        return (
            Limit("poisson", {"mean1": "mean", "mean2": 0.0}, attained=True),
            Limit("poisson", {"mean1": 0.0, "mean2": "mean"}, reflected=True, attained=True),
        )

    def table_centre(self, theta: Theta) -> Array:
        return np.floor(theta[0] - theta[1])

    def _first_integer(self, p: Array, theta: Theta) -> Array:
        """Go down from the centre until nothing is left that a number can say."""
        centre = self.table_centre(theta)
        rarest = np.finfo(float).tiny
        below = smallest_integer(
            lambda k: self._cdf(centre - k, theta) <= rarest, np.zeros_like(centre)
        )
        return np.broadcast_to(centre - below, np.broadcast_shapes(p.shape, centre.shape))

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        difference = rng.poisson(theta[0], size) - rng.poisson(theta[1], size)
        return np.asarray(difference, dtype=float)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] - theta[1]

    def _variance(self, theta: Theta) -> Array:
        return theta[0] + theta[1]
