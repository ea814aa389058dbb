"""Hyper-parameters that carry their own allowed values.

A dataclass field says what it allows once, in its metadata; ``check_settings`` reads it there,
so that no optimizer or schedule repeats validation code.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any, Protocol, TypeAlias

from mlestim.errors import OptionError

LearningRate: TypeAlias = float | Callable[[int], float]


class Allowed(Protocol):
    """Which values a setting may have; ``str()`` of it says so in an error message."""

    def __contains__(self, value: object) -> bool: ...

    def plain(self, value: Any) -> Any:
        """The value as a Python number: NumPy scalars print as calls and widen float32."""


@dataclass(frozen=True)
class Interval:
    """The real numbers between two ends; ``closed`` tells which ends belong: "[)", "()", ..."""

    lower: float
    upper: float
    closed: str = "[)"

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, Real):
            return False
        number = float(value)
        above = self.lower <= number if self.closed[0] == "[" else self.lower < number
        below = number <= self.upper if self.closed[1] == "]" else number < self.upper
        return above and below

    def __str__(self) -> str:
        return f"a number in {self.closed[0]}{self.lower:g}, {self.upper:g}{self.closed[1]}"

    def plain(self, value: Any) -> float:
        return float(value)


@dataclass(frozen=True)
class NumberOrSchedule:
    """A number of the interval, or a callable that gives one for each step."""

    interval: Interval

    def __contains__(self, value: object) -> bool:
        return callable(value) or value in self.interval

    def __str__(self) -> str:
        return f"{self.interval}, or a schedule (a callable of the number of steps taken)"

    def plain(self, value: Any) -> Any:
        return value if callable(value) else float(value)


class PositiveInteger:
    """1, 2, 3, ..."""

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, Integral):
            return False
        return int(value) >= 1

    def __str__(self) -> str:
        return "an integer of at least 1"

    def plain(self, value: Any) -> int:
        return int(value)


class TrueOrFalse:
    """Exactly True or False, not whatever is truthy."""

    def __contains__(self, value: object) -> bool:
        return isinstance(value, bool)

    def __str__(self) -> str:
        return "True or False"

    def plain(self, value: Any) -> Any:
        return value


def _metadata(allowed: Allowed) -> Mapping[str, Allowed]:
    return {"allowed": allowed}


POSITIVE = _metadata(Interval(0, math.inf, "()"))
NON_NEGATIVE = _metadata(Interval(0, math.inf))
BELOW_ONE = _metadata(Interval(0, 1))
UNIT_INTERVAL = _metadata(Interval(0, 1, "[]"))
POSITIVE_FRACTION = _metadata(Interval(0, 1, "(]"))
INNER_FRACTION = _metadata(Interval(0, 1, "()"))
AT_LEAST_ONE = _metadata(Interval(1, math.inf))
RATE = _metadata(NumberOrSchedule(Interval(0, math.inf, "()")))
STEPS = _metadata(PositiveInteger())
YES_OR_NO = _metadata(TrueOrFalse())


def check_settings(settings: Any) -> None:
    """Check every field that declares what it allows, and store its value as a plain number.

    Raises
    ------
    OptionError
        Naming the class, the field, the value and what is allowed.
    """
    for field in fields(settings):
        allowed: Allowed | None = field.metadata.get("allowed")
        if allowed is None:
            continue
        value = getattr(settings, field.name)
        if value not in allowed:
            raise OptionError(
                f"{type(settings).__name__}: {field.name}={value!r} is not allowed; give {allowed}"
            )
        # The dataclasses are frozen, so that a checked setting stays checked.
        object.__setattr__(settings, field.name, allowed.plain(value))
