"""What a training that goes on has to have in common with the one that was interrupted."""

from __future__ import annotations

import dataclasses
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils import check_random_state

from nn.storage import read_arrays
from nn.training.options import Checkpoint

if TYPE_CHECKING:
    from nn.estimators.base import NetworkEstimator


def checkpoint_of(estimator: NetworkEstimator, seed: int) -> Checkpoint | None:
    """Give the estimator's checkpoint, with those of its settings that the network does not show.

    Parameters
    ----------
    estimator : NetworkEstimator
        Its ``checkpoint`` is a path, a Checkpoint or None.
    seed : int
        What all draws of the training come from.
    """
    file = estimator.checkpoint
    if isinstance(file, (str, PathLike)):
        file = Checkpoint(file)
    if not isinstance(file, Checkpoint):
        return file
    state = estimator.random_state
    is_plain = state is None or isinstance(state, (int, np.integer))
    settings = {"random_state": state if is_plain else type(state), "seed": seed}
    if hasattr(estimator, "class_weight"):
        settings["class_weight"] = estimator.class_weight
    return dataclasses.replace(file, settings={**file.settings, **settings})


def seed_of(estimator: NetworkEstimator) -> int:
    """Draw the seed of a training, or take that of the one which goes on, if none is set.

    Raises
    ------
    ModelFileError
        If the checkpoint cannot be read.
    """
    file = estimator.checkpoint
    path = Path(getattr(file, "path", file)) if file is not None else None
    if estimator.random_state is None and estimator.resume and path is not None and path.exists():
        written = read_arrays(path)[1].get("settings")
        seed = written.get("seed", "") if isinstance(written, dict) else ""
        if str(seed).isdecimal():
            return int(seed)
    return int(check_random_state(estimator.random_state).randint(2**31 - 1))
