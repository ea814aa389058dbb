"""What holds for the rows that are in memory, held against all rows of a file."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from mlestim.errors import SeparationWarning
from nn.estimators.reading import Sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from nn.arrays import FloatArray
    from nn.estimators.streams.training import Stream

    Found = TypeVar("Found")

# Rows that are searched, rows that come to them where they tell against what was found, and those
# of columns that do not vary in the first ones; and how often.
SEARCHED, AGAINST, RARE, ROUNDS = 20_000, 1000, 100, 20


def everywhere(
    rows: Sample | Stream,
    find: Callable[[Sample], Found | None],
    against: Callable[[Found, Sample], FloatArray],
) -> Found | None:
    """Find what holds for all rows: separation, or a column that follows from others.

    What does not hold for some rows does not hold for all. What does is held against all others,
    and those that tell most against it join the ones that are searched, until nothing is found or
    nothing tells against it.

    Parameters
    ----------
    rows : Sample or Stream
        All rows; those of a sample are searched all at once.
    find : callable
        Finds it in rows, or gives None.
    against : callable
        Says by how much rows tell against what was found, each by a number above 0.

    Warns
    -----
    SeparationWarning
        If it is not settled after so many rounds.
    """
    if isinstance(rows, Sample):
        return find(rows)
    some = rows.chosen.take(np.arange(min(rows.chosen.n_rows, SEARCHED)))
    some = _with_rare(rows, some)
    for _ in range(ROUNDS):
        found = find(some)
        if found is None:
            return None
        more = [_worst(part, against(found, part)) for part in rows.parts()]
        more = [part for part in more if part.n_rows]
        if not more:
            return found
        joined = Sample.joined(more)
        some = Sample.joined([some, _worst(joined, against(found, joined))])
    warnings.warn(
        "whether some coefficients are best for the rows of the file, or only infinite ones, could "
        "not be settled. Give a penalty, such as penalty=1.0.",
        SeparationWarning,
        stacklevel=5,
    )
    return None


def _worst(rows: Sample, size: FloatArray) -> Sample:
    """Give the rows that tell most against something."""
    place = np.flatnonzero(size > 0)
    return rows.take(place[np.argsort(-size[place], kind="stable")[:AGAINST]])


def _with_rare(rows: Stream, some: Sample) -> Sample:
    """Add rows in which columns vary that do not vary among some."""
    columns = np.flatnonzero(np.ptp(some.inputs, axis=0) == 0)
    if not columns.size:
        return some
    constants, left = some.inputs[0], dict.fromkeys(columns.tolist(), RARE)
    found = [some]
    for part in rows.parts():
        for column in columns.tolist():
            differ = np.flatnonzero(part.inputs[:, column] != constants[column])[: left[column]]
            left[column] -= len(differ)
            if differ.size:
                found.append(part.take(differ))
    return Sample.joined(found)
