"""RMSProp: steps scaled by a running root mean square of the gradient."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mlestim.optim.optimizer import Optimizer, State, Vector
from mlestim.optim.settings import BELOW_ONE, NON_NEGATIVE, RATE, YES_OR_NO, LearningRate


@dataclass(frozen=True)
class RMSProp(Optimizer):
    r"""RMSProp: divides each gradient by the root of a running mean of its squares.

    .. math::
        r_t = \rho r_{t-1} + (1 - \rho) g_t \odot g_t, \qquad
        u_t = \alpha u_{t-1} + g_t / (\sqrt{r_t} + \delta), \qquad W \leftarrow W - \eta u_t

    ``centered=True`` puts the running variance, :math:`r_t - \bar g_t \odot \bar g_t` with
    :math:`\bar g_t = \rho \bar g_{t-1} + (1 - \rho) g_t`, in the place of :math:`r_t`.

    Parameters
    ----------
    learning_rate : float or callable, default 0.01
        η in (0, inf), or a schedule.
    decay : float, default 0.99
        ρ in [0, 1) (PyTorch's ``alpha``).
    epsilon : float, default 1e-8
        δ in [0, inf).
    momentum : float, default 0
        α in [0, 1).
    centered : bool, default False
        Divide by the running standard deviation instead of the root mean square.
    weight_decay : float, default 0
        λ in [0, inf); g becomes g + λW.

    Notes
    -----
    δ is added outside the root, as in PyTorch (Keras: inside, √(r+δ)). The running variance is
    updated as such, which equals the difference above but cannot fall below 0 by rounding.

    References
    ----------
    Tieleman and Hinton (2012), Lecture 6.5, Neural networks for machine learning.
    Centred: Graves (2013), arXiv:1308.0850.

    Examples
    --------
    >>> import numpy as np
    >>> from mlestim.optim import RMSProp
    >>> w = np.array([3.0, -4.0])
    >>> optimizer = RMSProp(learning_rate=0.5, decay=0.9)
    >>> for _ in range(3):
    ...     print(f"loss {w @ w:.2f}")
    ...     optimizer.step(w, 2 * w)
    loss 25.00
    loss 7.86
    loss 2.97
    """

    n_work = 2

    learning_rate: LearningRate = field(default=1e-2, metadata=RATE)
    decay: float = field(default=0.99, metadata=BELOW_ONE)
    epsilon: float = field(default=1e-8, metadata=NON_NEGATIVE)
    momentum: float = field(default=0.0, metadata=BELOW_ONE)
    centered: bool = field(default=False, metadata=YES_OR_NO)

    def _vector_names(self) -> tuple[str, ...]:
        spread = ("mean", "variance") if self.centered else ("mean_square",)
        return (*spread, "velocity") if self.momentum else spread

    def _update(self, parameters: Vector, gradient: Vector, rate: float, state: State) -> None:
        move = state.work[0]
        np.sqrt(self._spread(gradient, state), out=move)
        np.add(move, self.epsilon, out=move)
        np.divide(gradient, move, out=move)
        if self.momentum:
            velocity = state.vectors["velocity"]
            np.multiply(velocity, self.momentum, out=velocity)
            np.add(velocity, move, out=velocity)
            np.multiply(velocity, rate, out=move)
        else:
            np.multiply(move, rate, out=move)
        np.subtract(parameters, move, out=parameters)

    def _spread(self, gradient: Vector, state: State) -> Vector:
        """The updated running mean square, or running variance, of the gradient."""
        new, squared = state.work
        if not self.centered:
            mean_square = state.vectors["mean_square"]
            np.multiply(gradient, gradient, out=squared)
            np.multiply(squared, 1 - self.decay, out=squared)
            np.multiply(mean_square, self.decay, out=mean_square)
            return np.add(mean_square, squared, out=mean_square)
        mean, variance = state.vectors["mean"], state.vectors["variance"]
        # σ² ← ρ(σ² + (1−ρ)d²) and ḡ ← ḡ + (1−ρ)d with d = g − ḡ.
        np.subtract(gradient, mean, out=new)
        np.multiply(new, new, out=squared)
        np.multiply(new, 1 - self.decay, out=new)
        np.add(mean, new, out=mean)
        np.multiply(squared, 1 - self.decay, out=squared)
        np.add(variance, squared, out=variance)
        return np.multiply(variance, self.decay, out=variance)
