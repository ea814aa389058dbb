"""How templates are read, and the words for numbers that every template has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from reports import formatting


def environment(
    finalize: Callable[[Any], Any] | None = None, **filters: Callable[..., Any]
) -> Environment:
    """Read the templates of this package; every value is escaped, a missing one is an error.

    Parameters
    ----------
    finalize
        Turns values into escaped text before Jinja would write HTML entities.
    **filters
        Filters beside the common ones.
    """
    templates = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        number=formatting.number,
        fixed=formatting.fixed,
        count=formatting.count,
        proportion=formatting.proportion,
        percent=formatting.percent,
        family_words=formatting.family_words,
        words=lambda name: str(name).replace("_", " "),
        **filters,
    )
    return templates
