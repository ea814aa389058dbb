"""A half-line family with its location set free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.intervals.tail import tail_terms
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import REAL, Parameter, Unit
from mlestim.distributions.registry import FamilyLike, resolve
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE
from mlestim.distributions.terms import curvature_positions
from mlestim.errors import OptionError

LOCATION = Parameter("location", REAL, Unit.LOCATION, "where the support begins")

# Power with which a parameter follows the scale of the data: θ ∂/∂θ summed with it is ∂/∂log scale.
_POWER = {Unit.SCALE: 1.0, Unit.SQUARE: 2.0}


class Shifted(Family):
    r"""The family of ``x = location + y`` for a half-line family of y.

    The derivatives in the location need no formula of their own. A half-line family is closed
    under changes of scale, so with E = ∂/∂log(scale) of its log density, Euler's identity gives

    .. math:: \frac{\partial \log f}{\partial\,\mathrm{location}} = \frac{1 + E}{y}

    To fit it is to fit the inner family with ``free=["location"]``.

    Parameters
    ----------
    family : str, Family class or instance
        A half-line family; values of an instance are kept.
    **values : float
        Its parameters under their own names, and ``location``.

    Examples
    --------
    >>> moved = Shifted("exponential", scale=2, location=10)
    >>> moved
    Shifted('exponential', scale=2, location=10)
    >>> moved.mean(), moved.cdf(10)
    (np.float64(12.0), np.float64(0.0))
    """

    name = "shifted"
    parameters: tuple[Parameter, ...] = ()
    support = REAL_LINE
    costly = True

    def __init__(self, family: FamilyLike, /, **values: ArrayLike) -> None:
        inner = resolve(family)
        if not inner.half_line:
            raise OptionError(
                f"Shifted takes a half-line family, which owns a location, and {inner.name} is none"
            )
        if inner.coincide:
            raise OptionError(
                f"{inner.name}: the location of a mixture can be given, as in "
                "fixed={'location': …}, but not be estimated"
            )
        self.inner = inner
        self.name = f"shifted_{inner.name}"
        self.parameters = (*inner.parameters, LOCATION)
        super().__init__(**{**inner.params, **values})

    def __repr__(self) -> str:
        whole = super().__repr__().split("(", 1)[1]
        return f"Shifted({self.inner.name!r}{', ' if whole != ')' else ''}{whole}"

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and self.name == getattr(other, "name", None)

    __hash__ = None  # type: ignore[assignment]  # compares by value

    def as_inner(self) -> Family:
        """Return the inner family with the same values, a location among them."""
        return self.inner.with_values(self.values)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        y = t[0] - theta[-1]
        below = self.inner.support.without_density(y)
        y = np.where(below, np.nan, y)  # no density below the location
        return self._with_location(self.inner.terms(y, theta[:-1], 2).packed, y, theta, 1.0)

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        y = x - theta[-1]
        # a probability has no unit, and so no 1 in Euler's identity
        terms = tail_terms(self.inner, y, theta[:-1], 2, upper=upper)
        return self._with_location(terms, y, theta, 0.0)

    def _with_location(
        self, terms: Sequence[Array] | Array, y: Array, theta: Theta, unit: float
    ) -> Iterator[Array]:
        """Yield packed terms with the location as the last parameter."""
        p = len(theta) - 1
        positions, score = curvature_positions(p), terms[1 : 1 + p]
        power = [_POWER.get(parameter.unit, 0.0) for parameter in self.inner.parameters]
        rate = [
            np.ones(()) if parameter.unit is Unit.LOG_SCALE else k * value
            for parameter, k, value in zip(self.inner.parameters, power, theta, strict=False)
        ]
        euler = sum(rate[j] * score[j] for j in range(p))
        euler_slope = [
            sum(rate[j] * terms[positions[i, j]] for j in range(p)) + power[i] * score[i]
            for i in range(p)
        ]
        yield terms[0]
        yield from score
        yield (unit + euler) / y
        for i in range(p):
            yield from (terms[positions[i, j]] for j in range(i, p))
            yield euler_slope[i] / y
        yield (unit + euler + sum(rate[j] * euler_slope[j] for j in range(p))) / y**2

    @property
    def has_tail_formula(self) -> bool:
        return self.inner.has_tail_formula

    # ---- as the inner family, moved --------------------------------------------------------------

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return self.inner.outside(x - theta[-1], theta[:-1])

    def ends(self, theta: Theta) -> tuple[ArrayLike, ArrayLike]:
        lower, upper = self.inner.ends(theta[:-1])
        return np.add(lower, theta[-1]), np.add(upper, theta[-1])

    def inner_point(self, theta: Theta) -> Array:
        return self.inner.inner_point(theta[:-1]) + theta[-1]

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return self.inner.log_tail(x - theta[-1], theta[:-1], upper=False)

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return self.inner.log_tail(x - theta[-1], theta[:-1], upper=True)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return np.asarray(self._member(theta).ppf(p))

    def _isf(self, p: Array, theta: Theta) -> Array:
        return np.asarray(self._member(theta).isf(p))

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return self._member(theta).rvs(size, rng)

    def _mean(self, theta: Theta) -> Array:
        return self._member(theta).mean()

    def _variance(self, theta: Theta) -> Array:
        return self._member(theta).var()

    def _mode(self, theta: Theta) -> Array:
        return self._member(theta).mode()

    def _entropy(self, theta: Theta) -> Array:
        return self._member(theta).entropy()

    def _member(self, theta: Theta) -> Family:
        return self.inner.with_values(dict(zip(self.parameter_names, theta, strict=True)))

    def edge_estimate(self, minimum: Array, maximum: Array) -> dict[str, Array]:
        return {"location": minimum} if self.inner.decreasing else {}

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        starts = []
        for gap in (0.1, 0.5, 3.0, 20.0):
            location = sketch.minimum - gap * np.maximum(
                sketch.quantile(0.5) - sketch.minimum, 1e-3 * sketch.sd
            )
            rows = np.maximum(sketch.rows, sketch.minimum[:, None]) - location[:, None]
            moved = replace(
                sketch,
                rows=rows,
                minimum=sketch.minimum - location,
                maximum=sketch.maximum - location,
            )
            starts += [(*theta, location) for theta in self.inner.start(moved)]
        return starts

    def regular_region(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        below = np.full_like(sketch.minimum, -np.inf)
        return {"location": (below, sketch.minimum), **self.inner.region_when_shifted(sketch)}

    def limits(self) -> tuple[Limit, ...]:
        """Limits of the inner family move along; others lie where the location runs to −∞."""
        moved = (
            replace(limit, shifted=True, parameters={**limit.parameters, "location": "location"})
            for limit in self.inner.limits()
            if _moves_freely(resolve(limit.family))
        )
        return (*moved, *self.inner.limits_when_shifted())


def _moves_freely(family: Family) -> bool:
    """Whether a family owns a location, and no end of its support is estimated besides."""
    return family.half_line and type(family).edge_estimate is Family.edge_estimate
