"""Rows of which only a tail is known, where its log is linear in the row statistics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlestim.distributions.base import Array, Family, Row, Theta
from mlestim.distributions.parameter import Parameter


class LinearTail(Family):
    """The own tail of a family as what a row contributes, in the place of its density.

    Parameters
    ----------
    inner : Family
        A family with `own_tail_terms`.

    Examples
    --------
    >>> from mlestim.distributions import resolve
    >>> LinearTail(resolve("weibull")).log_density([1.0, 2.0], (2.0, 1.0)).tolist()
    [-1.0, -4.0]
    """

    name = "linear_tail"
    parameters: tuple[Parameter, ...] = ()

    def __init__(self, inner: Family) -> None:
        self.inner = inner
        self.parameters, self.support = inner.parameters, inner.support
        # what is set on an instance comes before what its class declares
        self.sufficient = inner.sufficient  # type: ignore[misc]
        super().__init__()

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        return self.inner.statistics(x, theta, order)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        return self.inner.own_tail_terms(t, theta)
