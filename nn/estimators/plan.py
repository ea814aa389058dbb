"""The settings of estimators, and what "auto" stands for, by how many rows there are."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import OptionError
from mlestim.optim import LBFGS, Adam
from mlestim.penalties import Penalty, Ridge
from nn.training.options import EarlyStopping

if TYPE_CHECKING:
    from nn.estimators.base import NetworkEstimator

AUTO = "auto"

# A tenth of fewer rows says too little of when to stop; the prior on the weights does it there.
SMALL_TABLE = 2000
# Without hidden layers there is one minimum, and more rows do not change what is sought.
MOST_LINEAR = 200_000
# Steps of L-BFGS: more of them fit hidden layers to chance, and the maximum of a (logistic)
# regression is reached long before.
STEPS, LINEAR_STEPS, EPOCHS = 50, 10_000, 200
# Below this, parts of the rows say too little of which prior is best.
FEWEST_TO_CHOOSE = 50


@dataclass(eq=False, repr=False, kw_only=True)
class Settings:
    """What `Classifier` and `Regressor` share; `Classifier` tells of each.

    An estimator is a data class, whose ``__init__`` is made of these fields and of its own;
    scikit-learn reads the names of its settings from there.
    """

    embed: Any = "auto"
    activation: str = "relu"
    batch_norm: bool = False
    dropout: float = 0.0
    n_networks: int = 1
    penalty: Any = "auto"
    optimizer: Any = "auto"
    epochs: Any = "auto"
    batch_size: Any = "auto"
    early_stopping: Any = "auto"
    max_gradient_norm: float | None = None
    averaging: Any = None
    callbacks: Any = ()
    checkpoint: Any = None
    resume: bool = False
    warm_start: bool = False
    threads: int | None = None
    random_state: Any = None


@dataclass(frozen=True)
class Plan:
    """How to train.

    Parameters
    ----------
    optimizer : optimizer
        Of `mlestim.optim`.
    penalty : penalty or None
        −log prior of the weights.
    choose_penalty : bool
        Whether cross-validation chooses the penalty.
    epochs : int
        Passes over the rows at most.
    batch_size : int or None
        Rows of a batch; None means all.
    early_stopping : EarlyStopping or None
        When to stop, by rows held out.
    full_batch : bool
        Whether all rows are learned from at once, in double precision.
    """

    optimizer: Any
    penalty: Penalty | None
    choose_penalty: bool
    epochs: int
    batch_size: int | None
    early_stopping: EarlyStopping | None
    full_batch: bool

    @property
    def dtype(self) -> type[np.floating[Any]]:
        """Precision of the network."""
        return np.float64 if self.full_batch else np.float32


def plan_for(estimator: NetworkEstimator, n_rows: int, *, validation: bool = False) -> Plan:
    """Say how to train on so many rows.

    Parameters
    ----------
    estimator : NetworkEstimator
        Its settings, of which "auto" leaves the choice to this function.
    n_rows : int
        Rows to learn from.
    validation : bool
        Whether the caller brings rows to validate with.
    """
    full_batch = _is_full_batch(estimator, n_rows, validation=validation)
    automatic = _is_auto(estimator.penalty)
    stopping = estimator.early_stopping
    if _is_auto(stopping):
        stopping = not full_batch and (validation or n_rows >= SMALL_TABLE)
    if stopping is True:
        stopping = EarlyStopping()
    optimizer = estimator.optimizer
    if _is_auto(optimizer):
        # Coefficients are compared with those of other programs, to many digits.
        optimizer = LBFGS(1e-6 if estimator.hidden else 1e-9) if full_batch else Adam()
    epochs = estimator.epochs
    if _is_auto(epochs):
        epochs = EPOCHS if not full_batch else STEPS if estimator.hidden else LINEAR_STEPS
    batch_size = estimator.batch_size
    if _is_auto(batch_size):
        batch_size = None if full_batch else int(min(256, max(32, n_rows // 100)))
    return Plan(
        optimizer=optimizer,
        penalty=Ridge(estimator.usual_strength) if automatic else as_penalty(estimator.penalty),
        choose_penalty=automatic and full_batch and FEWEST_TO_CHOOSE <= n_rows < SMALL_TABLE,
        epochs=epochs,
        batch_size=batch_size,
        early_stopping=stopping or None,
        full_batch=full_batch,
    )


def as_penalty(penalty: Any) -> Penalty | None:
    """Read a penalty; a number λ stands for Ridge(λ).

    Raises
    ------
    OptionError
        If it is none.
    """
    if penalty is None or isinstance(penalty, Penalty):
        return penalty
    if isinstance(penalty, Real) and 0 <= float(penalty) < np.inf:
        return Ridge(float(penalty)) if penalty else None
    raise OptionError(
        f"penalty={penalty!r}: give 'auto', None, a number from 0 up, or a penalty of "
        "mlestim.penalties"
    )


def _is_full_batch(estimator: NetworkEstimator, n_rows: int, *, validation: bool) -> bool:
    """Whether one smooth function of the weights is minimised, over all rows at once."""
    if isinstance(estimator.optimizer, LBFGS):
        return True
    stops = not _is_auto(estimator.early_stopping) and estimator.early_stopping
    return (
        n_rows < (SMALL_TABLE if estimator.hidden else MOST_LINEAR)
        and _is_auto(estimator.optimizer)
        and _is_auto(estimator.batch_size)
        and not (validation or stops or estimator.draws_in_training)
        and not (estimator.warm_start or estimator.checkpoint or estimator.max_gradient_norm)
        and not getattr(estimator, "compiled", None)
    )


def _is_auto(value: object) -> bool:
    return isinstance(value, str) and value == AUTO
