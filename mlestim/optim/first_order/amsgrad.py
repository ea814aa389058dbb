"""AMSGrad: Adam whose denominator never shrinks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlestim.optim.moments import MomentOptimizer

if TYPE_CHECKING:
    from mlestim.optim.optimizer import State, Vector


@dataclass(frozen=True)
class AMSGrad(MomentOptimizer):
    r"""AMSGrad: Adam with the largest second moment so far in the denominator.

    .. math::
        s_t = \max(s_{t-1}, v_t), \qquad
        W \leftarrow W - \eta \frac{\hat m_t}{\sqrt{s_t / (1 - \beta_2^t)} + \delta}

    with Adam's :math:`\hat m_t` and :math:`v_t`.

    Parameters
    ----------
    learning_rate : float or callable, default 0.001
        η in (0, inf), or a schedule.
    beta1, beta2 : float, default 0.9 and 0.999
        Decay of the two running means, in [0, 1).
    epsilon : float, default 1e-8
        δ in [0, inf).
    weight_decay : float, default 0
        λ in [0, inf); g becomes g + λW.

    Notes
    -----
    The maximum is taken over v before its bias correction, as in PyTorch; optax takes it after.
    The paper corrects neither moment.

    References
    ----------
    Reddi, Kale and Kumar (2018), On the convergence of Adam and beyond, ICLR.

    Examples
    --------
    >>> import numpy as np
    >>> from mlestim.optim import AMSGrad
    >>> w = np.array([3.0, -4.0])
    >>> optimizer = AMSGrad(learning_rate=0.5)
    >>> for _ in range(3):
    ...     print(f"loss {w @ w:.2f}")
    ...     optimizer.step(w, 2 * w)
    loss 25.00
    loss 18.50
    loss 13.03
    """

    def _vector_names(self) -> tuple[str, ...]:
        return (*super()._vector_names(), "largest_second_moment")

    def _update(self, parameters: Vector, gradient: Vector, rate: float, state: State) -> None:
        first, second = self._update_moments(gradient, state)
        largest = state.vectors["largest_second_moment"]
        np.maximum(largest, second, out=largest)
        self._descend(parameters, first, largest, rate, state)
