"""Zero-inflated Poisson and negative binomial."""

from __future__ import annotations

from mlestim.distributions.base import Family
from mlestim.distributions.built.zeros.zero_inflated import ZeroInflated
from mlestim.distributions.discrete.negative_binomial import NegativeBinomial
from mlestim.distributions.discrete.poisson import Poisson


class ZeroInflatedPoisson(ZeroInflated, of=(Poisson,)):
    r"""Poisson distribution with additional zeros.

    .. math:: P(0) = \pi + (1-\pi)\,e^{-\mu}, \qquad
        P(x) = (1-\pi)\,\frac{\mu^x e^{-\mu}}{x!}, \quad x = 1, 2, \dots

    Where the share of zeros is at most e^(−sample mean), the maximum is at π = 0, the Poisson.

    Parameters
    ----------
    mean : float
        μ > 0, of the Poisson part.
    zero_prob : float
        π in (0, 1), of an additional zero.

    References
    ----------
    Lambert, D. (1992). Zero-inflated Poisson regression. Technometrics 34, 1-14.

    Examples
    --------
    >>> ZeroInflatedPoisson(mean=2, zero_prob=0.3).pdf([0, 1]).round(4).tolist()
    [0.3947, 0.1895]
    """

    __init__ = Family.__init__


class ZeroInflatedNegativeBinomial(ZeroInflated, of=(NegativeBinomial,)):
    r"""Negative binomial distribution with additional zeros.

    .. math:: P(0) = \pi + (1-\pi)\,p(0), \qquad P(x) = (1-\pi)\,p(x), \quad x = 1, 2, \dots

    with p the negative binomial.

    Parameters
    ----------
    size : float
        r > 0, of the negative binomial part; its variance is μ + μ²/r.
    mean : float
        μ > 0, of the negative binomial part.
    zero_prob : float
        π in (0, 1), of an additional zero.

    References
    ----------
    Greene, W. H. (1994). Accounting for excess zeros and sample selection in Poisson and negative
    binomial regression models. Working paper EC-94-10, New York University.

    Examples
    --------
    >>> ZeroInflatedNegativeBinomial(size=2, mean=3, zero_prob=0.2).mean()
    np.float64(2.4)
    """

    __init__ = Family.__init__
