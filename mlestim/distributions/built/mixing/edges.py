"""Limits of mixtures: a component less, or one of zeros alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from mlestim.distributions.base import Array
from mlestim.distributions.limit import Limit, Target
from mlestim.distributions.parameter import Parameter
from mlestim.distributions.registry import resolve

if TYPE_CHECKING:
    from mlestim.distributions.built.mixing.mixture import Mixture

# So far out on the link scale, a parameter is at the end of its domain.
FAR = 20.0


def likelier_end(parameter: Parameter, log_probability: Callable[[Array], Array]) -> float:
    """Give the end of a parameter's domain towards which a log probability is the larger one."""
    ends = parameter.domain.from_link([-FAR, FAR])[:, None]
    with np.errstate(all="ignore"):
        lower, upper = np.nan_to_num(np.ravel(log_probability(ends)), nan=-np.inf)
    return parameter.domain.lower if lower > upper else parameter.domain.upper


def without_one(mixture: Mixture) -> Iterator[Limit]:
    """Yield the limits without one of the components: its weight is 0, its parameters may be any.

    Where all components are alike, any of them stands for the others.
    """
    alike = len({component.name for component in mixture.components}) == 1
    last = len(mixture.components) - 1
    for dropped in [last] if alike else range(last + 1):
        yield _without(mixture, dropped)


def _without(mixture: Mixture, dropped: int) -> Limit:
    from mlestim.distributions.built.mixing.mixture import Mixture

    rest = [k for k in range(len(mixture.components)) if k != dropped]
    smaller = mixture.components[rest[0]]
    if len(rest) > 1:
        smaller = Mixture([mixture.components[k] for k in rest], shared=mixture.shared)
    targets: dict[int, Target] = {}
    for number, k in enumerate(rest, 1):
        weight, *places = mixture.places[k]
        targets[weight] = f"weight_{number}" if len(rest) > 1 else 1.0
        for place, name in zip(places, mixture.components[k].parameter_names, strict=True):
            suffix = "" if len(rest) == 1 or name in mixture.shared else f"_{number}"
            targets[place] = name + suffix
    weight, *places = mixture.places[dropped]
    twin = mixture.places[rest[-1]][1:]
    alike = mixture.components[dropped].name == mixture.components[rest[-1]].name
    own = [place for place in places if place not in targets]
    for j, place in enumerate(places):
        like = targets[twin[j]] if alike else None
        any_value = float(mixture.parameters[place].domain.from_link(0.0))
        targets.setdefault(place, itemgetter(like) if isinstance(like, str) else any_value)
    targets[weight] = 0.0
    ordered = {parameter.name: targets[j] for j, parameter in enumerate(mixture.parameters)}
    idle = frozenset(mixture.parameters[place].name for place in own)
    return Limit(smaller, ordered, attained=True, underflow=True, idle=idle)


def limits_of_components(mixture: Mixture) -> Iterator[Limit]:
    """Yield the limits at which a component has become one of its own limits.

    Where all components are alike, the last one stands for any.
    """
    from mlestim.distributions.built.mixing.mixture import Mixture

    if mixture.asked or mixture.has_known:
        return
    alike = len({component.name for component in mixture.components}) == 1
    last = len(mixture.components) - 1
    for k in [last] if alike else range(last + 1):
        for limit in mixture.components[k].limits():
            family = resolve(limit.family)
            if limit.shifted or limit.reflected or family.kind != mixture.kind:
                continue
            parts = [*mixture.components[:k], family, *mixture.components[k + 1 :]]
            targets: dict[str, Target] = {p.name: p.name for p in mixture.parameters}
            for name, target in limit.parameters.items():
                targets[f"{name}_{k + 1}"] = _of_component(target, k + 1, family.parameter_names)
            held = {f"{name}_{k + 1}": value for name, value in limit.held.items()}
            yield replace(
                limit, family=Mixture(parts), parameters=targets, held=held, underflow=True
            )


def _of_component(target: Target, number: int, names: Sequence[str]) -> Target:
    """What a parameter of a component becomes, from the parameters of the whole mixture."""
    if isinstance(target, str):
        return f"{target}_{number}"
    if not callable(target):
        return target

    def value(limit: Mapping[str, Array]) -> Array:
        return target({name: limit[f"{name}_{number}"] for name in names})

    return value


def zeros_alone(mixture: Mixture) -> Iterator[Limit]:
    """Yield the limit in which the first component gives zeros alone: the others with zeros added.

    Components are counts of one family with one parameter.
    """
    from mlestim.distributions.built.mixing.mixture import Mixture
    from mlestim.distributions.built.zeros.zero_inflated import ZeroInflated

    first, k = mixture.components[0], len(mixture.components)
    alike = len({component.name for component in mixture.components}) == 1
    counts = mixture.support.integers and mixture.support.lower == 0.0
    if not (alike and counts and len(first.parameters) == 1 and not first.has_known):
        return
    (parameter,) = first.parameters
    zero = np.zeros((2, 1))
    edge = likelier_end(parameter, lambda ends: first.terms(zero, [ends], 0).value)
    targets: dict[str, Target] = {"weight_1": "zero_prob", f"{parameter.name}_1": edge}
    for j in range(2, k + 1):
        targets[f"weight_{j}"] = _rest(f"weight_{j - 1}" if k > 2 else None)
        targets[f"{parameter.name}_{j}"] = parameter.name + (f"_{j - 1}" if k > 2 else "")
    others = first if k == 2 else Mixture(first, k - 1)
    yield Limit(ZeroInflated(others), targets, attained=True, underflow=True)


def _rest(weight: str | None) -> Target:
    """Weight of a component of what are no additional zeros."""

    def value(limit: Mapping[str, Array]) -> Array:
        rest = 1.0 - limit["zero_prob"]
        return rest if weight is None else rest * limit[weight]

    return value
