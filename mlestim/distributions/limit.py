"""A family that lies at an edge of another family's parameter space."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mlestim.distributions.base import Family

# The name of a parameter of the limit, a number, or a function of the limit's parameters by name.
Target = str | float | Callable[[Mapping[str, NDArray[np.float64]]], NDArray[np.float64]]


@dataclass(frozen=True)
class Limit:
    """Where the likelihood may rise towards without an interior maximum.

    Parameters
    ----------
    family : str or Family
        Name of the limit, or the limit itself.
    parameters : mapping
        What the parameters of the larger family become, in its declared order: the name of a
        parameter of the limit whose value they take, a number (often inf), or a function of the
        limit's parameters.
    shifted : bool
        Whether the limit has a location of its own, to be estimated.
    reflected : bool
        Whether −x, not x, follows the limit family.
    attained : bool
        Whether the limit is a member of the closed parameter space (a boundary, not an infinity).
    covered : bool
        Whether the formula of the family for plain samples looks at it.
    decided : bool
        Whether it counts only where the family says that it is reached (`limit_reached`): other
        members of the limit's family are no limits.
    underflow : bool
        Whether floating-point numbers hide the way there: the limit then stands for a maximum, or
        for the end of a spike, and only where the search found none.
    held : mapping of str to float
        Parameters of the limit that are held at a value, on an edge of their domain.
    idle : set of str
        Parameters of the larger family on which nothing depends any more: they may be held.
    """

    family: str | Family
    parameters: Mapping[str, Target] = field(default_factory=dict)
    shifted: bool = False
    reflected: bool = False
    attained: bool = False
    covered: bool = False
    decided: bool = False
    underflow: bool = False
    held: Mapping[str, float] = field(default_factory=dict)
    idle: frozenset[str] = frozenset()


def exponential_within(
    low: float, high: float, targets: Callable[[float], Mapping[str, Target]]
) -> tuple[Limit, ...]:
    """Limits of what a window leaves of a tail far from the location: it falls exponentially.

    `targets` gives what the parameters become in the upper tail (1) and in the lower one (−1).
    """
    return tuple(
        Limit(
            "exponential",
            targets(sign),
            shifted=True,
            reflected=sign < 0.0,
            held={"location": sign * end},
        )
        for sign, end in ((1.0, low), (-1.0, high))
        if isfinite(end)
    )
