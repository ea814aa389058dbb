"""Gradient descent with momentum (the heavy ball)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mlestim.optim.optimizer import Optimizer, State, Vector
from mlestim.optim.settings import BELOW_ONE, UNIT_INTERVAL


@dataclass(frozen=True)
class Momentum(Optimizer):
    r"""Momentum: steps add up where gradients agree, and cancel where they alternate.

    .. math::
        u_1 = g_1, \qquad u_t = \alpha u_{t-1} + (1 - \tau) g_t, \qquad W \leftarrow W - \eta u_t

    Parameters
    ----------
    learning_rate : float or callable, default 0.001
        η in (0, inf), or a schedule.
    momentum : float, default 0.9
        α in [0, 1).
    dampening : float, default 0
        τ in [0, 1]; the first gradient is never dampened.
    weight_decay : float, default 0
        λ in [0, inf); g becomes g + λW.

    Notes
    -----
    As in PyTorch, u is a sum of gradients and η multiplies it when it is used. Other libraries
    (and Polyak) put η inside the sum; the two differ when η follows a schedule.

    References
    ----------
    Polyak (1964), Some methods of speeding up the convergence of iteration methods.

    Examples
    --------
    >>> import numpy as np
    >>> from mlestim.optim import Momentum
    >>> w = np.array([3.0, -4.0])
    >>> optimizer = Momentum(learning_rate=0.1, momentum=0.5)
    >>> for _ in range(4):
    ...     print(f"loss {w @ w:.2f}")
    ...     optimizer.step(w, 2 * w)
    loss 25.00
    loss 16.00
    loss 7.29
    loss 2.28
    """

    momentum: float = field(default=0.9, metadata=BELOW_ONE)
    dampening: float = field(default=0.0, metadata=UNIT_INTERVAL)

    def _vector_names(self) -> tuple[str, ...]:
        return ("velocity",)

    def _update(self, parameters: Vector, gradient: Vector, rate: float, state: State) -> None:
        velocity, move = state.vectors["velocity"], state.work[0]
        new_share = 1.0 if state.step == 1 else 1 - self.dampening
        np.multiply(velocity, self.momentum, out=velocity)
        np.multiply(gradient, new_share, out=move)
        np.add(velocity, move, out=velocity)
        np.multiply(velocity, rate, out=move)
        np.subtract(parameters, move, out=parameters)
