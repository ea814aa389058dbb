"""A distribution of which only the values between two cut points are seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.counting.summation import sum_between, sum_beyond
from mlestim.distributions.distribution import Distribution
from mlestim.distributions.numeric import expectation
from mlestim.distributions.parameter import Parameter
from mlestim.distributions.registry import FamilyLike, resolve
from mlestim.distributions.support import Support
from mlestim.errors import OptionError, ParameterError
from mlestim.special import log1mexp

Array = NDArray[np.float64]


class Truncated(Distribution):
    r"""A distribution given that its value lies in (lower, upper].

    .. math:: f(x \mid a < X \le b) = \frac{f(x)}{F(b) - F(a)}, \quad a < x \le b

    To fit it is to fit the family inside with ``truncation=(lower, upper)``; the distribution of the
    result is that without cut points.

    Parameters
    ----------
    of : Distribution, or a family that is to be fitted
        A member of a family, ``Poisson(mean=2)``; of a family alone, ``"poisson"``, nothing can be
        asked before it is fitted.
    lower, upper : float or None
        Cut points, infinite or None where there is none; for counts, ``lower=0`` leaves out the zeros.

    Raises
    ------
    OptionError
        If a cut point is no number, or there is no probability between them.

    Examples
    --------
    >>> from mlestim.distributions.continuous.normal import Normal
    >>> half = Truncated(Normal(mean=0, sd=1), lower=0)
    >>> half.mean().round(6), half.ppf(0.5).round(6)
    (np.float64(0.797885), np.float64(0.67449))
    """

    half_line = False
    parameters: tuple[Parameter, ...] = ()

    of: Family
    lower: float
    upper: float

    def __init__(
        self, of: FamilyLike, lower: float | None = None, upper: float | None = None
    ) -> None:
        lower, upper = _cut(lower, -np.inf), _cut(upper, np.inf)
        if isinstance(of, Truncated):
            lower, upper, of = max(of.lower, lower), min(of.upper, upper), of.of
        self.of, self.lower, self.upper = resolve(of), lower, upper
        of = self.of
        if of.kind not in ("continuous", "discrete"):
            raise OptionError(f"Truncated takes a family of numbers or counts, not {of.name}")
        self.name = f"truncated_{of.name}"
        begins = np.floor(self.lower) + 1.0 if of.support.integers else self.lower
        own = of.support
        self.support = Support(
            max(own.lower, begins), min(own.upper, self.upper), True, True, own.integers
        )
        complete = of.values.keys() >= set(of.parameter_names)
        self._log_mass: Array = np.zeros(())
        if complete:
            with np.errstate(invalid="ignore"):  # −inf − (−inf), where there is nothing
                self._log_mass = self._log_between(self.lower, self.upper)
        if not self.lower < self.upper or not np.all(np.isfinite(self._log_mass)):
            raise OptionError(
                f"{self.name}: {of!r} has no probability in ({self.lower:g}, {self.upper:g}]"
            )

    def __repr__(self) -> str:
        return f"Truncated({self.of!r}, lower={self.lower:g}, upper={self.upper:g})"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Truncated)
            and self.of == other.of
            and (self.lower, self.upper) == (other.lower, other.upper)
        )

    __hash__ = None  # compares by value

    @property
    def theta(self) -> tuple[Array, ...]:
        """Parameter values of the distribution without cut points, in declared order."""
        return self.of.theta

    @property
    def params(self) -> dict[str, float | Array]:
        """Parameters of the distribution without cut points."""
        return self.of.params

    def with_values(self, values: Mapping[str, ArrayLike]) -> Truncated:
        """Return the member that has these parameter values, with the same cut points."""
        return Truncated(self.of.with_values(values), self.lower, self.upper)

    # ---- probabilities ---------------------------------------------------------------------------

    def _log_between(self, low: ArrayLike, high: ArrayLike) -> Array:
        """Log probability of (low, high], from the tail in which it is not a small difference."""
        low, high = np.broadcast_arrays(np.asarray(low, float), np.asarray(high, float))
        in_lower = self.of.cdf(high) < 0.5
        near = np.where(in_lower, self.of.logcdf(high), self.of.logsf(low))
        far = np.where(in_lower, self.of.logcdf(low), self.of.logsf(high))
        with np.errstate(invalid="ignore", divide="ignore"):
            value = near + log1mexp(np.minimum(far - near, 0.0))
        return np.where(np.isneginf(near) | (low >= high), -np.inf, value)

    def _shown(self, x: ArrayLike) -> Array:
        """Move values beyond the cut points to them; of counts, down to whole numbers."""
        x = np.asarray(x, dtype=float)
        x = np.floor(x) if self.support.integers else x
        return np.minimum(np.maximum(x, self.lower), self.upper)

    def logpdf(self, x: ArrayLike) -> Array:
        """Log density (log probability for counts) at `x`; −inf beyond the cut points."""
        x = np.asarray(x, dtype=float)
        seen = (x >= self.support.lower) & (x <= self.support.upper)
        value = np.asarray(self.of.logpdf(x) - self._log_mass)
        return np.where(seen | np.isnan(x), value, -np.inf)[()]

    def logcdf(self, x: ArrayLike) -> Array:
        """Log of `cdf`, exact far in the lower tail."""
        value = self._log_between(self.lower, self._shown(x)) - self._log_mass
        return np.where(np.isnan(x), np.nan, np.minimum(value, 0.0))[()]

    def logsf(self, x: ArrayLike) -> Array:
        """Log of `sf`, exact far in the upper tail."""
        value = self._log_between(self._shown(x), self.upper) - self._log_mass
        return np.where(np.isnan(x), np.nan, np.minimum(value, 0.0))[()]

    def cdf(self, x: ArrayLike) -> Array:
        """Probability of a value at most `x`."""
        return np.exp(self.logcdf(x))

    def sf(self, x: ArrayLike) -> Array:
        """Probability of a value above `x`."""
        return np.exp(self.logsf(x))

    # ---- quantiles and samples -------------------------------------------------------------------

    def ppf(self, p: ArrayLike) -> Array:
        """Quantile: the smallest value whose `cdf` is at least `p`."""
        p = np.asarray(p, dtype=float)
        return self._quantile_at(1.0 - p, p)

    def isf(self, p: ArrayLike) -> Array:
        """Upper quantile: the value that is exceeded with probability `p`."""
        p = np.asarray(p, dtype=float)
        return self._quantile_at(p, 1.0 - p)

    def _quantile_at(self, above: Array, below: Array) -> Array:
        """Quantile by the shares above and below it, from the tail that has less."""
        proper = (above >= 0.0) & (below >= 0.0)
        above, below = (np.where(proper, share, 0.5) for share in (above, below))
        lower = self.of.cdf(self.lower) * above + self.of.cdf(self.upper) * below
        upper = self.of.sf(self.lower) * above + self.of.sf(self.upper) * below
        value = np.where(lower < 0.5, self.of.ppf(lower), self.of.isf(upper))
        ends = self.support.lower, self.support.upper
        return np.where(proper, np.minimum(np.maximum(value, ends[0]), ends[1]), np.nan)[()]

    def rvs(
        self,
        size: int | tuple[int, ...] | None = None,
        random_state: int | np.random.Generator | None = None,
    ) -> Array:
        """Draw a sample."""
        rng = np.random.default_rng(random_state)
        if size is None:
            size = np.shape(self._log_mass)
        return np.asarray(self.ppf(rng.random(size)))[()]

    def median(self) -> Array:
        """Median."""
        return self.ppf(np.full(np.shape(self._log_mass), 0.5))

    # ---- moments ---------------------------------------------------------------------------------

    def mean(self) -> Array:
        """Expected value."""
        return np.asarray(self._expected(lambda x: x))[()]

    def var(self) -> Array:
        """Variance."""
        mean = self.mean()
        return np.asarray(self._expected(lambda x: (x - mean) ** 2))[()]

    def entropy(self) -> Array:
        """Entropy in nats."""
        return np.asarray(self._expected(lambda x: -self.logpdf(x)))[()]

    def mode(self) -> Array:
        """Most likely value, of a distribution with one mode."""
        ends = self.support.lower, self.support.upper
        return np.minimum(np.maximum(self.of.mode(), ends[0]), ends[1])[()]

    def _expected(self, function: Callable[[Array], Array]) -> float:
        """Expectation of a function, by summation or quadrature."""
        if np.ndim(self._log_mass):
            raise ParameterError(f"{self.name}: moments are of one member at a time")
        first, last = self.support.lower, self.support.upper
        low, middle, high = self.ppf([0.25, 0.5, 0.75])
        if not self.support.integers:
            width = float(high - low)
            return expectation(function, self.logpdf, (first, last), float(middle), width)

        def weighted(x: Array) -> Array:
            p = self.pdf(x)
            return np.where(p > 0.0, function(x), 0.0) * p

        if not np.isfinite(first):
            before = sum_beyond(lambda k: weighted(-k), 1.0 - float(middle))
        else:
            before = sum_between(weighted, first, float(middle) - 1.0)
        if np.isfinite(last):
            return float(before + sum_between(weighted, float(middle), last))
        return float(before + sum_beyond(weighted, float(middle)))


def _cut(point: float | None, end: float) -> float:
    """Read a cut point; None leaves the end open."""
    try:
        return end if point is None else float(point)
    except (TypeError, ValueError) as error:
        raise OptionError(
            f"Truncated: the cut point {point!r} is no number. Use None for an open end."
        ) from error
