"""What `Classifier` and `Regressor` share: reading tables, training a network, predicting."""

from __future__ import annotations

import warnings
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from mlestim.errors import DivergenceError, OptionError, UnseenValueWarning
from mlestim.optim.lbfgs import LBFGS
from mlestim.sample.rows import RowLabels
from nn.estimators.callbacks import CallbackSupportMixin, fit_tasks, with_callbacks
from nn.estimators.layers import check_settings, embed_from, layers_of
from nn.estimators.linear.collinearity import check_independent
from nn.estimators.linear.orthogonal import as_they_are, orthogonal
from nn.estimators.plan import MOST_LINEAR, SMALL_TABLE, Plan, Settings, plan_for
from nn.estimators.reading import Sample, merge_rows, read_column, read_features, read_weights
from nn.estimators.resuming import checkpoint_of, seed_of
from nn.estimators.streams.groups import open_groups
from nn.estimators.streams.training import Stream, open_stream
from nn.sequential import Sequential
from nn.tables.encoder import TableEncoder
from nn.training.costly import CostlyRow
from nn.training.run import Stop
from nn.training.train import train

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from nn.arrays import FloatArray
    from nn.losses.base import Loss
    from nn.training.result import TrainingResult


# Rows that are predicted at once.
BLOCK = 4096


class NetworkEstimator(CallbackSupportMixin, Settings, BaseEstimator):  # type: ignore[misc]  # scikit-learn is not annotated
    """Base class: a network between a table of features and the parameters of a family.

    A subclass says how targets are read (``learn_targets``, ``encode_targets``), which loss they
    have (``loss``) and how many outputs the network has (``n_outputs``).
    """

    # Strengths of the prior that cross-validation chooses from, the strongest first, and that of
    # tables that are not small.
    strengths: ClassVar[tuple[float, ...]]
    usual_strength: ClassVar[float]
    # Whether all rows have the same outputs before training.
    starts_flat: ClassVar[bool] = False

    hidden: tuple[int, ...]

    n_features_in_: int
    encoder_: TableEncoder
    network_: Sequential
    optimizer_: Any
    history_: pd.DataFrame
    penalty_: Any
    target_name_: str | None

    # ---- what a subclass says ------------------------------------------------------------------

    def read_targets(self, y: Any, n: int, event: Any = None) -> NDArray[Any]:
        """Read a target for each of n rows."""
        return read_column(y, n)

    def learn_targets(self, y: NDArray[Any], weights: FloatArray) -> None:
        """Learn what has to be known of the targets: their classes, or their unit."""
        raise NotImplementedError

    def learn_row_weights(self, y: NDArray[Any], weights: FloatArray) -> None:
        """Learn how much rows count by their targets, on top of their own weights."""

    def row_weights(self, y: NDArray[Any], weights: FloatArray) -> FloatArray:
        """Give how much each row counts, its target considered."""
        return weights

    def encode_targets(self, y: NDArray[Any]) -> NDArray[Any]:
        """Turn targets into what the loss takes."""
        raise NotImplementedError

    def decode_target(self, target: Any) -> Any:
        """Turn what the loss takes back into a target."""
        raise NotImplementedError

    def loss(self) -> Loss:
        """Make the loss."""
        raise NotImplementedError

    def n_outputs(self) -> int:
        """Number of outputs of the network."""
        raise NotImplementedError

    def training_options(self) -> dict[str, Any]:
        """Give options of `nn.train` that only this estimator has."""
        return {}

    def finish(self, rows: Sample | Stream, held_out: Sample) -> None:
        """Do what is to be done once the network is trained."""

    def watch(self, rows: Sample | Stream) -> None:
        """Do what is to be done once the network has learned from some more rows."""

    @property
    def draws_in_training(self) -> bool:
        """Whether the loss of the same weights differs from step to step."""
        return bool(self.batch_norm or self.dropout or self.averaging)

    # ---- learning ------------------------------------------------------------------------------

    @with_callbacks  # type: ignore[untyped-decorator]  # as its base
    def _fit(self, X: Any, y: Any, sample_weight: Any, validation: Any, event: Any = None) -> Self:
        check_settings(self)
        again = self.warm_start and hasattr(self, "network_")
        rows, plan, seed = self._begin(
            X, y, sample_weight, event, again=again, validation=validation is not None
        )
        rng = np.random.default_rng(seed)
        self.penalty_ = plan.penalty
        unpenalised = not self.hidden and self.penalty_ is None
        if unpenalised:
            check_independent(self.encoder_, rows)
        if plan.choose_penalty:
            from nn.estimators.selection import chosen_penalty

            self.penalty_ = chosen_penalty(self, rows.chosen, plan, rng)
        if not again:
            self.network_ = self.new_network(rng, plan.dtype)
        own = rows.held_out
        if validation is not None:
            own = self._read_validation(validation, event, plan)
        exact = unpenalised and plan.full_batch
        with orthogonal(self.network_, rows.chosen.inputs) if exact else as_they_are() as seen:
            result = self.train_network(
                self.network_,
                seen(rows),
                plan,
                penalty=self.penalty_,
                epochs=plan.epochs,
                early_stopping=plan.early_stopping,
                validation=own and seen(own).portion,
                callbacks=(*self.callbacks, *fit_tasks(self, None)),
                checkpoint=checkpoint_of(self, seed),
                resume=self.resume,
                averaging=self.averaging,
                start_at_fit=not again,
                random_state=rng,
                **self._optimizer_so_far(again),
            )
        self.optimizer_, self.history_ = result.optimizer, result.history
        self.finish(rows, rows.chosen.take(result.held_out) if own is None else own)
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, event: Any = None) -> Self:
        check_settings(self)
        again = hasattr(self, "network_")
        rows, plan, seed = self._begin(
            X, y, sample_weight, event, again=again, validation=True, part=True
        )
        rng = np.random.default_rng(seed)
        self.penalty_ = plan.penalty
        if not again:
            self.network_ = self.new_network(rng, plan.dtype)
        result = self.train_network(
            self.network_,
            rows,
            plan,
            penalty=self.penalty_,
            epochs=1,
            start_at_fit=not again,
            random_state=rng,
            **self._optimizer_so_far(again),
        )
        self.optimizer_, self.history_ = result.optimizer, result.history
        self.watch(rows)
        return self

    def _optimizer_so_far(self, again: bool) -> dict[str, Any]:
        """Go on with the optimizer that is there; files hold none, and a fresh one begins."""
        return {"optimizer": self.optimizer_} if again and hasattr(self, "optimizer_") else {}

    def _begin(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        event: Any,
        *,
        again: bool,
        validation: bool,
        part: bool = False,
    ) -> tuple[Sample | Stream, Plan, int]:
        """Read the rows; learn what has to be known of features and targets.

        That is learned once; but of rows that are a part of all, means and standard deviations are
        those of all parts so far. The last thing given is the seed of all that is drawn.
        """
        name = y if isinstance(X, (str, PathLike)) else getattr(y, "name", None)
        self.target_name_ = None if name is None else str(name)
        if isinstance(X, (str, PathLike)):
            groups = open_groups(X, y, sample_weight, event)
            # What is sought without hidden layers is one optimum, which all rows at once find.
            if groups.too_large and (self.hidden or groups.n_rows >= MOST_LINEAR):
                stream = open_stream(self, groups, again=again, held_out=not validation, part=part)
                return stream, stream.plan, stream.seed
            X, y, sample_weight = groups.read_table()
            event = None  # the targets are ends
        X = read_features(self, X, reset=not again)
        weights = read_weights(sample_weight, len(X))
        column = self.read_targets(y, len(X), event)
        counted = weights > 0
        plan = plan_for(self, int(counted.sum()), validation=validation)
        is_matrix = isinstance(X, np.ndarray) and X.dtype.kind == "f"
        if plan.full_batch and is_matrix and len(X) < SMALL_TABLE:
            X, column, weights = merge_rows(X[counted], column[counted], weights[counted])
            counted = weights > 0
            plan = plan_for(self, len(X))
        if not again:
            self.learn_targets(column[counted], weights[counted])
        self.learn_row_weights(column[counted], weights[counted])
        shares = np.zeros(len(weights))
        shares[counted] = self.row_weights(column[counted], weights[counted])
        weights = read_weights(shares, len(shares))
        counted = weights > 0
        if not again:
            # Without hidden layers, coefficients belong to the features themselves.
            self.encoder_ = TableEncoder.fit(
                X, weights, limited=bool(self.hidden), embed_from=embed_from(self)
            )
        elif part:
            self.encoder_ = self.encoder_.renewed(X, weights)
        with warnings.catch_warnings():
            if part:  # what the first part did not hold has no place, as `partial_fit` tells
                warnings.simplefilter("ignore", UnseenValueWarning)
            inputs = self.encoder_.transform(X, plan.dtype)
        if not counted.all():
            inputs, column, weights = inputs[counted], column[counted], weights[counted]
        if again:
            self._check_network(plan)
        return Sample(inputs, self.encode_targets(column), weights), plan, seed_of(self)

    def _read_validation(self, validation: tuple[Any, ...], event: Any, plan: Plan) -> Sample:
        """Read rows to stop by, which count by their targets as others do.

        Those of a file say by the same column whether targets are exact.
        """
        if len(validation) not in {2, 3}:
            raise OptionError("validation takes (X, y) or (X, y, sample_weight)")
        X, y, weights = [*validation, None][:3]
        if isinstance(X, (str, PathLike)):
            event = event if isinstance(event, str) else None
            X, y, weights = open_groups(X, y, weights, event).read_table()
            X = X.select([name for name in self.encoder_.names_in if name in X.column_names])
        own = self._read(X, y, weights, dtype=plan.dtype)
        return replace(own, weights=self.row_weights(self.read_targets(y, own.n_rows), own.weights))

    def _read(self, X: Any, y: Any, weights: Any = None, *, dtype: Any) -> Sample:
        """Read rows that are not learned from."""
        X = read_features(self, X, reset=False)
        column = self.read_targets(y, len(X))
        return Sample(
            self.encoder_.transform(X, dtype),
            self.encode_targets(column),
            read_weights(weights, len(X)),
        )

    def new_network(self, rng: np.random.Generator, dtype: Any) -> Sequential:
        """Make a network with first weights, as the settings say."""
        layers = layers_of(self, self.encoder_, self.n_outputs(), rng, dtype)
        return Sequential(*layers)

    def _check_network(self, plan: Plan) -> None:
        """Refuse to go on with a network that is none of the settings' make."""
        wanted = self.new_network(np.random.default_rng(0), plan.dtype).architecture()
        if wanted != self.network_.architecture():
            raise OptionError(
                "the settings ask for another network than the one that is there, "
                f"{self.network_!r}. Set them back, or begin anew: sklearn.base.clone(estimator)."
            )

    def train_network(
        self, network: Sequential, rows: Sample | Stream, plan: Plan, **options: Any
    ) -> TrainingResult:
        """Train a network on rows, as the settings and the plan say."""
        X, targets, weights = rows.portion
        every = {
            "loss": self.loss(),
            "optimizer": plan.optimizer,
            "batch_size": plan.batch_size,
            "sample_weight": weights,
            "max_gradient_norm": self.max_gradient_norm,
            # Each number of threads has its own last digits: the same seed gives the same bits.
            "threads": 1 if self.threads is None else self.threads,
            **self.training_options(),
            **options,
        }
        try:
            result = train(network, X, targets, **every)
        except DivergenceError as error:
            row = error.result
            if not isinstance(row, CostlyRow):
                raise
            told = row.told(self.decode_target(row.target), self.encoder_.names_out[row.column])
            what = str(error).partition(":")[0]
            raise DivergenceError(f"{what}: {told}", error.step, error.epoch, row) from error
        exact = not self.hidden and self.penalty is None and isinstance(plan.optimizer, LBFGS)
        if exact and result.stopped is Stop.EPOCHS:
            warnings.warn(
                f"{result.n_epochs} steps end short of the maximum of the likelihood: give more epochs",
                ConvergenceWarning,
                stacklevel=3,
            )
        return result

    # ---- predicting ----------------------------------------------------------------------------

    def _outputs(self, X: Any) -> FloatArray:
        """Compute the network's outputs, shape (n, K), or (n_networks, n, K) of an ensemble."""
        check_is_fitted(self)
        if isinstance(X, (str, PathLike)):
            from nn.estimators.streams.predicting import outputs_of_file

            return outputs_of_file(self, X)
        X = read_features(self, X, reset=False)
        if len(X) <= BLOCK or not isinstance(X, np.ndarray):
            return self.outputs_of(X)
        # Blocks stay in the processor's cache from the features to the outputs.
        numbers = np.arange(len(X))
        blocks = [slice(start, start + BLOCK) for start in range(0, len(X), BLOCK)]
        outputs = [self.outputs_of(X[b], RowLabels(positions=numbers[b])) for b in blocks]
        return np.concatenate(outputs, axis=-2)

    def outputs_of(self, X: Any, rows: RowLabels | None = None) -> FloatArray:
        """Compute the outputs for rows that were checked; what they are called is for messages."""
        inputs = self.encoder_.transform(X, self.network_.parameters.dtype, rows)
        return self.network_.predict(inputs).astype(np.float64)

    def mean_loss(self, outputs: FloatArray, targets: NDArray[Any], weights: FloatArray) -> float:
        """Compute the mean negative log-likelihood of encoded targets, as predictions give it."""
        raise NotImplementedError

    def permutation_importance(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        n_repeats: int = 10,
        random_state: Any = None,
    ) -> pd.DataFrame:
        """Measure how much worse the rows are predicted without each feature.

        A feature's values are shuffled between the rows, so that they say nothing any more; the
        importance is by how much the mean negative log-likelihood of a row rises.

        Parameters
        ----------
        X, y : as in `fit`
            Rows, best such as were not learned from.
        sample_weight : array, shape (n,), optional
            How much each row counts.
        n_repeats : int
            Number of shuffles.
        random_state : int, RandomState or None
            Seed of the shuffles.

        Returns
        -------
        pandas.DataFrame
            ``importance`` in nats, the mean over shuffles, and ``sd``, their standard deviation; a
            row for each feature, the most important first.

        References
        ----------
        Fisher, Rudin, Dominici (2019), All models are wrong, but many are useful, JMLR 20.
        """
        from nn.estimators.importance import permutation_importance

        check_is_fitted(self)
        sample = self._read(X, y, sample_weight, dtype=self.network_.parameters.dtype)
        rng = np.random.default_rng(check_random_state(random_state).randint(2**31 - 1))
        return permutation_importance(self, sample, n_repeats, rng)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "network_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
