"""The same networks in PyTorch, where it is installed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
from timing import Job

BLOCK = 8192


def epochs(
    widths: Sequence[int], batch_size: int, X: np.ndarray, t: np.ndarray, threads: int
) -> dict[str, Job]:
    """An epoch with Adam as it comes, and with the fused one; rows are shuffled, no loader."""
    if find_spec("torch") is None:
        return {}
    import torch

    torch.set_num_threads(threads)
    features, targets = torch.from_numpy(X), torch.from_numpy(t)
    loss = torch.nn.CrossEntropyLoss()

    def epoch(model: Any, optimizer: Any) -> None:
        for batch in torch.randperm(len(features)).split(batch_size):
            optimizer.zero_grad()
            loss(model(features[batch]), targets[batch]).backward()
            optimizer.step()

    jobs: dict[str, Job] = {}
    for name, settings in (("PyTorch", {}), ("PyTorch, fused Adam", {"fused": True})):
        model = network(widths)
        jobs[name] = partial(epoch, model, torch.optim.Adam(model.parameters(), **settings))
    return jobs


def predictions(widths: Sequence[int], X: np.ndarray, threads: int) -> dict[str, Job]:
    """Probabilities of all rows at once, and of blocks of rows."""
    if find_spec("torch") is None:
        return {}
    import torch

    torch.set_num_threads(threads)
    model, rows = network(widths), torch.from_numpy(X)

    def predict(size: int) -> Any:
        with torch.inference_mode():
            return torch.cat([torch.softmax(model(block), dim=1) for block in rows.split(size)])

    return {
        "PyTorch": partial(predict, len(X)),
        f"PyTorch, blocks of {BLOCK}": partial(predict, BLOCK),
    }


def network(widths: Sequence[int]) -> Any:
    """ReLU between affine layers."""
    import torch

    layers: list[Any] = [torch.nn.Linear(*pair) for pair in pairwise(widths)]
    between = [part for layer in layers[:-1] for part in (layer, torch.nn.ReLU())]
    return torch.nn.Sequential(*between, layers[-1])
