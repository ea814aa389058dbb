"""Families of the distributions of scipy.stats."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from mlestim.distributions.base import Array, Family, Theta
from mlestim.distributions.built.custom import Custom, class_name
from mlestim.distributions.parameter import Interval, Parameter, Unit
from mlestim.distributions.support import Support


class FromScipy(Custom):
    """A distribution of scipy.stats; shapes keep their names, loc is called location."""

    distribution: ClassVar[Any]

    def _given(self, theta: Theta) -> dict[str, Any]:
        """The parameters under scipy's names."""
        values = dict(zip(self.parameter_names, theta, strict=True))
        return {"loc" if name == "location" else name: value for name, value in values.items()}

    def row_log_density(self, x: Array, theta: Theta) -> Array:
        discrete = self.kind == "discrete"
        method = self.distribution.logpmf if discrete else self.distribution.logpdf
        return np.asarray(method(x, **self._given(theta)), dtype=float)

    def ends(self, theta: Theta) -> tuple[ArrayLike, ArrayLike]:
        low, high = self.distribution.support(**self._given(theta))
        return low, high

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return np.asarray(self.distribution.cdf(x, **self._given(theta)))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return np.asarray(self.distribution.sf(x, **self._given(theta)))

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return np.asarray(self.distribution.logcdf(x, **self._given(theta)))

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return np.asarray(self.distribution.logsf(x, **self._given(theta)))

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return np.asarray(self.distribution.ppf(p, **self._given(theta)))

    def _isf(self, p: Array, theta: Theta) -> Array:
        return np.asarray(self.distribution.isf(p, **self._given(theta)))

    def _mean(self, theta: Theta) -> Array:
        return np.asarray(self.distribution.mean(**self._given(theta)))

    def _variance(self, theta: Theta) -> Array:
        return np.asarray(self.distribution.var(**self._given(theta)))

    def _entropy(self, theta: Theta) -> Array:
        return np.asarray(self.distribution.entropy(**self._given(theta)))


def from_scipy(distribution: Any) -> Family:
    """Make a family of a distribution of scipy.stats; the values of a frozen one are starts.

    Where the support is the whole line, location and scale are parameters. On a half-line the
    location is held unless freed, as in all half-line families. Elsewhere both are left out.
    Shapes that are whole numbers are known, never estimated.
    """
    frozen = hasattr(distribution, "dist")
    law = distribution.dist if frozen else distribution
    discrete = hasattr(law, "logpmf")
    shapes, half_line, whole = _shapes(law), False, False
    if not discrete:
        half_line = law.a == 0.0 and np.isinf(law.b)
        whole = bool(np.isinf(law.a) and np.isinf(law.b))
    location = (Parameter("location", unit=Unit.LOCATION),) if whole else ()
    scale = (Parameter("scale", Interval(lower=0.0), Unit.SCALE),) if whole or half_line else ()
    made: type[FromScipy] = type(
        class_name(law.name),
        (FromScipy,),
        {
            "__module__": __name__,
            "name": f"scipy_{law.name}",
            "parameters": (*shapes, *location, *scale),
            "support": Support(float(law.a), float(law.b), True, True, discrete),
            "kind": "discrete" if discrete else "continuous",
            "half_line": half_line,
            "distribution": law,
        },
    )
    if not frozen:
        return made()
    given = law._parse_args(*distribution.args, **distribution.kwds)  # noqa: SLF001
    values = dict(zip((shape.name for shape in shapes), given[0], strict=True))
    if whole or half_line:
        values["location"], values["scale"] = given[1], given[2]
    return made(**values)


def _shapes(law: Any) -> tuple[Parameter, ...]:
    """Shape parameters of a scipy distribution with their domains."""
    try:
        known = law._shape_info()  # noqa: SLF001 -- scipy gives domains nowhere else
    except (AttributeError, NotImplementedError):
        names = (law.shapes or "").replace(",", " ").split()
        return tuple(Parameter(name) for name in names)
    return tuple(
        Parameter(
            info.name,
            Interval(float(info.domain[0]), float(info.domain[1])),
            known=info.integrality,
        )
        for info in known
    )
