"""A count or the next one: the discrete Weibull distribution whose shape is infinite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.parameter import REAL, UNIT, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import Support


class TwoNeighbours(Family):
    r"""A whole number k or the next.

    .. math:: P(k + 1) = p, \quad P(k) = 1 - p

    Parameters
    ----------
    lower : float
        k, a whole number; the smallest of the sample.
    prob : float
        p in [0, 1], of k + 1.

    Examples
    --------
    >>> TwoNeighbours(lower=2, prob=0.25).pdf([1, 2, 3, 4]).tolist()
    [0.0, 0.75, 0.25, 0.0]
    """

    name = "two_neighbours"
    parameters = (
        Parameter("lower", REAL, meaning="smaller value"),
        Parameter("prob", UNIT, meaning="probability of the larger value"),
    )
    support = Support(integers=True)
    kind = "discrete"
    how = "closed"

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (x,), (lower, prob) = t, theta
        above = x - lower
        nothing = np.zeros_like(above * prob)  # the lower value is seen in the sample
        possible = np.where((above == 0.0) | (above == 1.0), 0.0, -np.inf)
        value = sc.xlogy(above, prob) + sc.xlog1py(1.0 - above, -prob) + possible
        yield np.asarray(value, dtype=float)
        yield nothing
        yield above / prob - (1.0 - above) / (1.0 - prob)
        yield nothing
        yield nothing
        yield -above / prob**2 - (1.0 - above) / (1.0 - prob) ** 2

    def edge_estimate(self, minimum: Array, maximum: Array) -> dict[str, Array]:
        return {"lower": minimum}

    def estimate_from_rows(
        self, rows: Array, weights: Array, fixed: dict[str, Array]
    ) -> Sequence[Array]:
        lower = fixed["lower"]
        above = np.vecdot(weights, rows > lower[:, None]) / weights.sum(axis=-1)
        return [lower, fixed.get("prob", above)]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(sketch.minimum, np.clip(sketch.mean - sketch.minimum, 0.01, 0.99))]

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return self.support.outside(x) | (x < theta[0]) | (x > theta[0] + 1.0)

    def ends(self, theta: Theta) -> tuple[ArrayLike, ArrayLike]:
        return theta[0], theta[0] + 1.0

    def inner_point(self, theta: Theta) -> Array:
        return theta[0]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return np.where(x < theta[0] + 1.0, 1.0 - theta[1], 1.0)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return theta[0] + (rng.random(size) < theta[1])

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + theta[1]

    def _variance(self, theta: Theta) -> Array:
        return theta[1] * (1.0 - theta[1])

    def _mode(self, theta: Theta) -> Array:
        return theta[0] + (theta[1] > 0.5)
