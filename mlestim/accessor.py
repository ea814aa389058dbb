"""pandas accessors: ``series.mle``, ``frame.mle`` and ``frame.groupby(…).mle``.

Importing this module registers them; ``import mlestim`` alone leaves pandas as it is.

>>> import pandas as pd
>>> import mlestim.accessor
>>> amounts = pd.DataFrame({"region": list("aabb"), "amount": [1.0, 2.0, 3.0, 5.0]})
>>> amounts["amount"].mle.fit("exponential").params["scale"]
np.float64(2.75)
>>> amounts.groupby("region").mle.fit("exponential").table["scale"].tolist()
[1.5, 4.0]
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pandas.api.extensions import register_dataframe_accessor, register_series_accessor
from pandas.api.typing import DataFrameGroupBy, SeriesGroupBy

from mlestim.comparing import Families, compare
from mlestim.distributions.registry import FamilyLike
from mlestim.errors import OptionError
from mlestim.fitting import fit
from mlestim.results.comparison import Comparison, GroupedComparison
from mlestim.results.grouped import GroupedFit
from mlestim.results.result import FitResult


class Accessor:
    """Fits of a Series or DataFrame; options are those of `mlestim.fit` and `mlestim.compare`."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def fit(self, family: FamilyLike, **options: Any) -> FitResult | GroupedFit:
        """Fit a distribution; see `mlestim.fit`."""
        result: FitResult | GroupedFit = fit(self._data, family, **options)
        return result

    def compare(self, families: Families = "all", **options: Any) -> Comparison | GroupedComparison:
        """Rank families; see `mlestim.compare`."""
        result: Comparison | GroupedComparison = compare(self._data, families, **options)
        return result


class GroupedAccessor:
    """Fits of every group of a pandas groupby, all groups in one batch.

    Columns that were selected are those that can be fitted. Rows without a key are in no group, as
    pandas has it.
    """

    def __init__(self, grouped: Any) -> None:
        size = grouped.size()
        by_columns = isinstance(size, pd.DataFrame)  # as_index=False
        names = list(size.columns[:-1]) if by_columns else list(size.index.names)
        keep = np.zeros(len(grouped.obj), dtype=bool)
        keys = np.empty((len(names), len(grouped.obj)), dtype=object)
        for label, rows in grouped.indices.items():
            keep[rows] = True
            parts = label if isinstance(label, tuple) else (label,)
            for key, part in zip(keys, parts, strict=True):
                key[rows] = part
        data = grouped.obj[keep]
        if isinstance(data, pd.DataFrame):
            data = data[list(grouped.head(0).columns)]  # those selected
        self._by = [
            pd.Series(key[keep], index=data.index, name=name).infer_objects()
            for key, name in zip(keys, names, strict=True)
        ]
        own = [name for name in names if isinstance(data, pd.DataFrame) and name in data.columns]
        self._data = data.drop(columns=own) if own else data

    def fit(self, family: FamilyLike, **options: Any) -> GroupedFit:
        """Fit a distribution to every group; see `mlestim.fit`."""
        return fit(self._data, family, by=self._by, **_without_by(options))

    def compare(self, families: Families = "all", **options: Any) -> GroupedComparison:
        """Rank families in every group; see `mlestim.compare`."""
        return compare(self._data, families, by=self._by, **_without_by(options))


def _without_by(options: dict[str, Any]) -> dict[str, Any]:
    if "by" in options:
        raise OptionError("by: the groups are those of groupby already")
    return options


@register_series_accessor("mle")
class SeriesAccessor(Accessor):
    """``series.mle``."""


@register_dataframe_accessor("mle")
class FrameAccessor(Accessor):
    """``frame.mle``."""


# pandas has no registry for groupby objects; an attribute of its public classes serves.
_classes: tuple[Any, ...] = (DataFrameGroupBy, SeriesGroupBy)
for _class in _classes:
    _class.mle = property(GroupedAccessor)
