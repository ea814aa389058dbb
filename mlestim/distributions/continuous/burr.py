"""Burr XII and Dagum distributions: logistic tails of log x, steeper on one side."""

from __future__ import annotations

import numpy as np

from mlestim.distributions.base import Array, Theta
from mlestim.distributions.built.burr_type import BurrType
from mlestim.distributions.limit import Limit
from mlestim.distributions.rows.sketch import Sketch


class Burr12(BurrType):
    r"""Burr XII (Singh-Maddala) distribution.

    .. math:: 1 - F(x) = \left(1 + (x/s)^c\right)^{-k}, \quad x > 0

    The lower tail falls as x^c, the upper one as x^(−ck). With k = 1 it is the log-logistic, with
    c = 1 the Lomax distribution. As k and the scale grow it becomes the Weibull, as c grows and k
    falls the Pareto distribution.

    Parameters
    ----------
    c : float
        c > 0.
    k : float
        k > 0.
    scale : float
        s > 0, in the unit of the data.

    References
    ----------
    Tadikamalla, P. R. (1980), International Statistical Review 48, 337-344;
    Watkins, A. J. (1999), Journal of Statistical Computation and Simulation 63, 1-20 (limits).

    Examples
    --------
    >>> Burr12(c=2, k=1, scale=10).median()
    np.float64(10.0)
    """

    name = "burr12"
    side = 1.0

    def region_when_shifted(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        # with c < 1 the density is infinite at the location
        lower = np.ones(len(sketch.rows))
        return {"c": (lower, np.full_like(lower, np.inf))}

    def limits(self) -> tuple[Limit, ...]:
        return (
            Limit("weibull", {"c": "shape", "k": np.inf, "scale": np.inf}),
            Limit("pareto", {"c": np.inf, "k": 0.0, "scale": "minimum"}),
        )

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return self._value_at(np.log1p(-p), theta)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return self._value_at(np.log(p), theta)

    def _mode(self, theta: Theta) -> Array:
        c, k, scale = theta
        return scale * (np.maximum(c - 1.0, 0.0) / (c * k + 1.0)) ** (1.0 / c)


class Dagum(BurrType):
    r"""Dagum (Burr III, inverse Burr) distribution: 1/x is Burr XII.

    .. math:: F(x) = \left(1 + (x/s)^{-c}\right)^{-k}, \quad x > 0

    The lower tail falls as x^(ck), the upper one as x^(−c). With k = 1 it is the log-logistic. As k
    grows and the scale falls it becomes the Fréchet distribution, as c grows and k falls a power
    function.

    Parameters
    ----------
    c : float
        c > 0.
    k : float
        k > 0.
    scale : float
        s > 0, in the unit of the data.

    References
    ----------
    Kleiber, C. (2008), A guide to the Dagum distributions, in Modeling Income Distributions and
    Lorenz Curves, Springer, 97-117.

    Examples
    --------
    >>> Dagum(c=2, k=1, scale=10).median()
    np.float64(10.0)
    """

    name = "dagum"
    side = -1.0
    own_is_upper = False

    def limits(self) -> tuple[Limit, ...]:
        return (
            Limit("frechet", {"c": "shape", "k": np.inf, "scale": 0.0}),
            Limit("power_function", {"c": np.inf, "k": 0.0, "scale": "upper"}),
        )

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return self._value_at(np.log(p), theta)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return self._value_at(np.log1p(-p), theta)

    def _mode(self, theta: Theta) -> Array:
        c, k, scale = theta
        return scale * (np.maximum(c * k - 1.0, 0.0) / (c + 1.0)) ** (1.0 / c)
