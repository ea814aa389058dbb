"""Reading targets: integer labels, rows of class probabilities (one-hot or soft), or numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import DataError, OptionError
from mlestim.sample.censoring.intervals import ROW, WINDOW
from mlestim.sample.observations import Observations
from nn.arrays import any_array, float_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from nn.arrays import FloatArray

# Probabilities that were computed in float32 sum to 1 within this.
ROUNDING = 1e-5


def class_rows(values: ArrayLike, name: str) -> FloatArray:
    """Give one or more rows over the classes as an array of shape (n, K), n and K at least 1.

    Raises
    ------
    DataError
        If `values` have no row, no class, or more than two dimensions.
    """
    array = float_array(values, name)
    if array.ndim not in {1, 2} or array.size == 0:
        raise DataError(
            f"{name} has shape {array.shape}; it needs (n, K) or (K,), n rows and K classes, "
            "none of them 0"
        )
    return np.atleast_2d(array)


def class_targets(t: ArrayLike, shape: tuple[int, int]) -> NDArray[Any]:
    """Give targets as labels, shape (n,), or as probabilities of the classes, shape (n, K).

    Parameters
    ----------
    t : array
        Integer labels 0, …, K−1, or probabilities.
    shape : tuple of int
        n rows and K classes.

    Raises
    ------
    DataError
        If shape, dtype or values do not fit; the message names the first rows.
    """
    n, k = shape
    targets = any_array(t, "t")
    if targets.shape == shape or (n == 1 and targets.shape == (k,) and k > 1):
        return _probabilities(targets.reshape(shape))
    if targets.shape == (n,) or (n == 1 and targets.ndim == 0):
        return _labels(targets.reshape(n), k)
    raise DataError(
        f"t has shape {targets.shape}; for {n} rows and {k} classes it needs ({n},), integer "
        f"labels, or ({n}, {k}), probabilities"
    )


def number_targets(t: ArrayLike, n: int) -> NDArray[np.float64]:
    """Give targets that are one number a row, of shape (n,) or (n, 1), as shape (n,).

    Raises
    ------
    DataError
        If there are more or fewer, or missing ones.
    """
    targets = float_array(t, "t")
    if targets.shape not in {(n,), (n, 1)}:
        raise DataError(f"t has shape {targets.shape}; for {n} rows it needs ({n},) or ({n}, 1)")
    numbers: NDArray[np.float64] = targets.reshape(n).astype(np.float64, copy=False)
    missing = np.flatnonzero(np.isnan(numbers))
    if missing.size:
        raise DataError(f"t has missing values; {first_rows(missing, numbers)}")
    return numbers


def end_targets(t: Any, n: int) -> NDArray[np.float64] | None:
    """Give targets of which only ends are known, as columns lower and upper; None for numbers.

    Targets that could be seen in a window alone have two more columns, the window's ends.

    Raises
    ------
    DataError
        If the ends are missing or in the wrong order, or there are more or fewer.
    OptionError
        If they come with weights or groups.
    """
    if not isinstance(t, Observations):
        array = any_array(t, "t")
        if array.ndim != 2 or array.shape[1] not in {2, 4}:
            return None
        lower, upper, *window = float_array(t, "t").T
        t = Observations.interval(lower, upper, truncation=window or None)
    if len(t) != n:
        raise DataError(f"t has {len(t)} rows; there are {n}")
    if t.weights is not None or t.groups is not None:
        raise OptionError("t has weights or groups; give weights as sample_weight")
    ends = t.intervals.ends
    columns = [ends.get(name, t.values) for name in ROW]
    if t.intervals.truncated:
        windows = zip(WINDOW, t.intervals.window, strict=True)
        columns += [ends.get(name, np.full(n, end)) for name, end in windows]
    return np.column_stack(columns)


def as_data(t: NDArray[np.float64]) -> dict[str, Any]:
    """Give numbers or ends, as `end_targets` read them, as arguments of ``mlestim.fit``."""
    if t.ndim == 1:
        return {"data": t}
    window = {"truncation": (t[:, 2], t[:, 3])} if t.shape[1] == 4 else {}
    return {"data": None, "lower": t[:, 0], "upper": t[:, 1], **window}


def one_hot(t: NDArray[Any], n_classes: int) -> NDArray[Any]:
    """Give labels or probabilities, as `class_targets` read them, as probabilities."""
    return np.eye(n_classes)[t] if t.ndim == 1 else t


def _labels(labels: NDArray[Any], k: int) -> NDArray[Any]:
    """Check integer labels."""
    if labels.dtype.kind not in "biu":
        raise DataError(
            f"t holds labels of dtype {labels.dtype}; labels are integers 0 to {k - 1}: number "
            "the classes, for instance by np.unique(t, return_inverse=True)"
        )
    outside = np.flatnonzero((labels < 0) | (labels >= k))
    if outside.size:
        raise DataError(
            f"t: labels lie between 0 and {k - 1}, for {k} classes; {first_rows(outside, labels)}"
        )
    return labels.astype(np.intp, copy=False)


def _probabilities(rows: NDArray[Any]) -> NDArray[Any]:
    """Check rows of probabilities."""
    probabilities = float_array(rows, "t")
    sums = probabilities.sum(axis=1)
    # Written so that NaN counts as wrong.
    right = (probabilities >= 0).all(axis=1) & (np.abs(sums - 1) <= ROUNDING)
    wrong = np.flatnonzero(~right)
    if wrong.size:
        raise DataError(
            "t: each row of class probabilities is at least 0 and sums to 1; "
            f"{first_rows(wrong, probabilities)}"
        )
    return probabilities


def first_rows(rows: NDArray[np.intp], values: NDArray[Any]) -> str:
    """Name the first wrong rows with their values."""
    named = ", ".join(f"row {row} holds {values[row].tolist()}" for row in rows[:3])
    return named if rows.size <= 3 else f"{named}, and {rows.size - 3} more"
