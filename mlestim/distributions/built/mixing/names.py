"""Names of built families: each says what it is built from, and so can be read back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlestim.distributions.base import Family

# A longer name describes no family that anybody fits.
LONGEST = 200
_MIXTURE = re.compile(r"(?P<of>\w+?)_mixture(?:_(?P<n>\d{1,3}))?(?:_shared_(?P<shared>\w+))?")


def mixture_name(components: Sequence[Family], shared: Sequence[str]) -> str:
    """Name a mixture: ``normal_mixture`` of two, ``normal_mixture_3``, ``a_and_b_mixture``."""
    names = [component.name for component in components]
    alike = len(set(names)) == 1
    name = f"{names[0] if alike else '_and_'.join(names)}_mixture"
    if alike and len(names) > 2:
        name += f"_{len(names)}"
    return name + (f"_shared_{'_and_'.join(shared)}" if shared else "")


def built_named(name: str, known: Callable[[str], Family | None]) -> Family | None:
    """Build the family that a name describes; None if it describes none.

    Parameters
    ----------
    name : str
        Such as ``hurdle_geometric`` or ``gamma_mixture_3``.
    known : callable
        Finds a family by its name, built or not.
    """
    from mlestim.distributions.built.mixing.mixture import Mixture
    from mlestim.distributions.built.shifted import Shifted
    from mlestim.distributions.built.zeros.hurdle import Hurdle
    from mlestim.distributions.built.zeros.zero_inflated import ZeroInflated

    if len(name) > LONGEST:
        return None
    for prefix, built in (
        ("zero_inflated_", ZeroInflated),
        ("hurdle_", Hurdle),
        ("shifted_", Shifted),
    ):
        if name.startswith(prefix):
            inner = known(name.removeprefix(prefix))
            return None if inner is None else built(inner)
    parts = _MIXTURE.fullmatch(name)
    if parts is None:
        return None
    families = [known(part) for part in parts["of"].split("_and_")]
    of = [family for family in families if family is not None]
    if len(of) < len(families):
        return None
    shared = parts["shared"].split("_and_") if parts["shared"] else ()
    if len(of) > 1:
        return Mixture(of, shared=shared)
    return Mixture(of[0], int(parts["n"] or 2), shared=shared)
