"""Exact rows and tails, where the log of the tail is linear in the row statistics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mlestim.distributions.base import Array, Family, Row, Theta, product_of
from mlestim.distributions.parameter import REAL, Parameter

# Of each row, 1 where it is exact and 0 where it is a tail.
EXACT = "exact"


class LinearRows(Family):
    r"""Rows of a family that are exact or its own tails, summed by the same statistics.

    With f the density, S the tail and e = 1 of exact rows, 0 of tails, a row contributes

    .. math:: \log S(x) + e\,(\log f(x) - \log S(x))

    which is linear in the row statistics t and in the products e t. Of lifetimes, the difference
    is the log of the hazard, to which few of the statistics belong (`Family.of_hazard`).

    The terms are those in the parameters of the family; `EXACT` follows them as known of each row.

    Parameters
    ----------
    inner : Family
        A family with `own_tail_terms`.

    Examples
    --------
    >>> from mlestim.distributions import resolve
    >>> rows = LinearRows(resolve("exponential"))
    >>> theta = [np.array([2.0])]
    >>> t = rows.statistics(np.array([3.0, 3.0]), [*theta, np.array([1.0, 0.0])], 2)
    >>> means = [product_of(row).mean() for row in t]
    >>> next(rows.density_terms(means, theta)).round(4)  # the mean of log f(3) and log S(3)
    array([-1.8466])
    """

    name = "linear_rows"
    parameters: tuple[Parameter, ...] = ()

    def __init__(self, inner: Family) -> None:
        self.inner = inner
        self.parameters = (*inner.parameters, Parameter(EXACT, REAL, known=True))
        self.support = inner.support
        # what is set on an instance comes before what its class declares
        self.sufficient = inner.sufficient  # type: ignore[misc]
        super().__init__()

    def prepared(self, x: Array, out: Array | None = None) -> Array:
        return self.inner.prepared(x, out)

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        *own, exact = theta
        rows = self.inner.statistics(x, own, order)
        tails: list[Row] = [np.zeros(())] * len(rows)
        products = list(tails)
        of_tail, of_hazard = self.inner.of_tail, self.inner.of_hazard
        tails[of_tail] = rows[of_tail]
        products[of_hazard] = [(product_of(row), exact) for row in rows[of_hazard]]
        share = (exact, exact)  # the square of 0 or 1: a product takes less time to sum
        return (share, *tails, *products)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        own, n = theta[: len(self.inner.parameters)], len(t) // 2
        share, rows = t[0], t[1 : 1 + n]
        exact = [product / np.where(share > 0.0, share, 1.0) for product in t[1 + n :]]
        tails = self.inner.own_tail_terms(rows, own)
        densities = self.inner.density_terms(exact, own)
        without = self.inner.own_tail_terms(exact, own)
        for tail, density, same in zip(tails, densities, without, strict=True):
            yield tail + share * (density - same)
