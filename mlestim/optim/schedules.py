"""Learning-rate schedules: the learning rate as a function of the number of steps taken.

A schedule goes where a learning rate goes, ``Adam(learning_rate=CosineDecay(0.1, 1000))``. It is
called with 0 for the first step. Any other callable of the step count will do as well.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from mlestim.optim.settings import (
    AT_LEAST_ONE,
    INNER_FRACTION,
    NON_NEGATIVE,
    POSITIVE,
    POSITIVE_FRACTION,
    RATE,
    STEPS,
    LearningRate,
    check_settings,
)


@dataclass(frozen=True)
class Schedule(ABC):
    """A printable, comparable function from the number of steps taken to a learning rate."""

    def __post_init__(self) -> None:
        check_settings(self)

    @abstractmethod
    def __call__(self, step: int) -> float:
        """The learning rate after ``step`` steps."""


@dataclass(frozen=True)
class StepDecay(Schedule):
    r"""Multiplies the rate by a factor after every period: :math:`\eta f^{\lfloor t/p \rfloor}`.

    Parameters
    ----------
    learning_rate : float
        η, the rate at the start.
    period : int
        p, in steps.
    factor : float, default 0.1
        f in (0, 1].

    Examples
    --------
    >>> from mlestim.optim import StepDecay
    >>> [StepDecay(0.5, period=2, factor=0.5)(t) for t in range(5)]
    [0.5, 0.5, 0.25, 0.25, 0.125]
    """

    learning_rate: float = field(metadata=POSITIVE)
    period: int = field(metadata=STEPS)
    factor: float = field(default=0.1, metadata=POSITIVE_FRACTION)

    def __call__(self, step: int) -> float:
        return self.learning_rate * self.factor ** (step // self.period)


@dataclass(frozen=True)
class ExponentialDecay(Schedule):
    r"""Multiplies the rate by a factor after every step: :math:`\eta f^t`.

    Parameters
    ----------
    learning_rate : float
        η, the rate at the start.
    factor : float
        f in (0, 1].

    Examples
    --------
    >>> from mlestim.optim import ExponentialDecay
    >>> [ExponentialDecay(0.5, factor=0.5)(t) for t in range(4)]
    [0.5, 0.25, 0.125, 0.0625]
    """

    learning_rate: float = field(metadata=POSITIVE)
    factor: float = field(metadata=POSITIVE_FRACTION)

    def __call__(self, step: int) -> float:
        return self.learning_rate * self.factor**step


@dataclass(frozen=True)
class CosineDecay(Schedule):
    r"""Half a cosine wave: :math:`\eta_0 + \tfrac12 (\eta - \eta_0)(1 + \cos(\pi t / T))`.

    Parameters
    ----------
    learning_rate : float
        η, the rate at the start.
    steps : int
        T, the step at which the minimum is reached.
    minimum : float, default 0
        η₀.

    Notes
    -----
    Beyond T the wave rises again, as in PyTorch; optax stays at the minimum.

    References
    ----------
    Loshchilov and Hutter (2017), SGDR: stochastic gradient descent with warm restarts, ICLR.

    Examples
    --------
    >>> from mlestim.optim import CosineDecay
    >>> [round(CosineDecay(0.5, steps=4)(t), 3) for t in range(5)]
    [0.5, 0.427, 0.25, 0.073, 0.0]
    """

    learning_rate: float = field(metadata=POSITIVE)
    steps: int = field(metadata=STEPS)
    minimum: float = field(default=0.0, metadata=NON_NEGATIVE)

    def __call__(self, step: int) -> float:
        return _cosine(self.learning_rate, self.minimum, step / self.steps)


@dataclass(frozen=True)
class Warmup(Schedule):
    r"""Rises in a straight line before another schedule: :math:`\eta(0) (t + 1) / (T + 1)`.

    Parameters
    ----------
    learning_rate : float or callable
        What follows; as a schedule, it counts its steps from the end of the warm-up.
    steps : int
        T, the length of the warm-up; the full rate is reached at step T.

    Examples
    --------
    >>> from mlestim.optim import StepDecay, Warmup
    >>> schedule = Warmup(StepDecay(0.8, period=2, factor=0.5), steps=3)
    >>> [round(schedule(t), 3) for t in range(7)]
    [0.2, 0.4, 0.6, 0.8, 0.8, 0.4, 0.4]
    """

    learning_rate: LearningRate = field(metadata=RATE)
    steps: int = field(metadata=STEPS)

    def __call__(self, step: int) -> float:
        rate = self._after(max(step - self.steps, 0))
        return rate * min((step + 1) / (self.steps + 1), 1.0)

    def _after(self, step: int) -> float:
        return self.learning_rate(step) if callable(self.learning_rate) else self.learning_rate


@dataclass(frozen=True)
class OneCycle(Schedule):
    r"""Rises along half a cosine wave to a maximum, then falls along another to almost nothing.

    Parameters
    ----------
    maximum : float
        The rate at the top of the cycle.
    steps : int
        The length of the whole cycle; the last step of it, number ``steps - 1``, has the lowest
        rate, and so has every later one.
    rising : float, default 0.3
        The fraction of the cycle that rises, in (0, 1).
    initial_divisor : float, default 25
        The first rate is ``maximum`` over this.
    final_divisor : float, default 10000
        The last rate is the first over this.

    Notes
    -----
    The rates are those of PyTorch's ``OneCycleLR`` with cosine annealing, which raises an error
    after the last step and cycles Adam's beta1 as well.

    References
    ----------
    Smith and Topin (2019), Super-convergence: very fast training of neural networks using large
    learning rates.

    Examples
    --------
    >>> from mlestim.optim import OneCycle
    >>> [round(OneCycle(0.5, steps=10)(t), 3) for t in range(0, 10, 3)]
    [0.02, 0.475, 0.194, 0.0]
    """

    maximum: float = field(metadata=POSITIVE)
    steps: int = field(metadata=STEPS)
    rising: float = field(default=0.3, metadata=INNER_FRACTION)
    initial_divisor: float = field(default=25.0, metadata=AT_LEAST_ONE)
    final_divisor: float = field(default=1e4, metadata=AT_LEAST_ONE)

    def __call__(self, step: int) -> float:
        initial = self.maximum / self.initial_divisor
        top, last = self.rising * self.steps - 1, self.steps - 1
        if step < top:
            return _cosine(initial, self.maximum, step / top)
        fallen = min((step - top) / (last - top), 1.0)
        return _cosine(self.maximum, initial / self.final_divisor, fallen)


def _cosine(start: float, end: float, fraction: float) -> float:
    """From ``start`` at fraction 0 to ``end`` at fraction 1 along half a cosine wave."""
    return end + 0.5 * (start - end) * (1 + math.cos(math.pi * fraction))
