"""The drawing program of the page: Vega, Vega-Lite and the interpreter, shipped with us.

The interpreter evaluates chart expressions by walking their syntax tree, so that the page's
security policy can forbid the construction of code from text.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

_VENDOR = resources.files("reports") / "static" / "vendor"

# The interpreter comes as a module only. A page that is one file has no module names to import
# from, so its first and last statement become their equivalents on the global `vega`.
_MODULE_STATEMENTS = {
    "import { ascending, isString, DisallowedObjectProperties } from 'vega-util';": (
        "(() => { const { ascending, isString, DisallowedObjectProperties } = vega;"
    ),
    "export { expression as expressionInterpreter };": (
        "vega.expressionInterpreter = expression; })();"
    ),
}


@cache
def scripts() -> tuple[str, ...]:
    """Return the vendored programs in loading order, each under all licences in it."""
    return tuple(_script(entry) for entry in vendored())


@cache
def vendored() -> tuple[dict[str, Any], ...]:
    """Return name, version, licence and checksum of every vendored program."""
    text = (_VENDOR / "vendor.json").read_text(encoding="utf-8")
    return tuple(json.loads(text))


def _script(entry: dict[str, Any]) -> str:
    program = (_VENDOR / entry["file"]).read_text(encoding="utf-8")
    licences = "\n".join(
        (_VENDOR / name).read_text(encoding="utf-8") for name in entry["licence_files"]
    )
    if entry["package"] == "vega-interpreter":
        for module_form, page_form in _MODULE_STATEMENTS.items():
            program = program.replace(module_form, page_form)
    code = "\n".join(
        line for line in program.splitlines() if not line.startswith("//# sourceMappingURL=")
    )
    return f"/*! {entry['package']} {entry['version']}\n{licences}*/\n{code}\n"
