"""Rows that need not all lie in memory: training meets them a portion at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nn.arrays import FloatArray
    from nn.losses.base import Loss
    from nn.training.rows import Rows

# Features, targets and weights as the caller has them.
Portion = tuple["FloatArray", "NDArray[Any]", "FloatArray | None"]


class Portions(ABC):
    """Rows that a caller of `nn.train` gives a portion at a time.

    Attributes
    ----------
    n_rows : int
        Number of all rows.
    total_weight : float
        The sum of their weights.
    """

    n_rows: int
    total_weight: float

    @property
    @abstractmethod
    def sample(self) -> Portion:
        """Some rows that stand for all: what the others look like, and where weights start."""

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> Iterator[Portion]:
        """Give all rows once, in portions of two rows or more, in an order of their own each time."""

    @abstractmethod
    def checksums(self) -> dict[str, str]:
        """Give what tells these rows from others, by names."""


@dataclass(frozen=True)
class PortionedRows:
    """The same rows as network and loss take them: what `Rows` is for rows in memory."""

    given: Portions
    read: Callable[[Portion], Rows]

    def __len__(self) -> int:
        return self.given.n_rows

    @property
    def total_weight(self) -> float:
        """Sum of all weights."""
        return self.given.total_weight

    @cached_property
    def sample(self) -> Rows:
        """Rows that stand for all."""
        return self.read(self.given.sample)

    def portions(self, rng: np.random.Generator) -> Iterator[Rows]:
        """Give all rows once."""
        return map(self.read, self.given.draw(rng))

    def softened(self, loss: Loss, smoothing: float) -> PortionedRows:
        """Give the same rows with a share of each target's probability spread over all classes."""
        return replace(self, read=lambda portion: self.read(portion).softened(loss, smoothing))

    def checksums(self) -> dict[str, str]:
        """Give what tells these rows from others, by names."""
        return self.given.checksums()
