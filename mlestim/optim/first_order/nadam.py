"""NAdam: Adam with Nesterov's momentum."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from mlestim.optim.moments import MomentOptimizer
from mlestim.optim.settings import NON_NEGATIVE, RATE, LearningRate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlestim.optim.optimizer import State, Vector


@dataclass(frozen=True)
class NAdam(MomentOptimizer):
    r"""NAdam: Adam that looks one step ahead, with a momentum that grows towards beta1.

    .. math::
        \mu_t = \beta_1 (1 - \tfrac12 0.96^{t \psi}), \qquad
        \tilde m_t = \frac{\mu_{t+1} m_t}{1 - \prod_{i=1}^{t+1} \mu_i}
                   + \frac{(1 - \mu_t) g_t}{1 - \prod_{i=1}^{t} \mu_i}, \qquad
        W \leftarrow W - \eta \frac{\tilde m_t}{\sqrt{\hat v_t} + \delta}

    with Adam's :math:`m_t` and :math:`\hat v_t`.

    Parameters
    ----------
    learning_rate : float or callable, default 0.002
        η in (0, inf), or a schedule.
    beta1, beta2 : float, default 0.9 and 0.999
        Decay of the two running means, in [0, 1).
    epsilon : float, default 1e-8
        δ in [0, inf).
    momentum_decay : float, default 0.004
        ψ in [0, inf).
    weight_decay : float, default 0
        λ in [0, inf); g becomes g + λW.

    Notes
    -----
    μ follows the paper's schedule, as in PyTorch and Keras; optax keeps it at beta1.

    References
    ----------
    Dozat (2016), Incorporating Nesterov momentum into Adam, ICLR workshop.

    Examples
    --------
    >>> import numpy as np
    >>> from mlestim.optim import NAdam
    >>> w = np.array([3.0, -4.0])
    >>> optimizer = NAdam(learning_rate=0.5)
    >>> for _ in range(3):
    ...     print(f"loss {w @ w:.2f}")
    ...     optimizer.step(w, 2 * w)
    loss 25.00
    loss 18.16
    loss 14.12
    """

    initial_scalars: ClassVar[Mapping[str, float]] = {"momentum_product": 1.0}
    n_work = 2

    learning_rate: LearningRate = field(default=2e-3, metadata=RATE)
    momentum_decay: float = field(default=4e-3, metadata=NON_NEGATIVE)

    def _momentum_at(self, step: int) -> float:
        return self.beta1 * (1 - 0.5 * math.pow(0.96, step * self.momentum_decay))

    def _update(self, parameters: Vector, gradient: Vector, rate: float, state: State) -> None:
        first, second = self._update_moments(gradient, state)
        momentum, ahead = self._momentum_at(state.step), self._momentum_at(state.step + 1)
        state.scalars["momentum_product"] *= momentum
        product = state.scalars["momentum_product"]
        size = rate * self._correction(state.step)
        root, move = self._root(second, state), state.work[1]
        for vector, share in (
            (gradient, size * (1 - momentum) / (1 - product)),
            (first, size * ahead / (1 - product * ahead)),
        ):
            np.divide(vector, root, out=move)
            np.multiply(move, share, out=move)
            np.subtract(parameters, move, out=parameters)
