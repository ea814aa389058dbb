"""Small neural nets whose losses are negative log-likelihoods.

Layers have ``forward(x, training=False)`` and ``backward(dy)``, losses ``forward(x, t)`` and
``backward()``; `Sequential` chains layers and holds their parameters in one vector, which the
optimizers of `mlestim.optim` update in place.
"""

from __future__ import annotations

from nn.layers.add import Add
from nn.layers.affine import Affine
from nn.layers.base import BackwardBeforeForwardError, Layer
from nn.layers.batch_norm import BatchNorm
from nn.layers.dropout import Dropout
from nn.layers.multiply import Multiply
from nn.layers.relu import ReLU
from nn.layers.sigmoid import Sigmoid, sigmoid
from nn.layers.softmax import Softmax, log_softmax, softmax
from nn.losses.cross_entropy import cross_entropy_error
from nn.losses.softmax_with_loss import SoftmaxWithLoss
from nn.sequential import Sequential

__all__ = [
    "Add",
    "Affine",
    "BackwardBeforeForwardError",
    "BatchNorm",
    "Dropout",
    "Layer",
    "Multiply",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "SoftmaxWithLoss",
    "cross_entropy_error",
    "log_softmax",
    "sigmoid",
    "softmax",
]
