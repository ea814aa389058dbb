"""Values that PyTorch computed, as arrays; `torch_layers.json` says how."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest


class Reference(dict):
    """One section of the file; ``section.array(name)`` gives a list as a float64 array."""

    def array(self, name: str) -> np.ndarray:
        return np.array(self[name], dtype=float)


@pytest.fixture(scope="session")
def torch() -> dict[str, Any]:
    text = (Path(__file__).parent / "torch_layers.json").read_text(encoding="utf-8")
    return json.loads(text, object_hook=Reference)
