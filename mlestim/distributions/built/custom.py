"""Families of one's own: a log density with declared domains."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Theta
from mlestim.distributions.numeric import differentiated_terms
from mlestim.distributions.parameter import Interval, Parameter, Unit, domain_of
from mlestim.distributions.registry import registered
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import Support
from mlestim.distributions.tails.cumulative import tail_integrals
from mlestim.distributions.tails.quadrature import Integrands, QuadratureTails, begins_of_members
from mlestim.errors import OptionError, ParameterError

SUPPORTS = {
    "real": Support(),
    "positive": Support(lower=0.0),
    "unit": Support(0.0, 1.0),
    "counts": Support(lower=0.0, lower_closed=True, integers=True),
}
# A density whose integral is further from 1 is none.
NORMALISATION = 1e-6
# Rows on which starts are compared.
FEW_ROWS = 25


class Custom(Family):
    """A family that is no part of the registry; its derivatives are numerical."""

    name = "custom"
    parameters: tuple[Parameter, ...] = ()
    support = SUPPORTS["real"]
    by_differences = True

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

    def highest(
        self, proposals: Sequence[Sequence[Array]], sketch: Sketch, most: int
    ) -> list[list[Array]]:
        """Those starts at which the density of some of the rows is highest, the best first."""
        rows = sketch.rows[:, :: max(1, sketch.rows.shape[1] // FEW_ROWS)]
        with np.errstate(all="ignore"):  # where a start is impossible
            heights = [
                np.sum(self.row_log_density(rows, [value[:, None] for value in theta]), axis=1)
                for theta in proposals
            ]
        order = np.argsort(-np.nan_to_num(heights, nan=-np.inf), axis=0, kind="stable")[:most]
        stacked = np.array(proposals)
        return [list(stacked[ranked, :, np.arange(len(rows))].T) for ranked in order]

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


class CountsFromFunction(FromFunction):
    """Counts given by their log probability; probabilities are sums."""

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return self._members(x, theta, self._below)

    def _sf(self, x: Array, theta: Theta) -> Array:
        return 1.0 - self._cdf(x, theta)

    def _members(
        self, x: Array, theta: Theta, function: Callable[[Array, list[Array]], Array]
    ) -> Array:
        """Answer for all rows of one member at a time."""
        if all(np.size(value) == 1 for value in theta):
            answer = function(np.ravel(x), [np.reshape(value, ()) for value in theta])
            return np.reshape(answer, np.broadcast_shapes(x.shape, *(v.shape for v in theta)))
        x, *members = np.broadcast_arrays(x, *theta)
        answer = np.empty(x.shape)
        for place in np.ndindex(x.shape):
            own = [value[place] for value in members]
            answer[place] = function(np.atleast_1d(x[place]), own)[0]
        return answer

    def _below(self, x: Array, theta: list[Array]) -> Array:
        """Probability of at most x."""
        points = np.arange(self.support.lower, np.max(x, initial=self.support.lower) + 1.0)
        with np.errstate(all="ignore"):
            total = np.cumsum(np.exp(self.row_log_density(points, theta)))
        return total[np.maximum(x - self.support.lower, 0.0).astype(np.intp)]


class DensityFromFunction(QuadratureTails, FromFunction):
    """Values given by their log density; probabilities are integrals from one row to the next.

    They are taken on the scale of the link of the support: a density may be infinite at its ends.
    """

    def _tail_integrals(
        self, x: Array, theta: Theta, integrands: Integrands
    ) -> tuple[Array, NDArray[np.bool_]]:
        return self._by_members(x, theta, begins_of_members(x, theta), integrands)

    def _of_member(self, x: Array, theta: Theta, integrands: Integrands) -> tuple[Array, Array]:
        points, place = np.unique(x, return_inverse=True)
        link = Interval(self.support.lower, self.support.upper)

        def log_density(eta: Array) -> Array:
            with np.errstate(all="ignore"):  # beyond all numbers there is no density
                value = link.from_link(eta)
                value = self.row_log_density(value, theta) + np.log(link.link_derivatives(value)[0])
            return np.where(np.isfinite(value), value, -np.inf)

        def linked(eta: Array, log_factor: Array) -> Array:
            with np.errstate(all="ignore"):
                value = link.from_link(eta)
                log_slope = np.log(link.link_derivatives(value)[0])
                return np.nan_to_num(integrands(value, theta, log_factor + log_slope), posinf=0.0)

        centre, unit = _mode_and_width(log_density, link.link_name == "identity")
        lower, higher = tail_integrals(linked, log_density, link.to_link(points), centre, unit)
        whole = float(lower[0, 0] + higher[0, 0])
        if not abs(whole - 1.0) < NORMALISATION:
            raise ParameterError(
                f"{self.name}: the density integrates to {whole:.6g}, not to 1. "
                "Complete its normalising constant."
            )
        return lower[:, place], higher[:, place]


def _mode_and_width(log_density: Callable[[Array], Array], heavy: bool) -> tuple[float, float]:
    """Where a density on the whole line is highest, and how far away it has fallen to a third."""
    from scipy.optimize import minimize_scalar

    grid = np.linspace(-25.0, 25.0, 501)
    points = np.sinh(grid) if heavy else grid

    def height(eta: float) -> float:
        return float(np.maximum(log_density(np.array([eta])), -1e300)[0])

    best = int(np.argmax(log_density(points)))
    ends = points[max(best - 1, 0)], points[min(best + 1, len(points) - 1)]
    mode = float(minimize_scalar(lambda eta: -height(eta), bounds=ends, method="bounded").x)
    top = height(mode)
    widths = max(abs(mode), 1e-300) * 1e-9 * 2.0 ** np.arange(800.0)
    sides = np.minimum(log_density(mode - widths), log_density(mode + widths))
    fallen = np.flatnonzero(sides < top - 1.0)
    return mode, float(widths[fallen[0]]) if len(fallen) else 1.0


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
    _check_signature(log_density, list(domains))
    called = name or getattr(log_density, "__name__", "custom").strip("<>")
    if called in registered():
        raise OptionError(
            f"family: '{called}' is a family of mlestim already. Give another name, as in "
            f"name='my_{called}'."
        )
    where = _support(support)
    return type(
        class_name(called),
        (CountsFromFunction if where.integers else DensityFromFunction,),
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


def _check_signature(log_density: Callable[..., Any], names: list[str]) -> None:
    """Refuse a function that does not take the rows and the parameters, in this order."""
    try:
        signature = inspect.signature(log_density)
    except (TypeError, ValueError):  # compiled functions may have none
        return
    try:
        signature.bind(None, *names)
    except TypeError as error:
        raise OptionError(
            f"family: the log density has to take the rows and {', '.join(names)}: {error}"
        ) from None
    own = list(signature.parameters)[1 : 1 + len(names)]
    if own != names and set(own) == set(names):
        raise OptionError(
            f"family: the log density takes {', '.join(own)}; give the domains in this order"
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


def class_name(name: str) -> str:
    """Name of a class from that of a family."""
    words = re.split(r"\W+|_", name)
    return "".join(word[:1].upper() + word[1:] for word in words) or "Custom"
