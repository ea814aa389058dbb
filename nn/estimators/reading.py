"""What users pass to an estimator, checked as scikit-learn checks it."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mlestim.errors import DataError
from mlestim.sample import columns
from mlestim.sample.columns import package
from mlestim.sample.observations import Observations
from mlestim.sample.readers import label_codes
from mlestim.sample.rows import RowLabels
from nn.tables.columns import CategoryColumn
from nn.tables.encoder import is_frame, open_features

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from nn.arrays import FloatArray
    from nn.estimators.base import NetworkEstimator


@dataclass(frozen=True)
class Sample:
    """Rows to learn from: the network's inputs, targets and weights."""

    inputs: FloatArray
    targets: NDArray[Any]
    weights: FloatArray

    # Of rows in memory, all stand for all, and `nn.train` holds some out.
    held_out: ClassVar[None] = None

    @property
    def chosen(self) -> Sample:
        """Rows that stand for all."""
        return self

    @property
    def portion(self) -> tuple[FloatArray, NDArray[Any], FloatArray | None]:
        """What `nn.train` takes: features, targets, and weights if they are not all 1."""
        return self.inputs, self.targets, None if (self.weights == 1.0).all() else self.weights

    @classmethod
    def joined(cls, parts: list[Sample]) -> Sample:
        """Put rows together."""
        return cls(
            np.concatenate([part.inputs for part in parts]),
            np.concatenate([part.targets for part in parts]),
            np.concatenate([part.weights for part in parts]),
        )

    def take(self, rows: NDArray[np.intp]) -> Sample:
        """Give some of the rows."""
        return Sample(self.inputs[rows], self.targets[rows], self.weights[rows])

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.weights)


def read_features(estimator: NetworkEstimator, X: Any, *, reset: bool) -> Any:
    """Check features: a data frame comes back as it is, anything else as an array.

    That is one of floats, or of objects if some are categories.

    Parameters
    ----------
    estimator : NetworkEstimator
        Keeps the features' number and names, or compares them with those it kept.
    X : data frame or array, shape (n, d)
        The features; NaN marks a missing value.
    reset : bool
        Whether to keep or to compare.

    Raises
    ------
    ValueError
        If number or names differ, the shape is another, or values are infinite.
    """
    from sklearn.utils.validation import validate_data

    if isinstance(X, (str, PathLike)):
        raise DataError(
            f"X is the path {str(X)!r}; fit, partial_fit, score and the predictions read files, and "
            "nothing else does. Pass a table, such as pandas.read_parquet(path), a part at a time if it is large."
        )
    if hasattr(X, "collect"):  # a lazy frame
        X = X.collect()
    if not is_frame(X):
        return _read_array(estimator, X, reset=reset)
    if not len(open_features(X)):
        raise DataError("the table has 0 rows. Pass a table with data.")
    validate_data(estimator, X, reset=reset, skip_check_array=True)
    return X


def _read_array(estimator: NetworkEstimator, X: Any, *, reset: bool) -> NDArray[Any]:
    from sklearn.utils.validation import validate_data

    def checked(values: Any, **options: Any) -> NDArray[Any]:
        array: NDArray[Any] = validate_data(estimator, values, reset=reset, **options)
        return array

    mixed = X if isinstance(X, np.ndarray) else None
    if isinstance(X, (list, tuple)) and any(_holds_text(row) for row in X):
        mixed = np.array(X, dtype=object)
    if mixed is None or mixed.dtype.kind not in "OUS" or _are_numbers(mixed):
        if reset or not _has_categories(estimator):
            array = checked(X, dtype=[np.float64, np.float32], ensure_all_finite=False)
            _refuse_infinite(array)
            return array
    elif mixed.dtype.kind != "O":
        raise DataError(
            f"X is an array of text, such as {mixed.ravel()[0].item()!r}, in which numbers cannot be "
            "told from categories. Pass a data frame, or an array of objects: dtype=object."
        )
    return checked(X if mixed is None else mixed, dtype=object, ensure_all_finite=False)


def _refuse_infinite(X: NDArray[Any]) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(X.sum()):
            return
    infinite = np.isinf(X)
    if infinite.any():
        column = int(infinite.any(axis=0).argmax())
        rows = RowLabels().describe(infinite[:, column])
        raise DataError(
            f"X contains infinity (inf) in column {column}, in {rows}, counted from 0. Make these "
            "values missing, or correct them."
        )


def _holds_text(row: Any) -> bool:
    return isinstance(row, (list, tuple)) and any(isinstance(value, str) for value in row)


def _has_categories(estimator: NetworkEstimator) -> bool:
    return any(isinstance(feature, CategoryColumn) for feature in estimator.encoder_.features)


def _are_numbers(X: NDArray[Any]) -> bool:
    """Whether an array of objects or text holds numbers, or what is none of both."""
    try:
        X.astype(np.float64)
    except ValueError:
        return False
    except TypeError:  # scikit-learn says what it is
        return True
    return True


def read_column(y: Any, n: int, name: str = "y") -> NDArray[Any]:
    """Check a column of targets: one for each row, none missing.

    Raises
    ------
    ValueError
        If there is another number of them, or some are missing or infinite.
    """
    from sklearn.utils import column_or_1d
    from sklearn.utils.validation import assert_all_finite, check_array

    if y is None:
        raise DataError("This estimator requires y to be passed, but the target y is None.")
    if isinstance(y, str):
        raise DataError(
            f"{name}={y!r} names a column, as is done for files: pass the table's column itself, and "
            "the table without it"
        )
    if isinstance(y, Observations):
        raise DataError(f"{name} holds Observations; a classifier takes a class for each row")
    if package(y) is not None and not is_frame(y):
        y = _series_values(y, name)
    elif isinstance(y, (list, tuple)):
        _refuse_mixed(y, name)
    values: NDArray[Any] = column_or_1d(
        check_array(y, ensure_2d=False, dtype=None, input_name=name, ensure_all_finite=False),
        warn=True,
    )
    with np.errstate(over="ignore", invalid="ignore"):  # a sum of finite values may overflow
        try:
            assert_all_finite(values, input_name=name)
        except ValueError as error:
            odd = ~np.isfinite(values)
            raise DataError(
                f"{error} That is so in {RowLabels().describe(odd)}, counted from 0. Leave these "
                "rows out, or correct them."
            ) from error
    if values.dtype == object:
        _refuse_missing(np.array([value is None or value != value for value in values]), name)  # noqa: PLR0124 -- NaN
        _refuse_mixed(values, name)
        # Integers and text have types of their own, which sort and compare faster.
        values = np.array(values.tolist())
    if len(values) != n:
        raise DataError(
            f"{name} has {len(values)} values for {n} rows of features: inconsistent numbers of samples"
        )
    return values


def _series_values(series: Any, name: str) -> NDArray[Any]:
    """Give a Series of any library as an array of plain values, none of them missing."""
    codes, levels = label_codes(columns.read_column(series, name))
    _refuse_missing(codes < 0, name)
    _refuse_mixed(levels, name)
    return np.array(levels)[codes]


def _refuse_mixed(values: Iterable[Any], name: str) -> None:
    """Refuse text among numbers, which NumPy would turn into text."""
    examples = {isinstance(value, str): value for value in values}
    if len(examples) > 1:
        raise DataError(
            f"{name} mixes text, such as {examples[True]!r}, with values that are none, such as "
            f"{examples[False]!r}. Make all of them text, or none."
        )


def _refuse_missing(missing: NDArray[np.bool_], name: str) -> None:
    if missing.any():
        raise DataError(
            f"{name} holds no value in {RowLabels().describe(missing)}, counted from 0; a target "
            "is known in every row. Leave these rows out."
        )


def read_weights(sample_weight: Any, n: int) -> FloatArray:
    """Check weights: one for each row, none negative, not all 0; None stands for ones.

    Raises
    ------
    DataError
        If that does not hold.
    """
    if sample_weight is None:
        return np.ones(n)
    weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.ndim == 0:
        weights = np.full(n, weights)
    if weights.shape != (n,):
        raise DataError(
            f"sample_weight has shape {weights.shape}; it needs ({n},), one weight for each row"
        )
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise DataError("sample_weight holds values that are negative, missing or infinite")
    if not weights.any():
        raise DataError(
            "sample_weight is zero in all rows: with such weights no row is left to learn from"
        )
    return weights


def merge_rows(
    X: FloatArray, y: NDArray[Any], weights: FloatArray
) -> tuple[FloatArray, NDArray[Any], FloatArray]:
    """Make one row of equal ones, which has their total weight, and put rows in a fixed order.

    The same rows then give the same network to the last digit, in whatever order they come, and
    whether they are repeated or have a weight.

    Examples
    --------
    >>> X, y, weights = merge_rows(
    ...     np.array([[3.0], [1.0], [3.0]]), np.array(["b", "a", "b"]), np.array([1.0, 1.0, 2.0])
    ... )
    >>> X.tolist(), y.tolist(), weights.tolist()
    ([[1.0], [3.0]], ['a', 'b'], [1.0, 3.0])
    """
    _, codes = np.unique(y, axis=0, return_inverse=True)
    _, first, row = np.unique(
        np.column_stack([codes, X]), axis=0, return_index=True, return_inverse=True
    )
    total: FloatArray = np.bincount(row.ravel(), weights).astype(np.float64)
    return X[first], y[first], total
