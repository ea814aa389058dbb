"""Gradient descent with Nesterov's momentum."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mlestim.optim.optimizer import Optimizer, State, Vector
from mlestim.optim.settings import BELOW_ONE


@dataclass(frozen=True)
class Nesterov(Optimizer):
    r"""Nesterov's accelerated gradient: momentum that looks one step ahead.

    .. math::
        u_t = \alpha u_{t-1} + g_t, \qquad W \leftarrow W - \eta (g_t + \alpha u_t)

    Parameters
    ----------
    learning_rate : float or callable, default 0.001
        η in (0, inf), or a schedule.
    momentum : float, default 0.9
        α in [0, 1).
    weight_decay : float, default 0
        λ in [0, inf); g becomes g + λW.

    Notes
    -----
    W is the look-ahead point, at which the gradient is taken, as in PyTorch. One widely copied
    version uses the velocity before its update in the step, which is another method.

    References
    ----------
    Nesterov (1983), A method of solving a convex programming problem with convergence rate
    O(1/k²). The form in g and u: Sutskever, Martens, Dahl and Hinton (2013), ICML.

    Examples
    --------
    >>> import numpy as np
    >>> from mlestim.optim import Nesterov
    >>> w = np.array([3.0, -4.0])
    >>> optimizer = Nesterov(learning_rate=0.1, momentum=0.5)
    >>> for _ in range(4):
    ...     print(f"loss {w @ w:.2f}")
    ...     optimizer.step(w, 2 * w)
    loss 25.00
    loss 12.25
    loss 4.84
    loss 1.54
    """

    momentum: float = field(default=0.9, metadata=BELOW_ONE)

    def _vector_names(self) -> tuple[str, ...]:
        return ("velocity",)

    def _update(self, parameters: Vector, gradient: Vector, rate: float, state: State) -> None:
        velocity, move = state.vectors["velocity"], state.work[0]
        np.multiply(velocity, self.momentum, out=velocity)
        np.add(velocity, gradient, out=velocity)
        np.multiply(velocity, self.momentum, out=move)
        np.add(move, gradient, out=move)
        np.multiply(move, rate, out=move)
        np.subtract(parameters, move, out=parameters)
