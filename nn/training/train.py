"""`train`: a network learns from rows."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mlestim.errors import OptionError
from mlestim.optim import LBFGS, Adam, Optimizer
from mlestim.penalties import Penalty
from nn.layers.affine import Affine
from nn.losses.base import Loss
from nn.sequential import Sequential
from nn.training.callbacks.base import Listener
from nn.training.checkpoints import CheckpointFile
from nn.training.compiled.chain import compiled_steps
from nn.training.finish import finish, start_at_estimates
from nn.training.loops import Batches, train_by_batches, train_by_lbfgs
from nn.training.objective import Objective
from nn.training.options import Checkpoint, EarlyStopping, WeightAveraging, is_count
from nn.training.result import TrainingResult
from nn.training.rows import PortionedRows, Portions, Rows, read_rows, split_rows
from nn.training.run import Run, Stop
from nn.training.threads import ThreadLimit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def train(
    network: Sequential,
    X: ArrayLike | Portions,
    t: ArrayLike | None,
    *,
    loss: Loss,
    optimizer: Optimizer | LBFGS | None = None,
    epochs: int = 100,
    batch_size: int | None = 32,
    penalty: Penalty | None = None,
    penalize: Literal["weights", "all"] = "weights",
    sample_weight: ArrayLike | None = None,
    class_weight: Literal["balanced"] | Mapping[Hashable, float] | ArrayLike | None = None,
    label_smoothing: float = 0.0,
    mixup: float = 0.0,
    max_gradient_norm: float | None = None,
    early_stopping: EarlyStopping | bool | None = None,
    validation: tuple[Any, ...] | None = None,
    averaging: WeightAveraging | None = None,
    start_at_fit: bool = True,
    callbacks: Sequence[Listener] = (),
    checkpoint: Checkpoint | str | PathLike[str] | None = None,
    resume: bool = False,
    random_state: np.random.Generator | int = 0,
    threads: int | None = 1,
    compiled: bool | None = None,
) -> TrainingResult:
    r"""Train a network: change its parameters until the mean loss of the rows is small.

    Minimises, over the parameters w of the network f,

    .. math:: \frac{1}{\sum_i w_i} \Bigl(\sum_i w_i L(f(x_i; w), t_i) + \text{penalty}(w)\Bigr)

    by steps over shuffled batches of rows, or by L-BFGS over all rows at once.

    Parameters
    ----------
    network : Sequential
        Is changed in place.
    X : array, shape (n, n_features), or Portions
        Rows of features; or rows that come in portions, their targets and weights with them.
    t : array, shape (n,), or None
        Targets, as the loss takes them; None with portions.
    loss : Loss
        What a row costs: `SoftmaxWithLoss`, `SigmoidWithLoss`, `NegativeLogLikelihood`.
    optimizer : mlestim.optim optimizer or LBFGS, optional
        By default ``Adam()``. It is copied with its state: the ``optimizer`` of a result goes on
        where that training ended. Its ``weight_decay`` applies to what `penalize` says.
    epochs : int
        The most passes over the rows; for L-BFGS, the most steps.
    batch_size : int or None
        Rows of a batch; None takes all of them, and so does L-BFGS. A last batch of one row joins
        the one before.
    penalty : mlestim.penalties object, optional
        Minus a log prior, added to the sum of the losses.
    penalize : {"weights", "all"}
        "weights" spares biases and the scales and shifts of normalizations.
    sample_weight : array, shape (n,), optional
        How often each row counts.
    class_weight : "balanced", mapping or array, optional
        How often the rows of each class count; "balanced" lets all classes count alike.
    label_smoothing : float
        Share, in [0, 1), of each target's probability that all classes get alike.
    mixup : float
        α: in each batch every row is mixed with another one, in shares drawn from Beta(α, α).
    max_gradient_norm : float, optional
        A longer gradient is cut to this length.
    early_stopping : EarlyStopping or bool, optional
        Stop when the loss on held-out rows no longer falls, and restore the best weights.
    validation : tuple, optional
        ``(X, t)`` or ``(X, t, sample_weight)``, to be used instead of rows that are held out.
    averaging : WeightAveraging, optional
        End with the mean of the weights of the last epochs.
    start_at_fit : bool
        Whether the last bias, if it is 0, first becomes that of the targets' distribution without
        any features, as ``mlestim.fit`` finds it.
    callbacks : sequence of Callback
        Told of each epoch; one may stop the training.
    checkpoint : Checkpoint or path, optional
        Where to write, after each epoch, all that is needed to go on.
    resume : bool
        Whether to go on from `checkpoint`, if that file exists. The result is then bit for bit the
        one of a training that was never interrupted. Only the epochs may become more.
    random_state : numpy.random.Generator or int
        Where shuffling, mixing and the choice of held-out rows come from. Layers that draw have
        generators of their own.
    threads : int or None
        Threads of the matrix multiplications. More of them pay for wide layers and large batches
        on a machine that has nothing else to do, and cost much on a busy one; each number has its
        own last digits. None gives small networks one, and times a few steps of large ones with
        one and with all, to keep the faster.
    compiled : bool or None
        Whether one compiled loop does the epochs: affine layers with ReLU between them, labels of
        classes, Adam or AdamW, at most `Ridge`. It needs numba, the extra ``compiled``, and has
        last digits of its own. None uses it if numba is there and the training would otherwise
        take about a second longer, by its sizes; a training that is resumed keeps its way.

    Returns
    -------
    TrainingResult
        With the history of the training.

    Raises
    ------
    DataError, SupportError
        If rows, network and loss do not go together.
    OptionError
        If an option is out of range or does not go with the others.
    DivergenceError
        If the loss is no longer finite; it says the step.
    ModelFileError
        If the checkpoint cannot be read, or not be written where it is to be.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 2))
    >>> t = (X[:, 0] * X[:, 1] > 0).astype(int)
    >>> network = nn.Sequential(
    ...     nn.Affine.initialized(2, 16, rng), nn.ReLU(), nn.Affine.initialized(16, 2, rng)
    ... )
    >>> result = nn.train(network, X, t, loss=nn.SoftmaxWithLoss(), epochs=60)
    >>> str(result.stopped), bool((network.predict(X).argmax(axis=1) == t).mean() > 0.9)
    ('epochs', True)
    """
    optimizer = copy.deepcopy(Adam() if optimizer is None else optimizer)
    stopping = EarlyStopping() if early_stopping is True else (early_stopping or None)
    _check_kinds(
        ("network", network, Sequential, "nn.Sequential"),
        ("loss", loss, Loss, "loss of nn, such as nn.SoftmaxWithLoss()"),
        ("optimizer", optimizer, Optimizer | LBFGS, "optimizer of mlestim.optim, such as Adam()"),
        ("penalty", penalty, Penalty | None, "penalty of mlestim.penalties, such as Ridge(1.0)"),
        ("early_stopping", stopping, EarlyStopping | None, "nn.EarlyStopping, True or None"),
        ("averaging", averaging, WeightAveraging | None, "nn.WeightAveraging"),
        ("callbacks", callbacks, Sequence, "sequence of nn.Callback, such as ()"),
    )
    _check_kinds(*(("callbacks", callback, Listener, "nn.Callback") for callback in callbacks))
    file = Checkpoint(checkpoint) if isinstance(checkpoint, (str, PathLike)) else checkpoint
    if resume and file is None:
        raise OptionError("resume=True needs the checkpoint to go on from: give checkpoint=path")
    going_on = resume and file is not None and Path(file.path).exists()
    _check_numbers(epochs, batch_size, label_smoothing, mixup, max_gradient_norm, penalize)
    _check_together(
        network,
        optimizer,
        penalty,
        file,
        mixup,
        max_gradient_norm,
        stopping,
        averaging,
        compiled,
        isinstance(X, Portions),
    )
    rng = _generator(random_state)
    read: Callable[..., Rows] = partial(read_rows, network, loss, class_weight=class_weight)
    every = (
        PortionedRows(X, lambda portion: read(*portion))
        if isinstance(X, Portions)
        else read(X, t, sample_weight)
    )
    split = split_rows(network, loss, every, stopping, validation, class_weight, rng)
    rows = split.training.softened(loss, label_smoothing)
    shrunk = network.is_weight() if penalize == "weights" else np.ones_like(network.is_weight())
    run = Run(
        network,
        optimizer,
        Objective(network, loss, rows, penalty, shrunk),
        epochs,
        split.validation,
        stopping,
        averaging,
        callbacks,
        compiled=compiled,
    )
    limit = ThreadLimit(threads, _largest_product(network, batch_size or len(rows)))
    batches = Batches(
        rows,
        batch_size,
        rng,
        limit,
        shrunk.astype(network.parameters.dtype) if penalize == "weights" else None,
        max_gradient_norm,
        mixup,
    )
    written = None
    if file is not None and isinstance(optimizer, Optimizer):
        options = {
            "label_smoothing": label_smoothing,
            "penalty": penalty,
            "penalize": penalize,
            "random_state": _seed(random_state),
            "threads": threads,
        }
        written = CheckpointFile(file, run, batches, {"loss": loss, **options})
    if going_on and written is not None:
        written.restore()
    elif start_at_fit:
        start_at_estimates(network, loss, rows.sample)
    loop = None
    if isinstance(optimizer, Optimizer):
        loop = compiled_steps(run, optimizer, batches)
    for callback in callbacks:
        callback.on_train_begin(run)
    try:
        with _working(network, limit):
            if isinstance(optimizer, LBFGS):
                train_by_lbfgs(run, optimizer, rows.sample, limit)
            else:
                train_by_batches(run, optimizer, batches, written, loop)
            finish(run, rows, batch_size, rng)
    finally:
        for callback in callbacks:
            callback.on_train_end(run)
    return TrainingResult(
        network,
        optimizer,
        run.stopped or Stop.EPOCHS,
        run.best_epoch,
        run.step,
        tuple(run.records),
        split.held_out,
    )


def _seed(random_state: object) -> object:
    """Give what two trainings share that draw the same; generators do not show their seed."""
    is_number = isinstance(random_state, (int, np.integer))
    return int(random_state) if is_number else type(random_state)  # type: ignore[call-overload]


@contextmanager
def _working(network: Sequential, limit: ThreadLimit) -> Iterator[None]:
    """Let the network use its arrays again, and limit the threads."""
    network.reuse_arrays(True)
    try:
        # What overflows is not finite, and that is an error of its own.
        with limit, np.errstate(over="ignore", invalid="ignore"):
            yield
    finally:
        network.reuse_arrays(False)


def _largest_product(network: Sequential, batch_size: int) -> int:
    """Count the multiplications of the widest layer in a step, one way."""
    sizes = [layer.W.size for layer in network.walk() if isinstance(layer, Affine)]
    return batch_size * max(sizes, default=0)


def _check_kinds(*options: tuple[str, object, Any, str]) -> None:
    """Refuse what is not of its kind: name, value, kind, and the kind in words."""
    for name, value, kind, words in options:
        if not isinstance(value, kind):
            raise OptionError(f"{name}={value!r} is no {words}")


def _generator(random_state: Any) -> np.random.Generator:
    try:
        return np.random.default_rng(random_state)
    except (TypeError, ValueError) as error:
        raise OptionError(
            f"random_state={random_state!r} is no seed: give an integer from 0 up, or a "
            "numpy.random.Generator"
        ) from error


def _check_numbers(
    epochs: int,
    batch_size: int | None,
    label_smoothing: float,
    mixup: float,
    max_gradient_norm: float | None,
    penalize: str,
) -> None:
    """Refuse options that are out of range."""
    if not is_count(epochs):
        raise OptionError(f"epochs={epochs!r} is not allowed; give an integer of at least 1")
    if batch_size is not None and not is_count(batch_size):
        raise OptionError(
            f"batch_size={batch_size!r} is not allowed; give an integer of at least 1, or None"
        )
    if not 0 <= label_smoothing < 1:
        raise OptionError(f"label_smoothing={label_smoothing!r} is not allowed; give it in [0, 1)")
    if not 0 <= mixup < math.inf:
        raise OptionError(f"mixup={mixup!r} is not allowed; give a number in [0, inf)")
    if max_gradient_norm is not None and not 0 < max_gradient_norm < math.inf:
        raise OptionError(f"max_gradient_norm={max_gradient_norm!r} is not allowed; it is positive")
    if penalize not in {"weights", "all"}:
        raise OptionError(f"penalize={penalize!r} is unknown. Use 'weights' or 'all'.")


def _check_together(
    network: Sequential,
    optimizer: object,
    penalty: Penalty | None,
    checkpoint: Checkpoint | None,
    mixup: float,
    max_gradient_norm: float | None,
    early_stopping: EarlyStopping | None,
    averaging: WeightAveraging | None,
    compiled: bool | None,
    portioned: bool,
) -> None:
    """Refuse options that contradict each other."""
    if early_stopping is not None and averaging is not None:
        raise OptionError(
            "averaging keeps the mean weights and early_stopping the best: choose one"
        )
    if isinstance(optimizer, Optimizer):
        return
    against = {
        "layers that draw at random": bool(network.generators()),
        "mixup": bool(mixup),
        "max_gradient_norm": max_gradient_norm is not None,
        "averaging": averaging is not None,
        "compiled=True": bool(compiled),
        "checkpoint": checkpoint is not None,
        "rows that come in portions": portioned,
        f"{penalty!r}, whose gradient jumps": penalty is not None and not penalty.smooth,
    }
    for what, given in against.items():
        if given:
            raise OptionError(f"LBFGS does not go with {what}. Use Adam(), say.")
