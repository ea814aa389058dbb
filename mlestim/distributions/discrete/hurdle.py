"""Poisson with a hurdle at zero."""

from __future__ import annotations

from mlestim.distributions.base import Family
from mlestim.distributions.built.zeros.hurdle import Hurdle
from mlestim.distributions.discrete.poisson import Poisson


class HurdlePoisson(Hurdle, of=(Poisson,)):
    r"""Poisson distribution of counts above zero, and a zero with a probability of its own.

    .. math:: P(0) = \pi, \qquad
        P(x) = (1-\pi)\,\frac{\mu^x e^{-\mu}}{x!\,(1 - e^{-\mu})}, \quad x = 1, 2, \dots

    π is estimated by the share of zeros.

    Parameters
    ----------
    mean : float
        μ > 0, of the Poisson distribution without its condition x > 0.
    zero_prob : float
        π in (0, 1), of a zero.

    References
    ----------
    Mullahy, J. (1986). Specification and testing of some modified count data models. Journal of
    Econometrics 33, 341-365.

    Examples
    --------
    >>> HurdlePoisson(mean=2, zero_prob=0.4).sf(0)
    np.float64(0.6)
    """

    __init__ = Family.__init__
