"""An epoch of training and a prediction, against multiplications alone, scikit-learn and PyTorch.

    PYTHONPATH=benchmarks python benchmarks/networks/training.py [--scale 0.1]

All are timed in turn, and the least time of each counts: what other programs do meanwhile only
adds. `make bench` installs PyTorch too; without it, its rows are left out.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pytorch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits
from timing import Claim, count, run, side_by_side

import nn
from mlestim.special import softmax

warnings.simplefilter("ignore", ConvergenceWarning)  # one epoch is what is asked for


@dataclass(frozen=True)
class Shape:
    """Rows, widths of the layers and of the batches, and the targets of an epoch.

    There are two of each: for layers and NumPy, and for the compiled loop.
    """

    rows: int
    widths: tuple[int, ...]
    batch_size: int
    largest_ratio: tuple[float, float] | None = None
    largest_seconds: tuple[float, float] | None = None

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.widths))}, batch {self.batch_size}"


SHAPES = (
    Shape(60_000, (784, 256, 128, 10), 128, largest_ratio=(2.0, 1.4)),
    Shape(50_000, (30, 128, 64, 2), 256, largest_seconds=(0.10, 0.045)),
    Shape(32 * 300, (64, 32, 10), 32, largest_seconds=(300 * 70e-6, 300 * 20e-6)),
)


def claims(scale: float) -> Iterator[Claim]:
    """Twice the multiplications of the widest network; seconds for the small ones."""
    for threads in sorted({1, os.cpu_count() or 1}):
        with threadpool_limits(threads):
            for shape in SHAPES:
                yield from epochs(shape, threads, scale)
            yield from predictions(count(1_000_000, scale), threads)


def epochs(shape: Shape, threads: int, scale: float) -> Iterator[Claim]:
    """An epoch against the peers' and against what it multiplies."""
    rng = np.random.default_rng(1)
    rows = count(shape.rows, scale)
    X = rng.normal(size=(rows, shape.widths[0])).astype(np.float32)
    t = rng.integers(0, shape.widths[-1], rows)
    job = f"one epoch, {rows} rows, {shape}, threads {threads}"

    def epoch(*, compiled: bool) -> object:
        return nn.train(
            network(shape.widths),
            X,
            t,
            loss=nn.SoftmaxWithLoss(),
            epochs=1,
            batch_size=shape.batch_size,
            threads=threads,
            compiled=compiled,
        )

    ways = {"": False} | ({", compiled": True} if find_spec("numba") else {})
    own = [partial(epoch, compiled=compiled) for compiled in ways.values()]
    peers = {
        "its multiplications alone": partial(multiplications, shape, X),
        "scikit-learn MLPClassifier": partial(scikit_learn(shape).fit, X, t),
        **pytorch.epochs(shape.widths, shape.batch_size, X, t, threads),
    }
    times = side_by_side(*own, *peers.values(), pick=min)
    for way, (name, seconds) in enumerate(zip(ways, times, strict=False)):
        limit = shape.largest_seconds and shape.largest_seconds[way] * rows / shape.rows
        for peer, peer_seconds in zip(peers, times[len(ways) :], strict=True):
            least = shape.largest_ratio and shape.largest_ratio[way]
            ratio = least if peer.endswith("alone") else 1.0
            yield Claim(job + name, peer, seconds, peer_seconds, ratio, limit)


def predictions(rows: int, threads: int) -> Iterator[Claim]:
    """Probabilities of many rows."""
    rng = np.random.default_rng(2)
    widths = (20, 64, 2)
    X = rng.normal(size=(rows, widths[0])).astype(np.float32)
    peer = MLPClassifier(widths[1:-1], max_iter=1).fit(X[:1000], rng.integers(0, 2, 1000))
    own = network(widths)
    peers = {
        "scikit-learn MLPClassifier": partial(peer.predict_proba, X),
        **pytorch.predictions(widths, X, threads),
    }
    seconds, *times = side_by_side(lambda: softmax(own.predict(X)), *peers.values(), pick=min)
    job = f"prediction, {rows} rows, 20-64-2, threads {threads}"
    for name, peer_seconds in zip(peers, times, strict=True):
        yield Claim(job, name, seconds, peer_seconds, 1.0, 0.18e-6 * rows)


def network(widths: tuple[int, ...]) -> nn.Sequential:
    """ReLU between affine layers."""
    rng = np.random.default_rng(3)
    layers = [nn.Affine.initialized(*pair, rng) for pair in pairwise(widths)]
    between = [part for layer in layers[:-1] for part in (layer, nn.ReLU())]
    return nn.Sequential(*between, layers[-1])


def scikit_learn(shape: Shape) -> MLPClassifier:
    """The peer's network of the same widths, without its default penalty."""
    return MLPClassifier(shape.widths[1:-1], batch_size=shape.batch_size, max_iter=1, alpha=0.0)


def multiplications(shape: Shape, X: np.ndarray) -> None:
    """All products of an epoch, into arrays that are used again: nothing can be faster."""
    weights = [np.ones(pair, np.float32) for pair in pairwise(shape.widths)]
    gradients = [np.empty_like(W) for W in weights]
    signals = [np.empty((shape.batch_size, width), np.float32) for width in shape.widths]
    for start in range(0, len(X) - shape.batch_size + 1, shape.batch_size):
        signals[0] = X[start : start + shape.batch_size]
        for k, W in enumerate(weights):
            np.matmul(signals[k], W, out=signals[k + 1])
        for signal in signals[1:]:
            signal.fill(1.0)  # the products grow from layer to layer, but take as long
        for k in reversed(range(len(weights))):
            np.matmul(signals[k].T, signals[k + 1], out=gradients[k])
            if k:
                np.matmul(signals[k + 1], weights[k].T, out=signals[k])


if __name__ == "__main__":
    run(claims)
