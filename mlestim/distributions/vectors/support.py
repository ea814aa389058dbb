"""Where vectors lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.support import Support

# Shares that were rounded to seven digits, as single precision does, sum to 1 within this.
SUM_TOLERANCE = 1e-6


@dataclass(frozen=True)
class VectorSupport(Support):
    """Vectors all of whose components lie in the same interval.

    Parameters
    ----------
    simplex : bool
        Whether the components have to sum to 1.
    """

    simplex: bool = False

    def outside(self, x: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say for each vector whether it does not belong."""
        beyond = np.asarray(super().outside(x).any(axis=-1))
        if self.simplex:
            beyond |= ~(np.abs(x.sum(axis=-1) - 1.0) <= SUM_TOLERANCE)
        return beyond

    def holds_range(self, minimum: float, maximum: float) -> bool:
        """Say whether extremes tell that all vectors belong; a sum has to be looked at."""
        return not self.simplex and super().holds_range(minimum, maximum)

    @property
    def way_out(self) -> str:
        if self.simplex:
            return (
                "Divide each row by its sum, as in x / x.sum(axis=1, keepdims=True), and leave out or "
                "correct rows with a share of 0."
            )
        return super().way_out

    def __str__(self) -> str:
        if self.simplex:
            return "shares, Σ = 1"
        return "counts, Σ = n" if self.integers else "real vectors"


REAL_SPACE = VectorSupport()
SIMPLEX = VectorSupport(0.0, 1.0, simplex=True)
COUNT_VECTORS = VectorSupport(0.0, lower_closed=True, integers=True)
