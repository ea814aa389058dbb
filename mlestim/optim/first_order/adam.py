"""Adam: momentum and RMSProp combined, both corrected for their start at zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlestim.optim.moments import MomentOptimizer

if TYPE_CHECKING:
    from mlestim.optim.optimizer import State, Vector


@dataclass(frozen=True)
class Adam(MomentOptimizer):
    r"""Adam: a running mean of the gradient over the root of a running mean of its squares.

    .. math::
        m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \qquad
        v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t \odot g_t

    .. math::
        \hat m_t = \frac{m_t}{1 - \beta_1^t}, \qquad \hat v_t = \frac{v_t}{1 - \beta_2^t}, \qquad
        W \leftarrow W - \eta \frac{\hat m_t}{\sqrt{\hat v_t} + \delta}

    Parameters
    ----------
    learning_rate : float or callable, default 0.001
        η in (0, inf), or a schedule.
    beta1, beta2 : float, default 0.9 and 0.999
        Decay of the two running means, in [0, 1); also written ρ₁ and ρ₂.
    epsilon : float, default 1e-8
        δ in [0, inf).
    weight_decay : float, default 0
        λ in [0, inf); g becomes g + λW. ``AdamW`` decays the weights themselves.

    Notes
    -----
    δ is added after the bias correction, as in the paper's Algorithm 1 and in PyTorch. Keras and
    scikit-learn add it before, which makes it larger in the first steps.

    References
    ----------
    Kingma and Ba (2015), Adam: a method for stochastic optimization, ICLR.

    Examples
    --------
    >>> import numpy as np
    >>> from mlestim.optim import Adam
    >>> w = np.array([3.0, -4.0])
    >>> optimizer = Adam(learning_rate=0.5)
    >>> for _ in range(3):
    ...     print(f"loss {w @ w:.2f}")
    ...     optimizer.step(w, 2 * w)
    loss 25.00
    loss 18.50
    loss 13.03
    """

    def _update(self, parameters: Vector, gradient: Vector, rate: float, state: State) -> None:
        first, second = self._update_moments(gradient, state)
        self._descend(parameters, first, second, rate, state)
