"""The set of values that a family can produce."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Support:
    """An interval of real numbers or of integers.

    Parameters
    ----------
    lower, upper : float
        The ends.
    lower_closed, upper_closed : bool
        Whether the ends themselves belong to it.
    integers : bool
        Whether only integers belong to it.
    vanishes_below : bool
        Whether the density at a closed lower end is 0 whatever the parameters.
    """

    lower: float = -math.inf
    upper: float = math.inf
    lower_closed: bool = False
    upper_closed: bool = False
    integers: bool = False
    vanishes_below: bool = False

    @property
    def way_out(self) -> str:
        """What to do with observations that do not belong."""
        return "Correct these rows or choose a family whose support holds them."

    def reflected(self) -> Support:
        """Support of −x."""
        return Support(
            -self.upper, -self.lower, self.upper_closed, self.lower_closed, self.integers
        )

    def holds_range(self, minimum: float, maximum: float) -> bool:
        """Say whether both extremes lie inside and have a density, integers or not."""
        begins = self.lower_closed and not self.vanishes_below
        above = minimum >= self.lower if begins else minimum > self.lower
        return above and (maximum <= self.upper if self.upper_closed else maximum < self.upper)

    def outside(self, x: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say elementwise which values do not belong; NaN does not."""
        beyond = self._beyond(x)
        return (beyond | (np.floor(x) != x)) if self.integers else beyond

    def without_density(self, x: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say elementwise which values do not belong, or have a density of 0."""
        outside = self.outside(x)
        return outside | (x == self.lower) if self.vanishes_below else outside

    def _beyond(self, x: NDArray[np.float64]) -> NDArray[np.bool_]:
        above = x >= self.lower if self.lower_closed else x > self.lower
        below = x <= self.upper if self.upper_closed else x < self.upper
        return ~(above & below)

    def __str__(self) -> str:
        if self.integers:
            if math.isinf(self.lower):
                return "integers"
            first = int(self.lower)
            return (
                f"{first}, {first + 1}, {first + 2}, …"
                if math.isinf(self.upper)
                else (f"{first}, …, {int(self.upper)}")
            )
        if math.isinf(self.lower) and math.isinf(self.upper):
            return "real numbers"
        if math.isinf(self.upper):
            return f"x {'≥' if self.lower_closed else '>'} {self.lower:g}"
        left = f"{self.lower:g} {'≤' if self.lower_closed else '<'} "
        return f"{left}x {'≤' if self.upper_closed else '<'} {self.upper:g}"


REAL_LINE = Support()
POSITIVE_LINE = Support(lower=0.0)
HALF_LINE = Support(lower=0.0, lower_closed=True)
VANISHING_AT_ZERO = Support(lower=0.0, lower_closed=True, vanishes_below=True)
COUNTS = Support(lower=0.0, lower_closed=True, integers=True)
POSITIVE_COUNTS = Support(lower=1.0, lower_closed=True, integers=True)
