"""A family with parameter values: densities, probabilities, quantiles, moments, samples."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.hooks import Hooks
from mlestim.distributions.parameter import Parameter
from mlestim.errors import ParameterError

if TYPE_CHECKING:
    from mlestim.distributions.support import Support

Array = NDArray[np.float64]


LOCATION = Parameter("location")
# Arrays with more values than this are not written out.
MOST_LISTED = 20


class Distribution(Hooks):
    """The public face of a member of a family; `Family` supplies the formulas.

    Formulas that a family adds are the underscored `Hooks`.
    """

    name: str
    parameters: tuple[Parameter, ...]
    support: Support
    half_line: ClassVar[bool]

    def __init__(self, *args: ArrayLike, **values: ArrayLike) -> None:
        given = self._bind(args, values)
        location = given.pop("location", None) if self.half_line else None
        self.location = np.zeros(()) if location is None else self._checked(LOCATION, location)
        self.values: dict[str, Array] = {
            parameter.name: self._checked(parameter, given[parameter.name])
            for parameter in self.parameters
            if parameter.name in given
        }

    # ---- construction ------------------------------------------------------------------------

    @classmethod
    def _set_signature(cls) -> None:
        """Show the parameters' names in help and completion."""
        kinds = inspect.Parameter
        shown = [kinds(p.name, kinds.POSITIONAL_OR_KEYWORD) for p in getattr(cls, "parameters", ())]
        if getattr(cls, "half_line", False):
            shown.append(kinds("location", kinds.KEYWORD_ONLY, default=0.0))
        cls.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]

    def _bind(self, args: Sequence[ArrayLike], values: Mapping[str, Any]) -> dict[str, Any]:
        names = self.parameter_names
        if len(args) > len(names):
            raise ParameterError(
                f"{self.name} takes at most {len(names)} parameters ({', '.join(names)}), "
                f"not {len(args)}"
            )
        given: dict[str, Any] = dict(zip(names, args, strict=False))
        allowed = {*names, "location"} if self.half_line else set(names)
        for name, value in values.items():
            if name not in allowed or name in given:
                problem = "was given twice" if name in given else "is not one of its parameters"
                raise ParameterError(
                    f"{self.name}: '{name}' {problem}; they are {', '.join(sorted(allowed))}"
                )
            given[name] = value
        return given

    def _checked(self, parameter: Parameter, given: ArrayLike) -> Array:
        """Return the value as an array of numbers of the domain, its ends included."""
        try:
            value = np.asarray(given, dtype=float)
        except (TypeError, ValueError) as error:
            raise ParameterError(
                f"{self.name}: {parameter.name} = {given!r} is not a number"
            ) from error
        inside = parameter.domain.contains(value) | parameter.domain.on_edge(value)
        if not np.all(inside):
            raise ParameterError(
                f"{self.name}: {parameter.name} = {value[~inside].flat[0]:g} lies outside "
                f"{parameter.domain}"
            )
        return value

    def with_values(self, values: Mapping[str, ArrayLike]) -> Self:
        """Return the member of the same family that has these parameter values."""
        member: Self = type(self).__new__(type(self))
        member.__dict__.update(self.__dict__)
        Distribution.__init__(member, **values)
        return member

    # ---- what it is --------------------------------------------------------------------------

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of the parameters in declared order, location left out."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def params(self) -> dict[str, float | Array]:
        """Parameter values by name, a location that is not 0 included."""
        shown: dict[str, float | Array] = {
            name: float(value) if value.ndim == 0 else value for name, value in self.values.items()
        }
        if self.half_line and np.any(self.location != 0.0):
            shown["location"] = float(self.location) if self.location.ndim == 0 else self.location
        return shown

    @property
    def theta(self) -> tuple[Array, ...]:
        """Parameter values in declared order.

        Raises
        ------
        ParameterError
            If some values were not given.
        """
        missing = [name for name in self.parameter_names if name not in self.values]
        if missing:
            raise ParameterError(
                f"{self.name} has no value for {', '.join(missing)}; give one, as in "
                f"{type(self).__name__}({', '.join(f'{name}=…' for name in self.parameter_names)})"
            )
        return tuple(self.values[name] for name in self.parameter_names)

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name}={value:.10g}" if isinstance(value, float) else f"{name}={_listed(value)}"
            for name, value in self.params.items()
        )
        return f"{type(self).__name__}({shown})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        mine, theirs = self.params, other.params
        return mine.keys() == theirs.keys() and all(
            np.array_equal(mine[name], theirs[name]) for name in mine
        )

    __hash__ = None  # type: ignore[assignment]  # holds arrays; compares by value

    # ---- density -----------------------------------------------------------------------------

    def logpdf(self, x: ArrayLike) -> Array:
        """Log density (log probability for counts) at `x`; −inf outside the support."""
        z = np.asarray(x, dtype=float) - self.location
        if not z.size:
            return z
        outside = self.outside(z, self.theta)
        safe = np.where(outside, self.inner_point(self.theta), z)
        value = np.where(outside, -np.inf, self.terms(safe, self.theta, 0).value)
        return np.where(np.isnan(z), np.nan, value)[()]

    def pdf(self, x: ArrayLike) -> Array:
        """Density (probability for counts) at `x`."""
        return np.exp(self.logpdf(x))

    # ---- probabilities -----------------------------------------------------------------------

    def cdf(self, x: ArrayLike) -> Array:
        """Probability of a value at most `x`."""
        return self._probability(x, self._cdf, below=0.0, above=1.0)

    def sf(self, x: ArrayLike) -> Array:
        """Probability of a value above `x`, exact far in the upper tail."""
        return self._probability(x, self._sf, below=1.0, above=0.0)

    def logcdf(self, x: ArrayLike) -> Array:
        """Log of `cdf`, exact far in the lower tail."""
        return self._probability(x, self._logcdf, below=-np.inf, above=0.0)

    def logsf(self, x: ArrayLike) -> Array:
        """Log of `sf`, exact far in the upper tail."""
        return self._probability(x, self._logsf, below=0.0, above=-np.inf)

    def _probability(self, x: ArrayLike, hook: Any, *, below: float, above: float) -> Array:
        z = np.asarray(x, dtype=float) - self.location
        return self._within_support(z, self.theta, hook, below=below, above=above)[()]

    def _within_support(
        self, z: Array, theta: Sequence[Array], hook: Any, *, below: float, above: float
    ) -> Array:
        """Apply a formula for probabilities inside the support, and say what holds beyond it."""
        if not z.size:
            return z
        if self.support.integers:
            z = np.floor(z)
        lower, upper = (np.asarray(end, dtype=float) for end in self.ends(theta))
        holds_end = self.support.lower_closed or self.support.integers
        low = z < lower if holds_end else z <= lower
        high = z >= upper
        safe = np.where(low | high | np.isnan(z), self.inner_point(theta), z)
        value = np.where(low, below, np.where(high, above, hook(safe, theta)))
        return np.where(np.isnan(z), np.nan, value)

    def log_tail(self, x: Array, theta: Sequence[Array], *, upper: bool) -> Array:
        """Log probability of a value above `x`, or of one at most `x`, at any parameters."""
        if upper:
            return self._within_support(x, theta, self._logsf, below=0.0, above=-np.inf)
        return self._within_support(x, theta, self._logcdf, below=-np.inf, above=0.0)

    def ppf(self, p: ArrayLike) -> Array:
        """Quantile: the smallest value whose `cdf` is at least `p`."""
        lower, upper = self.ends(self.theta)
        return self._quantile(p, self._ppf, lower, upper)

    def isf(self, p: ArrayLike) -> Array:
        """Upper quantile: the value that is exceeded with probability `p`."""
        lower, upper = self.ends(self.theta)
        return self._quantile(p, self._isf, upper, lower)

    def _quantile(self, p: ArrayLike, hook: Any, at_zero: ArrayLike, at_one: ArrayLike) -> Array:
        p = np.asarray(p, dtype=float)
        if not p.size:
            return p
        inside = (p > 0.0) & (p < 1.0)
        value = np.asarray(hook(np.where(inside, p, 0.5), self.theta))
        value = np.where(p == 0.0, at_zero, np.where(p == 1.0, at_one, value))
        return (np.where((p >= 0.0) & (p <= 1.0), value, np.nan) + self.location)[()]

    # ---- moments and samples -----------------------------------------------------------------

    def mean(self) -> Array:
        """Expected value (inf or NaN where it does not exist)."""
        return (self._mean(self.theta) + self.location)[()]

    def var(self) -> Array:
        """Variance (inf or NaN where it does not exist)."""
        return np.asarray(self._variance(self.theta), dtype=float)[()]

    def std(self) -> Array:
        """Standard deviation."""
        return np.sqrt(self.var())

    def median(self) -> Array:
        """Median."""
        return self.ppf(np.full(np.broadcast_shapes(*(v.shape for v in self.theta)), 0.5))

    def mode(self) -> Array:
        """Most likely value."""
        return (self._mode(self.theta) + self.location)[()]

    def entropy(self) -> Array:
        """Entropy: the expected negative log density, in nats."""
        return np.asarray(self._entropy(self.theta), dtype=float)[()]

    def rvs(
        self,
        size: int | tuple[int, ...] | None = None,
        random_state: int | np.random.Generator | None = None,
    ) -> Array:
        """Draw a sample.

        Parameters
        ----------
        size : int or tuple of int, optional
            Shape of the sample; by default the parameters' own.
        random_state : int or numpy.random.Generator, optional
            Seed or generator; the same seed gives the same sample.
        """
        rng = np.random.default_rng(random_state)
        if size is None:
            size = np.broadcast_shapes(*(value.shape for value in self.theta))
        return np.asarray(self._sample(self.theta, rng, size) + self.location)[()]


def _listed(values: Array) -> str:
    return f"<{values.size} values>" if values.size > MOST_LISTED else str(values.tolist())
