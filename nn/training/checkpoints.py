"""A training in a file: written between epochs, read to go on bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mlestim.errors import MLEstimError, ModelFileError, OptionError
from nn.storage import check_place, read_arrays, write_arrays
from nn.training.run import Stop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlestim.optim import Optimizer
    from nn.training.loops import Batches
    from nn.training.options import Checkpoint
    from nn.training.run import Run

FORMAT = "mlestim training"
FORMAT_VERSION = 1


class CheckpointFile:
    """Writes a run into a file and reads it back.

    Parameters
    ----------
    checkpoint : Checkpoint
        Where and how often.
    run : Run
        The run, by an optimizer of first order.
    batches : Batches
        How it makes steps.
    options : mapping of str to object
        Further options that have to be the same for a run to go on.
    """

    def __init__(
        self, checkpoint: Checkpoint, run: Run, batches: Batches, options: Mapping[str, object]
    ) -> None:
        self.path = Path(checkpoint.path)
        check_place(self.path)
        self.every = checkpoint.every
        self.run = run
        self.generators = {"training": batches.rng, **run.network.generators()}
        self.settings = {
            "network": repr(run.network),
            "optimizer": repr(run.optimizer),
            "batch_size": repr(batches.size),
            "max_gradient_norm": repr(batches.max_gradient_norm),
            "mixup": repr(batches.mixup),
            "early_stopping": repr(run.early_stopping),
            "averaging": repr(run.averaging),
            # Averaging begins at a share of all epochs; otherwise there may be more of them.
            "epochs": "any" if run.averaging is None else repr(run.n_epochs),
            **{name: repr(value) for name, value in {**options, **checkpoint.settings}.items()},
        }
        self.data = {
            **batches.rows.checksums(),
            **({} if run.validation is None else run.validation.checksums(" to validate by")),
        }

    def keep(self) -> None:
        """Write the run, if its epoch is one of those to be written."""
        run = self.run
        if run.epoch % self.every and run.stopped is None:
            return
        groups = {
            "network": run.network.state(),
            "optimizer": self._optimizer.state_dict(),
            "best": run.best_state,
            "run": {} if run.average is None else {"average": run.average},
        }
        arrays = {
            f"{group}/{name}": array for group, of in groups.items() for name, array in of.items()
        }
        metadata = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "settings": self.settings,
            "data": self.data,
            "records": run.records,
            "step": run.step,
            "best_epoch": run.best_epoch,
            "n_averaged": run.n_averaged,
            "stopped": run.stopped,
            "compiled": run.compiled,
            "generators": {
                name: _plain(generator.bit_generator.state)
                for name, generator in self.generators.items()
            },
        }
        write_arrays(self.path, arrays, metadata)

    def restore(self) -> None:
        """Put the run where the file left it.

        Raises
        ------
        ModelFileError
            If the file is none of a training, or was altered.
        OptionError
            If it is that of another training, or of more epochs than are to be done.
        """
        arrays, metadata = read_arrays(self.path)
        if (metadata.get("format"), metadata.get("format_version")) != (FORMAT, FORMAT_VERSION):
            raise ModelFileError(f"{self.path} holds no training of this version")
        settings, data = (dict(metadata.get(part) or {}) for part in ("settings", "data"))
        changed = [
            f"{name} was {settings.get(name)} and is {value}"
            for name, value in self.settings.items()
            if settings.get(name) != value
        ]
        compiled = metadata.get("compiled")
        if self.run.compiled not in {None, compiled}:
            changed.append(f"compiled was {compiled} and is {self.run.compiled}")
        # Rows that differ are told of where no setting says why they do.
        if not changed:
            names = {**self.data, **data}
            changed = [f"{name} differ" for name in names if data.get(name) != self.data.get(name)]
        if changed:
            raise OptionError(
                f"{self.path} is of another training: {'; '.join(changed)}. "
                "Write to another file, or start anew with resume=False"
            )
        records = metadata.get("records")
        if isinstance(records, list) and len(records) > self.run.n_epochs:
            raise OptionError(
                f"{self.path} is further on: {len(records)} epochs are done, and "
                f"epochs={self.run.n_epochs} are asked for. Ask for as many at least, or start "
                "anew with resume=False"
            )
        try:
            self._restore(arrays, metadata)
        except (KeyError, TypeError, ValueError, MLEstimError) as error:
            raise ModelFileError(f"{self.path} holds no such training: {error!r}") from error

    def _restore(self, arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, Any]) -> None:
        groups: dict[str, dict[str, NDArray[Any]]] = {}
        for name, array in arrays.items():
            group, _, rest = name.partition("/")
            groups.setdefault(group, {})[rest] = array
        run = self.run
        for state in (groups.get("best"), groups["network"]):
            if state:
                run.network.load_state(state)
        self._optimizer.load_state_dict(groups["optimizer"])
        run.best_state = groups.get("best", {})
        run.average = groups.get("run", {}).get("average")
        if run.average is not None and run.average.shape != run.network.parameters.shape:
            raise ModelFileError(f"the average has shape {run.average.shape}")
        run.records = list(metadata["records"])
        run.epoch = len(run.records)
        run.step = int(metadata["step"])
        run.best_epoch = metadata["best_epoch"]
        run.n_averaged = int(metadata["n_averaged"])
        run.compiled = bool(metadata["compiled"])
        # A run that had done all its epochs may be given more of them.
        stopped = metadata["stopped"]
        if stopped != Stop.EPOCHS:
            run.stopped = None if stopped is None else Stop(stopped)
        elif run.epoch >= run.n_epochs:
            run.stopped = Stop.EPOCHS
        for name, generator in self.generators.items():
            generator.bit_generator.state = metadata["generators"][name]

    @property
    def _optimizer(self) -> Optimizer:
        return cast("Optimizer", self.run.optimizer)


def _plain(state: Any) -> Any:
    """Give a generator's state by what JSON can hold."""
    if isinstance(state, Mapping):
        return {name: _plain(value) for name, value in state.items()}
    return state.tolist() if isinstance(state, (np.ndarray, np.generic)) else state
