"""Maximising by a first-order optimizer, until the same test that Newton's maxima pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
MAX_STEPS = 10_000
# Too large a rate diverges, and optimizers that scale the gradient (RMSProp, NAdam) circle round a
# maximum at a distance in proportion to their rate: after so many steps without progress the
# search goes back to its best point, with a smaller rate.
PATIENCE = 150
SLOWER = 0.25
SLOWEST = 1e-9
VISIBLE = 1e-10  # a relative rise of the log-likelihood that is no rounding


def first_order(optimizer: Optimizer | None = None, max_steps: int = MAX_STEPS) -> Maximiser:
    """Make a maximiser of an optimizer; by default Adam with a rate that falls to 0."""
    from mlestim.optim import Adam, CosineDecay

    chosen = optimizer or Adam(CosineDecay(0.1, 2_000))

    def maximise(objective: LinkObjective, start: Array) -> Ascent:
        ascent = measured(objective, start)
        steps, share = 0, 1.0
        while steps < max_steps and share > SLOWEST and not ascent.converged.all():
            lost = np.flatnonzero(~ascent.converged)
            slowed = replace(chosen, learning_rate=_Rate(chosen, share, steps))
            stage = _Stage(ascent.select(lost))
            stage.run(objective.select(lost), slowed, max_steps - steps)
            steps += stage.step
            stage.best.iterations[:] = steps
            ascent.put(lost, stage.best)
            share *= 1.0 if stage.half_solved else SLOWER
        return ascent

    return Maximiser("first_order", maximise)


@dataclass(frozen=True)
class _Rate:
    """A share of an optimizer's learning rate, some steps having been taken before."""

    optimizer: Optimizer
    share: float
    before: int

    def __call__(self, step: int) -> float:
        return self.share * self.optimizer.learning_rate_at(self.before + step)


class _Stage:
    """Steps at one rate: the best point of each problem so far, and when one last got better."""

    def __init__(self, best: Ascent) -> None:
        self.best = best
        self.nearest = best.decrement.copy()
        self.step = self.progressed = 0

    @property
    def half_solved(self) -> bool:
        """Whether it is time to leave out those that are solved."""
        return 2 * int(self.best.converged.sum()) > len(self.nearest)

    @property
    def stuck(self) -> bool:
        """Whether it is long since a step led anywhere."""
        return self.step - self.progressed >= PATIENCE

    def run(self, objective: LinkObjective, optimizer: Optimizer, max_steps: int) -> None:
        """Take steps until all problems are solved, or half of them, or none gets better."""
        from mlestim.optim import minimize

        shape = self.best.eta.shape

        def negative_mean(flat: Array) -> tuple[float, Array]:
            latest = measured(objective, flat.reshape(shape))
            self._see(latest)
            return -float(np.sum(latest.value)), -latest.gradient.ravel()

        def farthest(*_: object) -> float:
            return float(np.max(self.nearest))

        def has_ended(step: int, *_: object) -> bool:
            self.step = step
            return self.stuck or self.half_solved

        minimize(
            negative_mean,
            self.best.eta.ravel(),
            optimizer,
            max_steps=max_steps,
            tolerance=DECREMENT,
            gradient_norm=farthest,
            callback=has_ended,
        )

    def _see(self, point: Ascent) -> None:
        best = self.best
        lost, rise = ~best.converged, point.value - best.value
        seen = lost & (rise > VISIBLE * (1.0 + np.abs(best.value)))
        if np.any(seen | (lost & (point.decrement < self.nearest))):
            self.progressed = self.step
        better = np.flatnonzero(lost & ((rise > 0.0) | point.converged))
        best.put(better, point.select(better))
        self.nearest = np.minimum(self.nearest, point.decrement)


def measured(objective: LinkObjective, eta: Array) -> Ascent:
    """Evaluate a point, and say how far each problem still is from its maximum."""
    ascent = Ascent.at(objective, eta)
    direction, definite = solve_ascent(-ascent.hessian, ascent.gradient)
    rise = objective.weight * np.einsum("jb,jb->b", direction, ascent.gradient)
    ascent.decrement = np.where(definite & np.isfinite(rise), 0.5 * rise, np.inf)
    ascent.converged = ascent.decrement < DECREMENT
    return ascent
