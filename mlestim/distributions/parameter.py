"""Parameters of a family: their names, domains, links, and how they follow the data's units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.errors import OptionError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """An open interval of the real line, with the link that maps it onto the whole line.

    The link is the identity on the real line, the log of the distance to a single finite end,
    and the scaled logit between two finite ends.
    """

    lower: float = -math.inf
    upper: float = math.inf

    def contains(self, theta: ArrayLike) -> NDArray[np.bool_]:
        """Say elementwise whether finite values lie strictly inside."""
        theta = np.asarray(theta, dtype=float)
        return (theta > self.lower) & (theta < self.upper) & np.isfinite(theta)

    def on_edge(self, theta: ArrayLike) -> NDArray[np.bool_]:
        """Say elementwise whether values sit exactly on an end, infinite ends included."""
        theta = np.asarray(theta, dtype=float)
        return (theta == self.lower) | (theta == self.upper)

    @cached_property
    def link_name(self) -> str:
        """Name of the link: identity, log, reflected log or logit."""
        return {
            (False, False): "identity",
            (True, False): "log",
            (False, True): "reflected log",
            (True, True): "logit",
        }[(math.isfinite(self.lower), math.isfinite(self.upper))]

    def to_link(self, theta: ArrayLike) -> Array:
        """Map from the interval to the whole line."""
        theta = np.asarray(theta, dtype=float)
        match self.link_name:
            case "identity":
                return theta
            case "log":
                return np.log(theta - self.lower)
            case "reflected log":
                return -np.log(self.upper - theta)
            case _:
                return np.log(theta - self.lower) - np.log(self.upper - theta)

    def from_link(self, eta: ArrayLike) -> Array:
        """Map from the whole line to the interval."""
        eta = np.asarray(eta, dtype=float)
        match self.link_name:
            case "identity":
                return eta
            case "log":
                return self.lower + np.exp(eta)
            case "reflected log":
                return self.upper - np.exp(-eta)
            case _:
                return self.lower + (self.upper - self.lower) / (1.0 + np.exp(-eta))

    def link_derivatives(self, theta: ArrayLike) -> tuple[Array, Array]:
        """First and second derivative of the parameter in its link value, at `theta`."""
        theta = np.asarray(theta, dtype=float)
        match self.link_name:
            case "identity":
                return np.ones_like(theta), np.zeros_like(theta)
            case "log":
                first = theta - self.lower
                return first, first
            case "reflected log":
                first = self.upper - theta
                return first, -first
            case _:
                share = (theta - self.lower) / (self.upper - self.lower)
                first = (theta - self.lower) * (1.0 - share)
                return first, first * (1.0 - 2.0 * share)

    def __str__(self) -> str:
        return f"({self.lower:g}, {self.upper:g})"


class WideInterval(Interval):
    """The real line with the link arsinh: values far from 0 move by factors, as logs do."""

    def to_link(self, theta: ArrayLike) -> Array:
        """Map the line to itself."""
        return np.arcsinh(np.asarray(theta, dtype=float))

    def from_link(self, eta: ArrayLike) -> Array:
        """Map it back."""
        return np.sinh(np.asarray(eta, dtype=float))

    def link_derivatives(self, theta: ArrayLike) -> tuple[Array, Array]:
        """First and second derivative of the parameter in its link value, at `theta`."""
        theta = np.asarray(theta, dtype=float)
        return np.hypot(1.0, theta), theta


REAL = Interval()
WIDE = WideInterval()
POSITIVE = Interval(lower=0.0)
UNIT = Interval(0.0, 1.0)


DOMAINS = {"real": REAL, "positive": POSITIVE, "unit": UNIT}
# As users say it: a word, a pair of ends, or an interval.
Domain = str | tuple[float | None, float | None] | Interval


def domain_of(name: str, domain: object) -> Interval:
    """Read a domain: a word, a pair of ends (None for an open one), or an interval.

    Raises
    ------
    OptionError
        If it is none of these.

    Examples
    --------
    >>> domain_of("rho", (-1, 1))
    Interval(lower=-1.0, upper=1.0)
    >>> domain_of("rate", (0, None)) == POSITIVE
    True
    """
    match domain:
        case Interval():
            return domain
        case str() if domain in DOMAINS:
            return DOMAINS[domain]
        case (int() | float() | None as low, int() | float() | None as high):
            lower = -math.inf if low is None else float(low)
            upper = math.inf if high is None else float(high)
            if lower < upper:
                return Interval(lower, upper)
    raise OptionError(
        f"domain of {name}: one of {', '.join(map(repr, DOMAINS))}, or a pair (lower, upper), is "
        f"needed, not {domain!r}"
    )


class Unit(StrEnum):
    """How a parameter follows the data when they become ``centre + scale * data``."""

    NONE = "none"
    LOCATION = "location"
    SCALE = "scale"
    LOG_SCALE = "log scale"
    SQUARE = "square"
    PRODUCT = "product of two scales"


class Shape(StrEnum):
    """Whether a parameter is one number, or has one for each component, or each pair of them."""

    NUMBER = "number"
    VECTOR = "vector"
    MATRIX = "matrix"


@dataclass(frozen=True)
class Parameter:
    """One parameter of a family.

    Parameters
    ----------
    name : str
        The name that users write and tables show.
    domain : Interval
        Its values; validation, unconstrained fitting and documentation follow from it.
    unit : Unit
        How it changes with the unit of the data.
    meaning : str
        A few words for the catalogue.
    known : bool
        Whether it is never estimated and has to be given, for all rows or for each.
    shape : Shape
        Of a family of vectors, whether it is a vector or a symmetric matrix.
    counts : bool
        Whether it is a whole number, the end of the domain included.
    """

    name: str
    domain: Interval = REAL
    unit: Unit = Unit.NONE
    meaning: str = ""
    known: bool = False
    shape: Shape = Shape.NUMBER
    counts: bool = False

    def accepts(self, theta: ArrayLike) -> NDArray[np.bool_]:
        """Say elementwise which values may be known."""
        if not self.counts:
            return self.domain.contains(theta)
        theta = np.asarray(theta, dtype=float)
        return (np.floor(theta) == theta) & (theta >= self.domain.lower) & np.isfinite(theta)

    @property
    def values(self) -> str:
        """The values that may be known, in words."""
        if self.counts:
            return f"the whole numbers from {self.domain.lower:g} up"
        return str(self.domain)

    def rescale(self, theta: Array, centre: ArrayLike, scale: ArrayLike) -> Array:
        """Value for data ``centre + scale * z`` when `theta` belongs to the data ``z``."""
        match self.unit:
            case Unit.LOCATION:
                return np.asarray(centre) + np.multiply(scale, theta)
            case Unit.SCALE:
                return np.multiply(scale, theta)
            case Unit.LOG_SCALE:
                return theta + np.log(scale)
            case Unit.SQUARE:
                return np.square(scale) * theta
            case _:
                return theta

    def standardize(self, theta: Array, centre: ArrayLike, scale: ArrayLike) -> Array:
        """Invert `rescale`."""
        match self.unit:
            case Unit.LOCATION:
                return (theta - np.asarray(centre)) / scale
            case Unit.SCALE:
                return theta / np.asarray(scale)
            case Unit.LOG_SCALE:
                return theta - np.log(scale)
            case Unit.SQUARE:
                return theta / np.square(scale)
            case _:
                return theta

    def rescale_factor(self, scale: ArrayLike) -> Array:
        """Derivative of `rescale` in `theta`: the factor of standard errors."""
        scale = np.asarray(scale, dtype=float)
        match self.unit:
            case Unit.LOCATION | Unit.SCALE:
                return scale
            case Unit.SQUARE:
                return np.square(scale)
            case _:
                return np.ones_like(scale)
