"""Families of one's own: a log density with declared domains, or a distribution of scipy.stats."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from mlestim.distributions.base import Array, Family, Theta
from mlestim.distributions.numeric import differentiated_terms
from mlestim.distributions.parameter import Interval, Parameter, Unit, domain_of
from mlestim.distributions.registry import registered
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import Support
from mlestim.errors import OptionError, ParameterError

SUPPORTS = {
    "real": Support(),
    "positive": Support(lower=0.0),
    "unit": Support(0.0, 1.0),
    "counts": Support(lower=0.0, lower_closed=True, integers=True),
}
# A density whose integral is further from 1 is none.
NORMALISATION = 1e-6


class Custom(Family):
    """A family that is no part of the registry; its derivatives are numerical."""

    name = "custom"
    parameters: tuple[Parameter, ...] = ()
    support = SUPPORTS["real"]

    def row_log_density(self, x: Array, theta: Theta) -> Array:
        """Log density of each row."""
        raise NotImplementedError

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        return differentiated_terms(
            lambda moved: self.row_log_density(t[0], moved), self.parameters, theta
        )

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return [
            [self._begin(parameter, sketch, eta) for parameter in self.parameters]
            for eta in (0.0, 1.0, -1.0)
        ]

    def _begin(self, parameter: Parameter, sketch: Sketch, eta: float) -> Array:
        """Middle and spread of the sample where the unit says so, else a link value near 0."""
        if parameter.unit is Unit.LOCATION:
            return sketch.quantile(0.5)
        if parameter.unit is Unit.SCALE:
            return np.exp(eta) * sketch.sd
        return np.full(len(sketch.rows), float(parameter.domain.from_link(eta)))


class FromFunction(Custom):
    """A family given by its log density alone."""

    by_member = True
    function: ClassVar[Callable[..., Any]]
    own_start: ClassVar[Any] = None

    def row_log_density(self, x: Array, theta: Theta) -> Array:
        value = np.asarray(type(self).function(x, *theta), dtype=float)
        shape = np.broadcast_shapes(x.shape, *(np.shape(value) for value in theta))
        if value.shape != shape:
            raise ParameterError(
                f"{self.name}: the log density has shape {value.shape} where rows and parameters "
                f"have {shape}. Write it with functions of NumPy that work row by row."
            )
        return value

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        usual = super().start(sketch)
        if self.own_start is None:
            return usual
        begin = [
            self.own_start(rows) if callable(self.own_start) else self.own_start
            for rows in sketch.rows
        ]
        own = [np.array([float(b[name]) for b in begin]) for name in self.parameter_names]
        return [own, *usual]

    # ---- probabilities by quadrature -------------------------------------------------------------

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return self._members(x, theta, lambda rows, t: self._below(rows, t)[0])

    def _sf(self, x: Array, theta: Theta) -> Array:
        return self._members(x, theta, lambda rows, t: self._below(rows, t)[1])

    def _members(
        self, x: Array, theta: Theta, function: Callable[[Array, list[Array]], Array]
    ) -> Array:
        """Answer for all rows of one member at a time."""
        if all(np.size(value) == 1 for value in theta):
            rows = np.ravel(x)
            answer = function(rows, [np.reshape(value, ()) for value in theta])
            return np.reshape(answer, np.broadcast_shapes(x.shape, *(v.shape for v in theta)))
        x, *members = np.broadcast_arrays(x, *theta)
        answer = np.empty(x.shape)
        for place in np.ndindex(x.shape):
            own = [value[place] for value in members]
            answer[place] = function(np.atleast_1d(x[place]), own)[0]
        return answer

    def _below(self, x: Array, theta: list[Array]) -> tuple[Array, Array]:
        """Probabilities of at most x and of more."""
        if self.support.integers:
            points = np.arange(self.support.lower, np.max(x, initial=self.support.lower) + 1.0)
            with np.errstate(all="ignore"):
                total = np.cumsum(np.exp(self.row_log_density(points, theta)))
            below = total[np.maximum(x - self.support.lower, 0.0).astype(np.intp)]
            return below, 1.0 - below
        from scipy.integrate import tanhsinh

        middle, width = self._middle(theta)

        def density(u: Array) -> Array:
            with np.errstate(all="ignore"):
                value = np.exp(self.row_log_density(middle + width * u, theta)) * width
            return np.where(np.isfinite(value), value, 0.0)

        first = (self.support.lower - middle) / width
        last = (self.support.upper - middle) / width
        u = (x - middle) / width
        left, right = (
            float(tanhsinh(density, low, high, rtol=1e-12, atol=1e-300).integral)
            for low, high in ((first, 0.0), (0.0, last))
        )
        if abs(left + right - 1.0) > NORMALISATION:
            raise ParameterError(
                f"{self.name}: the density integrates to {left + right:.6g}, not to 1. "
                "Complete its normalising constant."
            )
        outer = tanhsinh(density, np.where(u < 0.0, first, u), np.where(u < 0.0, u, last),
                         rtol=1e-12, atol=1e-300).integral  # fmt: skip
        return np.where(u < 0.0, outer, 1.0 - outer), np.where(u < 0.0, 1.0 - outer, outer)

    def _middle(self, theta: list[Array]) -> tuple[float, float]:
        """Where the density is highest, and how far away it has fallen to a third."""
        from scipy.optimize import minimize_scalar

        bounds = Interval(self.support.lower, self.support.upper)
        links = np.linspace(-25.0, 25.0, 501)
        if bounds.link_name == "identity":
            links = np.sinh(links)

        def height(eta: Any) -> Any:
            with np.errstate(all="ignore"):
                value = self.row_log_density(np.atleast_1d(bounds.from_link(eta)), theta)
            return np.where(np.isfinite(value), value, -1e300)

        best = int(np.argmax(height(links)))
        ends = links[max(best - 1, 0)], links[min(best + 1, len(links) - 1)]
        found = minimize_scalar(lambda eta: -float(height(eta)[0]), bounds=ends, method="bounded")
        mode = float(bounds.from_link(found.x))
        top = float(height(found.x)[0])

        def fallen(step: float) -> bool:
            sides = np.array([mode - step, mode + step])
            with np.errstate(all="ignore"):
                return bool(np.any(self.row_log_density(sides, theta) < top - 1.0))

        width = max(abs(mode), 1e-300) * 1e-9
        while not fallen(width) and width < 1e200:
            width *= 2.0
        return mode, width


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


def family(
    log_density: Callable[..., Any],
    domains: Mapping[str, Any],
    *,
    support: str | tuple[float, float] | Support = "real",
    start: Mapping[str, float] | Callable[[Array], Mapping[str, float]] | None = None,
    units: Mapping[str, str] | None = None,
    name: str | None = None,
) -> type[Family]:
    r"""Make a family of a log density, for `fit`, `compare` and everything that follows.

    Derivatives are taken by differences, probabilities by quadrature.

    Parameters
    ----------
    log_density : callable
        Takes the rows and the parameters in the order of `domains`, arrays that broadcast; returns
        the normalised log density (log probability of counts) of each row.
    domains : mapping
        Parameters and where they lie: ``"real"``, ``"positive"``, ``"unit"`` or a pair of ends.
    support : str, pair or Support
        Where the values lie: ``"real"``, ``"positive"``, ``"unit"``, ``"counts"`` or two ends.
    start : mapping or callable, optional
        Where the search begins; a callable gets some rows of the sample, sorted.
    units : mapping, optional
        Parameters that follow the unit of the data: ``"location"``, ``"scale"``, ``"square"`` (of a
        variance). Named for all that do, the fit does not depend on the unit of measurement.
    name : str, optional
        By default the name of the function.

    Returns
    -------
    class
        A `Family`; with parameter values it is a distribution.

    Examples
    --------
    >>> def peak(x, centre, scale):
    ...     return -np.log(2 * scale) - np.abs(x - centre) / scale
    >>> Peak = family(peak, {"centre": "real", "scale": "positive"})
    >>> Peak(centre=0, scale=1).cdf([-1, 0, 2]).round(6)
    array([0.18394 , 0.5     , 0.932332])
    """
    if not domains:
        raise OptionError("family: name the parameters with their domains, as in {'a': 'positive'}")
    if units and isinstance(start, Mapping):
        raise OptionError("family: with units, start is a function of the rows, in their unit")
    unknown = sorted({*(units or {})} - domains.keys())
    if unknown:
        raise OptionError(f"family: units of {', '.join(unknown)}, which have no domain")
    called = name or getattr(log_density, "__name__", "custom").strip("<>")
    if called in registered():
        raise OptionError(
            f"family: '{called}' is a family of mlestim already. Give another name, as in "
            f"name='my_{called}'."
        )
    where = _support(support)
    return type(
        _class_name(called),
        (FromFunction,),
        {
            "__doc__": log_density.__doc__,
            "__module__": __name__,
            "name": called,
            "parameters": tuple(
                Parameter(parameter, domain_of(parameter, domain), _unit((units or {}), parameter))
                for parameter, domain in domains.items()
            ),
            "support": where,
            "kind": "discrete" if where.integers else "continuous",
            "function": staticmethod(log_density),
            "own_start": staticmethod(start) if callable(start) else start,
        },
    )


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
        _class_name(law.name),
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


def _support(given: object) -> Support:
    match given:
        case Support():
            return given
        case str() if given in SUPPORTS:
            return SUPPORTS[given]
        case (int() | float() as lower, int() | float() as upper) if lower < upper:
            return Support(float(lower), float(upper), True, True)
    raise OptionError(
        f"support={given!r} is unknown. Use one of {', '.join(map(repr, SUPPORTS))}, or two ends."
    )


def _unit(units: Mapping[str, str], name: str) -> Unit:
    try:
        return Unit(units.get(name, "none"))
    except ValueError:
        raise OptionError(
            f"units: {name} = {units[name]!r} is unknown. Use one of "
            f"{', '.join(repr(str(unit)) for unit in Unit)}."
        ) from None


def _class_name(name: str) -> str:
    words = re.split(r"\W+|_", name)
    return "".join(word[:1].upper() + word[1:] for word in words) or "Custom"
