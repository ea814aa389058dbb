"""A normal inverse Gaussian distribution that shrinks to one end of the sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.parameter import REAL, UNIT, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import Support

# Share of the rows at the location for which the likelihood tends to a finite number.
ONE_THIRD = 1.0 / 3.0


class LevySpike(Family):
    r"""The smallest value, which a Lévy distribution is shrunk to.

    .. math:: f_\epsilon(x) = \sqrt{\frac{3\epsilon}{2\pi (x-\ell)^3}}
        e^{-3\epsilon/(2(x-\ell))}, \quad \ell = m - \epsilon, \quad \epsilon \to 0

    The density of a row at m grows as 1/ε, that of any other falls as √ε: their product has a limit
    where one row in three is at m, grows without bound where more are, and vanishes where fewer
    are. The log densities given here are without the log ε, which cancel. No other scale than 3ε
    makes the limit as high.

    Parameters
    ----------
    location : float
        m, the smallest value.
    share : float
        Share of the rows that are there; unless it is a third, the likelihood is taken to be 0.

    Examples
    --------
    >>> LevySpike(location=2, share=1 / 3).cdf([1, 2, 3]).tolist()
    [0.0, 1.0, 1.0]
    """

    name = "levy_spike"
    parameters = (
        Parameter("location", REAL, Unit.LOCATION, "smallest value"),
        Parameter("share", UNIT, meaning="share of the rows there, one in three"),
    )
    support = Support(lower_closed=True)
    how = "closed"

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (x,), (location, share) = t, theta
        beyond = np.maximum(x - location, 0.0)
        there = beyond == 0.0
        rest = np.where(there, -1.5, -1.5 * np.log(np.where(there, 1.0, beyond)))
        possible = np.where(np.abs(share - ONE_THIRD) < 1e-12, 0.0, -np.inf)
        yield 0.5 * np.log(1.5 / np.pi) + rest + possible
        for _ in range(5):  # both parameters are seen in the sample
            yield np.zeros_like(rest + possible)

    def edge_estimate(self, minimum: Array, maximum: Array) -> dict[str, Array]:
        return {"location": minimum}

    def estimate_from_rows(
        self, rows: Array, weights: Array, fixed: dict[str, Array]
    ) -> Sequence[Array]:
        location = fixed["location"]
        there = np.vecdot(weights, rows == location[:, None]) / weights.sum(axis=-1)
        return [location, fixed.get("share", there)]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(sketch.minimum, np.full_like(sketch.minimum, ONE_THIRD))]

    def ends(self, theta: Theta) -> tuple[ArrayLike, ArrayLike]:
        return theta[0], np.inf

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return np.asarray(x < theta[0])

    def inner_point(self, theta: Theta) -> Array:
        return theta[0]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return np.where(x < theta[0], 0.0, 1.0)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[0] + 0.0 * p

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return np.broadcast_to(theta[0], size).copy()

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + 0.0

    def _variance(self, theta: Theta) -> Array:
        return np.zeros_like(theta[0])

    def _mode(self, theta: Theta) -> Array:
        return theta[0] + 0.0
