"""Targets of which some are known only in part: lifetimes that have not ended, intervals."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import DataError
from mlestim.sample.columns import read_column
from mlestim.sample.observations import Observations
from mlestim.sample.readers import numbers
from nn.losses.targets import end_targets
from nn.tables.encoder import is_frame, open_features

if TYPE_CHECKING:
    from numpy.typing import NDArray

POLICY = re.compile(r" with nan_policy='omit'|; nan_policy='omit' leaves out missing values only")
ENDS = {"lower", "upper"}
FORMS = (
    "Give the event of each row as event=…; or y as a structured array or a table of one column of "
    "booleans, which says where the event was observed, and one of times; or as columns 'lower' and "
    "'upper', or an array of two columns, the ends between which the target lies"
)


def censored_ends(y: Any, event: Any = None) -> NDArray[np.float64] | None:
    """Read targets that are given as censored ones; None if they are given as plain values.

    Parameters
    ----------
    y : array, structured array, table or Observations
        Targets, one a row.
    event : array of bool, optional
        True where the target is exact, False where it is known to be larger.

    Returns
    -------
    array, shape (n, 2) or (n, 4), or None
        Ends of the interval (lower, upper] that holds each target; equal ends are exact. Then those
        of the windows outside of which it could not have been seen, if there are any.

    Raises
    ------
    DataError
        If columns cannot be told apart, or hold what they cannot.

    Examples
    --------
    >>> censored_ends([3.0, 5.0], event=[True, False]).tolist()
    [[3.0, 3.0], [5.0, inf]]
    >>> survival = np.array([(True, 3.0), (False, 5.0)], dtype=[("event", bool), ("time", float)])
    >>> censored_ends(survival).tolist()
    [[3.0, 3.0], [5.0, inf]]
    """
    try:
        rows = _observations(y, event)
    except DataError as error:
        # Options of reading a sample are none of an estimator.
        told = POLICY.sub("", str(error))
        if told == str(error):
            raise
        raise DataError(told) from error
    return None if rows is None else end_targets(rows, len(rows))


def _observations(y: Any, event: Any) -> Observations | None:
    if isinstance(y, Observations):
        if event is not None:
            raise DataError("event: the Observations in y say themselves which rows are exact")
        return y
    if event is not None:
        return _right_censored(y, event)
    if is_frame(y):
        table = open_features(y)
        names = [str(label) for label in table.labels or ()]
        return None if len(names) < 2 else _of_columns({name: y[name] for name in names})
    array = np.asarray(y) if not isinstance(y, (list, tuple)) else np.asarray(y, dtype=object)
    if array.dtype.names is not None:
        return _of_columns({name: array[name] for name in array.dtype.names})
    if array.ndim != 2 or array.shape[1] != 2:
        return None
    if any(
        isinstance(value, (bool, np.bool_, str)) for value in array.flat if array.dtype == object
    ):
        raise DataError(f"y has rows such as {array[0].tolist()!r}. {FORMS}.")
    lower, upper = array.astype(np.float64).T
    if np.isin(upper, [0.0, 1.0]).all() and (lower > upper).any():
        raise DataError(f"y has lower ends above the upper ones, which are all 0 or 1. {FORMS}.")
    return Observations.interval(lower, upper)


def _right_censored(y: Any, event: Any) -> Observations:
    """Read times, and whether each was that of an event."""
    if isinstance(event, str):
        raise DataError(
            f"event={event!r} names a column, and only files have their targets by names. Give the "
            f"values: event=table[{event!r}], of a table that is left out of the features."
        )
    times = read_column(y, "y")
    infinite = np.isinf(numbers(times))
    if infinite.any():
        raise DataError(
            f"y is infinite in {times.rows.describe(infinite)}; a lifetime that has not ended is "
            "the time until which it is known. Correct these rows, or leave them out."
        )
    return Observations.right_censored(y, event)


def _of_columns(columns: Mapping[Hashable, Any]) -> Observations:
    """Read two columns by their names and types."""
    if len(columns) == 2:
        if set(columns) == ENDS:
            return Observations.interval(columns["lower"], columns["upper"])
        events = [name for name, values in columns.items() if _says_yes_or_no(name, values)]
        times = [name for name in columns if name not in events]
        if len(events) == len(times) == 1:
            return Observations.right_censored(columns[times[0]], columns[events[0]])
    raise DataError(
        f"y has columns {', '.join(map(repr, columns))}, and which of them is the event is not "
        f"clear. {FORMS}."
    )


def _says_yes_or_no(name: Hashable, values: Any) -> bool:
    return name == "event" or str(getattr(values, "dtype", "")).lower().startswith("bool")


def check_length(ends: NDArray[np.float64], n: int) -> None:
    """See that there are as many targets as rows of features.

    Raises
    ------
    DataError
        If not.
    """
    if len(ends) != n:
        raise DataError(
            f"y has {len(ends)} rows for {n} rows of features: inconsistent numbers of samples"
        )
