"""Features, targets and weights out of a data file."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import TYPE_CHECKING, Any

import click

from mlestim.cli.options import observed
from mlestim.cli.output import remark
from mlestim.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

# Whole numbers of more values than these are measured, not named.
MOST_NUMBERED_CLASSES = 20

nan_policy_option = click.option(
    "--nan-policy",
    type=click.Choice(["raise", "omit"]),
    default="raise",
    show_default=True,
    help="Refuse rows without a target, or leave them out.",
)


def column(frame: pd.DataFrame, label: str, option: str) -> pd.Series:
    """Give a column by its name.

    Raises
    ------
    DataError
        If there is none; the message names the nearest.
    """
    from mlestim.sample.columns import open_table

    table = open_table(frame)
    known = {str(name): name for name in frame.columns}
    series: pd.Series = table.select(known.get(label, label), option).content
    return series


def features(
    frame: pd.DataFrame, names: Collection[str], beside: Collection[str | None]
) -> pd.DataFrame:
    """Give the features: the columns that are named, or all that have no other role.

    Raises
    ------
    DataError
        If one is not there, or none is left.
    """
    if names:
        columns = [column(frame, name, "--feature").name for name in names]
        return frame[columns]
    kept: list[Hashable] = [name for name in frame.columns if str(name) not in beside]
    if not kept:
        raise DataError("the file has no column besides the target to learn from.")
    return frame[kept]


def known_features(frame: pd.DataFrame, names: Collection[str]) -> pd.DataFrame:
    """Give the features that a model knows, in its order; other columns are passed over.

    Raises
    ------
    DataError
        If some are not there.
    """
    known = {str(name): name for name in frame.columns}
    missing = [name for name in names if name not in known]
    if missing:
        raise DataError(
            f"the file lacks columns that the model was trained on: {', '.join(missing)}"
        )
    return frame[[known[name] for name in names]]


def complete(values: pd.Series) -> pd.Series:
    """Give a column of targets in which nothing is missing.

    Raises
    ------
    DataError
        If something is; the message names the first rows.
    """
    missing = values.isna().to_numpy()
    if missing.any():
        from mlestim.sample.rows import RowLabels

        rows = RowLabels(values.index).describe(missing)
        raise DataError(
            f"column {values.name!r} is missing in {rows}; a target is known in every row. Leave "
            "these rows out with --nan-policy omit."
        )
    return values


def events(frame: pd.DataFrame, text: str | None) -> pd.Series | None:
    """Give the column that says which targets are exact, and which are known to be larger.

    Raises
    ------
    DataError
        If there is none of the name, or something is missing in it.
    """
    found = observed_events(frame, text)
    return None if found is None else complete(found)


def observed_events(frame: pd.DataFrame, text: str | None) -> pd.Series | None:
    """Give the same, missing where it is."""
    if text is None:
        return None
    found: Any = observed(frame, text)
    return column(frame, str(found), "--event") if isinstance(found, Hashable) else found


def with_targets(frame: pd.DataFrame, target: str, event: str | None) -> pd.DataFrame:
    """Leave rows out that have no target, and say how many they were."""
    known = column(frame, target, "--target").notna()
    observed_rows = observed_events(frame, event)
    if observed_rows is not None:
        known &= observed_rows.notna()
    if not known.all():
        remark(f"{(~known).sum()} of {len(frame)} rows have no target and are left out.")
    return frame[known]


def holds_classes(values: pd.Series) -> tuple[bool, str]:
    """Say whether targets are classes or measurements, and by what they look like it."""
    from pandas.api.types import is_bool_dtype, is_float_dtype, is_numeric_dtype

    if is_bool_dtype(values.dtype) or not is_numeric_dtype(values.dtype):
        return True, "text"
    distinct = values.nunique()
    if not is_float_dtype(values.dtype) and distinct <= MOST_NUMBERED_CLASSES:
        return True, f"whole numbers of {distinct} values"
    return False, "numbers"


def rounded(value: float) -> Any:
    """Six significant digits, as a table for readers shows them."""
    return float(f"{value:.6g}")
