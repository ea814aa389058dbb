"""Small neural nets whose losses are negative log-likelihoods.

Layers have ``forward(x, training=False)`` and ``backward(dy)``, losses ``forward(x, t)`` and
``backward()``; `Sequential` chains layers and holds their parameters in one vector, which the
optimizers of `mlestim.optim` update in place.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mlestim.errors import MissingExtraError
from nn.exports.model import to_onnx
from nn.files.models import load, save
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
from nn.training.callbacks.base import Callback, JSONLog, LearningCurve, ProgressBar
from nn.training.callbacks.trackers import MLflow, TensorBoard
from nn.training.options import Checkpoint, EarlyStopping, WeightAveraging
from nn.training.result import TrainingResult
from nn.training.train import train

if TYPE_CHECKING:
    from nn.estimators.classifier import Classifier
    from nn.estimators.regressor import Regressor

# scikit-learn takes long to import, and not every network needs it.
_ESTIMATORS = {
    "Classifier": "nn.estimators.classifier",
    "Regressor": "nn.estimators.regressor",
}

__all__ = [
    "GELU",
    "Add",
    "Affine",
    "BackwardBeforeForwardError",
    "BatchNorm",
    "Callback",
    "Checkpoint",
    "Classifier",
    "Dropout",
    "EarlyStopping",
    "Embedding",
    "JSONLog",
    "Layer",
    "LayerNorm",
    "LearningCurve",
    "Loss",
    "MLflow",
    "Multiply",
    "NegativeLogLikelihood",
    "ProgressBar",
    "ReLU",
    "Regressor",
    "Residual",
    "Sequential",
    "Sigmoid",
    "SigmoidWithLoss",
    "Softmax",
    "SoftmaxWithLoss",
    "Tanh",
    "TensorBoard",
    "TrainingResult",
    "WeightAveraging",
    "WeightNoise",
    "build",
    "cross_entropy_error",
    "load",
    "log_softmax",
    "save",
    "sigmoid",
    "softmax",
    "to_onnx",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _ESTIMATORS:
        raise AttributeError(f"module 'nn' has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(_ESTIMATORS[name]), name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "sklearn":
            raise
        raise MissingExtraError(
            f"nn.{name} needs scikit-learn. Install it with: pip install 'mlestim[learn]'"
        ) from error


def __dir__() -> list[str]:
    return sorted({*globals(), *_ESTIMATORS})
