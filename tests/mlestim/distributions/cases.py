"""Members of every registered family to test at, and where to look at them."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Sequence

import numpy as np

from mlestim.distributions import Family, registered

from .oracles import ORACLES, Member

EVERY = list(registered())
VECTORS = [name for name, cls in registered().items() if cls.kind == "multivariate"]
NAMES = [name for name in registered() if name not in VECTORS]
NUMERIC = [name for name in NAMES if registered()[name].kind != "categorical"]
CONTINUOUS = [name for name, cls in registered().items() if cls.kind == "continuous"]
DISCRETE = [name for name, cls in registered().items() if cls.kind == "discrete"]
HALF_LINE = [name for name, cls in registered().items() if cls.half_line]

EPSILON = float(np.finfo(float).eps)
# A step that measures slopes of functions whatever the noise of their last digits.
NUDGE = 2.0**-30
LEVELS = ("red", "green", "blue")


def family_named(name: str) -> Family:
    """The family without parameter values; labels for those that need them."""
    cls = registered()[name]
    if cls.kind == "multivariate":
        return cls().shaped(range(1, 1 + max(cls.fewest, 2) + (cls.fewest > 1)))
    return cls(levels=LEVELS) if cls.kind == "categorical" else cls()


def generator(*what: object) -> np.random.Generator:
    """A generator of random numbers that is the same in every run and differs between tests."""
    return np.random.default_rng(zlib.crc32(repr(what).encode()))


def random_members(name: str, n: int) -> list[Member]:
    """Values of all parameters: standard normal on the link scale, which every domain has."""
    family = family_named(name)
    eta = generator("members", name).normal(size=(family.link.size, n))
    theta = [
        np.ceil(5.0 * value) if parameter.known else value  # numbers of trials and the like
        for parameter, value in zip(family.parameters, family.link.from_link(eta), strict=True)
    ]
    return [tuple(map(float, member)) for member in in_order(family, theta).T]


def in_order(family: Family, theta: Sequence[np.ndarray]) -> np.ndarray:
    """The same values, sorted where the family demands an order that they do not have."""
    ordered = np.array(theta)
    wrong = ~family.valid(ordered)
    ordered[:, wrong] = np.sort(ordered[:, wrong], axis=0)
    return ordered


def members(name: str, n: int = 2) -> list[Member]:
    """Random members, or those the oracle prefers."""
    chosen = ORACLES[name].members if name in ORACLES else ()
    return list(chosen[:n]) or random_members(name, n)


def members_and_hard_ones(name: str, *, terms: bool = False) -> list[Member]:
    """The above and those at which formulas tend to lose digits."""
    if name not in ORACLES:
        return members(name)
    oracle = ORACLES[name]
    return [*members(name), *oracle.hard, *(oracle.hard_terms if terms else ())]


def member(name: str, theta: Member) -> Family:
    """The distribution."""
    family = family_named(name)
    return family.with_values(dict(zip(family.parameter_names, theta, strict=True)))


def body_and_tails(distribution: Family, *, smallest: float = 1e-100) -> np.ndarray:
    """Values in the body, in both tails and beyond, inside the support; vectors from a sample."""
    if distribution.kind == "multivariate":
        return distribution.rvs(6, random_state=5)
    tail = np.array([smallest, 1e-12, 1e-6, 0.1])
    with np.errstate(all="ignore"):
        x = np.concatenate(
            [distribution.ppf(tail), [distribution.median()], distribution.isf(tail[::-1])]
        )
    if not distribution.support.integers:
        # a quantile may underflow to the end of the support: take the smallest number that counts
        x = np.where(x == distribution.support.lower, x + 1e-300, x)
    # squares and cubes of larger numbers overflow
    x = np.unique(x[np.abs(x) < 1e100])
    x = x[~distribution.support.outside(x)]
    if distribution.support.integers:
        return x
    # an upper end that depends on the parameters: a quantile next to it may round to beyond it
    beside = [x * (1.0 - 4.0 * EPSILON), x * (1.0 + 4.0 * EPSILON)]
    return x[np.isfinite(distribution.logpdf(beside)).all(axis=0)]


def estimated_entries(family: Family) -> list[bool]:
    """Which packed terms are none of derivatives in known parameters, which nobody asks for."""
    free = [not parameter.known for parameter in family.parameters]
    pairs = itertools.combinations_with_replacement(free, 2)
    return [True, *free, *(first and second for first, second in pairs)]


def condition(function, arguments: list[np.ndarray]) -> np.ndarray:
    """Sum of |a ∂f/∂a| over all arguments: how rounding the arguments alone moves the value.

    No way of computing f from rounded arguments can be expected to err less than this times the
    rounding. Slopes are measured, one-sidedly where the other side has no value.
    """
    with np.errstate(all="ignore"):
        value = function(*arguments)
        total = np.zeros_like(value)
        for place, sign in itertools.product(range(len(arguments)), (-1.0, 1.0)):
            moved = list(arguments)
            moved[place] = arguments[place] * (1.0 + sign * NUDGE)
            step = np.abs(function(*moved) - value) / NUDGE
            total += 0.5 * np.where(np.isfinite(step), step, 0.0)
    return total
