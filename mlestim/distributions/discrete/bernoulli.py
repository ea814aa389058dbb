"""Bernoulli distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.parameter import UNIT, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import Support
from mlestim.distributions.terms import Terms


class Bernoulli(Family):
    r"""Bernoulli distribution: one trial that succeeds or not.

    .. math:: P(x) = p^x (1-p)^{1-x}, \quad x = 0, 1

    Parameters
    ----------
    prob : float
        p in [0, 1], of a 1; where all values are the same the maximum lies on the edge.

    Examples
    --------
    >>> Bernoulli(prob=0.25).pdf([0, 1]).tolist()
    [0.75, 0.25]
    """

    name = "bernoulli"
    parameters = (Parameter("prob", UNIT, meaning="probability of a 1"),)
    support = Support(0.0, 1.0, True, True, integers=True)
    kind = "discrete"
    how = "closed"
    sufficient = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        return (x,)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        (x,), (prob,) = t, theta
        yield np.asarray(sc.xlogy(x, prob) + sc.xlog1py(1.0 - x, -prob))
        yield x / prob - (1.0 - x) / (1.0 - prob)
        yield -x / prob**2 - (1.0 - x) / (1.0 - prob) ** 2

    def link_terms(self, x: NDArray[Any], eta: NDArray[Any], order: int = 1) -> Terms:
        r"""Log probability of each row and its derivative in the logit.

        .. math:: \log p_x = x \log\sigma(\eta) + (1 - x) \log\sigma(-\eta), \qquad
            \frac{\partial \log p_x}{\partial \eta} = x - \sigma(\eta)

        Both are linear in x, which may therefore be the probability of a 1 as well.

        Parameters
        ----------
        x : array, shape (n,)
            Zeros and ones, or probabilities of a 1.
        eta : array, shape (1, n)
            Logits.
        order : {0, 1}
            0 gives the value, 1 the derivative as well.
        """
        (logit,) = eta
        packed = np.empty((1 + order, len(logit)), dtype=eta.dtype)
        # With h = 1[x > ½] the value is log σ(±η) + (x − h) η: nothing cancels for x = 0 and 1.
        likelier = x > 0.5
        rest = x - likelier
        packed[0] = sc.log_expit(np.where(likelier, logit, -logit))
        packed[0] += np.multiply(rest, logit, where=rest != 0, out=np.zeros_like(logit))
        if order:
            packed[1] = rest + np.where(likelier, sc.expit(-logit), -sc.expit(logit))
        return Terms(packed, 1)

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array]:
        return [fixed.get("prob", t[0])]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [(np.clip(sketch.mean, 0.01, 0.99),)]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return 1.0 - theta[0] + 0.0 * x

    def _sf(self, x: Array, theta: Theta) -> Array:
        return theta[0] + 0.0 * x

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return np.where(p <= 1.0 - theta[0], 0.0, 1.0)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return np.where(p >= theta[0], 0.0, 1.0)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return (rng.random(size) < theta[0]).astype(float)

    def _mean(self, theta: Theta) -> Array:
        return theta[0]

    def _variance(self, theta: Theta) -> Array:
        return theta[0] * (1.0 - theta[0])

    def _mode(self, theta: Theta) -> Array:
        return (theta[0] > 0.5).astype(float)

    def _entropy(self, theta: Theta) -> Array:
        return np.asarray(sc.entr(theta[0]) + sc.entr(1.0 - theta[0]))
