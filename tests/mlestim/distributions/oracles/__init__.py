"""Independent definitions of every family, at any number of digits, from the textbook formula.

A family is tested against its oracle here: nothing else has to be written for it. An entry gives

``log_density``
    the textbook formula, in mpmath's functions, written without looking at the family's own file;
``cdf``, ``sf``
    where mpmath has the special function; without them the probabilities are still tested against
    integrals or sums of the density, but not far in the tails;
``scipy``
    the same distribution in scipy.stats, where it has one;
``parts``
    size of the parts that cancel in the family's own sum for the log density, where it is larger
    than 1 by design: with log x, or log x!, as a sufficient statistic the data are read only once,
    at the price of the digits that x log x has more than the sum;
``roundings``
    of the terms, that are allowed: a formula of a few dozen operations on inputs that are rounded
    themselves has 64; derivatives that are differences have more;
``kink``
    where the log density has a kink in the parameters, and so no derivative;
``hard``
    parameter values at which formulas tend to lose digits, beside the random ones;
``hard_terms``
    more of them for the log density and its derivatives alone: scipy's incomplete gamma function
    stops after 2000 terms, so that tails of a gamma with shape 1e6 have but five digits, and its
    incomplete beta function has nine at a size of 1e8;
``members``
    only where random values of the declared domains are no good: the values to test.
"""

from __future__ import annotations

from . import built, continuous_a_to_g, continuous_g_to_z, discrete, multivariate
from .oracle import Member, Oracle, exact

ORACLES: dict[str, Oracle] = {
    **continuous_a_to_g.ENTRIES,
    **continuous_g_to_z.ENTRIES,
    **discrete.ENTRIES,
    **built.ENTRIES,
    **multivariate.ENTRIES,
}

__all__ = ["ORACLES", "Member", "Oracle", "exact"]
