"""The distribution of −x."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.distribution import Distribution

if TYPE_CHECKING:
    from mlestim.distributions.base import Family

Array = NDArray[np.float64]


class Reflected(Distribution):
    """The distribution of −x, where x follows the given distribution.

    Parameters
    ----------
    of : Distribution
        A continuous distribution with values.

    Examples
    --------
    >>> from mlestim.distributions.continuous.exponential import Exponential
    >>> Reflected(Exponential(scale=2)).cdf([-2, 0]).round(4).tolist()
    [0.3679, 1.0]
    """

    half_line = False
    parameters = ()

    def __init__(self, of: Distribution) -> None:
        self.of = of
        self.name = f"reflected_{of.name}"
        self.support = of.support.reflected()

    def __repr__(self) -> str:
        return f"Reflected({self.of!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reflected) and self.of == other.of

    @property
    def theta(self) -> tuple[Array, ...]:
        """Parameter values of the distribution of x, in declared order."""
        return self.of.theta

    def with_values(self, values: Mapping[str, ArrayLike]) -> Reflected:
        """Return the reflection of the member that has these parameter values."""
        return Reflected(self.of.with_values(values))

    __hash__ = None  # compares by value

    @property
    def params(self) -> dict[str, float | Array]:
        """Parameters of the distribution of x."""
        return self.of.params

    def logpdf(self, x: ArrayLike) -> Array:
        """Log density at `x`."""
        return self.of.logpdf(-np.asarray(x, dtype=float))

    def cdf(self, x: ArrayLike) -> Array:
        """Probability of a value at most `x`."""
        return self.of.sf(-np.asarray(x, dtype=float))

    def sf(self, x: ArrayLike) -> Array:
        """Probability of a value above `x`."""
        return self.of.cdf(-np.asarray(x, dtype=float))

    def logcdf(self, x: ArrayLike) -> Array:
        """Log of `cdf`."""
        return self.of.logsf(-np.asarray(x, dtype=float))

    def logsf(self, x: ArrayLike) -> Array:
        """Log of `sf`."""
        return self.of.logcdf(-np.asarray(x, dtype=float))

    def ppf(self, p: ArrayLike) -> Array:
        """Quantile."""
        return -self.of.isf(p)

    def isf(self, p: ArrayLike) -> Array:
        """Upper quantile."""
        return -self.of.ppf(p)

    def rvs(
        self,
        size: int | tuple[int, ...] | None = None,
        random_state: int | np.random.Generator | None = None,
    ) -> Array:
        """Draw a sample."""
        return -self.of.rvs(size, random_state)

    def mean(self) -> Array:
        """Expected value."""
        return -self.of.mean()

    def var(self) -> Array:
        """Variance."""
        return self.of.var()

    def median(self) -> Array:
        """Median."""
        return -self.of.median()

    def mode(self) -> Array:
        """Most likely value."""
        return -self.of.mode()

    def entropy(self) -> Array:
        """Entropy in nats."""
        return self.of.entropy()


def limit_distribution(
    family: Family, values: Mapping[str, float], *, reflected: bool
) -> Distribution:
    """Return the member of a limit family, of −x where that is what follows it."""
    member = family.with_values(values)
    return Reflected(member) if reflected else member


def unreflected(distribution: Distribution) -> Distribution:
    """Return the distribution of x where that of −x is given; any other as it is."""
    return distribution.of if isinstance(distribution, Reflected) else distribution
