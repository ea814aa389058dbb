"""The rows that training sees: read, checked, weighted, and split from those held out."""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sized
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import DataError, OptionError
from nn.arrays import float_array
from nn.losses.base import row_weights

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from nn.arrays import FloatArray
    from nn.losses.base import Loss
    from nn.sequential import Sequential
    from nn.training.options import EarlyStopping


@dataclass(frozen=True)
class Rows:
    """Features, targets and weights with rows along the first axis.

    Attributes
    ----------
    X : array, shape (n, ...)
        Features, in the precision of the network.
    t : array, shape (n, ...)
        Targets as the loss reads them.
    weights : array, shape (n,), or None
        How much each row counts; None if all count alike.
    n_outputs : int
        Number of the network's outputs.
    n_networks : int
        Number of networks of an ensemble, or 1.
    numbers : array of int, shape (n,), or None
        The rows' numbers where they come from; None if they are 0 to n - 1.
    """

    X: FloatArray
    t: NDArray[Any]
    weights: FloatArray | None
    n_outputs: int
    n_networks: int = 1
    numbers: NDArray[np.intp] | None = None

    def __len__(self) -> int:
        return len(self.X)

    @property
    def total_weight(self) -> float:
        return float(len(self.X) if self.weights is None else self.weights.sum())

    @property
    def sample(self) -> Rows:
        """Rows that stand for all."""
        return self

    def softened(self, loss: Loss, smoothing: float) -> Rows:
        """Give the same rows with a share of each target's probability spread over all classes."""
        if not smoothing:
            return self
        return replace(self, t=loss.rows.softened(self.t, smoothing, self.n_outputs))

    def take(self, rows: NDArray[np.intp]) -> Rows:
        """Give some of the rows."""
        weights = None if self.weights is None else self.weights[rows]
        numbers = rows if self.numbers is None else self.numbers[rows]
        return replace(self, X=self.X[rows], t=self.t[rows], weights=weights, numbers=numbers)

    def portions(self, _rng: np.random.Generator) -> Iterator[Rows]:
        """Give all rows, in one portion, which lies in memory."""
        yield self

    def checksums(self, role: str = "") -> dict[str, str]:
        """Give numbers that tell features, targets and weights from others, by names."""
        parts = {"X": self.X, "t": self.t, "weights": self.weights}
        return {f"{name}{role}": checksum(array) for name, array in parts.items()}


# Features, targets and weights as the caller has them.
Portion = tuple["FloatArray", "NDArray[Any]", "FloatArray | None"]


class Portions(ABC):
    """Rows that a caller of `nn.train` gives a portion at a time.

    Attributes
    ----------
    n_rows : int
        Number of all rows.
    total_weight : float
        The sum of their weights.
    """

    n_rows: int
    total_weight: float

    @property
    @abstractmethod
    def sample(self) -> Portion:
        """Some rows that stand for all: what the others look like, and where weights start."""

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> Iterator[Portion]:
        """Give all rows once, in portions of two rows or more, in an order of their own each time."""

    @abstractmethod
    def checksums(self) -> dict[str, str]:
        """Give what tells these rows from others, by names."""


@dataclass(frozen=True)
class PortionedRows:
    """The same rows as network and loss take them: what `Rows` is for rows in memory."""

    given: Portions
    read: Callable[[Portion], Rows]

    def __len__(self) -> int:
        return self.given.n_rows

    @property
    def total_weight(self) -> float:
        """Sum of all weights."""
        return self.given.total_weight

    @cached_property
    def sample(self) -> Rows:
        """Rows that stand for all."""
        return self.read(self.given.sample)

    def portions(self, rng: np.random.Generator) -> Iterator[Rows]:
        """Give all rows once."""
        for rows in map(self.read, self.given.draw(rng)):
            yield replace(rows, numbers=np.broadcast_to(np.intp(-1), len(rows)))

    def softened(self, loss: Loss, smoothing: float) -> PortionedRows:
        """Give the same rows with a share of each target's probability spread over all classes."""
        return replace(self, read=lambda portion: self.read(portion).softened(loss, smoothing))

    def checksums(self) -> dict[str, str]:
        """Give what tells these rows from others, by names."""
        return self.given.checksums()


def read_rows(
    network: Sequential,
    loss: Loss,
    X: ArrayLike,
    t: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    class_weight: Any = None,
) -> Rows:
    """Read features and targets, and try the network on the first row.

    Raises
    ------
    DataError
        If shapes or values do not fit each other, the network or the loss.
    """
    features = float_array(X, "X")
    if features.ndim < 2 or not len(features):
        raise DataError(f"X has shape {features.shape}; it needs rows and features")
    n_targets = len(t) if isinstance(t, Sized) else 1
    if n_targets != len(features):
        raise DataError(f"t has {n_targets} rows and X has {len(features)}")
    features = np.asarray(features, order="C", dtype=network.parameters.dtype)
    _check_finite(features)
    try:
        outputs = network.forward(features[:1])
    except DataError:
        network.forward(features)  # fails too, and names the shape that was given
        raise
    n_outputs = outputs.shape[-1]
    if loss.rows.n_outputs not in {None, n_outputs}:
        raise DataError(
            f"{loss} needs {loss.rows.n_outputs} outputs a row; {network} gives {n_outputs}"
        )
    loss.rows.read_outputs(outputs.reshape(-1, n_outputs))
    targets = loss.rows.read(t, (len(features), n_outputs))
    weights = None if sample_weight is None else row_weights(sample_weight, len(features))
    if class_weight is not None:
        labels = loss.rows.labels(targets)
        if labels is None:
            raise OptionError("class_weight is for classes, and the targets are none")
        by_class = class_weights(labels, class_weight, max(n_outputs, 2), weights)[labels]
        weights = row_weights(by_class if weights is None else weights * by_class, len(labels))
    n_networks = outputs.shape[0] if outputs.ndim == 3 else 1
    return Rows(features, targets, weights, n_outputs, n_networks)


def checksum(array: NDArray[Any] | None) -> str:
    """Give a number that tells an array from others."""
    if array is None:
        return ""
    return f"{zlib.crc32(np.ascontiguousarray(array).view(np.uint8).data):08x}"


@dataclass(frozen=True)
class Split:
    """Rows to learn from, rows to check by, and which of all rows the latter are."""

    training: Rows | PortionedRows
    validation: Rows | None
    held_out: NDArray[np.intp]


def split_rows(
    network: Sequential,
    loss: Loss,
    rows: Rows | PortionedRows,
    early_stopping: EarlyStopping | None,
    validation: tuple[Any, ...] | None,
    class_weight: Any,
    rng: np.random.Generator,
) -> Split:
    """Take the validation rows that are given, or hold some out if training may stop early."""
    nothing = np.empty(0, np.intp)
    if validation is not None:
        if len(validation) not in {2, 3}:
            raise OptionError("validation takes (X, t) or (X, t, sample_weight)")
        own = read_rows(network, loss, *validation, class_weight=class_weight)
        return Split(rows, own, nothing)
    if early_stopping is None:
        return Split(rows, None, nothing)
    if not isinstance(rows, Rows):
        raise OptionError("of rows that come in portions none are held out: give validation")
    held_out = hold_out(loss, rows.t, early_stopping.fraction, rng)
    kept = np.setdiff1d(np.arange(len(rows)), held_out)
    return Split(rows.take(kept), rows.take(held_out), held_out)


def _check_finite(features: FloatArray) -> None:
    finite = np.isfinite(features)
    if not finite.all():
        wrong = np.flatnonzero(~finite.reshape(len(features), -1).all(axis=1))
        named = ", ".join(map(str, wrong[:3]))
        raise DataError(
            f"X holds missing or infinite values in {wrong.size} rows, the first of them {named}; "
            "fill them in or leave these rows out"
        )


def class_weights(
    labels: NDArray[np.intp], class_weight: Any, n_classes: int, weights: FloatArray | None = None
) -> FloatArray:
    """Give each class's weight; "balanced" lets all classes count alike, weights of rows included.

    Raises
    ------
    OptionError, DataError
        If `class_weight` is none, or names a class that is not there.
    """
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise OptionError(f"class_weight={class_weight!r} is unknown. Use 'balanced'.")
        totals = np.bincount(labels, weights, minlength=n_classes)
        share = totals.sum() / np.count_nonzero(totals)
        return np.divide(share, totals, where=totals > 0, out=np.ones(n_classes))
    if isinstance(class_weight, Mapping):
        unknown = [label for label in class_weight if label not in range(n_classes)]
        if unknown:
            raise OptionError(
                f"class_weight names {unknown[0]!r}; classes are 0 to {n_classes - 1}"
            )
        class_weight = [class_weight.get(label, 1.0) for label in range(n_classes)]
    given = float_array(class_weight, "class_weight")
    if given.shape != (n_classes,) or not ((given >= 0) & (given < np.inf)).all():
        raise OptionError(
            f"class_weight={class_weight!r}: give 'balanced', or a finite number from 0 up for "
            f"each of {n_classes} classes"
        )
    return given.astype(np.float64)


def hold_out(
    loss: Loss, t: NDArray[Any], fraction: float, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Draw rows that represent all: the same share of every class, or of every size of target.

    A class with a single row keeps it.

    Raises
    ------
    OptionError
        If there are too few rows to hold any out.
    """
    labels = loss.rows.labels(t)
    numbers = t if t.ndim == 1 else t[:, 0]
    keys = numbers if labels is None else labels
    order = rng.permutation(len(keys))
    order = order[np.argsort(keys[order], kind="stable")]
    if labels is not None:
        order = order[np.bincount(labels)[labels[order]] > 1]
    n_held = round(fraction * len(keys))
    if not 0 < n_held < len(order):
        raise OptionError(
            f"early_stopping holds out {fraction:g} of {len(keys)} rows, which leaves too few; give "
            "validation=(X, t), or use a penalty instead"
        )
    places = (np.arange(n_held) + rng.random()) * (len(order) / n_held)
    return np.sort(order[places.astype(np.intp)])


def batch_ends(n: int, batch_size: int | None) -> Iterator[tuple[int, int]]:
    """Give the batches' first and last places; a last batch of one row joins the one before.

    One row has no variance, which batch normalization needs.

    Examples
    --------
    >>> list(batch_ends(9, 4)), list(batch_ends(10, 4))
    ([(0, 4), (4, 9)], [(0, 4), (4, 8), (8, 10)])
    """
    size = n if batch_size is None else min(batch_size, n)
    start = 0
    while start < n:
        end = start + size if n - start - size > 1 else n
        yield start, end
        start = end
