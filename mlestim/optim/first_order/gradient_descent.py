"""Plain gradient descent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlestim.optim.optimizer import Optimizer, State, Vector


@dataclass(frozen=True)
class GradientDescent(Optimizer):
    r"""Gradient descent: a step against the gradient, in proportion to it.

    .. math:: W \leftarrow W - \eta g

    Parameters
    ----------
    learning_rate : float or callable, default 0.001
        η in (0, inf), or a schedule.
    weight_decay : float, default 0
        λ in [0, inf); g becomes g + λW.

    Notes
    -----
    With mini-batches this is stochastic gradient descent (``SGD`` elsewhere).

    References
    ----------
    Cauchy (1847), Méthode générale pour la résolution des systèmes d'équations simultanées.

    Examples
    --------
    >>> import numpy as np
    >>> from mlestim.optim import GradientDescent
    >>> w = np.array([3.0, -4.0])
    >>> optimizer = GradientDescent(learning_rate=0.1)
    >>> for _ in range(3):
    ...     print(f"loss {w @ w:.2f}")
    ...     optimizer.step(w, 2 * w)
    loss 25.00
    loss 16.00
    loss 10.24
    """

    def _update(self, parameters: Vector, gradient: Vector, rate: float, state: State) -> None:
        move = state.work[0]
        np.multiply(gradient, rate, out=move)
        np.subtract(parameters, move, out=parameters)
