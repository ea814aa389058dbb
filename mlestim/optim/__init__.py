"""First-order optimizers for likelihoods and neural nets, which share them.

An optimizer moves one flat parameter vector in place, ``optimizer.step(parameters, gradient)``;
``minimize`` runs one on a function until its gradient is small. A new optimizer is one file in
``first_order`` and one line here; the contract tests find it by themselves.
"""

from mlestim.optim.clipping import clip_by_global_norm
from mlestim.optim.first_order.adagrad import AdaGrad
from mlestim.optim.first_order.adam import Adam
from mlestim.optim.first_order.adamw import AdamW
from mlestim.optim.first_order.amsgrad import AMSGrad
from mlestim.optim.first_order.gradient_descent import GradientDescent
from mlestim.optim.first_order.momentum import Momentum
from mlestim.optim.first_order.nadam import NAdam
from mlestim.optim.first_order.nesterov import Nesterov
from mlestim.optim.first_order.rmsprop import RMSProp
from mlestim.optim.lbfgs import LBFGS
from mlestim.optim.minimization import minimize
from mlestim.optim.optimizer import Optimizer
from mlestim.optim.schedules import (
    CosineDecay,
    ExponentialDecay,
    OneCycle,
    Schedule,
    StepDecay,
    Warmup,
)

__all__ = [
    "LBFGS",
    "AMSGrad",
    "AdaGrad",
    "Adam",
    "AdamW",
    "CosineDecay",
    "ExponentialDecay",
    "GradientDescent",
    "Momentum",
    "NAdam",
    "Nesterov",
    "OneCycle",
    "Optimizer",
    "RMSProp",
    "Schedule",
    "StepDecay",
    "Warmup",
    "clip_by_global_norm",
    "minimize",
]
