"""Families whose parameters are vectors and matrices, as long as the sample says."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family
from mlestim.distributions.distribution import Distribution
from mlestim.distributions.parameter import Shape
from mlestim.distributions.vectors.entries import entries, laid_out, symmetric, triangle
from mlestim.errors import OptionError, ParameterError

if TYPE_CHECKING:
    from mlestim.distributions.parameter import Parameter

SUM_TOLERANCE = 1e-9


class VectorFamily(Family):
    """A family that declares vectors of parameters, laid out once their length is known.

    The class declares ``parameters`` with their `Shape`. A member, or a family that was fitted, has
    one parameter an entry, called by the vector's name and the entry's label: ``mean_1``,
    ``covariance_21``, ``probs_red``.

    Class attributes that a family declares
    ---------------------------------------
    first_label : int
        Label of the first entry, where the user gives none.
    shares : str
        Name of the vector whose entries sum to 1, if there is one.
    together : str
        What `valid` asks for, in words for those who break it.

    Attributes
    ----------
    labels : tuple or None
        Labels of the entries; None as long as their number is open.
    """

    first_label: ClassVar[int] = 1
    shares: ClassVar[str] = ""
    together: ClassVar[str] = "the parameters do not go together"
    labels: tuple[Hashable, ...] | None = None

    def __init__(
        self, *args: ArrayLike, labels: Sequence[Hashable] | None = None, **values: ArrayLike
    ) -> None:
        given = {
            name: self._array(self._declared(name), value)
            for name, value in self._bind(args, values).items()
            if value is not None
        }
        lengths = {
            name: value.shape[-1]
            for name, value in given.items()
            if self._declared(name).shape is not Shape.NUMBER
        }
        if labels is not None:
            lengths = {"labels": len(labels), **lengths}
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
            raise ParameterError(f"{self.name}: one length is needed, but {told}")
        flat: dict[str, ArrayLike] = {}
        if lengths:
            length = next(iter(lengths.values()))
            self._lay_out(labels or range(self.first_label, self.first_label + length))
            order = [p.name for p in type(self).parameters if p.name in given]
            flat = self.entry_by_entry({name: given[name] for name in order})
        elif given:
            raise ParameterError(
                f"{self.name}: give {' or '.join(self._vector_names)} too, whose length says how "
                "many components there are"
            )
        Distribution.__init__(self, **flat)
        self._check_together()

    @classmethod
    def _declared(cls, name: str) -> Parameter:
        return next(parameter for parameter in cls.parameters if parameter.name == name)

    @property
    def _vector_names(self) -> list[str]:
        return [p.name for p in type(self).parameters if p.shape is not Shape.NUMBER]

    def _array(self, parameter: Parameter, given: ArrayLike) -> Array:
        try:
            value = np.asarray(given, dtype=float)
        except (TypeError, ValueError) as error:
            raise ParameterError(f"{self.name}: {parameter.name} holds no numbers") from error
        wanted = {Shape.NUMBER: 0, Shape.VECTOR: 1, Shape.MATRIX: 2}[parameter.shape]
        if value.ndim != wanted or (wanted == 2 and value.shape[0] != value.shape[1]):
            raise ParameterError(
                f"{self.name}: {parameter.name} is a {_in_words(parameter.shape)}, not an array of "
                f"shape {value.shape}"
            )
        if wanted == 2 and not np.allclose(value, value.T, rtol=1e-9, atol=0.0, equal_nan=True):
            raise ParameterError(f"{self.name}: {parameter.name} is not symmetric")
        return value

    def _lay_out(self, labels: Sequence[Hashable]) -> None:
        self.labels = tuple(labels)
        self.parameters = laid_out(type(self).parameters, self.labels)

    def _check_together(self) -> None:
        """Refuse values that do not go together."""
        if len(self.values) == len(self.parameters) and not np.all(self.valid(self.theta)):
            raise ParameterError(f"{self.name}: {self.together}")
        shares = self.arrays.get(self.shares)
        if shares is not None and abs(np.sum(shares) - 1.0) > SUM_TOLERANCE:
            raise ParameterError(
                f"{self.name}: {self.shares} sum to {np.sum(shares):.10g}, not to 1"
            )

    def n_dependent(self, held: Collection[str]) -> int:
        held_shares = any(name.startswith(f"{self.shares}_") for name in held)
        return 0 if held_shares else len(self.parameters) - self.link.size

    def entry_by_entry(self, values: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in values.items():
            if name not in self._vector_names:
                found[name] = value
                continue
            parameter = self._declared(name)
            array = self._array(parameter, value)
            labels = self.labels or range(self.first_label, self.first_label + array.shape[-1])
            numbers = array[triangle(len(array))] if array.ndim == 2 else array
            names = [entry.name for entry in entries(parameter, labels)]
            if len(names) != len(numbers):
                raise ParameterError(f"{self.name}: {name} has another length than its labels")
            found.update(zip(names, map(float, numbers), strict=True))
        return found

    def shaped(self, labels: Sequence[Hashable]) -> Self:
        if self.labels is None:
            member: Self = type(self).__new__(type(self))
            member.__dict__.update(self.__dict__)
            member._lay_out(labels)
            return member
        if len(labels) != len(self.labels):
            raise OptionError(
                f"{self.name}: the sample has {len(labels)} components, the family was given "
                f"{len(self.labels)}"
            )
        return self

    @property
    def arrays(self) -> dict[str, float | Array]:
        """Parameters as they are declared: numbers, vectors and matrices."""
        found: dict[str, float | Array] = {}
        for parameter in type(self).parameters:
            names = [entry.name for entry in laid_out((parameter,), self.labels or ())]
            if not names or not self.values.keys() >= set(names):
                continue
            own = [self.values[name] for name in names]
            match parameter.shape:
                case Shape.NUMBER:
                    found[parameter.name] = float(own[0]) if own[0].ndim == 0 else own[0]
                case Shape.VECTOR:
                    found[parameter.name] = np.stack(np.broadcast_arrays(*own), axis=-1)
                case Shape.MATRIX:
                    found[parameter.name] = symmetric(own)
        return found


def _in_words(shape: Shape) -> str:
    return "square matrix" if shape is Shape.MATRIX else str(shape)


def _shown(value: float | Array) -> str:
    """Numbers to ten digits, in the brackets of their array."""
    if np.ndim(value) == 0:
        return f"{float(value):.10g}"
    return f"[{', '.join(_shown(part) for part in value)}]"  # type: ignore[union-attr]


class Multivariate(VectorFamily):
    """A family of vectors: arrays of observations have the components along their last axis.

    Class attributes that a family declares
    ---------------------------------------
    fewest : int
        Components that it needs.
    """

    kind = "multivariate"
    fewest: ClassVar[int] = 1

    # ---- the face --------------------------------------------------------------------------------

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={_shown(value)}" for name, value in self.arrays.items())
        return f"{type(self).__name__}({shown})"

    def logpdf(self, x: ArrayLike) -> Array:
        """Log density (log probability of counts) of vectors, shape (..., d)."""
        x = np.asarray(x, dtype=float)
        d = len(self.labels or ())
        if x.ndim == 0 or x.shape[-1] != d:
            raise OptionError(f"{self.name}: vectors of {d} components are needed, not {x.shape}")
        outside = self.outside(x, self.theta)
        safe = np.where(outside[..., None], self._inner_vector(x), x)
        value = np.where(outside, -np.inf, self.terms(safe, self.theta, 0).value)
        return np.where(np.isnan(x).any(axis=-1), np.nan, value)[()]

    def _inner_vector(self, x: Array) -> Array:
        """Vectors of the support in place of any others."""
        return np.zeros_like(x)

    def mean(self) -> Array:
        """Expected vector, shape (d,)."""
        return np.asarray(self._mean(self.theta), dtype=float)

    def covariance(self) -> Array:
        """Covariance matrix, shape (d, d) (inf or NaN where it does not exist)."""
        return np.asarray(self._covariance(self.theta), dtype=float)

    def var(self) -> Array:
        """Variances of the components, shape (d,)."""
        return np.diagonal(self.covariance(), axis1=-2, axis2=-1).copy()

    def mode(self) -> Array:
        """Most likely vector, shape (d,)."""
        return np.asarray(self._mode(self.theta), dtype=float)

    def rvs(
        self,
        size: int | tuple[int, ...] | None = None,
        random_state: int | np.random.Generator | None = None,
    ) -> Array:
        """Draw vectors, shape (*size, d); the same seed gives the same sample."""
        rng = np.random.default_rng(random_state)
        if size is None:
            size = np.broadcast_shapes(*(value.shape for value in self.theta))
        shape = (size,) if isinstance(size, int | np.integer) else tuple(size)
        return np.asarray(self._sample(self.theta, rng, shape), dtype=float)

    def _probability(self, *_: Any, **__: Any) -> Array:
        raise OptionError(f"{self.name}: vectors have no order, and so no distribution function")

    def _quantile(self, *_: Any, **__: Any) -> Array:
        raise OptionError(f"{self.name}: vectors have no order, and so no quantiles")

    def _covariance(self, theta: Sequence[Array]) -> Array:
        raise NotImplementedError(f"{self.name} declares no covariance")

    # ---- rows --------------------------------------------------------------------------------------

    def rows_of(self, x: Array) -> tuple[Array, tuple[int, ...]]:
        return np.atleast_2d(x), x.shape[:-1]

    def explain_unbounded(self, x: Array, weights: Array | None, columns: Sequence[str]) -> str:
        """Say in a sentence what in the sample leaves the likelihood without bound."""
        return ""

    def distances(self, x: Array) -> tuple[Array, Any] | None:
        """Give a number for each row that tells how far out it lies, and how these are distributed.

        None where no such number has a known distribution.
        """
        return None

    def first_known(self, x: Array) -> dict[str, NDArray[np.float64]]:
        """Give known parameters that the rows themselves tell."""
        return {}
