"""The loop that numba compiles: all steps of an epoch, from gathered rows to moved parameters.

What the layers, the loss, the penalty and the optimizer do one after the other, with the same
formulas in the same order, is done here for a chain of affine layers with ReLU between them, whose
outputs are logits of classes, under Adam or AdamW. Numbers are of one precision throughout, and
nothing is reordered: what is not finite stays so. Without numba this is plain, slow Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

# Products of fewer multiplications are done by OpenBLAS without copies of their factors, a sixth
# faster; of more, in panels of rows, unless so few rows make one that to add up costs more.
SMALL, LEAST_ROWS = 1_000_000, 32

F = TypeVar("F", bound="Callable[..., Any]")


def compiled(function: F) -> F:
    """Compile a function at its first call, and keep the result on disk."""
    try:
        from numba import njit
    except ImportError:
        return function
    # NumPy's way with divisions by 0 lets loops be vectorised.
    options: dict[str, Any] = {"error_model": "numpy", "nogil": True}
    try:
        fast: F = njit(cache=True, **options)(function)
    except RuntimeError:  # there is no folder that can be written to
        fast = njit(**options)(function)
    return fast


@compiled
def epoch(
    X: Any,
    labels: Any,
    weights: Any,
    order: Any,
    ends: Any,
    widths: Any,
    network: Any,
    moments: Any,
    shrunk: Any,
    schedule: Any,
    constants: Any,
    losses: Any,
) -> int:
    """Do a step for each batch, and give how many there were before a loss was not finite.

    Parameters
    ----------
    X : array, shape (n, n_features)
        Rows of features.
    labels : array of int, shape (n,)
        Their classes.
    weights : array, shape (n,) or (0,)
        How much each row counts, of mean 1; none if all count alike.
    order : array of int, shape (n,)
        The rows in the order in which they are met.
    ends : array of int
        Where in that order each batch ends.
    widths : array of int
        Numbers of features, of units of each layer, and of classes.
    network : pair of array, shape (n_parameters,)
        Parameters and their gradient.
    moments : pair of array, shape (n_parameters,)
        Adam's two moments.
    shrunk : pair of array, shape (n_parameters,) or (0,)
        The penalty's part in the gradient of the mean loss, per parameter, and where weight decay
        applies; none if there is neither.
    schedule : four arrays, one entry a step
        Sizes of Adam's steps, what it adds to the root, by how much AdamW shrinks, and the share
        of a row in the mean loss of the batch.
    constants : array
        0, 1, β₁, 1 − β₁, β₂, 1 − β₂, and Adam's weight decay.
    losses : array, one entry a step
        To be filled with the mean loss of each batch.
    """
    parameters, gradient = network
    largest = ends[0]
    for step in range(1, len(ends)):
        largest = max(largest, ends[step] - ends[step - 1])
    inputs = np.empty(largest * widths[0], X.dtype)
    outputs = np.empty(largest * widths[1:].sum(), X.dtype)
    signals = np.empty((2, largest * widths.max()), X.dtype)
    spare = np.empty((widths[1:] * widths[:-1]).max(), X.dtype)
    start = 0
    for step in range(len(ends)):
        rows = order[start : ends[step]]
        x = inputs[: len(rows) * widths[0]].reshape((len(rows), widths[0]))
        gather(X, rows, x)
        y = forward(x, widths, parameters, outputs, constants[0])
        losses[step] = loss(y, labels, weights, rows, schedule[3][step], constants)
        if not np.isfinite(losses[step]):
            return step
        backward(x, y, widths, parameters, gradient, outputs, signals, spare, constants[0])
        if len(shrunk[0]):
            shrink(parameters, gradient, shrunk, schedule[2][step], constants[1])
        size, added = schedule[0][step], schedule[1][step]
        if constants[6] > 0:
            adam_with_decay(parameters, gradient, moments, size, added, constants, shrunk[1])
        else:
            adam(parameters, gradient, moments, size, added, constants)
        start = ends[step]
    return len(ends)


@compiled
def gather(X: Any, rows: Any, x: Any) -> None:
    """Copy rows side by side."""
    for i in range(len(rows)):
        row = rows[i]
        for j in range(x.shape[1]):
            x[i, j] = X[row, j]


@compiled
def forward(x: Any, widths: Any, parameters: Any, outputs: Any, zero: Any) -> Any:
    """Pass rows through all layers, whose outputs lie one after the other; give the last one's."""
    n, place, out = len(x), 0, 0
    for k in range(1, len(widths)):
        n_in, n_out = widths[k - 1], widths[k]
        W = parameters[place : place + n_in * n_out].reshape((n_in, n_out))
        place += n_in * n_out
        b = parameters[place : place + n_out]
        place += n_out
        y = outputs[out : out + n * n_out].reshape((n, n_out))
        out += n * n_out
        rows = panel(n, n_in * n_out)
        for i in range(0, n, rows):
            np.dot(x[i : i + rows], W, y[i : i + rows])
        if k + 1 < len(widths):
            for i in range(n):
                for j in range(n_out):
                    sum_ = y[i, j] + b[j]
                    # Written so that NaN stays.
                    y[i, j] = max(sum_, zero)
        else:
            for i in range(n):
                for j in range(n_out):
                    y[i, j] += b[j]
        x = y
    return x


@compiled
def loss(y: Any, labels: Any, weights: Any, rows: Any, share: Any, constants: Any) -> float:
    """Give the mean cross-entropy of logits, and put its gradient into their place."""
    zero, one = constants[0], constants[1]
    n, n_classes = y.shape
    total = 0.0
    for i in range(n):
        label = labels[rows[i]]
        weight = weights[rows[i]] if len(weights) else one
        largest = y[i, 0]
        for j in range(1, n_classes):
            largest = max(largest, y[i, j])
        own = y[i, label] - largest
        sum_ = zero
        for j in range(n_classes):
            y[i, j] = np.exp(y[i, j] - largest)
            sum_ += y[i, j]
        total += weight * (np.log(sum_) - own)
        bears = weight * share
        for j in range(n_classes):
            y[i, j] *= bears / sum_
        y[i, label] -= bears
    return total / n


@compiled
def backward(
    x: Any,
    dy: Any,
    widths: Any,
    parameters: Any,
    gradient: Any,
    outputs: Any,
    signals: Any,
    spare: Any,
    zero: Any,
) -> None:
    """Fill the gradient in the parameters, from that in the outputs."""
    n, place, out = len(x), len(parameters), n_outputs(widths) * len(x)
    db = gradient[place - widths[-1] :]
    db[:] = zero
    for i in range(n):
        for j in range(len(db)):
            db[j] += dy[i, j]
    for k in range(len(widths) - 1, 0, -1):
        n_in, n_out = widths[k - 1], widths[k]
        place -= n_in * n_out + n_out
        dW = gradient[place : place + n_in * n_out].reshape((n_in, n_out))
        if k == 1:
            multiply_transposed(x, dy, dW, spare)
            return
        out -= n * n_out
        below = outputs[out - n * n_in : out].reshape((n, n_in))
        multiply_transposed(below, dy, dW, spare)
        W = parameters[place : place + n_in * n_out].reshape((n_in, n_out))
        dx = signals[k % 2][: n * n_in].reshape((n, n_in))
        np.dot(dy, W.T, dx)
        # What passes the ReLU is the signal of the layer below; its sum is that of the bias there.
        db = gradient[place - n_in : place]
        db[:] = zero
        for i in range(n):
            for j in range(n_in):
                passed = dx[i, j] if below[i, j] > zero else zero
                dx[i, j] = passed
                db[j] += passed
        dy = dx


@compiled
def multiply_transposed(x: Any, dy: Any, dW: Any, spare: Any) -> None:
    """Fill dW with xᵀ dy."""
    rows = panel(len(x), dW.size)
    np.dot(x[:rows].T, dy[:rows], dW)
    if rows < len(x):
        part = spare[: dW.size].reshape(dW.shape)
        for i in range(rows, len(x), rows):
            np.dot(x[i : i + rows].T, dy[i : i + rows], part)
            dW += part


@compiled
def panel(n: int, size: int) -> int:
    """Give how many of n rows are multiplied at once with a matrix of a size.

    Panels are as equal as can be.
    """
    most = SMALL // size
    if most < LEAST_ROWS:
        return n
    n_panels = -(-n // most)
    return -(-n // n_panels)


@compiled
def n_outputs(widths: Any) -> int:
    """Number of outputs of all layers."""
    total = 0
    for k in range(1, len(widths)):
        total += widths[k]
    return total


@compiled
def shrink(parameters: Any, gradient: Any, shrunk: Any, shrinkage: Any, one: Any) -> None:
    """Add the penalty's gradient, and shrink as AdamW does."""
    shares, mask = shrunk
    for i in range(len(parameters)):
        gradient[i] += parameters[i] * shares[i]
    if shrinkage > 0:
        for i in range(len(parameters)):
            parameters[i] *= one - shrinkage * mask[i]


@compiled
def adam(
    parameters: Any, gradient: Any, moments: Any, size: Any, added: Any, constants: Any
) -> None:
    """Move the parameters, and the two moments on the way."""
    first, second = moments
    beta1, new1, beta2, new2 = constants[2], constants[3], constants[4], constants[5]
    for i in range(len(parameters)):
        first[i] = first[i] * beta1 + gradient[i] * new1
        second[i] = second[i] * beta2 + gradient[i] * gradient[i] * new2
        parameters[i] -= first[i] / (np.sqrt(second[i]) + added) * size


@compiled
def adam_with_decay(
    parameters: Any, gradient: Any, moments: Any, size: Any, added: Any, constants: Any, mask: Any
) -> None:
    """Move the parameters against the gradient of a loss to which their squares are added."""
    first, second = moments
    beta1, new1, beta2, new2 = constants[2], constants[3], constants[4], constants[5]
    for i in range(len(parameters)):
        slope = gradient[i] + constants[6] * parameters[i] * mask[i]
        first[i] = first[i] * beta1 + slope * new1
        second[i] = second[i] * beta2 + slope * slope * new2
        parameters[i] -= first[i] / (np.sqrt(second[i]) + added) * size
