"""Predicting the rows of files that are larger than memory."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from mlestim.errors import DataError
from mlestim.sample.rows import RowLabels
from nn.estimators.reading import read_features
from nn.estimators.streams.groups import blocks_of

if TYPE_CHECKING:
    from nn.arrays import FloatArray
    from nn.estimators.base import NetworkEstimator

# Rows in memory at once.
ROWS = 1 << 16


def outputs_of_file(estimator: NetworkEstimator, path: str | PathLike[str]) -> FloatArray:
    """Compute the network's outputs for all rows of a Parquet file, or a folder of them.

    Columns are found by their names; those that are no features are not read.

    Raises
    ------
    DataError
        If the file cannot be read, has no rows, or the features have no names.
    ValueError
        If features are missing.
    """
    encoder = estimator.encoder_
    if not encoder.named:
        raise DataError(
            "training had an array, whose columns have no names to be found by in a file; pass an "
            "array of the same columns"
        )
    outputs: list[FloatArray] = []
    for first_row, table in blocks_of(path, encoder.names_in, ROWS):
        read_features(estimator, table, reset=False)
        rows = RowLabels(positions=np.arange(first_row, first_row + len(table)))
        outputs.append(estimator.outputs_of(table, rows))
    if not outputs:
        raise DataError(f"{path} has no rows.")
    return np.concatenate(outputs, axis=-2)
