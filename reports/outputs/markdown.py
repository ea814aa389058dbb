"""The report as Markdown, every value escaped so that it reads as text and nothing else."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from reports.model import Report
from reports.outputs.environment import environment

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>&~$])")


def render(report: Report) -> str:
    """Return the report as Markdown text, without its charts."""
    text = _templates().get_template("report.md.j2").render(report=report)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def escape(value: Any) -> Any:
    r"""Return text in which no character has a meaning to Markdown or HTML.

    Examples
    --------
    >>> escape("<b>|*x*")
    Markup('\\<b\\>\\|\\*x\\*')
    """
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return Markup(_SPECIAL.sub(r"\\\1", value).replace("\n", " "))  # noqa: S704  escaped here


def code_block(code: str) -> Markup:
    """Return a block of code whose fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return Markup(f"{fence}\n{code}\n{fence}")  # noqa: S704  fenced above


@cache
def _templates() -> Environment:
    return environment(finalize=escape, code_block=code_block)
