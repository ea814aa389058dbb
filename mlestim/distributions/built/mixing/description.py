"""What a mixture is made of: its components, and the parameters by component."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mlestim.distributions.base import Family
from mlestim.distributions.parameter import UNIT, Parameter
from mlestim.distributions.registry import FamilyLike, resolve
from mlestim.distributions.support import Support
from mlestim.errors import OptionError


def components_of(of: FamilyLike | Sequence[FamilyLike], n: int | None) -> tuple[Family, ...]:
    """Read the components: one family for all of them, or one for each.

    Raises
    ------
    OptionError
        If their number makes no sense.
    """
    if isinstance(of, Sequence) and not isinstance(of, str):
        if n is not None and n != len(of):
            raise OptionError(f"Mixture: {len(of)} families, but n_components={n}")
        return tuple(resolve(family) for family in of)
    n = 2 if n is None else n
    if n < 2 or n != int(n):
        raise OptionError(f"Mixture: n_components={n!r} is no whole number of 2 or more")
    return (resolve(of),) * int(n)


def check_shared(components: Sequence[Family], shared: Sequence[str]) -> None:
    """Refuse to share what not all components have.

    Raises
    ------
    OptionError
        If a name is no parameter of all components, with the same domain.
    """
    for name in shared:
        domains = {
            parameter.domain
            for component in components
            for parameter in component.parameters
            if parameter.name == name
        }
        everywhere = all(name in component.parameter_names for component in components)
        if not everywhere or len(domains) > 1:
            raise OptionError(f"Mixture: shared={name!r} is no parameter of all components")


def numbered(
    components: Sequence[Family], shared: Sequence[str]
) -> tuple[tuple[Parameter, ...], tuple[tuple[int, ...], ...]]:
    """Parameters by component, shared ones last, and where each component finds its own."""
    parameters: list[Parameter] = []
    owned: list[dict[str, int]] = []
    for k, component in enumerate(components, 1):
        own = {"": len(parameters)}
        parameters.append(Parameter(f"weight_{k}", UNIT, meaning=f"share of component {k}"))
        for parameter in component.parameters:
            if parameter.name not in shared:
                own[parameter.name] = len(parameters)
                meaning = f"{parameter.meaning} of component {k}"
                parameters.append(replace(parameter, name=f"{parameter.name}_{k}", meaning=meaning))
        owned.append(own)
    last = {name: len(parameters) + j for j, name in enumerate(shared)}
    first = components[0]
    parameters += [first.parameters[first.parameter_index(name)] for name in shared]
    places = [
        (own[""], *(own.get(name, last.get(name, 0)) for name in component.parameter_names))
        for component, own in zip(components, owned, strict=True)
    ]
    return tuple(parameters), tuple(places)


def hull(supports: Sequence[Support]) -> Support:
    """Smallest interval that holds all supports."""
    lower, upper = min(s.lower for s in supports), max(s.upper for s in supports)
    return Support(
        lower,
        upper,
        any(s.lower_closed for s in supports if s.lower == lower),
        any(s.upper_closed for s in supports if s.upper == upper),
        supports[0].integers,
        all(s.vanishes_below for s in supports if s.lower == lower),
    )
