"""A family that lies at an edge of another family's parameter space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limit:
    """Where the likelihood may rise towards without an interior maximum.

    Parameters
    ----------
    family : str
        Registered name of the limit.
    parameters : mapping
        What the parameters of the larger family become, in its declared order: the name of a
        parameter of the limit whose value they take, or a number (often inf).
    """

    family: str
    parameters: Mapping[str, str | float] = field(default_factory=dict)
