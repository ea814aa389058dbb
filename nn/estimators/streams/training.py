"""Training on Parquet files: each epoch meets their rows in another order, a portion at a time."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mlestim.errors import DataError, OptionError, UnseenValueWarning
from nn.estimators.layers import embed_from
from nn.estimators.plan import Plan, plan_for
from nn.estimators.reading import Sample, read_features, read_weights
from nn.estimators.resuming import seed_of
from nn.estimators.streams.groups import Group, portion_of
from nn.tables.encoder import TableEncoder, merged, summarise_table
from nn.training.rows import Portion, Portions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.estimators.base import NetworkEstimator
    from nn.estimators.streams.files import Piece
    from nn.estimators.streams.groups import RowGroups, Targets
    from nn.tables.summary import ColumnSummary

# Rows of a portion come from so many places of the file, if their readers take no more memory.
PLACES, FEWEST_PLACES, READERS = 16, 2, 1 << 29
# More rows held out say no more.
MOST_HELD_OUT = 100_000


@dataclass
class Stream(Portions):
    """The rows of files on their way into a network.

    Parameters
    ----------
    estimator : NetworkEstimator
        That has learned what has to be known of features and targets.
    groups : RowGroups
        The files.
    plan : Plan
        How to train.
    seed : int
        What all that is drawn comes from.
    chosen : Sample
        Rows that stand for all.
    choice : Choice
        Which rows these are.
    holds_out : bool
        Whether these are kept from training.
    n_rows, total_weight : int, float
        Rows to learn from, and how much they count together.
    """

    estimator: NetworkEstimator
    groups: RowGroups
    plan: Plan
    seed: int
    chosen: Sample
    choice: Choice
    holds_out: bool
    n_rows: int
    total_weight: float

    @property
    def held_out(self) -> Sample | None:
        """Rows to stop by, if some are held out."""
        return self.chosen if self.holds_out else None

    @property
    def portion(self) -> tuple[Portions, None, None]:
        """What `nn.train` takes."""
        return self, None, None

    @property
    def sample(self) -> Portion:
        """Rows that stand for all."""
        return self.chosen.portion

    def checksums(self) -> dict[str, str]:
        """Tell these rows, and the pieces in which they are read, from others, by reading all."""
        pieces = repr([(piece.first, piece.n_rows) for piece in self._pieces()])
        sums = {"pieces": zlib.crc32(pieces.encode())}
        for part in self.parts():
            for name, array in vars(part).items():
                content = np.ascontiguousarray(array).view(np.uint8).data
                sums[name] = zlib.crc32(content, sums.get(name, 0))
        return {f"{name} of the file": f"{value:08x}" for name, value in sums.items()}

    def parts(self) -> Iterator[Sample]:
        """Give all rows in the files' order, those held out among them."""
        for group in self.groups.blocks():
            yield self._encoded(counted(self.estimator, group))

    def draw(self, rng: np.random.Generator) -> Iterator[Portion]:
        """Give all rows that are learned from, drawn from several places of the files at a time."""
        most = portion_of(self.estimator.encoder_.width)
        waiting: Sample | None = None
        for rows in self._gathered(rng, most):
            if waiting is None:
                waiting = rows
            elif rows.n_rows < most // 2:
                # The last rows may be so few that no batch is to be made of them alone.
                waiting = Sample.joined([waiting, rows])
            else:
                yield waiting.portion
                waiting = rows
        if waiting is not None:
            yield waiting.portion

    def _gathered(self, rng: np.random.Generator, most: int) -> Iterator[Sample]:
        """Put parts together until they are as many rows as are wanted."""
        parts: list[Group] = []
        for part in self._parts(rng, max(1, most // self._n_places)):
            parts.append(part)
            if sum(map(len, parts)) >= most:
                yield self._encoded(Group.joined(parts))
                parts = []
        if parts:
            yield self._encoded(Group.joined(parts))

    def _parts(self, rng: np.random.Generator, rows: int) -> Iterator[Group]:
        """Read several pieces in turn, which are drawn at random, until all have been."""
        pieces = self._pieces()
        waiting = [pieces[place] for place in rng.permutation(len(pieces))]
        opened: list[Iterator[Group]] = []
        while waiting or opened:
            while waiting and len(opened) < self._n_places:
                opened.append(self.groups.rows_of(waiting.pop(), rows))
            for reader in tuple(opened):
                group = next(reader, None)
                if group is None:
                    opened.remove(reader)
                    continue
                group = counted(self.estimator, group)
                if self.holds_out:
                    group = group.take(~self.choice.of(group.numbers))
                if len(group):
                    yield group

    def _encoded(self, group: Group) -> Sample:
        return encoded(self.estimator, group, self.plan)

    def _pieces(self) -> list[Piece]:
        return self.groups.files.pieces(PLACES)

    @property
    def _n_places(self) -> int:
        return max(FEWEST_PLACES, min(PLACES, READERS // self.groups.files.bytes_of_reader))


@dataclass(frozen=True)
class Choice:
    """Rows drawn by a seed, the same ones whenever they are met.

    Attributes
    ----------
    seed : int
        What they are drawn by.
    share : float
        How many of all they are.
    never : array of int
        Numbers of rows that are not drawn.
    """

    seed: int
    share: float
    never: NDArray[np.intp]

    def narrowed(self, width: int, n_rows: int) -> Choice:
        """Let them be no more than are of use, and than fit into memory."""
        most = min(MOST_HELD_OUT, portion_of(width))
        return replace(self, share=min(self.share, most / n_rows))

    def of(self, numbers: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Say which rows of these numbers, which rise, are drawn."""
        if not len(numbers):
            return np.zeros(0, bool)
        first, last = int(numbers[0]), int(numbers[-1])
        generator = np.random.Generator(np.random.PCG64([self.seed, 1]).advance(first))
        drawn = generator.random(last - first + 1)[numbers - first] < self.share
        return drawn & ~np.isin(numbers, self.never)


def counted(estimator: NetworkEstimator, group: Group) -> Group:
    """Give the rows that count, their targets considered."""
    group = group.take(group.weights > 0)
    own = group.targets.each(lambda y: estimator.row_weights(y, np.ones(len(y))))
    group = replace(group, weights=group.weights * own)
    return group.take(group.weights > 0)


def encoded(estimator: NetworkEstimator, group: Group, plan: Plan) -> Sample:
    """Give rows as the network takes them."""
    with warnings.catch_warnings():  # categories without a place are told of once
        warnings.simplefilter("ignore", UnseenValueWarning)
        inputs = estimator.encoder_.transform(group.features, plan.dtype, group.labels)
    return Sample(inputs, group.targets.each(estimator.encode_targets), group.weights)


def open_stream(
    estimator: NetworkEstimator, groups: RowGroups, *, again: bool, held_out: bool, part: bool
) -> Stream:
    """Learn what has to be known of targets and features, and make the stream of all rows.

    Parameters
    ----------
    estimator : NetworkEstimator
        Learns it, or has learned it.
    groups : RowGroups
        The files.
    again : bool
        Whether a network goes on, for the features and targets it has.
    held_out : bool
        Whether rows may be held out.
    part : bool
        Whether the rows are a part of all, whose means and standard deviations are to be renewed.
    """
    targets, numbers = _learn_targets(estimator, groups, again=again)
    plan = plan_for(estimator, len(numbers), validation=True)
    if plan.full_batch:
        raise OptionError("L-BFGS needs all rows at once; files are learned from by Adam(), say")
    stopping = plan.early_stopping if held_out else None
    share = 1.0 if stopping is None else stopping.fraction
    seed = seed_of(estimator)
    widest = len(groups.files.names)
    choice = Choice(seed, share, _lone(estimator, targets, numbers)).narrowed(widest, len(numbers))
    chosen, n_rows, total_weight = _learn_features(
        estimator, groups, choice, again=again, part=part
    )
    # Columns of categories may be many more than those of the files.
    choice = choice.narrowed(estimator.encoder_.width, len(numbers))
    sample = encoded(estimator, chosen.take(choice.of(chosen.numbers)), plan)
    if stopping is not None:
        n_rows, total_weight = n_rows - sample.n_rows, total_weight - float(sample.weights.sum())
    if not (n_rows and sample.n_rows):
        raise DataError(
            f"{len(numbers)} rows are too few to hold some out; set early_stopping=False"
        )
    held = stopping is not None
    return Stream(estimator, groups, plan, seed, sample, choice, held, n_rows, total_weight)


def _learn_targets(
    estimator: NetworkEstimator, groups: RowGroups, *, again: bool
) -> tuple[Targets, NDArray[np.intp]]:
    """Learn of all targets: a column of them is small beside the features. Give those that count."""
    rows = groups.read_targets()
    rows = rows.take(read_weights(rows.weights, len(rows)) > 0)
    values, totals = rows.targets.totals(rows.weights)
    if not again:
        estimator.learn_targets(values, totals)
    estimator.learn_row_weights(values, totals)
    rows = counted(estimator, rows)
    read_weights(rows.weights, len(rows))
    return rows.targets, rows.numbers


def _learn_features(
    estimator: NetworkEstimator, groups: RowGroups, choice: Choice, *, again: bool, part: bool
) -> tuple[Group, int, float]:
    """Learn of the features of all rows that count; give chosen ones, and how many all are."""
    summaries: dict[str, ColumnSummary] = {}
    chosen: list[Group] = []
    n_rows, total_weight = 0, 0.0
    for place, block in enumerate(groups.blocks()):
        if not place:
            read_features(estimator, block.features, reset=not again)
        group = counted(estimator, block)
        if not len(group):
            continue
        if again and part:
            encoder = estimator.encoder_
            estimator.encoder_ = encoder.renewed(group.features, group.weights, group.labels)
        elif again:
            estimator.encoder_.transform(group.features, np.float32, group.labels)
        else:
            found = summarise_table(group.features, group.weights, group.labels)
            summaries = merged(summaries, found) if summaries else found
        chosen.append(group.take(choice.of(group.numbers)))
        n_rows, total_weight = n_rows + len(group), total_weight + float(group.weights.sum())
    if not again:
        estimator.encoder_ = TableEncoder.of_summaries(
            summaries,
            named=True,
            limited=bool(estimator.hidden),
            embed_from=embed_from(estimator),
        )
    return Group.joined(chosen), n_rows, total_weight


def _lone(
    estimator: NetworkEstimator, targets: Targets, numbers: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Find the rows of classes that have one row alone, which no other can stand for."""
    encoded_targets = targets.each(estimator.encode_targets)
    labels = estimator.loss().rows.labels(encoded_targets)
    if labels is None:
        return numbers[:0]
    alone = np.bincount(labels) == 1
    return numbers[alone[labels]] if alone.any() else numbers[:0]
