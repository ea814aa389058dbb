"""What all first-order optimizers share: settings, state, weight decay, and the step."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mlestim.errors import OptionError
from mlestim.optim.settings import NON_NEGATIVE, RATE, LearningRate, check_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

Vector: TypeAlias = NDArray[np.floating[Any]]


@dataclass
class State:
    """All that an optimizer remembers between steps, and its work arrays."""

    step: int = 0
    vectors: dict[str, Vector] = field(default_factory=dict)
    scalars: dict[str, float] = field(default_factory=dict)
    work: list[Vector] = field(default_factory=list)
    decayed: Vector = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True)
class Optimizer(ABC):
    r"""A rule that moves one flat parameter vector W against its gradient g, in place.

    An optimizer is a printable, comparable record of its settings. Its state (the step count and
    a few vectors as long as W) lives beside them, takes no part in comparisons, and is made by
    ``init`` or, failing that, by the first ``step``.

    A subclass is a frozen dataclass with three declarations and one method: the names of its
    state vectors (``_vector_names``), of its state scalars with their first values
    (``initial_scalars``), the number of work vectors (``n_work``), and ``_update``.

    Parameters
    ----------
    learning_rate : float or callable
        η, or a schedule: a callable that gives η from the number of steps taken so far.
    weight_decay : float
        λ; the gradient becomes g + λW, the gradient of the loss plus ½λΣW².
    """

    initial_scalars: ClassVar[Mapping[str, float]] = {}
    n_work: ClassVar[int] = 1

    learning_rate: LearningRate = field(default=1e-3, metadata=RATE)
    weight_decay: float = field(default=0.0, metadata=NON_NEGATIVE, kw_only=True)
    _state: State = field(default_factory=State, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_settings(self)

    def init(self, parameters: Vector) -> None:
        """Forget the past and allocate zero state and work arrays like ``parameters``.

        Parameters
        ----------
        parameters : ndarray of float32 or float64, shape (n,)

        Raises
        ------
        OptionError
            If ``parameters`` is not such a vector.
        """
        self._state.step = 0
        self._state.scalars.clear()
        self._state.vectors.clear()
        self._allocate(parameters)

    def prepare(self, parameters: Vector) -> None:
        """Allocate what is missing of state and work arrays, as the first ``step`` does.

        Parameters
        ----------
        parameters : ndarray of float32 or float64, shape (n,)

        Raises
        ------
        OptionError
            If ``parameters`` is not such a vector, or not like a state that was loaded.
        """
        if not self._state.work:
            self._allocate(parameters)

    def step(self, parameters: Vector, gradient: Vector, mask: Vector | None = None) -> None:
        """Move ``parameters`` one step, in place; ``gradient`` is only read.

        Parameters
        ----------
        parameters : ndarray of float32 or float64, shape (n,)
        gradient : ndarray, same shape and dtype
            The gradient of the loss at ``parameters``, in memory of its own.
        mask : ndarray, shape (n,), optional
            1 where weight decay applies, 0 where it does not (biases, say). Default: everywhere.

        Raises
        ------
        OptionError
            If shapes or dtypes differ from each other or from the state's.
        """
        state = self._state
        self.prepare(parameters)
        _check_like("parameters", parameters, state.work[0])
        _check_like("gradient", gradient, state.work[0])
        rate = self.learning_rate_at(state.step)
        state.step += 1
        if self.weight_decay:
            gradient = self._decay(parameters, gradient, rate, mask)
        self._update(parameters, gradient, rate, state)

    def learning_rate_at(self, step: int) -> float:
        """The learning rate after ``step`` steps, from the number or the schedule."""
        if not callable(self.learning_rate):
            return self.learning_rate
        rate = float(self.learning_rate(step))
        if not 0 <= rate < math.inf:
            raise OptionError(
                f"the schedule {self.learning_rate!r} gives {rate} after {step} steps; "
                "a learning rate lies in [0, inf)"
            )
        return rate

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """A copy of the state as named arrays, enough to go on bit for bit.

        Returns
        -------
        dict
            ``step`` (int64, 0-d), the scalars (float64, 0-d) and the vectors (like parameters).

        Raises
        ------
        OptionError
            If there is no state yet: call ``init`` or ``step`` first.
        """
        state = self._state
        if not state.work and not state.step:
            raise OptionError(f"{self!r} has no state yet; call init(parameters) or step first")
        arrays: dict[str, NDArray[Any]] = {"step": np.array(state.step, dtype=np.int64)}
        arrays |= {name: np.array(value) for name, value in state.scalars.items()}
        arrays |= {name: vector.copy() for name, vector in state.vectors.items()}
        return arrays

    def load_state_dict(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Restore what ``state_dict`` gave; the arrays are copied.

        Raises
        ------
        OptionError
            If names are missing or unknown, or vectors differ in shape or dtype.
        """
        expected = {"step", *self.initial_scalars, *self._vector_names()}
        if set(arrays) != expected:
            raise OptionError(
                f"the state has {sorted(arrays)}; {type(self).__name__} needs {sorted(expected)}"
            )
        vectors = {name: np.array(arrays[name]) for name in self._vector_names()}
        for name, vector in vectors.items():
            _check_vector(name, vector)
            _check_like(name, vector, next(iter(vectors.values())))
        self._state.step = int(arrays["step"])
        self._state.scalars = {name: float(arrays[name]) for name in self.initial_scalars}
        self._state.vectors = vectors
        self._state.work = []

    def _vector_names(self) -> tuple[str, ...]:
        """The names of the state vectors, for these settings."""
        return ()

    @abstractmethod
    def _update(self, parameters: Vector, gradient: Vector, rate: float, state: State) -> None:
        """Move ``parameters``; ``gradient`` includes the decay and must not be written to."""

    def _decay(
        self,
        parameters: Vector,
        gradient: Vector,
        rate: float,
        mask: Vector | None,
    ) -> Vector:
        """The gradient of loss plus penalty, g + λW."""
        decayed = self._state.decayed
        np.multiply(parameters, self.weight_decay, out=decayed)
        if mask is not None:
            np.multiply(decayed, mask, out=decayed)
        np.add(decayed, gradient, out=decayed)
        return decayed

    def _allocate(self, parameters: Vector) -> None:
        """Work arrays, and whatever state was not loaded."""
        _check_vector("parameters", parameters)
        state = self._state
        for name, vector in state.vectors.items():
            _check_like(f"the loaded state's {name}", vector, parameters)
        for name in self._vector_names():
            state.vectors.setdefault(name, np.zeros_like(parameters))
        for name, value in self.initial_scalars.items():
            state.scalars.setdefault(name, value)
        state.work = [np.empty_like(parameters) for _ in range(self.n_work)]
        state.decayed = np.empty_like(parameters if self.weight_decay else parameters[:0])


def _check_vector(name: str, array: Any) -> None:
    if (
        not isinstance(array, np.ndarray)
        or array.ndim != 1
        or array.dtype not in (np.float32, np.float64)
    ):
        raise OptionError(f"{name} must be a 1-D float32 or float64 array, not {_kind(array)}")


def _check_like(name: str, array: Any, model: Vector) -> None:
    if (
        not isinstance(array, np.ndarray)
        or array.shape != model.shape
        or array.dtype != model.dtype
    ):
        raise OptionError(
            f"{name} must be an array of shape {model.shape} and dtype {model.dtype}, "
            f"not {_kind(array)}; after a change of network call init(parameters)"
        )


def _kind(array: Any) -> str:
    if isinstance(array, np.ndarray):
        return f"one of shape {array.shape} and dtype {array.dtype}"
    return f"a {type(array).__name__}"
