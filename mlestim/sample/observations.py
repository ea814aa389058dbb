"""Observations: one checked sample, with its weights and groups."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import DataError, OptionError
from mlestim.sample.columns import Column, open_table, read_column
from mlestim.sample.groups import Groups
from mlestim.sample.readers import factorize, label_codes, numbers
from mlestim.sample.rows import RowLabels, listing, shown_values
from mlestim.sample.selection import key_columns, key_names, only_column, side_column

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

NAN_POLICIES = ("raise", "omit")


@dataclass(frozen=True, eq=False)
class Observations:
    r"""Observed values :math:`x_1, \dots, x_n`, checked and ready to be summed over.

    A weight counts how often a row was observed, so a row of weight 0 is not in the sample: it is
    left out before anything else is looked at, and its value may even be missing.

    Parameters
    ----------
    values
        Numbers (n,), all finite. A contiguous float64 array is used without a copy: do not change
        it while the sample lives. With ``levels``, integer codes (n,) into them.
    weights
        Weights (n,), nonnegative, finite and not all 0; None means that all are 1.
    groups
        Group of each row, or None.
    levels
        Labels that the codes stand for, in their order; None for numbers.
    name
        Column name for tables and messages.
    row_labels
        The user's labels of the rows, for messages.
    n_omitted
        Number of rows left out because something in them is missing.
    dtype_name
        Type of the column as the user gave it.
    known
        Parameters that are known for each row, by name.

    Attributes
    ----------
    extent : tuple of float
        Smallest and largest of the values.

    Raises
    ------
    DataError
        If the values or weights cannot be used, naming column, rows and the way out.

    See Also
    --------
    Observations.of : reads tables, chooses columns, leaves out missing rows.

    Examples
    --------
    >>> sample = Observations([3, 1, 2], weights=[1, 0, 2])
    >>> sample.values
    array([3., 2.])
    >>> sample.extent
    (2.0, 3.0)
    """

    values: np.ndarray
    weights: np.ndarray | None = None
    groups: Groups | None = None
    levels: tuple[Any, ...] | None = None
    name: str = "x"
    row_labels: RowLabels = field(default_factory=RowLabels, repr=False)
    n_omitted: int = 0
    dtype_name: str = ""
    known: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)
    extent: tuple[float, float] = field(init=False, repr=False)

    @classmethod
    def of(
        cls,
        data: Any,
        *,
        column: Hashable | None = None,
        by: Any = None,
        weights: Any = None,
        known: Mapping[str, Any] | None = None,
        nan_policy: str = "raise",
        labels: bool = False,
    ) -> Observations:
        """Read the user's data.

        Parameters
        ----------
        data
            List, array, Series or table of numpy, pandas, polars or pyarrow; Observations come
            back as they are.
        column
            Column of the table to read; not needed if only one can be meant.
        by
            Column name, array or Series whose values define groups, or a list of these.
        weights
            Column name, array or Series of weights, one a row.
        known
            Parameters that are known for each row: name to column name, array or Series.
        nan_policy
            ``"raise"`` refuses missing values, weights and keys; ``"omit"`` leaves those rows
            out and counts them. Infinite values are always refused.
        labels
            Whether the column holds labels (text, categories, numbers of classes).

        Raises
        ------
        DataError
            If the data cannot be read as asked, naming column, rows and the way out.
        OptionError
            If ``nan_policy`` is neither.

        Examples
        --------
        >>> Observations.of([2.5, None, 1.0], nan_policy="omit").n_omitted
        1
        >>> Observations.of(["b", "a", "b"], labels=True).levels
        ('a', 'b')
        """
        if nan_policy not in NAN_POLICIES:
            raise OptionError(f"nan_policy={nan_policy!r} is unknown. Use 'raise' or 'omit'.")
        if isinstance(data, Observations):
            return _as_they_are(data, column=column, by=by, weights=weights, known=known or None)
        table = open_table(data)
        weight_column = None if weights is None else side_column(weights, table, "weights")
        keys = [] if by is None else key_columns(by, table)
        sides = {name: side_column(side, table, name) for name, side in (known or {}).items()}
        if column is None:
            others = (weight_column, *keys, *sides.values())
            beside = {side.place for side in others if side is not None}
            chosen = only_column(table, beside, labels)
        else:
            chosen = table.select(column, "column")

        values, levels = label_codes(chosen) if labels else (numbers(chosen), None)
        factors = [factorize(key) for key in keys]
        parts = [(chosen.title, values)]
        parts += [(key.title, codes) for key, (codes, _) in zip(keys, factors, strict=True)]
        weight_values = None
        if weight_column is not None:
            weight_values = numbers(weight_column)
            _check_weights(weight_values, weight_column.title, chosen.rows)
            parts.append((weight_column.title, weight_values))
        known_values = {name: numbers(side) for name, side in sides.items()}
        parts += [(side.title, known_values[name]) for name, side in sides.items()]
        keep, n_omitted = _rows_to_keep(parts, weight_values, nan_policy, chosen.rows)

        rows = chosen.rows
        if keep is not None:
            values, rows = values[keep], rows.take(keep)
            weight_values = None if weight_values is None else weight_values[keep]
            known_values = {name: side[keep] for name, side in known_values.items()}
        return cls(
            values,
            weights=weight_values,
            groups=Groups.of(factors, key_names(keys), keep) if keys and values.size else None,
            levels=levels,
            name=chosen.name,
            row_labels=rows,
            n_omitted=n_omitted,
            dtype_name=chosen.dtype_name,
            known=known_values,
        )

    def __post_init__(self) -> None:
        column = read_column(self.values)
        title = f"column {self.name!r}"
        values = numbers(column) if self.levels is None else _checked_codes(column, self.levels)
        rows, weights, groups = self.row_labels, self.weights, self.groups
        known = dict(self.known)
        if weights is not None:
            weight_column = read_column(weights, "weights")
            weights = numbers(weight_column)
            if len(weights) != len(values):
                raise DataError(
                    f"weights: {len(weights)} of them for {len(values)} rows of data. "
                    f"Pass one for each row."
                )
            _check_weights(weights, "weights", rows)
            _require_present(weights, "weights", rows)
            if not weights.all():
                keep = weights > 0
                values, weights, rows = values[keep], weights[keep], rows.take(keep)
                groups = None if groups is None else groups.take(keep)
                known = {name: side[keep] for name, side in known.items()}
        if not len(values):
            raise DataError(f"{title} has no rows{_omission(self.n_omitted)}.")
        extent = (values.min().item(), values.max().item())
        if math.isnan(extent[0]) or self.levels is not None:  # extremes of floats show gaps
            _require_present(values, title, rows)
        if math.isinf(extent[0]) or math.isinf(extent[1]):
            raise _infinite_error(values, title, rows)
        values = values.view()
        values.flags.writeable = False  # it may be the user's own array
        checked = {
            "values": values,
            "weights": weights,
            "row_labels": rows,
            "groups": groups,
            "dtype_name": self.dtype_name or column.dtype_name,
            "extent": extent,
            "known": known,
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.values)

    def take(self, keep: np.ndarray) -> Observations:
        """Sample of the rows where the mask ``keep`` is true, in their groups.

        Examples
        --------
        >>> Observations([4.0, -1.0, 2.0]).take(np.array([True, False, True])).values
        array([4., 2.])
        """
        return replace(
            self,
            values=self.values[keep],
            weights=None if self.weights is None else self.weights[keep],
            groups=None if self.groups is None else self.groups.take(keep),
            row_labels=self.row_labels.take(keep),
            known={name: side[keep] for name, side in self.known.items()},
        )

    def first_rows(self, mask: np.ndarray, limit: int = 3, *, with_values: bool = False) -> str:
        """Name the first rows where ``mask`` is true, for a message.

        Examples
        --------
        >>> sample = Observations([4.0, -1.0, 2.0, -3.0])
        >>> sample.first_rows(sample.values < 0)
        'rows 1 and 3'
        >>> sample.first_rows(sample.values < 0, limit=1, with_values=True)
        'rows 1 (and 1 more), with value -1.0'
        """
        text = self.row_labels.describe(mask, limit)
        if not with_values:
            return text
        found = self.values[np.flatnonzero(mask)[:limit]]
        return text + shown_values(found if self.levels is None else self._labels_of(found))

    def _labels_of(self, codes: np.ndarray) -> list[Any]:
        levels = self.levels or ()
        return [levels[code] for code in codes]


def _as_they_are(sample: Observations, **options: Any) -> Observations:
    given = [name for name, option in options.items() if option is not None]
    if given:
        raise OptionError(
            f"{listing(given)} cannot be added to Observations. Give "
            f"{'it' if len(given) == 1 else 'them'} where the sample is read, "
            f"as in Observations.of(data, {given[0]}=...)."
        )
    return sample


def _checked_codes(column: Column, levels: tuple[Any, ...]) -> np.ndarray:
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


def _missing(part: np.ndarray) -> np.ndarray | None:
    """Mask of missing entries, NaN among numbers and -1 among codes; None if there are none."""
    if not part.size:
        return None
    least = part.min()  # NaN if there is one, so clean data are passed over once
    if part.dtype.kind == "f":
        return np.isnan(part) if math.isnan(least) else None
    return part < 0 if least < 0 else None


def _rows_to_keep(
    parts: Sequence[tuple[str, np.ndarray]],
    weights: np.ndarray | None,
    nan_policy: str,
    rows: RowLabels,
) -> tuple[np.ndarray | None, int]:
    """Mask of the rows in the sample (None for all), and how many were left out as missing."""
    counted = None if weights is None or weights.all() else weights != 0
    omitted: np.ndarray | None = None
    for title, part in parts:
        gaps = _missing(part)
        if gaps is None:
            continue
        if counted is not None:
            gaps &= counted
        if nan_policy == "raise" and gaps.any():
            raise _missing_error(title, gaps, rows)
        omitted = gaps if omitted is None else omitted | gaps
    if omitted is None:
        return counted, 0
    keep = ~omitted if counted is None else counted & ~omitted
    return keep, int(omitted.sum())


def _missing_error(title: str, mask: np.ndarray, rows: RowLabels) -> DataError:
    count = _count(mask, "values", "missing")
    return DataError(
        f"{title}: {count}: {rows.describe(mask)}. Fill in what is missing, or leave these rows "
        f"out with nan_policy='omit'."
    )


def _infinite_error(values: np.ndarray, title: str, rows: RowLabels) -> DataError:
    mask = np.isinf(values)
    count = _count(mask, "values", "infinite")
    return DataError(
        f"{title}: {count}: {rows.describe(mask)}{shown_values(values[mask][:3])}. Correct or "
        f"remove these rows; nan_policy='omit' leaves out missing values only."
    )


def _require_present(part: np.ndarray, title: str, rows: RowLabels) -> None:
    mask = _missing(part)
    if mask is not None:
        raise _missing_error(title, mask, rows)


def _check_weights(weights: np.ndarray, title: str, rows: RowLabels) -> None:
    # fmin and fmax pass over NaN, which are for nan_policy to judge
    low, high = np.fmin.reduce(weights, initial=0.0), np.fmax.reduce(weights, initial=0.0)
    if low < 0:
        negative = weights < 0
        count = _count(negative, "weights", "negative")
        raise DataError(
            f"{title}: {count}: {rows.describe(negative)}{shown_values(weights[negative][:3])}. "
            f"Correct them, or remove these rows."
        )
    if math.isinf(high):
        raise _infinite_error(weights, title, rows)
    if high == 0 and (weights == 0).any():
        raise DataError(
            f"{title}: none of the {len(weights)} weights is positive, so that no observation counts. "
            f"Leave weights out to count each row once."
        )


def _count(mask: np.ndarray, things: str, state: str) -> str:
    count = int(mask.sum())
    return f"{count} of {len(mask)} {things} {'is' if count == 1 else 'are'} {state}"


def _omission(n_omitted: int) -> str:
    if not n_omitted:
        return ". Pass at least one observation"
    return (
        f" left, since something is missing in each of the {n_omitted}. Fill in what is missing, "
        f"or choose another column"
    )
