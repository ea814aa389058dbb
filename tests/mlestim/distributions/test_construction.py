"""Making members of a family, and what is said to those who ask for what it cannot be."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from mlestim.distributions import registered, resolve
from mlestim.errors import MLEstimError, OptionError, ParameterError

from .cases import HALF_LINE, NUMERIC, family_named, member, members
from .oracles import ORACLES


def test_every_family_has_an_oracle(name, oracle):
    assert oracle is ORACLES[name]


def test_a_name_a_class_and_an_instance_are_the_same_family(name):
    cls = registered()[name]
    assert resolve(name) == cls() == resolve(cls)
    instance = member(name, members(name)[0])
    assert resolve(instance) is instance


def test_an_unknown_name_is_refused_with_close_ones():
    with pytest.raises(OptionError, match=r"no family is named 'wiebull'; did you mean .*weibull"):
        resolve("wiebull")
    with pytest.raises(OptionError, match=r"no family is named 'zzz'; known: .*gamma.*normal"):
        resolve("zzz")
    with pytest.raises(
        OptionError, match=r"a family is a name, a class, an instance or .*, not int"
    ):
        resolve(3)


@pytest.mark.parametrize("name", NUMERIC)
def test_values_are_given_in_declared_order_or_by_name(name):
    cls, theta = registered()[name], members(name)[0]
    by_name = dict(zip(family_named(name).parameter_names, theta, strict=True))
    assert cls(*theta) == cls(**by_name) == member(name, theta)
    assert cls(*theta).params == by_name
    assert list(cls(*theta).params) == [parameter.name for parameter in cls.parameters]


@pytest.mark.parametrize("name", NUMERIC)
def test_help_shows_the_parameters(name):
    cls = registered()[name]
    shown = list(inspect.signature(cls).parameters)
    expected = [parameter.name for parameter in cls.parameters]
    assert shown == [*expected, *(["location"] if cls.half_line else [])]


@pytest.mark.parametrize("name", NUMERIC)
def test_a_member_shows_how_to_make_it_again(name):
    theta = [float(f"{value:.4g}") for value in members(name)[0]]
    distribution = member(name, theta)
    values = ", ".join(f"{key}={value:.10g}" for key, value in distribution.params.items())
    assert repr(distribution) == f"{type(distribution).__name__}({values})"


def test_members_are_equal_if_their_values_are(name):
    first, second = members(name)
    assert member(name, first) == member(name, first)
    assert member(name, first) != member(name, second)
    assert member(name, first) != first


@pytest.mark.parametrize("name", NUMERIC)
def test_too_many_values_are_refused(name):
    theta = members(name)[0]
    expected = rf"{name} takes at most {len(theta)} parameters \(.*\), not {len(theta) + 1}"
    with pytest.raises(ParameterError, match=expected):
        registered()[name](*theta, 1.0)


@pytest.mark.parametrize("name", NUMERIC)
def test_an_unknown_parameter_is_refused_with_the_known_ones(name):
    cls = registered()[name]
    with pytest.raises(
        ParameterError, match="'spam' is not one of its parameters; they are"
    ) as info:
        cls(spam=1.0)
    assert all(parameter.name in str(info.value) for parameter in cls.parameters)


@pytest.mark.parametrize("name", NUMERIC)
def test_a_parameter_given_twice_is_refused(name):
    cls, theta = registered()[name], members(name)[0]
    first = cls.parameters[0].name
    with pytest.raises(ParameterError, match=f"'{first}' was given twice"):
        cls(*theta, **{first: theta[0]})


@pytest.mark.parametrize("name", NUMERIC)
def test_values_outside_the_domain_are_refused_by_name_and_value(name):
    cls = registered()[name]
    for parameter in cls.parameters:
        beyond = [np.nan]
        if np.isfinite(parameter.domain.lower):
            beyond.append(parameter.domain.lower - 1.5)
        if np.isfinite(parameter.domain.upper):
            beyond.append(parameter.domain.upper + 1.5)
        for value in beyond:
            expected = rf"{name}: {parameter.name} = {value:g} lies outside \("
            with pytest.raises(ParameterError, match=expected):
                cls(**{parameter.name: value})
            with pytest.raises(ParameterError, match=expected):
                cls(**{parameter.name: [value, value]})


@pytest.mark.parametrize("name", NUMERIC)
def test_what_is_no_number_is_refused(name):
    cls = registered()[name]
    first = cls.parameters[0].name
    for value in ("two", [1.0, "two"], object(), 1j):
        with pytest.raises(ParameterError, match=rf"{name}: {first} = .* is not a number"):
            cls(**{first: value})


@pytest.mark.parametrize("name", HALF_LINE)
def test_a_location_is_given_by_name_and_is_a_number(name):
    cls, theta = registered()[name], members(name)[0]
    assert cls(*theta, location=2.0).params["location"] == 2.0
    assert "location" not in cls(*theta).params
    with pytest.raises(ParameterError, match=rf"{name}: location = nan lies outside \("):
        cls(*theta, location=np.nan)
    with pytest.raises(ParameterError, match=f"{name}: location = 'here' is not a number"):
        cls(*theta, location="here")


@pytest.mark.parametrize("name", NUMERIC)
@pytest.mark.parametrize("question", ["mean", "var", "median", "mode", "entropy", "rvs"])
def test_a_family_without_values_says_which_to_give(name, question):
    cls = registered()[name]
    with pytest.raises(
        ParameterError, match=f"{name} has no value for .*; give one, as in"
    ) as info:
        getattr(cls(), question)()
    assert f"{cls.__name__}({cls.parameters[0].name}=…" in str(info.value)


@pytest.mark.parametrize("name", NUMERIC)
def test_with_values_makes_another_member_and_leaves_this_one(name):
    first, second = members(name)
    distribution = member(name, first)
    values = dict(zip(distribution.parameter_names, second, strict=True))
    assert distribution.with_values(values) == member(name, second)
    assert distribution == member(name, first)


def test_errors_of_members_are_errors_of_the_toolkit_and_of_values():
    assert issubclass(ParameterError, MLEstimError)
    assert issubclass(ParameterError, ValueError)


class TestLevels:
    """A categorical family is made from probabilities, from levels, or from both."""

    categorical = registered()["categorical"]

    def test_levels_are_numbered_if_they_have_no_names(self):
        assert self.categorical([0.25, 0.75]).params == {"probs_0": 0.25, "probs_1": 0.75}

    def test_probabilities_must_sum_to_one(self):
        with pytest.raises(ParameterError, match=r"categorical: probs sum to 0\.9, not to 1"):
            self.categorical([0.4, 0.5])

    def test_each_level_has_one_probability(self):
        with pytest.raises(ParameterError, match="categorical: 2 probs for 3 levels"):
            self.categorical([0.4, 0.6], levels=["a", "b", "c"])

    def test_a_probability_is_not_negative(self):
        with pytest.raises(
            ParameterError, match=r"categorical: probs_b = -0\.5 lies outside \(0, 1\)"
        ):
            self.categorical([-0.5, 1.5], levels=["b", "c"])

    def test_without_probabilities_there_is_nothing_to_ask(self):
        with pytest.raises(ParameterError, match="has no value for probs_a, probs_b"):
            self.categorical(levels=["a", "b"]).entropy()
