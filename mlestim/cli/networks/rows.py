"""The rows of a training: a table, or files that are read a part at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlestim.cli.networks.files import large_files, some_columns, without_rows
from mlestim.cli.networks.tables import (
    column,
    complete,
    events,
    features,
    with_targets,
)
from mlestim.cli.options import read_data
from mlestim.cli.output import remark

if TYPE_CHECKING:
    import pandas as pd

    from mlestim.cli.networks.train import Training


@dataclass(frozen=True)
class Rows:
    """What ``fit`` of an estimator takes.

    Attributes
    ----------
    features, y, weights, event
        Of a table, its columns; of files, the files and the names of their columns.
    targets : Series
        All targets.
    """

    features: Any
    y: Any
    weights: Any
    event: Any
    targets: pd.Series


def rows_of_table(training: Training) -> Rows:
    """Read all rows at once."""
    frame = read_data(training.file, training.separator)
    if training.nan_policy == "omit":
        frame = with_targets(frame, training.target, training.event)
    targets = complete(column(frame, training.target, "--target"))
    event = events(frame, training.event)
    role = None if event is None else str(event.name)
    X = features(frame, training.feature, {training.target, training.weights, role})
    weights = None if training.weights is None else column(frame, training.weights, "--weights")
    return Rows(X, targets, weights, event, targets)


def rows_of_files(training: Training) -> Rows | None:
    """Leave features in large Parquet files; None for other data, or if that is not possible."""
    files = large_files(training.file)
    if files is None:
        return None
    names = without_rows(files)
    target = str(column(names, training.target, "--target").name)
    weights = training.weights and str(column(names, training.weights, "--weights").name)
    known = some_columns(files, [target])[target]
    if training.nan_policy == "omit" and known.isna().any():
        remark(f"rows without a target: all of {training.file} is read at once.")
        return None
    event = training.event
    if event is not None and (
        event not in files.names or str(files.schema.field(event).type) != "bool"
    ):
        remark(f"--event {event} is no column of booleans: all of {training.file} is read at once.")
        return None
    roles = [target, *(role for role in (weights, event) if role is not None)]
    chosen = [str(name) for name in features(names, training.feature, set(roles)).columns]
    own = files.selected(list(dict.fromkeys([*chosen, *roles])))
    return Rows(own, target, weights, event, complete(known))
