"""Observations: one checked sample, with its weights and groups."""

from __future__ import annotations

import math
from dataclasses import InitVar, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import DataError, OptionError
from mlestim.sample.censoring.intervals import LOWER, UPPER, Intervals, below, told
from mlestim.sample.censoring.reading import Censoring, bins, events, seen_through
from mlestim.sample.checks import (
    check_weights,
    checked_codes,
    infinite_error,
    omission,
    refuse_options,
    require_present,
)
from mlestim.sample.columns import Column, open_table, read_column
from mlestim.sample.design import WEIGHT_TYPES, Design
from mlestim.sample.groups import Groups
from mlestim.sample.readers import numbers
from mlestim.sample.reading.read import Form, Sides, read, repeatable
from mlestim.sample.rows import RowLabels, shown_values
from mlestim.sample.selection import side_column, title_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

NAN_POLICIES = ("raise", "omit")


@dataclass(frozen=True, eq=False, repr=False)
class Observations:
    r"""Observed values :math:`x_1, \dots, x_n`, checked and ready to be summed over.

    A weight counts how often a row was observed, so a row of weight 0 is not in the sample: it is
    left out before anything else is looked at, and its value may even be missing.

    Parameters
    ----------
    values
        Numbers (n,), or vectors (n, d), all finite. A contiguous float64 array is used without a copy: do not change
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
    design
        What the weights mean, and clusters of rows.
    intervals
        Ends of rows that are intervals, whose values are numbers within, and truncation windows.
    components
        Of vectors, the names of their columns.
    ends_title
        Of rows given by their ends, what messages call the columns of these.
    said
        Options by which it was read, for programs that read it again; ``...`` for arrays.
    truncation
        As for `Observations.of`, of numbers or arrays.

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
    intervals: Intervals = field(default_factory=Intervals, repr=False)
    design: Design = field(default_factory=Design, repr=False)
    components: tuple[str, ...] = ()
    ends_title: str = ""
    said: Mapping[str, Any] = field(default_factory=dict, repr=False)
    truncation: InitVar[Any] = None
    extent: tuple[float, float] = field(init=False, repr=False)

    @classmethod
    def of(
        cls,
        data: Any,
        *,
        column: Hashable | Sequence[Hashable] | None = None,
        by: Any = None,
        weights: Any = None,
        weight_type: str = "frequency",
        cluster: Any = None,
        lower: Any = None,
        upper: Any = None,
        event: Any = None,
        truncation: Any = None,
        resolution: float | None = None,
        known: Mapping[str, Any] | None = None,
        nan_policy: str = "raise",
        labels: bool = False,
        vectors: bool = False,
    ) -> Observations:
        """Read the user's data.

        Parameters
        ----------
        data
            List, array, Series or table of numpy, pandas, polars or pyarrow; Observations come
            back as they are.
        column
            Column of the table to read; not needed if only one can be meant. Of vectors, a list of
            columns, and by default all of numbers.
        by
            Column name, array or Series whose values define groups, or a list of these.
        weights
            Column name, array or Series of weights, one a row.
        weight_type, cluster
            What the weights mean, and column name, array or Series of clusters; see `Design`.
        lower, upper
            Column names, arrays or Series of the ends of rows that are intervals (lower, upper];
            equal ends are exact, missing ones infinite. They take the place of a column.
        event
            Column name, array or Series, True where the value was observed and False where it is
            known to be larger (right-censored).
        truncation
            Pair (lower, upper) of numbers, or of column names or arrays where each row has its own:
            values outside could not be seen. None stands for an open end.
        resolution
            Unit to which the values were rounded; they are whole multiples of it apart.
        known
            Parameters that are known for each row: name to column name, array or Series.
        nan_policy
            ``"raise"`` refuses missing values, weights and keys; ``"omit"`` leaves those rows
            out and counts them. Infinite values are always refused.
        labels
            Whether the column holds labels (text, categories, numbers of classes).
        vectors
            Whether each row is a vector, of several columns or of an array (n, d).

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
            refuse_options(column=column, by=by, weights=weights, known=known or None)
            refuse_options(lower=lower, upper=upper, event=event, cluster=cluster)
            refuse_options(truncation=truncation, resolution=resolution)
            refuse_options(weight_type=None if weight_type == WEIGHT_TYPES[0] else weight_type)
            return data
        censoring = Censoring(lower, upper, event, truncation, resolution)
        sides = Sides(by, weights, weight_type, cluster, known or {})
        form = Form(column, labels, vectors)
        return cls(**read(data, form, sides, censoring, nan_policy))

    @classmethod
    def right_censored(cls, time: Any, event: Any, **options: Any) -> Observations:
        """Times, exact where the event was observed and otherwise known to be larger.

        Takes ``weights=`` and ``truncation=`` besides, as the other constructors do.

        Examples
        --------
        >>> Observations.right_censored([3.0, 5.0], [True, False]).intervals.counts(2)
        {'exact': 1, 'right-censored': 1}
        """
        return cls.of(time, event=event, **options)

    @classmethod
    def left_censored(cls, values: Any, detected: Any, **options: Any) -> Observations:
        """Values, exact where they were detected and otherwise known to be at most that.

        Examples
        --------
        >>> Observations.left_censored([3.0, 5.0], [True, False]).intervals.counts(2)
        {'exact': 1, 'left-censored': 1}
        """
        column = read_column(values)
        seen = events(side_column(detected, open_table(values), "detected"))
        lower, upper = below(numbers(column), seen)
        if column.rows.index is not None:  # of pandas: rows and column keep their names
            import pandas as pd

            names = {"index": column.rows.index, "name": column.label}
            options |= {"lower": pd.Series(lower, **names), "upper": pd.Series(upper, **names)}
        return cls.of(None, **{"lower": lower, "upper": upper, **options})

    @classmethod
    def interval(cls, lower: Any, upper: Any, **options: Any) -> Observations:
        """Rows known to lie in (lower, upper]; equal ends are exact, infinite ones leave a tail.

        Examples
        --------
        >>> Observations.interval([1.0, 2.0], [2.0, 2.0]).intervals.counts(2)
        {'exact': 1, 'interval-censored': 1}
        """
        return cls.of(None, lower=lower, upper=upper, **options)

    @classmethod
    def binned(
        cls, edges: Any, counts: Any, *, weights: Any = None, **options: Any
    ) -> Observations:
        """Counts of the values in the bins between the edges; the first or last may be infinite.

        Weights multiply the counts.

        Examples
        --------
        >>> sample = Observations.binned([0.0, 1.0, 2.0, np.inf], [5, 3, 2])
        >>> sample.weights
        array([5., 3., 2.])
        """
        lower, upper = bins(edges, counts)
        total = np.asarray(counts, dtype=float)
        if weights is not None:
            total = total * numbers(read_column(weights, "weights"))
        return cls.of(None, lower=lower, upper=upper, weights=total, **options)

    def __post_init__(self, truncation: Any) -> None:
        vectors = np.ndim(self.values) == 2
        column = Column(np.asarray(self.values)) if vectors else read_column(self.values)
        title = self.title
        values = numbers(column) if self.levels is None else checked_codes(column, self.levels)
        rows, weights, groups = self.row_labels, self.weights, self.groups
        known, intervals, design = dict(self.known), self.intervals, self.design
        said = dict(self.said)
        if weights is not None:
            said.setdefault("weights", ...)
        if truncation is not None:
            intervals = seen_through(truncation, intervals, values, title, rows)
            said["truncation"] = repeatable(truncation)
        if weights is not None:
            weight_column = read_column(weights, "weights")
            weights = numbers(weight_column)
            if len(weights) != len(values):
                raise DataError(
                    f"weights: {len(weights)} of them for {len(values)} rows of data. "
                    f"Pass one for each row."
                )
            check_weights(weights, "weights", rows)
            require_present(weights, "weights", rows)
            if not weights.all():
                keep = weights > 0
                values, weights, rows = values[keep], weights[keep], rows.take(keep)
                groups = None if groups is None else groups.take(keep)
                known = {name: side[keep] for name, side in known.items()}
                intervals, design = intervals.take(keep), design.take(keep)
        if not len(values):
            raise DataError(f"{title} has no rows{omission(self.n_omitted)}.")
        extent = (values.min().item(), values.max().item())
        if math.isnan(extent[0]) or self.levels is not None:  # extremes of floats show gaps
            require_present(values, title, rows)
        if math.isinf(extent[0]) or math.isinf(extent[1]):
            raise infinite_error(values, title, rows)
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
            "intervals": intervals,
            "design": design,
            "said": said,
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        told = self.intervals.describe(len(self)), self.design.words
        return (
            f"Observations({', '.join([f'{self.title}: {len(self)} rows', *filter(None, told)])})"
        )

    def __len__(self) -> int:
        return len(self.values)

    @property
    def size(self) -> float:
        """Number of observations: the sum of frequency weights, or the number of rows."""
        counted = self.weights is not None and self.design.counts_weights
        return float(self.weights.sum()) if counted and self.weights is not None else len(self)

    @property
    def title(self) -> str:
        """Name of the column, or the columns, for messages."""
        return self.ends_title or title_of(self.components or (self.name,))

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
            intervals=self.intervals.take(keep),
            design=self.design.take(keep),
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
        chosen = np.flatnonzero(mask)[:limit]
        if self.intervals.censored:
            ends = self.intervals.ends
            return text + told(ends[LOWER], ends[UPPER], self.row_labels, chosen)
        found = self.values[chosen]
        return text + shown_values(found if self.levels is None else self._labels_of(found))

    def _labels_of(self, codes: np.ndarray) -> list[Any]:
        levels = self.levels or ()
        return [levels[code] for code in codes]
