"""Families of the distributions of scipy.stats."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import product
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family, Theta
from mlestim.distributions.built.custom import Custom, class_name
from mlestim.distributions.parameter import POSITIVE, Interval, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE, Support
from mlestim.errors import OptionError

PLACES = {
    "location": Parameter("location", unit=Unit.LOCATION),
    "scale": Parameter("scale", POSITIVE, Unit.SCALE),
}
# Sizes that scipy calls whole numbers, and that may be any positive number.
REAL_SIZES = {"nbinom": ("n",), "betanbinom": ("n",), "erlang": ("a",)}
# Parameters in which densities have a kink at the observation.
KINKS = {"laplace": "location", "loglaplace": "scale"}
# Densities that repeat after 2π, and so have no scale to be estimated.
PERIODIC = ("vonmises",)
# Shapes that hold the scale: beside them, the scale is not identified.
SCALED_BY_SHAPES = {"loguniform": {"a", "b"}, "reciprocal": {"a", "b"}}
# Link values of shapes that a search may start from, and how many starts are climbed from.
ETAS, MOST_STARTS = (0.0, 1.0, -1.0, 2.0), 3


class FromScipy(Custom):
    """A distribution of scipy.stats; shapes keep their names, loc is called location."""

    distribution: ClassVar[Any]
    bounded: ClassVar[bool]

    def _given(self, theta: Theta) -> dict[str, Any]:
        """The parameters under scipy's names."""
        values = dict(zip(self.parameter_names, theta, strict=True))
        return {"loc" if name == "location" else name: value for name, value in values.items()}

    def row_log_density(self, x: Array, theta: Theta) -> Array:
        discrete = self.kind == "discrete"
        method = self.distribution.logpmf if discrete else self.distribution.logpdf
        try:
            return np.asarray(method(x, **self._given(theta)), dtype=float)
        except OverflowError:  # parameters so far away are refused
            return np.full(np.broadcast_shapes(x.shape, *(np.shape(v) for v in theta)), np.nan)

    def ends(self, theta: Theta) -> tuple[ArrayLike, ArrayLike]:
        given = self._given(theta)
        location, scale = given.pop("loc", 0.0), given.pop("scale", 1.0)
        low, high = self.distribution.support(**given)
        # an end at the location does not depend on a scale, known or not
        return tuple(np.where(end == 0.0, location, location + scale * end) for end in (low, high))

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        if not self.bounded:
            return super().outside(x, theta)
        low, high = (np.asarray(end, dtype=float) for end in self.ends(theta))
        return np.asarray((x < low) | (x > high))

    def inner_point(self, theta: Theta) -> float | Array:
        low, high = (np.asarray(end, dtype=float) for end in self.ends(theta))
        if not (self.bounded and np.all(np.isfinite([low, high]))):
            return super().inner_point(theta)
        return np.asarray(0.5 * (low + high))

    def as_asked(self, freed: Collection[str], given: Collection[str]) -> Family:
        own, law = self.parameter_names, self.distribution
        asked = {*freed, *given, *own}
        places = tuple(name for name in PLACES if name in (own if self.half_line else asked))
        known = [parameter.name for parameter in self.parameters if parameter.known]
        sizes = tuple(name for name in self.known_unless_freed if name in known and name in freed)
        never = [name for name in known if name in freed and name not in sizes]
        if never:
            raise OptionError(
                f"{self.name}: {', '.join(never)} cannot be estimated, being whole numbers; give "
                f"fixed={{{never[0]!r}: …}}"
            )
        if self.kind == "discrete":
            places = ()
        if places == tuple(name for name in PLACES if name in own) and not sizes:
            return self
        held = tuple(name for name in self.known_unless_freed if name in PLACES)
        return made_of(law, places, held, sizes)(**self.values)

    def without_maximum(self, sketch: Sketch, free: frozenset[str]) -> NDArray[np.bool_] | None:
        law = self.distribution
        if law.numargs or not self.bounded or not free >= PLACES.keys():
            return super().without_maximum(sketch, free)
        with np.errstate(divide="ignore"):  # an end may be put on a row
            infinite = np.isposinf(law.logpdf([law.a, law.b])).any()
        return np.full(len(sketch.rows), infinite)

    def not_identified(self, sketch: Sketch, free: frozenset[str]) -> NDArray[np.bool_] | None:
        shapes = SCALED_BY_SHAPES.get(self.distribution.name)
        if shapes is None or not free >= {*shapes, "scale"}:
            return super().not_identified(sketch, free)
        return np.ones(len(sketch.rows), dtype=bool)

    # ---- starts ------------------------------------------------------------------------------------

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        proposals: list[Sequence[Array]] = [
            [*shapes, *place]
            for shapes in self._shapes_to_try(sketch)
            for place in self._places_to_try(sketch, shapes)
        ]
        if self.has_known:  # numbers that a sketch does not tell
            return proposals[:MOST_STARTS]
        few = len(self.parameters) < 4  # where a climb is cheap
        return self.highest(proposals, sketch, 2 * MOST_STARTS if few else MOST_STARTS)

    def _shapes_to_try(self, sketch: Sketch) -> list[list[Array]]:
        shapes = [p for p in self.parameters if p.name not in PLACES]
        etas: Iterable[Sequence[float]] = [[eta] * len(shapes) for eta in ETAS]
        if len(shapes) == 2:
            etas = sorted(product(ETAS[:3], repeat=2), key=lambda pair: abs(pair[0] - pair[1]))
        ones = np.ones(len(sketch.rows))
        linked = [
            [ones * p.domain.from_link(e) for p, e in zip(shapes, eta, strict=True)]
            for eta in (etas if shapes else [[]])
        ]
        if self.kind == "discrete" and len(shapes) == 1:
            mean = sketch.mean
            linked += [[mean]] if np.all(shapes[0].domain.contains(mean)) else []
        return linked

    def _places_to_try(self, sketch: Sketch, shapes: Sequence[Array]) -> list[list[Array]]:
        names = [name for name in PLACES if name in self.parameter_names]
        if self.bounded:
            places = self._places_around(sketch, shapes)
        else:
            middle, bulk = sketch.quantile(0.5), sketch.quantile(0.75) - sketch.quantile(0.25)
            # of heavy tails the standard deviation tells nothing
            sd = np.where(bulk > 0.0, np.minimum(sketch.sd, bulk), sketch.sd)
            places = [{"location": middle, "scale": sd * factor} for factor in (1.0, 0.4, 2.5)]
            if "location" in names:
                others = (sketch.mean, sketch.quantile(0.25), sketch.quantile(0.75))
                places += [{"location": other, "scale": sd} for other in others]
        return [[place[name] for name in names] for place in places] if names else [[]]

    def _places_around(self, sketch: Sketch, shapes: Sequence[Array]) -> list[dict[str, Array]]:
        """Places from which the support holds all rows and a little more."""
        low, high = (np.asarray(end, float) for end in self.distribution.support(*shapes))
        spread = np.maximum(sketch.maximum - sketch.minimum, 1e-3 * sketch.sd)
        places = []
        for gap in (0.02, 0.2, 1.0, 5.0):
            margin = gap * spread
            least, greatest = sketch.minimum - margin, sketch.maximum + margin
            if "scale" not in self.parameter_names:
                location = np.where(
                    np.isfinite(high), 0.5 * (least + greatest - low - high), least - low
                )
                places.append({"location": location})
            elif "location" not in self.parameter_names:
                above = np.where(np.isfinite(high) & (high > 0.0), greatest / high, 0.0)
                below = np.where(np.isfinite(low) & (low < 0.0), least / low, 0.0)
                scale = np.maximum(above, below)
                shrunk = sketch.minimum / np.where(low > 0.0, low, 1.0) / (1.0 + gap)
                places.append({"scale": np.where(scale > 0.0, scale, shrunk)})
            else:
                finite = np.isfinite(high)
                length = np.where(finite, high, low + 1.0) - low
                scale = np.where(finite, greatest - least, sketch.sd) / length
                places.append({"location": least - low * scale, "scale": scale})
        return places

    # ---- formulas ----------------------------------------------------------------------------------

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
    location is held unless freed, as in all half-line families. Elsewhere both are parameters of a
    distribution without shapes, and of others where they are freed or given.
    Shapes that are whole numbers are known; sizes that may be real are estimated where freed.
    A frozen location or scale that is held by default is held at its value.
    """
    from scipy import stats

    # the class of some distributions has a dist as well
    frozen = not isinstance(distribution, (stats.rv_continuous, stats.rv_discrete))
    law = distribution.dist if frozen else distribution
    places: tuple[str, ...] = ()
    if not _is_discrete(law):
        whole = bool(np.isinf(law.a) and np.isinf(law.b))
        places = ("scale",) if _on_half_line(law) else tuple(PLACES)
        places = places if whole or _on_half_line(law) or not law.numargs else ()
        if law.name in PERIODIC:
            places = ("location",)
    if not frozen:
        return made_of(law, places)()
    shapes, location, scale = law._parse_args(*distribution.args, **distribution.kwds)  # noqa: SLF001
    values = dict(zip((shape.name for shape in _shapes(law)), shapes, strict=True))
    held: tuple[str, ...] = ()
    if not _is_discrete(law) and not places and (location, scale) != (0, 1):
        places = held = tuple(PLACES)
    if law.name in PERIODIC and scale != 1:
        places, held = tuple(PLACES), ("scale",)
    if places:
        values["location"] = location
    if "scale" in places:
        values["scale"] = scale
    return made_of(law, places, held)(**values)


def made_of(
    law: Any,
    places: tuple[str, ...],
    held: tuple[str, ...] = (),
    real_sizes: tuple[str, ...] = (),
) -> type[FromScipy]:
    """Make the family with these of location and scale; `held` ones are known unless freed."""
    from scipy import stats

    discrete, half_line = _is_discrete(law), _on_half_line(law)
    bounded = bool(places) and not half_line and bool(np.isfinite(law.a) or np.isfinite(law.b))
    sizes = REAL_SIZES.get(law.name, ())
    support = Support(float(law.a), float(law.b), True, True, discrete)
    made: type[FromScipy] = type(
        class_name(law.name),
        (FromScipy,),
        {
            "__module__": __name__,
            "name": f"scipy_{law.name}",
            "parameters": (*_shapes(law, real_sizes), *(PLACES[name] for name in places)),
            "support": REAL_LINE if bounded else support,
            "kink": KINKS.get(law.name),
            "kind": "discrete" if discrete else "continuous",
            "half_line": half_line,
            "bounded": bounded,
            "known_unless_freed": (*held, *(() if real_sizes else sizes)),
            # scipy warns of shapes of erlang that are no whole numbers
            "distribution": stats.gamma if law.name == "erlang" and real_sizes else law,
        },
    )
    return made


def _is_discrete(law: Any) -> bool:
    return hasattr(law, "logpmf")


def _on_half_line(law: Any) -> bool:
    return not _is_discrete(law) and law.a == 0.0 and bool(np.isinf(law.b))


def _shapes(law: Any, real: Collection[str] = ()) -> tuple[Parameter, ...]:
    """Shape parameters of a scipy distribution with their domains; sizes in `real` are no counts."""
    try:
        known = law._shape_info()  # noqa: SLF001 -- scipy gives domains nowhere else
    except (AttributeError, NotImplementedError):
        names = (law.shapes or "").replace(",", " ").split()
        return tuple(Parameter(name) for name in names)
    if len(known) != law.numargs:
        raise OptionError(
            f"scipy.stats.{law.name} takes arrays as shapes, which cannot be estimated. Write its "
            "log probability with numbers as parameters, for mlestim.family."
        )
    return tuple(
        Parameter(info.name, POSITIVE)
        if info.name in real
        else Parameter(
            info.name,
            Interval(float(info.domain[0]), float(info.domain[1])),
            known=info.integrality,
        )
        for info in known
    )
