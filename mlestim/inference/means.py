"""What rows with a distribution each are expected to be."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from mlestim.errors import NoMeanWarning
from mlestim.sample.rows import RowLabels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlestim.distributions.base import Family


def expected(rows: Family) -> NDArray[np.float64]:
    """Give the mean of each row's distribution, inf or NaN where it has no finite one.

    Warns
    -----
    NoMeanWarning
        If some have none.
    """
    means = np.asarray(rows.mean(), dtype=np.float64)
    without = ~np.isfinite(means)
    if without.any():
        warnings.warn(
            f"{rows.name} has no finite mean in {RowLabels().describe(without)}. Medians are "
            "finite: predict_distribution(X).ppf(0.5).",
            NoMeanWarning,
            stacklevel=3,
        )
    return means


def central(rows: Family) -> NDArray[np.float64]:
    """Give the mean of each row's distribution, and the median where it has no finite one."""
    means = np.asarray(rows.mean(), dtype=np.float64)
    without = ~np.isfinite(means)
    if without.any():
        medians = np.asarray(rows.ppf(np.full(means.shape, 0.5)), dtype=np.float64)
        means = np.where(without, medians, means)
    return means
