"""Finding families: every class with a name in the packages of families is registered."""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from mlestim.distributions import continuous, discrete, edges, multivariate
from mlestim.distributions.base import Family
from mlestim.distributions.distribution import Distribution
from mlestim.errors import OptionError

# What names a family: its name, class or member, or a distribution of scipy.stats.
FamilyLike = str | type[Family] | Family | Any


@cache
def registered() -> dict[str, type[Family]]:
    """Give all registered families by name: of numbers, counts and vectors, each by alphabet."""
    return {
        family.name: family
        for package in (continuous, discrete, multivariate)
        for family in sorted(_families_in(package), key=lambda family: family.name)
    }


@cache
def at_edges() -> dict[str, type[Family]]:
    """Give the families by name that others have at their edges, and that are not listed."""
    return {family.name: family for family in _families_in(edges)}


def _families_in(package: ModuleType) -> Iterator[type[Family]]:
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for _, member in inspect.getmembers(module, inspect.isclass):
            if issubclass(member, Family) and member.__module__ == module.__name__:
                yield member


def resolve(family: FamilyLike) -> Family:
    """Turn a name, a class, an instance or a distribution of scipy.stats into a family.

    A name may describe a family that is built from others, as ``hurdle_geometric`` does.

    Raises
    ------
    OptionError
        If the name is not registered; the message lists close ones.
    """
    if isinstance(family, Family):
        return family
    if isinstance(family, type) and issubclass(family, Family):
        return family()
    if isinstance(family, str):
        found = _named(family)
        if found is not None:
            return found
        known = registered()
        close = difflib.get_close_matches(family, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(known)}"
        raise OptionError(f"no family is named '{family}'; {hint}")
    if _is_scipys(family):
        from mlestim.distributions.built.of_scipy import from_scipy

        return from_scipy(family)
    if isinstance(family, Distribution):  # Truncated, whose cut points are those of the sample
        raise OptionError(
            f"{family!r} is for fit alone; elsewhere, take the family inside and "
            f"truncation=(lower, upper)"
        )
    if isinstance(family, list | tuple):
        raise OptionError("fit takes one family; mlestim.compare takes several")
    raise OptionError(
        f"a family is a name, a class, an instance or a distribution of scipy.stats, not "
        f"{type(family).__name__}; mlestim.family makes one of a log density"
    )


def _named(name: str) -> Family | None:
    """Find a registered family by its name, or build the one that the name describes."""
    found = _member_named(name)
    if found is not None:
        return found
    from mlestim.distributions.built.mixing.names import built_named

    return built_named(name, _named)


@cache
def _member_named(name: str) -> Family | None:
    """Make the member without values of a registered family once: members do not change."""
    found = registered().get(name) or at_edges().get(name)
    return None if found is None else found()


def _is_scipys(candidate: object) -> bool:
    """Whether an object is a distribution of scipy.stats, frozen or not, without importing it."""
    stats = sys.modules.get("scipy.stats")
    if stats is None:
        return False
    kinds = (stats.rv_continuous, stats.rv_discrete)
    return isinstance(candidate, kinds) or isinstance(getattr(candidate, "dist", None), kinds)


def class_named(class_name: str) -> type[Family] | None:
    """Find a registered family by the name of its class."""
    return next((cls for cls in registered().values() if cls.__name__ == class_name), None)
