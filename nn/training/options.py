"""Options of `nn.train` that have settings of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike

import numpy as np

from mlestim.optim.settings import (
    BELOW_ONE,
    NON_NEGATIVE,
    STEPS,
    Interval,
    check_settings,
)

HALF = {"allowed": Interval(0, 0.5, "(]")}


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when the loss on rows that are held out no longer falls; keep the best weights.

    On fewer than about a thousand rows a hold-out costs more than it saves: the rows are missed,
    and their loss says little. A `mlestim.penalties.Ridge` is the better choice there.

    Parameters
    ----------
    patience : int
        Epochs without a lower loss after which training stops.
    fraction : float
        Share of the rows held out, in (0, ½]: the same share of every class, or of small, middle
        and large targets.
    minimum_improvement : float
        By how much the loss of a row, in nats, has to fall to count as lower.
    """

    patience: int = field(default=10, metadata=STEPS)
    fraction: float = field(default=0.1, metadata=HALF)
    minimum_improvement: float = field(default=1e-4, metadata=NON_NEGATIVE)

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True)
class WeightAveraging:
    """Average the weights over the last epochs, instead of keeping the last ones.

    Steps of a constant rate circle round a minimum; their mean is nearer to it. Running means and
    variances are computed anew for the averaged weights, by one pass over the rows.

    Parameters
    ----------
    start : float
        Share of the epochs after which averaging begins, in [0, 1).

    References
    ----------
    Izmailov, Podoprikhin, Garipov, Vetrov, Wilson (2018), Averaging weights leads to wider optima
    and better generalization, UAI, algorithm 1.
    """

    start: float = field(default=0.75, metadata=BELOW_ONE)

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True)
class Checkpoint:
    """Write all that training needs to go on into a file, so that a crash costs little.

    Parameters
    ----------
    path : path
        The file; it is replaced in one step and never half written.
    every : int
        Number of epochs from one writing to the next; the last epoch is always written.
    settings : mapping of str to object
        What else has to be the same for the training to go on, by its name: where a caller makes
        network and rows by settings of its own, those are what errors are to name.
    """

    path: str | PathLike[str]
    every: int = field(default=1, metadata=STEPS)
    settings: Mapping[str, object] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        check_settings(self)


def is_count(value: object) -> bool:
    """Whether a value is an integer of at least 1."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and int(value) >= 1
