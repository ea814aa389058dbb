"""Options that say what a sample is: written once, shown wherever they are taken."""

from __future__ import annotations

import inspect

import pytest

import mlestim as ml
from mlestim.sample.reading.options import SampleOptions

AMOUNT = [1.5, 2.5, 0.5, 4.0]


@pytest.mark.parametrize(("function", "what"), [(ml.fit, "gamma"), (ml.compare, "counts")])
def test_options_that_are_passed_on_are_shown_with_their_defaults(function, what: str) -> None:
    shown = inspect.signature(function).parameters
    defaults = inspect.signature(ml.Observations.of).parameters
    assert set(SampleOptions.__annotations__) == shown.keys() & defaults.keys() - {"data", "by"}
    for name in SampleOptions.__annotations__:
        assert shown[name] == defaults[name]
    with pytest.raises(TypeError, match="unexpected keyword argument 'colum'"):
        function(AMOUNT, what, colum="a")


def test_observations_take_no_option_that_says_what_they_are() -> None:
    sample = ml.Observations(AMOUNT, weights=AMOUNT)
    with pytest.raises(ml.OptionError, match="weight_type cannot be added to Observations"):
        ml.fit(sample, "gamma", weight_type="sampling")
