"""Geometric distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.parameter import UNIT, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import COUNTS
from mlestim.distributions.tails.own import OwnTail


class Geometric(OwnTail, Family):
    r"""Geometric distribution: the number of failures before the first success.

    .. math:: P(x) = p (1-p)^x, \quad x = 0, 1, 2, \dots

    Parameters
    ----------
    prob : float
        p in (0, 1], of a success; a sample of zeros has its maximum on the edge, at 1.

    Examples
    --------
    >>> Geometric(prob=0.5).pdf([0, 1, 2]).round(15).tolist()
    [0.5, 0.25, 0.125]
    """

    name = "geometric"
    parameters = (Parameter("prob", UNIT, meaning="probability of a success"),)
    support = COUNTS
    kind = "discrete"
    how = "closed"
    sufficient = True
    of_hazard = slice(0, 0)

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return (x,)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (x,), (prob,) = t, theta
        yield np.log(prob) + sc.xlog1py(x, -prob)
        yield 1.0 / prob - x / (1.0 - prob)
        yield -1.0 / prob**2 - x / (1.0 - prob) ** 2

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array]:
        return [fixed.get("prob", 1.0 / (1.0 + t[0]))]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(1.0 / (1.1 + sketch.mean),)]

    def own_tail_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        failures, rest = t[0] + 1.0, 1.0 - theta[0]
        yield failures * np.log1p(-theta[0])
        yield -failures / rest
        yield -failures / rest**2

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return np.floor(np.log1p(-rng.random(size)) / np.log1p(-theta[0]))

    def _mean(self, theta: Theta) -> Array:
        return (1.0 - theta[0]) / theta[0]

    def _variance(self, theta: Theta) -> Array:
        return (1.0 - theta[0]) / theta[0] ** 2

    def _mode(self, theta: Theta) -> Array:
        return np.zeros_like(theta[0])

    def _entropy(self, theta: Theta) -> Array:
        (prob,) = theta
        return np.asarray((sc.entr(prob) + sc.entr(1.0 - prob)) / prob)
