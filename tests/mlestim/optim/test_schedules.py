"""Schedules against PyTorch's, and what all of them promise."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mlestim.errors import OptionError
from mlestim.optim import (
    CosineDecay,
    ExponentialDecay,
    GradientDescent,
    OneCycle,
    Schedule,
    StepDecay,
    Warmup,
)

REFERENCE = json.loads((Path(__file__).parent / "torch_optimizers.json").read_text())[
    "schedules_lr0_0.1"
]
COUNTERPARTS = {
    "step_3_0.5": StepDecay(0.1, period=3, factor=0.5),
    "exp_0.9": ExponentialDecay(0.1, factor=0.9),
    "cosine_T10": CosineDecay(0.1, steps=10),
    # The reference lists the first 12 rates of a cycle of 13 steps.
    "onecycle_12": OneCycle(0.1, steps=13),
}
EXAMPLES = [*COUNTERPARTS.values(), Warmup(0.1, steps=4), Warmup(CosineDecay(0.1, 10), steps=4)]


def test_every_case_of_the_reference_is_used():
    assert set(REFERENCE) == set(COUNTERPARTS)


@pytest.mark.parametrize("case", COUNTERPARTS)
def test_follows_pytorch(case):
    rates = [COUNTERPARTS[case](step) for step in range(len(REFERENCE[case]))]
    # PyTorch multiplies its way from rate to rate: a rounding a step; 15 digits are printed.
    np.testing.assert_allclose(rates, REFERENCE[case], rtol=1e-12, atol=1e-17)


def test_every_schedule_has_an_example():
    assert {type(schedule) for schedule in EXAMPLES} == set(Schedule.__subclasses__())


@pytest.mark.parametrize("schedule", EXAMPLES, ids=repr)
def test_gives_learning_rates(schedule):
    rates = [schedule(step) for step in range(100)]
    assert all(0 <= rate <= 0.1 for rate in rates)
    assert {type(rate) for rate in rates} == {float}


def test_warmup_hands_over_without_a_jump():
    cosine = CosineDecay(0.1, steps=10)
    schedule = Warmup(cosine, steps=4)
    np.testing.assert_allclose([schedule(t) for t in range(5)], [0.02, 0.04, 0.06, 0.08, 0.1])
    assert [schedule(t + 4) for t in range(10)] == [cosine(t) for t in range(10)]


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 13])
def test_one_cycle_ends_low_and_stays_there(steps):
    schedule = OneCycle(0.1, steps=steps)
    assert schedule(steps - 1) == pytest.approx(0.1 / 25 / 1e4)
    assert schedule(steps + 10) == schedule(steps - 1)


def test_an_optimizer_asks_its_schedule_with_the_steps_taken_so_far():
    asked = []

    def schedule(step):
        asked.append(step)
        return 1.0 / (step + 1)

    parameters, optimizer = np.zeros(1), GradientDescent(schedule)
    for _ in range(3):
        optimizer.step(parameters, np.ones(1))
    assert asked == [0, 1, 2]
    assert parameters[0] == pytest.approx(-(1 + 1 / 2 + 1 / 3))


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: StepDecay(0.1, period=0), "StepDecay: period=0 .* at least 1"),
        (lambda: StepDecay(0.1, period=2.5), "StepDecay: period=2.5"),
        (lambda: StepDecay(-1, period=2), r"StepDecay: learning_rate=-1 .*\(0, inf\)"),
        (lambda: ExponentialDecay(0.1, factor=1.5), r"factor=1.5 .*\(0, 1\]"),
        (lambda: CosineDecay(0.1, steps=True), "steps=True"),
        (lambda: CosineDecay(0.1, steps=5, minimum=-1), r"minimum=-1 .*\[0, inf\)"),
        (lambda: Warmup("fast", steps=5), "learning_rate='fast'"),
        (lambda: OneCycle(0.1, steps=5, rising=1), r"rising=1 .*\(0, 1\)"),
        (lambda: OneCycle(0.1, steps=5, final_divisor=0.5), r"final_divisor=0.5 .*\[1, inf\)"),
    ],
)
def test_refuses_settings_out_of_range(make, named):
    with pytest.raises(OptionError, match=named):
        make()
