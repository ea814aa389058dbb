"""Training on row groups: each epoch meets them in another order, a few of them at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils import check_random_state

from mlestim.errors import DataError, OptionError
from nn.estimators.layers import embed_from
from nn.estimators.plan import Plan, plan_for
from nn.estimators.reading import Sample, read_features, read_weights
from nn.tables.encoder import TableEncoder, merged, summarise_table
from nn.training.options import EarlyStopping

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.arrays import FloatArray
    from nn.estimators.base import NetworkEstimator
    from nn.estimators.streams.groups import Group, RowGroups
    from nn.tables.summary import ColumnSummary

# Rows in memory at once: enough that a shuffle among them mixes what lies apart in the file.
BUFFER = 1 << 17
# More rows held out say no more.
MOST_HELD_OUT = 100_000


@dataclass
class Stream:
    """The rows of a file on their way into a network."""

    estimator: NetworkEstimator
    groups: RowGroups
    plan: Plan
    seed: int
    fraction: float
    total_weight: float
    records: list[dict[str, Any]] = field(default_factory=list)

    def sample(self, places: NDArray[np.intp], *, held_out: bool) -> Sample:
        """Read and encode some row groups: the rows that are held out, or all others."""
        parts = [self._part(int(place), held_out=held_out) for place in places]
        return Sample(
            np.concatenate([part.inputs for part in parts]),
            np.concatenate([part.targets for part in parts]),
            np.concatenate([part.weights for part in parts]),
        )

    def _part(self, place: int, *, held_out: bool) -> Sample:
        group = self.groups.read(place)
        rng = np.random.default_rng([self.seed, place])
        chosen = (rng.random(len(group.targets)) < self.fraction) == held_out
        shares = _shares(self.estimator, group)
        chosen &= shares > 0
        inputs = self.estimator.encoder_.transform(group.features, self.plan.dtype)
        targets = self.estimator.encode_targets(group.targets[chosen])
        return Sample(inputs[chosen], targets, shares[chosen])

    def portions(self, rng: np.random.Generator) -> Iterator[Sample]:
        """Give all rows that are not held out, as many at a time as memory is meant for."""
        order = rng.permutation(len(self.groups.places))
        sizes = [file.metadata.row_group(k).num_rows for file, k in self.groups.places]
        chosen: list[int] = []
        for place in order:
            chosen.append(int(place))
            if sum(sizes[k] for k in chosen) >= BUFFER or place == order[-1]:
                portion = self.sample(np.array(chosen), held_out=False)
                if portion.n_rows:
                    yield portion
                chosen = []


def fit_row_groups(estimator: NetworkEstimator, groups: RowGroups) -> None:
    """Train an estimator on files, a few row groups in memory at a time.

    Raises
    ------
    DataError
        If columns cannot be read, or the file has fewer rows than can be held out from.
    OptionError
        If the settings ask for what needs all rows at once.
    """
    for name in ("averaging", "checkpoint", "callbacks", "warm_start"):
        if getattr(estimator, name):
            raise OptionError(f"{name} needs the data in memory; leave it out to learn from files")
    summaries, total_weight, n_rows = _learn(estimator, groups)
    estimator.encoder_ = TableEncoder.of_summaries(
        summaries,
        named=True,
        limited=bool(estimator.hidden),
        embed_from=embed_from(estimator),
    )
    estimator.target_name_ = groups.target
    plan = plan_for(estimator, n_rows, validation=True)
    if plan.full_batch:
        raise OptionError("L-BFGS needs all rows at once; files are learned from by Adam(), say")
    stopping = plan.early_stopping
    seed = check_random_state(estimator.random_state).randint(2**31 - 1)
    fraction = 0.0 if stopping is None else min(stopping.fraction, MOST_HELD_OUT / n_rows)
    stream = Stream(estimator, groups, plan, seed, fraction, total_weight)
    rng = np.random.default_rng(seed)
    estimator.penalty_ = plan.penalty
    estimator.network_ = estimator.new_network(rng, plan.dtype)
    held_out = stream.sample(np.arange(len(groups.places)), held_out=True)
    if stopping is not None and not held_out.n_rows:
        raise DataError(f"{n_rows} rows are too few to hold some out; set early_stopping=False")
    _train(stream, held_out, stopping, rng)
    estimator.history_ = _history(stream)
    estimator.finish(held_out, held_out)


def _learn(
    estimator: NetworkEstimator, groups: RowGroups
) -> tuple[dict[str, ColumnSummary], float, int]:
    """Learn what has to be known of targets, and then of features, whose rows count by these."""
    # A column of targets is small beside the features.
    targets, weights = groups.read_targets()
    counted = read_weights(weights, len(targets)) > 0
    targets, weights = targets[counted], weights[counted]
    estimator.learn_targets(targets, weights)
    estimator.learn_row_weights(targets, weights)
    shares = estimator.row_weights(targets, weights)
    summaries: dict[str, ColumnSummary] = {}
    for place in range(len(groups.places)):
        group = groups.read(place)
        read_features(estimator, group.features, reset=place == 0)
        found = summarise_table(group.features, _shares(estimator, group))
        summaries = merged(summaries, found) if summaries else found
    return summaries, float(shares.sum()), int((shares > 0).sum())


def _shares(estimator: NetworkEstimator, group: Group) -> FloatArray:
    """Give how much the rows of a group count, their targets considered."""
    counted = group.weights > 0
    shares = np.zeros(len(counted))
    shares[counted] = estimator.row_weights(group.targets[counted], group.weights[counted])
    return shares


def _train(
    stream: Stream, held_out: Sample, stopping: EarlyStopping | None, rng: np.random.Generator
) -> None:
    """Do epochs until held-out rows are no longer likelier, and keep the best weights."""
    estimator, network = stream.estimator, stream.estimator.network_
    optimizer, best, best_loss, best_epoch = stream.plan.optimizer, network.state(), np.inf, 0
    for epoch in range(1, stream.plan.epochs + 1):
        losses: list[tuple[float, int]] = []
        for portion in stream.portions(rng):
            result = estimator.train_network(
                network,
                portion,
                stream.plan,
                penalty=_share(stream, portion),
                optimizer=optimizer,
                epochs=1,
                start_at_fit=epoch == 1 and not losses,
                random_state=rng,
            )
            optimizer = result.optimizer
            losses.append((result.records[-1]["loss"], portion.n_rows))
        values, rows = np.array(losses).T
        record: dict[str, Any] = {"epoch": epoch, "loss": float(np.average(values, weights=rows))}
        stream.records.append(record)
        if stopping is None:
            continue
        record["validation_loss"] = loss = estimator.mean_loss(
            network.predict(held_out.inputs).astype(np.float64), held_out.targets, held_out.weights
        )
        if loss < best_loss - stopping.minimum_improvement:
            best, best_loss, best_epoch = network.state(), loss, epoch
        elif epoch - best_epoch >= stopping.patience:
            break
    estimator.optimizer_ = optimizer
    if stopping is not None:
        network.load_state(best)


def _share(stream: Stream, portion: Sample) -> Any:
    """Give the penalty's part that falls to a portion: the prior is that of all rows."""
    penalty = stream.plan.penalty
    if penalty is None:
        return None
    share = float(portion.weights.sum()) / stream.total_weight
    return dataclasses.replace(penalty, strength=penalty.strength * share)


def _history(stream: Stream) -> Any:
    import pandas as pd

    return pd.DataFrame(stream.records)
