"""Mixture of two normal distributions."""

from __future__ import annotations

from mlestim.distributions.base import Family
from mlestim.distributions.built.mixing.mixture import Mixture
from mlestim.distributions.continuous.normal import Normal


class NormalMixture(Mixture, of=((Normal(), Normal()), ())):
    r"""Mixture of two normal distributions; ``Mixture("normal", K)`` has more.

    .. math:: f(x) = \sum_{k=1}^2 \frac{w_k}{\sigma_k\sqrt{2\pi}}
        \exp\left(-\frac{(x-\mu_k)^2}{2\sigma_k^2}\right), \qquad w_1 + w_2 = 1

    The likelihood is infinite where a component gathers around a single value. The estimate is the
    best maximum at which none hugs a few rows of the sample.

    Parameters
    ----------
    weight_1, weight_2 : float
        w in (0, 1), shares of the components, which are ordered by their means.
    mean_1, mean_2 : float
        μ, in the unit of the data.
    sd_1, sd_2 : float
        σ > 0, in the unit of the data.

    References
    ----------
    McLachlan, G. J. and Peel, D. (2000). Finite Mixture Models. Wiley, ch. 3.

    Examples
    --------
    >>> two = NormalMixture(weight_1=0.3, mean_1=0, sd_1=1, weight_2=0.7, mean_2=10, sd_2=1)
    >>> two.mean(), two.cdf(5).round(4)
    (np.float64(7.0), np.float64(0.3))
    """

    __init__ = Family.__init__
