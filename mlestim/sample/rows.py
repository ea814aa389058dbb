"""How rows and values are named in messages: by the user's own labels, the first few only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


# Name of an index that holds lines of a file.
LINE = "line"


def listing(words: Sequence[str]) -> str:
    """Join words as in a sentence: ``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]


def shown(value: Any) -> str:
    """Text of one value, short and on one line, whatever it holds."""
    if isinstance(value, np.ndarray):
        return f"[{', '.join(f'{part:.6g}' for part in value)}]"
    if type(value).__name__ == "Interval":  # of pandas
        return str(value)
    # numpy scalars would print as np.float64(1.0); their Python value reads better
    text = " ".join(repr(value.item() if isinstance(value, np.generic) else value).splitlines())
    return text if len(text) <= 40 else text[:37] + "..."


def shown_values(values: Iterable[Any]) -> str:
    """``, with value 5`` or ``, with values 1, 2 and 3``, to follow the rows that hold them."""
    return with_values([shown(value) for value in values])


def with_values(words: Sequence[str]) -> str:
    """Say which values the rows hold that were named before."""
    return f", with value{'s' if len(words) > 1 else ''} {listing(words)}"


@dataclass(frozen=True, eq=False)
class RowLabels:
    """What the user calls the rows: labels of a pandas index, else positions counted from 0.

    An index named ``line`` holds the lines of the file on which the rows begin.

    Parameters
    ----------
    index
        pandas Index of all rows as they were given, or None.
    positions
        Positions (n,) of the rows still in the sample, or None when none was dropped.
    entries
        The column as the user wrote it, where its numbers are made of something else.
    """

    index: Any = None
    positions: np.ndarray | None = None
    entries: Any = None

    def take(self, keep: np.ndarray) -> RowLabels:
        """Labels of the rows where the mask ``keep`` is true."""
        kept = np.flatnonzero(keep) if self.positions is None else self.positions[keep]
        return RowLabels(self.index, kept, self.entries)

    def written(self, rows: np.ndarray) -> list[str]:
        """What the user wrote in the given rows of the sample."""
        positions = rows if self.positions is None else self.positions[rows]
        entries = getattr(self.entries, "iloc", self.entries)
        return [shown(entries[int(position)]) for position in positions]

    def words(self, rows: np.ndarray) -> list[str]:
        """Text of the labels at the given rows of the sample."""
        positions = rows if self.positions is None else self.positions[rows]
        if self.index is None:
            return [str(position) for position in positions]
        labels = self.index[positions]
        return [shown(label) if isinstance(label, str) else str(label) for label in labels]

    def describe(self, mask: np.ndarray, limit: int = 3) -> str:
        """Name the first rows where ``mask`` is true: ``rows 3, 17 and 20 (and 5 more)``."""
        rows = np.flatnonzero(mask)
        noun = LINE if getattr(self.index, "name", None) == LINE else "row"
        text = f"{noun}{'s' if rows.size > 1 else ''} {listing(self.words(rows[:limit]))}"
        return text if rows.size <= limit else f"{text} (and {rows.size - limit} more)"
