"""The formulas that a family adds beyond its density, with generic answers where it has none.

All take the parameters `theta` in declared order, are vectorised, and know nothing of a location.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.counting.summation import sum_between, sum_beyond
from mlestim.distributions.numeric import expectation, smallest_integer, solve_increasing

if TYPE_CHECKING:
    from mlestim.distributions.parameter import Parameter
    from mlestim.distributions.support import Support
    from mlestim.distributions.terms import Terms

Array = NDArray[np.float64]


class Hooks:
    """Probabilities, quantiles, moments and samples of a family.

    A family overrides one of `_cdf`, `_logcdf`, `_sf` and `_logsf` at least, and better one for each
    tail; the others follow. What it does not override is found numerically: quantiles by bracketing,
    moments and entropy by quadrature or summation.

    Attributes
    ----------
    by_member : bool
        Whether probabilities are computed member by member, all rows of one at a time.
    """

    name: str
    support: Support
    parameters: tuple[Parameter, ...]
    by_member: ClassVar[bool] = False

    def terms(
        self, x: ArrayLike, theta: Sequence[ArrayLike], order: int = 2, out: Array | None = None
    ) -> Terms:
        """Row terms of the log density; see `Family.terms`."""
        raise NotImplementedError

    # ---- support -------------------------------------------------------------------------------

    def outside(self, x: Array, theta: Sequence[Array]) -> NDArray[np.bool_]:
        """Say which values have no density; overridden where the support has free ends."""
        return self.support.without_density(x)

    def ends(self, theta: Sequence[Array]) -> tuple[ArrayLike, ArrayLike]:
        """Ends of the support; overridden where they depend on the parameters."""
        return self.support.lower, self.support.upper

    def beyond_known_ends(self, x: Array, theta: Sequence[Array]) -> NDArray[np.bool_]:
        """Say which values no member can have; parameters that are not known are NaN."""
        lower, upper = (np.asarray(end, dtype=float) for end in self.ends(theta))
        return self.support.without_density(x) | (x < lower) | (x > upper)

    def on_edge(self, theta: Sequence[Array]) -> NDArray[np.bool_]:
        """Say which parameters, shape (p, problems), lie on an edge of the parameter space."""
        pairs = zip(self.parameters, theta, strict=True)
        return np.array([parameter.domain.on_edge(value) for parameter, value in pairs])

    def inner_point(self, theta: Sequence[Array]) -> float | Array:
        """A point of the support that stands in for values outside it."""
        low, high = self.support.lower, self.support.upper
        if np.isfinite(low) and np.isfinite(high):
            return low if self.support.integers else 0.5 * (low + high)
        return low + 1.0 if np.isfinite(low) else 0.0

    # ---- probabilities ---------------------------------------------------------------------------

    def _cdf(self, x: Array, theta: Sequence[Array]) -> Array:
        return np.exp(self._logcdf(x, theta))

    def _sf(self, x: Array, theta: Sequence[Array]) -> Array:
        return np.exp(self._logsf(x, theta))

    def _has_default(self, hook: str) -> bool:
        return getattr(type(self), hook) is getattr(Hooks, hook)

    def _logcdf(self, x: Array, theta: Sequence[Array]) -> Array:
        if self._has_default("_cdf"):  # the other tail is all there is
            return _log_complement(self._sf(x, theta))
        return _log_of(self._cdf, self._sf, x, theta)

    def _logsf(self, x: Array, theta: Sequence[Array]) -> Array:
        if self._has_default("_sf"):
            return _log_complement(self._cdf(x, theta))
        return _log_of(self._sf, self._cdf, x, theta)

    # ---- quantiles -------------------------------------------------------------------------------

    def _ppf(self, p: Array, theta: Sequence[Array]) -> Array:
        if self.support.integers:
            first = self._first_integer(p, theta)
            return smallest_integer(lambda x: self._cdf(x, theta) >= p, first)
        start = self._quantile_start(p, theta)
        return solve_increasing(lambda x: self._cdf(x, theta) - p, start, *self._ends)

    def _isf(self, p: Array, theta: Sequence[Array]) -> Array:
        if self.support.integers:
            first = self._first_integer(p, theta)
            return smallest_integer(lambda x: self._sf(x, theta) <= p, first)
        start = self._quantile_start(p, theta)
        return solve_increasing(lambda x: p - self._sf(x, theta), start, *self._ends)

    @property
    def _ends(self) -> tuple[float, float]:
        return self.support.lower, self.support.upper

    def _first_integer(self, p: Array, theta: Sequence[Array]) -> Array:
        if not np.isfinite(self.support.lower):
            raise NotImplementedError(f"{self.name} declares no quantiles")
        return np.full(np.broadcast_shapes(p.shape, *(v.shape for v in theta)), self.support.lower)

    def _quantile_start(self, p: Array, theta: Sequence[Array]) -> Array:
        shape = np.broadcast_shapes(p.shape, *(value.shape for value in theta))
        return np.array(np.broadcast_to(self.inner_point(theta), shape), dtype=float)

    # ---- samples and moments -----------------------------------------------------------------------

    def _sample(
        self, theta: Sequence[Array], rng: np.random.Generator, size: int | tuple[int, ...]
    ) -> Array:
        return self._ppf(rng.random(size), theta)

    def _mean(self, theta: Sequence[Array]) -> Array:
        return self._each_member(theta, lambda x, _: x)

    def _variance(self, theta: Sequence[Array]) -> Array:
        mean = np.asarray(self._mean(theta))
        squares = self._each_member([*theta, mean], lambda x, t: (x - t[-1]) ** 2)
        return np.where(np.isfinite(mean), squares, np.nan)

    def _mode(self, theta: Sequence[Array]) -> Array:
        """Of counts with one mode, found by halving; other families have a formula."""
        if not self.support.integers:
            raise NotImplementedError(f"{self.name} declares no mode")
        first = self._first_integer(np.asarray(0.5), theta)
        return smallest_integer(lambda x: self._log_ratio(x, theta) <= 0.0, first)

    def _log_ratio(self, x: Array, theta: Sequence[Array]) -> Array:
        """Log of the probability of x + 1 over that of x."""
        return self.terms(x + 1.0, theta, 0).value - self.terms(x, theta, 0).value

    def _entropy(self, theta: Sequence[Array]) -> Array:
        return self._each_member(theta, lambda x, t: -self._log_density_of(t, x))

    def _log_density_of(self, theta: Sequence[float], x: Array) -> Array:
        return self.terms(x, theta[: len(self.parameters)], 0).value

    def _each_member(
        self, theta: Sequence[Array], function: Callable[[Array, Sequence[float]], Array]
    ) -> Array:
        """Expectation of a function of a value and the parameters, member by member."""
        own = len(self.parameters)

        def expected(*t: float) -> float:
            members = [np.asarray(value) for value in t[:own]]
            if self.support.integers:
                return self._summed(members, lambda x: function(x, t))
            quartiles = self._ppf(np.array([0.25, 0.5, 0.75]), members)

            def log_density(x: Array) -> Array:
                return self.terms(x, t[:own], 0).value

            if self.support.lower != 0.0:
                return _expectation(lambda x: function(x, t), log_density, self._ends, quartiles)
            # densities may be infinite at 0: over log x they are not
            with np.errstate(divide="ignore"):
                ends = tuple(np.log(self._ends))
            return _expectation(
                lambda u: function(np.exp(u), t),
                lambda u: log_density(np.exp(u)) + u,
                ends,
                np.log(quartiles),
            )

        return _for_each(expected, theta)

    def _summed(self, theta: Sequence[Array], function: Callable[[Array], Array]) -> float:
        """Sum of a function over the counts, weighted by their probabilities."""
        lower, upper = (float(np.asarray(end)) for end in self.ends(theta))
        middle = float(self._ppf(np.asarray(0.5), theta))

        def weighted(x: Array) -> Array:
            p = np.exp(self.terms(x, theta, 0).value)
            return np.where(p > 0.0, function(x) * p, 0.0)

        before = (
            sum_between(weighted, lower, middle - 1.0)
            if np.isfinite(lower)
            else sum_beyond(lambda k: weighted(-k), 1.0 - middle)
        )
        if np.isfinite(upper):
            return float(before + sum_between(weighted, middle, upper))
        return float(before + sum_beyond(weighted, middle))


def _log_complement(p: Array) -> Array:
    with np.errstate(divide="ignore"):  # log 0 = −inf is the answer
        return np.log1p(-p)


def _log_of(
    probability: Callable[[Array, Sequence[Array]], Array],
    complement: Callable[[Array, Sequence[Array]], Array],
    x: Array,
    theta: Sequence[Array],
) -> Array:
    """Log of a probability, from its complement where that is the smaller one."""
    p = np.asarray(probability(x, theta))
    large = ~(p < 0.5)
    with np.errstate(divide="ignore"):  # log 0 = −inf is the answer
        value = np.log(p)
        if p.ndim == 0 or np.all(large):
            return np.where(large, np.log1p(-complement(x, theta)), value)
        if np.any(large):
            x, *parameters = (
                np.broadcast_to(v, p.shape)[large] if np.size(v) > 1 else np.reshape(v, 1)
                for v in (x, *theta)
            )
            value[large] = np.log1p(-complement(x, parameters))
    return value


def _expectation(
    function: Callable[[Array], Array],
    log_density: Callable[[Array], Array],
    ends: tuple[float, float],
    quartiles: Array,
) -> float:
    low, middle, high = quartiles
    return expectation(function, log_density, ends, float(middle), float(high - low))


def _for_each(function: Callable[..., float], theta: Sequence[Array]) -> Array:
    """Apply a function of numbers to parameters that broadcast."""
    members = np.broadcast_arrays(*theta)
    values = [function(*map(float, t)) for t in zip(*map(np.ravel, members), strict=True)]
    return np.reshape(values, members[0].shape)
