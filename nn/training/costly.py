"""The row to blame where a loss is too high to learn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.sample.rows import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.training.rows import Rows

# Where so many rows cost too much, no row of these is to blame.
MANY = 0.5


@dataclass(frozen=True)
class CostlyRow:
    """A row, and the largest of its features.

    Attributes
    ----------
    number : int
        Its number; −1 where rows come in portions.
    target : number or array
        As the loss takes it.
    column, feature : int, float
        Which feature is the largest in size, and its value.
    alone : bool
        Whether most rows beside it have a loss to learn from: then weights are not to blame.
    """

    number: int
    target: Any
    column: int
    feature: float
    alone: bool

    @classmethod
    def among(
        cls, rows: Rows, losses: NDArray[np.float64], limit: float, every: Rows
    ) -> CostlyRow | None:
        """Find the row to blame for losses beyond a limit, if there are any.

        It is one of those, or, if they are many, the one with the largest number of all rows.
        """
        beyond = ~(np.abs(losses) < limit)
        if not beyond.any():
            return None
        if beyond.mean() < MANY:
            return cls._of(rows, int(beyond.argmax()), alone=True)
        sizes = np.abs(every.X.reshape(len(every), -1)).max(axis=1)
        if every.t.dtype.kind == "f":
            targets = np.abs(every.t.reshape(len(every), -1))
            sizes = np.maximum(sizes, np.where(np.isfinite(targets), targets, 0.0).max(axis=1))
        return cls._of(every, int(sizes.argmax()), alone=False)

    @classmethod
    def _of(cls, rows: Rows, place: int, *, alone: bool) -> CostlyRow:
        number = place if rows.numbers is None else int(rows.numbers[place])
        features = rows.X[place].ravel()
        column = int(np.abs(features).argmax())
        return cls(number, rows.t[place], column, float(features[column]), alone)

    def told(self, target: Any = None, column: str | None = None) -> str:
        """Say what is odd, by the names that target and column have for the user."""
        # Estimators prepare rows in ways of their own, so that numbers are none of the user's.
        row = f"row {self.number}" if column is None and self.number >= 0 else "a row"
        place = f"column {self.column} of X" if column is None else f"column {column!r}, scaled"
        target = shown(self.target if target is None else target)
        return (
            f"look at {row}, whose target is {target} and whose largest feature, in {place}, is "
            f"{self.feature:.6g}. Correct it, rescale target or features, or choose a family under "
            "which it is likelier"
        )
