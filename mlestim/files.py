"""Results as JSON: written whole or not at all, read with every claim checked."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from mlestim._version import __version__
from mlestim.errors import MLEstimError, ModelFileError
from mlestim.estimation.verdict import Evidence, Verdict
from mlestim.distributions.discrete.categorical import Categorical
from mlestim.distributions.registry import registered
from mlestim.result import FitResult

FORMAT = "mlestim fit"
FORMAT_VERSION = 1


def to_json(result: FitResult) -> str:
    """Write a result as JSON; numbers that JSON lacks become the strings "inf", "-inf", "nan"."""
    content = {
        "family": result.family.name,
        "levels": getattr(result.family, "levels", None),
        "names": result.names,
        "estimates": _encode(result.estimates),
        "covariance": _encode(result.covariance_matrix),
        "fixed": result.fixed,
        "log_likelihood": _encode(result.log_likelihood),
        "n_observations": result.n_observations,
        "verdict": str(result.verdict),
        "evidence": {name: _encode(value) for name, value in asdict(result.evidence).items()},
        "method": result.method,
        "limit": None if result.limit is None else {
            "family": result.limit.name,
            "values": {name: _encode(value) for name, value in result.limit.params.items()},
        },
    }
    return json.dumps(
        {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "mlestim_version": __version__,
            "checksum": _checksum(content),
            "content": content,
        },
        indent=2,
        allow_nan=False,
        default=str,
    )


def load(source: str | Path) -> FitResult:
    """Read a result from a path or from JSON text.

    Raises
    ------
    ModelFileError
        If it is truncated, altered, of another format, or inconsistent.
    """
    text = _text(source)
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        raise ModelFileError(f"not a JSON file, or a truncated one: {error}") from None
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise ModelFileError(f"this is not a saved fit (its format is not '{FORMAT}')")
    if whole.get("format_version") != FORMAT_VERSION:
        raise ModelFileError(
            f"format version {whole.get('format_version')!r} is not known to mlestim "
            f"{__version__}, which reads version {FORMAT_VERSION}"
        )
    content = whole.get("content")
    if not isinstance(content, dict) or _checksum(content) != whole.get("checksum"):
        raise ModelFileError("the content does not match its checksum: the file was altered")
    try:
        return _result(content)
    except (KeyError, TypeError, ValueError, AttributeError, MLEstimError) as error:
        raise ModelFileError(f"the file is inconsistent: {error}") from error


def _text(source: str | Path) -> str:
    if isinstance(source, str) and source.lstrip().startswith("{"):
        return source
    path = Path(source)
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ModelFileError(f"there is no file {str(path)!r}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ModelFileError(f"{str(path)!r} cannot be read: {error}") from None


def _result(content: dict[str, Any]) -> FitResult:
    family_class = registered()[content["family"]]
    family = (
        family_class(levels=content["levels"])
        if issubclass(family_class, Categorical)
        else family_class()
    )
    names = tuple(content["names"])
    estimates = _decode(content["estimates"])
    covariance = _decode(content["covariance"])
    known = {*family.parameter_names, *(("location",) if family.half_line else ())}
    if not set(names) <= known or estimates.shape != (len(names),):
        raise ValueError("parameters do not belong to the family")
    if covariance.shape != (len(names), len(names)):
        raise ValueError("the covariance has another size than the parameters")
    limit = content["limit"]
    evidence = {name: float(_decode(value)) for name, value in content["evidence"].items()}
    evidence["iterations"] = int(evidence["iterations"])
    return FitResult(
        family=family,
        names=names,
        estimates=estimates,
        covariance_matrix=covariance,
        fixed=tuple(content["fixed"]),
        log_likelihood=float(_decode(content["log_likelihood"])),
        n_observations=content["n_observations"],
        verdict=Verdict(content["verdict"]),
        evidence=Evidence(**evidence),
        method=str(content["method"]),
        limit=None if limit is None else registered()[limit["family"]](
            **{name: float(_decode(value)) for name, value in limit["values"].items()}
        ),
    )


def _checksum(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _encode(value: Any) -> Any:
    if np.ndim(value):
        return [_encode(entry) for entry in np.asarray(value)]
    number = float(value)
    return number if math.isfinite(number) else str(number)


def _decode(value: Any) -> Any:
    return np.array(value, dtype=float)
