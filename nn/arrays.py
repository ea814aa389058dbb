"""Reading arrays from callers: floating point out, or an error that names the shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.errors import DataError

FloatArray = NDArray[np.floating[Any]]


def float_array(values: ArrayLike, name: str) -> FloatArray:
    """Give `values` as a floating-point array; float32 stays float32, integers become float64.

    Parameters
    ----------
    values : array_like
        Numbers.
    name : str
        What they are called in the caller's signature, for the error message.

    Raises
    ------
    DataError
        If `values` are ragged, or not real numbers.
    """
    array = any_array(values, name)
    if array.dtype.kind in "biu":
        array = array.astype(np.float64)
    if array.dtype.kind != "f":
        raise DataError(f"{name} has dtype {array.dtype}; a layer takes real numbers")
    return array


def any_array(values: ArrayLike, name: str) -> NDArray[Any]:
    """Give `values` as an array of whatever dtype they have.

    Raises
    ------
    DataError
        If `values` are ragged.
    """
    try:
        return np.asarray(values)
    except ValueError as error:
        raise DataError(f"{name} is no rectangular array: {error}") from error


def feature_rows(
    values: ArrayLike,
    name: str,
    n_features: int,
    layer: object,
    networks: tuple[int, ...] = (),
) -> FloatArray:
    """Give `values` as a floating-point array of shape (rows, n_features).

    The layers of an ensemble also take an axis of networks before.

    Raises
    ------
    DataError
        If they have another shape; the message names both.
    """
    array = float_array(values, name)
    if array.ndim == 2 and array.shape[1] == n_features:
        return array
    if networks and array.ndim == 3 and array.shape[::2] == (*networks, n_features):
        return array
    advice = f"; write a single row as {name}[None, :]" if array.ndim == 1 else ""
    raise DataError(
        f"{layer} takes {name} of shape (rows, {n_features}), got {array.shape}{advice}"
    )


def sum_to_shape(gradient: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Sum a gradient over the axes along which its operand was repeated by broadcasting.

    An operand that was used several times collects the gradient of every use, so that its
    gradient has the operand's own shape. The result is always a new array.

    Examples
    --------
    >>> sum_to_shape(np.ones((2, 3)), (3,)).tolist()
    [2.0, 2.0, 2.0]
    >>> sum_to_shape(np.ones((2, 3)), (2, 1)).tolist()
    [[3.0], [3.0]]
    """
    missing = gradient.ndim - len(shape)
    repeated = [i for i, length in enumerate(shape, missing) if length == 1]
    summed: FloatArray = gradient.sum(axis=(*range(missing), *repeated)).reshape(shape)
    return summed
