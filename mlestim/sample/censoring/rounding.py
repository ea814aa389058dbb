"""Values that were rounded to a unit: each is an interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlestim.errors import DataError, OptionError
from mlestim.sample.checks import count
from mlestim.sample.rows import RowLabels, shown_values

Array = NDArray[np.float64]


def rounded(values: Array, resolution: float, title: str, rows: RowLabels) -> tuple[Array, Array]:
    """Ends of rows that were rounded to a unit: half of it below and above.

    Raises
    ------
    OptionError
        If the resolution is no positive number.
    DataError
        If values are not whole units apart, and so cannot have been rounded to it.
    """
    try:
        unit = float(resolution)
    except (TypeError, ValueError):
        unit = np.nan
    if not 0.0 < unit < np.inf:
        raise OptionError(f"resolution={resolution!r}: a positive number is needed, such as 0.1.")
    off = _off_grid(values, unit)
    if off.any():
        raise DataError(
            f"{title}: {count(off, 'values', f'not whole steps of {unit:g} away from the others')}: "
            f"{rows.describe(off)}{shown_values(values[off][:3])}, and so not rounded to that unit. "
            "Correct resolution=…, or give lower=… and upper=… where rows have units of their own."
        )
    return values - 0.5 * unit, values + 0.5 * unit


def _off_grid(values: Array, unit: float) -> NDArray[np.bool_]:
    """Say which values are not whole units away from most of them.

    Most are multiples of the unit, or middles of cells, or lie elsewhere in theirs (degrees Celsius
    given in Kelvin).
    """
    with np.errstate(all="ignore"):  # missing and infinite values are refused elsewhere
        single = values.astype(np.float32)
        digits = np.finfo(np.float64 if np.any(single - values) else np.float32).eps
        units = values / unit
        slack = 8.0 * digits * (1.0 + np.abs(units))
        off = np.abs(units - np.rint(units)) > slack
        if not off.any():
            return off
        places = np.round(units - np.floor(units), 3) % 1.0
        usual, counts = np.unique(places[np.isfinite(places)], return_counts=True)
        apart = units - units[np.argmax(places == usual[np.argmax(counts)])]
        return np.asarray(np.abs(apart - np.rint(apart)) > slack)
