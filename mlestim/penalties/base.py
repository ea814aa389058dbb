"""What every penalty is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mlestim.optim.settings import NON_NEGATIVE, check_settings

Vector: TypeAlias = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Penalty(ABC):
    """A cost of parameters that are far from 0.

    Parameters
    ----------
    strength : float
        λ in [0, inf).

    Attributes
    ----------
    smooth : bool
        Whether the gradient is continuous, as methods of second order need it.
    """

    strength: float = field(metadata=NON_NEGATIVE)

    def __post_init__(self) -> None:
        check_settings(self)

    @property
    def smooth(self) -> bool:
        return True

    @abstractmethod
    def value(self, parameters: Vector) -> float:
        """Cost of all parameters together."""

    @abstractmethod
    def gradient(self, parameters: Vector) -> Vector:
        """Derivative of the cost in each parameter, a new array of their precision."""
