"""The report as one page that needs nothing from anywhere else.

Every value enters the page through Jinja's autoescaping. The page's security policy allows the
scripts and the style sheet written here, known by their hashes, and nothing else: no request, no
code made from text, no inline handler.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from reports.model import Report
from reports.outputs.environment import environment
from reports.outputs.runtime import scripts, vendored

_UNSAFE_IN_SCRIPT = {
    ord(character): f"\\u{ord(character):04x}" for character in ("<", ">", "&", "\u2028", "\u2029")
}


def render(report: Report) -> str:
    """Return the report as a self-contained HTML page."""
    style = _static("page.css")
    programs = (*scripts(), _static("page.js")) if report.charts else ()
    return (
        _templates()
        .get_template("report.html.j2")
        .render(
            report=report,
            style=Markup(style),  # noqa: S704  our own file
            programs=[Markup(program) for program in programs],  # noqa: S704  our own files
            policy=_policy(programs, style),
            vendored=vendored(),
        )
    )


def script_json(value: Any) -> Markup:
    r"""Return a value as JSON that cannot end the script element it stands in.

    Examples
    --------
    >>> print(script_json({"name": "</script>"}))
    {"name":"\u003c/script\u003e"}
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.translate(_UNSAFE_IN_SCRIPT))  # noqa: S704  escaped above


@cache
def _templates() -> Environment:
    return environment(script_json=script_json)


@cache
def _static(name: str) -> str:
    return (resources.files("reports") / "static" / name).read_text(encoding="utf-8")


def _policy(programs: tuple[str, ...], style: str) -> str:
    hashes = " ".join(_hash(program) for program in programs) or "'none'"
    return (
        f"default-src 'none'; script-src {hashes}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
