"""What Adam and its relatives share: two running moments of the gradient."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from mlestim.optim.optimizer import Optimizer, State, Vector
from mlestim.optim.settings import BELOW_ONE, NON_NEGATIVE


@dataclass(frozen=True)
class MomentOptimizer(Optimizer):
    """Keeps m and v, the running means of g and g⊙g, and steps by corrected m over root v."""

    beta1: float = field(default=0.9, metadata=BELOW_ONE)
    beta2: float = field(default=0.999, metadata=BELOW_ONE)
    epsilon: float = field(default=1e-8, metadata=NON_NEGATIVE)

    def _vector_names(self) -> tuple[str, ...]:
        return ("first_moment", "second_moment")

    def _update_moments(self, gradient: Vector, state: State) -> tuple[Vector, Vector]:
        """Update them: m ← β₁m + (1−β₁)g and v ← β₂v + (1−β₂)g⊙g."""
        first, second = state.vectors["first_moment"], state.vectors["second_moment"]
        new = state.work[0]
        np.multiply(first, self.beta1, out=first)
        np.multiply(gradient, 1 - self.beta1, out=new)
        np.add(first, new, out=first)
        np.multiply(second, self.beta2, out=second)
        np.multiply(gradient, gradient, out=new)
        np.multiply(new, 1 - self.beta2, out=new)
        np.add(second, new, out=second)
        return first, second

    def _correction(self, step: int) -> float:
        """√(1−β₂ᵗ): dividing m̂ by √v̂+δ is multiplying by it and dividing by √v+δ√(1−β₂ᵗ)."""
        return math.sqrt(1 - self.beta2**step)

    def _root(self, second: Vector, state: State) -> Vector:
        """√v + δ√(1−β₂ᵗ), in a work array: the denominator of the fused step."""
        root = state.work[0]
        np.sqrt(second, out=root)
        return np.add(root, self.epsilon * self._correction(state.step), out=root)

    def _descend(
        self, parameters: Vector, first: Vector, second: Vector, rate: float, state: State
    ) -> None:
        """Step: W ← W − η·m̂/(√v̂+δ), both moments corrected by the step t."""
        root = self._root(second, state)
        np.divide(first, root, out=root)
        size = rate * self._correction(state.step) / (1 - self.beta1**state.step)
        np.multiply(root, size, out=root)
        np.subtract(parameters, root, out=parameters)
