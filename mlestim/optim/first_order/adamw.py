"""AdamW: Adam with weight decay kept out of the moments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mlestim.optim.moments import MomentOptimizer
from mlestim.optim.settings import NON_NEGATIVE

if TYPE_CHECKING:
    from mlestim.optim.optimizer import State, Vector


@dataclass(frozen=True)
class AdamW(MomentOptimizer):
    r"""AdamW: shrinks the weights by a factor, then takes Adam's step on the bare gradient.

    .. math::
        W \leftarrow (1 - \eta\lambda) W, \qquad
        W \leftarrow W - \eta \frac{\hat m_t}{\sqrt{\hat v_t} + \delta}

    with Adam's :math:`\hat m_t` and :math:`\hat v_t`.

    Parameters
    ----------
    learning_rate : float or callable, default 0.001
        η in (0, inf), or a schedule.
    beta1, beta2 : float, default 0.9 and 0.999
        Decay of the two running means, in [0, 1).
    epsilon : float, default 1e-8
        δ in [0, inf).
    weight_decay : float, default 0.01
        λ in [0, inf), decoupled: every weight shrinks at the same rate, whatever its gradient.

    Notes
    -----
    The decay is multiplied by η, as in PyTorch; the paper's Algorithm 2 multiplies it by the
    schedule's factor alone. Decoupled decay is not the gradient of any penalty, so that a fit
    with it is no MAP estimate.

    References
    ----------
    Loshchilov and Hutter (2019), Decoupled weight decay regularization, ICLR.

    Examples
    --------
    >>> import numpy as np
    >>> from mlestim.optim import AdamW
    >>> w = np.array([3.0, -4.0])
    >>> optimizer = AdamW(learning_rate=0.5, weight_decay=0.1)
    >>> for _ in range(3):
    ...     print(f"loss {w @ w:.2f}")
    ...     optimizer.step(w, 2 * w)
    loss 25.00
    loss 16.41
    loss 9.99
    """

    weight_decay: float = field(default=0.01, metadata=NON_NEGATIVE, kw_only=True)

    def _decay(
        self, parameters: Vector, gradient: Vector, rate: float, mask: Vector | None
    ) -> Vector:
        shrinkage = rate * self.weight_decay
        if mask is None:
            np.multiply(parameters, 1 - shrinkage, out=parameters)
        else:
            factor = self._state.decayed
            np.copyto(factor, mask)
            np.multiply(factor, -shrinkage, out=factor)
            np.add(factor, 1, out=factor)
            np.multiply(parameters, factor, out=parameters)
        return gradient

    def _update(self, parameters: Vector, gradient: Vector, rate: float, state: State) -> None:
        first, second = self._update_moments(gradient, state)
        self._descend(parameters, first, second, rate, state)
