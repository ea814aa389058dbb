"""What a family knows of its likelihood: where a maximum is sought, and where there is none.

All hooks have an answer for families whose likelihood has one maximum, inside, for every sample.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mlestim.distributions.limit import Limit
    from mlestim.distributions.rows.sketch import Sketch

Array = NDArray[np.float64]
Theta = Sequence[Array]


class Existence:
    """Hooks of `Family` for samples without a maximum, or with several."""

    def regular_region(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        """Give bounds, a pair of arrays a parameter, within which the estimate is sought.

        Only families whose likelihood has spikes for every sample need one.
        """
        return {}

    def limits(self) -> tuple[Limit, ...]:
        """List the families that lie at an edge of the parameter space."""
        return ()

    def limits_within(self, low: float, high: float) -> tuple[Limit, ...]:
        """Families to which this one tends where only values in (low, high] can be seen."""
        return ()

    def region_when_shifted(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        """Bounds that keep a free location away from the spike at the smallest observation."""
        return {}

    def limits_when_shifted(self) -> tuple[Limit, ...]:
        """Families to which this one tends as a free location runs to −∞."""
        return ()

    def limit_reached(self, sketch: Sketch) -> NDArray[np.bool_] | None:
        """Decide from the sample alone whether the first limit is the supremum (None: unknown).

        Several lines decide of as many limits.
        """
        return None

    def not_identified(self, sketch: Sketch, free: frozenset[str]) -> NDArray[np.bool_] | None:
        """Say which samples leave some of the free parameters open (None: none)."""
        return None

    def estimate_where_open(self, sketch: Sketch) -> dict[str, Array]:
        """Give what samples that leave parameters open tell of the others; NaN where nothing."""
        return {}

    def estimate_from_sketch(
        self, sketch: Sketch, fixed: Mapping[str, Array]
    ) -> Sequence[Array] | None:
        """Give the estimates that the extremes of a sample show, on an edge that no ascent reaches.

        Those of samples that have to be searched are NaN (None: all have).
        """
        return None

    def untold(self, window: tuple[float, float]) -> tuple[str, ...]:
        """Name parameters of which values seen through a window say nothing."""
        return ()

    def degenerate(self, theta: Theta, sketch: Sketch, weight: Array) -> NDArray[np.bool_] | None:
        """Say which maxima belong to a few rows of the sample and not to all (None: none).

        `weight` is the total weight of the rows of each problem.
        """
        return None

    def arranged(self, theta: Array) -> NDArray[np.intp] | None:
        """Give the order of parts that could be exchanged: for each parameter a position.

        `theta` and the positions have shape (p, problems); None where nothing can be exchanged.
        """
        return None

    def n_dependent(self, held: Collection[str]) -> int:
        """Count the estimates that follow from others where some parameters are held."""
        return 0

    def without_maximum(self, sketch: Sketch, free: frozenset[str]) -> NDArray[np.bool_] | None:
        """Decide from the sample alone which likelihoods are unbounded in the free parameters.

        None leaves that to the general rule for constant rows.
        """
        return None

    def edge_covariance(self, t: Sequence[Array], theta: Theta, weight: Array) -> Array | None:
        """Covariance (p, p, problems) of estimates of which some lie on an edge, if it is known."""
        return None
