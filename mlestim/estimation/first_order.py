"""Maximising by a first-order optimizer, until the same test that Newton's maxima pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlestim.estimation.linear_algebra import solve_ascent
from mlestim.estimation.newton import Ascent
from mlestim.estimation.objective import LinkObjective
from mlestim.estimation.solve import Maximiser

if TYPE_CHECKING:
    from mlestim.optim.optimizer import Optimizer

Array = NDArray[Any]

# Half the squared distance to the maximum, in standard errors, at which the search may stop: far
# below anything that statistics can see.
DECREMENT = 1e-14
MAX_STEPS = 50_000


def first_order(optimizer: Optimizer | None = None, max_steps: int = MAX_STEPS) -> Maximiser:
    """Make a maximiser of an optimizer; by default Adam with a rate that falls to 0."""
    from mlestim.optim import Adam, CosineDecay, minimize

    chosen = optimizer or Adam(CosineDecay(0.1, 2_000))

    def maximise(objective: LinkObjective, start: Array) -> Ascent:
        latest = _measured(objective, start)

        def negative_mean(flat: Array) -> tuple[float, Array]:
            nonlocal latest
            latest = _measured(objective, flat.reshape(start.shape))
            return -float(np.sum(latest.value)), -latest.gradient.ravel()

        def distance(*_: object) -> float:
            return float(np.max(latest.decrement))

        found = minimize(
            negative_mean,
            start.ravel(),
            chosen,
            max_steps=max_steps,
            tolerance=DECREMENT,
            gradient_norm=distance,
        )
        ascent = _measured(objective, np.asarray(found.x).reshape(start.shape))
        ascent.iterations[:] = found.nit
        return ascent

    return maximise


def _measured(objective: LinkObjective, eta: Array) -> Ascent:
    """Evaluate a point, and say how far each problem still is from its maximum."""
    ascent = Ascent.at(objective, eta)
    direction, definite = solve_ascent(-ascent.hessian, ascent.gradient)
    rise = objective.weight * np.einsum("jb,jb->b", direction, ascent.gradient)
    ascent.decrement = np.where(definite & np.isfinite(rise), 0.5 * rise, np.inf)
    ascent.converged = ascent.decrement < DECREMENT
    return ascent
