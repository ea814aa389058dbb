"""Checks of what a sample holds, and which of its rows count."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import DataError, OptionError
from mlestim.sample.rows import listing, shown_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlestim.sample.columns import Column
    from mlestim.sample.rows import RowLabels


def checked_codes(column: Column, levels: tuple[Any, ...]) -> np.ndarray:
    """Integer codes into levels, checked."""
    codes: np.ndarray = column.content
    if codes.size and codes.dtype.kind not in "iu":
        raise DataError(
            f"{column.title}: codes into levels are integers, not {column.dtype_name}. "
            f"Use Observations.of(data, labels=True) to read labels."
        )
    beyond = codes >= len(levels)
    if beyond.any():
        raise DataError(
            f"{column.title}: codes go from 0 to {len(levels) - 1} for {len(levels)} levels, but "
            f"{column.rows.describe(beyond)}{shown_values(codes[beyond][:3])} do not."
        )
    return np.ascontiguousarray(codes, dtype=np.int64)


def missing(part: np.ndarray) -> np.ndarray | None:
    """Mask of missing entries, NaN among numbers and -1 among codes; None if there are none."""
    if not part.size:
        return None
    least = part.min()  # NaN if there is one, so clean data are passed over once
    if part.dtype.kind == "f":
        return of_rows(np.isnan(part)) if math.isnan(least) else None
    return part < 0 if least < 0 else None


def of_rows(mask: np.ndarray) -> np.ndarray:
    """Rows in which the mask is true, of vectors anywhere."""
    return mask if mask.ndim == 1 else np.asarray(mask.any(axis=1))


def rows_to_keep(
    parts: Sequence[tuple[str, np.ndarray]],
    weights: np.ndarray | None,
    nan_policy: str,
    rows: RowLabels,
) -> tuple[np.ndarray | None, int]:
    """Mask of the rows in the sample (None for all), and how many were left out as missing."""
    counted = None if weights is None or weights.all() else weights != 0
    omitted: np.ndarray | None = None
    for title, part in parts:
        gaps = missing(part)
        if gaps is None:
            continue
        if counted is not None:
            gaps &= counted
        if nan_policy == "raise" and gaps.any():
            raise missing_error(title, gaps, rows)
        omitted = gaps if omitted is None else omitted | gaps
    if omitted is None:
        return counted, 0
    keep = ~omitted if counted is None else counted & ~omitted
    return keep, int(omitted.sum())


def missing_error(title: str, mask: np.ndarray, rows: RowLabels) -> DataError:
    """Error about missing entries, naming rows and the way out."""
    total = count(mask, "values", "missing")
    return DataError(
        f"{title}: {total}: {rows.describe(mask)}. Fill in what is missing, or leave these rows "
        f"out with nan_policy='omit'."
    )


def infinite_error(values: np.ndarray, title: str, rows: RowLabels) -> DataError:
    """Error about infinite entries, naming rows and the way out."""
    mask = of_rows(np.isinf(values))
    total = count(mask, "values", "infinite")
    return DataError(
        f"{title}: {total}: {rows.describe(mask)}{shown_values(values[mask][:3])}. Correct or "
        f"remove these rows; nan_policy='omit' leaves out missing values only."
    )


def require_present(part: np.ndarray, title: str, rows: RowLabels) -> None:
    """Refuse missing entries."""
    mask = missing(part)
    if mask is not None:
        raise missing_error(title, mask, rows)


def check_weights(weights: np.ndarray, title: str, rows: RowLabels) -> None:
    """Refuse weights that are negative, infinite or all 0."""
    # fmin and fmax pass over NaN, which are for nan_policy to judge
    low, high = np.fmin.reduce(weights, initial=0.0), np.fmax.reduce(weights, initial=0.0)
    if low < 0:
        negative = weights < 0
        total = count(negative, "weights", "negative")
        raise DataError(
            f"{title}: {total}: {rows.describe(negative)}{shown_values(weights[negative][:3])}. "
            f"Correct them, or remove these rows."
        )
    if math.isinf(high):
        raise infinite_error(weights, title, rows)
    if high == 0 and (weights == 0).any():
        raise DataError(
            f"{title}: none of the {len(weights)} weights is positive, so that no observation counts. "
            f"Leave weights out to count each row once."
        )


def count(mask: np.ndarray, things: str, state: str) -> str:
    """How many there are of something, in words."""
    total = int(mask.sum())
    return f"{total} of {len(mask)} {things} {'is' if total == 1 else 'are'} {state}"


def omission(n_omitted: int) -> str:
    """End of a message that no rows are left."""
    if not n_omitted:
        return ". Pass at least one observation"
    return (
        f" left, since something is missing in each of the {n_omitted}. Fill in what is missing, "
        f"or choose another column"
    )


def refuse_options(**options: Any) -> None:
    """Refuse what is said of Observations, which are read already."""
    given = [name for name, option in options.items() if option is not None]
    if given:
        raise OptionError(
            f"{listing(given)} cannot be added to Observations. Give "
            f"{'it' if len(given) == 1 else 'them'} where the sample is read, "
            f"as in Observations.of(data, {given[0]}=...)."
        )
