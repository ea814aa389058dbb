"""Small neural nets whose losses are negative log-likelihoods.

Layers have ``forward(x, training=False)`` and ``backward(dy)``, losses ``forward(x, t)`` and
``backward()``; `Sequential` chains layers and holds their parameters in one vector, which the
optimizers of `mlestim.optim` update in place.
"""

from __future__ import annotations

from nn.layers.activations.gelu import GELU
from nn.layers.activations.relu import ReLU
from nn.layers.activations.sigmoid import Sigmoid, sigmoid
from nn.layers.activations.softmax import Softmax, log_softmax, softmax
from nn.layers.activations.tanh import Tanh
from nn.layers.add import Add
from nn.layers.affine import Affine
from nn.layers.base import BackwardBeforeForwardError, Layer
from nn.layers.dropout import Dropout
from nn.layers.embedding import Embedding
from nn.layers.multiply import Multiply
from nn.layers.normalization.batch_norm import BatchNorm
from nn.layers.normalization.layer_norm import LayerNorm
from nn.layers.residual import Residual
from nn.layers.weight_noise import WeightNoise
from nn.losses.base import Loss
from nn.losses.cross_entropy import cross_entropy_error
from nn.losses.likelihood import NegativeLogLikelihood
from nn.losses.sigmoid_with_loss import SigmoidWithLoss
from nn.losses.softmax_with_loss import SoftmaxWithLoss
from nn.sequential import Sequential, build
from nn.training.callbacks import Callback, JSONLog, LearningCurve, ProgressBar
from nn.training.options import Checkpoint, EarlyStopping, WeightAveraging
from nn.training.result import TrainingResult
from nn.training.train import train

__all__ = [
    "GELU",
    "Add",
    "Affine",
    "BackwardBeforeForwardError",
    "BatchNorm",
    "Callback",
    "Checkpoint",
    "Dropout",
    "EarlyStopping",
    "Embedding",
    "JSONLog",
    "Layer",
    "LayerNorm",
    "LearningCurve",
    "Loss",
    "Multiply",
    "NegativeLogLikelihood",
    "ProgressBar",
    "ReLU",
    "Residual",
    "Sequential",
    "Sigmoid",
    "SigmoidWithLoss",
    "Softmax",
    "SoftmaxWithLoss",
    "Tanh",
    "TrainingResult",
    "WeightAveraging",
    "WeightNoise",
    "build",
    "cross_entropy_error",
    "log_softmax",
    "sigmoid",
    "softmax",
    "train",
]
