"""AdaGrad: each parameter has its own, ever smaller, step."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mlestim.optim.optimizer import Optimizer, State, Vector
from mlestim.optim.settings import NON_NEGATIVE, RATE, LearningRate


@dataclass(frozen=True)
class AdaGrad(Optimizer):
    r"""AdaGrad: divides each gradient by the root of the sum of its squares so far.

    .. math:: r_t = r_{t-1} + g_t \odot g_t, \qquad W \leftarrow W - \eta g_t / (\sqrt{r_t} + \delta)

    Parameters
    ----------
    learning_rate : float or callable, default 0.01
        η in (0, inf), or a schedule.
    epsilon : float, default 1e-10
        δ in [0, inf).
    weight_decay : float, default 0
        λ in [0, inf); g becomes g + λW.

    Notes
    -----
    r starts at 0, as in PyTorch; TensorFlow and optax start it at 0.1.

    References
    ----------
    Duchi, Hazan and Singer (2011), Adaptive subgradient methods, JMLR 12.

    Examples
    --------
    >>> import numpy as np
    >>> from mlestim.optim import AdaGrad
    >>> w = np.array([3.0, -4.0])
    >>> optimizer = AdaGrad(learning_rate=1.0)
    >>> for _ in range(3):
    ...     print(f"loss {w @ w:.2f}")
    ...     optimizer.step(w, 2 * w)
    loss 25.00
    loss 13.00
    loss 7.85
    """

    learning_rate: LearningRate = field(default=1e-2, metadata=RATE)
    epsilon: float = field(default=1e-10, metadata=NON_NEGATIVE)

    def _vector_names(self) -> tuple[str, ...]:
        return ("sum_of_squares",)

    def _update(self, parameters: Vector, gradient: Vector, rate: float, state: State) -> None:
        squares, move = state.vectors["sum_of_squares"], state.work[0]
        np.multiply(gradient, gradient, out=move)
        np.add(squares, move, out=squares)
        np.sqrt(squares, out=move)
        np.add(move, self.epsilon, out=move)
        np.divide(gradient, move, out=move)
        np.multiply(move, rate, out=move)
        np.subtract(parameters, move, out=parameters)
