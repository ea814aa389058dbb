"""The options that say what a sample is, written once for all who pass them on."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Literal, TypedDict, TypeVar

from mlestim.errors import did_you_mean

Function = TypeVar("Function", bound=Callable[..., Any])


class SampleOptions(TypedDict, total=False):
    """Options of `Observations.of` that `fit` and `compare` take too; it has their defaults."""

    column: Hashable | Sequence[Hashable] | None
    weights: Any
    weight_type: Literal["frequency", "sampling", "precision"]
    cluster: Any
    lower: Any
    upper: Any
    event: Any
    truncation: Any
    resolution: float | None
    nan_policy: Literal["raise", "omit"]


def refuse_unknown(function: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Refuse options that a function does not know, by its own name.

    Raises
    ------
    TypeError
        As Python does where a function names all its keywords.
    """
    for name in options:
        if name not in SampleOptions.__annotations__:
            near = did_you_mean(name, inspect.signature(function).parameters)
            raise TypeError(
                f"{function.__name__}() got an unexpected keyword argument {name!r}.{near}"
            )


def passes_options_to(reader: Callable[..., Any]) -> Callable[[Function], Function]:
    """Show the options that a function passes on among its own, in help and completion."""
    readers = inspect.signature(reader).parameters
    passed = [readers[name] for name in SampleOptions.__annotations__]

    def show(function: Function) -> Function:
        signature = inspect.signature(function)
        named = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        first = [p for p in named if p.kind is p.POSITIONAL_OR_KEYWORD]
        shown = signature.replace(parameters=[*first, *passed, *named[len(first) :]])
        function.__signature__ = shown  # type: ignore[attr-defined]
        return function

    return show
