"""Values that PyTorch computed, as arrays; `torch_layers.json` says how."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn.storage import read_arrays

# What a program begins with that is to be killed after so many epochs: before the checkpoint of the
# next one is written, or inside.
KILLING = """
import os, signal, sys
import numpy as np
import nn

*paths, epochs, killed_after, moment = sys.argv[1:]
epochs, killed_after = int(epochs), int(killed_after)

def kill():
    os.kill(os.getpid(), signal.SIGKILL)

class Killer(nn.Callback):
    def on_epoch_end(self, run):
        if moment == "before" and run.epoch == killed_after + 1:
            kill()

if moment == "inside":
    written, fsync = [0], os.fsync
    def fsync_and_count(handle):
        written[0] += 1
        if written[0] == killed_after + 1:
            os.truncate(handle, os.fstat(handle).st_size // 2)
            fsync(handle)
            kill()
        fsync(handle)
    os.fsync = fsync_and_count
"""


class Reference(dict):
    """One section of the file; ``section.array(name)`` gives a list as a float64 array."""

    def array(self, name: str) -> np.ndarray:
        return np.array(self[name], dtype=float)


@pytest.fixture(scope="session")
def torch() -> dict[str, Any]:
    text = (Path(__file__).parent / "torch_layers.json").read_text(encoding="utf-8")
    return json.loads(text, object_hook=Reference)


class KillableTraining:
    """A program that trains up to ``epochs``, in a process of its own; it takes ``Killer()``."""

    def __init__(self, program: str) -> None:
        self.program = KILLING + program

    def __call__(
        self, *paths: Path | str, epochs: int, killed_after: int = -9, moment: str = "never"
    ) -> int:
        arguments = [*map(str, paths), str(epochs), str(killed_after), moment]
        command = [sys.executable, "-W", "error", "-c", self.program, *arguments]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "Error" not in run.stderr, run.stderr
        return run.returncode

    @staticmethod
    def content(path: Path) -> tuple[dict[str, bytes], dict[str, Any]]:
        """All that a checkpoint says, but for the time it took."""
        arrays, metadata = read_arrays(path)
        for record in metadata["records"]:
            del record["seconds"]
        return {name: array.tobytes() for name, array in arrays.items()}, metadata


@pytest.fixture(scope="session")
def killable() -> type[KillableTraining]:
    return KillableTraining
