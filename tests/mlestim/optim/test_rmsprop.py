"""What is special about RMSProp."""

from __future__ import annotations

import numpy as np

from mlestim.optim import RMSProp


def test_centred_survives_a_constant_gradient():
    # The difference r − ḡ² falls below 0 by rounding here, and its root would be NaN.
    parameters, gradient = np.ones(3), np.array([0.1, -3.0, 700.0])
    optimizer = RMSProp(1e-3, decay=0.5, epsilon=1e-4, centered=True)
    for _ in range(500):
        optimizer.step(parameters, gradient)
    assert np.all(np.isfinite(parameters))
    assert np.all(optimizer.state_dict()["variance"] >= 0)


def test_keeps_only_the_state_that_its_settings_need():
    def names(**settings):
        optimizer = RMSProp(**settings)
        optimizer.init(np.ones(2))
        return list(optimizer.state_dict())

    assert names() == ["step", "mean_square"]
    assert names(momentum=0.9) == ["step", "mean_square", "velocity"]
    assert names(centered=True) == ["step", "mean", "variance"]
