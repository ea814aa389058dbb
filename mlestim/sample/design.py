"""How rows came into the sample: what their weights mean, and which of them belong together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mlestim.errors import OptionError
from mlestim.sample.columns import Table
from mlestim.sample.readers import factorize
from mlestim.sample.selection import side_column

WEIGHT_TYPES = ("frequency", "sampling", "precision")


@dataclass(frozen=True, eq=False)
class Design:
    """Meaning of the weights, and clusters of rows.

    Parameters
    ----------
    weight_type : {"frequency", "sampling", "precision"}
        How often a row was seen; how many of a population a row stands for; by what a row's
        variance is divided.
    clusters : integer array, shape (n,), optional
        Codes of the clusters of the rows, which are independent of each other.
    title : str
        What messages call the column of clusters.

    Raises
    ------
    OptionError
        If weights cannot mean that.
    """

    weight_type: str = "frequency"
    clusters: np.ndarray | None = None
    title: str = "cluster"

    def __post_init__(self) -> None:
        if self.weight_type not in WEIGHT_TYPES:
            raise OptionError(
                f"weight_type={self.weight_type!r} is unknown. Use one of "
                f"{', '.join(map(repr, WEIGHT_TYPES))}."
            )

    @classmethod
    def of(cls, weight_type: str, cluster: Any, table: Table) -> Design:
        """Read the clusters."""
        if cluster is None:
            return cls(weight_type)
        column = side_column(cluster, table, "cluster")
        return cls(weight_type, factorize(column)[0], column.title)

    @property
    def parts(self) -> list[tuple[str, np.ndarray]]:
        """Columns in which something may be missing."""
        return [] if self.clusters is None else [(self.title, self.clusters)]

    @property
    def counts_weights(self) -> bool:
        """Whether the weights add up to the number of observations."""
        return self.weight_type == "frequency"

    def take(self, keep: np.ndarray) -> Design:
        """Design of some of the rows."""
        kept = None if self.clusters is None else self.clusters[keep]
        return replace(self, clusters=kept)

    @property
    def usual(self) -> bool:
        """Whether rows are independent, and weights count them."""
        return self.counts_weights and self.clusters is None

    @property
    def words(self) -> str:
        """What is not as usual, in words."""
        return describe_design(self.weight_type, self.n_clusters)

    @property
    def n_clusters(self) -> int | None:
        """Number of clusters; None where rows do not depend on each other."""
        return None if self.clusters is None else len(np.unique(self.clusters))


def describe_design(weight_type: str, n_clusters: int | None) -> str:
    """Say in words what is not as usual."""
    words = [] if weight_type == WEIGHT_TYPES[0] else [f"{weight_type} weights"]
    if n_clusters is not None:
        words.append(f"{n_clusters} clusters")
    return ", ".join(words)
