"""Which trainings the compiled loop can do, and when it pays."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mlestim.errors import MissingExtraError, OptionError
from mlestim.optim import Adam, AdamW
from mlestim.penalties import Ridge
from nn.layers.activations.relu import ReLU
from nn.layers.affine import Affine
from nn.losses.categorical_rows import CategoricalRows
from nn.training import threads
from nn.training.rows import batch_ends

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from mlestim.optim import Optimizer
    from nn.arrays import FloatArray
    from nn.layers.base import Layer
    from nn.training.loops import Batches
    from nn.training.rows import Rows
    from nn.training.run import Run

# Nanoseconds that a step by NumPy takes longer: calls, and passes over each number.
CALLS, PASSES = 40_000, 1
# To load the loop takes a third of this, and to compile it, once on a machine, several seconds.
PAYS = 1e9


def compiled_steps(
    run: Run, optimizer: Optimizer, batches: Batches
) -> Callable[[Rows], float] | None:
    """Give what does a portion's steps in one loop; None where layers and NumPy are to do them.

    ``run.compiled`` says what is wanted, None for what pays, and becomes what is done.

    Raises
    ------
    OptionError
        If the loop is wanted, and cannot do such a training.
    MissingExtraError
        If it is wanted, and numba is not installed.
    """
    obstacle = "" if run.compiled is False else _obstacle(run, optimizer, batches)
    if run.compiled is None:
        run.compiled = not obstacle and _pays(run, batches) and find_spec("numba") is not None
    if not run.compiled:
        return None
    if obstacle:
        raise OptionError(f"compiled=True does not go with {obstacle}")
    if find_spec("numba") is None:
        raise MissingExtraError(
            "compiled=True needs numba. Install it with: pip install 'mlestim[compiled]'"
        )
    _load()
    return partial(_steps, run, cast("Adam | AdamW", optimizer), batches)


@cache
def _load() -> None:
    """Load what multiplies in the loop: scipy's library, which has threads of its own."""
    import scipy.linalg  # noqa: F401

    threads.forget_libraries()


def _obstacle(run: Run, optimizer: Optimizer, batches: Batches) -> str:
    """Say what the loop cannot do; nothing if it can do all."""
    penalty = run.objective.penalty
    rows = batches.rows.sample
    found = {
        "these layers: it takes affine ones with ReLU between them": not _is_chain(
            run.network.layers
        ),
        "this loss: it takes classes by their labels": type(run.objective.loss.rows)
        is not CategoricalRows
        or rows.t.ndim != 1,
        f"{optimizer!r}: it takes Adam and AdamW": type(optimizer) not in {Adam, AdamW},
        f"{penalty!r}: it takes Ridge": type(penalty) not in {type(None), Ridge},
        "mixup": bool(batches.mixup),
        "max_gradient_norm": batches.max_gradient_norm is not None,
        "threads=None": batches.threads.threads is None,
        "features of several axes": rows.X.ndim != 2,
    }
    return next((name for name, there in found.items() if there), "")


def _is_chain(layers: tuple[Layer, ...]) -> bool:
    """Whether affine layers of one network follow one another, with ReLU between them."""
    affine, between = layers[::2], layers[1::2]
    return len(layers) % 2 == 1 and (
        all(type(layer) is ReLU for layer in between)
        and all(
            isinstance(layer, Affine) and layer.W.ndim == 2 and layer.noise is None
            for layer in affine
        )
        and all(first.W.shape[1] == second.W.shape[0] for first, second in pairwise(affine))  # type: ignore[attr-defined]
    )


def _pays(run: Run, batches: Batches) -> bool:
    """Whether NumPy would take so much longer that loading the loop is nothing beside it.

    Sizes decide, and no clock: the same training is done the same way each time.
    """
    n_steps = run.n_epochs * len(list(batch_ends(len(batches.rows), batches.size)))
    size = min(batches.size or len(batches.rows), len(batches.rows))
    numbers = run.network.parameters.size + size * sum(_widths(run)[1:])
    return n_steps * (CALLS + PASSES * numbers) > PAYS


def _widths(run: Run) -> list[int]:
    shapes = [layer.W.shape for layer in run.network.layers if isinstance(layer, Affine)]
    return [shapes[0][0], *(shape[1] for shape in shapes)]


def _steps(run: Run, optimizer: Adam | AdamW, batches: Batches, rows: Rows) -> float:
    """Do a step for each batch of a portion, and give the sum of the losses on the way."""
    from nn.training.compiled import kernel

    network, n = run.network, len(rows)
    dtype = network.parameters.dtype
    ends = np.array([end for _, end in batch_ends(n, batches.size)])
    sizes = np.diff(ends, prepend=0)
    order = batches.rng.permutation(n) if len(ends) > 1 else np.arange(n)
    weights = np.empty(0) if rows.weights is None else rows.weights * batches.weight_unit
    optimizer.prepare(network.parameters)
    state = optimizer.state_dict()
    losses = np.empty(len(ends))
    done = kernel.epoch(
        rows.X,
        rows.t,
        weights.astype(dtype),
        order,
        ends,
        np.array(_widths(run)),
        (network.parameters, network.gradient),
        (state["first_moment"], state["second_moment"]),
        _shrunk(run, optimizer, batches),
        (*_schedule(optimizer, int(state["step"]), len(ends), dtype), (1.0 / sizes).astype(dtype)),
        _constants(optimizer, dtype),
        losses,
    )
    state["step"] = state["step"] + done
    optimizer.load_state_dict(state)
    run.step += done
    if done < len(ends):
        first = int(ends[done] - sizes[done])
        batch = rows.take(order[first : ends[done]])
        run.refuse("loss", float(losses[done]), run.objective.costliest(batch))
    return float(sizes @ losses)


def _shrunk(run: Run, optimizer: Optimizer, batches: Batches) -> tuple[FloatArray, FloatArray]:
    """Give the penalty's part in each parameter's gradient, and where weight decay applies."""
    penalty, share = run.objective.penalty, run.objective.share
    if penalty is None and not optimizer.weight_decay:
        return share[:0], share[:0]
    mask = np.ones_like(share) if batches.decayed is None else batches.decayed
    strength = share.dtype.type(0.0 if penalty is None else penalty.strength)
    return share * strength, mask


def _schedule(
    optimizer: Adam | AdamW, first: int, n: int, dtype: DTypeLike
) -> tuple[NDArray[Any], ...]:
    """Give sizes of the next n steps, what Adam adds to the root, and by how much AdamW shrinks."""
    rates = np.array([optimizer.learning_rate_at(first + k) for k in range(n)])
    steps = np.arange(first + 1, first + n + 1)
    correction = np.sqrt(1.0 - optimizer.beta2**steps)
    sizes = rates * correction / (1.0 - optimizer.beta1**steps)
    decay = optimizer.weight_decay if isinstance(optimizer, AdamW) else 0.0
    return tuple(
        values.astype(dtype) for values in (sizes, optimizer.epsilon * correction, rates * decay)
    )


def _constants(optimizer: Adam | AdamW, dtype: DTypeLike) -> NDArray[Any]:
    """Give the numbers of every step, in the precision of all others."""
    beta1, beta2 = optimizer.beta1, optimizer.beta2
    decay = 0.0 if isinstance(optimizer, AdamW) else optimizer.weight_decay
    return np.array([0.0, 1.0, beta1, 1.0 - beta1, beta2, 1.0 - beta2, decay], dtype)
