"""Results as JSON, read back with every claim checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mlestim._version import __version__
from mlestim.distributions.base import Family
from mlestim.distributions.registry import FamilyLike, resolve
from mlestim.errors import ModelFileError
from mlestim.results.maximum import MaximumResult
from mlestim.results.result import FitResult
from mlestim.results.saved import fits, maxima

Reader = Callable[[dict[str, Any], Family | None], FitResult | MaximumResult]

FIT, MAXIMUM = "mlestim fit", "mlestim maximum"
READERS: Mapping[str, Reader] = MappingProxyType({FIT: fits.read, MAXIMUM: maxima.read})
FORMAT_VERSION = 1
BYTE_ORDER_MARK = "\ufeff"


def to_json(result: FitResult | MaximumResult) -> str:
    """Write a result as JSON; numbers that JSON lacks become the strings "inf", "-inf", "nan"."""
    if isinstance(result, FitResult):
        kind, content = FIT, fits.written(result)
    else:
        kind, content = MAXIMUM, maxima.written(result)
    return json.dumps(
        {
            "format": kind,
            "format_version": FORMAT_VERSION,
            "mlestim_version": __version__,
            "checksum": _checksum(content),
            "content": content,
        },
        indent=2,
        allow_nan=False,
        default=str,
    )


def load(
    source: str | PathLike[str], family: FamilyLike | None = None
) -> FitResult | MaximumResult:
    """Read a result from a path or from JSON text.

    Parameters
    ----------
    source : path or str
        The file, or its text.
    family : family, optional
        Of a fit of one's own family, that family: a file does not hold its formulas.

    Returns
    -------
    FitResult or MaximumResult
        With all its numbers; observations, and the function that was maximised, are not kept.

    Raises
    ------
    ModelFileError
        If it is truncated, altered, of another format, or inconsistent.
    """
    name, text = _text(source)
    try:
        return _loaded(text, family)
    except ModelFileError as error:
        raise ModelFileError(f"{name}: {error}") from error.__cause__


def _loaded(text: str, family: FamilyLike | None) -> FitResult | MaximumResult:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"not a JSON file, or a truncated one: {error}") from None
    kind = whole.get("format") if isinstance(whole, dict) else None
    if not isinstance(kind, str) or kind not in READERS:
        formats = " or ".join(map(repr, READERS))
        raise ModelFileError(f"this is not a saved fit or maximum (its format is not {formats})")
    if whole.get("format_version") != FORMAT_VERSION:
        raise ModelFileError(
            f"format version {whole.get('format_version')!r} is not known to mlestim "
            f"{__version__}, which reads version {FORMAT_VERSION}"
        )
    content = whole.get("content")
    if not isinstance(content, dict) or _checksum(content) != whole.get("checksum"):
        raise ModelFileError("the content does not match its checksum: the file was altered")
    try:
        return READERS[kind](content, None if family is None else resolve(family))
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise ModelFileError(f"the file is inconsistent: {error}") from error


def _text(source: object) -> tuple[str, str]:
    """Name for messages, and text, of a file or of JSON itself."""
    if isinstance(source, str) and source.lstrip(f"{BYTE_ORDER_MARK} \n\r\t").startswith(
        ("{", "[")
    ):
        return "this text", source.removeprefix(BYTE_ORDER_MARK)
    if not isinstance(source, str | PathLike) or not str(source):
        raise ModelFileError(f"a path or JSON text is needed, not {source!r}")
    name = str(source) if len(str(source)) < 200 else f"{str(source)[:200]}…"
    try:
        return name, Path(source).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ModelFileError(f"there is no file {name!r}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelFileError(f"{name!r} cannot be read: {reason}") from None


def _checksum(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
