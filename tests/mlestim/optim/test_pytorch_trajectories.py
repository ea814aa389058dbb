"""Step for step where PyTorch gets to, in parameters and in state."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mlestim import optim

REFERENCE = json.loads((Path(__file__).parent / "torch_optimizers.json").read_text())["optim"]
START, GRADIENTS = np.array(REFERENCE["p0"]), np.array(REFERENCE["grads"])

COUNTERPARTS = {
    "sgd": optim.GradientDescent(0.1),
    "sgd_weight_decay": optim.GradientDescent(0.1, weight_decay=0.01),
    "momentum": optim.Momentum(0.1, momentum=0.9),
    "momentum_dampening": optim.Momentum(0.1, momentum=0.9, dampening=0.1),
    "momentum_weight_decay": optim.Momentum(0.1, momentum=0.9, weight_decay=0.01),
    "nesterov": optim.Nesterov(0.1, momentum=0.9),
    "adagrad": optim.AdaGrad(0.1, epsilon=1e-10),
    "rmsprop": optim.RMSProp(0.01, decay=0.99, epsilon=1e-8),
    "rmsprop_0.9": optim.RMSProp(0.001, decay=0.9, epsilon=1e-8),
    "rmsprop_centered": optim.RMSProp(0.01, decay=0.99, epsilon=1e-8, centered=True),
    "rmsprop_momentum": optim.RMSProp(0.01, decay=0.99, epsilon=1e-8, momentum=0.9),
    "adam": optim.Adam(0.001, beta1=0.9, beta2=0.999, epsilon=1e-8),
    "adam_l2": optim.Adam(0.001, weight_decay=0.01),
    "adamw": optim.AdamW(0.001, weight_decay=0.01),
    "amsgrad": optim.AMSGrad(0.001),
    "nadam": optim.NAdam(0.002, momentum_decay=0.004),
}
NOT_OFFERED = {"adamax", "radam"}

OUR_NAMES = {
    "step": "step",
    "momentum_buffer": "velocity",
    "sum": "sum_of_squares",
    "square_avg": "mean_square",
    "grad_avg": "mean",
    "exp_avg": "first_moment",
    "exp_avg_sq": "second_moment",
    "max_exp_avg_sq": "largest_second_moment",
    "mu_product": "momentum_product",
}

# The reference has 15 significant digits, and three steps add a few roundings.
RELATIVE = 1e-12


def test_every_case_of_the_reference_is_used():
    assert set(REFERENCE) - {"p0", "grads"} == set(COUNTERPARTS) | NOT_OFFERED


@pytest.mark.parametrize("case", COUNTERPARTS)
def test_follows_pytorch(case):
    optimizer, parameters = COUNTERPARTS[case], START.copy()
    optimizer.init(parameters)
    for gradient, expected in zip(GRADIENTS, REFERENCE[case]["params_after_step"], strict=True):
        optimizer.step(parameters, gradient)
        np.testing.assert_allclose(parameters, expected, rtol=RELATIVE)

    expected_state = {
        OUR_NAMES[name]: np.array(value)
        for name, value in REFERENCE[case]["state_after_last"].items()
    }
    state = optimizer.state_dict()
    if "variance" in state:
        mean_square, mean = expected_state.pop("mean_square"), expected_state["mean"]
        expected_state["variance"] = mean_square - mean**2
    assert set(expected_state) | {"step"} == set(state)
    for name, expected in expected_state.items():
        np.testing.assert_allclose(state[name], expected, rtol=RELATIVE, err_msg=name)
